"""An engine that breaks its promises hurts its own place only."""

import asyncio

import pytest
from structlog.testing import capture_logs

from penstock.control.guarded_engine import GuardedEngine
from penstock.domain.errors import EngineUnavailable, LaunchRefused
from penstock.domain.footprint import Room
from penstock.domain.observation import Seen
from penstock.ports.engine import LaunchOrder
from penstock.testing.builders import a_run_id, a_sheet
from penstock.testing.clock import ManualClock
from penstock.testing.engine import FakeEngine

pytestmark = pytest.mark.anyio

RUN = a_run_id(1)
ORDER = LaunchOrder(run=RUN, job_id=1, job_name="job1", sheet=a_sheet())


class Moody(FakeEngine):
    """Answers as a fake does, until it is told how not to."""

    def __init__(self) -> None:
        super().__init__(ManualClock(), room=Room(cus=7))
        self.is_broken = False
        self.hangs = False
        self.forgets = False

    async def observe(self, runs):
        if self.hangs:
            await asyncio.Event().wait()
        return {} if self.forgets else await super().observe(runs)

    def state_folder(self, job_id):
        if self.is_broken:
            raise KeyError("state_folder")
        return super().state_folder(job_id)

    def room(self) -> Room:
        if self.is_broken:
            raise KeyError("room")
        return super().room()

    def health(self):
        if self.is_broken:
            raise KeyError("health")
        return super().health()


@pytest.fixture
def moody() -> Moody:
    return Moody()


@pytest.fixture
def engine(moody: Moody) -> GuardedEngine:
    return GuardedEngine("here", moody, limit=0.05)


async def test_what_it_says_comes_through(engine: GuardedEngine) -> None:
    await engine.launch(ORDER)

    assert (await engine.observe([RUN]))[RUN].seen is Seen.PREPARING
    assert await engine.list_runs() == [RUN]
    assert engine.room() == Room(cus=7)
    assert engine.health().ready
    assert engine.capabilities.flink_versions == ("1.20",)


async def test_a_foreign_error_is_silence_and_told_once_with_its_trace(engine: GuardedEngine, moody: Moody) -> None:
    moody.world.trouble = ZeroDivisionError("odd")

    with capture_logs() as said:
        for _ in range(3):
            with pytest.raises(EngineUnavailable, match="the engine of here broke at stop: ZeroDivisionError: odd"):
                await engine.stop(RUN)

    assert [(line["event"], line["verb"]) for line in said] == [("engine broke", "stop")]
    assert said[0]["exc_info"] is moody.world.trouble


async def test_our_own_errors_keep_their_meaning(engine: GuardedEngine, moody: Moody) -> None:
    moody.world.trouble = LaunchRefused("for good")

    with pytest.raises(LaunchRefused, match="for good"):
        await engine.launch(ORDER)


async def test_a_call_that_never_returns_is_silence(engine: GuardedEngine, moody: Moody) -> None:
    moody.hangs = True

    with pytest.raises(EngineUnavailable, match="did not answer observe within"):
        await engine.observe([RUN])


async def test_a_run_that_it_forgets_to_speak_of_is_unreachable(engine: GuardedEngine, moody: Moody) -> None:
    moody.forgets = True

    assert (await engine.observe([RUN]))[RUN].seen is Seen.UNREACHABLE


async def test_a_folder_that_it_cannot_tell_is_not_none(engine: GuardedEngine, moody: Moody) -> None:
    assert engine.state_folder(1) is None
    moody.is_broken = True

    with pytest.raises(EngineUnavailable, match="broke at state_folder: KeyError"):
        engine.state_folder(1)


async def test_where_it_cannot_tell_its_room_the_last_one_holds(engine: GuardedEngine, moody: Moody) -> None:
    assert engine.room() == Room(cus=7)
    moody.is_broken = True

    assert engine.room() == Room(cus=7)
    assert not engine.health().ready


async def test_before_it_ever_told_its_room_there_is_none(engine: GuardedEngine, moody: Moody) -> None:
    moody.is_broken = True

    assert engine.room() == Room(cus=0, slots=0)


async def test_whoever_gives_up_asking_is_not_told_that_it_broke(moody: Moody) -> None:
    moody.hangs = True
    asking = asyncio.create_task(GuardedEngine("here", moody).observe([RUN]))
    await asyncio.sleep(0)

    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking
