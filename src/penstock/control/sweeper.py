"""Lists what a place holds under this installation's prefix, and discards what no job claims."""

import structlog

from penstock.control.leases import LeaseKeeper
from penstock.domain.run import RunId
from penstock.ports.engine import Engine
from penstock.ports.records import Records, Tx

_log = structlog.get_logger()
_EVERY = 30.0  # seconds


class Sweeper:
    """Closes the one gap that leases leave: a controller that paused between writing and acting."""

    def __init__(self, place: str, engine: Engine, records: Records, lease: LeaseKeeper) -> None:
        self._place = place
        self._engine = engine
        self._records = records
        self._lease = lease

    async def look(self) -> float:
        """The engine is asked first, the records after it: whatever was admitted in between is not on the list."""
        held = set(await self._engine.list_runs())
        claimed = await self._records.look(_claimed_runs)
        for run in sorted(held - claimed):
            _ = self._lease.current
            _log.warning("unclaimed run discarded", run=run, place=self._place)
            await self._engine.discard(run)
        return _EVERY


def _claimed_runs(tx: Tx) -> set[RunId]:
    """On whatever place: two of them may stand for the same cluster, and each would see the other's runs."""
    return {job.live_run.id for job in tx.jobs.holding_room() if job.live_run is not None}
