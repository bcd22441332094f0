"""A submission that is refused without a run leaves its reason in the bucket, whoever dies on the way."""

import contextlib
from datetime import timedelta

import pytest

from control.theatre import Died, Theatre
from penstock.domain.bucket import Bucket
from penstock.domain.errors import StoreFull
from penstock.domain.lifecycle import News, State
from penstock.domain.plan import Rules
from penstock.testing.builders import PROJECT
from penstock.testing.clock import NOON

pytestmark = pytest.mark.anyio

ROOT = f"buckets/{PROJECT}/logs/"
WANTED = {"name": "test", "queue_name": "gone", "log_enabled": True, "obs_bucket": "logs"}


@pytest.fixture
async def stage():
    return await a_stage()


async def a_stage():
    built = Theatre(Rules(log_limit=timedelta(seconds=10)))
    await built.set_up()
    await add_bucket(built)
    return built


async def add_bucket(stage):
    bucket = Bucket(project_id=PROJECT, name="logs", created_at=NOON, authorised=True)
    await stage.memory.change(lambda tx: tx.buckets.add(bucket))


async def refused(stage, **changes):
    job_id = await stage.create(**WANTED | changes)
    await stage.play()
    assert await stage.state(job_id) is State.LAUNCH_FAILED
    return job_id


async def keys(stage):
    return [found.key.removeprefix(ROOT) for found in (await stage.objects.list(ROOT)).objects]


async def lost(stage, job_id):
    facts = await stage.memory.look(lambda tx: tx.history.of_job(job_id))
    return [fact.reason.code.value for fact in facts if fact.what == "logs_lost"]


async def due(stage):
    return len(await stage.memory.look(lambda tx: tx.submit_logs.due()))


async def test_a_refused_submission_leaves_its_reason(stage):
    job_id = await refused(stage)

    await stage.ship_refusals()

    [key] = await keys(stage)
    said = b"".join([piece async for piece in stage.objects.read(ROOT + key)])
    assert key.startswith(f"jobs/logs/{job_id}_test/submit-client/{NOON:%Y%m%dT%H%M%SZ}-")
    assert said.decode() == f"{NOON.isoformat()} The submission failed.\nThe queue gone is gone.\n"
    assert await due(stage) == 0


async def test_a_job_without_logs_leaves_none(stage):
    await refused(stage, log_enabled=False)

    assert await due(stage) == 0


async def test_a_second_refusal_leaves_the_first_where_it_is(stage):
    job_id = await refused(stage)
    await stage.ship_refusals()

    await stage.ask(job_id, News.RUN_ASKED)
    await stage.play()
    await stage.ship_refusals()

    assert len(await keys(stage)) == 2


async def test_a_job_that_is_asked_to_run_or_deleted_meanwhile_leaves_it_all_the_same(stage):
    job_id = await refused(stage)

    await stage.ask(job_id, News.RUN_ASKED)
    await stage.delete(job_id)
    await stage.ship_refusals()

    assert len(await keys(stage)) == 1


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, 10))
async def test_whoever_dies_leaves_it_to_the_next_and_nothing_is_doubled(step, after):
    stage = await a_stage()
    await stage.create(**WANTED)

    stage.fuse.left, stage.fuse.after = step, after
    with contextlib.suppress(Died):
        await stage.leases[0].renew()
        await stage.admitter.look()
        await stage.ship_refusals()
    stage.fuse.left = None
    stage.raise_curtain()
    await stage.play()
    await stage.ship_refusals()

    assert (len(await keys(stage)), await due(stage)) == (1, 0)


async def test_a_full_store_is_tried_again_and_given_up_after_the_limit(stage):
    job_id = await refused(stage)
    stage.objects.trouble = StoreFull()

    await stage.ship_refusals()
    before = await lost(stage, job_id)
    stage.clock.advance(10)
    await stage.ship_refusals()
    await stage.ship_refusals()

    assert (before, await lost(stage, job_id), await due(stage)) == ([], ["logs_given_up"], 0)


async def test_a_service_that_was_down_for_longer_than_the_limit_stores_it_all_the_same(stage):
    job_id = await refused(stage)

    stage.clock.advance(3600)
    await stage.ship_refusals()

    assert (len(await keys(stage)), await lost(stage, job_id)) == (1, [])


async def test_a_bucket_that_is_gone_is_waited_for_until_the_limit(stage):
    job_id = await refused(stage)
    await stage.memory.change(lambda tx: tx.buckets.delete(PROJECT, "logs"))
    await stage.ship_refusals()
    before = await lost(stage, job_id)
    stage.clock.advance(10)
    await stage.ship_refusals()

    assert (before, await lost(stage, job_id)) == ([], ["logs_given_up"])
    assert (await keys(stage), await due(stage)) == ([], 0)


async def test_a_bucket_that_is_made_again_in_time_gets_it(stage):
    job_id = await refused(stage)
    await stage.memory.change(lambda tx: tx.buckets.delete(PROJECT, "logs"))
    await stage.ship_refusals()
    await add_bucket(stage)
    await stage.ship_refusals()

    assert (len(await keys(stage)), await lost(stage, job_id)) == (1, [])


async def test_an_object_that_comes_after_its_bucket_went_is_taken_back(stage):
    await refused(stage)
    put = stage.objects.put

    async def put_after_deletion(key, data):
        await stage.memory.change(lambda tx: tx.buckets.delete(PROJECT, "logs"))
        await put(key, data)

    stage.objects.put = put_after_deletion
    stage.raise_curtain()
    await stage.ship_refusals()

    assert (await keys(stage), await due(stage)) == ([], 1)
