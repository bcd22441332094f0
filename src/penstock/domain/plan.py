"""What now? A pure function from a job and what is seen of its run to what is said, ordered and explained.

Orders follow from state and observation, never from the moment of transition: a pass that died is simply repeated.
Silence is not death: an unreachable place changes no state. Beyond its limit the run is fenced (discarded), and the
job is called broken only when the run is seen absent.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from penstock.domain.history import Fact
from penstock.domain.job import Job
from penstock.domain.lifecycle import SETTLED, News, State
from penstock.domain.observation import ENDED, Observation, SavepointNews, SavepointSeen, Seen
from penstock.domain.reason import Reason, ReasonCode
from penstock.domain.restart import may_restart, pause_before, resumption

_TOLD = frozenset({SavepointSeen.COMPLETED, SavepointSeen.FAILED})
_AWAITED = frozenset({State.SAVEPOINTING, State.PARTING})  # what became of the savepoint decides where these lead

# Whatever run such a job still has is an old one, and has to go.
_OVER = SETTLED | {State.DRAFT, State.QUEUED, State.RESTARTING}


class Order(Enum):
    """What the engine is told; each is the name of a verb of its port."""

    LAUNCH = "launch"
    STOP = "stop"
    TAKE_SAVEPOINT = "take_savepoint"
    HALT = "halt"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How long is too long."""

    launch_limit: timedelta = timedelta(minutes=5)  # from the start of its processes until every task runs
    stop_limit: timedelta = timedelta(minutes=5)  # above Flink's own task.cancellation.timeout of 3 minutes
    savepoint_limit: timedelta = timedelta(minutes=10)
    silence_limit: timedelta = timedelta(minutes=3)
    log_limit: timedelta = timedelta(minutes=1)  # that a run which is over waits for its logs to be shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """At most one news; orders are given once the news is written down."""

    reason: Reason
    news: News | None = None
    orders: tuple[Order, ...] = ()
    cleared: bool = False  # the run is seen absent: its room is free
    restart_due_at: datetime | None = None
    restore_from: str = ""
    flink_restarts: int | None = None  # how many are seen, if they are more than were known
    logs_lost: Reason | None = None  # why the rest of its logs will never be shipped
    kept: str = ""  # where the savepoint is that was asked for, once it is whole
    savepoint_over: bool = False  # it is whole, or never will be

    def apply(self, job: Job, now: datetime) -> tuple[Job, list[Fact]]:
        """The job as it is from now on, and the facts to write down with it."""
        job, facts = self._without_moving(job, now)
        if self.news is not None:
            job, fact = job.hear(self.news, now, self.reason)
            facts.append(fact)
        elif job.deleted_at is None and job.state not in SETTLED:
            job = replace(job, reason=self.reason)
        if self.news is News.BROKE:
            job = job.restarted(1, now)
            job = replace(job, restart_due_at=self.restart_due_at, restore_from=self.restore_from)
        if self.logs_lost is not None:
            job, fact = job.logs_settled(now), job.note("logs_lost", now, self.logs_lost)
            facts.append(fact)
        if self.cleared:
            job, fact = job.cleared(now)
            facts.append(fact)
        if self.savepoint_over and job.state not in _AWAITED:
            job = replace(job, savepoint=None)
        return job, facts

    def _without_moving(self, job: Job, now: datetime) -> tuple[Job, list[Fact]]:
        """What was learnt beside the news."""
        facts = []
        if self.flink_restarts is not None:
            job, fact = job.flink_restarted(self.flink_restarts, now)
            facts.append(fact)
        if self.kept:
            job, fact = job.kept_savepoint(self.kept, now)
            facts += [fact] if self.news is not News.SAVEPOINT_ENDED else []  # whose own fact says the same
        return job, facts


def plan(job: Job, seen: Observation | None, now: datetime, rules: Rules) -> Decision:
    """One pass over one job. `seen` is what its place says of its live run, None if it has none."""
    if seen is None or job.live_run is None:
        return _without_run(job, now)
    told = _told(job, seen)
    decision = _decide(job, seen, now, rules)
    if job.savepoint is None or told.seen not in _TOLD:
        return decision
    return replace(decision, kept="" if job.has_its_savepoint else told.path, savepoint_over=True)


def _decide(job: Job, seen: Observation, now: datetime, rules: Rules) -> Decision:
    if is_over(job):
        return _tidy(job, seen, now, rules)
    if seen.seen is Seen.UNREACHABLE:
        return _silent(job, seen, now, rules)
    decision = _BY_STATE[job.state](job, seen, now, rules)
    known = job.run.flink_restarts if job.run else 0
    return replace(decision, flink_restarts=seen.restarts) if seen.restarts > known else decision


def is_over(job: Job) -> bool:
    """Whatever run it still has is to go."""
    return job.deleted_at is not None or job.state in _OVER


def _without_run(job: Job, now: datetime) -> Decision:
    due = job.restart_due_at or now
    if job.state is State.RESTARTING and job.deleted_at is None and now >= due:
        return Decision(reason=Reason.of(ReasonCode.RESTART_DUE), news=News.RESTART_DUE)
    return Decision(reason=job.reason)


def _tidy(job: Job, seen: Observation, now: datetime, rules: Rules) -> Decision:
    """The run has to go; its processes first, itself once its logs are shipped, or have taken too long."""
    bucket, waits = job.spec.obs_bucket, job.awaits_logs
    if seen.seen is Seen.ABSENT:
        has_run = job.run is not None and job.run.started_at is not None
        lost = Reason.of(ReasonCode.LOGS_VANISHED, bucket=bucket) if waits and has_run else None
        return Decision(reason=job.reason, cleared=True, logs_lost=lost)
    if not waits:
        return Decision(reason=job.reason, orders=(Order.DISCARD,))
    if now - max(job.moved_at, job.deleted_at or job.moved_at) >= rules.log_limit:
        lost = Reason.of(ReasonCode.LOGS_GIVEN_UP, bucket=bucket, seconds=int(rules.log_limit.total_seconds()))
        return Decision(reason=job.reason, orders=(Order.DISCARD,), logs_lost=lost)
    is_settled = job.state in SETTLED
    reason = Reason.of(ReasonCode.SHIPPING_LOGS, bucket=bucket) if is_settled else job.reason
    return Decision(reason=reason, orders=() if seen.halted else (Order.HALT,))


def _silent(job: Job, seen: Observation, now: datetime, rules: Rules) -> Decision:
    place = job.live_run.place if job.live_run else ""
    seconds = int(rules.silence_limit.total_seconds())
    if late := _stop_late(job, now, rules):
        return late
    if seen.since is not None and now - seen.since >= rules.silence_limit:
        return Decision(reason=Reason.of(ReasonCode.FENCING, place=place, seconds=seconds), orders=(_ending(job),))
    return Decision(reason=Reason.of(ReasonCode.SILENT, place=place, seconds=seconds))


def _launching(job: Job, seen: Observation, now: datetime, rules: Rules) -> Decision:
    if ended := _ended(job, seen, now, rules):
        return ended
    if seen.seen is Seen.RUNNING:
        return Decision(reason=Reason.of(ReasonCode.RUNS), news=News.SEEN_RUNNING)
    waits = seen.seen in {Seen.ABSENT, Seen.WAITING}
    if not waits and seen.since is not None and now - seen.since >= rules.launch_limit:
        seconds = int(rules.launch_limit.total_seconds())
        reason = Reason.of(ReasonCode.LAUNCH_TIMED_OUT, seconds=seconds, said=seen.said)
        return Decision(reason=reason, news=News.LAUNCH_TIMED_OUT)
    reasons = {
        Seen.ABSENT: Reason.of(ReasonCode.LAUNCHING),
        Seen.WAITING: Reason.of(ReasonCode.WAITS_FOR_START, said=seen.said),
        Seen.PREPARING: Reason.of(ReasonCode.PREPARING),
    }
    launch = seen.damaged or seen.seen in reasons
    reason = reasons.get(seen.seen, Reason.of(ReasonCode.STARTING))
    return Decision(reason=reason, orders=(Order.LAUNCH,) if launch else ())


def _running(job: Job, seen: Observation, now: datetime, rules: Rules) -> Decision:
    if ended := _ended(job, seen, now, rules):
        return ended
    if seen.seen is Seen.ABSENT:
        return _broken(job, seen, now)
    if seen.damaged:
        return Decision(reason=Reason.of(ReasonCode.MADE_WHOLE), orders=(Order.LAUNCH,))
    reasons = {
        Seen.RESTARTING: Reason.of(ReasonCode.RESTARTED_IN_PLACE, said=seen.said),
        Seen.CANCELLING: Reason.of(ReasonCode.CANCELED_ELSEWHERE),
        Seen.STARTING: Reason.of(ReasonCode.STARTING),
    }
    return Decision(reason=reasons.get(seen.seen, Reason.of(ReasonCode.RUNS)))


def _savepointing(job: Job, seen: Observation, now: datetime, rules: Rules) -> Decision:
    alive = _running(job, seen, now, rules)
    if alive.news is not None:
        return alive
    waits = _await_savepoint(job, seen, now, rules)
    return alive if alive.orders and waits.news is None else waits


def _parting(job: Job, seen: Observation, now: datetime, rules: Rules) -> Decision:
    """Flink ends a job that it stops with a savepoint as FINISHED; once the savepoint is whole, any end will do."""
    told = _told(job, seen)
    if seen.seen in ENDED | {Seen.ABSENT} and told.seen is SavepointSeen.COMPLETED:
        reason = Reason.of(ReasonCode.STOPPED_WITH_SAVEPOINT, path=told.path)
        return Decision(reason=reason, news=News.SEEN_FINISHED if seen.seen is Seen.FINISHED else News.SEEN_GONE)
    if late := _stop_late(job, now, rules):
        return late
    if seen.seen is Seen.FINISHED:
        if told.seen is SavepointSeen.IN_PROGRESS:
            return Decision(reason=Reason.of(ReasonCode.SAVEPOINTING))
        return Decision(reason=Reason.of(ReasonCode.ENDED_BEFORE_SAVEPOINT), news=News.SEEN_FINISHED)
    return _savepointing(job, seen, now, rules)


def _await_savepoint(job: Job, seen: Observation, now: datetime, rules: Rules) -> Decision:
    if job.savepoint is None:
        reason = Reason.of(ReasonCode.SAVEPOINT_FAILED, said="no savepoint was named")
        return Decision(reason=reason, news=News.SAVEPOINT_FAILED)
    told = _told(job, seen)
    if told.seen is SavepointSeen.FAILED:
        reason = Reason.of(ReasonCode.SAVEPOINT_FAILED, said=told.said)
        return Decision(reason=reason, news=News.SAVEPOINT_FAILED)
    if told.seen is SavepointSeen.COMPLETED and job.state is State.SAVEPOINTING:
        reason = Reason.of(ReasonCode.SAVEPOINT_ENDED, path=told.path)
        return Decision(reason=reason, news=News.SAVEPOINT_ENDED)
    if job.state is State.SAVEPOINTING and now - job.moved_at >= rules.savepoint_limit:
        seconds = int(rules.savepoint_limit.total_seconds())
        reason = Reason.of(ReasonCode.SAVEPOINT_TIMED_OUT, seconds=seconds)
        return Decision(reason=reason, news=News.SAVEPOINT_FAILED)
    asks = (Order.TAKE_SAVEPOINT,) if told.seen is SavepointSeen.UNKNOWN else ()
    return Decision(reason=Reason.of(ReasonCode.SAVEPOINTING), orders=asks)


def _told(job: Job, seen: Observation) -> SavepointNews:
    """What its place says of the savepoint that was asked for; once it is kept, it is whole whatever is said."""
    if job.has_its_savepoint and job.newest_savepoint:
        return SavepointNews(SavepointSeen.COMPLETED, path=job.newest_savepoint.path)
    unknown = SavepointNews(SavepointSeen.UNKNOWN)
    return seen.savepoints.get(job.savepoint.id, unknown) if job.savepoint else unknown


def _stopping(job: Job, seen: Observation, now: datetime, rules: Rules) -> Decision:
    stopped = Reason.of(ReasonCode.STOPPED)
    match seen.seen:
        case Seen.ABSENT | Seen.CANCELED:
            return Decision(reason=stopped, news=News.SEEN_GONE)
        case Seen.FINISHED:
            return Decision(reason=stopped, news=News.SEEN_FINISHED)
        case Seen.FAILED | Seen.LOST | Seen.REFUSED:
            return Decision(reason=stopped, news=News.BROKE_FOR_GOOD)
        case _:
            return _keep_stopping(job, seen, now, rules)


def _keep_stopping(job: Job, seen: Observation, now: datetime, rules: Rules) -> Decision:
    if job.state is State.STOP_FAILED:
        return Decision(reason=job.reason)
    if late := _stop_late(job, now, rules):
        return late
    reason = Reason.of(ReasonCode.STOPPING)
    if seen.seen in {Seen.WAITING, Seen.PREPARING}:
        return Decision(reason=reason, orders=(_ending(job),))  # Flink has no job of it that could be cancelled
    return Decision(reason=reason, orders=() if seen.seen is Seen.CANCELLING else (Order.STOP,))


def _ending(job: Job) -> Order:
    """Ends every process of the run; it keeps its logs while they are waited for."""
    return Order.HALT if job.awaits_logs else Order.DISCARD


def _stop_late(job: Job, now: datetime, rules: Rules) -> Decision | None:
    limit = rules.savepoint_limit if job.state is State.PARTING else rules.stop_limit
    if job.state not in {State.STOPPING, State.PARTING} or now - job.moved_at < limit:
        return None
    reason = Reason.of(ReasonCode.STOP_TIMED_OUT, seconds=int(limit.total_seconds()))
    return Decision(reason=reason, news=News.STOP_TIMED_OUT)


def _ended(job: Job, seen: Observation, now: datetime, rules: Rules) -> Decision | None:
    """What Flink, or its place, says is over."""
    match seen.seen:
        case Seen.FINISHED:
            return Decision(reason=Reason.of(ReasonCode.FINISHED), news=News.SEEN_FINISHED)
        case Seen.CANCELED:
            return Decision(reason=Reason.of(ReasonCode.CANCELED_ELSEWHERE), news=News.SEEN_GONE)
        case Seen.FAILED | Seen.LOST:
            return _broken(job, seen, now)
        case Seen.REFUSED:
            reason = Reason.of(ReasonCode.REFUSED, said=seen.said)
            if job.state is State.LAUNCHING:
                return Decision(reason=reason, news=News.LAUNCH_REFUSED)
            return Decision(reason=reason, news=News.BROKE_FOR_GOOD)
        case _:
            return None


def _broken(job: Job, seen: Observation, now: datetime) -> Decision:
    code = ReasonCode.BROKE if seen.seen is Seen.FAILED else ReasonCode.LOST
    reason = Reason.of(code, said=seen.said)
    if not may_restart(job, now):
        return Decision(reason=reason, news=News.BROKE_FOR_GOOD)
    begin = resumption(job, seen.retained)
    if begin is None:
        return Decision(reason=Reason.of(ReasonCode.STATE_UNREADABLE, said=seen.said), news=News.BROKE_FOR_GOOD)
    if begin.checkpoint:
        reason = Reason.of(ReasonCode.BROKE_RESUMING, said=seen.said, checkpoint=begin.checkpoint)
    else:
        reason = Reason.of(ReasonCode.BROKE_ANEW, said=seen.said, checkpoint=begin.left_behind)
    due = now + pause_before(job, now)
    return Decision(reason=reason, news=News.BROKE, restart_due_at=due, restore_from=begin.checkpoint)


_BY_STATE: dict[State, Callable[[Job, Observation, datetime, Rules], Decision]] = {
    State.LAUNCHING: _launching,
    State.RUNNING: _running,
    State.SAVEPOINTING: _savepointing,
    State.PARTING: _parting,
    State.STOPPING: _stopping,
    State.STOP_FAILED: _stopping,
}
