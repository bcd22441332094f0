"""What we ask of jobs and their newest runs; one method a statement, and never one a row."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, delete, exists, func, insert, select, update

from penstock.database.connection import unique
from penstock.database.dialect import contains, insert_into
from penstock.database.documents import (
    footprint_from,
    ms_from,
    reason_from,
    spec_from,
    text_from_footprint,
    text_from_reason,
    text_from_spec,
    text_from_times,
    time_from,
    times_from,
)
from penstock.database.savepoints import kept_from, values_of_kept
from penstock.database.tables import job_names, job_tags, jobs, runs, savepoints
from penstock.domain.caller import ProjectId
from penstock.domain.errors import NotFound, StaleWrite
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.job import Job
from penstock.domain.kept_savepoint import KeptSavepoint
from penstock.domain.lifecycle import ALIVE, State
from penstock.domain.run import JobId, Run, RunId
from penstock.domain.run_sheet import SheetId
from penstock.domain.savepoint import Savepoint, SavepointId
from penstock.domain.spec import JobSpec
from penstock.ports.records import JobFilter, JobPage, NewJob

Values = dict[str, object]

_LARGEST = 2**63 - 1  # beyond it no database has a number, and a driver may refuse even to ask
_UNSETTLED = ALIVE | {State.QUEUED, State.RESTARTING}

_run_columns = [column.label(f"run_{column.name}") for column in runs.c if column.name != "id"]
_kept_columns = [column.label(f"kept_{column.name}") for column in savepoints.c]
_job_with_run = select(jobs, *_run_columns, *_kept_columns).select_from(
    jobs.outerjoin(runs, runs.c.id == jobs.c.run_id).outerjoin(
        savepoints, savepoints.c.id == jobs.c.newest_savepoint_id
    )
)
_not_deleted = jobs.c.deleted_at_ms.is_(None)
_live = runs.c.absent_at_ms.is_(None)

# Made once, and given their values when they are executed: making them anew would cost more than executing them.
_add = insert(jobs).returning(jobs.c.id)
_save = update(jobs).where(jobs.c.id == bindparam("guarded_id"), jobs.c.version == bindparam("guarded_version"))
_save_run = update(runs).where(runs.c.id == bindparam("guarded_id"))


class DatabaseJobs:
    """`ports.records.Jobs` inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: NewJob) -> Job:
        with unique(self._connection, job_names, _taken(new.spec.name)):
            job_id = JobId(self._connection.execute(_add, _values_of_new(new)).scalar_one())
        self._set_tags(job_id, new.spec)
        return self.load(job_id)

    def find(self, project_id: ProjectId, job_id: JobId) -> Job | None:
        if not 0 < job_id <= _LARGEST:
            return None
        return self._one(_job_with_run.where(jobs.c.id == job_id, jobs.c.project_id == project_id, _not_deleted))

    def load(self, job_id: JobId) -> Job:
        job = self._one(_job_with_run.where(jobs.c.id == job_id)) if 0 < job_id <= _LARGEST else None
        if job is None:
            raise NotFound.of(FaultCode.JOB_UNKNOWN, job=job_id)
        return job

    def named(self, project_id: ProjectId, name: str) -> Job | None:
        return self._one(_job_with_run.where(jobs.c.project_id == project_id, jobs.c.name == name, _not_deleted))

    def save(self, job: Job) -> Job:
        guard = {"guarded_id": job.id, "guarded_version": job.version}
        with unique(self._connection, job_names, _taken(job.spec.name)):
            found = self._connection.execute(_save, _values_of(job) | {"version": job.version + 1} | guard).rowcount
        if not found:
            raise StaleWrite(job=job.id, version=job.version)
        if job.run:
            self._save_run(job.run)
        if job.newest_savepoint:
            self._add_savepoint(job.newest_savepoint)
        self._set_tags(job.id, job.spec)
        return replace(job, version=job.version + 1)

    def list(self, project_id: ProjectId, wanted: JobFilter) -> JobPage:
        where = [jobs.c.project_id == project_id, _not_deleted, *_conditions(wanted)]
        order = jobs.c.id.desc() if wanted.newest_first else jobs.c.id
        page = _job_with_run.where(*where).order_by(order).limit(wanted.limit).offset(min(wanted.offset, _LARGEST))
        total = self._connection.scalar(select(func.count()).select_from(jobs).where(*where)) or 0
        return JobPage(total=total, jobs=tuple(self._all(page)))

    def count_drafts(self, project_id: ProjectId) -> int:
        return self._count(jobs.c.project_id == project_id, jobs.c.state == State.DRAFT, _not_deleted)

    def waiting(self) -> Sequence[Job]:
        queued = _job_with_run.where(jobs.c.state == State.QUEUED, _not_deleted)
        return self._all(queued.order_by(jobs.c.run_asked_at_ms, jobs.c.id))

    def restarting(self) -> Sequence[Job]:
        return self._all(_job_with_run.where(jobs.c.state == State.RESTARTING, _not_deleted).order_by(jobs.c.id))

    def with_live_runs(self, place: str) -> Sequence[Job]:
        # By the index of live runs, which are few; joined the other way, SQLite would walk through all jobs.
        live = select(runs.c.job_id).where(_live, runs.c.place == place)
        return self._all(_job_with_run.where(jobs.c.id.in_(live)).order_by(jobs.c.id))

    def holding_room(self) -> Sequence[Job]:
        # A deleted job will have no next run, so only what still lives of it holds room. Two look-ups by index, which
        # an OR over both tables would not be.
        live = select(runs.c.job_id).where(_live)
        kept = select(jobs.c.id).where(jobs.c.restarts_itself, _not_deleted)
        return self._all(_job_with_run.where(jobs.c.id.in_(live.union(kept))).order_by(jobs.c.id))

    def runs_of(self, sheet_id: SheetId) -> Sequence[RunId]:
        newest_first = select(runs.c.id).where(runs.c.sheet_id == sheet_id).order_by(runs.c.admitted_at_ms.desc())
        return [RunId(run) for run in self._connection.scalars(newest_first)]

    def unsettled_on(self, project_id: ProjectId, queue_name: str) -> int:
        on_queue = (jobs.c.project_id == project_id, jobs.c.queue_name == queue_name.lower())
        return self._count(*on_queue, jobs.c.state.in_(_UNSETTLED), _not_deleted)

    def count_by_state(self) -> Mapping[State, int]:
        counted = select(jobs.c.state, func.count()).where(_not_deleted).group_by(jobs.c.state)
        return {State(state): count for state, count in self._connection.execute(counted)}

    def _one(self, statement: Select[*tuple[object, ...]]) -> Job | None:
        row = self._connection.execute(statement).one_or_none()
        return job_from(row) if row else None

    def _all(self, statement: Select[*tuple[object, ...]]) -> Sequence[Job]:
        return [job_from(row) for row in self._connection.execute(statement)]

    def _count(self, *where: ColumnElement[bool]) -> int:
        return self._connection.scalar(select(func.count()).select_from(jobs).where(*where)) or 0

    def _save_run(self, run: Run) -> None:
        values = _values_of_run(run)
        if not self._connection.execute(_save_run, values | {"guarded_id": run.id}).rowcount:
            self._connection.execute(insert(runs), values)

    def _add_savepoint(self, kept: KeptSavepoint) -> None:
        """One that is there stays as it is: what became of its copy is written beside its job."""
        row = insert_into(savepoints, self._connection.dialect).values(values_of_kept(kept))
        self._connection.execute(row.on_conflict_do_nothing())

    def _set_tags(self, job_id: JobId, spec: JobSpec) -> None:
        kept = select(job_tags.c.key, job_tags.c.value).where(job_tags.c.job_id == job_id)
        if {tuple(row) for row in self._connection.execute(kept)} == set(spec.tags):
            return
        self._connection.execute(delete(job_tags).where(job_tags.c.job_id == job_id))
        rows = [{"job_id": job_id, "key": key, "value": value} for key, value in spec.tags]
        if rows:
            self._connection.execute(insert(job_tags), rows)


def job_from(row: Row[*tuple[object, ...]]) -> Job:
    """A row of `_job_with_run`."""
    return Job(
        id=JobId(row.id),
        project_id=ProjectId(row.project_id),
        user_id=row.user_id,
        user_name=row.user_name,
        spec=spec_from(row.spec),
        state=State(row.state),
        reason=reason_from(row.reason),
        version=row.version,
        created_at=time_from(row.created_at_ms),
        updated_at=time_from(row.updated_at_ms),
        moved_at=time_from(row.moved_at_ms),
        sheet_id=SheetId(row.sheet_id) if row.sheet_id else None,
        run=_run_from(row) if row.run_id else None,
        run_asked_at=time_from(row.run_asked_at_ms),
        started_at=time_from(row.started_at_ms),
        ended_at=time_from(row.ended_at_ms),
        restart_due_at=time_from(row.restart_due_at_ms),
        restarts_itself=row.restarts_itself,
        restart_times=row.restart_times,
        restarts=times_from(row.restarts_ms),
        restore_from=row.restore_from,
        request_id=row.request_id,
        savepoint=_savepoint_from(row) if row.savepoint_id else None,
        newest_savepoint=kept_from(row, "kept_") if row.kept_id else None,
        deleted_at=time_from(row.deleted_at_ms),
    )


def _run_from(row: Row[*tuple[object, ...]]) -> Run:
    return Run(
        id=RunId(row.run_id),
        job_id=JobId(row.run_job_id),
        sheet_id=SheetId(row.run_sheet_id),
        place=row.run_place,
        footprint=footprint_from(row.run_footprint),
        admitted_at=time_from(row.run_admitted_at_ms),
        started_at=time_from(row.run_started_at_ms),
        absent_at=time_from(row.run_absent_at_ms),
        restore_from=row.run_restore_from,
        flink_restarts=row.run_flink_restarts,
        logs_shipped_at=time_from(row.run_logs_shipped_at_ms),
    )


def _savepoint_from(row: Row[*tuple[object, ...]]) -> Savepoint:
    return Savepoint(
        id=SavepointId(row.savepoint_id),
        asked_at=time_from(row.savepoint_asked_at_ms),
        stops_job=row.savepoint_stops_job,
        copy_to=row.savepoint_copy_to,
    )


def _values_of_new(new: NewJob) -> Values:
    created = ms_from(new.created_at)
    return {
        "project_id": new.project_id,
        "user_id": new.user_id,
        "user_name": new.user_name,
        "state": State.DRAFT,
        "reason": text_from_reason(new.reason),
        "version": 1,
        "created_at_ms": created,
        "updated_at_ms": created,
        "moved_at_ms": created,
        "restarts_itself": False,
        "restart_times": 0,
        "restarts_ms": "[]",
        "restore_from": "",
        "request_id": "",
    } | _values_of_spec(new.spec)


def _values_of(job: Job) -> Values:
    savepoint = job.savepoint
    return {
        "state": job.state,
        "reason": text_from_reason(job.reason),
        "sheet_id": job.sheet_id,
        "run_id": job.run.id if job.run else None,
        "updated_at_ms": ms_from(job.updated_at),
        "moved_at_ms": ms_from(job.moved_at),
        "run_asked_at_ms": ms_from(job.run_asked_at),
        "started_at_ms": ms_from(job.started_at),
        "ended_at_ms": ms_from(job.ended_at),
        "restart_due_at_ms": ms_from(job.restart_due_at),
        "restarts_itself": job.restarts_itself,
        "restart_times": job.restart_times,
        "restarts_ms": text_from_times(job.restarts),
        "restore_from": job.restore_from,
        "request_id": job.request_id,
        "savepoint_id": savepoint.id if savepoint else None,
        "savepoint_asked_at_ms": ms_from(savepoint.asked_at) if savepoint else None,
        "savepoint_stops_job": savepoint.stops_job if savepoint else None,
        "savepoint_copy_to": savepoint.copy_to if savepoint else "",
        "newest_savepoint_id": job.newest_savepoint.id if job.newest_savepoint else None,
        "deleted_at_ms": ms_from(job.deleted_at),
    } | _values_of_spec(job.spec)


def _values_of_spec(spec: JobSpec) -> Values:
    return {"name": spec.name, "queue_name": spec.queue_name.lower(), "spec": text_from_spec(spec)}


def _values_of_run(run: Run) -> Values:
    return {
        "id": run.id,
        "job_id": run.job_id,
        "sheet_id": run.sheet_id,
        "place": run.place,
        "footprint": text_from_footprint(run.footprint),
        "admitted_at_ms": ms_from(run.admitted_at),
        "started_at_ms": ms_from(run.started_at),
        "absent_at_ms": ms_from(run.absent_at),
        "restore_from": run.restore_from,
        "flink_restarts": run.flink_restarts,
        "logs_shipped_at_ms": ms_from(run.logs_shipped_at),
    }


def _conditions(wanted: JobFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.states:
        conditions.append(jobs.c.state.in_(set(wanted.states)))
    if wanted.queue_name:
        conditions.append(jobs.c.queue_name == wanted.queue_name.lower())
    if wanted.name:
        conditions.append(contains(jobs.c.name, wanted.name))
    if wanted.user_name:
        conditions.append(jobs.c.user_name == wanted.user_name)
    return conditions + [_has_tag(key, value) for key, value in wanted.tags]


def _has_tag(key: str, value: str) -> ColumnElement[bool]:
    return exists().where(job_tags.c.job_id == jobs.c.id, job_tags.c.key == key, job_tags.c.value == value)


def _taken(name: str) -> Fault:
    return Fault.at("name", FaultCode.NAME_TAKEN, name=name)
