"""Contents of packages, by their SHA-256: immutable, in a reserved object store, and as local files for who needs one."""

import asyncio
import errno
import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from penstock.domain.errors import StoreFull, StoreUnavailable
from penstock.domain.package import Content
from penstock.ports.ids import Ids
from penstock.ports.object_store import ObjectStore

_PREFIX = "packages/"
_ROOM = 8 * 2**30  # bytes of local copies: a few hundred jars, well below what Flink itself needs of a disk
_IN_USE = 3600.0  # seconds
_PART = ".part"  # the end of a name of a file that is not whole yet


class BlobStore:
    """`cache` is a folder for local copies, used only where the store has no files of this machine.

    Copies are whole and hold what their names say. Together they take `room` at most, as far as those that were used
    within the last hour leave any: whoever was handed a path is still to read it.
    """

    def __init__(self, store: ObjectStore, cache: Path, ids: Ids, room: int = _ROOM) -> None:
        self._store = store
        self._cache = cache
        self._ids = ids
        self._room = room
        for left_over in cache.glob(f"*{_PART}"):  # of a service that was killed
            left_over.unlink(missing_ok=True)

    async def keep(self, sha256: str, source: Path) -> None:
        """Store the file's bytes under their hash; storing them again changes nothing."""
        await self._store.put_file(_key(sha256), source)

    async def take(self, pieces: AsyncIterator[bytes]) -> Content:
        """Keep bytes whose hash is known only once all of them came."""
        part = self._cache / f"{self._ids.hex(32)}{_PART}"
        digest, size = hashlib.sha256(), 0
        await asyncio.to_thread(self._cache.mkdir, parents=True, exist_ok=True)
        try:
            with _disk_errors(), await asyncio.to_thread(part.open, "xb") as target:
                async for piece in pieces:
                    size += await asyncio.to_thread(_write, target, digest, piece)
            await self.keep(digest.hexdigest(), part)
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
        return Content(digest.hexdigest(), size)

    async def fetch(self, sha256: str) -> Path:
        """A local, read-only file with the content. Raises ObjectMissing or StoreUnavailable."""
        if local := self._store.local_path(_key(sha256)):
            await self._store.head(_key(sha256))
            return local
        copy = self._cache / sha256
        if not await asyncio.to_thread(_touch, copy):
            await self._copy_to(copy, sha256)
            await asyncio.to_thread(_make_room, self._cache, copy, self._room)
        return copy

    async def forget(self, names: Callable[[], Awaitable[frozenset[str]]], before: datetime) -> int:
        """Delete what nobody names and what was stored before then; an upload of this moment is not named yet.

        The names are asked for after the listing, and each age once more before the deletion: a content may be
        uploaded again, or named again, in between.
        """
        old = [sha256 async for sha256 in self._older(before)]
        named = await names() if old else frozenset()
        doomed = [sha256 for sha256 in old if sha256 not in named]
        return sum([await self._delete(sha256, before) for sha256 in doomed])

    async def _delete(self, sha256: str, before: datetime) -> bool:
        if (await self._store.head(_key(sha256))).modified >= before:
            return False
        await self._store.delete(_key(sha256))
        await asyncio.to_thread((self._cache / sha256).unlink, missing_ok=True)
        return True

    async def _older(self, before: datetime) -> AsyncIterator[str]:
        cursor: str | None = None
        while True:
            page = await self._store.list(_PREFIX, cursor=cursor)
            for found in page.objects:
                if found.modified < before:
                    yield found.key.rpartition("/")[2]
            if (cursor := page.next) is None:
                return

    async def _copy_to(self, copy: Path, sha256: str) -> None:
        """Under another name until it is whole, on the disk, and what its name says: a kill leaves no half of one."""
        part = copy.with_name(f"{copy.name}.{self._ids.hex(8)}{_PART}")
        await asyncio.to_thread(copy.parent.mkdir, parents=True, exist_ok=True)
        digest = hashlib.sha256()
        try:
            with _disk_errors(), await asyncio.to_thread(part.open, "xb") as target:
                async for piece in self._store.read(_key(sha256)):
                    await asyncio.to_thread(_write, target, digest, piece)
                await asyncio.to_thread(_flush, target)
            if digest.hexdigest() != sha256:
                raise StoreUnavailable(f"The object store gave other bytes than those of the content {sha256}.")
            await asyncio.to_thread(part.replace, copy)
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...


def _write(target: BinaryIO, digest: _Digest, piece: bytes) -> int:
    digest.update(piece)
    return target.write(piece)


def _flush(target: BinaryIO) -> None:
    target.flush()
    os.fsync(target.fileno())


def _touch(copy: Path) -> bool:
    """Whether it is there; it counts as used now."""
    try:
        os.utime(copy)
    except FileNotFoundError:
        return False
    return True


def _make_room(cache: Path, newest: Path, room: int) -> None:
    """Take away the copies that were not used for longest, until the rest fits."""
    now = newest.stat().st_mtime
    copies = [(found.st_mtime, found.st_size, path) for path, found in _copies(cache)]
    taken = sum(size for _, size, _ in copies)
    for used, size, path in sorted(copies):
        if taken <= room or used > now - _IN_USE:
            return
        path.unlink(missing_ok=True)
        taken -= size


def _copies(cache: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for path in cache.iterdir():
        with suppress(FileNotFoundError):
            if path.suffix != _PART:
                yield path, path.stat()


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StoreFull from error
        raise StoreUnavailable(f"A copy cannot be written: {error}.") from error


def _key(sha256: str) -> str:
    """Two levels, so that no folder grows without bound."""
    return f"{_PREFIX}{sha256[:2]}/{sha256}"
