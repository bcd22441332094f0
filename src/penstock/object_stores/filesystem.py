"""Objects as files in a folder: `objects/<key>`, put there whole by a rename from `staged/`.

Written with the standard library. A library that also speaks to folders (obstore) was tried first: it follows
symbolic links, does not sync to the disk before it answers, and says "no space left" only in the text of an error.

A key names a file, so a key cannot lie below another one (`a` and `a/b`), and a part of it has at most 255 bytes.
Links are never followed, nor made: every step of a path is opened by itself, from the folder before it.
"""

import asyncio
import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from penstock.domain.errors import ObjectMissing, SetupError, StoreFull, StoreUnavailable
from penstock.ports.object_store import ObjectInfo, ObjectPage
from penstock.ports.plugin import Plugin

_PIECE = 1 << 20  # bytes
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_ATTEMPTS = 10  # a delete may take an empty folder away under a put; more than a few times in a row is something else

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class FilesystemStore:
    """`ports.object_store.ObjectStore` over a folder that is ours alone."""

    def __init__(self, folder: Path) -> None:
        self._objects = folder / "objects"
        self._staged = folder / "staged"
        for inner in (self._objects, self._staged):
            inner.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left_over in self._staged.iterdir():  # of a service that was killed; nobody else writes here
            left_over.unlink()

    @property
    def home(self) -> str:
        return ""

    async def put_file(self, key: str, source: Path) -> None:
        with await asyncio.to_thread(source.open, "rb") as file:
            await asyncio.to_thread(self._put, _parts(key), file)

    async def put(self, key: str, data: bytes) -> None:
        await asyncio.to_thread(self._put, _parts(key), BytesIO(data))

    async def head(self, key: str) -> ObjectInfo:
        return await asyncio.to_thread(self._head, key)

    async def read(self, key: str) -> AsyncGenerator[bytes, None]:
        parts = _parts(key)
        with _errors_of(key, is_read=True), await asyncio.to_thread(self._open, parts) as file:
            while piece := await asyncio.to_thread(file.read, _PIECE):
                yield piece

    async def delete(self, key: str) -> None:
        await asyncio.to_thread(self._delete, _parts(key))

    async def list(self, prefix: str = "", *, limit: int = 1000, cursor: str | None = None) -> ObjectPage:
        if limit < 1:
            raise ValueError(f"a page of {limit} objects")
        return await asyncio.to_thread(self._list, prefix, limit, cursor or "")

    def local_path(self, key: str) -> Path | None:
        try:
            self._head(key)
        except ObjectMissing:
            return None
        return self._objects / key

    def _put(self, parts: tuple[str, ...], source: BinaryIO) -> None:
        staged = self._staged / secrets.token_hex(16)
        with _errors_of("/".join(parts), is_read=False):
            try:
                _write_new(staged, source)
                self._move(staged, parts)
            finally:
                staged.unlink(missing_ok=True)

    def _move(self, staged: Path, parts: tuple[str, ...]) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._folder_of(parts, make=True) as folder:
                    os.replace(staged, parts[-1], dst_dir_fd=folder)
                    os.fsync(folder)
                return
            except FileNotFoundError:
                if attempt == _ATTEMPTS:
                    raise

    def _head(self, key: str) -> ObjectInfo:
        parts = _parts(key)
        with _errors_of(key, is_read=True), self._folder_of(parts) as folder:
            found = os.stat(parts[-1], dir_fd=folder, follow_symlinks=False)
            if not stat.S_ISREG(found.st_mode):
                raise FileNotFoundError(errno.ENOENT, "not a file", key)
        return _info(key, found)

    def _open(self, parts: tuple[str, ...]) -> BinaryIO:
        with self._folder_of(parts) as folder:
            # O_NONBLOCK: opening a pipe that somebody left there must not wait for a writer.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
            return os.fdopen(os.open(parts[-1], flags, dir_fd=folder), "rb")

    def _delete(self, parts: tuple[str, ...]) -> None:
        try:
            with _errors_of("/".join(parts), is_read=True), self._folder_of(parts) as folder:
                os.unlink(parts[-1], dir_fd=folder)
        except ObjectMissing:
            return
        self._prune(parts[:-1])

    def _prune(self, parts: tuple[str, ...]) -> None:
        """Take away folders that are empty now: a store knows only objects."""
        try:
            for depth in range(len(parts), 0, -1):
                with self._folder_of(parts[:depth]) as folder:
                    os.rmdir(parts[depth - 1], dir_fd=folder)
        except OSError:
            return  # not empty, or somebody else was first

    def _list(self, prefix: str, limit: int, after: str) -> ObjectPage:
        with _errors_of(prefix, is_read=False):
            found = list(islice(_walk(self._objects, "", prefix, after), limit + 1))
        page = tuple(found[:limit])
        return ObjectPage(objects=page, next=page[-1].key if len(found) > limit else None)

    @contextmanager
    def _folder_of(self, parts: tuple[str, ...], *, make: bool = False) -> Iterator[int]:
        """A descriptor of the folder that the last part lies in."""
        folder = os.open(self._objects, _FOLDER)
        try:
            for part in parts[:-1]:
                inner = _open_folder(folder, part, make=make)
                os.close(folder)
                folder = inner
            yield folder
        finally:
            os.close(folder)


def _parts(key: str) -> tuple[str, ...]:
    """Raises ValueError for what the port does not allow; whoever takes keys from strangers looks first."""
    parts = tuple(key.split("/"))
    if not {"", ".", ".."}.isdisjoint(parts) or key.startswith("@") or _CONTROL.search(key) or not _is_text(key):
        raise ValueError(f"{key!r} is not a key")
    return parts


def _is_text(name: str) -> bool:
    """Whether it can be written as UTF-8: a file's name may be any bytes, a key may not."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _write_new(staged: Path, source: BinaryIO) -> None:
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400)
    with os.fdopen(descriptor, "wb") as file:
        shutil.copyfileobj(source, file, _PIECE)
        file.flush()
        os.fsync(descriptor)


def _open_folder(above: int, name: str, *, make: bool) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=above)
    except FileNotFoundError:
        if not make:
            raise
    try:
        os.mkdir(name, 0o700, dir_fd=above)
        os.fsync(above)
    except FileExistsError:
        pass  # another put was first
    return os.open(name, _FOLDER, dir_fd=above)


def _walk(folder: Path, above: str, prefix: str, after: str) -> Iterator[ObjectInfo]:
    """In the order of the keys, in which a folder `a` stands as `a/`: behind the file `a.b`, which a plain order of
    names would put behind everything in it."""
    for key, entry in _entries(folder, above):
        if key.endswith("/"):
            has_wanted = key.startswith(prefix) or prefix.startswith(key)
            if has_wanted and (key > after or after.startswith(key)):
                yield from _walk(folder / entry.name, key, prefix, after)
        elif key.startswith(prefix) and key > after and entry.is_file(follow_symlinks=False):
            try:
                yield _info(key, entry.stat(follow_symlinks=False))
            except FileNotFoundError:
                continue  # deleted since we read the folder


def _entries(folder: Path, above: str) -> list[tuple[str, "os.DirEntry[str]"]]:
    try:
        with os.scandir(folder) as entries:
            named = [(above + entry.name, entry) for entry in entries if _is_text(entry.name)]
    except FileNotFoundError:
        return []
    keyed = [(f"{key}/" if entry.is_dir(follow_symlinks=False) else key, entry) for key, entry in named]
    return sorted(keyed, key=lambda pair: pair[0])


def _info(key: str, found: os.stat_result) -> ObjectInfo:
    return ObjectInfo(key=key, size=found.st_size, modified=datetime.fromtimestamp(found.st_mtime, UTC))


@contextmanager
def _errors_of(key: str, *, is_read: bool) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreFull(key=key) from error
        if is_read and error.errno in _ABSENT:
            raise ObjectMissing(f"There is no object {key}.", key=key) from error
        raise StoreUnavailable(f"The object {key} cannot be reached: {error.strerror}.", key=key) from error


def _no_settings(values: Mapping[str, object]) -> None:
    for name in values:
        raise SetupError(f"The object store 'filesystem' has no setting {name!r}; it has none at all.")


def _store_in(_: None, folder: Path) -> FilesystemStore:
    try:
        return FilesystemStore(folder)
    except OSError as error:
        raise SetupError(f"The object store's folder {folder} cannot be used: {error.strerror}.") from error


plugin = Plugin(name="filesystem", settings=_no_settings, factory=_store_in)
