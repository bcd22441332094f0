"""How the whole installation is: what the probes, the metrics and an operator ask."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from penstock.domain.errors import PenstockError
from penstock.domain.lifecycle import State
from penstock.ports.records import Tx
from penstock.usecases.desk import Desk
from penstock.usecases.places import list_places

_PATIENCE = timedelta(seconds=3)  # a probe that waits longer is given up by whoever sent it


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Ready to serve: the records answer, and a run could start somewhere.

    A store that is lost makes no service unready: its jobs run on, and another service would find the same store lost.
    """

    records: bool
    store: bool
    places: int
    places_ready: int

    @property
    def is_ready(self) -> bool:
        return self.records and self.places_ready > 0


async def readiness(desk: Desk) -> Readiness:
    """Never raises for what it is there to find out."""
    ready = [report for report in list_places(desk) if report.health.ready]
    return Readiness(
        records=await _records_answer(desk),
        store=not desk.shelf.trouble,
        places=len(desk.places),
        places_ready=len(ready),
    )


async def count_jobs(desk: Desk) -> Mapping[State, int]:
    """Of all projects, by state."""
    return await desk.records.look(_count)


async def _records_answer(desk: Desk) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            await count_jobs(desk)
    except (PenstockError, TimeoutError):
        return False
    return True


def _count(tx: Tx) -> Mapping[State, int]:
    return tx.jobs.count_by_state()
