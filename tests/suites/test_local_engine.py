"""The local engine keeps the promises of the engine port, on real Flink."""

from collections.abc import AsyncIterator

import pytest

from engines.local.places import LocalPlace, a_local_place
from penstock.engines.local.engine import LocalEngine
from penstock.testing.engine_suite import EngineSuite, Orders, Reborn

pytestmark = pytest.mark.flink


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def place(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalPlace]:
    async with a_local_place(tmp_path_factory.mktemp("local")) as place:
        yield place


@pytest.fixture
def engine(place: LocalPlace) -> LocalEngine:
    return place.engine


@pytest.fixture
def order(place: LocalPlace) -> Orders:
    return place.order


@pytest.fixture
def reborn(place: LocalPlace) -> Reborn:
    return place.reborn


class TestLocalEngine(EngineSuite):
    """See the suite."""
