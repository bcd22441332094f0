"""Moves all records from a SQLite database into an empty PostgreSQL, in one transaction; runs are not touched.

Interrupted anywhere, the records are either where they were or where they go, and calling it again finds out which: just
before PostgreSQL is told to commit, the SQLite database is marked, and from then on no service starts on it. The caller
keeps every service away meanwhile.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Select, Table, func, insert, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from penstock.database import marks
from penstock.database.connection import engine_to, shown, url_from
from penstock.database.dialect import continue_numbers, is_sqlite, largest_number
from penstock.database.migrate import changing, upgrade
from penstock.database.postgresql import first_line
from penstock.database.tables import metadata, notes
from penstock.domain.errors import SetupError

Told = Callable[[str], None]

_BATCH = 1000
_FAULTS_AT_ONCE = 10
_INSTALLATION = "installation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What was moved, by table; `earlier` if a call before this one had done it."""

    where: str
    rows: Mapping[str, int]
    earlier: bool


def move(source: str, target: str, told: Told = lambda _: None) -> Moved:
    """`told` hears of each step. Raises SetupError, with everything as it was unless the sentence says so."""
    old, new = _sqlite(source), _postgresql(target)
    with changing(old) as connection:
        upgrade(connection)
        mark = marks.mark_of(connection)
    if mark and mark[0] == marks.MOVED:
        raise SetupError(
            f"The records moved from this SQLite database to {mark[1]} before.",
            cure="set database.url to the address of that database, with its password, and start the service.",
        )
    with changing(new) as there, _reading(old) as here:
        upgrade(there)
        arrived = mark is not None and _is_the_same(here, there)
        if arrived:
            rows = {table.name: _count(there, table) for table in _tables()}
        else:
            rows = _copied(here, there, new, told)
            _set_mark(old, marks.MOVING, shown(new))
            told("marked")
    told("committed")
    _set_mark(old, marks.MOVED, shown(new))
    return Moved(where=shown(new), rows=rows, earlier=arrived)


def _sqlite(address: str) -> URL:
    url = url_from(address)
    if not is_sqlite(url):
        raise SetupError(f"{shown(url)} is no SQLite database, so there is nothing to move from it.")
    if not Path(url.database or "").is_file():
        raise SetupError(
            f"There is no database {url.database}, so there is nothing to move.",
            cure="name the state directory with --state; a new installation needs no move, only database.url.",
        )
    return url


def _postgresql(address: str) -> URL:
    url = url_from(address)
    if is_sqlite(url):
        raise SetupError(f"{shown(url)} is no PostgreSQL database, so records cannot move there.")
    return url


@contextmanager
def _reading(url: URL) -> Iterator[Connection]:
    engine = engine_to(url, "read")
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _set_mark(url: URL, key: str, where: str) -> None:
    with changing(url) as connection:
        marks.mark(connection, key, where)


def _is_the_same(here: Connection, there: Connection) -> bool:
    """Whether the records of this very installation are there: an interrupted call had got so far."""
    settled = select(notes.c.value).where(notes.c.key == _INSTALLATION)
    ours, theirs = here.scalar(settled), there.scalar(settled)
    return ours is not None and ours == theirs


def _copied(here: Connection, there: Connection, url: URL, told: Told) -> dict[str, int]:
    _demand_nothing(there, url)
    _demand_clean(here)
    rows = {}
    for table in _tables():
        told(table.name)
        rows[table.name] = _copy(here, there, table)
        if largest := largest_number(here, table):
            continue_numbers(there, table, largest)
    there.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")  # now, and not at the end, where it could not be said
    return rows


def _demand_nothing(there: Connection, url: URL) -> None:
    full = [table.name for table in _tables() if there.execute(select(table).limit(1)).first() is not None]
    if full:
        raise SetupError(
            f"{shown(url)} is not empty (there are rows in {', '.join(full)}): records move into an empty database only.",
            cure="make a new database, and call it again with its address.",
        )


def _demand_clean(here: Connection) -> None:
    """PostgreSQL has no character number zero; SQLite takes it."""
    faults: list[str] = []
    for table in _tables():
        for row in _rows(here, table):
            dirty = [name for name, value in row.items() if isinstance(value, str) and "\0" in value]
            faults += [f"{table.name}.{name} where {_key_of(table, row)}" for name in dirty]
        if len(faults) > _FAULTS_AT_ONCE:
            break
    if faults:
        raise SetupError(
            f"PostgreSQL cannot hold the character NUL, which is in {'; '.join(faults[:_FAULTS_AT_ONCE])}.",
            cure="take it out of these rows (the service is stopped, so sqlite3 can), and call it again.",
        )


def _copy(here: Connection, there: Connection, table: Table) -> int:
    batch: list[dict[str, object]] = []
    try:
        for row in _rows(here, table):
            batch.append(row)
            if len(batch) == _BATCH:
                there.execute(insert(table), batch)
                batch = []
        if batch:
            there.execute(insert(table), batch)
        ours, theirs = _count(here, table), _count(there, table)
    except DBAPIError as error:
        raise SetupError(f"The table {table.name} cannot be moved: {first_line(error)}") from error
    if ours != theirs:
        raise SetupError(f"Of {ours} rows of the table {table.name} {theirs} arrived, so nothing was moved.")
    return theirs


def _rows(here: Connection, table: Table) -> Iterator[dict[str, object]]:
    for row in here.execution_options(yield_per=_BATCH).execute(_all(table)):
        yield dict(row._mapping)


def _all(table: Table) -> Select[*tuple[object, ...]]:
    """Without the marks, which are about the SQLite database."""
    return select(table).where(notes.c.key.not_in(marks.MARKS)) if table is notes else select(table)


def _count(connection: Connection, table: Table) -> int:
    counted: int = connection.execute(select(func.count()).select_from(_all(table).subquery())).scalar_one()
    return counted


def _key_of(table: Table, row: Mapping[str, object]) -> str:
    return ", ".join(f"{column.name} = {row[column.name]!r}" for column in table.primary_key)


def _tables() -> list[Table]:
    """In the order in which they refer to each other."""
    return list(metadata.sorted_tables)
