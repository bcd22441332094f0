"""Jobs that can never run: each says why in one sentence, and leaves no process behind."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from engines.local.places import LocalPlace, a_local_place
from penstock.domain.observation import Seen
from penstock.domain.run_sheet import Part
from penstock.testing.engine_suite import launch, look

pytestmark = [pytest.mark.anyio, pytest.mark.flink]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def place(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalPlace]:
    async with a_local_place(tmp_path_factory.mktemp("bad"), main_limit=3) as place:
        yield place


async def test_a_main_that_never_returns_is_refused_at_its_limit(place: LocalPlace) -> None:
    order = place.order_of("MainNeverReturns")

    began = time.monotonic()
    await place.engine.launch(order)
    assert time.monotonic() - began < 1
    seen = await launch(place.engine, order, Seen.REFUSED)

    assert seen.said == "The main() of the job did not return within 3 s, and handed no job to Flink"
    await place.engine.discard(order.run)


async def test_a_main_that_exits_is_refused_and_named(place: LocalPlace) -> None:
    seen = await launch(place.engine, order := place.order_of("MainExits"), Seen.REFUSED)

    assert "exit" in seen.said.lower()
    await place.engine.discard(order.run)


async def test_a_main_that_starts_no_job_is_refused(place: LocalPlace) -> None:
    seen = await launch(place.engine, order := place.order_of("MainStartsNoJob"), Seen.REFUSED)

    assert "execute()" in seen.said
    await place.engine.discard(order.run)


async def test_a_class_that_is_not_there_is_refused(place: LocalPlace) -> None:
    seen = await launch(place.engine, order := place.order_of("NotThere"), Seen.REFUSED)

    assert "io.penstock.testjobs.NotThere" in seen.said
    await place.engine.discard(order.run)


async def test_an_entrypoint_that_is_no_jar_is_refused(place: LocalPlace) -> None:
    order = place.order_of("Unbounded", entrypoint=place.part("x.jar", b"no jar at all"))

    seen = await launch(place.engine, order, Seen.REFUSED)

    assert seen.said
    await place.engine.discard(order.run)


async def test_a_content_that_is_gone_is_refused(place: LocalPlace) -> None:
    order = place.order_of("Unbounded", entrypoint=Part("x.jar", "e" * 64))

    seen = await launch(place.engine, order, Seen.REFUSED)

    assert "e" * 64 in seen.said
    await place.engine.discard(order.run)


async def test_a_refused_run_keeps_no_process_and_its_reason_outlives_the_engine(place: LocalPlace) -> None:
    order = place.order("refused")
    before = await launch(place.engine, order, Seen.REFUSED)

    async with asyncio.timeout(30):  # the reason is written down first, then the processes are ended
        while place.pids(order.run):  # noqa: ASYNC110 - the system kills, and there is nothing to hear
            await asyncio.sleep(0.05)
    later = await place.reborn()

    assert await look(later, order.run) == before
    await later.discard(order.run)
