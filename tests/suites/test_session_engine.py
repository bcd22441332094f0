"""The session engine keeps the promises of the engine port, on a real cluster; with TLS and a client certificate too."""

from collections.abc import AsyncIterator

import pytest

from clusters import Plan, SessionCluster, a_session_cluster
from engines.session.places import SessionPlace, a_session_place
from penstock.engines.session.engine import SessionEngine
from penstock.testing.engine_suite import EngineSuite, Orders, Reborn

pytestmark = pytest.mark.flink


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "tls"])
async def cluster(
    anyio_backend: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[SessionCluster]:
    plan = Plan(task_managers=2, slots=2, tls=request.param)
    async with a_session_cluster(tmp_path_factory.mktemp("cluster"), plan) as cluster:
        yield cluster


@pytest.fixture(scope="module")
async def place(cluster: SessionCluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SessionPlace]:
    files = {"ca": cluster.pem, "certificate": cluster.pem} if cluster.plan.tls else {}
    async with a_session_place(tmp_path_factory.mktemp("place"), cluster, **files) as place:
        yield place


@pytest.fixture
def engine(place: SessionPlace) -> SessionEngine:
    return place.engine


@pytest.fixture
def order(place: SessionPlace) -> Orders:
    return place.order


@pytest.fixture
def reborn(place: SessionPlace) -> Reborn:
    return place.reborn


class TestSessionEngine(EngineSuite):
    """See the suite."""
