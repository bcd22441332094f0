"""The engine port on this machine: a Flink cluster of its own for every run, started before it is needed."""

import asyncio
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from penstock.domain.errors import EngineUnavailable
from penstock.domain.footprint import Room
from penstock.domain.log import LogFile, LogListing
from penstock.domain.observation import ENDED, Observation, Retained, Seen
from penstock.domain.run import RunId, flink_job_id
from penstock.domain.savepoint import Savepoint
from penstock.engines.local.journal import Note
from penstock.engines.local.launching import Launching, Tools, state_folder
from penstock.engines.local.log_files import LogFiles
from penstock.engines.local.looking import Subject, look
from penstock.engines.local.pair import Pair
from penstock.engines.local.refusals import may_pass
from penstock.engines.local.upkeep import Upkeep
from penstock.flink.retained import retained_in, with_savepoints_on_disk
from penstock.ports.engine import Capabilities, Health, LaunchOrder, StateFolder

_ADOPTION_LIMIT = 10.0  # seconds that a call waits for the place to be looked at after a start


class LocalEngine:
    """`serve` owns every task; without it nothing can be launched, but what runs can be observed."""

    def __init__(self, tools: Tools, upkeep: Upkeep) -> None:
        self._tools = tools
        self._pairs = tools.pairs
        self._upkeep = upkeep
        self._launches: dict[RunId, tuple[Launching, asyncio.Task[None]]] = {}
        self._adopted = asyncio.Event()
        self._group: asyncio.TaskGroup | None = None

    @property
    def capabilities(self) -> Capabilities:
        install = self._pairs.making.install
        line = install.flink.line
        return Capabilities(
            flink_versions=(line,),
            default_flink_version=line,
            java=install.java.feature,
            class_path=install.flink.jars,
            bound=True,
        )

    async def serve(self) -> None:
        await self._pairs.adopt()
        self._adopted.set()
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                await self._upkeep.run(group, self._launching_now)
        finally:
            self._group = None
            self._adopted.clear()
            self._launches.clear()
            await self._upkeep.close()

    @may_pass
    async def launch(self, order: LaunchOrder) -> None:
        await self._ready()
        if self._launching(order.run) is not None:
            return
        pair = self._pairs.of_run(order.run)
        if pair is not None and Note.SUBMITTED in pair.notes:
            if pair.manager_lives and pair.missing_workers and Note.ENDED not in pair.notes:
                pair.spawn()
            return
        if self._group is None:
            raise EngineUnavailable("The local engine is not serving")
        launching = Launching(order, self._tools)
        self._launches[order.run] = launching, self._group.create_task(launching.run())

    @may_pass
    async def observe(self, runs: Sequence[RunId]) -> Mapping[RunId, Observation]:
        await self._ready()
        return {seen.run: seen for seen in await asyncio.gather(*map(self._look, runs))}

    @may_pass
    async def stop(self, run: RunId) -> None:
        await self._ready()
        pair = self._pairs.of_run(run)
        if pair is not None and Note.SUBMITTED in pair.notes:
            if pair.manager_lives and Note.ENDED not in pair.notes:
                await pair.rest.cancel(self._job_id(run))
            return
        await self._forget_launch(run)
        pair = self._pairs.of_run(run)
        if pair is not None and not pair.notes.keys() & {Note.SUBMITTED, Note.REFUSED}:
            await pair.kill()  # first, so that no main() can hand over a job after the note
            await pair.note(Note.STOPPED)

    @may_pass
    async def take_savepoint(self, run: RunId, savepoint: Savepoint) -> None:
        await self._ready()
        pair = self._pairs.of_run(run)
        if pair is None or pair.claim is None or Note.SUBMITTED not in pair.notes:
            return
        await pair.note_savepoint(savepoint.id)
        folder = f"file://{state_folder(self._tools.around, pair.claim.job_id)}/savepoints/{savepoint.id}"
        ask = pair.rest.stop_with_savepoint if savepoint.stops_job else pair.rest.take_savepoint
        if refusal := await ask(self._job_id(run), savepoint.id, folder):
            raise EngineUnavailable(f"Flink did not take on the savepoint: {refusal}")

    async def graph(self, run: RunId) -> Mapping[str, object] | None:
        await self._ready()
        pair = self._pairs.of_run(run)
        if pair is None or Note.SUBMITTED not in pair.notes or not pair.manager_lives:
            return None
        return await pair.rest.document(self._job_id(run))

    async def retained(self, job_id: int, runs: Sequence[RunId]) -> Retained:
        checkpoints = state_folder(self._tools.around, job_id) / "checkpoints"
        return await asyncio.to_thread(retained_in, checkpoints, [self._job_id(run) for run in runs])

    def state_folder(self, job_id: int) -> StateFolder:
        path = state_folder(self._tools.around, job_id)
        return StateFolder(path, f"file://{path}")

    async def logs(self, run: RunId) -> LogListing:
        await self._ready()
        pair = self._pairs.of_run(run)
        if pair is None:
            return LogListing(is_final=self._launching(run) is None)
        return await asyncio.to_thread(_logs_of(pair).listing, is_final=pair.is_halted)

    async def read_log(self, run: RunId, file: LogFile, offset: int, limit: int) -> bytes:
        await self._ready()
        pair = self._pairs.of_run(run)
        return b"" if pair is None else await asyncio.to_thread(_logs_of(pair).read, file, offset, limit)

    @may_pass
    async def halt(self, run: RunId) -> None:
        await self._ready()
        await self._forget_launch(run)
        pair = self._pairs.of_run(run)
        if pair is not None and not pair.is_halted:
            await pair.kill()
            pair.is_halted = True

    @may_pass
    async def discard(self, run: RunId) -> None:
        await self._ready()
        await self._forget_launch(run)
        pair = self._pairs.of_run(run)
        if pair is not None:
            await self._pairs.discard(pair)

    async def list_runs(self) -> Collection[RunId]:
        await self._ready()
        claimed = {pair.claim.run for pair in self._pairs if pair.claim}
        return claimed | {run for run in self._launches if self._launching(run)}

    def room(self) -> Room:
        return Room(cus=self._pairs.room)

    def health(self) -> Health:
        facts = {
            "idle_pairs": float(len(self._pairs.idle)),
            "pairs": float(len(list(self._pairs))),
            "starting": float(self._pairs.starts.under_way),
        }
        return Health(ready=self._adopted.is_set(), said=self._upkeep.trouble, facts=facts)

    async def _ready(self) -> None:
        try:
            async with asyncio.timeout(_ADOPTION_LIMIT):
                await self._adopted.wait()
        except TimeoutError as exc:
            raise EngineUnavailable("The local engine is not serving") from exc

    async def _look(self, run: RunId) -> Observation:
        pair = self._pairs.of_run(run)
        subject = Subject(run=run, job_id=self._job_id(run), pair=pair, launching=self._launching(run))
        seen = await look(subject, self._tools.around.clock.now())
        if pair is not None and pair.claim is not None and pair.savepoints:
            state = state_folder(self._tools.around, pair.claim.job_id)
            seen = await with_savepoints_on_disk(seen, pair.savepoints, state)
        if pair is None or not pair.is_halted:
            return seen
        ended = seen if seen.seen in ENDED else replace(seen, seen=Seen.LOST, said="It was ended")
        return replace(ended, halted=True)

    def _launching(self, run: RunId) -> Launching | None:
        launching, task = self._launches.get(run, (None, None))
        return None if task is None or task.done() else launching

    def _launching_now(self) -> bool:
        """Whether a run is on its way; forgets those that arrived."""
        self._launches = {run: known for run, known in self._launches.items() if not known[1].done()}
        return bool(self._launches)

    async def _forget_launch(self, run: RunId) -> None:
        _, task = self._launches.pop(run, (None, None))
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def _job_id(self, run: RunId) -> str:
        return flink_job_id(self._tools.around.installation, run)


def _logs_of(pair: Pair) -> LogFiles:
    return LogFiles(pair.journal.folders.logs, os.geteuid())
