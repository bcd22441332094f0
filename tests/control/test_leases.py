"""The right to act, where the records cannot be written for a while."""

import asyncio

import pytest
import structlog

from control.theatre import SilentBell
from penstock.control.leases import LeaseKeeper
from penstock.control.tools import Tools
from penstock.domain.errors import LeaseLost, StoreFull
from penstock.testing.clock import ManualClock
from penstock.testing.ids import CountingIds
from penstock.testing.object_store import MemoryObjectStore
from penstock.testing.records import MemoryRecords

pytestmark = pytest.mark.anyio


class FullRecords(MemoryRecords):
    """On a disk without room, until there is some."""

    def __init__(self):
        super().__init__()
        self.is_full, self.refused, self.taken = True, asyncio.Event(), asyncio.Event()

    async def change(self, fn, *args, **kwargs):
        if self.is_full:
            self.refused.set()
            raise StoreFull
        result = await super().change(fn, *args, **kwargs)
        self.taken.set()
        return result


async def test_a_full_disk_ends_no_controller_and_the_lease_comes_back():
    records = FullRecords()
    tools = Tools(
        records=records,
        clock=ManualClock(),
        ids=CountingIds(),
        bell=SilentBell(),
        store=MemoryObjectStore(),
        holder="me",
    )
    keeper = LeaseKeeper("admission", tools)

    with structlog.testing.capture_logs():
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            serving = group.create_task(keeper.serve())
            await records.refused.wait()
            with pytest.raises(LeaseLost):
                _ = keeper.current
            records.is_full = False
            await records.taken.wait()
            records.is_full = True
            serving.cancel()

    assert keeper.current.holder == "me"
