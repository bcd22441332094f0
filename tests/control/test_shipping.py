"""Logs reach the bucket: nothing lost, nothing twice, whatever happens in between."""

import asyncio
import contextlib
import os
import tracemalloc
from datetime import timedelta

import pytest

from control.theatre import Died, SilentBell, Theatre
from penstock.control.shipping import Shipping
from penstock.control.tools import Tools
from penstock.domain.bucket import Bucket
from penstock.domain.errors import StoreFull, StoreUnavailable
from penstock.domain.lifecycle import News, State
from penstock.domain.log import PIECE, piece_of
from penstock.domain.plan import Rules
from penstock.engines.local.log_files import LogFiles
from penstock.ports.engine import Capabilities
from penstock.testing.builders import PROJECT
from penstock.testing.clock import NOON

pytestmark = pytest.mark.anyio

JM, TM = "jobmanager.log", "taskmanager-1.log"
ROOT = f"buckets/{PROJECT}/logs/"


@pytest.fixture
async def stage():
    return await a_stage()


async def a_stage(rules=None):
    built = Theatre(rules)
    await built.set_up()
    await add_bucket(built)
    return built


async def add_bucket(stage, name="logs"):
    bucket = Bucket(project_id=PROJECT, name=name, created_at=NOON, authorised=True)
    await stage.memory.change(lambda tx: tx.buckets.add(bucket))


async def running(stage, main_class="Unbounded", **spec):
    """A job that runs and logs, with nothing but its own words in its logs."""
    wanted = {"name": "test", "log_enabled": True, "obs_bucket": "logs"}
    job_id = await stage.create(main_class, **wanted | spec)
    await stage.play(5)
    job = await stage.job(job_id)
    stage.engine.logs_of(job.run.id).files.clear()
    return job_id, stage.engine.logs_of(job.run.id)


async def objects(stage):
    page = await stage.objects.list(ROOT)
    return [found.key.removeprefix(ROOT) for found in page.objects]


async def content(stage, key):
    return b"".join([piece async for piece in stage.objects.read(ROOT + key)])


async def stream(stage, name):
    """Every piece of a stream in its order, and a proof that they join without gap or overlap."""
    whole = b""
    for key in await objects(stage):
        piece = piece_of(key.rpartition("/")[2])
        if piece and piece.stream == name:
            assert piece.at == len(whole)
            whole += await content(stage, key)
    return whole


async def whats(stage, job_id):
    return [fact.what for fact in await stage.memory.look(lambda tx: tx.history.of_job(job_id))]


async def test_a_running_job_is_shipped_as_it_grows(stage):
    job_id, logs = await running(stage)
    run = (await stage.job(job_id)).run.id

    logs.write(JM, b"one\n")
    await stage.ship()
    logs.write(JM, b"two\n")
    logs.write("taskmanager-1.out", b"printed\n")
    await stage.ship()

    folder = f"jobs/logs/{job_id}_test/application_{run}"
    assert await objects(stage) == [f"{folder}/jobmanager.{0:015}.log", f"{folder}/taskmanager-1.out.{0:015}.log"]
    assert await stream(stage, "jobmanager") == b"one\ntwo\n"
    assert await stream(stage, "taskmanager-1.out") == b"printed\n"


async def test_a_job_without_logs_leaves_none(stage):
    await running(stage, log_enabled=False)

    await stage.ship()

    assert await objects(stage) == []


async def test_an_object_has_a_bounded_size(stage):
    _, logs = await running(stage)
    said = bytes(range(256)) * (PIECE // 256 * 2) + b"the end"

    logs.write(JM, said)
    await stage.ship()

    sizes = [found.size for found in (await stage.objects.list(ROOT)).objects]
    assert (sizes, await stream(stage, "jobmanager")) == ([PIECE, PIECE, 7], said)


async def test_a_rolled_file_goes_on_where_it_ended(stage):
    _, logs = await running(stage)

    logs.write(JM, b"first ")
    await stage.ship()
    logs.write(JM, b"end of first ")
    logs.roll(JM)
    logs.write(JM, b"second ")
    logs.roll(JM)
    logs.write(JM, b"third")
    await stage.ship()
    await stage.ship()

    assert await stream(stage, "jobmanager") == b"first end of first second third"


async def test_what_was_shipped_may_be_rolled_away(stage):
    job_id, logs = await running(stage)
    logs.write(JM, b"first ")
    logs.roll(JM)
    await stage.ship()

    logs.roll_away(JM)
    logs.write(JM, b"second")
    await stage.ship()

    assert await stream(stage, "jobmanager") == b"first second"
    assert "logs_gap" not in await whats(stage, job_id)


async def test_what_was_rolled_away_unshipped_is_told_once(stage):
    job_id, logs = await running(stage)
    logs.write(JM, b"first ")
    await stage.ship()

    logs.write(JM, b"never seen ")
    logs.roll(JM)
    logs.roll_away(JM)
    logs.write(JM, b"second")
    stage.raise_curtain()
    await stage.ship()
    await stage.ship()

    assert await stream(stage, "jobmanager") == b"first second"
    assert (await whats(stage, job_id)).count("logs_gap") == 1


async def test_a_number_that_is_given_to_a_new_file_does_not_hide_it(stage):
    _, logs = await running(stage)
    logs.write(JM, b"a long first file ")
    await stage.ship()

    [(number, _data)] = logs.files[JM]
    logs.files[JM] = [(number, bytearray(b"short"))]
    await stage.ship()

    assert await stream(stage, "jobmanager") == b"a long first file short"


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, 14))
async def test_whoever_dies_while_shipping_leaves_a_stream_that_can_be_gone_on_with(step, after):
    stage = await a_stage()
    _, logs = await running(stage)
    logs.write(JM, b"x" * PIECE + b"first ")
    logs.roll(JM)
    logs.write(JM, b"second ")

    stage.fuse.left, stage.fuse.after = step, after
    with contextlib.suppress(Died):
        await stage.ship()
    stage.fuse.left = None
    logs.write(JM, b"third")
    stage.raise_curtain()
    await stage.ship()

    assert await stream(stage, "jobmanager") == b"x" * PIECE + b"first second third"


async def test_a_finished_job_is_shipped_whole_before_its_run_goes(stage):
    job_id, logs = await running(stage, "Bounded")
    logs.write(TM, b"last words")

    await stage.play(2)
    halted = await stage.job(job_id)
    was_there = list(stage.world.runs)
    await stage.ship()
    await stage.play(3)

    job = await stage.job(job_id)
    assert (halted.state, was_there, job.live_run) == (State.FINISHED, [halted.run.id], None)
    assert logs.is_final
    assert await stream(stage, "taskmanager-1") == b"last words"
    assert "logs_lost" not in await whats(stage, job_id)


async def test_a_failed_submission_leaves_its_reason_and_the_log(stage):
    job_id, logs = await running(stage, "Refused")
    run = (await stage.job(job_id)).run.id
    logs.write(JM, b"main() was called")

    await stage.play(2)
    await stage.ship()

    folder = f"jobs/logs/{job_id}_test/submit-client/{run}"
    assert await objects(stage) == [f"{folder}/jobmanager.{0:015}.log", f"{folder}/submit.log"]
    assert b"java.lang.IllegalStateException: main refused on purpose" in await content(stage, f"{folder}/submit.log")


async def test_a_deleted_job_is_shipped_before_its_run_goes(stage):
    job_id, logs = await running(stage)
    logs.write(JM, b"until the end")

    await stage.delete(job_id)
    await stage.play(2)
    await stage.ship()
    await stage.play(3)

    assert await stream(stage, "jobmanager") == b"until the end"
    assert stage.world.runs == {}


async def test_a_stopped_job_waits_for_its_logs_no_longer_than_allowed():
    stage = await a_stage(Rules(log_limit=timedelta(seconds=10)))
    job_id, logs = await running(stage)
    stage.objects.trouble = StoreFull()
    logs.write(JM, b"lost")
    await stage.ship()

    await stage.ask(job_id, News.STOP_ASKED)
    await stage.play(10)
    before = (await stage.job(job_id)).live_run
    await stage.play(20)

    assert (before is not None, (await stage.job(job_id)).live_run) == (True, None)
    assert (await whats(stage, job_id)).count("logs_lost") == 1


async def test_a_full_store_is_told_once_and_shipping_goes_on_when_there_is_room(stage):
    job_id, logs = await running(stage)
    logs.write(JM, b"first ")
    stage.objects.trouble = StoreFull()

    pauses = [await stage.shipping.ship(job_id, (await stage.job(job_id)).run.id) for _ in range(8)]
    stage.objects.trouble = None
    logs.write(JM, b"second")
    await stage.ship()

    assert (pauses, await stage.state(job_id)) == (sorted(pauses), State.RUNNING)
    assert (pauses[0], pauses[-1]) == (1.0, 30.0)
    assert (await whats(stage, job_id)).count("logs_stuck") == 1
    assert await stream(stage, "jobmanager") == b"first second"


async def test_a_job_whose_bucket_is_deleted_runs_on_and_says_so(stage):
    job_id, logs = await running(stage)
    await stage.memory.change(lambda tx: tx.buckets.delete(PROJECT, "logs"))
    logs.write(JM, b"kept until the bucket is there again")

    await stage.ship()
    await stage.ship()
    state, said = await stage.state(job_id), (await whats(stage, job_id)).count("logs_stuck")
    await add_bucket(stage)
    await stage.ship()

    assert (state, said) == (State.RUNNING, 1)
    assert await stream(stage, "jobmanager") == b"kept until the bucket is there again"


async def test_nobody_waits_for_a_bucket_that_is_gone(stage):
    job_id, _ = await running(stage, "Bounded")
    await stage.memory.change(lambda tx: tx.buckets.delete(PROJECT, "logs"))

    await stage.play(2)
    await stage.ship()
    await stage.play(3)

    assert (await stage.job(job_id)).live_run is None
    assert "logs_lost" in await whats(stage, job_id)


async def test_an_object_that_comes_after_its_bucket_went_is_taken_back(stage):
    _job_id, logs = await running(stage)
    logs.write(JM, b"late")
    put = stage.objects.put

    async def put_after_deletion(key, data):
        await stage.memory.change(lambda tx: tx.buckets.delete(PROJECT, "logs"))
        await put(key, data)

    stage.objects.put = put_after_deletion
    stage.raise_curtain()
    await stage.ship()

    assert await objects(stage) == []


async def test_a_link_among_the_logs_is_told_and_not_followed(stage):
    job_id, logs = await running(stage)
    logs.refused = ("taskmanager-9.log",)

    await stage.ship()
    await stage.ship()

    assert (await whats(stage, job_id)).count("logs_refused") == 1


async def test_a_bucket_that_does_not_answer_holds_up_no_other(stage):
    await add_bucket(stage, "stuck")
    put = stage.objects.put

    async def put_or_hang(key, data):
        await (asyncio.Event().wait() if "/stuck/" in key else put(key, data))

    stage.objects.put = put_or_hang
    stage.raise_curtain()
    stuck = [(await running(stage, name=f"stuck{number}", obs_bucket="stuck")) for number in range(4)]
    job_id, logs = await running(stage)
    for _, others in [*stuck, (job_id, logs)]:
        others.write(JM, b"words")
    await stage.leases[1].renew()

    async with asyncio.TaskGroup() as tasks:
        hanging = []
        for other, _ in stuck:
            run = (await stage.job(other)).run.id
            hanging.append(tasks.create_task(stage.shipping.ship(other, run)))
        await stage.shipping.ship(job_id, (await stage.job(job_id)).run.id)
        for task in hanging:
            task.cancel()

    assert await stream(stage, "jobmanager") == b"words"


async def test_a_place_that_does_not_answer_is_asked_again(stage):
    _job_id, logs = await running(stage)
    logs.write(JM, b"words")
    stage.world.is_silent = True

    await stage.ship()
    stage.world.is_silent = False
    await stage.ship()

    assert await stream(stage, "jobmanager") == b"words"


async def test_trouble_of_a_store_is_the_same_trouble_whatever_it_says(stage):
    job_id, logs = await running(stage)
    logs.write(JM, b"words")

    for said in ("one thing", "another"):
        stage.objects.trouble = StoreUnavailable(said)
        await stage.ship()

    assert (await whats(stage, job_id)).count("logs_stuck") == 1


class _Disk:
    """An engine whose only log lies on a disk, and a store that keeps nothing but sizes."""

    capabilities = Capabilities(flink_versions=("1.20",), default_flink_version="1.20")

    def __init__(self, folder):
        self._files = LogFiles(folder, os.geteuid())
        self.stored = {}

    async def logs(self, run):
        return self._files.listing(is_final=False)

    async def read_log(self, run, file, offset, limit):
        return self._files.read(file, offset, limit)

    async def put(self, key, data):
        self.stored[key] = len(data)


async def test_a_gigabyte_is_shipped_with_little_memory(stage, tmp_path):
    (tmp_path / "logs").mkdir()
    with (tmp_path / "logs" / JM).open("wb") as sparse:
        os.truncate(sparse.fileno(), 2**30 + 5)
    job_id, _ = await running(stage)
    disk = _Disk(tmp_path / "logs")
    tools = Tools(records=stage.memory, clock=stage.clock, ids=stage.ids, bell=SilentBell(), store=disk, holder="me")
    await stage.leases[1].renew()

    tracemalloc.start()
    await Shipping(disk, tools, stage.leases[1]).ship(job_id, (await stage.job(job_id)).run.id)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert sum(disk.stored.values()) == 2**30 + 5
    assert len(disk.stored) == 2**30 // PIECE + 1
    assert peak < 5 * PIECE
