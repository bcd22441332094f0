"""What has outlived its use: expired tokens, contents that nobody names, the retained state of jobs deleted long ago."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol

from penstock.domain.errors import NotFound
from penstock.domain.run import JobId
from penstock.ports.clock import Clock
from penstock.ports.records import Records, Tx

_YOUNG = timedelta(hours=1)  # a content that is younger may belong to an upload that is not named yet

Names = Callable[[], Awaitable[frozenset[str]]]


class Contents(Protocol):
    """Contents of packages, which are deleted when nobody names them."""

    async def forget(self, names: Names, before: datetime) -> int: ...


class RetainedState(Protocol):
    """What jobs have left on disk."""

    def jobs(self) -> Iterable[JobId]: ...

    async def forget(self, job_id: JobId) -> None: ...


class Chores:
    """Each answers how many things it forgot; doing one again, or half of one, does no harm."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    async def tokens(self) -> int:
        return await self._records.change(lambda tx: tx.callers.forget_tokens(self._clock.now()))

    async def contents(self, contents: Contents) -> int:
        def names() -> Awaitable[frozenset[str]]:
            return self._records.look(lambda tx: tx.packages.named_blobs())

        return await contents.forget(names, self._clock.now() - _YOUNG)

    async def state(self, retained: RetainedState, keep: timedelta) -> int:
        """That of jobs which were deleted longer ago than `keep`, and of which nothing runs."""
        before = self._clock.now() - keep
        doomed = await self._records.look(_deleted_before, list(retained.jobs()), before)
        for job_id in doomed:
            await retained.forget(job_id)
        return len(doomed)


def _deleted_before(tx: Tx, job_ids: Iterable[JobId], before: datetime) -> list[JobId]:
    return [job_id for job_id in job_ids if _is_deleted(tx, job_id, before)]


def _is_deleted(tx: Tx, job_id: JobId, before: datetime) -> bool:
    try:
        job = tx.jobs.load(job_id)
    except NotFound:
        return False  # not ours: what we do not know we do not delete
    return job.deleted_at is not None and job.deleted_at < before and job.live_run is None
