"""Buckets and their objects: made, authorised, listed, filled, read and deleted, by the project that they belong to."""

from collections.abc import AsyncIterator, Sequence

from penstock.domain.bucket import Bucket, bucket_name_faults, object_key_faults
from penstock.domain.caller import ProjectId
from penstock.domain.errors import Invalid, NotAllowed, NotFound, NotNow, ObjectMissing
from penstock.domain.faults import Fault, FaultCode
from penstock.ports.object_store import ObjectInfo, ObjectPage
from penstock.ports.records import Tx
from penstock.usecases.desk import Desk
from penstock.usecases.errand import Errand
from penstock.usecases.packages import UploadedFile

_PAGE = (1, 1000)


async def make(desk: Desk, errand: Errand, name: str) -> Bucket:
    """The bucket of that name, made if there was none. Raises Invalid, or NotAllowed where an operator has to map it."""
    if faults := bucket_name_faults(name, "bucket"):
        raise Invalid(faults)
    if desk.shelf.home is not None:
        return await _made_by_operator(desk, errand, name)
    bucket = Bucket(project_id=errand.project_id, name=name, created_at=desk.clock.now())
    return await desk.records.change(_add, bucket)


async def list_buckets(desk: Desk, errand: Errand) -> Sequence[Bucket]:
    """In the order of the names."""
    return await desk.records.look(_list, errand.project_id)


async def show(desk: Desk, errand: Errand, name: str) -> Bucket:
    """Raises NotFound."""
    bucket = await _find(desk, errand, name)
    if bucket is None:
        raise NotFound([_unknown("bucket", name)])
    return bucket


async def authorise(desk: Desk, errand: Errand, names: Sequence[str]) -> tuple[str, ...]:
    """Jobs of the project may name these buckets from now on. All or none: raises Invalid with every fault."""
    if not names:
        raise Invalid.of(FaultCode.BUCKETS_MISSING, "obs_buckets")
    once = tuple(dict.fromkeys(names))
    await desk.records.change(_authorise, errand.project_id, once)
    return once


async def delete(desk: Desk, errand: Errand, name: str) -> None:
    """Raises NotFound, or NotNow while it holds objects or is mapped.

    An object that was stored between the look and the deletion is found by the second look, and the bucket stays; one
    that comes later finds no bucket (`put_object`).
    """
    bucket = await show(desk, errand, name)
    if bucket.location is not None:
        raise NotNow.of(FaultCode.BUCKET_MAPPED, "bucket", bucket=name, location=str(bucket.location))
    if not await desk.shelf.is_empty(bucket):
        raise NotNow([Fault.at("bucket", FaultCode.BUCKET_NOT_EMPTY, bucket=name)])
    await desk.records.change(_delete, bucket)
    if not await desk.shelf.is_empty(bucket):
        await desk.records.change(_add, bucket)
        raise NotNow([Fault.at("bucket", FaultCode.BUCKET_NOT_EMPTY, bucket=name)])


async def list_objects(desk: Desk, errand: Errand, name: str, *, prefix: str, limit: int, cursor: str) -> ObjectPage:
    """In the order of the keys. Raises NotFound or Invalid."""
    low, high = _PAGE
    if not low <= limit <= high:
        raise Invalid.of(FaultCode.LIMIT_INVALID, "limit", low=low, high=high, given=limit)
    return await desk.shelf.list(await show(desk, errand, name), prefix, limit, cursor)


async def demand_storable(desk: Desk, errand: Errand, name: str, key: str) -> Bucket:
    """The bucket, if an object may have this key in it: asked before the object itself is on its way. Raises NotFound,
    Invalid or NotNow."""
    if faults := object_key_faults(key):
        raise Invalid(faults)
    bucket = await show(desk, errand, name)
    if other := await desk.shelf.in_the_way(bucket, key):
        raise NotNow([Fault.at("key", FaultCode.OBJECT_KEY_IN_THE_WAY, key=key, other=other)])
    return bucket


async def put_object(desk: Desk, errand: Errand, bucket: Bucket, key: str, file: UploadedFile) -> ObjectInfo:
    """The object under this key from now on. Raises NotFound if the bucket is gone by now, and leaves nothing then."""
    await desk.shelf.put_file(bucket, key, file.path)
    if await _find(desk, errand, bucket.name) is None:
        await desk.shelf.delete(bucket, key)
        raise NotFound([_unknown("bucket", bucket.name)])
    try:
        return await desk.shelf.head(bucket, key)
    except ObjectMissing as error:  # deleted at the same moment
        raise NotFound([_missing(bucket.name, key)]) from error


async def read_object(desk: Desk, errand: Errand, name: str, key: str) -> AsyncIterator[bytes]:
    """The bytes, in pieces; that it is there is known before the first. Raises NotFound."""
    bucket = await show(desk, errand, name)
    if object_key_faults(key):
        raise NotFound([_missing(name, key)])
    pieces = desk.shelf.read(bucket, key)
    try:
        first = await anext(pieces, b"")
    except ObjectMissing as error:
        raise NotFound([_missing(name, key)]) from error
    return _joined(first, pieces)


async def delete_object(desk: Desk, errand: Errand, name: str, key: str) -> None:
    """Raises NotFound."""
    bucket = await show(desk, errand, name)
    if object_key_faults(key):
        raise NotFound([_missing(name, key)])
    try:
        await desk.shelf.head(bucket, key)
    except ObjectMissing as error:
        raise NotFound([_missing(name, key)]) from error
    await desk.shelf.delete(bucket, key)


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


async def _made_by_operator(desk: Desk, errand: Errand, name: str) -> Bucket:
    bucket = await _find(desk, errand, name)
    if bucket is None:
        raise NotAllowed.of(FaultCode.BUCKET_NEEDS_OPERATOR, "bucket", bucket=name)
    return bucket


async def _find(desk: Desk, errand: Errand, name: str) -> Bucket | None:
    if bucket_name_faults(name, "bucket"):
        return None
    return await desk.records.look(_found, errand.project_id, name)


def _unknown(path: str, name: str) -> Fault:
    return Fault.at(path, FaultCode.BUCKET_UNKNOWN, bucket=name)


def _missing(bucket: str, key: str) -> Fault:
    return Fault.at("key", FaultCode.OBJECT_UNKNOWN, bucket=bucket, key=key)


def _add(tx: Tx, bucket: Bucket) -> Bucket:
    return tx.buckets.add(bucket)


def _list(tx: Tx, project_id: ProjectId) -> Sequence[Bucket]:
    return tx.buckets.list(project_id)


def _found(tx: Tx, project_id: ProjectId, name: str) -> Bucket | None:
    return tx.buckets.find(project_id, name)


def _authorise(tx: Tx, project_id: ProjectId, names: Sequence[str]) -> None:
    faults = [fault for name in names if (fault := _obstacle(tx, project_id, name))]
    if faults:
        raise Invalid(faults)
    for name in names:
        tx.buckets.authorise(project_id, name)


def _obstacle(tx: Tx, project_id: ProjectId, name: str) -> Fault | None:
    bucket = None if bucket_name_faults(name, "obs_buckets") else tx.buckets.find(project_id, name)
    if bucket is None:
        return _unknown("obs_buckets", name)
    return Fault.at("obs_buckets", FaultCode.BUCKET_AUTHORISED, bucket=name) if bucket.authorised else None


def _delete(tx: Tx, bucket: Bucket) -> None:
    tx.buckets.delete(bucket.project_id, bucket.name)
