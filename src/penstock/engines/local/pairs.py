"""All pairs of a place: found again after a restart, kept warm for the next run, claimed, and discarded."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import structlog

from penstock.domain.errors import EngineUnavailable
from penstock.domain.run import RunId
from penstock.engines.local import machine
from penstock.engines.local.demand import Demand
from penstock.engines.local.journal import Claim, Journal, Note
from penstock.engines.local.machine import Process
from penstock.engines.local.pair import Making, Pair, make_pair
from penstock.engines.local.shape import Shape
from penstock.engines.local.starts import Starts
from penstock.engines.local.warmth import cool, warm
from penstock.ports.surroundings import Surroundings

_log = structlog.get_logger()


class Pairs:
    """One event loop uses it; between two awaits it changes for nobody."""

    def __init__(self, making: Making, surroundings: Surroundings, starts: Starts, room: int) -> None:
        self.making = making
        self.demand = Demand()
        self.starts = starts
        self.room = room  # CUs
        self._around = surroundings
        self._folder = surroundings.folder / "pairs"
        self._all: dict[str, Pair] = {}
        self._filling: dict[str, asyncio.Task[None]] = {}
        self.trouble = ""  # why the last pair for the pool did not start
        self.failures = 0  # how many of them in a row

    # --- finding ---

    def __iter__(self) -> Iterator[Pair]:
        return iter(list(self._all.values()))

    def of_run(self, run: RunId) -> Pair | None:
        return next((pair for pair in self._all.values() if pair.claim and pair.claim.run == run), None)

    @property
    def unclaimed(self) -> list[Pair]:
        return [pair for pair in self._all.values() if pair.claim is None]

    @property
    def pooled(self) -> list[Pair]:
        """Those that a run may have, now or once they are up."""
        return [pair for pair in self.unclaimed if not pair.is_training and not pair.is_broken]

    @property
    def idle(self) -> list[Pair]:
        return [pair for pair in self.pooled if Note.READY in pair.notes]

    @property
    def free_cus(self) -> int:
        return self.room - sum(pair.shape.cus for pair in self._all.values())

    # --- adopting ---

    async def adopt(self) -> None:
        """Look at the folders and the machine: pairs with runs are ours again, unused ones are sorted out later."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        running = self._running()
        for place in sorted(self._folder.iterdir()):
            roles = running.pop(place.name, {})
            pair = self._found(place)
            if pair is None:
                await machine.kill(list(roles.values()))
                await asyncio.to_thread(Journal(place).remove)
                continue
            pair.processes = dict(roles)
            self._all[pair.id] = pair
        for roles in running.values():  # its folder is gone, so nobody can need it
            await machine.kill(list(roles.values()))

    async def sort_out(self) -> None:
        """Unused pairs that are warm, whole and made as ours are now stay in the pool; the others will go."""
        unused = self.unclaimed
        for pair, is_good in zip(unused, await asyncio.gather(*map(self._is_good, unused)), strict=True):
            pair.is_broken = not is_good

    # --- claiming ---

    async def claim(self, claim: Claim, shape: Shape) -> Pair:
        """The run's pair: a warm one, else one that starts, else a new one; it need not be up."""
        self.demand.ask(shape)
        while (pair := self._best(shape)) is not None:
            pair.claim = claim  # before anything is awaited: nobody else may choose it
            await self._stop_filling(pair)
            if Note.READY not in pair.notes or await pair.is_free():
                await pair.take(claim)
                return pair
            await self.discard(pair)
        return await self._new(shape, claim)

    async def bring_up(self, pair: Pair, seconds: float) -> None:
        """Ready for its run; the caller holds a turn to start."""
        if Note.READY in pair.notes:
            return
        await self._make_room(0)
        pair.set_policy(os.SCHED_OTHER)
        pair.spawn()
        if pair.is_warming:
            await cool(pair)
        await pair.wait_until_up(seconds)
        await pair.note(Note.READY)

    async def discard(self, pair: Pair) -> None:
        await self._stop_filling(pair)
        await pair.discard()
        self._all.pop(pair.id, None)

    # --- the pool ---

    def fill(self, size: int, group: asyncio.TaskGroup, seconds: float) -> None:
        """Start what the pool lacks, as far as there is room."""
        lacking = self.demand.wanted(size) - Counter(pair.shape for pair in self.pooled)
        for shape in lacking.elements():
            if shape.cus <= self.free_cus:
                pair = self._made(shape)
                self._filling[pair.id] = group.create_task(self._fill(pair, seconds))

    async def drop_unwanted(self, size: int) -> None:
        """Pairs that did not start, idle ones that died, and those whose shape nobody asks for any more."""
        for pair in self.unclaimed:
            if pair.is_broken or (Note.READY in pair.notes and not pair.is_whole):
                await self.discard(pair)
        surplus = Counter(pair.shape for pair in self.pooled) - self.demand.wanted(size)
        for pair in self.idle:
            if surplus[pair.shape] > 0:
                surplus[pair.shape] -= 1
                await self.discard(pair)

    async def discard_unclaimed(self) -> None:
        for pair in self.unclaimed:
            await self.discard(pair)

    def for_training(self) -> Pair:
        pair = self._made(Shape())
        pair.is_training = True
        return pair

    async def close(self) -> None:
        """Let go of every pair; those with runs live on."""
        for pair in self._all.values():
            await pair.close()
        self._all.clear()

    # --- inside ---

    def _best(self, shape: Shape) -> Pair | None:
        fitting = [pair for pair in self.pooled if pair.shape == shape]
        return max(
            fitting, key=lambda pair: (Note.READY in pair.notes, -pair.birth.started_at.timestamp()), default=None
        )

    def _made(self, shape: Shape) -> Pair:
        taken = frozenset(port for pair in self for port in (pair.birth.ports.rpc, pair.birth.ports.rest))
        folder = self._folder / self._around.ids.hex(12)
        pair = make_pair(self.making, folder, shape, self._around.clock.now(), taken)
        self._all[pair.id] = pair
        return pair

    async def _new(self, shape: Shape, claim: Claim) -> Pair:
        pair = self._made(shape)
        await pair.take(claim)
        return pair

    async def _make_room(self, needed: int) -> None:
        """Pairs that wait for a run are the first to go."""
        for pair in sorted(self.unclaimed, key=lambda pair: Note.READY in pair.notes):
            if self.free_cus >= needed:
                return
            await self.discard(pair)

    async def _fill(self, pair: Pair, seconds: float) -> None:
        try:
            async with self.starts.turn(urgent=False):
                pair.spawn(os.SCHED_BATCH)
                await pair.wait_until_up(seconds)
                await warm(pair)
                pair.set_policy(os.SCHED_OTHER)
                await pair.note(Note.READY)
            self.trouble, self.failures = "", 0
        except (EngineUnavailable, OSError) as error:
            self.trouble, self.failures = str(error), self.failures + 1
            pair.is_broken = True
            _log.warning("pair did not start", pair=pair.id, why=self.trouble)
        finally:
            self._filling.pop(pair.id, None)

    async def _stop_filling(self, pair: Pair) -> None:
        task = self._filling.pop(pair.id, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _is_good(self, pair: Pair) -> bool:
        ours = pair.birth.made_of == self.making.fingerprint and Note.READY in pair.notes
        return ours and pair.is_whole and await pair.is_free()

    def _found(self, place: Path) -> Pair | None:
        birth = Journal(place).birth()
        return None if birth is None else Pair(self.making, Journal(place), birth)

    def _running(self) -> dict[str, dict[str, Process]]:
        """By pair and role. A copy of our folder elsewhere has the same tags; its processes work elsewhere, too."""
        found: dict[str, dict[str, Process]] = {}
        for process, tags in machine.find(self.making.marks):
            if machine.works_in(process, self._folder):
                found.setdefault(tags.get("penstock.pair", ""), {})[tags.get("penstock.role", "")] = process
        return found
