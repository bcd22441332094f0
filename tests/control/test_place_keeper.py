"""One place, which several controllers may serve in turn."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import structlog

from control.theatre import SilentBell
from penstock.control.place_keeper import PlaceKeeper
from penstock.control.tools import Tools
from penstock.domain.errors import StoreUnavailable
from penstock.domain.plan import Rules
from penstock.testing.clock import ManualClock
from penstock.testing.engine import FakeEngine
from penstock.testing.ids import CountingIds
from penstock.testing.object_store import MemoryObjectStore
from penstock.testing.records import MemoryRecords

pytestmark = pytest.mark.anyio

_LEASE = timedelta(seconds=15)


class WatchedEngine(FakeEngine):
    """Says while its upkeep runs."""

    def __init__(self, clock, *, bound):
        super().__init__(clock)
        self.capabilities = replace(self.capabilities, bound=bound)
        self.begun, self.ended = asyncio.Event(), asyncio.Event()

    async def serve(self):
        self.ended.clear()
        self.begun.set()
        try:
            await super().serve()
        finally:
            self.begun.clear()
            self.ended.set()


class Stage:
    """Keepers of one place over the same records and the same time."""

    def __init__(self):
        self.clock, self.records = ManualClock(), MemoryRecords()

    @asynccontextmanager
    async def keeper(self, holder, *, bound=False):
        engine = WatchedEngine(self.clock, bound=bound)
        tools = Tools(
            records=self.records,
            clock=self.clock,
            ids=CountingIds(),
            bell=SilentBell(),
            store=MemoryObjectStore(),
            holder=holder,
        )
        keeper = PlaceKeeper("main", engine, tools, Rules())
        serving = asyncio.create_task(keeper.serve())
        try:
            with structlog.testing.capture_logs():
                yield keeper, engine
        finally:
            serving.cancel()
            await asyncio.wait({serving})


async def within_seconds(event):
    async with asyncio.timeout(10):
        await event.wait()


async def test_nothing_of_a_place_runs_before_its_lease_is_ours():
    stage = Stage()
    async with stage.keeper("a") as (keeper, engine):
        await asyncio.sleep(0)
        assert not engine.begun.is_set()

        await keeper.lease.renew()

        await within_seconds(engine.begun)


async def test_when_the_lease_lapses_all_is_let_go_and_another_goes_on():
    stage = Stage()
    async with stage.keeper("a") as (paused, engine), stage.keeper("b") as (other, next_engine):
        await paused.lease.renew()
        await within_seconds(engine.begun)
        assert not await other.lease.renew()

        stage.clock.advance(_LEASE.total_seconds() + 1)
        await within_seconds(engine.ended)
        assert await other.lease.renew()

        await within_seconds(next_engine.begun)
        assert not await paused.lease.renew()
        assert not engine.begun.is_set()


async def test_a_lease_that_comes_back_begins_everything_anew():
    stage = Stage()
    async with stage.keeper("a") as (keeper, engine):
        await keeper.lease.renew()
        await within_seconds(engine.begun)
        stage.clock.advance(_LEASE.total_seconds() + 1)
        await within_seconds(engine.ended)

        await keeper.lease.renew()

        await within_seconds(engine.begun)


async def test_a_bound_place_stays_ours_while_the_records_are_silent():
    stage = Stage()
    async with stage.keeper("a", bound=True) as (keeper, engine):
        await keeper.lease.renew()
        await within_seconds(engine.begun)
        stage.records.change = _silence
        stage.clock.advance(_LEASE.total_seconds() + 1)

        with pytest.raises(StoreUnavailable):
            await keeper.lease.renew()

        assert not keeper.lease.is_held
        assert engine.begun.is_set()


async def _silence(*_, **__):
    raise StoreUnavailable
