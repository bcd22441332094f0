"""Why a job is where it is, and its history, in our own plain REST."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel

from penstock.api.messages import Language, text_of
from penstock.api.schemas.warnings import WarningOut
from penstock.api.words import description_of, status_of
from penstock.domain.faults import Param
from penstock.domain.history import Fact
from penstock.domain.kept_savepoint import KeptSavepoint
from penstock.domain.reason import Reason
from penstock.domain.run import InstallationId, Run, flink_job_id
from penstock.usecases.jobs import Explanation, HistoryPage


class ReasonOut(BaseModel):
    """A reason with its words."""

    code: str
    text: str
    params: Mapping[str, Param]

    @classmethod
    def from_reason(cls, reason: Reason, language: Language) -> "ReasonOut":
        return cls(code=reason.code, text=text_of(reason, language), params=dict(reason.params))


class RunOut(BaseModel):
    """The newest run of a job."""

    id: str
    flink_job_id: str
    place: str
    cus: int
    task_managers: int
    slots: int
    admitted_at: datetime
    started_at: datetime | None
    absent_at: datetime | None

    @classmethod
    def from_run(cls, run: Run, installation: InstallationId) -> "RunOut":
        return cls(
            id=run.id,
            flink_job_id=flink_job_id(installation, run.id),
            place=run.place,
            cus=run.footprint.cus,
            task_managers=run.footprint.task_managers,
            slots=run.footprint.slots,
            admitted_at=run.admitted_at,
            started_at=run.started_at,
            absent_at=run.absent_at,
        )


class SavepointOut(BaseModel):
    """The newest savepoint of a job: `path` is Flink's own, at its place; what is `copied_to` a bucket is whole there since `copied_at`."""

    id: str
    made_at: datetime
    place: str | None
    path: str | None
    copied_to: str | None
    copied_at: datetime | None

    @classmethod
    def from_savepoint(cls, kept: KeptSavepoint) -> "SavepointOut":
        return cls(
            id=kept.id,
            made_at=kept.made_at,
            place=kept.place or None,
            path=kept.path or None,
            copied_to=kept.copy or None,
            copied_at=kept.copied_at,
        )


class QueueOut(BaseModel):
    """The queue that the job names, if it is there."""

    name: str
    cu_count: int
    used_cu: int


class ExplanationOut(BaseModel):
    """Everything that a person needs to understand a job's state."""

    job_id: int
    name: str
    state: str
    status: str
    status_desc: str
    reason: ReasonOut
    moved_at: datetime
    queue: QueueOut | None
    run: RunOut | None
    restart_times: int
    restart_due_at: datetime | None
    savepoint: SavepointOut | None
    warnings: list[WarningOut]

    @classmethod
    def from_explanation(cls, found: Explanation, installation: InstallationId, language: Language) -> "ExplanationOut":
        job, queue = found.job, found.queue
        return cls(
            job_id=job.id,
            name=job.spec.name,
            state=job.state,
            status=status_of(job),
            status_desc=description_of(job, language),
            reason=ReasonOut.from_reason(job.reason, language),
            moved_at=job.moved_at,
            queue=QueueOut(name=queue.name, cu_count=queue.spec.cu_count, used_cu=found.used_cus) if queue else None,
            run=RunOut.from_run(job.run, installation) if job.run else None,
            restart_times=job.restart_times,
            restart_due_at=job.restart_due_at,
            savepoint=SavepointOut.from_savepoint(job.newest_savepoint) if job.newest_savepoint else None,
            warnings=WarningOut.all_of(found.warnings, language),
        )


class FactOut(BaseModel):
    """One line of a history."""

    at: datetime
    what: str
    before: str
    after: str
    reason: ReasonOut
    run_id: str | None
    request_id: str

    @classmethod
    def from_fact(cls, fact: Fact, language: Language) -> "FactOut":
        return cls(
            at=fact.at,
            what=fact.what,
            before=fact.before,
            after=fact.after,
            reason=ReasonOut.from_reason(fact.reason, language),
            run_id=fact.run_id,
            request_id=fact.request_id,
        )


class HistoryOut(BaseModel):
    """A page, oldest first; `next` is the cursor of the following one."""

    facts: list[FactOut]
    next: str | None

    @classmethod
    def from_page(cls, page: HistoryPage, language: Language) -> "HistoryOut":
        facts = [FactOut.from_fact(fact, language) for fact in page.facts]
        return cls(facts=facts, next=None if page.next is None else str(page.next))
