"""Savepoints reach their bucket, whole and once, whoever dies on the way."""

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
import structlog

from control.savepoint_stage import ROOT, a_stage, keys_of, take_the_lease
from control.theatre import Died
from penstock.control.leases import LeaseKeeper
from penstock.control.savepoint_shipper import SavepointShipper
from penstock.domain.errors import StoreFull, StoreUnavailable
from penstock.testing.clock import NOON
from penstock.testing.engine import SAVEPOINT_FILES

pytestmark = pytest.mark.anyio


@pytest.fixture
async def stage(tmp_path):
    return await a_stage(tmp_path)


async def test_a_savepoint_is_copied_where_it_was_wanted_and_its_history_says_so(stage):
    job_id = await stage.running()
    kept = await stage.savepoint(job_id)

    await stage.ship_savepoints()

    assert await stage.keys() == keys_of(kept)
    for name, data in SAVEPOINT_FILES.items():
        stored = stage.objects.read(f"{ROOT}{kept.copy.removeprefix('b/')}/{name}")
        assert b"".join([piece async for piece in stored]) == data
    assert (await stage.job(job_id)).newest_savepoint == kept.copied(stage.clock.now())
    assert await stage.whats(job_id) == ["savepoint_copied"]


async def test_the_metadata_is_copied_last(stage):
    job_id, order, put = await stage.running(), [], stage.objects.put_file
    await stage.savepoint(job_id)

    async def noting(key, source):
        order.append(source.name)
        await put(key, source)

    stage.objects.put_file = noting
    stage.raise_curtain()
    await stage.ship_savepoints()

    assert (len(order), order[-1]) == (len(SAVEPOINT_FILES), "_metadata")


async def test_nobody_copies_what_nobody_wanted_copied(stage):
    job_id = await stage.running()
    await stage.savepoint(job_id, copy_to="")

    await stage.ship_savepoints()

    assert (await stage.keys(), await stage.whats(job_id)) == ([], [])


async def test_what_is_copied_is_not_copied_again(stage):
    job_id = await stage.running()
    await stage.savepoint(job_id)
    await stage.ship_savepoints()
    stage.objects.trouble = StoreFull()

    await stage.ship_savepoints()

    assert await stage.whats(job_id) == ["savepoint_copied"]


async def test_a_deleted_jobs_savepoint_is_copied_all_the_same(stage):
    job_id = await stage.running()
    kept = await stage.savepoint(job_id)

    await stage.delete(job_id)
    await stage.play(4)
    await stage.ship_savepoints()

    assert await stage.keys() == keys_of(kept)


async def test_a_store_that_is_down_is_told_once_and_asked_again_after_growing_pauses(stage):
    job_id = await stage.running()
    kept = await stage.savepoint(job_id)
    asked, put = [], stage.objects.put_file

    async def refusing(key, source):
        asked.append(stage.clock.monotonic())
        raise StoreUnavailable("it is down")

    stage.objects.put_file = refusing
    stage.raise_curtain()
    for _ in range(400):
        await stage.ship_savepoints()
        stage.clock.advance(1)
    pauses = [round(later - earlier) for earlier, later in pairwise(asked)]
    assert pauses[:7] == [2, 4, 8, 16, 32, 60, 60]

    stage.objects.put_file = put
    stage.clock.advance(60)
    await stage.ship_savepoints()

    assert await stage.whats(job_id) == ["savepoint_copy_stuck", "savepoint_copied"]
    assert await stage.keys() == keys_of(kept)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, 10))
async def test_whoever_dies_while_copying_is_followed_by_one_who_writes_the_same_keys(tmp_path, step, after):
    stage = await a_stage(tmp_path)
    job_id = await stage.running()
    kept = await stage.savepoint(job_id)

    stage.fuse.left, stage.fuse.after = step, after
    with contextlib.suppress(Died, BaseExceptionGroup):
        await stage.ship_savepoints()
    stage.fuse.left = None
    stage.raise_curtain()
    await stage.ship_savepoints()

    assert await stage.keys() == keys_of(kept)
    assert (await stage.kept()).is_copied
    assert await stage.whats(job_id) == ["savepoint_copied"]


async def test_a_bucket_that_is_deleted_meanwhile_gets_no_copy_and_keeps_none(stage):
    job_id = await stage.running()
    await stage.savepoint(job_id)
    put = stage.objects.put_file

    async def put_after_deletion(key, source):
        await stage.remove_bucket()
        await put(key, source)

    stage.objects.put_file = put_after_deletion
    stage.raise_curtain()
    await stage.ship_savepoints()

    assert (await stage.keys(), (await stage.kept()).is_copied) == ([], False)
    assert await stage.whats(job_id) == ["savepoint_copy_stuck"]


async def test_a_bucket_of_the_same_name_made_meanwhile_is_another_bucket(stage):
    job_id = await stage.running()
    kept = await stage.savepoint(job_id)
    put, times = stage.objects.put_file, []

    async def put_into_another(key, source):
        if not times:
            await stage.remove_bucket()
            await stage.add_bucket(created_at=NOON + timedelta(hours=1))
        times.append(key)
        await put(key, source)

    stage.objects.put_file = put_into_another
    stage.raise_curtain()
    await stage.ship_savepoints()
    first = (await stage.kept()).is_copied
    stage.clock.advance(3)
    await stage.ship_savepoints()

    assert (first, (await stage.kept()).is_copied, await stage.keys()) == (False, True, keys_of(kept))


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_copy_waits_for_a_bucket_that_jobs_may_name(stage, is_there):
    job_id = await stage.running()
    await stage.savepoint(job_id)
    await stage.remove_bucket()
    if is_there:
        await stage.add_bucket(authorised=False)

    await stage.ship_savepoints()
    assert (await stage.keys(), await stage.whats(job_id)) == ([], ["savepoint_copy_stuck"])

    await stage.remove_bucket()
    await stage.add_bucket()
    stage.clock.advance(3)
    await stage.ship_savepoints()
    assert (await stage.kept()).is_copied


async def test_an_original_that_is_gone_is_told_and_not_waited_for(stage):
    job_id = await stage.running()
    kept = await stage.savepoint(job_id)
    (stage.folder(kept) / "_metadata").unlink()

    await stage.ship_savepoints()
    stage.clock.advance(100)
    await stage.ship_savepoints()

    assert await stage.whats(job_id) == ["savepoint_not_copied"]
    assert (await stage.kept()) == kept.without_copy()


async def test_an_original_out_of_sight_is_told_and_not_waited_for(stage):
    stage.world.state = None
    job_id = await stage.running()
    await stage.savepoint(job_id)

    await stage.ship_savepoints()

    assert (await stage.whats(job_id), (await stage.kept()).copy) == (["savepoint_not_copied"], "")


async def test_a_disk_that_cannot_be_read_now_is_asked_again(stage):
    job_id = await stage.running()
    await stage.savepoint(job_id)
    put, troubles = stage.objects.put_file, [OSError(24, "Too many open files")]

    async def put_or_fail(key, source):
        if troubles:
            raise troubles.pop()
        await put(key, source)

    stage.objects.put_file = put_or_fail
    stage.raise_curtain()
    await stage.ship_savepoints()
    assert (await stage.kept()).copy != ""

    stage.clock.advance(3)
    await stage.ship_savepoints()
    assert await stage.whats(job_id) == ["savepoint_copy_stuck", "savepoint_copied"]


async def test_a_lease_that_is_lost_while_copying_writes_nothing_and_ends_nothing(stage):
    job_id = await stage.running()
    await stage.savepoint(job_id)
    put = stage.objects.put_file

    async def put_while_losing(key, source):
        await put(key, source)
        await take_the_lease(stage, "other")

    stage.objects.put_file = put_while_losing
    stage.raise_curtain()
    await stage.ship_savepoints()  # raises nothing: the loops of the place go on

    assert ((await stage.kept()).is_copied, await stage.whats(job_id)) == (False, [])


async def test_trouble_of_the_store_with_the_lease_lost_ends_nothing(stage):
    job_id = await stage.running()
    await stage.savepoint(job_id)

    async def fail_while_losing(key, source):
        await take_the_lease(stage, "other")
        raise StoreUnavailable("it is down")

    stage.objects.put_file = fail_while_losing
    stage.raise_curtain()
    await stage.ship_savepoints()

    assert await stage.whats(job_id) == []


@pytest.mark.parametrize("trouble", [StoreUnavailable("the database is down"), ValueError("nobody foresaw this")])
async def test_records_that_fail_end_nothing_and_the_copy_comes_later(stage, trouble):
    job_id = await stage.running()
    await stage.savepoint(job_id)
    put, change = stage.objects.put_file, stage.memory.change

    async def put_then_lose_the_records(key, source):
        await put(key, source)
        stage.memory.change = failing

    async def failing(*_args):
        raise trouble

    stage.objects.put_file = put_then_lose_the_records
    stage.raise_curtain()
    with structlog.testing.capture_logs():
        await stage.ship_savepoints()
    stage.memory.change, stage.objects.put_file = change, put
    assert not (await stage.kept()).is_copied

    stage.clock.advance(3)
    stage.raise_curtain()
    await stage.ship_savepoints()
    assert (await stage.kept()).is_copied


async def test_a_store_that_breaks_in_an_unforeseen_way_holds_up_no_other_savepoint(stage):
    first, second = await stage.running(), await stage.running()
    await stage.savepoint(first, 1, "b/bad")
    await stage.savepoint(second, 2, "b/good")
    put = stage.objects.put_file

    async def put_or_break(key, source):
        if "/bad/" in key:
            raise ValueError("nobody foresaw this")
        await put(key, source)

    stage.objects.put_file = put_or_break
    stage.raise_curtain()
    with structlog.testing.capture_logs():
        await stage.ship_savepoints()

    assert [(await stage.kept(number)).is_copied for number in (1, 2)] == [False, True]


async def test_two_controllers_that_copy_the_same_leave_one_copy_that_is_told_once(stage):
    job_id = await stage.running()
    kept = await stage.savepoint(job_id)
    other = LeaseKeeper("place:here", replace(stage.tools, holder="other"))
    shipper = SavepointShipper("here", stage.engine, stage.tools, other)
    put, hands = stage.objects.put_file, []

    async def put_after_another(key, source):
        if not hands:
            hands.append(key)
            stage.clock.advance(60)
            assert await other.renew()
            async with asyncio.TaskGroup() as acts:
                await shipper.look(acts)
        await put(key, source)

    stage.objects.put_file = put_after_another
    await stage.leases[1].renew()
    async with asyncio.TaskGroup() as acts:
        await SavepointShipper("here", stage.engine, stage.tools, stage.leases[1]).look(acts)

    assert (await stage.keys(), await stage.whats(job_id)) == (keys_of(kept), ["savepoint_copied"])
