"""The place's memory: a folder for each run, and in it what was decided, on the disk before it is true.

A file is made whole beside and linked into its place: it is there entirely or not at all, and of two who write it the
first one wins. So every verb may be repeated, cut off in the middle, and called twice at once.
"""

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from penstock.domain.run import RunId
from penstock_rehearsal.rehearsal import Rehearsal

_BEGINNING, _STOPPED, _HALTED = "beginning.json", "stopped", "halted"


class Journal:
    """Plain functions that touch the disk; the engine calls them in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def begin(self, run: RunId, told: Mapping[str, object]) -> None:
        """From here on the run exists; what was told first stays."""
        (self._folder / run).mkdir(mode=0o700, exist_ok=True)
        _sync(self._folder)
        self._write_once(run, _BEGINNING, json.dumps(told))

    def note_stop(self, run: RunId, now: datetime) -> None:
        self._write_once(run, _STOPPED, now.isoformat())

    def note_halt(self, run: RunId, now: datetime) -> None:
        self._write_once(run, _HALTED, now.isoformat())

    def load(self, run: RunId) -> Rehearsal | None:
        """None where nothing of that name has begun."""
        text = self._read(run, _BEGINNING)
        if text is None:
            return None
        told, stopped, halted = json.loads(text), self._read(run, _STOPPED), self._read(run, _HALTED)
        return Rehearsal(
            run=run,
            job_name=told["job_name"],
            arguments=tuple(told["arguments"]),
            parallelism=told["parallelism"],
            began_at=datetime.fromisoformat(told["began_at"]),
            start_seconds=told["start_seconds"],
            stopped_at=datetime.fromisoformat(stopped) if stopped else None,
            halted_at=datetime.fromisoformat(halted) if halted else None,
        )

    def runs(self) -> list[RunId]:
        """Also those that are half begun or half removed: they have to be found to be discarded."""
        return sorted(RunId(entry.name) for entry in self._folder.iterdir())

    def remove(self, run: RunId) -> None:
        """The beginning goes first: what is half removed is not a run any more."""
        (self._folder / run / _BEGINNING).unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            shutil.rmtree(self._folder / run)

    def _read(self, run: RunId, name: str) -> str | None:
        with suppress(FileNotFoundError):
            return (self._folder / run / name).read_text("utf-8")
        return None

    def _write_once(self, run: RunId, name: str, text: str) -> None:
        """Nothing, where the run is not there: a wish about it is no error."""
        folder = self._folder / run
        with (
            suppress(FileNotFoundError, FileExistsError),
            NamedTemporaryFile("w", dir=folder, encoding="utf-8") as draft,
        ):
            draft.write(text)
            draft.flush()
            os.fsync(draft.fileno())
            os.link(draft.name, folder / name)
            _sync(folder)


def _sync(folder: Path) -> None:
    """A new name in a folder is on the disk once the folder is."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
