"""Stores what submissions leave that were refused before they had a run: each object once, or a fact that it is lost.

The object is stored before it is forgotten that it is due, so whoever dies in between writes the same bytes under the
same key again. No job waits for it.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from penstock.control.leases import LeaseKeeper
from penstock.control.tools import Tools
from penstock.domain.bucket import Bucket
from penstock.domain.errors import StorageError
from penstock.domain.log import SubmitLog
from penstock.domain.reason import Reason, ReasonCode
from penstock.ports.records import Lease, Tx

_log = structlog.get_logger()

_EVERY = 2.0  # seconds between looks
_PUT_LIMIT = 5.0  # for one object, which is small; the others wait for it


class RefusalShipper:
    """What is tried in vain for longer than `limit` is given up."""

    def __init__(self, tools: Tools, lease: LeaseKeeper, limit: timedelta) -> None:
        self._records = tools.records
        self._store = tools.store
        self._clock = tools.clock
        self._lease = lease
        self._limit = limit

    async def look(self) -> float:
        """One round over whatever is due."""
        for log in await self._records.look(_due):
            if not await self._is_stored(log) and self._clock.now() - log.refused_at >= self._limit:
                await self._records.change(_give_up, log, self._limit, self._clock.now(), self._lease.current)
        return _EVERY

    async def _is_stored(self, log: SubmitLog) -> bool:
        bucket = await self._records.look(_bucket, log)
        if bucket is None:
            return False
        try:
            return await self._store_in(bucket, log)
        except (StorageError, TimeoutError) as error:
            _log.warning("submit log not stored", job=log.job_id, bucket=log.bucket, why=str(error) or "no answer")
            return False

    async def _store_in(self, bucket: Bucket, log: SubmitLog) -> bool:
        _ = self._lease.current
        key = bucket.stored(log.key)
        async with asyncio.timeout(_PUT_LIMIT):
            await self._store.put(key, log.text.encode("utf-8", "replace"))
            if await self._records.change(_settle, log, self._lease.current):
                return True
            await self._store.delete(key)  # the bucket was deleted meanwhile, and must not come back with it
            return False


def _due(tx: Tx) -> Sequence[SubmitLog]:
    return tx.submit_logs.due()


def _bucket(tx: Tx, log: SubmitLog) -> Bucket | None:
    bucket = tx.buckets.find(log.project_id, log.bucket)
    return bucket if bucket and bucket.authorised else None


def _settle(tx: Tx, log: SubmitLog, lease: Lease) -> bool:
    """Whether the bucket is still there, and the log therefore where it belongs."""
    tx.leases.demand(lease)
    if tx.buckets.find(log.project_id, log.bucket) is None:
        return False
    tx.submit_logs.forget(log)
    return True


def _give_up(tx: Tx, log: SubmitLog, limit: timedelta, now: datetime, lease: Lease) -> None:
    tx.leases.demand(lease)
    if not tx.submit_logs.forget(log):
        return
    reason = Reason.of(ReasonCode.LOGS_GIVEN_UP, bucket=log.bucket, seconds=int(limit.total_seconds()))
    tx.history.add(tx.jobs.load(log.job_id).note("logs_lost", now, reason))
