"""A JobManager, two TaskManagers and our host, each a machine of its own, and the cables between them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clusters import MANAGER, Plan, SessionCluster, a_session_cluster
from engines.session.places import SessionPlace, a_session_place
from networks import Network, a_network, lack
from penstock.domain.errors import EngineUnavailable
from penstock.domain.footprint import Room
from penstock.domain.observation import Seen
from penstock.testing.engine_suite import launch, look, wait_for

_LACK = lack()
pytestmark = [pytest.mark.anyio, pytest.mark.flink, pytest.mark.skipif(bool(_LACK), reason=_LACK or "-")]

WORKERS = ("taskmanager-1", "taskmanager-2")
OURS = "ours"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def cluster(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SessionCluster]:
    with a_network(MANAGER, *WORKERS, OURS) as network, network.here(OURS):
        plan = Plan(network=network, task_managers=len(WORKERS), slots=1)
        async with a_session_cluster(tmp_path_factory.mktemp("cluster"), plan) as cluster:
            yield cluster


@pytest.fixture
def network(cluster: SessionCluster) -> Network:
    assert cluster.plan.network is not None
    return cluster.plan.network


@pytest.fixture
async def place(cluster: SessionCluster, tmp_path: Path) -> AsyncIterator[SessionPlace]:
    async with a_session_place(tmp_path, cluster, answer_limit=1) as place:
        yield place


async def until_ready(place: SessionPlace, *, ready: bool) -> None:
    async with asyncio.timeout(60):
        while place.engine.health().ready is not ready:  # noqa: ASYNC110 - as an operator would
            await asyncio.sleep(0.1)


async def test_a_cluster_cut_off_from_us_is_silent_and_its_job_goes_on_as_if_nothing_was(
    place: SessionPlace, network: Network
) -> None:
    order = place.order_of("Unbounded", parallelism=2)
    await launch(place.engine, order, Seen.RUNNING)
    before = await place.engine.graph(order.run)

    network.cut(OURS)
    cut = [await look(place.engine, order.run) for _ in range(3)]
    with pytest.raises(EngineUnavailable):
        await place.engine.discard(order.run)
    await until_ready(place, ready=False)
    room = place.engine.room()
    network.heal(OURS)
    await until_ready(place, ready=True)

    assert [seen.seen for seen in cut] == [Seen.UNREACHABLE] * 3
    assert room == Room(slots=0)
    after = await wait_for(place.engine, order.run, Seen.RUNNING)
    graph = await place.engine.graph(order.run)
    assert before is not None
    assert graph is not None
    assert (after.restarts, graph["start-time"]) == (0, before["start-time"])
    await place.engine.discard(order.run)


async def test_a_launch_that_is_cut_off_on_its_way_arrives_once(place: SessionPlace, network: Network) -> None:
    order = place.order("unbounded")

    network.cut(MANAGER)
    await place.engine.launch(order)
    silent = await look(place.engine, order.run)
    network.heal(MANAGER)
    seen = await wait_for(place.engine, order.run, Seen.RUNNING)

    assert (silent.seen, seen.restarts) == (Seen.UNREACHABLE, 0)
    assert list(await place.engine.list_runs()) == [order.run]
    await place.engine.discard(order.run)


async def test_a_task_manager_cut_off_is_flinks_own_affair_and_its_job_is_restarted_in_place(
    place: SessionPlace, network: Network
) -> None:
    order = place.order_of("Unbounded", parallelism=2, restart_when_exception=True)
    await launch(place.engine, order, Seen.RUNNING)

    network.cut(WORKERS[0])
    await wait_for(place.engine, order.run, Seen.RESTARTING)
    network.heal(WORKERS[0])
    seen = await wait_for(place.engine, order.run, Seen.RUNNING)
    async with asyncio.timeout(60):
        while seen.restarts == 0:
            seen = await look(place.engine, order.run)
            await asyncio.sleep(0.2)

    assert (seen.run, seen.seen) == (order.run, Seen.RUNNING)
    await place.engine.discard(order.run)


async def test_everybody_cut_off_from_everybody_finds_together_again(place: SessionPlace, network: Network) -> None:
    order = place.order_of("Unbounded", parallelism=2, restart_when_exception=True)
    await launch(place.engine, order, Seen.RUNNING)

    for name in (*WORKERS, MANAGER, OURS):
        network.cut(name)
    silent = await look(place.engine, order.run)
    await until_ready(place, ready=False)
    for name in (OURS, MANAGER, *WORKERS):
        network.heal(name)
    await until_ready(place, ready=True)
    again = await wait_for(place.engine, order.run, Seen.RUNNING)

    assert silent.seen is Seen.UNREACHABLE
    assert again.run == order.run
    assert list(await place.engine.list_runs()) == [order.run]
    await place.engine.discard(order.run)
