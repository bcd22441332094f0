"""Many jobs on one cluster, ours and others'; several controllers; what is left, and what never comes back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clusters import Plan, SessionCluster, a_session_cluster
from engines.local.places import TEST_JOBS
from engines.session.places import SessionPlace, a_session_place
from penstock.domain.errors import EngineUnavailable
from penstock.domain.footprint import Room
from penstock.domain.observation import Seen
from penstock.domain.run import flink_job_id
from penstock.flink.rest import FlinkRest, Submission
from penstock.flink.states import JobView
from penstock.testing.engine_suite import launch, look, wait_for

pytestmark = [pytest.mark.anyio, pytest.mark.flink]

FOREIGN = "f" * 32


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def cluster(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SessionCluster]:
    async with a_session_cluster(tmp_path_factory.mktemp("cluster"), Plan(slots=4)) as cluster:
        yield cluster


@pytest.fixture
async def place(cluster: SessionCluster, tmp_path: Path) -> AsyncIterator[SessionPlace]:
    async with a_session_place(tmp_path, cluster, main_limit=3) as place:
        yield place


@pytest.fixture
async def rest(cluster: SessionCluster) -> AsyncIterator[FlinkRest]:
    rest = cluster.rest()
    yield rest
    await rest.close()


async def until_room(place: SessionPlace, slots: int) -> None:
    async with asyncio.timeout(60):
        while place.engine.room() != Room(slots=slots):  # noqa: ASYNC110 - as the admitter would
            await asyncio.sleep(0.1)


async def job_of(rest: FlinkRest, place: SessionPlace, run) -> JobView | None:
    return await rest.job(flink_job_id(place.around.installation, run))


async def test_a_job_of_somebody_else_takes_its_slots_and_is_never_touched(
    place: SessionPlace, rest: FlinkRest
) -> None:
    await until_room(place, 4)
    jar = await rest.upload(TEST_JOBS, "theirs")
    theirs = Submission(job_id=FOREIGN, main_class="io.penstock.testjobs.Unbounded", arguments=(), parallelism=3)
    assert await rest.run(jar, theirs) is None

    await until_room(place, 1)
    await launch(place.engine, order := place.order("unbounded"), Seen.RUNNING)
    listed = await place.engine.list_runs()
    for run in listed:
        await place.engine.discard(run)

    assert set(listed) == {order.run}
    view = await rest.job(FOREIGN)
    assert view is not None
    assert view.state == "RUNNING"
    await rest.cancel(FOREIGN)
    await rest.delete_jars("theirs")
    await until_room(place, 4)


async def test_a_job_waits_in_flink_for_slots_that_a_new_task_manager_brings(
    cluster: SessionCluster, place: SessionPlace
) -> None:
    order = place.order_of("Unbounded", parallelism=6)
    await launch(place.engine, order, Seen.STARTING)
    async with asyncio.timeout(20):
        while (await look(place.engine, order.run)).since is not None:  # noqa: ASYNC110 - Flink's word
            await asyncio.sleep(0.1)
    waits = await look(place.engine, order.run)

    worker = cluster.start_worker()
    await wait_for(place.engine, order.run, Seen.RUNNING)
    await until_room(place, 8)

    assert (waits.seen, waits.since) == (Seen.STARTING, None)
    await place.engine.discard(order.run)
    await cluster.kill(worker)
    await until_room(place, 4)


async def test_two_controllers_that_launch_one_run_make_one_job(place: SessionPlace, rest: FlinkRest) -> None:
    other = place.another()
    await place.serve(other)
    order = place.order("unbounded")

    await asyncio.gather(place.engine.launch(order), other.launch(order))
    await wait_for(other, order.run, Seen.RUNNING)
    await place.engine.launch(order)

    assert (await look(place.engine, order.run)).seen is Seen.RUNNING
    ours = [id for id in await rest.jobs() if id.startswith(place.around.installation)]
    assert ours == [flink_job_id(place.around.installation, order.run)]
    await other.discard(order.run)
    assert (await look(place.engine, order.run)).seen is Seen.ABSENT


async def test_a_run_that_nobody_noted_is_listed_and_can_be_discarded(place: SessionPlace, rest: FlinkRest) -> None:
    await launch(place.engine, order := place.order("unbounded"), Seen.RUNNING)
    await place.around.notes.forget(order.run)
    later = await place.reborn()

    listed = await later.list_runs()
    await later.discard(order.run)

    assert order.run in listed
    assert (await look(later, order.run)).seen is Seen.ABSENT
    assert order.run not in await later.list_runs()
    view = await job_of(rest, place, order.run)
    assert view is not None
    assert view.state == "CANCELED"


async def test_a_launch_that_nobody_is_left_to_finish_is_not_called_absent_while_its_job_may_come(
    place: SessionPlace,
) -> None:
    order = place.order("unbounded")
    await place.around.notes.settle(order.run, "claimed", '{"job_id": 1, "state": "file:///nowhere"}')
    await place.around.notes.settle(order.run, "submitting", place.around.clock.now().isoformat())

    seen = await look(place.engine, order.run)
    with pytest.raises(EngineUnavailable, match="may still run"):
        await place.engine.discard(order.run)
    async with asyncio.timeout(20):
        while (await look(place.engine, order.run)).seen is not Seen.ABSENT:
            try:
                await place.engine.discard(order.run)
            except EngineUnavailable:
                await asyncio.sleep(0.2)

    assert seen.seen is Seen.PREPARING


async def test_a_main_that_does_not_return_is_refused_and_leaves_no_jar(
    place: SessionPlace, rest: FlinkRest, cluster: SessionCluster
) -> None:
    order = place.order_of("MainNeverReturns")

    refused = await launch(place.engine, order, Seen.REFUSED)
    await place.engine.discard(order.run)

    assert "did not return within 3 s" in refused.said
    assert uploaded(cluster) == []


async def test_a_run_that_is_stopped_before_its_main_returns_never_comes(place: SessionPlace) -> None:
    order = place.order_of("MainNeverReturns")
    await place.engine.launch(order)
    await wait_for(place.engine, order.run, Seen.PREPARING)

    await place.engine.stop(order.run)

    assert (await look(place.engine, order.run)).seen in {Seen.CANCELED, Seen.REFUSED}
    await place.engine.discard(order.run)
    assert (await look(place.engine, order.run)).seen is Seen.ABSENT


async def test_a_run_that_is_halted_is_over_and_says_so(place: SessionPlace) -> None:
    await launch(place.engine, order := place.order("unbounded"), Seen.RUNNING)

    await place.engine.halt(order.run)
    await place.engine.halt(order.run)

    seen = await look(place.engine, order.run)
    assert (seen.seen, seen.halted) == (Seen.LOST, True)
    assert (await place.engine.logs(order.run)).is_final
    await place.engine.discard(order.run)


async def test_no_jar_stays_once_a_job_was_handed_over(place: SessionPlace, cluster: SessionCluster) -> None:
    await launch(place.engine, order := place.order("unbounded"), Seen.RUNNING)

    async with asyncio.timeout(10):
        while uploaded(cluster):  # noqa: ASYNC110 - another process's folder
            await asyncio.sleep(0.1)

    await place.engine.discard(order.run)


async def test_the_place_is_what_its_cluster_says(place: SessionPlace) -> None:
    able, health = place.engine.capabilities, place.engine.health()

    assert (able.flink_versions, able.default_flink_version, able.java) == (("1.20",), "1.20", 21)
    assert (able.logs, able.several_job_managers, able.bound, able.many_projects, able.steady_room) == (False,) * 5
    assert (health.ready, health.said, health.facts["slots"], health.facts["task_managers"]) == (True, "", 4.0, 1.0)


def uploaded(cluster: SessionCluster) -> list[str]:
    return [path.name for path in cluster.folder.glob("tmp/flink-web-upload/*.jar")]
