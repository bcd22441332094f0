"""The log files of a pair, read as what strangers may have put there: the job's code can write to the folder, too.

Only plain files with one name that belong to the right OS user are read; links are never followed, nor is anything
opened that might wait or be somebody else's. A file is known by its inode, so it stays the same when it is rolled.
"""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from penstock.domain.errors import EngineUnavailable
from penstock.domain.log import LogFile, LogListing

_NAME = re.compile(
    r"(?P<stream>(?:jobmanager|taskmanager-[0-9]{1,6})\.(?:log|out|err|crash\.log))(?:\.(?P<roll>[0-9]{1,6}))?"
)
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe must not make us wait
_TRIES = 5  # files may be rolled while we look
_MOST = 1000  # files of a run; nobody but hostile code makes more

_Found = dict[str, os.stat_result]


class LogFiles:
    """Of one pair; `owner` is the number of the OS user that its processes run as."""

    def __init__(self, folder: Path, owner: int) -> None:
        self._folder = folder
        self._owner = owner

    def listing(self, *, is_final: bool) -> LogListing:
        """Raises EngineUnavailable if the folder cannot be read."""
        with self._opened() as folder:
            found = _settled(folder)
        sound = {name: info for name, info in found.items() if self._is_sound(info)}
        streams: dict[str, list[tuple[float, LogFile]]] = {}
        for name, info in sound.items():
            stream, age = _place_of(name)
            file = LogFile(stream, _incarnation(info), info.st_size, grows=False)
            streams.setdefault(stream, []).append((age, file))
        files = [file for stream in sorted(streams) for file in _in_order(streams[stream], is_final)]
        return LogListing(files=tuple(files), is_final=is_final, refused=tuple(sorted(found.keys() - sound.keys())))

    def read(self, file: LogFile, offset: int, limit: int) -> bytes:
        """Nothing if the file is not there any more. Raises EngineUnavailable if it cannot be read."""
        with self._opened() as folder:
            names = [name for name, info in _look(folder).items() if _incarnation(info) == file.incarnation]
            return self._read(folder, names[0], file, offset, limit) if names else b""

    def _read(self, folder: int, name: str, file: LogFile, offset: int, limit: int) -> bytes:
        try:
            descriptor = os.open(name, _FILE, dir_fd=folder)
        except FileNotFoundError:
            return b""  # rolled at this moment: the next look finds its new name
        try:
            info = os.fstat(descriptor)
            is_it = self._is_sound(info) and _incarnation(info) == file.incarnation
            return _read_fully(descriptor, offset, limit) if is_it else b""
        finally:
            os.close(descriptor)

    def _is_sound(self, info: os.stat_result) -> bool:
        # A second name could be a way to a file elsewhere that its maker must not read.
        return stat.S_ISREG(info.st_mode) and info.st_nlink == 1 and info.st_uid == self._owner

    @contextmanager
    def _opened(self) -> Iterator[int]:
        try:
            above = os.open(self._folder.parent, _FOLDER)
            try:
                folder = os.open(self._folder.name, _FOLDER, dir_fd=above)
            finally:
                os.close(above)
            try:
                yield folder
            finally:
                os.close(folder)
        except OSError as error:
            raise EngineUnavailable(f"The logs in {self._folder} cannot be read: {error.strerror}") from error


def _settled(folder: int) -> _Found:
    """As they are at one moment: the same names for the same files, twice in a row."""
    before = _look(folder)
    for _ in range(_TRIES):
        after = _look(folder)
        if {name: info.st_ino for name, info in before.items()} == {name: info.st_ino for name, info in after.items()}:
            return after
        before = after
    raise EngineUnavailable("Its logs are rolled faster than they can be listed")


def _look(folder: int) -> _Found:
    found: _Found = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if _NAME.fullmatch(entry.name) and len(found) < _MOST:
                try:
                    found[entry.name] = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
    return found


def _place_of(name: str) -> tuple[str, float]:
    """The stream, and where in it the file stands: log4j2 counts rolled files upwards, the newest has no number."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"{name} is no log file")
    return found["stream"], float(found["roll"] or "inf")


def _in_order(files: list[tuple[float, LogFile]], is_final: bool) -> list[LogFile]:
    ordered = [file for _, file in sorted(files, key=lambda pair: pair[0])]
    return [*ordered[:-1], replace(ordered[-1], grows=not is_final)]


def _incarnation(info: os.stat_result) -> str:
    return f"{info.st_dev}-{info.st_ino}"


def _read_fully(descriptor: int, offset: int, limit: int) -> bytes:
    pieces = []
    while limit > 0 and (piece := os.pread(descriptor, limit, offset)):
        pieces.append(piece)
        offset, limit = offset + len(piece), limit - len(piece)
    return b"".join(pieces)
