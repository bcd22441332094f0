"""Whole objects of the domain with defaults, so that a test spells out only what matters to it."""

from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from penstock.domain.caller import ProjectId
from penstock.domain.errors import NotFound
from penstock.domain.footprint import footprint_of
from penstock.domain.history import Fact
from penstock.domain.job import Job
from penstock.domain.kept_savepoint import KeptSavepoint
from penstock.domain.lifecycle import ALIVE, SETTLED, State
from penstock.domain.package import Package, PackageKind, PackageName
from penstock.domain.queue import Queue, QueueId, QueueSpec, QueueType
from penstock.domain.reason import Reason, ReasonCode
from penstock.domain.run import JobId, Run, RunId
from penstock.domain.run_sheet import Part, RunSheet, SheetId
from penstock.domain.savepoint import Savepoint, SavepointId
from penstock.domain.spec import JobSpec
from penstock.ports.records import NewJob, Tx
from penstock.testing.clock import NOON

PROJECT = ProjectId("p" * 32)
PLACE = "here"

IdT = TypeVar("IdT")


def a_spec(**changes: Any) -> JobSpec:
    """A job that could run at once."""
    defaults: dict[str, Any] = {"name": "test", "queue_name": "testQueue", "entrypoint": "javaQueueStream.jar"}
    return JobSpec(**defaults | changes)


def a_sheet(**changes: Any) -> RunSheet:
    spec = changes.get("spec", a_spec())
    defaults: dict[str, Any] = {
        "id": _sheet_id(JobId(1)),
        "spec": spec,
        "main_class": "org.example.Main",
        "arguments": (),
        "entrypoint": a_part("javaQueueStream.jar"),
        "jars": (),
        "files": (),
        "footprint": footprint_of(spec),
        "flink_version": "1.20",
        "place": PLACE,
    }
    return RunSheet(**defaults | changes)


def a_part(name: str, digit: str = "a") -> Part:
    return Part(name, digit * 64)


def a_run(**changes: Any) -> Run:
    """A live one."""
    defaults: dict[str, Any] = {
        "id": a_run_id(1),
        "job_id": JobId(1),
        "sheet_id": _sheet_id(JobId(1)),
        "place": PLACE,
        "footprint": footprint_of(a_spec()),
        "admitted_at": NOON,
    }
    return Run(**defaults | changes)


def a_run_id(number: int) -> RunId:
    return RunId(f"{number:024x}")


def a_job(**changes: Any) -> Job:
    """A draft, unless told; in a state that needs them it has a run, times and a savepoint of its own."""
    state = changes.get("state", State.DRAFT)
    job_id = changes.get("id", JobId(1))
    defaults: dict[str, Any] = {
        "id": job_id,
        "project_id": PROJECT,
        "user_id": "u1",
        "user_name": "someone",
        "spec": a_spec(),
        "state": state,
        "reason": Reason.of(ReasonCode.CREATED),
        "version": 1,
        "created_at": NOON,
        "updated_at": NOON,
        "moved_at": NOON,
        "ended_at": NOON if state in SETTLED else None,
    }
    if state is not State.DRAFT:
        defaults |= {"sheet_id": _sheet_id(job_id), "run_asked_at": NOON}
    if state in ALIVE:
        run_id = a_run_id(job_id)
        defaults["run"] = a_run(id=run_id, job_id=job_id, sheet_id=changes.get("sheet_id", defaults["sheet_id"]))
    if state in {State.SAVEPOINTING, State.PARTING}:
        defaults["savepoint"] = a_savepoint(stops_job=state is State.PARTING)
    return Job(**defaults | changes)


def a_savepoint(**changes: Any) -> Savepoint:
    defaults: dict[str, Any] = {"id": SavepointId("5" * 32), "asked_at": NOON, "stops_job": False}
    return Savepoint(**defaults | changes)


def a_kept_savepoint(**changes: Any) -> KeptSavepoint:
    """One that lies at its place alone; nobody wants a copy."""
    defaults: dict[str, Any] = {
        "id": SavepointId("6" * 32),
        "job_id": JobId(1),
        "made_at": NOON,
        "place": PLACE,
        "path": "file:///state/1/savepoints/6/savepoint-6",
    }
    return KeptSavepoint(**defaults | changes)


def a_queue_spec(**changes: Any) -> QueueSpec:
    """A dedicated general queue of 16 CUs."""
    defaults: dict[str, Any] = {
        "name": "testqueue",
        "cu_count": 16,
        "queue_type": QueueType.GENERAL,
        "resource_mode": 1,
    }
    return QueueSpec(**defaults | changes)


def a_queue(**changes: Any) -> Queue:
    defaults: dict[str, Any] = {
        "id": QueueId(1),
        "project_id": PROJECT,
        "spec": a_queue_spec(),
        "owner": "someone",
        "created_at": NOON,
    }
    return Queue(**defaults | changes)


def a_package(text: str = "javaQueueStream.jar", **changes: Any) -> Package:
    name = PackageName.parse(text)
    defaults: dict[str, Any] = {
        "project_id": PROJECT,
        "name": name,
        "kind": PackageKind.JAR,
        "sha256": "a" * 64,
        "size": 1,
        "owner": "someone",
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Package(**defaults | changes)


def a_fact(job: Job, what: str = "created", at: datetime = NOON) -> Fact:
    return job.note(what, at, Reason.of(ReasonCode.CREATED))


def a_new_job(name: str = "test", **changes: Any) -> NewJob:
    """A draft of that name; the changes are those of the spec, or the project."""
    project_id = changes.pop("project_id", PROJECT)
    spec = a_spec(name=name, **changes)
    return _new_of(a_job(project_id=project_id, spec=spec))


def stored(tx: Tx, job: Job) -> Job:
    """Put a job into the records as it is, but for its version, its id, and what the builders named after the id; its
    sheet is stored too if nobody has."""
    added = tx.jobs.add(_new_of(job))
    sheet_id = _renamed(job.sheet_id, _sheet_id(job.id), _sheet_id(added.id))
    run = job.run and replace(
        job.run,
        id=_renamed(job.run.id, a_run_id(job.id), a_run_id(added.id)),
        job_id=added.id,
        sheet_id=_renamed(job.run.sheet_id, _sheet_id(job.id), _sheet_id(added.id)),
    )
    for needed in (sheet_id, run.sheet_id if run else None):
        if needed:
            _make_sure_of_sheet(tx, added.id, needed, job.spec)
    return tx.jobs.save(replace(job, id=added.id, version=added.version, sheet_id=sheet_id, run=run))


def _new_of(job: Job) -> NewJob:
    return NewJob(
        project_id=job.project_id,
        user_id=job.user_id,
        user_name=job.user_name,
        spec=job.spec,
        reason=job.reason,
        created_at=job.created_at,
    )


def _sheet_id(job_id: JobId) -> SheetId:
    return SheetId(f"sheet-{job_id}")


def _renamed(given: IdT, old: IdT, new: IdT) -> IdT:
    return new if given == old else given


def _make_sure_of_sheet(tx: Tx, job_id: JobId, sheet_id: SheetId, spec: JobSpec) -> None:
    try:
        tx.sheets.load(sheet_id)
    except NotFound:
        tx.sheets.add(job_id, a_sheet(id=sheet_id, spec=spec))
