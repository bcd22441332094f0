"""Every run whose logs are wanted has a loop of its own, for as long as it lives."""

import asyncio

import pytest

from control.theatre import Theatre
from penstock.control.log_shipper import LogShipper
from penstock.control.tools import Tools
from penstock.database.process_bell import ProcessBell
from penstock.domain.bucket import Bucket
from penstock.domain.lifecycle import News
from penstock.testing.builders import PROJECT
from penstock.testing.clock import NOON

pytestmark = pytest.mark.anyio


@pytest.fixture
async def stage():
    built = Theatre()
    await built.set_up()
    bucket = Bucket(project_id=PROJECT, name="logs", created_at=NOON, authorised=True)
    await built.memory.change(lambda tx: tx.buckets.add(bucket))
    return built


def a_shipper(stage):
    tools = Tools(
        records=stage.memory,
        clock=stage.clock,
        ids=stage.ids,
        bell=ProcessBell(),
        store=stage.objects,
        holder="me",
    )
    return LogShipper("here", stage.engine, tools, stage.leases[1])


async def run_of(stage, **spec):
    job_id = await stage.create(log_enabled=True, obs_bucket="logs", **spec)
    await stage.play(5)
    return job_id, (await stage.job(job_id)).run.id


async def until(condition):
    async with asyncio.timeout(5):
        while not await condition():  # noqa: ASYNC110 - there is nobody who could ring
            await asyncio.sleep(0)


async def test_a_run_is_shipped_by_a_loop_of_its_own_and_hurried_when_it_is_over(stage):
    job_id, _ = await run_of(stage)
    shipper = a_shipper(stage)

    async def is_shipped():
        return bool((await stage.objects.list(f"buckets/{PROJECT}/logs/jobs/logs/{job_id}_")).objects)

    async def is_settled():
        run = (await stage.job(job_id)).run
        return run.logs_shipped_at is not None

    async with asyncio.TaskGroup() as loops:
        await shipper.look(loops)
        await until(is_shipped)
        await stage.ask(job_id, News.STOP_ASKED)
        await stage.play(3)
        await shipper.look(loops)  # the loop would have slept for seconds
        await until(is_settled)
        await stage.play(2)
        await shipper.look(loops)
        shipper.close()

    assert (await stage.job(job_id)).live_run is None


async def test_letting_go_ends_every_loop(stage):
    await run_of(stage, name="one")
    await run_of(stage, name="two")
    shipper = a_shipper(stage)

    async with asyncio.timeout(5), asyncio.TaskGroup() as loops:
        await shipper.look(loops)
        await shipper.look(loops)
        shipper.close()
