"""Copies the savepoints of a place to the buckets that were asked for, verifies them, and lets go of what is there twice.

The copy counts once it is written down, so whoever dies before that copies the same files under the same keys again.
The original of the newest savepoint stays at its place: a job begins from it without a copy back.
"""

import asyncio
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog

from penstock.control.beginnings import bucket_of_copy
from penstock.control.leases import LeaseKeeper
from penstock.control.originals import found_again
from penstock.control.rounds import attempt
from penstock.control.savepoint_transfer import copy_out, take_back
from penstock.control.tools import Tools
from penstock.domain.bucket import Bucket
from penstock.domain.errors import StorageError, StoreUnavailable
from penstock.domain.kept_savepoint import KeptSavepoint
from penstock.domain.reason import Reason, ReasonCode
from penstock.domain.savepoint import SavepointId
from penstock.ports.engine import Engine
from penstock.ports.records import Lease, Tx

_log = structlog.get_logger()

_EVERY = 2.0  # seconds between looks
_HANDS = 4  # copies that are under way at once
_LONGEST_PAUSE = 60.0  # seconds between two tries
_OUT_OF_SIGHT = (FileNotFoundError, NotADirectoryError, PermissionError)


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Of one savepoint: how often its copy failed in a row, when to try again, and whether its history says so."""

    times: int = 0
    again_at: float = 0.0
    is_told: bool = False


class SavepointShipper:
    """One place's savepoints. What it remembers of them is trouble alone; losing that costs a repetition."""

    def __init__(self, place: str, engine: Engine, tools: Tools, lease: LeaseKeeper) -> None:
        self._place = place
        self._engine = engine
        self._records = tools.records
        self._store = tools.store
        self._clock = tools.clock
        self._lease = lease
        self._hands = asyncio.Semaphore(_HANDS)
        self._busy: set[SavepointId] = set()
        self._troubles: dict[SavepointId, _Trouble] = {}

    async def look(self, acts: asyncio.TaskGroup) -> float:
        """Begin what is due; the copies run on in `acts`."""
        now = self._clock.monotonic()
        left_alone = self._busy | {kept for kept, trouble in self._troubles.items() if trouble.again_at > now}
        due = await self._records.look(_to_copy, self._place, left_alone)
        known = left_alone | {kept.id for kept in due}
        self._troubles = {kept: trouble for kept, trouble in self._troubles.items() if kept in known}
        for kept in due:
            self._busy.add(kept.id)
            acts.create_task(self._attend(kept))
        for kept in await self._records.look(_outlived, self._place):
            await self._let_go(kept)
        return _EVERY

    async def _attend(self, kept: KeptSavepoint) -> None:
        """Whatever goes wrong with one is its own trouble: the others go on, and so does the place."""
        try:
            if await attempt(f"savepoint {kept.id}", partial(self._ship, kept)) is None:
                self._rest(kept)
        finally:
            self._busy.discard(kept.id)

    async def _ship(self, kept: KeptSavepoint) -> float:
        try:
            async with self._hands:
                _ = self._lease.current
                await self._copy(kept)
        except StorageError as error:
            await self._meet_trouble(kept, error)
        return _EVERY

    async def _copy(self, kept: KeptSavepoint) -> None:
        source = self._path_of(await found_again(self._engine, kept))
        bucket = await self._records.look(_bucket, kept)
        if bucket is None:
            name, _, _ = kept.copy.partition("/")
            raise StoreUnavailable(f"The bucket {name} is not there, or jobs may not name it.")
        _, _, key = kept.copy.partition("/")
        try:
            if source is None:
                raise FileNotFoundError(kept.path)
            await copy_out(self._store, source, bucket, key)
        except _OUT_OF_SIGHT:
            await self._records.change(_give_up, kept, self._clock.now(), self._lease.current)
            _log.warning("savepoint not copied", job=kept.job_id, path=kept.path, copy=kept.copy)
            return
        except OSError as error:
            raise StoreUnavailable(f"The savepoint cannot be read now: {error.strerror}.") from error
        if not await self._records.change(_settle, kept, bucket, self._clock.now(), self._lease.current):
            await take_back(self._store, bucket, key)
            raise StoreUnavailable(f"The bucket {bucket.name} was deleted meanwhile.")
        _log.info("savepoint copied", job=kept.job_id, copy=kept.copy)

    async def _meet_trouble(self, kept: KeptSavepoint, error: StorageError) -> None:
        _log.warning("savepoint waits for its copy", job=kept.job_id, copy=kept.copy, why=str(error))
        if not self._troubles.get(kept.id, _Trouble()).is_told:
            reason = Reason.of(ReasonCode.SAVEPOINT_COPY_STUCK, copy=kept.copy, said=str(error))
            await self._records.change(_tell, kept, reason, self._clock.now(), self._lease.current)
        self._rest(kept, is_told=True)

    def _rest(self, kept: KeptSavepoint, *, is_told: bool = False) -> None:
        before = self._troubles.get(kept.id, _Trouble())
        pause = min(_LONGEST_PAUSE, 2.0 ** min(before.times + 1, 10))
        again_at = self._clock.monotonic() + pause
        self._troubles[kept.id] = _Trouble(before.times + 1, again_at, is_told or before.is_told)

    async def _let_go(self, kept: KeptSavepoint) -> None:
        """Its copy is whole, its job has a newer one, and no run began from it."""
        _ = self._lease.current
        path = self._path_of(await found_again(self._engine, kept))
        if path is not None and path.parent.name == kept.id:
            await asyncio.to_thread(_remove, path.parent)
        await self._records.change(_forget_original, kept, self._lease.current)

    def _path_of(self, kept: KeptSavepoint) -> Path | None:
        folder = self._engine.state_folder(kept.job_id)
        return folder.path_of(kept.path) if folder else None


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _to_copy(tx: Tx, place: str, but: Collection[SavepointId]) -> Sequence[KeptSavepoint]:
    return tx.savepoints.to_copy(place, but)


def _outlived(tx: Tx, place: str) -> Sequence[KeptSavepoint]:
    return tx.savepoints.outlived(place)


def _bucket(tx: Tx, kept: KeptSavepoint) -> Bucket | None:
    return bucket_of_copy(tx, kept.job_id, kept)


def _settle(tx: Tx, kept: KeptSavepoint, bucket: Bucket, now: datetime, lease: Lease) -> bool:
    """Whether the bucket is still the one that was there, and the copy therefore where it belongs."""
    tx.leases.demand(lease)
    now_there = tx.buckets.find(bucket.project_id, bucket.name)
    if now_there is None or (now_there.root, now_there.created_at) != (bucket.root, bucket.created_at):
        return False
    tx.savepoints.save(tx.savepoints.load(kept.id).copied(now))
    reason = Reason.of(ReasonCode.SAVEPOINT_COPIED, copy=kept.copy)
    tx.history.add(tx.jobs.load(kept.job_id).note("savepoint_copied", now, reason))
    return True


def _give_up(tx: Tx, kept: KeptSavepoint, now: datetime, lease: Lease) -> None:
    """It is not where this machine can read it, so it stays where Flink says that it wrote it."""
    tx.leases.demand(lease)
    tx.savepoints.save(tx.savepoints.load(kept.id).without_copy())
    reason = Reason.of(ReasonCode.SAVEPOINT_NOT_COPIED, path=kept.path, copy=kept.copy)
    tx.history.add(tx.jobs.load(kept.job_id).note("savepoint_not_copied", now, reason))


def _tell(tx: Tx, kept: KeptSavepoint, reason: Reason, now: datetime, lease: Lease) -> None:
    tx.leases.demand(lease)
    tx.history.add(tx.jobs.load(kept.job_id).note("savepoint_copy_stuck", now, reason))


def _forget_original(tx: Tx, kept: KeptSavepoint, lease: Lease) -> None:
    tx.leases.demand(lease)
    tx.savepoints.save(tx.savepoints.load(kept.id).at("", ""))
