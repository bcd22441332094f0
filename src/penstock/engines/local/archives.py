"""Class data archives: what a JVM loads once, kept so that the next one maps it; they halve the time of a start.

The runtime from PyPI ships no base archive, so one is made here, once: making it again would silently make every
archive on top of it stale. An archive that a dying JVM left behind is small and worthless, so the size is checked.
Archives are an optimisation: nothing waits for them, and without them everything runs.
"""

import hashlib
import os
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

    def of_manager(self, *, training: bool = False) -> Archive:
        return self._of(self._manager, training=training)

    def of_worker(self, *, training: bool = False) -> Archive:
        return self._of(self._worker, training=training)

    async def make_base(self) -> None:
        """About a second; raises EngineUnavailable if Java cannot."""
        if _is_good(self._base):
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = _draft(self._base)
        argv = [str(self._java.binary), "-Xshare:dump", "-XX:+UseSerialGC", f"-XX:SharedArchiveFile={draft}"]
        env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        command = Command(argv=argv, env=env, folder=self.folder, output=self.folder / "base")
        process = machine.spawn(command, os.SCHED_BATCH)
        try:
            await machine.wait_gone([process], _BASE_LIMIT)
        finally:
            await machine.kill([process])
        _keep(draft, self._base)

    def keep_trained(self) -> None:
        """After the processes that made them have ended; raises EngineUnavailable if they are not good."""
        _keep(_draft(self._manager), self._manager)
        _keep(_draft(self._worker), self._worker)

    def _of(self, path: Path, *, training: bool) -> Archive:
        if training:
            return Archive(use=[self._base], make=_draft(path))
        if _is_good(self._base) and _is_good(path):
            return Archive(use=[self._base, path])
        return Archive(use=[self._base]) if _is_good(self._base) else _NONE


def _fingerprint(flink: Flink, java: Java) -> str:
    """Java ignores an archive if a jar of the class path has changed since."""
    digest = hashlib.sha256(f"{java.home} {java.version}".encode())
    for jar in flink.jars:
        stat = jar.stat()
        digest.update(f"{jar} {stat.st_size} {stat.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]


def _draft(path: Path) -> Path:
    return path.with_suffix(".draft.jsa")


def _is_good(path: Path) -> bool:
    try:
        return path.stat().st_size >= _SMALLEST
    except FileNotFoundError:
        return False


def _keep(draft: Path, path: Path) -> None:
    if not _is_good(draft):
        raise EngineUnavailable(f"Java wrote no good archive {draft.name}")
    draft.replace(path)
