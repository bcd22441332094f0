"""What we ask of savepoints that runs can begin from."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, Row, exists, select, update

from penstock.database.documents import ms_from, time_from
from penstock.database.tables import jobs, savepoints, sheets
from penstock.domain.errors import NotFound
from penstock.domain.faults import FaultCode
from penstock.domain.kept_savepoint import KeptSavepoint
from penstock.domain.run import JobId
from penstock.domain.savepoint import SavepointId

_AT_ONCE = 100


class DatabaseSavepoints:
    """`ports.records.Savepoints` inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def load(self, savepoint_id: SavepointId) -> KeptSavepoint:
        row = self._connection.execute(select(savepoints).where(savepoints.c.id == savepoint_id)).one_or_none()
        if row is None:
            raise NotFound.of(FaultCode.SAVEPOINT_MISSING, job=savepoint_id)
        return kept_from(row)

    def save(self, savepoint: KeptSavepoint) -> None:
        self._connection.execute(
            update(savepoints).where(savepoints.c.id == savepoint.id).values(values_of_kept(savepoint))
        )

    def to_copy(self, place: str, but: Collection[SavepointId] = ()) -> Sequence[KeptSavepoint]:
        wanted = (savepoints.c.place == place, savepoints.c.copy != "", savepoints.c.copied_at_ms.is_(None))
        others = select(savepoints).where(*wanted, savepoints.c.id.not_in(but))
        found = others.order_by(savepoints.c.made_at_ms, savepoints.c.id).limit(_AT_ONCE)
        return [kept_from(row) for row in self._connection.execute(found)]

    def outlived(self, place: str) -> Sequence[KeptSavepoint]:
        wanted = (savepoints.c.place == place, savepoints.c.path != "", savepoints.c.copied_at_ms.is_not(None))
        newer = jobs.c.newest_savepoint_id.is_distinct_from(savepoints.c.id)
        # Nothing else that a sheet says has the 32 digits of the savepoint in it; if it had, the files would stay.
        begun_from = exists().where(sheets.c.id == jobs.c.sheet_id, sheets.c.sheet.contains(savepoints.c.id))
        found = select(savepoints).join(jobs, jobs.c.id == savepoints.c.job_id).where(*wanted, newer, ~begun_from)
        ordered = found.order_by(savepoints.c.made_at_ms, savepoints.c.id).limit(_AT_ONCE)
        return [kept_from(row) for row in self._connection.execute(ordered)]


def kept_from(row: Row[*tuple[object, ...]], prefix: str = "") -> KeptSavepoint:
    """The columns of `savepoints`, whose labels begin so."""
    found = row._mapping
    return KeptSavepoint(
        id=SavepointId(found[f"{prefix}id"]),
        job_id=JobId(found[f"{prefix}job_id"]),
        made_at=time_from(found[f"{prefix}made_at_ms"]),
        place=found[f"{prefix}place"],
        path=found[f"{prefix}path"],
        copy=found[f"{prefix}copy"],
        copied_at=time_from(found[f"{prefix}copied_at_ms"]),
    )


def values_of_kept(kept: KeptSavepoint) -> dict[str, object]:
    return {
        "id": kept.id,
        "job_id": kept.job_id,
        "made_at_ms": ms_from(kept.made_at),
        "place": kept.place,
        "path": kept.path,
        "copy": kept.copy,
        "copied_at_ms": ms_from(kept.copied_at),
    }
