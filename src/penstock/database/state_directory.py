"""The state directory: everything that an installation keeps, closed to others, and served by one service at a time."""

import asyncio
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from penstock.domain.errors import SetupError
from penstock.domain.run import JobId


class JobsFolder:
    """What jobs retain: `<job id>/state`, written by engines."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def jobs(self) -> list[JobId]:
        return [JobId(int(entry.name)) for entry in self.path.iterdir() if entry.name.isdecimal()]

    async def forget(self, job_id: JobId) -> None:
        await asyncio.to_thread(shutil.rmtree, self.path / str(job_id), ignore_errors=True)


class StateDirectory:
    """Names of what lies where."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.key = path / "vault.key"
        self.stamp = path / "stamp.pem"  # what signs messages
        self.objects = path / "objects"  # the filesystem store
        self.cache = path / "cache"  # local copies of what lies in a store elsewhere
        self.uploads = path / "uploads"  # emptied at start
        self.places = path / "places"
        self.jobs = path / "jobs"  # what jobs retain
        self.profile = path / "profile.json"
        self._site = path / "site"

    @property
    def site(self) -> str:
        """What tells this state directory from the others of an installation; made at the first use, while occupied."""
        try:
            known = self._site.read_text("ascii").strip()
        except FileNotFoundError:
            known = ""
        if not known:
            known = secrets.token_hex(8)
            _write_private(self._site, f"{known}\n")
        return known

    @contextmanager
    def occupied(self) -> Iterator[None]:
        """Make it, and keep every other service out until the block ends. Raises SetupError."""
        try:
            for folder in (self.path, self.objects, self.cache, self.uploads, self.places, self.jobs):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise SetupError(f"The state directory {self.path} cannot be used: {error.strerror}.") from error
        try:
            _lock(descriptor, self.path)
            yield
        finally:
            os.close(descriptor)  # lets go of the lock, as the end of the process does

    def hand_over(self, profile: str) -> None:
        """Write the operator's client profile, whole or not at all, readable by its owner alone."""
        _write_private(self.profile, profile)


def _write_private(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        owner = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
        raise SetupError(
            f"Another Penstock (process {owner}) serves the state directory {path}: "
            "stop it first, or choose another one with --state."
        ) from error
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        raise SetupError(f"The state directory {path} cannot be written: {error.strerror}.") from error
