"""What we ask of the notes that engines keep about their runs."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, delete, select

from penstock.database.dialect import insert_into
from penstock.database.tables import run_notes
from penstock.domain.run import RunId


class DatabaseRunNotes:
    """`ports.run_notes.StoredRunNotes` inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def settle(self, place: str, run: RunId, key: str, value: str) -> str:
        row = insert_into(run_notes, self._connection.dialect).values(place=place, run_id=run, key=key, value=value)
        self._connection.execute(row.on_conflict_do_nothing())
        mine = (run_notes.c.place == place, run_notes.c.run_id == run, run_notes.c.key == key)
        settled: str = self._connection.execute(select(run_notes.c.value).where(*mine)).scalar_one()
        return settled

    def put(self, place: str, run: RunId, key: str, value: str) -> None:
        row = insert_into(run_notes, self._connection.dialect).values(place=place, run_id=run, key=key, value=value)
        self._connection.execute(
            row.on_conflict_do_update(index_elements=["place", "run_id", "key"], set_={"value": row.excluded.value})
        )

    def of_runs(self, place: str, runs: Collection[RunId]) -> Mapping[RunId, Mapping[str, str]]:
        found: dict[RunId, dict[str, str]] = {run: {} for run in runs}
        wanted = select(run_notes).where(run_notes.c.place == place, run_notes.c.run_id.in_(list(runs)))
        for row in self._connection.execute(wanted):
            found[RunId(row.run_id)][row.key] = row.value
        return found

    def runs(self, place: str) -> frozenset[RunId]:
        noted = select(run_notes.c.run_id).where(run_notes.c.place == place).distinct()
        return frozenset(RunId(run) for run in self._connection.execute(noted).scalars())

    def forget(self, place: str, run: RunId) -> None:
        self._connection.execute(delete(run_notes).where(run_notes.c.place == place, run_notes.c.run_id == run))
