"""Where a run begins that is to begin from a savepoint: here, or brought here, or nowhere, and then in words."""

import asyncio
import contextlib

import pytest

from control.savepoint_stage import a_stage, begin_from, savepoint_id
from control.theatre import Died
from penstock.domain.errors import StoreUnavailable
from penstock.domain.lifecycle import News, State
from penstock.domain.observation import Seen
from penstock.domain.reason import ReasonCode
from penstock.testing.clock import NOON
from penstock.testing.engine import SAVEPOINT_FILES

pytestmark = pytest.mark.anyio

NOWHERE = {"place": "", "path": ""}
LOGS = {"log_enabled": True, "obs_bucket": "b"}


@pytest.fixture
async def stage(tmp_path):
    return await a_stage(tmp_path)


def brought(stage, job_id):
    return stage.world.state / str(job_id) / "savepoints" / savepoint_id(1) / "brought"


async def copied(stage, folder="in", **changes):
    """What is known of a savepoint that lies in the bucket alone."""
    return {"copy": await stage.lie_in_bucket(folder), "copied_at": NOON} | NOWHERE | changes


async def test_a_run_without_a_savepoint_begins_from_nothing(stage):
    await stage.running()

    assert (await stage.order()).restore_from == ""


async def test_a_savepoint_of_this_place_is_begun_from_where_flink_wrote_it(stage):
    first = await stage.running()
    kept = await stage.savepoint(first)
    await stage.ask(first, News.STOP_ASKED)
    await stage.play(5)
    stage.objects.trouble = StoreUnavailable("nobody should ask")

    await stage.ask(first, News.RUN_ASKED)
    await stage.memory.change(begun_from_newest, first)
    await stage.play(5)

    assert (await stage.state(first), (await stage.order()).restore_from) == (State.RUNNING, kept.path)


def begun_from_newest(tx, job_id):
    begin_from(tx, job_id, tx.jobs.load(job_id).newest_savepoint)


async def test_an_address_out_of_sight_that_nobody_copied_is_left_to_flink(stage):
    await stage.create_from(path="s3://shared/savepoint-1")

    await stage.play(5)

    assert (await stage.order()).restore_from == "s3://shared/savepoint-1"


@pytest.mark.parametrize("folder", ["in", "a/b/c", ""])
async def test_a_savepoint_in_a_bucket_is_brought_to_the_place_and_known_there_from_then_on(stage, folder):
    job_id = await stage.create_from(**await copied(stage, folder))

    await stage.play(6)

    here = brought(stage, job_id)
    assert (await stage.state(job_id), (await stage.order()).restore_from) == (State.RUNNING, f"file://{here}")
    assert {file.name: file.read_bytes() for file in here.iterdir()} == SAVEPOINT_FILES
    assert ((await stage.kept()).place, (await stage.kept()).path) == ("here", f"file://{here}")


async def test_a_copied_savepoint_of_another_place_is_brought(stage):
    job_id = await stage.create_from(**await copied(stage, place="there", path="file:///elsewhere/x"))

    await stage.play(6)

    assert (await stage.order()).restore_from == f"file://{brought(stage, job_id)}"


async def test_an_original_that_vanished_is_brought_back_from_its_copy(stage):
    job_id = await stage.create_from(**await copied(stage, place="here", path=f"file://{stage.world.state}/1/gone"))

    await stage.play(6)

    assert (await stage.order()).restore_from == f"file://{brought(stage, job_id)}"


REFUSALS = [
    ({"place": "there", "path": "/x"}, "at the place there alone, and this is here"),
    ({"copy": "gone/in", "copied_at": NOON} | NOWHERE, "gone/in, a bucket that is not there, or not authorised"),
    ({"copy": "b/empty", "copied_at": NOON} | NOWHERE, "not in b/empty any more"),
]


@pytest.mark.parametrize("logs", [{}, LOGS])
@pytest.mark.parametrize(("kept", "words"), REFUSALS)
async def test_a_savepoint_that_cannot_be_had_any_more_ends_the_launch_in_words_and_leaves_nothing(
    stage, kept, words, logs
):
    job_id = await stage.create_from(spec=logs, **kept)

    await stage.play(8)

    job = await stage.job(job_id)
    assert (job.state, job.reason.code) == (State.LAUNCH_FAILED, ReasonCode.REFUSED)
    assert words in job.reason.params["said"]
    assert (job.live_run, stage.world.launched) == (None, [])
    assert "run_cleared" in [fact.what for fact in stage.facts]


async def test_a_bucket_that_jobs_may_not_name_any_more_gives_no_savepoint(stage):
    kept = await copied(stage)
    await stage.remove_bucket()
    await stage.add_bucket(authorised=False)

    job_id = await stage.create_from(**kept)
    await stage.play(8)

    assert await stage.state(job_id) is State.LAUNCH_FAILED


async def test_a_place_whose_runs_cannot_read_what_is_brought_says_so(stage):
    kept = await copied(stage)
    stage.world.state = None

    job_id = await stage.create_from(**kept)
    await stage.play(8)

    job = await stage.job(job_id)
    assert (job.state, job.live_run) == (State.LAUNCH_FAILED, None)
    assert "runs of the place here cannot read it there" in job.reason.params["said"]


async def test_after_a_refused_launch_the_next_run_begins_as_if_nothing_had_been(stage):
    job_id = await stage.create_from(copy="b/in", copied_at=NOON, **NOWHERE)
    await stage.play(8)
    assert await stage.state(job_id) is State.LAUNCH_FAILED

    await stage.lie_in_bucket()
    await stage.ask(job_id, News.RUN_ASKED)
    await stage.play(8)

    assert await stage.state(job_id) is State.RUNNING


async def test_a_silent_store_holds_the_launch_up_in_words_and_it_goes_on_when_the_store_answers(stage):
    job_id = await stage.create_from(**await copied(stage))
    stage.objects.trouble = StoreUnavailable("it is down")

    await stage.play(60, seconds=10)
    job = await stage.job(job_id)
    assert (job.state, job.reason.code) == (State.LAUNCHING, ReasonCode.WAITS_FOR_START)
    assert "cannot be brought from b/in now: it is down" in job.reason.params["said"]

    stage.objects.trouble = None
    await stage.play(8)
    assert (await stage.state(job_id), len(stage.world.launched)) == (State.RUNNING, 1)


@pytest.mark.parametrize("logs", [{}, LOGS])
@pytest.mark.parametrize("end", ["stop", "delete"])
async def test_a_job_that_ends_while_its_launch_is_held_up_ends_at_once(stage, end, logs):
    job_id = await stage.create_from(spec=logs, **await copied(stage))
    stage.objects.trouble = StoreUnavailable("it is down")
    await stage.play(5)

    await (stage.delete(job_id) if end == "delete" else stage.ask(job_id, News.STOP_ASKED))
    await stage.play(8)

    assert ((await stage.job(job_id)).live_run, stage.world.launched) == (None, [])
    if end == "stop":
        assert await stage.state(job_id) is State.STOPPED


async def test_a_stop_interrupts_what_is_being_brought(stage):
    job_id = await stage.create_from(**await copied(stage))
    begun, listing = asyncio.Event(), stage.objects.list

    async def never(*_args, **_kwargs):
        begun.set()
        await asyncio.Event().wait()

    stage.objects.list = never
    stage.raise_curtain()
    for lease in stage.leases:
        await lease.renew()
    await stage.admitter.look()
    async with asyncio.timeout(10), asyncio.TaskGroup() as acts:
        await stage.reconciler.look(acts)
        await begun.wait()
        await stage.reconciler.look(acts)
        waits = await stage.job(job_id)
        await stage.ask(job_id, News.STOP_ASKED)
        await stage.reconciler.look(acts)
    stage.objects.list = listing
    await stage.play(5)

    assert (waits.reason.code, waits.reason.params["said"]) == (
        ReasonCode.WAITS_FOR_START,
        "its savepoint is brought from b/in",
    )
    assert (await stage.state(job_id), (await stage.job(job_id)).live_run) == (State.STOPPED, None)
    assert stage.world.launched == []


async def test_a_run_that_flink_has_needs_no_store_to_be_made_whole(stage):
    job_id = await stage.create_from(**await copied(stage))
    await stage.play(6)
    [run] = stage.world.runs
    stage.objects.trouble = StoreUnavailable("it is down")
    await stage.remove_bucket()

    stage.engine.damage(run)
    await stage.play(6, seconds=3)

    assert (stage.world.runs[run].damaged, stage.world.runs[run].seen) == (False, Seen.RUNNING)
    assert await stage.state(job_id) is State.RUNNING


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, 22, 2))
async def test_whoever_dies_while_bringing_it_is_followed_by_one_who_launches_once(tmp_path, step, after):
    stage = await a_stage(tmp_path)
    job_id = await stage.create_from(**await copied(stage))

    stage.fuse.left, stage.fuse.after = step, after
    with contextlib.suppress(Died, BaseExceptionGroup):
        await stage.play(4)
    stage.fuse.left = None
    stage.raise_curtain()
    await stage.play(8)

    assert (await stage.state(job_id), len(stage.world.launched)) == (State.RUNNING, 1)
    assert (await stage.order()).restore_from == f"file://{brought(stage, job_id)}"


async def test_what_lies_half_brought_from_an_earlier_try_is_not_begun_from(stage):
    job_id = await stage.create_from(**await copied(stage))
    half = brought(stage, job_id).with_name(".brought")
    half.mkdir(parents=True)
    (half / "left").write_bytes(b"over")

    await stage.play(6)

    assert {file.name for file in brought(stage, job_id).iterdir()} == set(SAVEPOINT_FILES)
    assert not half.exists()


async def test_an_object_that_changes_its_size_while_it_is_read_is_not_begun_from(stage):
    job_id = await stage.create_from(**await copied(stage))
    read = stage.objects.read

    async def cut_short(key):
        async for piece in read(key):
            yield piece[:-1]

    stage.objects.read = cut_short
    stage.raise_curtain()
    await stage.play(5)
    assert (await stage.state(job_id), brought(stage, job_id).exists()) == (State.LAUNCHING, False)

    stage.objects.read = read
    stage.raise_curtain()
    await stage.play(8)
    assert await stage.state(job_id) is State.RUNNING


async def test_the_next_run_after_a_break_begins_from_where_it_was_brought(stage):
    job_id = await stage.create_from(spec={"restart_when_exception": True}, **await copied(stage))
    await stage.play(6)
    stage.objects.trouble = StoreUnavailable("it is down")

    stage.engine.lose(next(iter(stage.world.runs)))
    await stage.play(12, seconds=1)

    assert (await stage.state(job_id), len(stage.world.launched)) == (State.RUNNING, 2)
    assert (await stage.order()).restore_from == f"file://{brought(stage, job_id)}"
