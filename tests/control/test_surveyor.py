"""How the places are, written down and heard."""

import pytest

from control.theatre import SilentBell
from penstock.control.leases import LeaseKeeper
from penstock.control.surveyor import Surveyor
from penstock.control.tools import Tools
from penstock.domain.footprint import Room
from penstock.testing.clock import ManualClock
from penstock.testing.engine import FakeEngine
from penstock.testing.ids import CountingIds
from penstock.testing.object_store import MemoryObjectStore
from penstock.testing.records import MemoryRecords

pytestmark = pytest.mark.anyio


class Stage:
    """Two services over the same records, each with a place of its own."""

    def __init__(self):
        self.clock, self.records, self.heard = ManualClock(), MemoryRecords(), {}

    def service(self, holder, place, room):
        tools = Tools(
            records=self.records,
            clock=self.clock,
            ids=CountingIds(),
            bell=SilentBell(),
            store=MemoryObjectStore(),
            holder=holder,
        )
        lease, engine = LeaseKeeper(f"place:{place}", tools), FakeEngine(self.clock, room=room)
        hear = lambda reports: self.heard.update({holder: {report.name: report for report in reports}})
        return lease, Surveyor(tools, {place: engine}, {place: "fake"}, {place: lease}, hear)


async def test_each_service_hears_of_the_places_of_the_others():
    stage = Stage()
    for holder, place, room in (("a", "main", Room(slots=4)), ("b", "here", Room(cus=8))):
        lease, surveyor = stage.service(holder, place, room)
        await lease.renew()
        await surveyor.look()

    assert {name: report.room for name, report in stage.heard["b"].items()} == {
        "main": Room(slots=4),
        "here": Room(cus=8),
    }


async def test_only_the_holder_of_the_lease_writes_of_a_place():
    stage = Stage()
    lease, holder = stage.service("a", "main", Room(slots=4))
    _, other = stage.service("b", "main", Room(slots=0))
    await lease.renew()

    await holder.look()
    await other.look()

    assert stage.heard["b"]["main"].room == Room(slots=4)


async def test_a_report_stays_fresh_only_while_somebody_looks_after_the_place():
    stage = Stage()
    lease, surveyor = stage.service("a", "main", Room(slots=4))
    for _ in range(30):
        await lease.renew()
        await surveyor.look()
        stage.clock.advance(2)
    assert stage.heard["a"]["main"].is_fresh(stage.clock.now())

    stage.clock.advance(20)

    assert not stage.heard["a"]["main"].is_fresh(stage.clock.now())
