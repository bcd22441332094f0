"""Writes down how the places of this process are, and hears how the others are; create and admission go by it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from penstock.control.leases import LeaseKeeper
from penstock.control.tools import Tools
from penstock.ports.engine import Engine
from penstock.ports.places import PlaceReport, report_of
from penstock.ports.records import Lease, Tx

_EVERY = 2.0  # seconds
_REFRESH = timedelta(seconds=8)  # a report that nothing changed in is written again; see ports.places.FRESH


class Surveyor:
    """Only whoever holds a place's lease writes its report."""

    def __init__(
        self,
        tools: Tools,
        places: Mapping[str, Engine],
        engines: Mapping[str, str],
        leases: Mapping[str, LeaseKeeper],
        heard: Callable[[Sequence[PlaceReport]], None],
    ) -> None:
        self._records = tools.records
        self._clock = tools.clock
        self._places = places
        self._engines = engines
        self._leases = leases
        self._heard = heard
        self._written: dict[str, PlaceReport] = {}

    async def look(self) -> float:
        """What is written and heard is one round old at most."""
        for name, engine in self._places.items():
            report, lease = report_of(name, self._engines[name], engine, self._clock.now()), self._leases[name]
            if lease.is_held and self._is_news(report):
                await self._records.change(_save, report, lease.current)
                self._written[name] = report
        self._heard(await self._records.look(_all))
        return _EVERY

    def _is_news(self, report: PlaceReport) -> bool:
        last = self._written.get(report.name)
        return (
            last is None or report != replace(last, seen_at=report.seen_at) or report.seen_at - last.seen_at > _REFRESH
        )


def _save(tx: Tx, report: PlaceReport, lease: Lease) -> None:
    tx.leases.demand(lease)
    tx.places.save(report)


def _all(tx: Tx) -> Sequence[PlaceReport]:
    return tx.places.all()
