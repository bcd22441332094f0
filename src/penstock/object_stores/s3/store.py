"""Objects in buckets of an S3-compatible store, through obstore; large ones in parts, and none left half-sent.

A key lies in the service's own bucket, behind its prefix; `@name/rest` lies in the bucket `name`. Reads go on where a
connection broke, of the same version. A put that is cancelled or fails takes back the parts that it sent; those of a
process that was killed are the store's to forget (a lifecycle rule, see the guide).
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store as Client

from penstock.domain.errors import ObjectMissing
from penstock.object_stores.s3.access import Access
from penstock.object_stores.s3.listing import CONTROL, NO_PARTS, listed
from penstock.object_stores.s3.troubles import Asked, error_of, no_answer
from penstock.ports.object_store import ObjectInfo, ObjectPage

if TYPE_CHECKING:
    from obstore import ObjectMeta  # a name for type checkers only

_PIECE = 1 << 20  # bytes
_PART = 8 << 20  # bytes; smaller objects are sent at once
_PARTS = 9_000  # at most; stores take 10,000
_PARTS_AT_ONCE = 4  # in memory, too
_FAREWELL = 10.0  # seconds that a cancelled put gets to take its parts back
_PAUSES = (0.05, 0.2, 0.5)  # seconds between puts that met another call


@dataclass(frozen=True, slots=True)
class _Spot:
    """A bucket, and the key of an object in it; or the beginning of keys."""

    client: Client
    path: str
    outer: str  # what the port's keys have where those of the bucket have `inner`
    inner: str
    asked: Asked

    def outer_key(self, path: str) -> str:
        return self.outer + path.removeprefix(self.inner)


class S3Store:
    """`ports.object_store.ObjectStore` over a store that is somewhere else."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._home = access.settings.home

    @property
    def home(self) -> str:
        return str(self._home)

    async def put_file(self, key: str, source: Path) -> None:
        spot = self._spot(key)
        with await asyncio.to_thread(source.open, "rb") as file:
            size = (await asyncio.to_thread(source.stat)).st_size
            if size > _PART:
                await self._put_parts(spot, file, size)
            else:
                await self._put(spot, await asyncio.to_thread(file.read))

    async def put(self, key: str, data: bytes) -> None:
        spot = self._spot(key)
        if len(data) > _PART:
            await self._put_parts(spot, BytesIO(data), len(data))
        else:
            await self._put(spot, data)

    async def head(self, key: str) -> ObjectInfo:
        spot = self._spot(key)
        with self._told(spot, is_read=True):
            async with asyncio.timeout(self._access.limit):
                return _info(spot, await _meta(spot))

    async def read(self, key: str) -> AsyncGenerator[bytes, None]:
        spot = self._spot(key)
        with self._told(spot, is_read=True):
            async with asyncio.timeout(self._access.limit):
                found = await obstore.get_async(spot.client, spot.path)
            async for piece in found.stream(min_chunk_size=_PIECE):
                yield bytes(piece)

    async def delete(self, key: str) -> None:
        spot = self._spot(key)
        try:
            with self._told(spot, is_read=True):
                async with asyncio.timeout(self._access.limit):
                    await obstore.delete_async(spot.client, spot.path)
        except ObjectMissing:
            return

    async def list(self, prefix: str = "", *, limit: int = 1000, cursor: str | None = None) -> ObjectPage:
        if limit < 1:
            raise ValueError(f"a page of {limit} objects")
        if CONTROL.search(prefix) or not NO_PARTS.isdisjoint(prefix.split("/")[:-1]):
            return ObjectPage(objects=(), next=None)  # no key begins so
        spot = self._beginning(prefix)
        after = spot.inner + cursor.removeprefix(spot.outer) if cursor else ""
        with self._told(spot):
            async with asyncio.timeout(self._access.limit):
                found = await listed(spot.client, spot.path, after, limit + 1)
        page = tuple(_info(spot, meta) for meta in found[:limit])
        return ObjectPage(objects=page, next=page[-1].key if len(found) > limit else None)

    def local_path(self, key: str) -> Path | None:
        self._spot(key)
        return None

    async def _put(self, spot: _Spot, data: bytes) -> None:
        with self._told(spot):
            async with asyncio.timeout(self._access.limit):
                await _put_whole(spot, data)

    async def _put_parts(self, spot: _Spot, file: BinaryIO, size: int) -> None:
        """The library takes its parts back if its source fails, and not if it is cancelled: so the source fails."""
        pieces = _Pieces(file)
        sending = asyncio.create_task(_send(spot, pieces, max(_PART, -(-size // _PARTS))))
        try:
            with self._told(spot):
                await asyncio.shield(sending)
        except asyncio.CancelledError:
            pieces.give_up()
            done, _ = await asyncio.wait({sending}, timeout=_FAREWELL)
            for ended in done:
                ended.exception()  # looked at, or asyncio would complain of it
            raise
        finally:
            sending.cancel()

    def _spot(self, key: str) -> _Spot:
        """Raises ValueError for what the port does not allow; whoever takes keys from strangers looks first."""
        spot = self._beginning(key)
        rest = key.removeprefix(spot.outer)
        if not NO_PARTS.isdisjoint(rest.split("/")):
            raise ValueError(f"{key!r} is not a key")
        return spot

    def _beginning(self, prefix: str) -> _Spot:
        if CONTROL.search(prefix):
            raise ValueError(f"{prefix!r} is not a key")
        bucket, outer, inner = self._home.bucket, "", self._home.root
        if prefix.startswith("@"):
            bucket, slash, _ = prefix[1:].partition("/")
            outer, inner = f"@{bucket}/", ""
            if not slash or not bucket:
                raise ValueError(f"{prefix!r} is not a key")
        asked = Asked(place=self._access.place, bucket=bucket, key=prefix)
        return _Spot(self._access.client(bucket), inner + prefix.removeprefix(outer), outer, inner, asked)

    @contextmanager
    def _told(self, spot: _Spot, *, is_read: bool = False) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:
            raise no_answer(self._access.limit, spot.asked) from error
        except (BaseError, OSError) as error:
            raise error_of(str(error), spot.asked, is_read=is_read) from error


class _GivenUp(Exception):
    """Whoever wanted the object stored does not any more."""


class _Pieces:
    """A file's bytes, until somebody gives it up."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._is_given_up = False

    def give_up(self) -> None:
        self._is_given_up = True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._is_given_up:
            raise _GivenUp
        if piece := self._file.read(_PIECE):
            return piece
        raise StopIteration


async def _put_whole(spot: _Spot, data: bytes) -> None:
    """Stores may refuse what meets another call about the same key, or the same folder, and want to be asked again."""
    for pause in _PAUSES:
        try:
            await obstore.put_async(spot.client, spot.path, data, use_multipart=False)
        except AlreadyExistsError:
            await asyncio.sleep(pause)
        else:
            return
    await obstore.put_async(spot.client, spot.path, data, use_multipart=False)


async def _send(spot: _Spot, pieces: _Pieces, part: int) -> None:
    await obstore.put_async(
        spot.client, spot.path, pieces, use_multipart=True, chunk_size=part, max_concurrency=_PARTS_AT_ONCE
    )


async def _meta(spot: _Spot) -> "ObjectMeta":
    try:
        return await obstore.head_async(spot.client, spot.path)
    except (BaseError, OSError):
        # The answer to a HEAD has no body to say why: a bucket that is not there looks like an object that is not.
        return (await obstore.get_async(spot.client, spot.path)).meta


def _info(spot: _Spot, meta: "ObjectMeta") -> ObjectInfo:
    return ObjectInfo(key=spot.outer_key(meta["path"]), size=meta["size"], modified=meta["last_modified"])
