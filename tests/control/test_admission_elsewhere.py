"""Jobs whose place another controller looks after."""

from datetime import timedelta

import pytest

from control.theatre import Theatre
from penstock.control.admitter import Admitter
from penstock.domain.footprint import Room
from penstock.domain.lifecycle import State
from penstock.domain.reason import ReasonCode
from penstock.ports.places import FRESH, report_of
from penstock.testing.engine import FakeEngine

pytestmark = pytest.mark.anyio


class Elsewhere(Theatre):
    """The admitter of a service that looks after no place itself."""

    def raise_curtain(self):
        super().raise_curtain()
        tools = self.tools
        self.admitter = Admitter(tools, dict, "here", self.leases[0])

    async def report(self, room):
        report = report_of("here", "fake", FakeEngine(self.clock, room=room), self.clock.now())
        await self.memory.change(lambda tx: tx.places.save(report))

    async def look(self):
        await self.leases[0].renew()
        await self.admitter.look()


@pytest.fixture
async def stage():
    stage = Elsewhere()
    await stage.set_up()
    return stage


async def test_a_job_is_admitted_to_a_place_that_another_controller_looks_after(stage):
    await stage.report(Room(slots=4))
    job = await stage.create()

    await stage.look()

    assert (await stage.state(job), (await stage.job(job)).run.place) == (State.LAUNCHING, "here")


async def test_a_job_waits_for_room_there_with_the_numbers(stage):
    await stage.report(Room(slots=0))
    job = await stage.create()

    await stage.look()

    reason = (await stage.job(job)).reason
    assert reason.code is ReasonCode.WAITS_FOR_PLACE
    assert reason.params == {"place": "here", "free": 0, "total": 0, "asked": 1, "unit": "slots"}


async def test_a_job_waits_for_a_controller_while_nobody_looks_after_its_place(stage):
    await stage.report(Room(slots=4))
    stage.clock.advance(FRESH + timedelta(seconds=1))
    job = await stage.create()

    await stage.look()

    assert (await stage.job(job)).reason.code is ReasonCode.WAITS_FOR_CONTROLLER
