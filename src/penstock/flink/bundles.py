"""The bundles that runs ship, built at the first launch and kept by their name."""

import asyncio
import os
from collections import defaultdict
from pathlib import Path

from penstock.domain.run_sheet import RunSheet
from penstock.jars import bundle
from penstock.ports.surroundings import Blobs


class Bundles:
    """A folder of bundles; what was least recently used goes first."""

    def __init__(self, folder: Path, blobs: Blobs, limit: int) -> None:
        self._folder = folder
        self._blobs = blobs
        self._limit = limit  # bytes
        self._building: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def fetch(self, sheet: RunSheet) -> Path:
        """Raises ObjectMissing, StoreUnavailable, or NotAnArchive if the entrypoint is none."""
        target = self._folder / f"{sheet.bundle}.jar"
        async with self._building[sheet.bundle]:
            if not await asyncio.to_thread(_touched, target):
                await self._build(sheet, target)
        self._building.pop(sheet.bundle, None)
        return target

    async def files(self, sheet: RunSheet) -> list[tuple[str, Path]]:
        """The data files of a run by their name."""
        names = dict.fromkeys((file.file_name, file.sha256) for file in sheet.files)
        return [(name, await self._blobs.fetch(sha256)) for name, sha256 in names]

    async def _build(self, sheet: RunSheet, target: Path) -> None:
        entrypoint = await self._blobs.fetch(sheet.entrypoint.sha256)
        jars = [(sha256, await self._blobs.fetch(sha256)) for sha256 in dict.fromkeys(jar.sha256 for jar in sheet.jars)]
        files = await self.files(sheet)
        self._folder.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(bundle.build, entrypoint, jars, files, target)
        await asyncio.to_thread(self._forget_old, target)

    def _forget_old(self, kept: Path) -> None:
        found = [(path.stat().st_mtime, path.stat().st_size, path) for path in self._folder.glob("*.jar")]
        room = self._limit
        for _, size, path in sorted(found, reverse=True):
            room -= size
            if room < 0 and path != kept:
                path.unlink(missing_ok=True)


def _touched(path: Path) -> bool:
    """Whether it is there; its time says when it was used last."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True
