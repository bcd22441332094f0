"""What a caller wants run, where it is, and the only way to move it: `hear`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from penstock.domain.caller import ProjectId
from penstock.domain.errors import NotNow
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.history import Fact
from penstock.domain.kept_savepoint import KeptSavepoint
from penstock.domain.lifecycle import SETTLED, News, State, after
from penstock.domain.reason import Reason, ReasonCode
from penstock.domain.run import JobId, Run, RunId
from penstock.domain.run_sheet import SheetId
from penstock.domain.savepoint import Savepoint
from penstock.domain.spec import JobSpec

_HOUR = timedelta(hours=1)
_MANY = 1000  # restarts of one hour that are remembered, at most
_REFUSALS = {
    News.RUN_ASKED: FaultCode.JOB_NOT_RUNNABLE,
    News.STOP_ASKED: FaultCode.JOB_NOT_STOPPABLE,
    News.STOP_WITH_SAVEPOINT_ASKED: FaultCode.JOB_NOT_STOPPABLE,
    News.SAVEPOINT_ASKED: FaultCode.JOB_NOT_STOPPABLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job and its newest run; `version` grows with every write and guards it."""

    id: JobId
    project_id: ProjectId
    user_id: str
    user_name: str
    spec: JobSpec
    state: State
    reason: Reason
    version: int
    created_at: datetime
    updated_at: datetime
    moved_at: datetime  # when it came into its state
    sheet_id: SheetId | None = None
    run: Run | None = None  # the newest; live until seen absent
    run_asked_at: datetime | None = None  # its place in the queue; automatic restarts keep it
    started_at: datetime | None = None  # when its newest run was first seen running
    ended_at: datetime | None = None  # exactly if settled
    restart_due_at: datetime | None = None
    restarts_itself: bool = False  # restarting, or queued again by it: keeps its room, is admitted first
    restart_times: int = 0  # Flink's in place and ours, since it was last asked to run
    restarts: tuple[datetime, ...] = ()  # those of the last hour
    request_id: str = ""  # of the request that last asked something of it; what follows from it carries it on
    restore_from: str = ""  # the checkpoint that its next run begins from
    savepoint: Savepoint | None = None  # asked of its run, and not over, or its state waits for the run to be
    newest_savepoint: KeptSavepoint | None = None  # that its next run can begin from
    deleted_at: datetime | None = None

    @property
    def live_run(self) -> Run | None:
        return self.run if self.run and self.run.is_live else None

    @property
    def awaits_logs(self) -> bool:
        """Logs of its live run are wanted that are not shipped yet."""
        wanted = self.spec.log_enabled and bool(self.spec.obs_bucket)
        return wanted and self.live_run is not None and self.live_run.logs_shipped_at is None

    @property
    def has_its_savepoint(self) -> bool:
        """The one that was asked for is kept."""
        newest = self.newest_savepoint
        return self.savepoint is not None and newest is not None and newest.id == self.savepoint.id

    def duration(self, now: datetime) -> timedelta:
        """How long the newest run has run, or ran."""
        return (self.ended_at or now) - self.started_at if self.started_at else timedelta()

    def hear(self, news: News, now: datetime, reason: Reason, request_id: str = "") -> "tuple[Job, Fact]":
        """Move by the table, and say so in one fact. Raises NotNow where the table has no row for the news."""
        state = after(self.state, news)
        if state is None:
            code = _REFUSALS.get(news, FaultCode.JOB_NOT_STOPPABLE)
            raise NotNow([Fault.at("job_ids", code, job=self.id, state=self.state.value)])
        fact = _fact(self, news.value, state, now, reason, request_id)
        moved = replace(
            self,
            state=state,
            reason=reason,
            moved_at=now,
            updated_at=now,
            ended_at=now if state in SETTLED else None,
            request_id=fact.request_id,
            restarts_itself=news in {News.BROKE, News.RESTART_DUE} and state in {State.RESTARTING, State.QUEUED},
        )
        if news is News.RUN_ASKED:
            fresh = replace(moved, run_asked_at=now, started_at=None)
            moved = replace(fresh, restart_times=0, restarts=(), restore_from="", savepoint=None)
        if news is News.SEEN_RUNNING:
            moved = replace(moved, started_at=now, run=replace(moved.run, started_at=now) if moved.run else None)
        if news in {News.ADMITTED, News.RESTART_DUE}:
            moved = replace(moved, restart_due_at=None)
        return moved, fact

    def note(self, what: str, now: datetime, reason: Reason) -> Fact:
        """A fact that moves nothing."""
        return _fact(self, what, self.state, now, reason, "")

    def restarted(self, times: int, now: datetime) -> "Job":
        """It was restarted so many times more, by Flink in place or by us."""
        recent = [at for at in self.restarts if now - at < _HOUR]
        restarts = (*recent, *[now] * min(times, _MANY))[-_MANY:]
        return replace(self, restart_times=self.restart_times + times, restarts=restarts)

    def flink_restarted(self, seen: int, now: datetime) -> "tuple[Job, Fact]":
        """Flink restarted its run in place, `seen` times in all by now."""
        if self.run is None:
            raise ValueError(f"job {self.id} has no run that Flink could have restarted")
        job = self.restarted(seen - self.run.flink_restarts, now)
        reason = Reason.of(ReasonCode.FLINK_RESTARTED, times=seen)
        return replace(job, run=replace(self.run, flink_restarts=seen)), self.note("flink_restarted", now, reason)

    def logs_settled(self, now: datetime) -> "Job":
        """The last of its run's logs is shipped, or given up."""
        return replace(self, run=replace(self.run, logs_shipped_at=now) if self.run else None)

    def awaiting(self, savepoint: Savepoint, now: datetime) -> "tuple[Job, list[Fact]]":
        """It waits for this savepoint from now on, and for no older one."""
        is_open = self.savepoint is not None and not self.has_its_savepoint
        reason = Reason.of(ReasonCode.SAVEPOINT_SUPERSEDED)
        facts = [self.note("savepoint_given_up", now, reason)] if is_open else []
        return replace(self, savepoint=savepoint), facts

    def kept_savepoint(self, path: str, now: datetime) -> "tuple[Job, Fact]":
        """The savepoint that was asked for is whole, at this address of its run's place."""
        if self.run is None or self.savepoint is None:
            raise ValueError(f"job {self.id} was not asked for a savepoint")
        kept = KeptSavepoint.of(self.savepoint, self.id, self.run.place, path, now)
        fact = self.note("savepoint_kept", now, Reason.of(ReasonCode.SAVEPOINT_ENDED, path=path))
        return replace(self, newest_savepoint=kept, updated_at=now), fact

    def cleared(self, now: datetime) -> "tuple[Job, Fact]":
        """Its run is seen absent: nothing of it is left, and its room is free."""
        if self.run is None:
            raise ValueError(f"job {self.id} has no run to clear")
        job = replace(self, run=replace(self.run, absent_at=now), savepoint=None, updated_at=now)
        return job, self.note("run_cleared", now, Reason.of(ReasonCode.CLEARED))

    def edited(self, spec: JobSpec, changed: Sequence[str], now: datetime, request_id: str = "") -> "tuple[Job, Fact]":
        """Wanted otherwise from now on; a run that lives stays as its run sheet says."""
        reason = Reason.of(ReasonCode.EDITED, fields=", ".join(changed))
        return replace(self, spec=spec, updated_at=now), _fact(self, "edited", self.state, now, reason, request_id)

    def imported(
        self, savepoint: KeptSavepoint, now: datetime, reason: Reason, request_id: str = ""
    ) -> "tuple[Job, Fact]":
        """It may begin from this savepoint, which came from elsewhere."""
        fact = _fact(self, "savepoint_imported", self.state, now, reason, request_id)
        return replace(self, newest_savepoint=savepoint, updated_at=now), fact

    def deleted(self, now: datetime, request_id: str = "") -> "tuple[Job, Fact]":
        """Hidden from now on, its name free; what still runs of it is discarded."""
        reason = Reason.of(ReasonCode.DELETED)
        fact = _fact(self, "deleted", self.state, now, reason, request_id)
        return replace(self, deleted_at=now, updated_at=now), fact


def _fact(job: Job, what: str, state: State, now: datetime, reason: Reason, request_id: str) -> Fact:
    run_id: RunId | None = job.run.id if job.run else None
    return Fact(
        job_id=job.id,
        run_id=run_id,
        at=now,
        what=what,
        before=job.state,
        after=state,
        reason=reason,
        request_id=request_id or job.request_id,
    )
