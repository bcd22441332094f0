"""What is written down of each run before it is done, with the records: whoever serves the place next goes on from it."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from penstock.domain.errors import EngineUnavailable, StorageError
from penstock.domain.run import RunId
from penstock.domain.savepoint import SavepointId
from penstock.ports.run_notes import RunNotes


class Note(StrEnum):
    """What became of a run; what is settled once stays so."""

    CLAIMED = "claimed"  # it is to be launched: its job, and where its state goes
    SUBMITTING = "submitting"  # the job may have reached Flink: when that began
    SUBMITTED = "submitted"  # the job has reached Flink
    REFUSED = "refused"  # it never will: the text says why
    STOPPED = "stopped"  # it was stopped before it reached Flink
    ENDED = "ended"  # Flink's last word about the job
    HALTED = "halted"  # by us, and for good
    CHECKPOINT = "checkpoint"  # the newest one that Flink told of; this one changes
    SAVEPOINT = "savepoint"  # the one that Flink was asked for last; so does this one


@dataclass(frozen=True, slots=True)
class Known:
    """The notes of one run."""

    notes: Mapping[str, str]

    def __contains__(self, note: Note) -> bool:
        return note in self.notes

    def __getitem__(self, note: Note) -> str:
        return self.notes[note]

    @property
    def is_settled(self) -> bool:
        """Nothing is to be launched of it any more."""
        return bool(self.notes.keys() & {Note.SUBMITTED, Note.REFUSED, Note.STOPPED, Note.ENDED, Note.HALTED})

    @property
    def submitting_since(self) -> datetime | None:
        text = self.notes.get(Note.SUBMITTING)
        return datetime.fromisoformat(text) if text else None

    @property
    def state(self) -> str:
        """The address of the folder that keeps what its job retains, if it was launched."""
        return str(json.loads(self.notes[Note.CLAIMED])["state"]) if Note.CLAIMED in self.notes else ""

    @property
    def savepoints(self) -> frozenset[SavepointId]:
        """The one that Flink was asked for last, if any: a job has no more than one under way, and old ones would be
        asked after for as long as the run lives."""
        return frozenset({SavepointId(self.notes[Note.SAVEPOINT])} if Note.SAVEPOINT in self.notes else ())


class Ledger:
    """The notes of a place's runs; raises EngineUnavailable while the records do not answer."""

    def __init__(self, notes: RunNotes) -> None:
        self._notes = notes

    async def of_runs(self, runs: Collection[RunId]) -> Mapping[RunId, Known]:
        try:
            return {run: Known(notes) for run, notes in (await self._notes.of_runs(runs)).items()}
        except StorageError as exc:
            raise _silent(exc) from exc

    async def of_run(self, run: RunId) -> Known:
        return (await self.of_runs([run]))[run]

    async def claim(self, run: RunId, job_id: int, state: str) -> None:
        await self.settle(run, Note.CLAIMED, json.dumps({"job_id": job_id, "state": state}))

    async def settle(self, run: RunId, note: Note, text: str = "") -> None:
        """What was there stays."""
        try:
            await self._notes.settle(run, note, text)
        except StorageError as exc:
            raise _silent(exc) from exc

    async def ask_savepoint(self, run: RunId, savepoint: SavepointId) -> None:
        await self._put(run, Note.SAVEPOINT, savepoint)

    async def put_checkpoint(self, run: RunId, path: str) -> None:
        await self._put(run, Note.CHECKPOINT, path)

    async def runs(self) -> frozenset[RunId]:
        try:
            return await self._notes.runs()
        except StorageError as exc:
            raise _silent(exc) from exc

    async def forget(self, run: RunId) -> None:
        try:
            await self._notes.forget(run)
        except StorageError as exc:
            raise _silent(exc) from exc

    async def _put(self, run: RunId, note: Note, text: str) -> None:
        try:
            await self._notes.put(run, note, text)
        except StorageError as exc:
            raise _silent(exc) from exc


def _silent(error: StorageError) -> EngineUnavailable:
    return EngineUnavailable(f"The records do not answer: {error}")
