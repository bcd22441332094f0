"""What is known of the places, also of those that another service serves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from penstock.domain.footprint import Room
from penstock.ports.engine import Capabilities, Engine, Health

FRESH = timedelta(seconds=20)  # an older report is of a place that no controller looks after now


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceReport:
    """How a place was when the controller that serves it wrote this down."""

    name: str
    engine: str  # the name of the plugin
    capabilities: Capabilities  # without the class path, which is of one machine
    room: Room
    health: Health
    seen_at: datetime

    def is_fresh(self, now: datetime) -> bool:
        return now - self.seen_at < FRESH


class Places(Protocol):
    """Reports of places, one each."""

    def save(self, report: PlaceReport) -> None:
        """In the place of the last one."""
        ...

    def all(self) -> Sequence[PlaceReport]:
        """In the order of the names."""
        ...


def report_of(name: str, kind: str, engine: Engine, now: datetime) -> PlaceReport:
    """How a place is now, by its engine; `kind` is the name of the engine's plugin."""
    return PlaceReport(
        name=name,
        engine=kind,
        capabilities=engine.capabilities,
        room=engine.room(),
        health=engine.health(),
        seen_at=now,
    )
