"""Copies the objects of packages that were announced, and settles each package: ready, or failed with its reason.

A copy that dies half-way is made again by whoever looks next: copying again is harmless, as contents are known by their
hash. The package changes only if it still is what was read before, so a later upload, or a deletion, always wins.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from penstock.control.leases import LeaseKeeper
from penstock.control.tools import Tools
from penstock.domain.bucket import Bucket
from penstock.domain.errors import LeaseLost, ObjectMissing, PenstockError
from penstock.domain.faults import FaultCode
from penstock.domain.object_path import ObjectPath, object_path_of
from penstock.domain.package import Content, Package
from penstock.ports.bell import UPLOADS
from penstock.ports.records import Lease, Tx

_log = structlog.get_logger()

_HANDS = 4  # copies that are under way at once
_IDLE = 5.0  # seconds until the next look if nobody rings
_PATIENCE = timedelta(hours=1)  # with a store that is silent or full, from the first try that failed
_LONGEST_PAUSE = 60.0  # seconds between two tries


class Contents(Protocol):
    """Contents of packages, known by their hash."""

    async def take(self, pieces: AsyncIterator[bytes]) -> Content: ...


@dataclass(frozen=True, slots=True)
class _Tries:
    """Those that a store refused."""

    count: int
    since: datetime
    next_at: datetime


class Fetcher:
    """One of them works at a time: the one that holds the lease."""

    def __init__(self, tools: Tools, contents: Contents, lease: LeaseKeeper) -> None:
        self._records = tools.records
        self._clock = tools.clock
        self._store = tools.store
        self._bell = tools.bell
        self._contents = contents
        self._lease = lease
        self._hands = asyncio.Semaphore(_HANDS)
        self._busy: set[Package] = set()
        self._tries: dict[Package, _Tries] = {}

    async def look(self, acts: asyncio.TaskGroup) -> float:
        """Begin what is due; the copies run on in `acts`."""
        uploading = dict.fromkeys(await self._records.look(_uploading))
        self._tries = {package: tries for package, tries in self._tries.items() if package in uploading}
        if due := [package for package in uploading if self._is_due(package)]:
            _ = self._lease.current
        for package in due:
            self._busy.add(package)
            acts.create_task(self._fetch(package))
        return self._pause()

    def _is_due(self, package: Package) -> bool:
        tries = self._tries.get(package)
        return package not in self._busy and (tries is None or tries.next_at <= self._clock.now())

    def _pause(self) -> float:
        waits = [(tries.next_at - self._clock.now()).total_seconds() for tries in self._tries.values()]
        return min([_IDLE, *(wait for wait in waits if wait > 0)])

    async def _fetch(self, package: Package) -> None:
        try:
            async with self._hands:
                _ = self._lease.current
                await self._settle(package)
        except LeaseLost as error:
            _log.debug("upload left to another", why=str(error), **_facts(package))
        except PenstockError as error:
            self._be_patient(package)
            _log.warning("upload not noted", why=str(error), **_facts(package))
        finally:
            self._busy.discard(package)

    async def _settle(self, package: Package) -> None:
        # Stores may be strangers' code: whatever they raise costs one try, never the loop.
        [kept] = await asyncio.gather(self._copy(package), return_exceptions=True)
        if isinstance(kept, Content):
            await self._note(package, package.filled(kept))
        elif isinstance(kept, ObjectMissing):
            await self._note(package, package.failed(FaultCode.PACKAGE_SOURCE_GONE))
        elif not isinstance(kept, Exception):
            raise kept
        elif self._be_patient(package):
            _log.warning("upload waits", exc_info=_unforeseen(kept), why=str(kept), **_facts(package))
        else:
            await self._note(package, package.failed(FaultCode.PACKAGE_SOURCE_SILENT))

    async def _copy(self, package: Package) -> Content:
        path = object_path_of(package.source)
        bucket = await self._records.look(_bucket, package, path) if path else None
        if path is None or bucket is None:
            raise ObjectMissing(f"There is no bucket of {package.source}.")
        return await self._contents.take(self._store.read(bucket.stored(path.key)))

    def _be_patient(self, package: Package) -> bool:
        """Whether to try again."""
        now = self._clock.now()
        last = self._tries.get(package, _Tries(0, now, now))
        pause = min(_LONGEST_PAUSE, 2.0**last.count)
        self._tries[package] = _Tries(min(last.count + 1, 10), last.since, now + timedelta(seconds=pause))
        self._bell.ring(UPLOADS)  # so that the next look comes when this is due
        return now < last.since + _PATIENCE

    async def _note(self, package: Package, settled: Package) -> None:
        if await self._records.change(_put, package, settled, self._lease.current):
            _log.info("upload settled", status=settled.status.value, trouble=settled.trouble, **_facts(package))


def _unforeseen(error: BaseException) -> BaseException | None:
    return None if isinstance(error, PenstockError) else error


def _facts(package: Package) -> dict[str, object]:
    return {"project": package.project_id, "package": str(package.name), "source": package.source}


def _uploading(tx: Tx) -> list[Package]:
    return list(tx.packages.uploading())


def _bucket(tx: Tx, package: Package, path: ObjectPath) -> Bucket | None:
    return tx.buckets.find(package.project_id, path.bucket)


def _put(tx: Tx, package: Package, settled: Package, lease: Lease) -> bool:
    """Whether it was still the same upload."""
    tx.leases.demand(lease)
    is_same = tx.packages.find(package.project_id, package.name) == package
    if is_same:
        tx.packages.put(settled)
    return is_same
