"""Notes in a SQLite database whose records go, or went, to PostgreSQL; a service that finds one does not serve it."""

from sqlalchemy import Connection, delete, insert, select

from penstock.database.tables import notes
from penstock.domain.errors import SetupError

MOVING, MOVED = "moving to", "moved to"
MARKS = (MOVING, MOVED)


def mark(connection: Connection, key: str, value: str) -> None:
    """Instead of any mark that was there."""
    clear(connection)
    connection.execute(insert(notes).values(key=key, value=value))


def clear(connection: Connection) -> None:
    connection.execute(delete(notes).where(notes.c.key.in_(MARKS)))


def mark_of(connection: Connection) -> tuple[str, str] | None:
    """Which mark there is, and where the records go or went."""
    row = connection.execute(select(notes).where(notes.c.key.in_(MARKS))).one_or_none()
    return (row.key, row.value) if row else None


def refuse_if_moved(connection: Connection) -> None:
    """Raises SetupError with the way out."""
    found = mark_of(connection)
    if found is None:
        return
    key, where = found
    if key == MOVED:
        raise SetupError(
            f"The records moved from this SQLite database to {where}: what happened since is only there.",
            cure="set database.url to the address of that database, with its password, then start again.",
        )
    raise SetupError(
        f"The records were moving to {where} when the command was interrupted, so this SQLite database is not served.",
        cure="call `penstock migrate sqlite-to-postgresql` again: it finds out whether they arrived.",
    )
