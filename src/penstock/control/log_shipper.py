"""Sees to it that the logs of every run of a place are shipped, if its job wants them: a loop for each run.

So a run whose bucket does not answer holds up no other one.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from penstock.control.leases import LeaseKeeper
from penstock.control.rounds import rounds
from penstock.control.shipping import Shipping
from penstock.control.tools import Tools
from penstock.domain.job import Job
from penstock.domain.plan import is_over
from penstock.domain.run import RunId
from penstock.ports.engine import Engine
from penstock.ports.records import Tx

_EVERY = 5.0  # seconds between looks for runs that are new, or over


class LogShipper:
    """One place's runs."""

    def __init__(self, place: str, engine: Engine, tools: Tools, lease: LeaseKeeper) -> None:
        self._place = place
        self._records = tools.records
        self._shipping = Shipping(engine, tools, lease)
        self._loops: dict[RunId, _Loop] = {}

    async def look(self, loops: asyncio.TaskGroup) -> float:
        """One round: whatever run has logs that are wanted has a loop in `loops`, and no other one has."""
        jobs = await self._records.look(_with_logs, self._place)
        wanted = {job.live_run.id: job for job in jobs if job.live_run}
        for run in [run for run in self._loops if run not in wanted]:
            self._loops.pop(run).task.cancel()
            self._shipping.forget(run)
        for run, job in wanted.items():
            if run not in self._loops:
                self._loops[run] = _begin(loops, run, self._shipping, job)
            if is_over(job):
                self._loops[run].hurry()
        return _EVERY

    def close(self) -> None:
        """Whoever looks next goes on where the cursors are."""
        for loop in self._loops.values():
            loop.task.cancel()
        self._loops.clear()


@dataclass(slots=True)
class _Loop:
    task: asyncio.Task[None]
    ear: "_Ear"
    is_hurried: bool = False

    def hurry(self) -> None:
        """Its run waits for it from now on. Once: what does not answer is not asked more often for that."""
        if not self.is_hurried:
            self.is_hurried = True
            self.ear.ring()


class _Ear:
    """Hears that a run is over."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True


def _begin(loops: asyncio.TaskGroup, run: RunId, shipping: Shipping, job: Job) -> _Loop:
    ear = _Ear()
    look = partial(shipping.ship, job.id, run)
    return _Loop(loops.create_task(rounds(f"logs of {run}", ear, look)), ear)


def _with_logs(tx: Tx, place: str) -> Sequence[Job]:
    return [job for job in tx.jobs.with_live_runs(place) if job.awaits_logs]
