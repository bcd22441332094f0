"""Savepoints that runs can begin from, in memory: a part of `testing.records`."""

from collections.abc import Sequence

from penstock.domain.errors import NotFound
from penstock.domain.faults import FaultCode
from penstock.domain.job import Job
from penstock.domain.kept_savepoint import KeptSavepoint
from penstock.domain.run import JobId
from penstock.domain.savepoint import SavepointId


class MemorySavepoints:
    """`ports.records.Savepoints`."""

    def __init__(self, savepoints: dict[SavepointId, KeptSavepoint], jobs: dict[JobId, Job]) -> None:
        self._savepoints = savepoints
        self._jobs = jobs

    def load(self, savepoint_id: SavepointId) -> KeptSavepoint:
        if savepoint_id not in self._savepoints:
            raise NotFound.of(FaultCode.SAVEPOINT_MISSING, job=savepoint_id)
        return self._savepoints[savepoint_id]

    def save(self, savepoint: KeptSavepoint) -> None:
        if savepoint.id in self._savepoints:
            self._savepoints[savepoint.id] = savepoint

    def to_copy(self, place: str) -> Sequence[KeptSavepoint]:
        return [kept for kept in self._oldest_first(place) if kept.copy and not kept.is_copied]

    def outlived(self, place: str) -> Sequence[KeptSavepoint]:
        return [
            kept for kept in self._oldest_first(place) if kept.path and kept.is_copied and not self._is_newest(kept)
        ]

    def _is_newest(self, kept: KeptSavepoint) -> bool:
        newest = self._jobs[kept.job_id].newest_savepoint
        return newest is not None and newest.id == kept.id

    def _oldest_first(self, place: str) -> Sequence[KeptSavepoint]:
        at_place = (kept for kept in self._savepoints.values() if kept.place == place)
        return sorted(at_place, key=lambda kept: (kept.made_at, kept.id))
