"""Copies what a run has logged to the bucket that its job names: as it grows, and whole before it is discarded.

An object is named by the position in the stream at which it begins, and is written anew as it grows. The cursor moves
after the object is stored, so whoever dies in between writes the same bytes under the same name again.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from penstock.control.leases import LeaseKeeper
from penstock.control.tools import Tools
from penstock.domain.bucket import Bucket
from penstock.domain.errors import EngineUnavailable, StorageError, StoreUnavailable
from penstock.domain.job import Job
from penstock.domain.lifecycle import State
from penstock.domain.log import PIECE, LogCursor, LogFile, LogListing, end_of, log_folder, piece_name, submit_log
from penstock.domain.plan import is_over
from penstock.domain.reason import Reason, ReasonCode
from penstock.domain.run import JobId, RunId
from penstock.ports.bell import CONTROL
from penstock.ports.engine import Engine
from penstock.ports.records import Lease, Tx

_log = structlog.get_logger()

_EVERY = 10.0  # seconds between two looks at a run that runs; DLI promises a minute
_SOON = 0.2  # … at one that is over, and waits for this alone
_EARLY = 1.0  # … at one that logs a lot, or is still launched: where its logs belong depends on how that ends
_LONGEST_PAUSE = 30.0  # … after trouble, which doubles the pause
_PUT_LIMIT = 30.0  # for one object
_TURNS = 8  # pieces in memory, at most
_TURNS_OF_A_BUCKET = 2  # of them: the others go on while one bucket does not answer
_PASSING = frozenset({ReasonCode.LOGS_STUCK, ReasonCode.LOGS_BUCKET_GONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """What one round over one run begins with; the cursors are moved as it goes on."""

    job: Job
    run: RunId
    bucket: Bucket
    cursors: dict[tuple[str, str], LogCursor]
    pieces: list[str] = field(default_factory=list)  # that were shipped whole: there may well be more by now

    def stored(self, name: str) -> str:
        return self.bucket.stored(f"{log_folder(self.job)}/{name}")


@dataclass(slots=True)
class _Trouble:
    """Of one run: how often in a row, and what its history says already."""

    times: int = 0
    told: set[tuple[str, str]] = field(default_factory=set)


class Shipping:
    """The runs of one place. What it remembers of them is trouble alone; losing that costs a repetition."""

    def __init__(self, engine: Engine, tools: Tools, lease: LeaseKeeper) -> None:
        self._engine = engine
        self._records = tools.records
        self._store = tools.store
        self._clock = tools.clock
        self._bell = tools.bell
        self._lease = lease
        self._turns = asyncio.Semaphore(_TURNS)
        self._turns_of: dict[str, asyncio.Semaphore] = {}
        self._troubles: dict[RunId, _Trouble] = {}

    async def ship(self, job_id: JobId, run: RunId) -> float:
        """What the run has logged and is not shipped yet; says in how many seconds to look again."""
        job, bucket, cursors = await self._records.look(_seen, job_id, run)
        if job is None or job.state is State.LAUNCHING:
            return _EARLY
        if bucket is None:
            return await self._go_without(job, run)
        known = {(cursor.file, cursor.incarnation): cursor for cursor in cursors}
        try:
            return await self._round(_Scene(job=job, run=run, bucket=bucket, cursors=known))
        except (StorageError, EngineUnavailable) as error:
            return await self._meet_trouble(job, run, str(error))

    def forget(self, run: RunId) -> None:
        self._troubles.pop(run, None)

    async def _round(self, scene: _Scene) -> float:
        listing = await self._listing(scene.run)
        await self._tell_oddities(scene, listing)
        for file in listing.files:
            await self._ship_file(scene, file)
        self._calm_down(scene.run)
        if not is_over(scene.job):
            return _EARLY if scene.pieces else _EVERY
        if listing.is_final:
            await self._end(scene)
        return _SOON

    async def _listing(self, run: RunId) -> LogListing:
        return await self._engine.logs(run) if self._engine.capabilities.logs else LogListing(is_final=True)

    async def _ship_file(self, scene: _Scene, file: LogFile) -> None:
        """Up to the size that it was listed with; the rest is the next round's."""
        key = file.name, file.incarnation
        cursor = scene.cursors.get(key)
        if cursor is None or cursor.shipped > file.size:  # shorter than it was: its number was given to a new file
            begins = end_of(tuple(scene.cursors.values()), file.name)
            cursor = LogCursor(run=scene.run, file=file.name, incarnation=file.incarnation, begins=begins, shipped=0)
        while cursor.shipped < file.size:
            if (moved := await self._ship_piece(scene, file, cursor)) is None:
                return
            cursor = scene.cursors[key] = moved
        if not file.grows and not cursor.whole:
            scene.cursors[key] = replace(cursor, whole=True)
            await self._records.change(_move, scene.cursors[key], self._lease.current)

    async def _ship_piece(self, scene: _Scene, file: LogFile, cursor: LogCursor) -> LogCursor | None:
        """The cursor behind the piece; None where the place has nothing more to give."""
        of_bucket = self._turns_of.setdefault(scene.bucket.root, asyncio.Semaphore(_TURNS_OF_A_BUCKET))
        async with of_bucket, self._turns:
            data = await self._engine.read_log(scene.run, file, cursor.piece, PIECE)
            moved = replace(cursor, shipped=cursor.piece + len(data))
            if moved.shipped <= cursor.shipped:
                return None
            key = scene.stored(piece_name(file.name, cursor.begins + cursor.piece))
            await self._put(key, data)
        if not await self._records.change(_move_within, scene.bucket, moved, self._lease.current):
            await self._store.delete(key)
            raise StoreUnavailable(f"The bucket {scene.bucket.name} was deleted meanwhile.")
        if len(data) == PIECE:
            scene.pieces.append(key)
        return moved

    async def _put(self, key: str, data: bytes) -> None:
        _ = self._lease.current
        try:
            async with asyncio.timeout(_PUT_LIMIT):
                await self._store.put(key, data)
        except TimeoutError as error:
            raise StoreUnavailable(f"The object store took longer than {_PUT_LIMIT:.0f} s.") from error

    async def _end(self, scene: _Scene) -> None:
        if scene.job.state is State.LAUNCH_FAILED:
            await self._put(scene.stored("submit.log"), submit_log(scene.job).encode("utf-8", "replace"))
        await self._settle(scene.job, scene.run)
        _log.info("logs shipped", job=scene.job.id, run=scene.run, bucket=scene.bucket.name)

    async def _settle(self, job: Job, run: RunId, lost: Reason | None = None) -> None:
        await self._records.change(_settle, job.id, run, lost, self._clock.now(), self._lease.current)
        self._bell.ring(CONTROL)

    async def _go_without(self, job: Job, run: RunId) -> float:
        """The job itself runs on; nobody waits for a bucket that is not there."""
        reason = Reason.of(ReasonCode.LOGS_BUCKET_GONE, bucket=job.spec.obs_bucket)
        if is_over(job):
            await self._settle(job, run, reason)
            return _SOON
        await self._tell_once(job, run, "logs_stuck", reason)
        return _EVERY

    async def _meet_trouble(self, job: Job, run: RunId, said: str) -> float:
        trouble = self._troubles.setdefault(run, _Trouble())
        trouble.times += 1
        pause = min(_LONGEST_PAUSE, 0.5 * 2.0 ** min(trouble.times, 10))
        _log.warning("logs not shipped", job=job.id, run=run, why=said, again_in=pause)
        reason = Reason.of(ReasonCode.LOGS_STUCK, bucket=job.spec.obs_bucket, said=said)
        await self._tell_once(job, run, "logs_stuck", reason)
        return pause

    def _calm_down(self, run: RunId) -> None:
        if trouble := self._troubles.get(run):
            trouble.times = 0
            trouble.told = {(code, file) for code, file in trouble.told if code not in _PASSING}

    async def _tell_oddities(self, scene: _Scene, listing: LogListing) -> None:
        """Before anything is shipped: where a piece is missing, the next one must not hide it."""
        there = {(file.name, file.incarnation) for file in listing.files}
        for key, cursor in scene.cursors.items():
            if key not in there and not cursor.whole:
                scene.cursors[key] = replace(cursor, whole=True)
                reason = Reason.of(ReasonCode.LOGS_GAP, file=cursor.file)
                await self._records.change(_move, scene.cursors[key], self._lease.current)
                await self._tell(scene.job, "logs_gap", reason)
        for name in listing.refused:
            await self._tell_once(scene.job, scene.run, "logs_refused", Reason.of(ReasonCode.LOGS_REFUSED, file=name))

    async def _tell_once(self, job: Job, run: RunId, what: str, reason: Reason) -> None:
        """A store that fails may say something else each time; it is the same trouble."""
        told = self._troubles.setdefault(run, _Trouble()).told
        key = reason.code.value, str(reason.params.get("file", ""))
        if key not in told:
            await self._tell(job, what, reason)
            told.add(key)

    async def _tell(self, job: Job, what: str, reason: Reason) -> None:
        await self._records.change(_note, job.id, what, reason, self._clock.now(), self._lease.current)


def _seen(tx: Tx, job_id: JobId, run: RunId) -> tuple[Job | None, Bucket | None, Sequence[LogCursor]]:
    job = tx.jobs.load(job_id)
    if not job.awaits_logs or job.run is None or job.run.id != run:
        return None, None, ()
    return job, _bucket(tx, job), tx.log_cursors.of_run(run)


def _bucket(tx: Tx, job: Job) -> Bucket | None:
    bucket = tx.buckets.find(job.project_id, job.spec.obs_bucket)
    return bucket if bucket and bucket.authorised else None


def _move(tx: Tx, cursor: LogCursor, lease: Lease) -> None:
    tx.leases.demand(lease)
    tx.log_cursors.save(cursor)


def _move_within(tx: Tx, bucket: Bucket, cursor: LogCursor, lease: Lease) -> bool:
    """Whether the bucket is still there, and the cursor moved."""
    tx.leases.demand(lease)
    if tx.buckets.find(bucket.project_id, bucket.name) is None:
        return False
    tx.log_cursors.save(cursor)
    return True


def _settle(tx: Tx, job_id: JobId, run: RunId, lost: Reason | None, now: datetime, lease: Lease) -> None:
    tx.leases.demand(lease)
    job = tx.jobs.load(job_id)
    if not job.awaits_logs or job.run is None or job.run.id != run:
        return
    tx.jobs.save(job.logs_settled(now))
    tx.log_cursors.forget(run)
    if lost is not None:
        tx.history.add(job.note("logs_lost", now, lost))


def _note(tx: Tx, job_id: JobId, what: str, reason: Reason, now: datetime, lease: Lease) -> None:
    tx.leases.demand(lease)
    tx.history.add(tx.jobs.load(job_id).note(what, now, reason))
