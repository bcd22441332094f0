"""The engine port on an existing Flink session cluster: many jobs side by side, under ids of ours, and no process of ours.

Nothing is true because this process remembers it: what must not be forgotten is in the notes, the rest is asked of the
cluster. So controllers may serve the place one after another, and all of them may look at it.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from penstock.domain.errors import EngineUnavailable
from penstock.domain.footprint import Room
from penstock.domain.log import LogFile, LogListing
from penstock.domain.observation import ENDED, Observation, Retained, Seen
from penstock.domain.run import RunId, flink_job_id, run_of
from penstock.domain.savepoint import Savepoint
from penstock.engines.session.launching import Launches, Tools
from penstock.engines.session.looking import Eye, Subject, silent, written
from penstock.engines.session.notes import Known, Note
from penstock.engines.session.settings import SessionSettings
from penstock.engines.session.state import folder_seen_here, retained, state_address
from penstock.flink.last_word import OVER, LastWord
from penstock.flink.retained import with_savepoints_on_disk
from penstock.flink.states import JobView, seen_of
from penstock.ports.engine import Capabilities, Health, LaunchOrder, StateFolder

_ROUND = 2.0  # seconds between two looks at the cluster itself
_END_LIMIT = 10.0  # seconds that an order waits for what it ended to be over
_LOOK_EVERY = 0.1  # seconds, meanwhile
_HALTED = "It was ended"


class SessionEngine:
    """`serve` owns every launch, and looks at the cluster; without it nothing can be launched."""

    def __init__(self, settings: SessionSettings, tools: Tools) -> None:
        self._settings = settings
        self._tools = tools
        self._around = tools.around
        self._cluster = tools.cluster
        self._ledger = tools.ledger
        self._launches = Launches(tools)
        self._eye = Eye(tools.cluster, tools.ledger)
        self._out_of_sight: set[RunId] = set()

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            flink_versions=(self._cluster.flink,),
            default_flink_version=self._cluster.flink,
            java=self._cluster.java,
            logs=False,
            many_projects=self._settings.many_projects,
            steady_room=False,
        )

    async def serve(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._launches.serve())
                while True:
                    await self._cluster.look()
                    await asyncio.sleep(_ROUND)
        finally:
            await self._cluster.close()

    async def launch(self, order: LaunchOrder) -> None:
        self._launches.demand()
        if self._launches.of(order.run) is not None:
            return
        state = state_address(self._settings.state, self._around, order.job_id)
        await self._ledger.claim(order.run, order.job_id, state)
        known = await self._ledger.of_run(order.run)
        if not known.is_settled:
            self._launches.begin(order, known.state)

    async def observe(self, runs: Sequence[RunId]) -> Mapping[RunId, Observation]:
        known = await self._ledger.of_runs(runs)
        try:
            views = await self._cluster.rest.jobs()
        except EngineUnavailable as error:
            address = self._cluster.address
            seen = [silent(run, known[run], str(error), address) for run in runs]
        else:
            seen = list(await asyncio.gather(*(self._look(run, known[run], views) for run in runs)))
        seen = [
            await with_savepoints_on_disk(one, known[one.run].savepoints, _state_of(known[one.run])) for one in seen
        ]
        for one in seen:
            (self._out_of_sight.add if one.seen is Seen.UNREACHABLE else self._out_of_sight.discard)(one.run)
        return {one.run: self._halted(one, known[one.run]) for one in seen}

    async def stop(self, run: RunId) -> None:
        self._demand_sight(run)
        known = await self._ledger.of_run(run)
        if Note.CLAIMED not in known:
            return
        await self._launches.end(run, _END_LIMIT)
        if await self._is_alive(run):
            await self._cluster.rest.cancel(self._job_id(run))
        elif not (await self._ledger.of_run(run)).is_settled:
            await self._ledger.settle(run, Note.STOPPED)

    async def take_savepoint(self, run: RunId, savepoint: Savepoint) -> None:
        known = await self._ledger.of_run(run)
        if Note.SUBMITTED not in known or Note.ENDED in known:
            return
        await self._ledger.ask_savepoint(run, savepoint.id)
        rest = self._cluster.rest
        ask = rest.stop_with_savepoint if savepoint.stops_job else rest.take_savepoint
        if refusal := await ask(self._job_id(run), savepoint.id, f"{known.state}/savepoints/{savepoint.id}"):
            raise EngineUnavailable(f"Flink did not take on the savepoint: {refusal}")

    async def graph(self, run: RunId) -> Mapping[str, object] | None:
        known = await self._ledger.of_run(run)
        return await self._cluster.rest.document(self._job_id(run)) if Note.SUBMITTED in known else None

    async def retained(self, job_id: int, runs: Sequence[RunId]) -> Retained:
        known = await self._ledger.of_runs(runs)
        state = state_address(self._settings.state, self._around, job_id)
        return await retained(known, runs, self._around.installation, state)

    def state_folder(self, job_id: int) -> StateFolder | None:
        address = state_address(self._settings.state, self._around, job_id)
        seen = folder_seen_here(address)
        return StateFolder(seen, address) if seen else None

    async def logs(self, run: RunId) -> LogListing:
        """TaskManagers of a session cluster mix the logs of their jobs, so none are of one run."""
        return LogListing(is_final=True)

    async def read_log(self, run: RunId, file: LogFile, offset: int, limit: int) -> bytes:
        return b""

    async def halt(self, run: RunId) -> None:
        self._demand_sight(run)
        if Note.CLAIMED not in await self._ledger.of_run(run):
            return
        await self._launches.end(run, _END_LIMIT)
        await self._ledger.settle(run, Note.ENDED, LastWord(seen=Seen.LOST, said=_HALTED).as_json())
        await self._cancel(run)
        await self._ledger.settle(run, Note.HALTED)

    async def discard(self, run: RunId) -> None:
        self._demand_sight(run)
        await self._launches.end(run, _END_LIMIT)
        if not await self._cancel(run):
            self._demand_handover_is_over(await self._ledger.of_run(run))
        await self._cluster.rest.delete_jars(self._job_id(run))
        await self._ledger.forget(run)
        self._eye.forget(run)

    async def list_runs(self) -> Collection[RunId]:
        """Also those that nobody noted: a controller that stood still may have launched them."""
        noted = await self._ledger.runs()
        views = await self._cluster.rest.jobs()
        alive = {run_of(self._around.installation, view.id) for view in views.values() if _is_alive(view)}
        return noted | self._launches.runs() | {run for run in alive if run is not None}

    def room(self) -> Room:
        return self._cluster.room()

    def health(self) -> Health:
        return self._cluster.health()

    async def _look(self, run: RunId, known: Known, views: Mapping[str, JobView]) -> Observation:
        job_id = self._job_id(run)
        launching = self._launches.of(run)
        subject = Subject(run=run, job_id=job_id, known=known, launching=launching, view=views.get(job_id))
        return await self._eye.look(subject, self._around.clock.now(), self._around.clock.monotonic())

    def _halted(self, seen: Observation, known: Known) -> Observation:
        if Note.HALTED not in known:
            return seen
        ended = seen if seen.seen in ENDED else written(seen.run, known) or seen
        return replace(ended, halted=True)

    def _demand_sight(self, run: RunId) -> None:
        """An order that was given while the run was out of sight is not carried out as soon as it is seen again: it may
        be well, and whoever gave the order looks once more."""
        if run in self._out_of_sight:
            raise EngineUnavailable("Its cluster did not answer when it was looked at: it is looked at again first")

    async def _is_alive(self, run: RunId) -> bool:
        view = await self._cluster.rest.job(self._job_id(run))
        return view is not None and _is_alive(view)

    async def _cancel(self, run: RunId) -> bool:
        """Whether there was a job; it is over once this returns."""
        if not await self._is_alive(run):
            return await self._cluster.rest.job(self._job_id(run)) is not None
        await self._cluster.rest.cancel(self._job_id(run))
        try:
            async with asyncio.timeout(_END_LIMIT):
                while await self._is_alive(run):  # noqa: ASYNC110 - another machine's word
                    await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError as exc:
            raise EngineUnavailable("Its cluster takes long to cancel the job: it is waited for") from exc
        return True

    def _demand_handover_is_over(self, known: Known) -> None:
        """Somebody who is dead, or stands still, may have left a main() running that has not handed over its job yet."""
        since = known.submitting_since
        if since is None or known.is_settled:
            return
        if self._around.clock.now() - since < timedelta(seconds=self._settings.main_limit):
            raise EngineUnavailable("A main() of the job may still run in its cluster: it is waited for")

    def _job_id(self, run: RunId) -> str:
        return flink_job_id(self._around.installation, run)


def _state_of(known: Known) -> Path | None:
    return folder_seen_here(known.state)


def _is_alive(view: JobView) -> bool:
    return seen_of(view, ran=True) not in OVER
