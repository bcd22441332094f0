"""The service is killed with SIGKILL: nothing of its runs is lost, nothing is done twice, nothing unused stays."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from engines.local.places import LocalPlace, a_local_place
from penstock.domain.observation import Seen
from penstock.domain.run import RunId
from penstock.testing.engine_suite import look, wait_for

pytestmark = [pytest.mark.anyio, pytest.mark.flink]

INSTALLATION = "0a0b0c0d"
_SRC = Path(__file__).parents[3]


@asynccontextmanager
async def a_service(folder: Path, job: str) -> AsyncIterator[tuple[Process, RunId]]:
    path = os.pathsep.join([str(_SRC / "src"), str(_SRC / "tests")])
    service = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "engines.local.serving", str(folder), INSTALLATION, job),
        stdout=PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert service.stdout is not None
    try:
        yield service, RunId((await service.stdout.readline()).decode().strip())
    finally:
        if service.returncode is None:
            service.kill()
        await service.wait()


async def running(service: Process) -> None:
    assert service.stdout is not None
    assert (await service.stdout.readline()).strip() == b"running"


def jvms(folder: Path) -> dict[int, dict[str, str]]:
    return LocalPlace(folder, INSTALLATION).processes()


async def until_jvms(folder: Path, count: int) -> None:
    async with asyncio.timeout(60):
        while len(jvms(folder)) < count:  # noqa: ASYNC110 - another process's children
            await asyncio.sleep(0.05)


async def test_a_running_job_is_adopted_as_it_is(tmp_path: Path) -> None:
    async with a_service(tmp_path, "Unbounded") as (service, run):
        await running(service)
        service.kill()
        await service.wait()
    before = {pid for pid, tags in jvms(tmp_path).items()}

    async with a_local_place(tmp_path, INSTALLATION) as place:
        seen = await wait_for(place.engine, run, Seen.RUNNING)
        graph = await place.engine.graph(run)
        mine = set(place.pids(run))

    assert seen.restarts == 0
    assert graph is not None
    assert graph["jid"] == INSTALLATION + run
    assert mine <= before
    assert jvms(tmp_path) == {}


async def test_a_start_that_was_interrupted_is_begun_anew_and_runs_once(tmp_path: Path) -> None:
    async with a_service(tmp_path, "Unbounded") as (service, run):
        await until_jvms(tmp_path, 2)
        service.kill()
        await service.wait()

    async with a_local_place(tmp_path, INSTALLATION, pool_size=0) as place:
        order = replace(place.order("unbounded"), run=run)
        await place.engine.launch(order)
        await wait_for(place.engine, run, Seen.RUNNING)
        claims = list(tmp_path.glob("here/pairs/*/claim"))  # noqa: ASYNC240 - quick

    assert len(claims) == 1
    assert jvms(tmp_path) == {}


async def test_a_main_that_was_interrupted_is_still_found_wanting(tmp_path: Path) -> None:
    async with a_service(tmp_path, "MainNeverReturns") as (service, run):
        async with asyncio.timeout(90):
            while not list(tmp_path.glob("here/pairs/*/submitting")):  # noqa: ASYNC110, ASYNC240 - another's file
                await asyncio.sleep(0.05)
        service.kill()
        await service.wait()

    async with a_local_place(tmp_path, INSTALLATION, pool_size=0, main_limit=3) as place:
        between = await look(place.engine, run)
        await place.engine.launch(replace(place.order_of("MainNeverReturns"), run=run))
        seen = await wait_for(place.engine, run, Seen.REFUSED)

    assert between.seen is Seen.PREPARING
    assert "did not return" in seen.said
    assert jvms(tmp_path) == {}


async def test_unused_pairs_go_back_into_the_pool(tmp_path: Path) -> None:
    async with a_service(tmp_path, "Unbounded") as (service, _):
        await running(service)
        async with asyncio.timeout(120):
            while len(list(tmp_path.glob("here/pairs/*/ready"))) < 2:  # noqa: ASYNC110, ASYNC240 - another's file
                await asyncio.sleep(0.1)
        service.kill()
        await service.wait()
    before = set(jvms(tmp_path))

    async with a_local_place(tmp_path, INSTALLATION) as place:
        await asyncio.wait_for(place.until_idle(), 5)
        order = place.order("unbounded")
        await place.engine.launch(order)
        await wait_for(place.engine, order.run, Seen.RUNNING)
        used = set(place.pids(order.run))

    assert used <= before
    assert jvms(tmp_path) == {}
