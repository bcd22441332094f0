"""The planner and savepoints: each that was asked for is kept once it is whole, whatever becomes of its run."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.domain.lifecycle import ALIVE, SETTLED, News, State
from penstock.domain.observation import ENDED, Observation, SavepointNews, SavepointSeen, Seen
from penstock.domain.plan import Order, Rules, plan
from penstock.domain.reason import ReasonCode
from penstock.testing.builders import a_job, a_kept_savepoint, a_run, a_run_id, a_savepoint, a_spec
from penstock.testing.clock import NOON

RULES = Rules()
PATH = "file:///state/1/savepoints/555/savepoint-1"
UNKNOWN = SavepointNews(SavepointSeen.UNKNOWN)
IN_PROGRESS = SavepointNews(SavepointSeen.IN_PROGRESS)
WHOLE = SavepointNews(SavepointSeen.COMPLETED, path=PATH)
FAILED = SavepointNews(SavepointSeen.FAILED, said="the coordinator is busy")
NEVER_TAKEN = {State.DRAFT, State.QUEUED, State.LAUNCHING}


def asked(state, **changes):
    """A job whose savepoint was asked for and is not over."""
    stops = state in {State.PARTING, State.STOP_FAILED}
    return a_job(**{"state": state, "run": a_run(), "savepoint": a_savepoint(stops_job=stops)} | changes)


def an_observation(job, seen, told, **changes):
    savepoints = {job.savepoint.id: told} if job.savepoint and told else {}
    return Observation(run=a_run_id(1), seen=seen, savepoints=savepoints, **changes)


def passed(job, seen, told=None, after=timedelta(0), **changes):
    """The decision of one pass, the job after it, and what was told of it."""
    now = NOON + after
    decision = plan(job, an_observation(job, seen, told, **changes), now, RULES)
    moved, facts = decision.apply(job, now)
    return decision, moved, [fact.what for fact in facts]


@pytest.mark.parametrize("state", sorted(set(State) - NEVER_TAKEN))
@pytest.mark.parametrize("seen", sorted(Seen))
def test_a_whole_savepoint_is_kept_in_whatever_state_it_is_seen(state, seen):
    _, job, facts = passed(asked(state), seen, WHOLE, since=NOON)

    assert (job.newest_savepoint.path, job.newest_savepoint.place) == (PATH, "here")
    assert facts.count("savepoint_kept") + facts.count("savepoint_ended") == 1


def test_a_deleted_jobs_savepoint_is_kept_too():
    _, job, facts = passed(asked(State.SAVEPOINTING, deleted_at=NOON), Seen.RUNNING, WHOLE)

    assert (job.newest_savepoint.path, facts) == (PATH, ["savepoint_kept"])


def test_a_copy_is_to_lie_in_a_folder_named_like_the_one_that_flink_made():
    _, job, _ = passed(asked(State.SAVEPOINTING, savepoint=a_savepoint(copy_to="b/dir")), Seen.RUNNING, WHOLE)

    assert (job.newest_savepoint.copy, job.newest_savepoint.is_copied) == ("b/dir/savepoint-1", False)


def test_without_a_target_nobody_wants_a_copy():
    _, job, _ = passed(asked(State.SAVEPOINTING), Seen.RUNNING, WHOLE)

    assert job.newest_savepoint.copy == ""


def test_a_savepoint_that_ends_moves_the_job_and_is_told_once():
    decision, job, facts = passed(asked(State.SAVEPOINTING), Seen.RUNNING, WHOLE)

    assert (decision.news, job.state, job.savepoint) == (News.SAVEPOINT_ENDED, State.RUNNING, None)
    assert facts == ["savepoint_ended"]


def test_a_savepoint_that_takes_too_long_is_given_up_by_the_job_and_still_kept_when_it_ends_late():
    early, late, _ = passed(asked(State.SAVEPOINTING), Seen.RUNNING, IN_PROGRESS, RULES.savepoint_limit)
    assert (early.news, early.reason.code) == (News.SAVEPOINT_FAILED, ReasonCode.SAVEPOINT_TIMED_OUT)
    assert (late.state, late.savepoint) == (State.RUNNING, a_savepoint())

    decision, job, facts = passed(late, Seen.RUNNING, WHOLE, timedelta(hours=1))

    assert (decision.news, decision.orders, job.state) == (None, (), State.RUNNING)
    assert (job.savepoint, job.newest_savepoint.path, facts) == (None, PATH, ["savepoint_kept"])


def test_a_late_savepoint_is_not_asked_for_again():
    decision, job, _ = passed(asked(State.RUNNING), Seen.RUNNING, UNKNOWN)

    assert (decision.orders, job.savepoint) == ((), a_savepoint())


def test_a_late_savepoint_that_fails_is_forgotten_and_moves_nothing():
    decision, job, _ = passed(asked(State.RUNNING), Seen.RUNNING, FAILED)

    assert (decision.news, job.state, job.savepoint, job.newest_savepoint) == (None, State.RUNNING, None, None)


def test_a_savepoint_that_fails_lets_the_job_run_on_and_says_why():
    decision, job, _ = passed(asked(State.SAVEPOINTING), Seen.RUNNING, FAILED)

    assert (decision.news, job.state, job.savepoint) == (News.SAVEPOINT_FAILED, State.RUNNING, None)
    assert decision.reason.params["said"] == "the coordinator is busy"


def test_a_failed_savepoint_leaves_the_newest_as_it_was():
    older = a_kept_savepoint()

    _, job, _ = passed(asked(State.SAVEPOINTING, newest_savepoint=older), Seen.RUNNING, FAILED)

    assert job.newest_savepoint == older


@pytest.mark.parametrize("state", [State.STOPPING, State.STOP_FAILED])
@pytest.mark.parametrize("seen", [Seen.CANCELED, Seen.FINISHED, Seen.RUNNING])
def test_a_savepoint_that_ends_while_its_job_is_stopped_is_kept(state, seen):
    _, job, facts = passed(asked(state), seen, WHOLE)

    assert (job.newest_savepoint.path, job.savepoint, "savepoint_kept" in facts) == (PATH, None, True)


@pytest.mark.parametrize("seen", sorted({*ENDED, Seen.ABSENT}))
def test_parting_ends_stopped_once_the_savepoint_is_whole_whatever_end_the_run_comes_to(seen):
    spec = a_spec(restart_when_exception=True, resume_checkpoint=True)

    decision, job, _ = passed(asked(State.PARTING, spec=spec), seen, WHOLE)

    assert (job.state, decision.reason.code) == (State.STOPPED, ReasonCode.STOPPED_WITH_SAVEPOINT)
    assert (job.savepoint, job.newest_savepoint.path) == (None, PATH)


@pytest.mark.parametrize(
    ("told", "state", "code"),
    [
        (IN_PROGRESS, State.PARTING, ReasonCode.SAVEPOINTING),
        (UNKNOWN, State.STOPPED, ReasonCode.ENDED_BEFORE_SAVEPOINT),
        (FAILED, State.STOPPED, ReasonCode.ENDED_BEFORE_SAVEPOINT),
        (WHOLE, State.STOPPED, ReasonCode.STOPPED_WITH_SAVEPOINT),
    ],
)
def test_a_job_that_finishes_while_parting_stops_once_its_savepoint_is_decided(told, state, code):
    decision, job, _ = passed(asked(State.PARTING), Seen.FINISHED, told)

    assert (job.state, decision.reason.code, decision.orders) == (state, code, ())


@pytest.mark.parametrize(
    ("told", "state", "orders"),
    [
        (UNKNOWN, State.PARTING, (Order.TAKE_SAVEPOINT,)),
        (IN_PROGRESS, State.PARTING, ()),
        (WHOLE, State.PARTING, ()),
        (FAILED, State.RUNNING, ()),
    ],
)
def test_a_job_that_runs_while_parting(told, state, orders):
    decision, job, _ = passed(asked(State.PARTING), Seen.RUNNING, told)

    assert (job.state, decision.orders) == (state, orders)


@pytest.mark.parametrize("seen", [Seen.FAILED, Seen.LOST, Seen.ABSENT])
@pytest.mark.parametrize(("wants", "state"), [(True, State.RESTARTING), (False, State.FAILED)])
def test_a_job_that_breaks_while_parting_without_a_savepoint_is_broken_as_any_other(seen, wants, state):
    job = asked(State.PARTING, spec=a_spec(restart_when_exception=wants))

    assert passed(job, seen, IN_PROGRESS)[1].state is state


@pytest.mark.parametrize("seen", sorted({*ENDED, Seen.ABSENT}))
def test_a_savepoint_that_is_whole_before_its_run_has_ended_is_kept_once_and_stops_the_job(seen):
    """Two questions to Flink are two moments: the savepoint may be whole in a look that still sees the job run. By the
    next one Flink may have forgotten it."""
    _, job, first = passed(asked(State.PARTING), Seen.RUNNING, WHOLE)
    waits, job, then = passed(job, Seen.RUNNING, UNKNOWN)
    last, job, end = passed(job, seen, UNKNOWN)

    assert (waits.news, waits.orders) == (None, ())
    assert (job.state, last.reason.code) == (State.STOPPED, ReasonCode.STOPPED_WITH_SAVEPOINT)
    assert [*first, *then, *end].count("savepoint_kept") == 1
    assert (job.savepoint, job.newest_savepoint.path) == (None, PATH)


@pytest.mark.parametrize("state", [State.SAVEPOINTING, State.PARTING])
def test_a_savepoint_that_is_whole_at_a_silent_place_has_not_failed_when_the_place_speaks_again(state):
    _, job, first = passed(asked(state), Seen.UNREACHABLE, WHOLE, since=NOON)
    assert (job.state, first) == (state, ["savepoint_kept"])

    decision, job, then = passed(job, Seen.FINISHED if state is State.PARTING else Seen.RUNNING, UNKNOWN)

    assert decision.news in {News.SAVEPOINT_ENDED, News.SEEN_FINISHED}
    assert decision.reason.params["path"] == PATH
    assert (job.state, "savepoint_kept" in then) == (State.STOPPED if state is State.PARTING else State.RUNNING, False)


def test_a_savepoint_that_is_whole_in_a_damaged_run_is_told_before_the_run_is_made_whole():
    decision, job, facts = passed(asked(State.SAVEPOINTING), Seen.RUNNING, WHOLE, damaged=True)
    then, _, _ = passed(job, Seen.RUNNING, damaged=True)

    assert (decision.news, decision.orders, facts) == (News.SAVEPOINT_ENDED, (), ["savepoint_ended"])
    assert then.orders == (Order.LAUNCH,)


def test_a_damaged_run_is_made_whole_before_a_savepoint_is_asked_of_it():
    assert passed(asked(State.SAVEPOINTING), Seen.RUNNING, UNKNOWN, damaged=True)[0].orders == (Order.LAUNCH,)


def test_a_stop_that_comes_while_a_kept_savepoint_waits_for_its_run_to_end_stops_and_keeps_no_second_one():
    _, job, _ = passed(asked(State.PARTING), Seen.RUNNING, WHOLE)
    job, _ = job.hear(News.STOP_ASKED, NOON, job.reason)

    decision, job, facts = passed(job, Seen.RUNNING, WHOLE)

    assert (decision.orders, facts) == ((Order.STOP,), [])
    assert (job.savepoint, job.newest_savepoint.path) == (None, PATH)


@pytest.mark.parametrize("told", [UNKNOWN, IN_PROGRESS])
@pytest.mark.parametrize("seen", [Seen.RUNNING, Seen.UNREACHABLE])
def test_a_stop_with_a_savepoint_that_takes_too_long_has_failed_and_the_savepoint_may_still_come(seen, told):
    decision, job, _ = passed(asked(State.PARTING), seen, told, RULES.savepoint_limit, since=NOON)

    assert (decision.news, job.state) == (News.STOP_TIMED_OUT, State.STOP_FAILED)
    _, job, facts = passed(job, Seen.FINISHED, WHOLE)
    assert (job.state, job.newest_savepoint.path) == (State.STOPPED, PATH)
    assert facts == ["savepoint_kept", "seen_finished"]


@pytest.mark.parametrize("state", [State.SAVEPOINTING, State.PARTING])
def test_silence_asks_for_no_savepoint_and_gives_none_up(state):
    decision, job, _ = passed(asked(state), Seen.UNREACHABLE, since=NOON)

    assert (decision.news, decision.orders, job.savepoint) == (None, (), asked(state).savepoint)


@pytest.mark.parametrize("state", [State.SAVEPOINTING, State.PARTING])
@pytest.mark.parametrize("seen", [Seen.STARTING, Seen.RESTARTING])
def test_a_savepoint_is_asked_for_whatever_flink_does_with_a_job_that_it_has(state, seen):
    assert passed(asked(state), seen, UNKNOWN)[0].orders == (Order.TAKE_SAVEPOINT,)


def test_a_cleared_run_leaves_no_savepoint_to_wait_for():
    _, job, facts = passed(asked(State.FAILED), Seen.ABSENT, UNKNOWN)

    assert (job.savepoint, job.newest_savepoint, facts) == (None, None, ["run_cleared"])


LOOKS = st.lists(
    st.tuples(
        st.sampled_from([seen for seen in Seen if seen is not Seen.REFUSED]),
        st.sampled_from([UNKNOWN, IN_PROGRESS, WHOLE, FAILED]),
        st.booleans(),
        st.sampled_from([timedelta(0), timedelta(seconds=30), timedelta(hours=1)]),
    ),
    max_size=8,
)


@given(st.sampled_from(sorted(ALIVE - {State.LAUNCHING})), st.booleans(), LOOKS)
def test_whatever_is_seen_a_whole_savepoint_is_kept_exactly_once(state, restarts, looks):
    job, facts, whole = asked(state, spec=a_spec(restart_when_exception=restarts)), [], False
    now = NOON
    for seen, told, damaged, later in looks:
        if job.live_run is None:
            break
        now += later
        whole = whole or (told is WHOLE and job.savepoint is not None)
        looked = an_observation(job, seen, told, damaged=damaged, since=NOON)
        job, told_facts = plan(job, looked, now, RULES).apply(job, now)
        facts += [fact.what for fact in told_facts if fact.what in {"savepoint_kept", "savepoint_ended"}]
        if job.state in SETTLED and job.newest_savepoint is None:
            assert not whole

    assert (job.newest_savepoint is not None) == whole
    assert facts.count("savepoint_kept") <= whole


def test_a_savepoint_is_moved_copied_and_left_alone():
    kept = a_kept_savepoint(path=PATH, copy="b/dir/savepoint-1")

    assert (kept.shown, kept.copied(NOON).shown) == (PATH, "b/dir/savepoint-1")
    assert kept.without_copy() == replace(kept, copy="")
    assert (kept.at("", "").place, kept.at("", "").path) == ("", "")
