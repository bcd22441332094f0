"""What we ask of the reports about places."""

import json
from collections.abc import Sequence
from dataclasses import fields

from sqlalchemy import Connection, Row, select

from penstock.database.dialect import insert_into
from penstock.database.documents import known, ms_from, text_from, time_from
from penstock.database.tables import places
from penstock.domain.footprint import Room
from penstock.ports.engine import Capabilities, Health
from penstock.ports.places import PlaceReport

_OF_ONE_MACHINE = "class_path"
_CAPABILITIES = [field.name for field in fields(Capabilities) if field.name != _OF_ONE_MACHINE]


class DatabasePlaces:
    """`ports.places.Places` inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, report: PlaceReport) -> None:
        values = {"engine": report.engine, "document": _text(report), "seen_at_ms": ms_from(report.seen_at)}
        row = insert_into(places, self._connection.dialect).values(name=report.name, **values)
        self._connection.execute(row.on_conflict_do_update(index_elements=["name"], set_=values))

    def all(self) -> Sequence[PlaceReport]:
        return [_report(row) for row in self._connection.execute(select(places).order_by(places.c.name))]


def _text(report: PlaceReport) -> str:
    able = {name: getattr(report.capabilities, name) for name in _CAPABILITIES}
    health = {"ready": report.health.ready, "said": report.health.said, "facts": dict(report.health.facts)}
    return text_from({"capabilities": able, "room": report.room, "health": health})


def _report(row: Row[tuple[str, str, str, int]]) -> PlaceReport:
    document = json.loads(row.document)
    able = known(Capabilities, document["capabilities"])
    return PlaceReport(
        name=row.name,
        engine=row.engine,
        capabilities=Capabilities(**able | {"flink_versions": tuple(able["flink_versions"])}),
        room=Room(**known(Room, document["room"])),
        health=Health(**known(Health, document["health"])),
        seen_at=time_from(row.seen_at_ms),
    )
