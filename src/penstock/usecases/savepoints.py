"""Savepoints on request: asked of a job that runs, brought from a bucket, and begun from."""

from contextlib import aclosing, suppress
from dataclasses import replace

from penstock.domain.bucket import Bucket, object_key_faults
from penstock.domain.caller import ProjectId
from penstock.domain.edit import ACTIVE, AT_REST
from penstock.domain.errors import Invalid, NotNow, ObjectMissing
from penstock.domain.faults import FaultCode
from penstock.domain.job import Job
from penstock.domain.kept_savepoint import METADATA_HEAD, KeptSavepoint, begins_as_metadata, default_target, target_of
from penstock.domain.lifecycle import News
from penstock.domain.object_path import ObjectPath, folder_path_of
from penstock.domain.reason import Reason, ReasonCode
from penstock.domain.run import JobId
from penstock.domain.run_sheet import Beginning, RunSheet
from penstock.domain.savepoint import Savepoint, SavepointId
from penstock.ports.bell import CONTROL
from penstock.ports.records import Tx
from penstock.usecases.desk import Desk
from penstock.usecases.errand import Errand
from penstock.usecases.finding import found_in, patiently

METADATA = "_metadata"
_PATH = "savepoint_path"
_TRIGGER = News.SAVEPOINT_ASKED, ReasonCode.SAVEPOINT_ASKED
_STOP = News.STOP_WITH_SAVEPOINT_ASKED, ReasonCode.STOP_WITH_SAVEPOINT_ASKED
_LONGEST_NAME = "savepoint-000000-000000000000/00000000-0000-0000-0000-000000000000"  # as Flink names folder and file


async def trigger(desk: Desk, errand: Errand, job_id: JobId, path: str = "") -> None:
    """The controllers take it, and copy it into this folder of a bucket; without one into the job's own bucket, if it
    has one. Raises NotFound, NotNow unless the job runs, or Invalid."""
    await patiently(lambda: desk.records.change(ask, desk, errand, job_id, path))
    desk.bell.ring(CONTROL)


async def import_savepoint(desk: Desk, errand: Errand, job_id: JobId, path: str) -> Job:
    """The job's newest savepoint is the one in this folder of a bucket. Raises NotFound, NotNow while the job is active,
    or Invalid."""
    job, bucket, folder = await desk.records.look(_importable, errand, job_id, path)
    if not begins_as_metadata(await _beginning_of(desk, bucket, f"{folder.key}/{METADATA}".lstrip("/"))):
        raise Invalid.of(FaultCode.SAVEPOINT_UNKNOWN, _PATH, folder=target_of(folder))
    now = desk.clock.now()
    savepoint = KeptSavepoint(
        id=SavepointId(desk.ids.hex(32)), job_id=job.id, made_at=now, copy=target_of(folder), copied_at=now
    )
    return await patiently(lambda: desk.records.change(_import, desk, errand, savepoint, path))


def ask(tx: Tx, desk: Desk, errand: Errand, job_id: JobId, path: str = "", *, stops_job: bool = False) -> None:
    """Write down that the job is to make a savepoint, and to stop with it. Raises NotFound, NotNow unless it runs, or
    Invalid if none can be taken, or copied to where it is to lie."""
    job, now = found_in(tx, errand, job_id), desk.clock.now()
    news, code = _STOP if stops_job else _TRIGGER
    moved, fact = job.hear(news, now, Reason.of(code), errand.request_id)
    asked, more = moved.awaiting(_named(tx, desk, moved, path, stops_job=stops_job), now)
    tx.jobs.save(asked)
    for each in (fact, *more):
        tx.history.add(each)


def _named(tx: Tx, desk: Desk, job: Job, path: str, *, stops_job: bool) -> Savepoint:
    now = desk.clock.now()
    place = desk.places.get(job.live_run.place) if job.live_run else None
    if place is not None and not place.capabilities.savepoints:
        field = "trigger_savepoint" if stops_job else "action"
        raise Invalid.of(FaultCode.PLACE_WITHOUT_SAVEPOINTS, field, place=place.name)
    target = default_target(job.spec.obs_bucket, job.id, now)
    if path:
        target = target_of(_folder(tx, job.project_id, path)[1])
    return Savepoint(id=SavepointId(desk.ids.hex(32)), asked_at=now, stops_job=stops_job, copy_to=target)


def demand_savepoint(job: Job, place: str) -> KeptSavepoint:
    """The newest one, if runs of this place can begin from it. Raises NotNow."""
    kept = job.newest_savepoint
    if kept is None:
        raise NotNow.of(FaultCode.SAVEPOINT_MISSING, "resume_savepoint", job=job.id)
    if kept.place != place and not kept.is_copied:
        code = FaultCode.SAVEPOINT_ELSEWHERE
        raise NotNow.of(code, "resume_savepoint", address=kept.path, place=kept.place)
    return kept


def beginning_from(sheet: RunSheet, savepoint: KeptSavepoint) -> RunSheet:
    """The same run, but from this savepoint."""
    return replace(sheet, beginning=Beginning.SAVEPOINT, state_path=savepoint.shown, savepoint=savepoint.id)


async def _beginning_of(desk: Desk, bucket: Bucket, key: str) -> bytes:
    """None at all where there is no such object."""
    beginning = b""
    with suppress(ObjectMissing):
        async with aclosing(desk.shelf.read(bucket, key)) as pieces:
            async for piece in pieces:
                beginning += piece
                if len(beginning) >= METADATA_HEAD:
                    break
    return beginning


def _importable(tx: Tx, errand: Errand, job_id: JobId, path: str) -> tuple[Job, Bucket, ObjectPath]:
    job = found_in(tx, errand, job_id)
    if job.state not in AT_REST:
        code = FaultCode.JOB_ACTIVE if job.state in ACTIVE else FaultCode.JOB_NOT_EDITABLE
        raise NotNow.of(code, _PATH, state=job.state.value, fields=_PATH)
    return job, *_folder(tx, errand.project_id, path)


def _import(tx: Tx, desk: Desk, errand: Errand, savepoint: KeptSavepoint, path: str) -> Job:
    job, _, _ = _importable(tx, errand, savepoint.job_id, path)
    reason = Reason.of(ReasonCode.SAVEPOINT_IMPORTED, copy=savepoint.copy)
    imported, fact = job.imported(savepoint, desk.clock.now(), reason, errand.request_id)
    saved = tx.jobs.save(imported)
    tx.history.add(fact)
    return saved


def _folder(tx: Tx, project_id: ProjectId, path: str) -> tuple[Bucket, ObjectPath]:
    """A folder of a bucket that jobs of the project may name. Raises Invalid."""
    folder = folder_path_of(path)
    if folder is None or object_key_faults(f"{folder.key}/{_LONGEST_NAME}".lstrip("/")):
        raise Invalid.of(FaultCode.SAVEPOINT_PATH_INVALID, _PATH, given=path)
    bucket = tx.buckets.find(project_id, folder.bucket)
    if bucket is None or not bucket.authorised:
        raise Invalid.of(FaultCode.BUCKET_UNAUTHORISED, _PATH, bucket=folder.bucket)
    return bucket, folder
