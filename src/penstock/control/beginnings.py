"""Where a run begins that is to begin from a savepoint: at its place, and brought there from its bucket if need be."""

import asyncio
from collections.abc import Callable

from penstock.control.leases import LeaseKeeper
from penstock.control.originals import found_again
from penstock.control.savepoint_transfer import METADATA, copy_in
from penstock.control.tools import Tools
from penstock.domain.bucket import Bucket
from penstock.domain.errors import EngineUnavailable, LaunchRefused, ObjectMissing, StorageError
from penstock.domain.kept_savepoint import KeptSavepoint
from penstock.domain.run import JobId
from penstock.domain.run_sheet import RunSheet
from penstock.domain.savepoint import SavepointId
from penstock.ports.engine import Engine
from penstock.ports.records import Lease, Tx

_BROUGHT = "brought"  # the folder of what came from a bucket, beside those that Flink wrote


class Beginnings:
    """Of the runs of one place."""

    def __init__(self, place: str, engine: Engine, tools: Tools, lease: LeaseKeeper) -> None:
        self._place = place
        self._engine = engine
        self._records = tools.records
        self._store = tools.store
        self._lease = lease

    async def of(self, job_id: JobId, sheet: RunSheet, told: Callable[[str], None]) -> str:
        """The address of the savepoint for Flink, empty if the run begins from nothing; `told` hears what takes long.

        Raises LaunchRefused where the savepoint cannot be had any more, and EngineUnavailable where it cannot now.
        """
        if sheet.savepoint is None:
            return ""
        kept, bucket = await self._records.look(_kept, job_id, sheet.savepoint)
        kept = await found_again(self._engine, kept)
        if await self._is_here(kept):
            return kept.path
        if not kept.is_copied:
            raise LaunchRefused(f"Its savepoint is at the place {kept.place} alone, and this is {self._place}")
        if bucket is None:
            raise LaunchRefused(
                f"Its savepoint is in {kept.copy}, a bucket that is not there, or not authorised, any more"
            )
        told(f"its savepoint is brought from {kept.copy}")
        try:
            address = await self._brought(kept, bucket)
        except ObjectMissing as error:
            raise LaunchRefused(f"Its savepoint is not in {kept.copy} any more") from error
        except StorageError as error:
            said = f"its savepoint cannot be brought from {kept.copy} now: {error}"
            told(said)
            raise EngineUnavailable(said) from error
        await self._records.change(_move, kept, self._place, address, self._lease.current)
        return address

    async def _is_here(self, kept: KeptSavepoint) -> bool:
        """As far as this machine can see; what it cannot see, or nobody has copied, is for Flink to find or miss."""
        if kept.place != self._place or not kept.path:
            return False
        folder = self._engine.state_folder(kept.job_id)
        if folder is None or not kept.is_copied:
            return True
        path = folder.path_of(kept.path)
        return path is not None and await asyncio.to_thread((path / METADATA).is_file)

    async def _brought(self, kept: KeptSavepoint, bucket: Bucket) -> str:
        folder = self._engine.state_folder(kept.job_id)
        if folder is None:
            raise LaunchRefused(
                f"Its savepoint is in {kept.copy}, and runs of the place {self._place} cannot read it there"
            )
        inside = f"savepoints/{kept.id}/{_BROUGHT}"
        _, _, key = kept.copy.partition("/")
        await copy_in(self._store, bucket, key, folder.path / inside)
        return f"{folder.address}/{inside}"


def _kept(tx: Tx, job_id: JobId, savepoint_id: SavepointId) -> tuple[KeptSavepoint, Bucket | None]:
    kept = tx.savepoints.load(savepoint_id)
    return kept, bucket_of_copy(tx, job_id, kept)


def bucket_of_copy(tx: Tx, job_id: JobId, kept: KeptSavepoint) -> Bucket | None:
    """The bucket in which its copy lies, or is to; None if there is none that jobs may name."""
    name, _, _ = kept.copy.partition("/")
    bucket = tx.buckets.find(tx.jobs.load(job_id).project_id, name) if name else None
    return bucket if bucket and bucket.authorised else None


def _move(tx: Tx, kept: KeptSavepoint, place: str, address: str, lease: Lease) -> None:
    tx.leases.demand(lease)
    tx.savepoints.save(tx.savepoints.load(kept.id).at(place, address))
