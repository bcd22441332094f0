"""What is known of the places, also of those that another service serves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from penstock.domain.footprint import Room
from penstock.ports.engine import Capabilities, Health


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceReport:
    """How a place was when the controller that serves it wrote this down."""

    name: str
    engine: str  # the name of the plugin
    capabilities: Capabilities  # without the class path, which is of one machine
    room: Room
    health: Health
    seen_at: datetime


class Places(Protocol):
    """Reports of places, one each."""

    def save(self, report: PlaceReport) -> None:
        """In the place of the last one."""
        ...

    def all(self) -> Sequence[PlaceReport]:
        """In the order of the names."""
        ...
