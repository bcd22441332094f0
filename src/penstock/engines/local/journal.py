"""A pair's folder as the engine's journal: what was decided is on the disk before it is done.

The claim is the one line that ties a run to a pair: made whole beside, linked in exclusively, synced. So after a crash
there is exactly one place to look.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from penstock.domain.run import RunId
from penstock.domain.savepoint import SavepointId
from penstock.engines.local.shape import Shape, shape_from
from penstock.flink.launch import Folders, Ports

_CLAIM = "claim"
_BIRTH = "pair.json"
_SAVEPOINT = "savepoint"
_DRAFT = ".draft"


class Note(StrEnum):
    """What became of a pair; each is a small file."""

    READY = "ready"  # Flink is up and warm
    SUBMITTING = "submitting"  # the job may have reached Flink: when the start of its run began
    SUBMITTED = "submitted"  # the job has reached Flink
    REFUSED = "refused"  # it never will: the text says why
    STOPPED = "stopped"  # it was stopped before it reached Flink
    ENDED = "ended"  # Flink's last word about the job: its state, the root cause, its savepoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Which run a pair belongs to."""

    run: RunId
    job_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """What a pair was made as; written before its first process starts."""

    shape: Shape
    ports: Ports
    made_of: str  # versions and sizes: a pair of other ones is not put back into the pool
    started_at: datetime


class Journal:
    """The folder of one pair."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.id = folder.name

    @property
    def folders(self) -> Folders:
        names = {name: self.folder / name for name in ("conf", "logs", "tmp", "work")}
        return Folders(**names)

    def make(self, birth: Birth) -> None:
        for place in (self.folders.conf, self.folders.logs, self.folders.tmp, self.folders.work):
            place.mkdir(parents=True, mode=0o700)
        self.folder.chmod(0o700)
        text = {
            "shape": birth.shape.as_json(),
            "rpc": birth.ports.rpc,
            "rest": birth.ports.rest,
            "made_of": birth.made_of,
            "started_at": birth.started_at.isoformat(),
        }
        self._put(_BIRTH, json.dumps(text))

    def birth(self) -> Birth | None:
        """None if the folder was never finished."""
        text = self._get(_BIRTH)
        if text is None:
            return None
        found = json.loads(text)
        return Birth(
            shape=shape_from(found["shape"]),
            ports=Ports(rpc=found["rpc"], rest=found["rest"]),
            made_of=found["made_of"],
            started_at=datetime.fromisoformat(found["started_at"]),
        )

    def claim(self, claim: Claim) -> bool:
        """False if another run has it."""
        draft = self.folder / f"{_CLAIM}{_DRAFT}"
        _write(draft, json.dumps({"run": claim.run, "job_id": claim.job_id}))
        try:
            os.link(draft, self.folder / _CLAIM)
        except FileExistsError:
            return self.claimed() == claim
        finally:
            draft.unlink()
        _sync(self.folder)
        return True

    def claimed(self) -> Claim | None:
        text = self._get(_CLAIM)
        if text is None:
            return None
        found = json.loads(text)
        return Claim(run=RunId(found["run"]), job_id=found["job_id"])

    def note(self, note: Note, text: str = "") -> None:
        self._put(note, text)

    def note_savepoint(self, savepoint: SavepointId) -> None:
        self._put(_SAVEPOINT, savepoint)

    def savepoints(self) -> frozenset[SavepointId]:
        """The one that Flink was asked for last, if any: a job has no more than one under way, and old ones would be
        asked after for as long as the run lives."""
        text = self._get(_SAVEPOINT)
        return frozenset({SavepointId(text)} if text else ())

    def notes(self) -> Mapping[Note, str]:
        found = ((note, self._get(note)) for note in Note)
        return {note: text for note, text in found if text is not None}

    def remove(self) -> None:
        """The birth goes first: what is half removed is then nobody's pair."""
        (self.folder / _BIRTH).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.folder.exists():
            shutil.rmtree(self.folder)

    def _get(self, name: str) -> str | None:
        try:
            return (self.folder / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def _put(self, name: str, text: str) -> None:
        draft = self.folder / f"{name}{_DRAFT}"
        _write(draft, text)
        draft.replace(self.folder / name)
        _sync(self.folder)


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
