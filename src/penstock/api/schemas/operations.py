"""The installation on the wire: its probes and its places."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel

from penstock.ports.places import PlaceReport
from penstock.usecases.health import Readiness


class HealthOut(BaseModel):
    """The process answers."""

    status: str = "ok"


class ReadinessOut(BaseModel):
    """Public, so it says which check fails and no more; an operator reads the rest at the places."""

    status: str
    checks: dict[str, str]

    @classmethod
    def from_readiness(cls, seen: Readiness) -> "ReadinessOut":
        checks = {
            "records": "ok" if seen.records else "no answer",
            "store": "ok" if seen.store else "lost",
            "places": f"{seen.places_ready} of {seen.places} ready",
        }
        return cls(status="ok" if seen.is_ready else "not ready", checks=checks)


class RoomOut(BaseModel):
    """What a place offers in all; null where it has no limit."""

    cus: int | None
    slots: int | None


class PlaceOut(BaseModel):
    """One place, as its engine last saw it; `seen_at` says when."""

    name: str
    engine: str
    flink_versions: list[str]
    ready: bool
    said: str
    room: RoomOut
    facts: dict[str, float]
    seen_at: datetime


class PlacesOut(BaseModel):
    """All places of the settings."""

    places: list[PlaceOut]

    @classmethod
    def from_reports(cls, reports: Iterable[PlaceReport]) -> "PlacesOut":
        return cls(places=[_place(report) for report in reports])


def _place(report: PlaceReport) -> PlaceOut:
    health, room = report.health, report.room
    return PlaceOut(
        name=report.name,
        engine=report.engine,
        flink_versions=list(report.capabilities.flink_versions),
        ready=health.ready,
        said=health.said,
        room=RoomOut(cus=room.cus, slots=room.slots),
        facts=dict(health.facts),
        seen_at=report.seen_at,
    )
