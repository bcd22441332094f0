"""Writes down who must be told of a change, in the transaction of the change itself: never told of what did not happen."""

from collections.abc import Iterable

from penstock.domain.alarm import Alarm, alarm_of
from penstock.domain.history import Fact
from penstock.domain.job import Job
from penstock.domain.log import refusal_log
from penstock.domain.outbox import letter_to
from penstock.domain.reason import Reason, ReasonCode
from penstock.ports.records import Tx


def write_alarms(tx: Tx, job: Job, facts: Iterable[Fact]) -> None:
    """A letter to each subscriber for each fact that raises an alarm. `job` is the job as it is after the facts."""
    for fact in facts:
        if alarm := alarm_of(job, fact):
            tx.history.add(_written(tx, job, alarm))


def write_refusal(tx: Tx, job: Job) -> None:
    """What the job leaves in its bucket that was refused without a run. `job` is the job as it was saved."""
    if log := refusal_log(job):
        tx.submit_logs.add(log)


def _written(tx: Tx, job: Job, alarm: Alarm) -> Fact:
    now = alarm.message.said_at
    topic = tx.topics.find(job.project_id, alarm.topic_name)
    if topic is None:
        return job.note("alarm_dropped", now, Reason.of(ReasonCode.ALARM_TOPIC_GONE, topic=alarm.topic_name))
    hearing = tx.subscriptions.hearing(topic.urn)
    for subscription in hearing:
        tx.outbox.add(letter_to(subscription, alarm.message, topic.display_name or topic.name, job_id=job.id))
    reason = Reason.of(ReasonCode.ALARM_WRITTEN, topic=topic.name, receivers=len(hearing))
    return job.note("alarm_written", now, reason)
