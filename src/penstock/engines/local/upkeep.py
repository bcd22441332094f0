"""The place's own upkeep: keeps the pool full and makes the archives, always after the runs."""

import asyncio
import os
import signal
from collections.abc import Callable

import structlog

from penstock.domain.errors import EngineUnavailable
from penstock.engines.local import machine
from penstock.engines.local.pair import Pair
from penstock.engines.local.pairs import Pairs
from penstock.engines.local.settings import LocalSettings
from penstock.engines.local.shape import Shape
from penstock.engines.local.warmth import warm
from penstock.ports.clock import Clock

_log = structlog.get_logger()
_ROUND = 0.25  # seconds
_COURTESY = 5.0  # seconds that a refill waits for launches under way: a start slows them down
_DUMP_LIMIT = 180.0  # seconds for the JVMs to write their archives as they end
_LONGEST_PAUSE = 60.0  # seconds between two starts for the pool that fail
_TRAININGS = 2  # tries; without archives everything works, only slower


class Upkeep:
    """Never touches a run."""

    def __init__(self, pairs: Pairs, settings: LocalSettings, clock: Clock) -> None:
        self.trouble = ""
        self._pairs = pairs
        self._settings = settings
        self._clock = clock
        self._trainings = 0
        self._training: asyncio.Task[None] | None = None
        self._busy_since: float | None = None
        self._failures = 0  # that were paused for
        self._no_fill_before = 0.0

    async def run(self, group: asyncio.TaskGroup, is_launching: Callable[[], bool]) -> None:
        await self._pairs.sort_out()
        while True:
            if self._is_quiet(is_launching()):
                await self._round(group)
            await asyncio.sleep(_ROUND)

    async def close(self) -> None:
        """Unused pairs end with us; those that carry runs live on."""
        await self._pairs.discard_unclaimed()
        await self._pairs.close()

    async def _round(self, group: asyncio.TaskGroup) -> None:
        size = self._settings.pool_size
        try:
            await self._pairs.drop_unwanted(size)
            if self._may_fill():
                self._pairs.fill(size, group, self._settings.start_limit)
            self.trouble = self._pairs.trouble
        except (EngineUnavailable, OSError) as error:
            self.trouble = str(error)
            _log.warning("pool met trouble", why=self.trouble)
        if self._should_train():
            self._trainings += 1
            self._training = group.create_task(self._train())

    def _may_fill(self) -> bool:
        """A start that failed would fail again at once: each failure doubles the pause."""
        now = self._clock.monotonic()
        failures = self._pairs.failures
        if failures != self._failures:
            self._failures = failures
            self._no_fill_before = now + min(_LONGEST_PAUSE, 2.0**failures)
        return now >= self._no_fill_before

    def _is_quiet(self, launching: bool) -> bool:
        """No launch is under way, or they have been for so long that the pool may have its turn."""
        if not launching:
            self._busy_since = None
            return True
        now = self._clock.monotonic()
        self._busy_since = now if self._busy_since is None else self._busy_since
        return now - self._busy_since >= _COURTESY

    def _should_train(self) -> bool:
        idle_enough = len(self._pairs.idle) >= self._settings.pool_size and not self._pairs.starts.under_way
        running = self._training is not None and not self._training.done()
        room = self._pairs.free_cus >= Shape().cus
        made = self._pairs.making.archives.are_made
        return idle_enough and room and not made and not running and self._trainings < _TRAININGS

    async def _train(self) -> None:
        """A pair that works once and writes down, as it ends, which classes it loaded."""
        archives = self._pairs.making.archives
        try:
            pair = self._pairs.for_training()
            drafts = pair.journal.folders.tmp  # goes with the pair, also if we die meanwhile
            try:
                await archives.make_base(drafts, self._pairs.making.marks)
                await self._work_and_end(pair)
                await asyncio.to_thread(archives.keep_trained, drafts)
            finally:
                await self._pairs.discard(pair)
            _log.info("archives made", folder=str(archives.folder))
        except (EngineUnavailable, OSError) as error:
            _log.warning("archives not made", why=str(error))

    async def _work_and_end(self, pair: Pair) -> None:
        pair.spawn(os.SCHED_IDLE)
        await pair.wait_until_up(self._settings.start_limit)
        await warm(pair)
        processes = list(pair.processes.values())
        for process in processes:
            machine.send(process, signal.SIGTERM)
        await machine.wait_gone(processes, _DUMP_LIMIT)
