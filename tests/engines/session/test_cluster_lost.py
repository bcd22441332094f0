"""What is said of runs when their cluster is silent, and when it is there without them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from clusters import MANAGER, Plan, SessionCluster, a_session_cluster
from engines.session.places import SessionPlace, a_session_place
from penstock.domain.errors import EngineUnavailable
from penstock.domain.footprint import Room
from penstock.domain.observation import SavepointSeen, Seen
from penstock.testing.engine_suite import a_savepoint, launch, look, wait_for

pytestmark = [pytest.mark.anyio, pytest.mark.flink]

CHECKPOINTS = {"checkpoint_enabled": True, "checkpoint_interval": 1}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def cluster(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SessionCluster]:
    async with a_session_cluster(tmp_path_factory.mktemp("cluster"), Plan(slots=4)) as cluster:
        yield cluster


@pytest.fixture
async def place(cluster: SessionCluster, tmp_path: Path) -> AsyncIterator[SessionPlace]:
    async with a_session_place(tmp_path, cluster, answer_limit=1) as place:
        yield place


async def anew(cluster: SessionCluster) -> None:
    """All its processes are killed, and new ones know nothing."""
    await cluster.kill()
    await cluster.start()


async def until_noted(place: SessionPlace, run, key: str) -> str:
    async with asyncio.timeout(60):
        while key not in (notes := (await place.around.notes.of_runs([run]))[run]):
            await look(place.engine, run)
            await asyncio.sleep(0.1)
    return notes[key]


async def test_a_paused_job_manager_is_silence_and_no_order_given_meanwhile_outlives_it(
    cluster: SessionCluster, place: SessionPlace
) -> None:
    await launch(place.engine, order := place.order("unbounded"), Seen.RUNNING)

    cluster.pause()
    try:
        silent = await look(place.engine, order.run)
        with pytest.raises(EngineUnavailable):
            await place.engine.discard(order.run)
        async with asyncio.timeout(10):
            while place.engine.health().ready:  # noqa: ASYNC110 - as an operator would
                await asyncio.sleep(0.1)
        room = place.engine.room()
    finally:
        cluster.resume()
    await cluster.until(lambda view: view.slots > 0)
    with pytest.raises(EngineUnavailable, match="looked at again"):
        await place.engine.discard(order.run)

    assert silent.seen is Seen.UNREACHABLE
    assert room == Room(slots=0)
    again = await wait_for(place.engine, order.run, Seen.RUNNING)
    assert again.restarts == 0
    await place.engine.discard(order.run)


async def test_a_cluster_started_anew_has_lost_its_runs_and_says_so_at_the_second_look(
    cluster: SessionCluster, place: SessionPlace
) -> None:
    order = place.order_of("Unbounded", **CHECKPOINTS)
    await launch(place.engine, order, Seen.RUNNING)
    await until_noted(place, order.run, "checkpoint")

    await anew(cluster)
    first = await look(place.engine, order.run)
    lost = await wait_for_lost(place, order.run)
    left = await place.engine.retained(order.job_id, [order.run])

    assert first.seen is Seen.UNREACHABLE
    assert "does not know the job any more" in lost.said
    assert left.had_state
    assert left.checkpoint.startswith(f"file://{place.around.jobs_folder}/{order.job_id}/state/checkpoints/")
    await place.engine.launch(order)
    assert (await look(place.engine, order.run)).seen is Seen.LOST
    await place.engine.discard(order.run)
    again = replace(place.order_of("Unbounded", **CHECKPOINTS), restore_from=left.checkpoint)
    await launch(place.engine, again, Seen.RUNNING)
    await place.engine.discard(again.run)


async def test_a_job_whose_launcher_died_before_it_could_note_that_it_arrived_can_be_lost(
    cluster: SessionCluster, place: SessionPlace
) -> None:
    order = place.order("unbounded")
    await launch(place.engine, order, Seen.RUNNING)
    await place.around.notes.forget(order.run)
    await place.around.notes.settle(order.run, "claimed", '{"job_id": 1, "state": "file:///nowhere"}')
    later = await place.reborn()

    seen = await look(later, order.run)
    await anew(cluster)

    assert seen.seen is Seen.RUNNING
    await wait_for_lost(place, order.run)


async def test_state_out_of_our_sight_is_known_by_flinks_own_word(cluster: SessionCluster, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    link = tmp_path / "state"
    link.symlink_to(real)
    async with a_session_place(tmp_path, cluster, state=f"file://{link}") as place:
        order = place.order_of("Unbounded", **CHECKPOINTS)
        await launch(place.engine, order, Seen.RUNNING)
        noted = await until_noted(place, order.run, "checkpoint")
        link.unlink()

        await anew(cluster)
        await wait_for_lost(place, order.run)
        left = await place.engine.retained(order.job_id, [order.run])

        assert (left.checkpoint, left.had_state) == (noted, True)


async def test_a_savepoint_is_told_of_though_its_cluster_went_before_anybody_looked(
    cluster: SessionCluster, place: SessionPlace
) -> None:
    await launch(place.engine, order := place.order("unbounded"), Seen.RUNNING)
    savepoint = a_savepoint(order.run, "7", stops_job=True)
    folder = place.engine.state_folder(order.job_id).path / "savepoints" / savepoint.id

    await place.engine.take_savepoint(order.run, savepoint)
    async with asyncio.timeout(60):
        while not list(folder.glob("*/_metadata")):  # noqa: ASYNC110 - another process's file
            await asyncio.sleep(0.02)
    await cluster.kill()
    silent = await look(place.engine, order.run)
    await cluster.start()
    seen = await wait_for_lost(place, order.run)

    assert silent.seen is Seen.UNREACHABLE
    assert silent.savepoints[savepoint.id].seen is SavepointSeen.COMPLETED
    assert seen.savepoints == silent.savepoints
    await place.engine.discard(order.run)
    assert len(list(folder.glob("*/_metadata"))) == 1


async def test_a_savepoint_out_of_our_sight_is_known_by_flinks_own_word(
    cluster: SessionCluster, tmp_path: Path
) -> None:
    real = tmp_path / "real"
    real.mkdir()
    link = tmp_path / "state"
    link.symlink_to(real)
    async with a_session_place(tmp_path, cluster, state=f"file://{link}") as place:
        await launch(place.engine, order := place.order("unbounded"), Seen.RUNNING)
        savepoint = a_savepoint(order.run, "8", stops_job=True)
        await place.engine.take_savepoint(order.run, savepoint)
        ended = await wait_for(place.engine, order.run, Seen.FINISHED)
        link.unlink()

        await anew(cluster)
        later = await place.reborn()

        assert ended.savepoints[savepoint.id].path.startswith(f"file:{link}/")
        assert (await look(later, order.run)).savepoints == ended.savepoints


async def test_a_job_manager_that_recovers_its_jobs_has_lost_none(tmp_path: Path) -> None:
    plan = Plan(slots=2, high_availability=True)
    async with a_session_cluster(tmp_path / "c", plan) as cluster, a_session_place(tmp_path, cluster) as place:
        order = place.order_of("Unbounded", restart_when_exception=True, **CHECKPOINTS)
        await launch(place.engine, order, Seen.RUNNING)
        await until_noted(place, order.run, "checkpoint")

        await cluster.kill(MANAGER)
        gone = await look(place.engine, order.run)
        cluster.start_manager()
        again = await wait_for(place.engine, order.run, Seen.RUNNING)  # and nothing on the way there that is an end

        assert gone.seen is Seen.UNREACHABLE
        assert again.run == order.run


async def test_a_cluster_that_is_gone_before_a_run_reaches_it_is_waited_for(
    cluster: SessionCluster, place: SessionPlace
) -> None:
    await cluster.kill()

    await place.engine.launch(order := place.order("unbounded"))
    gone = await look(place.engine, order.run)
    await cluster.start()
    seen = await wait_for(place.engine, order.run, Seen.RUNNING)

    assert gone.seen is Seen.UNREACHABLE
    assert seen.restarts == 0
    await place.engine.discard(order.run)


async def test_a_dead_task_manager_is_flinks_own_affair_and_counted(
    cluster: SessionCluster, place: SessionPlace
) -> None:
    order = place.order_of("Unbounded", restart_when_exception=True)
    await launch(place.engine, order, Seen.RUNNING)
    worker = next(name for name in cluster.processes if name != MANAGER)

    await cluster.kill(worker)
    await wait_for(place.engine, order.run, Seen.RESTARTING)
    cluster.start_worker()
    await wait_for(place.engine, order.run, Seen.RUNNING)

    async with asyncio.timeout(30):
        while (seen := await look(place.engine, order.run)).restarts == 0:  # noqa: ASYNC110 - Flink's word
            await asyncio.sleep(0.1)
    assert seen.seen is Seen.RUNNING
    await place.engine.discard(order.run)


async def wait_for_lost(place: SessionPlace, run) -> object:
    async with asyncio.timeout(60):
        while (seen := await look(place.engine, run)).seen is not Seen.LOST:
            assert seen.seen is Seen.UNREACHABLE
            await asyncio.sleep(0.2)
    return seen
