"""Class data archives: what a JVM loads once, kept so that the next one maps it; they halve the time of a start.

The runtime from PyPI ships no base archive, so one is made here, once: making it again would silently make every
archive on top of it stale. An archive that a dying JVM left behind is small and worthless, so the size is checked.
Archives are an optimisation: nothing waits for them, and without them everything runs.
"""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from penstock.domain.errors import EngineUnavailable
from penstock.engines.local import machine
from penstock.engines.local.machine import Command
from penstock.flink.distribution import Flink, Java
from penstock.flink.launch import Archive

_SMALLEST = 10 * 1024 * 1024  # bytes; good ones have 13 (base) to 70 MB
_BASE_LIMIT = 120.0  # seconds
_NONE = Archive()


class Archives:
    """The archives for one Flink on one Java runtime, in a folder named after both."""

    def __init__(self, folder: Path, flink: Flink, java: Java) -> None:
        self.folder = folder / _fingerprint(flink, java)
        self._java = java
        self._base = self.folder / "base.jsa"
        self._manager = self.folder / "jobmanager.jsa"
        self._worker = self.folder / "taskmanager.jsa"

    @property
    def are_made(self) -> bool:
        return all(_is_good(path) for path in (self._base, self._manager, self._worker))

    def of(self, role: str) -> Archive:
        """What a process of this role is started with."""
        own = self._own(role)
        if not _is_good(self._base):
            return _NONE
        return Archive(use=[self._base, own] if _is_good(own) else [self._base])

    def of_training(self, role: str, drafts: Path) -> Archive:
        """What it is started with to write its archive into the folder of drafts as it ends."""
        return Archive(use=[self._base], make=drafts / self._own(role).name)

    async def make_base(self, drafts: Path, tags: Mapping[str, str]) -> None:
        """About a second; raises EngineUnavailable if Java cannot."""
        if _is_good(self._base):
            return
        draft = drafts / self._base.name
        marks = [f"-D{key}={value}" for key, value in tags.items()]
        argv = [str(self._java.binary), *marks, "-Xshare:dump", "-XX:+UseSerialGC", f"-XX:SharedArchiveFile={draft}"]
        env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        process = machine.spawn(Command(argv=argv, env=env, folder=drafts, output=drafts / "base"), os.SCHED_BATCH)
        try:
            await machine.wait_gone([process], _BASE_LIMIT)
        finally:
            await machine.kill([process])
        self._keep(draft)

    def keep_trained(self, drafts: Path) -> None:
        """After the processes that made them have ended; raises EngineUnavailable if they are not good."""
        for archive in (self._manager, self._worker):
            self._keep(drafts / archive.name)

    def _own(self, role: str) -> Path:
        return self._manager if role == self._manager.stem else self._worker

    def _keep(self, draft: Path) -> None:
        """A file that a JVM may still write to, or that is half there, would crash whoever maps it."""
        if not _is_good(draft):
            raise EngineUnavailable(f"Java wrote no good archive {draft.name}")
        self.folder.mkdir(parents=True, exist_ok=True)
        draft.replace(self.folder / draft.name)


def _fingerprint(flink: Flink, java: Java) -> str:
    """Java ignores an archive if a jar of the class path has changed since."""
    digest = hashlib.sha256(f"{java.home} {java.version}".encode())
    for jar in flink.jars:
        stat = jar.stat()
        digest.update(f"{jar} {stat.st_size} {stat.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]


def _is_good(path: Path) -> bool:
    try:
        return path.stat().st_size >= _SMALLEST
    except FileNotFoundError:
        return False
