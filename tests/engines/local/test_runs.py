"""What runs get on this machine, what becomes of them when processes die, and what is left when they are gone."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from engines.local.places import LocalPlace, a_local_place
from penstock.domain.observation import Seen
from penstock.testing.engine_suite import launch, look, wait_for

pytestmark = [pytest.mark.anyio, pytest.mark.flink]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def place(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalPlace]:
    async with a_local_place(tmp_path_factory.mktemp("runs")) as place:
        yield place


async def test_data_files_are_resources_and_files_under_the_working_directory(place: LocalPlace) -> None:
    files = (place.part("myGroup/test.csv", b"a,b\n"), place.part("myGroup/数据.csv", b"c\n"))
    order = place.order_of("ReadsUserData", ("test.csv", "数据.csv"), files=files)

    await launch(place.engine, order, Seen.RUNNING)

    await place.engine.discard(order.run)


async def test_a_footprint_is_what_really_starts(place: LocalPlace) -> None:
    order = place.order("unbounded")
    footprint = replace(order.sheet.footprint, task_managers=2, slots=2, parallelism=4)
    order = replace(order, sheet=replace(order.sheet, footprint=footprint))

    await launch(place.engine, order, Seen.RUNNING)

    assert len(place.pids(order.run, "taskmanager")) == 2
    graph = await place.engine.graph(order.run)
    assert graph is not None
    assert {vertex["parallelism"] for vertex in graph["vertices"]} == {4}  # type: ignore[attr-defined]  # JSON
    await place.engine.discard(order.run)


async def test_a_run_counts_from_its_own_start_not_from_that_of_its_warm_pair(place: LocalPlace) -> None:
    await place.until_idle()
    began = place.around.clock.now()
    order = place.order("unbounded")

    await place.engine.launch(order)
    times = []
    while (seen := await look(place.engine, order.run)).seen is not Seen.RUNNING:
        times += [seen.since] if seen.since else []
        await asyncio.sleep(0.005)

    assert times
    assert min(times) >= began
    await place.engine.discard(order.run)


async def test_a_job_manager_that_dies_under_main_is_a_lost_run(place: LocalPlace) -> None:
    order = place.order_of("MainNeverReturns")
    await place.engine.launch(order)
    async with asyncio.timeout(60):
        while not list(place.around.folder.glob("pairs/*/submitting")):  # noqa: ASYNC110 - as another process would
            await asyncio.sleep(0.05)

    os.kill(place.pids(order.run, "jobmanager")[0], signal.SIGKILL)
    await wait_for(place.engine, order.run, Seen.LOST)
    await place.engine.launch(order)

    assert (await look(place.engine, order.run)).seen is Seen.LOST
    await place.engine.discard(order.run)


async def test_a_dead_job_manager_is_a_lost_run_and_is_not_revived(place: LocalPlace) -> None:
    await launch(place.engine, order := place.order("unbounded"), Seen.RUNNING)

    os.kill(place.pids(order.run, "jobmanager")[0], signal.SIGKILL)
    seen = await wait_for(place.engine, order.run, Seen.LOST)
    await place.engine.launch(order)

    assert seen.said == "Its JobManager is gone"
    assert (await look(place.engine, order.run)).seen is Seen.LOST
    await place.engine.discard(order.run)
    assert (await look(place.engine, order.run)).seen is Seen.ABSENT


async def test_a_dead_task_manager_is_damage_that_a_launch_makes_whole(place: LocalPlace) -> None:
    order = place.order("unbounded")
    spec = replace(order.sheet.spec, restart_when_exception=True)  # else Flink gives the job up
    order = replace(order, sheet=replace(order.sheet, spec=spec))
    await launch(place.engine, order, Seen.RUNNING)
    old = place.pids(order.run, "taskmanager")

    os.kill(old[0], signal.SIGKILL)
    async with asyncio.timeout(30):  # the system takes a moment to end it, and there is nothing to hear
        damaged = await look(place.engine, order.run)
        while not damaged.damaged:
            await asyncio.sleep(0.02)
            damaged = await look(place.engine, order.run)
    async with asyncio.timeout(
        30
    ):  # ordered again until it is done, as controllers do: its first launch may still watch
        while not (new := place.pids(order.run, "taskmanager")):
            await place.engine.launch(order)
            await asyncio.sleep(0.05)

    assert len(new) == 1
    assert new != old
    await place.engine.discard(order.run)


async def test_a_stopped_jvm_is_silence_and_can_be_discarded(place: LocalPlace) -> None:
    await launch(place.engine, order := place.order("unbounded"), Seen.RUNNING)
    manager = place.pids(order.run, "jobmanager")[0]

    os.kill(manager, signal.SIGSTOP)
    seen = await look(place.engine, order.run)
    os.kill(manager, signal.SIGCONT)
    again = await wait_for(place.engine, order.run, Seen.RUNNING)
    os.kill(manager, signal.SIGSTOP)
    await place.engine.discard(order.run)

    assert seen.seen is Seen.UNREACHABLE
    assert again.seen is Seen.RUNNING
    assert (await look(place.engine, order.run)).seen is Seen.ABSENT


async def test_nothing_is_left_of_a_run_but_its_retained_state(place: LocalPlace) -> None:
    await launch(place.engine, order := place.order("unbounded"), Seen.RUNNING)
    pids = place.pids(order.run)
    pair = place.processes()[pids[0]]["penstock.pair"]
    state = place.around.jobs_folder / str(order.job_id) / "state"
    state.mkdir(parents=True, exist_ok=True)

    await place.engine.discard(order.run)

    assert len(pids) == 2
    assert not {str(pid) for pid in pids} & names_in(Path("/proc"))
    assert pair not in names_in(place.around.folder / "pairs")
    assert state.is_dir()


async def test_a_stranger_without_the_certificate_is_turned_away(place: LocalPlace) -> None:
    await launch(place.engine, order := place.order("unbounded"), Seen.RUNNING)
    address = (await look(place.engine, order.run)).address
    port = int(address.rpartition(":")[2])

    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /overview HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    answer = await reader.read(100)
    writer.close()

    assert address.startswith("https://127.0.0.1:")
    assert b" 200 " not in answer
    await place.engine.discard(order.run)


def names_in(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}
