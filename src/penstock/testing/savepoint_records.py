"""Savepoints that runs can begin from, in memory: a part of `testing.records`."""

from collections.abc import Collection, Mapping, Sequence

from penstock.domain.errors import NotFound
from penstock.domain.faults import FaultCode
from penstock.domain.job import Job
from penstock.domain.kept_savepoint import KeptSavepoint
from penstock.domain.run import JobId
from penstock.domain.run_sheet import RunSheet, SheetId
from penstock.domain.savepoint import SavepointId

_AT_ONCE = 100


class MemorySavepoints:
    """`ports.records.Savepoints`."""

    def __init__(
        self,
        savepoints: dict[SavepointId, KeptSavepoint],
        jobs: Mapping[JobId, Job],
        sheets: Mapping[SheetId, RunSheet],
    ) -> None:
        self._savepoints = savepoints
        self._jobs = jobs
        self._sheets = sheets

    def load(self, savepoint_id: SavepointId) -> KeptSavepoint:
        if savepoint_id not in self._savepoints:
            raise NotFound.of(FaultCode.SAVEPOINT_MISSING, job=savepoint_id)
        return self._savepoints[savepoint_id]

    def save(self, savepoint: KeptSavepoint) -> None:
        if savepoint.id in self._savepoints:
            self._savepoints[savepoint.id] = savepoint

    def to_copy(self, place: str, but: Collection[SavepointId] = ()) -> Sequence[KeptSavepoint]:
        wanted = (kept for kept in self._oldest_first(place) if kept.copy and not kept.is_copied)
        return [kept for kept in wanted if kept.id not in but][:_AT_ONCE]

    def outlived(self, place: str) -> Sequence[KeptSavepoint]:
        twice = (kept for kept in self._oldest_first(place) if kept.path and kept.is_copied)
        return [kept for kept in twice if not self._is_needed(kept)][:_AT_ONCE]

    def _is_needed(self, kept: KeptSavepoint) -> bool:
        job = self._jobs[kept.job_id]
        begun_from = self._sheets[job.sheet_id].savepoint if job.sheet_id else None
        return kept.id in {begun_from, job.newest_savepoint and job.newest_savepoint.id}

    def _oldest_first(self, place: str) -> Sequence[KeptSavepoint]:
        at_place = (kept for kept in self._savepoints.values() if kept.place == place)
        return sorted(at_place, key=lambda kept: (kept.made_at, kept.id))
