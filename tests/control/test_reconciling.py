"""One job's journey through the loops, and what happens when something breaks on the way."""

import pytest
import structlog

from control.theatre import Theatre
from penstock.control.sweeper import Sweeper
from penstock.domain.footprint import Room
from penstock.domain.lifecycle import News, State
from penstock.domain.observation import Retained, Seen
from penstock.domain.plan import Rules
from penstock.domain.reason import ReasonCode
from penstock.testing.builders import a_savepoint

pytestmark = pytest.mark.anyio


async def test_a_job_that_is_asked_to_run_runs(theatre):
    job_id = await theatre.create()

    await theatre.play(5)

    assert await theatre.state(job_id) is State.RUNNING
    assert [fact.what for fact in theatre.facts] == ["run_asked", "admitted", "seen_running"]


async def test_a_bounded_job_finishes_and_leaves_nothing(theatre):
    job_id = await theatre.create("Bounded")

    await theatre.play(8)

    assert await theatre.state(job_id) is State.FINISHED
    assert theatre.world.runs == {}
    assert (await theatre.job(job_id)).live_run is None


async def test_a_failure_says_what_flink_said(theatre):
    job_id = await theatre.create("Fails")

    await theatre.play(8)

    job = await theatre.job(job_id)
    assert (job.state, job.reason.code) == (State.LAUNCH_FAILED, ReasonCode.BROKE)
    assert "failed on purpose" in job.reason.params["said"]


async def test_a_refused_launch_is_final_and_says_why(theatre):
    job_id = await theatre.create("Refused")

    await theatre.play(8)

    job = await theatre.job(job_id)
    assert (job.state, job.reason.code) == (State.LAUNCH_FAILED, ReasonCode.REFUSED)
    assert theatre.world.runs == {}


async def test_a_stop_ends_the_run_and_frees_its_room(theatre):
    job_id = await theatre.create()
    await theatre.play(5)

    await theatre.ask(job_id, News.STOP_ASKED)
    await theatre.play(5)

    assert await theatre.state(job_id) is State.STOPPED
    assert theatre.world.runs == {}


async def test_deleting_a_running_job_discards_its_run(theatre):
    job_id = await theatre.create()
    await theatre.play(5)

    await theatre.delete(job_id)
    await theatre.play(4)

    assert theatre.world.runs == {}
    assert (await theatre.job(job_id)).live_run is None


async def test_a_controller_that_starts_anew_adopts_what_runs(theatre):
    job_id = await theatre.create()
    await theatre.play(5)

    theatre.raise_curtain()
    await theatre.play(5)

    assert await theatre.state(job_id) is State.RUNNING
    assert len(theatre.world.launched) == 1


async def test_a_silent_place_changes_nothing_until_it_speaks(theatre):
    job_id = await theatre.create()
    await theatre.play(5)

    theatre.world.is_silent = True
    await theatre.play(5, seconds=10)

    assert await theatre.state(job_id) is State.RUNNING
    assert (await theatre.job(job_id)).reason.code is ReasonCode.SILENT
    theatre.world.is_silent = False
    await theatre.play(2, seconds=10)
    assert (await theatre.job(job_id)).reason.code is ReasonCode.RUNS
    assert len(theatre.world.launched) == 1


async def test_a_place_that_only_refuses_to_answer_is_fenced_and_then_called_broken(theatre):
    job_id = await theatre.create()
    await theatre.play(5)
    run = next(iter(theatre.world.runs))
    theatre.world.runs[run] = theatre.engine.unreachable(run)

    await theatre.play(3, seconds=100)
    await theatre.play(3)

    assert await theatre.state(job_id) is State.FAILED
    assert theatre.world.runs == {}


async def test_a_lost_run_is_told_once_and_cleared(theatre):
    job_id = await theatre.create()
    await theatre.play(5)

    theatre.engine.lose(next(iter(theatre.world.runs)))
    await theatre.play(8, seconds=3)

    assert await theatre.state(job_id) is State.FAILED
    assert [fact.what for fact in theatre.facts].count("broke_for_good") == 1


async def test_a_damaged_run_is_made_whole(theatre):
    await theatre.create()
    await theatre.play(5)
    run = next(iter(theatre.world.runs))

    theatre.engine.damage(run)
    await theatre.play(3, seconds=3)

    assert not theatre.world.runs[run].damaged
    assert theatre.world.launched == [run]


async def test_a_job_that_wants_it_gets_a_new_run_and_keeps_its_room(theatre):
    job_id = await theatre.create(restart_when_exception=True, cu_number=16, tm_cus=15)
    other = await theatre.create()
    await theatre.play(5)

    theatre.engine.lose(next(iter(theatre.world.runs)))
    await theatre.play(12, seconds=1)

    job = await theatre.job(job_id)
    assert (job.state, job.restart_times) == (State.RUNNING, 1)
    assert len(set(theatre.world.launched)) == len(theatre.world.launched) == 2
    assert await theatre.state(other) is State.QUEUED


async def test_a_restart_begins_from_the_newest_checkpoint_and_the_history_says_so(theatre):
    job_id = await theatre.create(restart_when_exception=True, resume_checkpoint=True)
    await theatre.play(5)
    [run] = theatre.world.runs
    theatre.world.retained[run] = Retained("/state/chk-7", had_state=True)

    theatre.engine.lose(run)
    await theatre.play(12, seconds=1)

    [order] = theatre.world.orders.values()
    assert (await theatre.state(job_id), order.restore_from) == (State.RUNNING, "/state/chk-7")
    [broke] = [fact for fact in theatre.facts if fact.what == "broke"]
    assert broke.reason.params["checkpoint"] == "/state/chk-7"


async def test_a_job_whose_state_cannot_be_read_fails_and_never_begins_empty(theatre):
    job_id = await theatre.create(restart_when_exception=True, resume_checkpoint=True)
    await theatre.play(5)
    [run] = theatre.world.runs
    theatre.world.retained[run] = Retained(had_state=True)

    theatre.engine.lose(run)
    await theatre.play(12, seconds=1)

    assert (await theatre.state(job_id), len(theatre.world.launched)) == (State.FAILED, 1)


async def test_waiting_jobs_start_in_the_order_in_which_they_asked(theatre):
    jobs = [await theatre.create(cu_number=9, tm_cus=8) for _ in range(3)]
    started = []

    for _ in jobs:
        await theatre.play(5)
        running = [job_id for job_id in jobs if await theatre.state(job_id) is State.RUNNING]
        started += running
        await theatre.ask(running[0], News.STOP_ASKED)
        await theatre.play(6)

    assert started == jobs


async def test_a_job_that_waits_says_for_what(theatre):
    await theatre.create(cu_number=15, tm_cus=14)
    job_id = await theatre.create()

    await theatre.play(2)

    reason = (await theatre.job(job_id)).reason
    assert reason.params == {"queue": "testQueue", "free": 1, "total": 16, "asked": 2}


async def test_a_full_place_holds_a_job_back():
    theatre = Theatre(room=Room(cus=3))
    await theatre.set_up()
    first, second = await theatre.create(), await theatre.create()

    await theatre.play(5)

    assert (await theatre.state(first), await theatre.state(second)) == (State.RUNNING, State.QUEUED)
    assert (await theatre.job(second)).reason.code is ReasonCode.WAITS_FOR_PLACE


async def test_a_start_that_hangs_is_given_up_and_cleared():
    theatre = Theatre(Rules())
    await theatre.set_up()
    job_id = await theatre.create("Hangs")

    await theatre.play(20, seconds=30)

    job = await theatre.job(job_id)
    assert (job.state, job.reason.code) == (State.LAUNCH_FAILED, ReasonCode.LAUNCH_TIMED_OUT)
    assert theatre.world.runs == {}


async def test_a_place_that_does_not_take_orders_is_asked_again(theatre):
    theatre.world.refuses_orders = True
    job_id = await theatre.create()
    await theatre.play(5)
    assert await theatre.state(job_id) is State.LAUNCHING

    theatre.world.refuses_orders = False
    await theatre.play(8)

    assert await theatre.state(job_id) is State.RUNNING


async def test_the_sweeper_discards_what_no_job_claims_and_nothing_else(theatre):
    await theatre.create()
    await theatre.play(5)
    [claimed] = theatre.world.runs
    orphan = "f" * 24
    theatre.world.runs[orphan] = theatre.engine.unreachable(orphan)

    await theatre.sweep()

    assert set(theatre.world.runs) == {claimed}


async def test_the_sweeper_leaves_runs_alone_that_live_on_another_place_of_the_same_cluster(theatre):
    await theatre.create()
    await theatre.play(5)
    [run] = theatre.world.runs
    elsewhere = Sweeper("there", theatre.engine, theatre.memory, theatre.leases[1])

    await elsewhere.look()

    assert set(theatre.world.runs) == {run}


async def test_a_look_that_sees_nothing_new_writes_nothing(theatre):
    job_id = await theatre.create()
    await theatre.play(6)
    before = (await theatre.job(job_id)).version

    await theatre.play(10, seconds=5)

    assert (await theatre.job(job_id)).version == before


async def test_a_controller_without_the_lease_neither_writes_nor_acts(theatre):
    await theatre.create()
    for lease in theatre.leases:
        await lease.renew()
    await theatre.memory.change(
        lambda tx: [
            tx.leases.take(name, "other", theatre.clock.advance(60), theatre.rules.stop_limit) for name in LEASES
        ]
    )

    with pytest.raises(ExceptionGroup):
        await theatre.play(3)

    assert theatre.world.launched == []


LEASES = ("admission", "place:here")


async def test_a_savepoint_is_taken_once_and_the_job_runs_on(theatre):
    job_id = await theatre.create()
    await theatre.play(5)

    await theatre.ask(job_id, News.SAVEPOINT_ASKED, savepoint=a_savepoint())
    await theatre.play(4)

    assert await theatre.state(job_id) is State.RUNNING
    assert "savepoint_ended" in [fact.what for fact in theatre.facts]


async def test_stopping_with_a_savepoint_stops(theatre):
    job_id = await theatre.create()
    await theatre.play(5)

    await theatre.ask(job_id, News.STOP_WITH_SAVEPOINT_ASKED, savepoint=a_savepoint(stops_job=True))
    await theatre.play(6)

    assert await theatre.state(job_id) is State.STOPPED
    assert Seen.FINISHED not in {seen.seen for seen in theatre.world.runs.values()}


async def test_an_order_that_meets_what_nobody_foresaw_is_given_again(theatre):
    """The folder of a pair on a disk that is full, say: the loops go on, and so do all other jobs."""
    broken, other = await theatre.create(), await theatre.create()
    await theatre.play(5)
    await theatre.ask(broken, News.STOP_ASKED)
    theatre.world.trouble = OSError("No space left on device")

    with structlog.testing.capture_logs() as logged:
        await theatre.play(3)
    assert [entry["event"] for entry in logged if entry["log_level"] == "error"] == ["round broke"] * 2  # 1 s apart
    assert [await theatre.state(job) for job in (broken, other)] == [State.STOPPING, State.RUNNING]

    theatre.world.trouble = None
    await theatre.play(5)
    assert await theatre.state(broken) is State.STOPPED


async def test_what_follows_from_a_request_is_found_under_its_id(theatre):
    job_id = await theatre.create()
    await theatre.play(5)

    job = await theatre.job(job_id)
    assert job.request_id == "asked-to-run"
    assert {fact.request_id for fact in theatre.facts} == {"asked-to-run"}
