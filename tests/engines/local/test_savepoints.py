"""What is told of a savepoint when those who made it are gone, and when none can be made."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engines.local.places import LocalPlace, a_local_place
from penstock.domain.observation import Observation, SavepointSeen, Seen
from penstock.domain.run import RunId
from penstock.domain.savepoint import Savepoint
from penstock.ports.engine import LaunchOrder
from penstock.testing.engine_suite import a_savepoint, launch, look, wait_for

pytestmark = [pytest.mark.anyio, pytest.mark.flink]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def place(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalPlace]:
    async with a_local_place(tmp_path_factory.mktemp("savepoints")) as place:
        yield place


def savepoints_of(place: LocalPlace, order: LaunchOrder) -> Path:
    return place.engine.state_folder(order.job_id).path / "savepoints"


async def until_on_disk(folder: Path) -> Path:
    """The savepoint below it, once Flink has written all of it; the engine is not asked."""
    async with asyncio.timeout(60):
        while not (found := list(folder.glob("*/_metadata"))):  # noqa: ASYNC110, ASYNC240 - another process's file
            await asyncio.sleep(0.02)
    return found[0].parent


async def until_told(place: LocalPlace, run: RunId, savepoint: Savepoint, wanted: SavepointSeen) -> Observation:
    async with asyncio.timeout(60):
        while (seen := await look(place.engine, run)).savepoints[savepoint.id].seen is not wanted:  # noqa: ASYNC110 - Flink's word
            await asyncio.sleep(0.05)
    return seen


async def test_a_savepoint_is_told_of_though_its_job_manager_died_before_anybody_looked(place: LocalPlace) -> None:
    await launch(place.engine, order := place.order("unbounded"), Seen.RUNNING)
    savepoint = a_savepoint(order.run, "7", stops_job=True)

    await place.engine.take_savepoint(order.run, savepoint)
    folder = await until_on_disk(savepoints_of(place, order) / savepoint.id)
    os.kill(place.pids(order.run, "jobmanager")[0], signal.SIGKILL)
    seen = await wait_for(place.engine, order.run, Seen.LOST)
    later = await place.reborn()
    again = await look(later, order.run)

    assert seen.savepoints[savepoint.id].seen is SavepointSeen.COMPLETED
    assert seen.savepoints[savepoint.id].path == f"file://{folder}"
    assert again == seen
    await later.discard(order.run)
    assert (folder / "_metadata").is_file()


async def test_a_savepoint_that_flink_told_of_is_known_when_the_pair_is_gone(place: LocalPlace) -> None:
    await launch(place.engine, order := place.order("unbounded"), Seen.RUNNING)
    savepoint = a_savepoint(order.run, "8", stops_job=True)

    await place.engine.take_savepoint(order.run, savepoint)
    ended = await wait_for(place.engine, order.run, Seen.FINISHED)
    for pid in place.pids(order.run):
        os.kill(pid, signal.SIGKILL)
    later = await place.reborn()

    assert ended.savepoints[savepoint.id].seen is SavepointSeen.COMPLETED
    assert (await look(later, order.run)).savepoints == ended.savepoints
    await later.discard(order.run)


@pytest.mark.parametrize("stops_job", [False, True])
async def test_a_savepoint_that_cannot_be_written_fails_and_the_job_runs_on(place: LocalPlace, stops_job: bool) -> None:
    await launch(place.engine, order := place.order("unbounded"), Seen.RUNNING)
    savepoint = a_savepoint(order.run, "9", stops_job=stops_job)
    savepoints_of(place, order).parent.mkdir(parents=True, exist_ok=True)
    savepoints_of(place, order).write_text("a file, where there should be a folder")

    await place.engine.take_savepoint(order.run, savepoint)
    seen = await until_told(place, order.run, savepoint, SavepointSeen.FAILED)
    later = await wait_for(place.engine, order.run, Seen.RUNNING)

    assert "savepoint" in seen.savepoints[savepoint.id].said.lower()
    assert later.restarts == 0
    await place.engine.discard(order.run)
