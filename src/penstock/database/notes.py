"""What we ask of notes: small facts about the installation, written once."""

from sqlalchemy import Connection, delete, select

from penstock.database.dialect import insert_into
from penstock.database.tables import notes


class DatabaseNotes:
    """`ports.records.Notes` inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def settle(self, key: str, value: str) -> str:
        row = insert_into(notes, self._connection.dialect).values(key=key, value=value)
        self._connection.execute(row.on_conflict_do_nothing())
        settled: str = self._connection.execute(select(notes.c.value).where(notes.c.key == key)).scalar_one()
        return settled

    def find(self, key: str) -> str | None:
        return self._connection.execute(select(notes.c.value).where(notes.c.key == key)).scalar_one_or_none()

    def forget(self, key: str) -> None:
        self._connection.execute(delete(notes).where(notes.c.key == key))
