"""Where buckets lie in a store that has buckets of its own: an operator says it, and nobody meets another's objects."""

from collections.abc import Sequence
from dataclasses import replace

from penstock.domain.bucket import Bucket, bucket_name_faults
from penstock.domain.caller import Caller, Project, ProjectId
from penstock.domain.errors import Invalid, NotFound, NotNow, StorageError
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.job import Job
from penstock.domain.lifecycle import SETTLED, State
from penstock.domain.location import Location
from penstock.ports.records import JobFilter, Tx
from penstock.usecases.access import demand_operator
from penstock.usecases.desk import Desk

_ACTIVE = frozenset(State) - SETTLED - {State.DRAFT}
_PAGE = 1000


async def map_bucket(desk: Desk, caller: Caller, project_id: str, name: str, where: str) -> Bucket:
    """The project's bucket of this name lies there from now on; saying it again changes nothing.

    Raises NotAllowed unless an operator asks, as all of this does; Invalid; NotFound; NotNow if it lies elsewhere, if
    the place is somebody's, or if the service cannot put, read, list and delete there.
    """
    demand_operator(caller)
    home, location = _home(desk), Location.parse(where)
    if faults := [*bucket_name_faults(name, "bucket"), *_location_faults(location, where)]:
        raise Invalid(faults)
    wanted = Bucket(project_id=ProjectId(project_id), name=name, created_at=desk.clock.now(), location=location)
    before = await desk.records.look(_checked, home, wanted)
    if before == location:
        return await desk.records.look(_found, wanted.project_id, name)
    await _demand_empty(desk, wanted)
    await _prove(desk, wanted)
    return await desk.records.change(_map, home, wanted)


async def unmap_bucket(desk: Desk, caller: Caller, project_id: str, name: str) -> None:
    """The project has no such bucket any more; its objects stay where they are. Raises NotFound, or NotNow."""
    demand_operator(caller)
    await desk.records.change(_unmap, ProjectId(project_id), name)


async def list_mapped(desk: Desk, caller: Caller) -> Sequence[Bucket]:
    """Of every project, by project and name."""
    demand_operator(caller)
    return await desk.records.look(_mapped)


def _home(desk: Desk) -> Location:
    if (home := desk.shelf.home) is None:
        raise NotNow.of(FaultCode.STORE_WITHOUT_BUCKETS, "location")
    return home


def _location_faults(location: Location, where: str) -> list[Fault]:
    return [Fault.at("location", FaultCode.LOCATION_INVALID, location=where)] if location.fault else []


async def _demand_empty(desk: Desk, wanted: Bucket) -> None:
    """What lies in a bucket that was not mapped so far would not be seen there any more."""
    bucket = await desk.records.look(_find, wanted)
    if bucket is not None and not await desk.shelf.is_empty(bucket):
        raise NotNow.of(FaultCode.BUCKET_NOT_EMPTY, "bucket", bucket=wanted.name)


async def _prove(desk: Desk, wanted: Bucket) -> None:
    """Under a key that nobody has: an object of somebody else must not be touched."""
    try:
        await desk.shelf.prove(wanted, f"penstock-{desk.ids.hex(32)}.txt")
    except StorageError as error:
        where, why = str(wanted.location), str(error)
        raise NotNow.of(FaultCode.LOCATION_UNUSABLE, "location", location=where, why=why) from error


def _checked(tx: Tx, home: Location, wanted: Bucket) -> Location | None:
    """Where the bucket lies so far. Raises NotFound, or NotNow if it may not lie there."""
    _demand_project(tx, wanted.project_id)
    before = tx.buckets.find(wanted.project_id, wanted.name)
    if before and before.location == wanted.location:
        return before.location
    if before and before.location:
        raise NotNow.of(FaultCode.BUCKET_MAPPED, "bucket", bucket=wanted.name, location=str(before.location))
    _demand_room(tx, home, wanted.location or home)
    return None


def _demand_project(tx: Tx, project_id: ProjectId) -> Project:
    project = tx.callers.project(project_id)
    if project is None or not project.is_open:
        raise NotFound.of(FaultCode.PROJECT_UNKNOWN, "project_id", project=project_id)
    return project


def _demand_room(tx: Tx, home: Location, location: Location) -> None:
    if location.overlaps(home):
        raise NotNow.of(FaultCode.LOCATION_OF_SERVICE, "location", location=str(location), other=str(home))
    for other in tx.buckets.mapped():
        if other.location and location.overlaps(other.location):
            taken = {"other": str(other.location), "bucket": other.name, "project": str(other.project_id)}
            raise NotNow.of(FaultCode.LOCATION_TAKEN, "location", location=str(location), **taken)


def _map(tx: Tx, home: Location, wanted: Bucket) -> Bucket:
    """One that was there without a location keeps whether jobs may name it."""
    _checked(tx, home, wanted)
    before = tx.buckets.find(wanted.project_id, wanted.name)
    if before:
        tx.buckets.delete(before.project_id, before.name)
    return tx.buckets.add(replace(wanted, authorised=bool(before and before.authorised)))


def _unmap(tx: Tx, project_id: ProjectId, name: str) -> None:
    bucket = _found(tx, project_id, name)
    if bucket.location is None:
        raise NotNow.of(FaultCode.BUCKET_NOT_MAPPED, "bucket", bucket=name)
    if job := _active_job(tx, bucket):
        raise NotNow.of(FaultCode.BUCKET_LOGGED_TO, "bucket", bucket=name, job=int(job.id), name=job.spec.name)
    tx.buckets.delete(project_id, name)


def _active_job(tx: Tx, bucket: Bucket) -> Job | None:
    """One that names the bucket, and has not come to its end."""
    offset = 0
    while page := tx.jobs.list(bucket.project_id, JobFilter(states=_ACTIVE, offset=offset, limit=_PAGE)).jobs:
        for job in page:
            if job.spec.obs_bucket == bucket.name:
                return job
        offset += _PAGE
    return None


def _found(tx: Tx, project_id: ProjectId, name: str) -> Bucket:
    bucket = tx.buckets.find(project_id, name)
    if bucket is None:
        raise NotFound.of(FaultCode.BUCKET_UNKNOWN, "bucket", bucket=name)
    return bucket


def _find(tx: Tx, wanted: Bucket) -> Bucket | None:
    return tx.buckets.find(wanted.project_id, wanted.name)


def _mapped(tx: Tx) -> Sequence[Bucket]:
    return tx.buckets.mapped()
