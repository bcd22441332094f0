"""The engine keeps the promises of the engine port: Penstock's own suite says so, and a few tests of what is ours."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest

from penstock.domain.errors import EngineUnavailable, SetupError
from penstock.domain.observation import Seen
from penstock.plugins import Kind, find
from penstock.ports.clock import SystemClock
from penstock.ports.engine import LaunchOrder
from penstock.testing.builders import a_run_id, a_sheet
from penstock.testing.clock import NOON
from penstock.testing.engine_suite import EngineSuite, Orders, Reborn
from penstock.testing.surroundings import some_surroundings
from penstock_rehearsal import plugin
from penstock_rehearsal.engine import RehearsalEngine
from penstock_rehearsal.rehearsal import Rehearsal
from penstock_rehearsal.script import script_of

# What the suite's scenarios are, said to this engine.
_ARGUMENTS = {
    "unbounded": (),
    "bounded": ("--finishes-after", "0.2"),
    "fails": ("--fails-after", "0.2", "--says", "the job failed on purpose"),
    "refused": ("--refused", "--says", "main refused on purpose"),
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def make(tmp_path: Path) -> Callable[[], RehearsalEngine]:
    """As the service makes it: settings and surroundings in, an engine out."""
    around = some_surroundings(tmp_path, clock=SystemClock())
    return lambda: plugin.factory(plugin.settings({"start_seconds": 0.1}), around)


@pytest.fixture
def engine(make: Callable[[], RehearsalEngine]) -> RehearsalEngine:
    return make()


@pytest.fixture
def reborn(make: Callable[[], RehearsalEngine]) -> Reborn:
    async def again() -> RehearsalEngine:
        return make()

    return again


@pytest.fixture
def order() -> Orders:
    numbers = count(1)

    def ordered(scenario: str) -> LaunchOrder:
        number = next(numbers)
        sheet = a_sheet(arguments=_ARGUMENTS[scenario])
        return LaunchOrder(run=a_run_id(number), job_id=number, job_name=f"job{number}", sheet=sheet)

    return ordered


class TestRehearsalEngine(EngineSuite):
    """Everything that Penstock relies on."""


def a_rehearsal(*arguments: str, **more: Any) -> Rehearsal:
    told: dict[str, Any] = {"job_name": "orders", "parallelism": 1, "began_at": NOON, "start_seconds": 1.0}
    return Rehearsal(run=a_run_id(1), arguments=arguments, **told | more)


def later(seconds: float) -> Any:
    return NOON + timedelta(seconds=seconds)


def test_the_plugin_is_found_by_its_name() -> None:
    assert find(Kind.ENGINE, "rehearsal") is plugin


@pytest.mark.parametrize("given", [{"start_second": 1}, {"start_seconds": -1}, {"cus": "many"}])
def test_wrong_settings_are_refused_with_their_name(given: dict[str, object]) -> None:
    with pytest.raises(SetupError, match=next(iter(given))):
        plugin.settings(given)


def test_a_stop_that_comes_after_the_end_changes_nothing() -> None:
    finished = a_rehearsal("--finishes-after", "2", stopped_at=later(5))

    assert finished.seen(later(6)).seen is Seen.FINISHED


def test_a_run_that_is_over_writes_no_more_records() -> None:
    finished = a_rehearsal("--finishes-after", "2")

    assert [finished.records(later(seconds)) for seconds in (0.5, 2, 3, 60)] == [0, 10, 20, 20]


def test_a_log_only_grows() -> None:
    failing = a_rehearsal("--fails-after", "2", "--says", "out of luck")
    pieces = [failing.log(later(seconds)) for seconds in (0, 1, 2, 3, 60)]

    assert all(after.startswith(before) for before, after in pairwise(pieces))
    assert pieces[-1].endswith(b"FAILED out of luck\n")


@pytest.mark.parametrize("arguments", [("--fails-after",), ("--finishes-after", "soon"), ("--says",)])
def test_arguments_that_make_no_sense_are_refused_in_words(arguments: tuple[str, ...]) -> None:
    script = script_of(arguments)

    assert script.refused
    assert arguments[0] in script.says
    assert "--finishes-after SECONDS" in script.says


@pytest.mark.anyio
async def test_a_folder_that_cannot_be_used_is_silence_and_not_absence(
    engine: RehearsalEngine, order: Orders, tmp_path: Path
) -> None:
    given = order("unbounded")
    _spoil(tmp_path / "here" / "runs")

    seen = await engine.observe([given.run])

    assert seen[given.run].seen is Seen.UNREACHABLE
    assert not engine.health().ready
    with pytest.raises(EngineUnavailable, match="the folder of this place"):
        await engine.launch(given)


def _spoil(folder: Path) -> None:
    """What was a folder is a file."""
    folder.rmdir()
    folder.touch()
