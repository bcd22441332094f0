"""Which facts raise an alarm, and what it says."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from penstock.api.words import NAMES
from penstock.domain.admission import Scene, Verdict, pick
from penstock.domain.alarm import SENTENCES, STATUSES, alarm_of, sentence_of
from penstock.domain.footprint import Room
from penstock.domain.lifecycle import ALIVE, NEXT, News, State
from penstock.domain.observation import Observation, Seen
from penstock.domain.plan import Rules, plan
from penstock.domain.reason import Reason, ReasonCode
from penstock.domain.run import RunId
from penstock.testing.builders import a_job, a_queue, a_queue_spec, a_run, a_run_id, a_spec
from penstock.testing.clock import NOON

BROKE = Reason.of(ReasonCode.BROKE, said="java.lang.RuntimeException: on purpose")


def a_failure(state=State.RUNNING, news=News.BROKE_FOR_GOOD, reason=BROKE, **spec):
    """(the job after it, the fact)"""
    job = a_job(state=state, spec=a_spec(**{"smn_topic": "ops"} | spec))
    return job.hear(news, NOON, reason)


def test_a_job_that_breaks_tells_its_topic_what_and_why():
    alarm = alarm_of(*a_failure())

    assert alarm.topic_name == "ops"
    assert alarm.message.subject == "Flink job test (1) failed: job_running_exception"
    for words in ("Job ID: 1", "Job name: test", "Status: job_running_exception", "on purpose", "2025-06-01T12:00:00Z"):
        assert words in alarm.message.text


def test_a_job_that_cannot_be_submitted_tells_too():
    refused = Reason.of(ReasonCode.QUEUE_TOO_SMALL, queue="q", total=1, asked=2)

    alarm = alarm_of(*a_failure(State.QUEUED, News.ADMISSION_REFUSED, refused))

    assert "could not be submitted: job_submit_fail" in alarm.message.subject
    assert "The queue q has 1 CUs in all, the job asks for 2." in alarm.message.text


def test_the_statuses_are_those_of_the_wire():
    assert {state: NAMES[state] for state in STATUSES} == STATUSES


@pytest.mark.parametrize("state", State)
def test_only_two_ends_raise_an_alarm(state):
    for news, after in NEXT[state].items():
        job = a_job(state=state, spec=a_spec(smn_topic="ops"))

        alarm = alarm_of(*job.hear(news, NOON, BROKE))

        assert (alarm is not None) == (after in {State.FAILED, State.LAUNCH_FAILED})


def test_without_a_topic_nobody_is_told():
    assert alarm_of(*a_failure(smn_topic="")) is None


def test_a_deleted_job_tells_nobody():
    job, fact = a_failure()

    assert alarm_of(replace(job, deleted_at=NOON), fact) is None


def test_a_note_beside_a_failed_job_is_no_alarm():
    job, _ = a_failure()

    assert alarm_of(job, job.note("run_cleared", NOON, BROKE)) is None


def test_the_same_fact_has_the_same_id_and_another_has_another():
    job, fact = a_failure()
    others = [
        (job, replace(fact, run_id=RunId("f" * 24))),
        (job, replace(fact, at=NOON + timedelta(seconds=1))),
        (replace(job, id=2), fact),
        (replace(job, project_id="other"), fact),
        (job, replace(fact, what="other")),
    ]

    ids = [alarm_of(*other).message.id for other in [(job, fact), (job, fact), *others]]

    assert ids[0] == ids[1]
    assert len(set(ids)) == len(ids) - 1
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in ids)


def test_what_flink_says_can_be_long_and_steers_nothing():
    alarm = alarm_of(
        *a_failure(reason=Reason.of(ReasonCode.BROKE, said="\x1b[31mred\0\r\n\tat X\ud800" + "y" * 100_000))
    )

    assert len(alarm.message.text) < 10_000
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", alarm.message.text)
    assert "\n\tat X" in alarm.message.text
    alarm.message.text.encode()


@pytest.mark.parametrize("name", ["测" * 57, "x" * 57, "🔥" * 57])
def test_the_subject_fits_and_is_one_line(name):
    subject = alarm_of(*a_failure(name=name)).message.subject

    assert len(subject.encode()) <= 512
    assert subject.isprintable()


def test_a_reason_without_a_sentence_still_says_what_it_knows():
    assert sentence_of(Reason.of(ReasonCode.PLACE_GONE, place="here")) == "place_gone, place: here"
    assert sentence_of(Reason.of(ReasonCode.QUEUE_GONE)) == "The queue  is gone."


def reasons_of_the_planner():
    for state in ALIVE | {State.QUEUED, State.RESTARTING}:
        for seen in Seen:
            for wants in (False, True):
                job = a_job(state=state, run=a_run(), spec=a_spec(restart_when_exception=wants, resume_checkpoint=True))
                look = Observation(run=a_run_id(1), seen=seen, since=NOON - timedelta(hours=9))
                for now in (NOON, NOON + timedelta(hours=9)):
                    decision = plan(job, look, now, Rules())
                    if decision.news and NEXT[state].get(decision.news) in STATUSES:
                        yield decision.reason.code


def reasons_of_the_admission():
    for queues in ({}, {(a_queue().project_id, "testqueue"): a_queue(spec=a_queue_spec(cu_count=1))}):
        scene = Scene(queues=queues, holders=(), rooms={"here": Room()}, default_place="here")
        for answer in pick([a_job(state=State.QUEUED)], scene):
            if answer.verdict is Verdict.REFUSE:
                yield answer.reason.code


def test_every_reason_that_can_end_a_job_badly_has_its_sentence():
    found = {*reasons_of_the_planner(), *reasons_of_the_admission()}

    assert found >= {ReasonCode.BROKE, ReasonCode.LOST, ReasonCode.REFUSED, ReasonCode.QUEUE_GONE}
    assert found <= set(SENTENCES)
