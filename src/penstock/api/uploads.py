"""Files that callers send, in a form or as the body: on disk and hashed while they come, gone again unless kept.

Memory stays the same however long the file is: pieces are handed to the parser as they come, and to the disk by the
megabyte. A caller who hangs up, a full disk, a wrong hash or any other error leaves nothing behind.
"""

import asyncio
import errno
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fastapi import Request

from penstock.api.auth import Visit
from penstock.api.incoming import STALL_SECONDS, pieces
from penstock.api.multipart import PartsReader, boundary_of
from penstock.domain.errors import NotKnown, StoreFull, StoreUnavailable
from penstock.domain.faults import FaultCode
from penstock.ports.ids import Ids
from penstock.usecases.packages import UploadedFile

UPLOAD_LIMIT = 2**30  # bytes
_AROUND_THE_FILE = 64 * 1024  # bytes for the fields, and for what stands between the parts
_WRITE_AT = 1024 * 1024  # bytes; smaller writes cost more in changing threads than in writing
_PIECE_COSTS = 512  # bytes of memory around a piece, however small it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file and the fields around it."""

    file: UploadedFile
    file_name: str
    fields: dict[str, str]


class UploadRoom:
    """The folder in which uploads lie while they come, how long one may be, and how long its sender may be silent."""

    def __init__(self, folder: Path, ids: Ids, limit: int = UPLOAD_LIMIT, stall: float = STALL_SECONDS) -> None:
        self._folder = folder
        self._ids = ids
        self._limit = limit
        self._stall = stall

    @asynccontextmanager
    async def receive(self, request: Request, visit: Visit) -> AsyncIterator[Upload]:
        """The upload, whole and as signed; its file is gone when the block ends. Raises Invalid, NotKnown, StoreFull."""
        reader = PartsReader(boundary_of(request.headers.get("content-type", "")), self._limit)
        path = self._folder / self._ids.hex(32)
        try:
            file = await self._write(path, pieces(request, self._limit + _AROUND_THE_FILE, self._stall), reader, visit)
            yield Upload(file=file, file_name=reader.file_name, fields=reader.fields)
        finally:
            # Also when the request is cancelled: so not in a thread, where it would have to be awaited. What a broken
            # disk keeps is swept at the next start.
            with suppress(OSError):
                path.unlink()

    @asynccontextmanager
    async def receive_whole(self, request: Request, visit: Visit) -> AsyncIterator[UploadedFile]:
        """The body itself as a file; else as `receive`."""
        path = self._folder / self._ids.hex(32)
        try:
            yield await self._write(path, pieces(request, self._limit, self._stall), _WholeBody(), visit)
        finally:
            with suppress(OSError):
                path.unlink()

    def sweep(self) -> int:
        """Delete what a service that was killed has left, and make the folder if there is none; call it at the start."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        left = [path for path in self._folder.iterdir() if path.is_file()]
        for path in left:
            path.unlink()
        return len(left)

    async def _write(
        self, path: Path, body: AsyncGenerator[bytes, None], reader: "PartsReader | _WholeBody", visit: Visit
    ) -> UploadedFile:
        with _disk_errors(), await asyncio.to_thread(path.open, "xb") as target:
            sink = _Sink(target, hash_body=visit.is_bound)
            await _drain(body, reader, sink)
        if not visit.allows(sink.body_hash.hexdigest()):
            raise NotKnown.of(FaultCode.CONTENT_DIFFERS)
        return UploadedFile(path=path, sha256=sink.file_hash.hexdigest(), size=sink.size)


class _Sink:
    """Where the pieces wait until they are worth a write; `flush` runs in a thread. Syncing to the disk is the store's
    affair: until it has the content, nothing was promised."""

    def __init__(self, target: BinaryIO, *, hash_body: bool) -> None:
        self.file_hash = hashlib.sha256()
        self.body_hash = hashlib.sha256()
        self.size = 0
        self.waiting = 0
        self._target = target
        self._hash_body = hash_body
        self._body: list[bytes] = []
        self._file: list[memoryview] = []

    def add(self, piece: bytes, of_file: list[memoryview]) -> None:
        if self._hash_body:
            self._body.append(piece)
        self._file += of_file
        self.waiting += len(piece) + _PIECE_COSTS

    def flush(self) -> None:
        for piece in self._body:
            self.body_hash.update(piece)
        for part in self._file:
            self.file_hash.update(part)
            self.size += self._target.write(part)
        self._body, self._file, self.waiting = [], [], 0


class _WholeBody:
    """Reads a body that is nothing but the file."""

    def read(self, piece: bytes) -> list[memoryview]:
        return [memoryview(piece)]

    def finish(self) -> None:
        """Whatever came is whole: a body that breaks off raises before."""


async def _drain(body: AsyncGenerator[bytes, None], reader: PartsReader | _WholeBody, sink: _Sink) -> None:
    async with aclosing(body):
        async for piece in body:
            sink.add(piece, reader.read(piece))
            if sink.waiting >= _WRITE_AT:
                await asyncio.to_thread(sink.flush)
    reader.finish()
    await asyncio.to_thread(sink.flush)


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StoreFull from error
        raise StoreUnavailable(f"The upload cannot be written: {error}.") from error
