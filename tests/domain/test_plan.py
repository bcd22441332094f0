"""The planner, state by state."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.domain.lifecycle import ALIVE, NEXT, SETTLED, News, State
from penstock.domain.observation import Observation, Retained, SavepointNews, SavepointSeen, Seen
from penstock.domain.plan import Order, Rules, plan
from penstock.domain.reason import ReasonCode
from penstock.testing.builders import a_job, a_run, a_run_id, a_spec
from penstock.testing.clock import NOON

RULES = Rules()
RUN = a_run_id(1)


def an_observation(seen, **changes):
    return Observation(run=RUN, seen=seen, **changes)


def planned(state, seen, rules=RULES, now=NOON, job=None, **seen_changes):
    return plan(job or a_job(state=state, run=a_run()), an_observation(seen, **seen_changes), now, rules)


@given(
    st.sampled_from(State),
    st.sampled_from(Seen),
    st.booleans(),
    st.booleans(),
    st.sampled_from([timedelta(0), timedelta(hours=1)]),
    st.sampled_from([None, *SavepointSeen]),
    st.booleans(),
)
def test_the_planner_never_says_news_without_a_row(state, seen, restarts, wants, age, savepoint, is_deleted):
    spec = a_spec(restart_when_exception=wants, resume_checkpoint=True)
    deleted_at = NOON if is_deleted else None
    job = a_job(state=state, run=a_run(), spec=spec, deleted_at=deleted_at)
    told = {job.savepoint.id: SavepointNews(savepoint)} if job.savepoint and savepoint else {}

    retained = Retained("/chk" if restarts else "", had_state=True)
    decision = plan(job, an_observation(seen, since=NOON, savepoints=told, retained=retained), NOON + age, RULES)

    assert decision.news is None or decision.news in NEXT[state]
    assert not (decision.news and decision.orders), "orders follow once the news is written down"
    assert decision.cleared <= (seen is Seen.ABSENT)
    decision.apply(job, NOON + age)


@pytest.mark.parametrize("state", sorted(ALIVE))
def test_silence_changes_no_state_and_orders_nothing_within_its_limit(state):
    decision = planned(state, Seen.UNREACHABLE, since=NOON, now=NOON + timedelta(seconds=1))

    assert (decision.news, decision.orders) == (None, ())
    assert decision.reason.code is ReasonCode.SILENT


@pytest.mark.parametrize("state", [State.RUNNING, State.LAUNCHING, State.SAVEPOINTING, State.STOP_FAILED])
def test_silence_beyond_its_limit_fences_and_still_changes_no_state(state):
    decision = planned(state, Seen.UNREACHABLE, since=NOON, now=NOON + RULES.silence_limit)

    assert (decision.news, decision.orders) == (None, (Order.DISCARD,))


@pytest.mark.parametrize("seen", [Seen.ABSENT, Seen.WAITING, Seen.PREPARING])
def test_a_launching_run_that_flink_does_not_have_is_launched_again(seen):
    decision = planned(State.LAUNCHING, seen)

    assert (decision.news, decision.orders) == (None, (Order.LAUNCH,))


def test_waiting_for_a_start_slot_has_no_limit():
    decision = planned(State.LAUNCHING, Seen.WAITING, since=NOON, now=NOON + timedelta(days=1))

    assert decision.news is None


@pytest.mark.parametrize("seen", [Seen.PREPARING, Seen.STARTING])
def test_a_start_that_takes_too_long_is_given_up(seen):
    decision = planned(State.LAUNCHING, seen, since=NOON, now=NOON + RULES.launch_limit)

    assert decision.news is News.LAUNCH_TIMED_OUT


@pytest.mark.parametrize(
    ("state", "seen", "news"),
    [
        (State.LAUNCHING, Seen.RUNNING, News.SEEN_RUNNING),
        (State.LAUNCHING, Seen.REFUSED, News.LAUNCH_REFUSED),
        (State.LAUNCHING, Seen.FINISHED, News.SEEN_FINISHED),
        (State.RUNNING, Seen.FINISHED, News.SEEN_FINISHED),
        (State.RUNNING, Seen.CANCELED, News.SEEN_GONE),
        (State.RUNNING, Seen.FAILED, News.BROKE_FOR_GOOD),
        (State.RUNNING, Seen.LOST, News.BROKE_FOR_GOOD),
        (State.RUNNING, Seen.ABSENT, News.BROKE_FOR_GOOD),
        (State.STOPPING, Seen.ABSENT, News.SEEN_GONE),
        (State.STOPPING, Seen.CANCELED, News.SEEN_GONE),
        (State.STOPPING, Seen.FINISHED, News.SEEN_FINISHED),
        (State.STOPPING, Seen.LOST, News.BROKE_FOR_GOOD),
        (State.STOP_FAILED, Seen.ABSENT, News.SEEN_GONE),
        (State.PARTING, Seen.FINISHED, News.SEEN_FINISHED),
    ],
)
def test_what_is_seen_becomes_news(state, seen, news):
    assert planned(state, seen).news is news


@pytest.mark.parametrize("seen", [Seen.FAILED, Seen.LOST, Seen.ABSENT])
def test_a_job_that_wants_it_is_restarted_at_once_the_first_time(seen):
    job = a_job(state=State.RUNNING, run=a_run(), spec=a_spec(restart_when_exception=True))

    decision = planned(State.RUNNING, seen, job=job)

    assert (decision.news, decision.restart_due_at) == (News.BROKE, NOON)


def test_the_second_restart_waits_a_second_and_the_tenth_a_minute():
    spec = a_spec(restart_when_exception=True)
    dues = []
    for times in (1, 2, 10):
        job = a_job(state=State.RUNNING, run=a_run(), spec=spec, restarts=(NOON,) * times)
        dues.append((planned(State.RUNNING, Seen.FAILED, job=job).restart_due_at - NOON).total_seconds())

    assert [round(due) for due in dues] == pytest.approx([1, 2, 60], abs=6)


def test_restarts_have_the_number_that_the_caller_allowed():
    job = a_job(
        state=State.RUNNING,
        run=a_run(),
        spec=a_spec(restart_when_exception=True, resume_max_num=2),
        restarts=(NOON - timedelta(minutes=59), NOON),
    )

    assert planned(State.RUNNING, Seen.FAILED, job=job).news is News.BROKE_FOR_GOOD


def test_restarts_are_counted_by_the_hour():
    spec = a_spec(restart_when_exception=True, resume_max_num=2)
    job = a_job(state=State.RUNNING, run=a_run(), spec=spec, restarts=(NOON - timedelta(minutes=61), NOON))

    assert planned(State.RUNNING, Seen.FAILED, job=job).news is News.BROKE


def test_ten_quiet_minutes_begin_the_pauses_anew():
    spec = a_spec(restart_when_exception=True)
    job = a_job(state=State.RUNNING, run=a_run(), spec=spec, restarts=(NOON - timedelta(minutes=10),) * 5)

    assert planned(State.RUNNING, Seen.FAILED, job=job).restart_due_at == NOON


RESUMES = {"restart_when_exception": True, "resume_checkpoint": True}


@pytest.mark.parametrize(
    ("spec", "retained", "news", "restore_from", "code"),
    [
        (RESUMES, Retained("/chk-7", had_state=True), News.BROKE, "/chk-7", ReasonCode.BROKE_RESUMING),
        (RESUMES, Retained(had_state=True), News.BROKE_FOR_GOOD, "", ReasonCode.STATE_UNREADABLE),
        (RESUMES, Retained(), News.BROKE, "/older", ReasonCode.BROKE_RESUMING),
        ({"restart_when_exception": True}, Retained("/chk-7", True), News.BROKE, "", ReasonCode.BROKE_ANEW),
        ({}, Retained("/chk-7", had_state=True), News.BROKE_FOR_GOOD, "", ReasonCode.BROKE),
    ],
)
def test_a_job_that_had_state_never_begins_empty_unless_its_caller_wants_that(spec, retained, news, restore_from, code):
    job = a_job(state=State.RUNNING, run=a_run(restore_from="/older"), spec=a_spec(**spec))

    decision = planned(State.RUNNING, Seen.FAILED, job=job, retained=retained)

    assert (decision.news, decision.restore_from, decision.reason.code) == (news, restore_from, code)


def test_what_flink_restarts_in_place_is_counted_and_told_once():
    job = a_job(state=State.RUNNING, run=a_run(flink_restarts=1), restart_times=1)

    decision = planned(State.RUNNING, Seen.RUNNING, job=job, restarts=3)
    job, facts = decision.apply(job, NOON)

    assert (job.restart_times, job.restarts, [fact.what for fact in facts]) == (3, (NOON, NOON), ["flink_restarted"])
    assert planned(State.RUNNING, Seen.RUNNING, job=job, restarts=3).apply(job, NOON)[1] == []


def test_a_damaged_run_is_made_whole_by_launching_it_again():
    decision = planned(State.RUNNING, Seen.RUNNING, damaged=True)

    assert (decision.news, decision.orders) == (None, (Order.LAUNCH,))


@pytest.mark.parametrize("seen", [Seen.WAITING, Seen.PREPARING])
def test_stopping_what_flink_does_not_have_yet_discards_it(seen):
    assert planned(State.STOPPING, seen).orders == (Order.DISCARD,)


@pytest.mark.parametrize("seen", [Seen.STARTING, Seen.RUNNING, Seen.RESTARTING])
def test_stopping_what_flink_has_cancels_it(seen):
    assert planned(State.STOPPING, seen).orders == (Order.STOP,)


def test_a_cancel_under_way_is_not_asked_for_again():
    assert planned(State.STOPPING, Seen.CANCELLING).orders == ()


def test_a_stop_that_takes_too_long_has_failed():
    assert planned(State.STOPPING, Seen.CANCELLING, now=NOON + RULES.stop_limit).news is News.STOP_TIMED_OUT


@pytest.mark.parametrize("state", sorted(SETTLED | {State.RESTARTING, State.QUEUED}))
@pytest.mark.parametrize("seen", [Seen.RUNNING, Seen.FAILED, Seen.UNREACHABLE, Seen.LOST])
def test_what_a_job_left_behind_is_discarded(state, seen):
    decision = planned(state, seen)

    assert (decision.news, decision.orders, decision.cleared) == (None, (Order.DISCARD,), False)


def test_a_run_is_cleared_only_when_it_is_seen_absent():
    decision = planned(State.FAILED, Seen.ABSENT)
    job, facts = decision.apply(a_job(state=State.FAILED, run=a_run()), NOON)

    assert job.live_run is None
    assert [fact.what for fact in facts] == ["run_cleared"]


@pytest.mark.parametrize("state", sorted(ALIVE))
def test_a_deleted_job_hears_nothing_and_only_goes(state):
    job = a_job(state=state, run=a_run(), deleted_at=NOON)

    decision = planned(state, Seen.RUNNING, job=job)

    assert (decision.news, decision.orders) == (None, (Order.DISCARD,))


def test_a_restart_waits_for_its_pause_and_for_the_old_run_to_be_gone():
    job = a_job(state=State.RESTARTING, restart_due_at=NOON + timedelta(seconds=4))
    with_old_run = a_job(state=State.RESTARTING, run=a_run(), restart_due_at=NOON)

    early, due = plan(job, None, NOON, RULES), plan(job, None, NOON + timedelta(seconds=4), RULES)

    assert (early.news, due.news) == (None, News.RESTART_DUE)
    assert plan(with_old_run, an_observation(Seen.FAILED), NOON, RULES).news is None


@pytest.mark.parametrize(
    ("told", "news", "orders"),
    [
        (SavepointNews(SavepointSeen.UNKNOWN), None, (Order.TAKE_SAVEPOINT,)),
        (SavepointNews(SavepointSeen.IN_PROGRESS), None, ()),
        (SavepointNews(SavepointSeen.COMPLETED, path="/s"), News.SAVEPOINT_ENDED, ()),
        (SavepointNews(SavepointSeen.FAILED, said="no"), News.SAVEPOINT_FAILED, ()),
    ],
)
def test_a_savepoint_is_asked_for_until_its_place_knows_it(told, news, orders):
    job = a_job(state=State.SAVEPOINTING, run=a_run())

    decision = planned(State.SAVEPOINTING, Seen.RUNNING, job=job, savepoints={job.savepoint.id: told})

    assert (decision.news, decision.orders) == (news, orders)


def a_shipped_job(**changes):
    return a_job(
        spec=a_spec(log_enabled=True, obs_bucket="logs"), **{"run": a_run(), "state": State.FINISHED} | changes
    )


def test_a_run_that_is_over_is_halted_and_kept_until_its_logs_are_shipped():
    job = a_shipped_job()

    first = plan(job, an_observation(Seen.FINISHED), NOON, Rules())
    then = plan(job, an_observation(Seen.FINISHED, halted=True), NOON, Rules())
    last = plan(job.logs_settled(NOON), an_observation(Seen.FINISHED), NOON, Rules())

    assert (first.orders, then.orders, last.orders) == ((Order.HALT,), (), (Order.DISCARD,))
    assert first.reason.code is ReasonCode.SHIPPING_LOGS


def test_logs_are_waited_for_no_longer_than_allowed():
    job, rules = a_shipped_job(), Rules(log_limit=timedelta(seconds=9))

    decision = plan(job, an_observation(Seen.FINISHED), NOON + timedelta(seconds=9), rules)
    after, facts = decision.apply(job, NOON)

    assert (decision.orders, [fact.what for fact in facts]) == ((Order.DISCARD,), ["logs_lost"])
    assert not after.awaits_logs


def test_a_deleted_job_gets_the_time_for_its_logs_from_its_deletion_on():
    later = NOON + timedelta(hours=1)
    job = a_shipped_job(state=State.RUNNING, deleted_at=later)

    assert plan(job, an_observation(Seen.RUNNING), later, Rules()).orders == (Order.HALT,)


def test_a_run_that_is_gone_with_its_logs_is_cleared_and_told():
    job = a_shipped_job(run=a_run(started_at=NOON))

    _, facts = plan(job, an_observation(Seen.ABSENT), NOON, Rules()).apply(job, NOON)

    assert [fact.what for fact in facts] == ["logs_lost", "run_cleared"]


@pytest.mark.parametrize(
    ("state", "seen"),
    [(State.STOPPING, Seen.PREPARING), (State.STOPPING, Seen.WAITING), (State.RUNNING, Seen.UNREACHABLE)],
)
def test_a_run_that_has_to_end_keeps_its_logs_if_they_are_wanted(state, seen):
    now = NOON + timedelta(minutes=4)
    looked = an_observation(seen, since=NOON)

    logged = plan(a_shipped_job(state=state), looked, now, RULES)
    plain = plan(a_job(state=state, run=a_run()), looked, now, RULES)

    assert (logged.orders, plain.orders) == ((Order.HALT,), (Order.DISCARD,))
