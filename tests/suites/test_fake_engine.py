"""The fake engine keeps the promises of the engine port: that is what makes it a fake and not a wish."""

from itertools import count
from pathlib import Path

import pytest

from penstock.ports.engine import LaunchOrder
from penstock.testing.builders import a_run_id, a_sheet
from penstock.testing.clock import ManualClock
from penstock.testing.engine import FakeEngine, FakeWorld
from penstock.testing.engine_suite import EngineSuite, Orders, Reborn

_CLASSES = {"unbounded": "Unbounded", "bounded": "Bounded", "fails": "Fails", "refused": "Refused"}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=[True, False], ids=["state-in-sight", "state-out-of-sight"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path if request.param else None


@pytest.fixture
def engine(clock: ManualClock, state: Path | None) -> FakeEngine:
    return FakeEngine(clock, FakeWorld(state=state))


@pytest.fixture
def order() -> Orders:
    numbers = count(1)

    def make(scenario: str) -> LaunchOrder:
        number = next(numbers)
        sheet = a_sheet(main_class=_CLASSES[scenario])
        return LaunchOrder(run=a_run_id(number), job_id=number, job_name=f"job{number}", sheet=sheet)

    return make


@pytest.fixture
def reborn(engine: FakeEngine, clock: ManualClock) -> Reborn:
    async def again() -> FakeEngine:
        return FakeEngine(clock, engine.world)

    return again


class TestFakeEngine(EngineSuite):
    """See the suite."""
