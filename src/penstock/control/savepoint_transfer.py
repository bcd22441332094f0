"""Moves the files of one savepoint between a folder of this machine and a folder of a bucket.

A savepoint is a flat folder, and `_metadata` names the other files: it is written last, so that what has it is whole.
"""

import asyncio
import hashlib
import os
import re
import shutil
import stat
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import BinaryIO

from penstock.domain.bucket import Bucket
from penstock.domain.errors import ObjectMissing, StoreFull, StoreUnavailable
from penstock.ports.object_store import ObjectInfo, ObjectStore

METADATA = "_metadata"
_NAME = re.compile(
    r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}\Z"
)  # as Flink names them; whatever else lies there is not its own
_PUT_LIMIT = 60.0  # seconds for one object, and
_SLOWEST = 1024 * 1024  # bytes a second more for a large one


async def copy_out(store: ObjectStore, source: Path, bucket: Bucket, key: str) -> None:
    """Store the folder's files under `key` in the bucket, and look whether they are there as they are here.

    Copying again is harmless. Raises FileNotFoundError where there is no savepoint, and StorageError.
    """
    sizes = await asyncio.to_thread(_files_in, source)
    for name, size in sizes.items():
        try:
            async with asyncio.timeout(_PUT_LIMIT + size / _SLOWEST):
                await store.put_file(_stored(bucket, key, name), source / name)
        except TimeoutError as error:
            raise StoreUnavailable(f"The object store took too long for {name}.") from error
    stored = {name: info.size async for name, info in _objects_in(store, bucket, key)}
    if different := [name for name, size in sizes.items() if stored.get(name) != size]:
        raise StoreUnavailable(f"The object store does not have {', '.join(different)} as it was stored.")
    if await _hash_of_object(store, _stored(bucket, key, METADATA)) != await asyncio.to_thread(
        _hash_of, source / METADATA
    ):
        raise StoreUnavailable(f"The object store gives back another {METADATA} than it was given.")


async def take_back(store: ObjectStore, bucket: Bucket, key: str) -> None:
    """Delete the savepoint under `key`: its bucket went while it came. Raises StorageError."""
    for name in [name async for name, _ in _objects_in(store, bucket, key)]:
        await store.delete(_stored(bucket, key, name))


async def copy_in(store: ObjectStore, bucket: Bucket, key: str, target: Path) -> None:
    """Make the folder, whole, from what lies under `key` in the bucket; what is there already stays.

    Raises ObjectMissing where there is no savepoint, StorageError, and StoreFull if the disk is.
    """
    if await asyncio.to_thread((target / METADATA).is_file):
        return
    objects = {name: info async for name, info in _objects_in(store, bucket, key)}
    if METADATA not in objects:
        raise ObjectMissing(f"There is no {METADATA} in {bucket.name}/{key}.")
    half = target.with_name(f".{target.name}")
    try:
        await asyncio.to_thread(_begin_anew, half)
        for name in sorted(objects, key=_metadata_last):
            await _fetch(store, _stored(bucket, key, name), half / name, objects[name].size)
        await asyncio.to_thread(_put_in_place, half, target)
    except OSError as error:
        raise StoreFull(f"The savepoint cannot be written to {target}: {error.strerror}.") from error


async def _fetch(store: ObjectStore, key: str, file: Path, size: int) -> None:
    with file.open("xb") as out:
        async for piece in store.read(key):
            await asyncio.to_thread(out.write, piece)
        await asyncio.to_thread(_sync, out)
        if out.tell() != size:
            raise StoreUnavailable(f"The object store gave {out.tell()} of the {size} bytes of {file.name}.")


async def _objects_in(store: ObjectStore, bucket: Bucket, key: str) -> AsyncIterator[tuple[str, ObjectInfo]]:
    """By their names in the folder; those further below, and those that Flink would not name so, are left out."""
    prefix, cursor = _stored(bucket, key, ""), None
    while True:
        page = await store.list(prefix, cursor=cursor)
        for info in page.objects:
            if _NAME.match(name := info.key.removeprefix(prefix)):
                yield name, info
        cursor = page.next
        if cursor is None:
            return


def _stored(bucket: Bucket, key: str, name: str) -> str:
    """The folder may be the bucket itself, whose key is empty."""
    return bucket.stored(f"{key}/{name}" if key else name)


async def _hash_of_object(store: ObjectStore, key: str) -> bytes:
    digest = hashlib.sha256()
    async for piece in store.read(key):
        digest.update(piece)
    return digest.digest()


def _files_in(folder: Path) -> Mapping[str, int]:
    """Names and sizes of its plain files, the metadata last; raises FileNotFoundError where it has none."""
    sizes = {}
    for entry in os.scandir(folder):
        found = entry.stat(follow_symlinks=False)
        if stat.S_ISREG(found.st_mode) and _NAME.match(entry.name):
            sizes[entry.name] = found.st_size
    if METADATA not in sizes:
        raise FileNotFoundError(folder / METADATA)
    return {name: sizes[name] for name in sorted(sizes, key=_metadata_last)}


def _metadata_last(name: str) -> tuple[bool, str]:
    return name == METADATA, name


def _hash_of(file: Path) -> bytes:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").digest()


def _begin_anew(folder: Path) -> None:
    """Whoever died half-way left it. What is made is open to whom the folder above it is open: Flink may be another OS
    user, and write there too."""
    shutil.rmtree(folder, ignore_errors=True)
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
        each.chmod(_openness(each.parent))


def _put_in_place(half: Path, target: Path) -> None:
    for file in half.iterdir():
        file.chmod(_openness(half) & 0o666)
    shutil.rmtree(target, ignore_errors=True)
    half.rename(target)


def _openness(folder: Path) -> int:
    """Its mode, but for what lets everybody write."""
    return stat.S_IMODE(folder.stat().st_mode) & ~(stat.S_IWOTH | stat.S_ISVTX)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
