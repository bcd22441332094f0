"""What differs between the databases; the only file that asks which one it is.

What PostgreSQL alone needs is in `postgresql.py`.
"""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Dialect,
    Engine,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import Boolean, TypeEngine

from penstock.database import postgresql
from penstock.database.postgresql import Purpose
from penstock.domain.errors import PenstockError, SetupError, StoreFull, StoreUnavailable

_WRITERS = {"sqlite": 1, "postgresql": 4}  # SQLite lets one write at a time
BACKENDS = tuple(_WRITERS)

# SQLite numbers rows by itself (AUTOINCREMENT) only where the column's type is spelt INTEGER.
IDENTITY: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")

_BUSY_SECONDS = 10  # another process (a backup, a migration by hand) may hold the file this long

# synchronous=FULL: an answered create is on the disk. NORMAL would be faster, but a power cut could then take back
# transactions that callers and engines have already been told of. It costs one fsync a commit.
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_SECONDS * 1000}")

_FULL = frozenset({sqlite3.SQLITE_FULL})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class contains(GenericFunction[bool]):
    """Whether a text contains another, letter by letter: no wildcards, and upper case is not lower case."""

    type = Boolean()
    inherit_cache = True


@compiles(contains, "sqlite")
def _instr(element: contains, compiler: SQLCompiler, **kw: Any) -> str:
    return f"instr({compiler.process(element.clauses, **kw)}) > 0"


@compiles(contains, "postgresql")
def _strpos(element: contains, compiler: SQLCompiler, **kw: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **kw)}) > 0"


def engine_for(url: URL, purpose: Purpose, connections: int) -> Engine:
    """An engine whose connections are fit for the purpose: readers cannot write."""
    if not is_sqlite(url):
        return postgresql.engine_for(url, purpose, connections)
    own = {"timeout": _BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(url, pool_size=connections, max_overflow=0, connect_args=own)
    _prepare_sqlite(engine, purpose)
    return engine


def writers_for(url: URL) -> int:
    """How many transactions of one process may write at the same time."""
    return _WRITERS[url.get_backend_name()]


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def is_forgetful(url: URL) -> bool:
    """Whether it lives in memory alone."""
    return is_sqlite(url) and url.database in {None, "", ":memory:"}


def keep_to_ourselves(url: URL) -> None:
    """Make the database file before the driver does, so that only we can read it: it holds hashes and sealed keys."""
    if is_sqlite(url) and url.database:
        try:
            Path(url.database).touch(mode=0o600)
        except OSError as error:
            raise SetupError(f"The database {url.database} cannot be opened: {error.strerror}.") from error


def insert_into(table: Table, dialect: Dialect) -> PostgresqlInsert | SqliteInsert:
    """An INSERT that knows ON CONFLICT."""
    return SqliteInsert(table) if dialect.name == "sqlite" else PostgresqlInsert(table)


def prepare_to_change(connection: Connection) -> None:
    """Before the tables are changed: nobody else changes them until this transaction ends. Raises SetupError."""
    if connection.dialect.name != "sqlite":
        postgresql.prepare_to_change(connection)


def now_of(connection: Connection) -> float | None:
    """The database's own clock, in seconds since 1970; None where it is this machine's."""
    return None if connection.dialect.name == "sqlite" else postgresql.now_of(connection)


def largest_number(connection: Connection, table: Table) -> int:
    """The largest that the table ever gave to a row by itself; 0 if it never did."""
    if not is_numbered(table):
        return 0
    largest = connection.execute(select(func.max(table.c.id))).scalar_one() or 0
    if not table.dialect_options["sqlite"]["autoincrement"]:
        return int(largest)
    ever = connection.exec_driver_sql("SELECT max(seq) FROM sqlite_sequence WHERE name = ?", (table.name,)).scalar_one()
    return max(int(largest), int(ever or 0))


def continue_numbers(connection: Connection, table: Table, largest: int) -> None:
    """The next row that PostgreSQL numbers by itself gets the next number."""
    sequence = func.pg_get_serial_sequence(table.name, table.c.id.name)
    connection.execute(select(func.setval(sequence, largest)))


def is_numbered(table: Table) -> bool:
    """Whether the database numbers its rows."""
    return table.primary_key.columns.values()[0].type is IDENTITY


def breaks(error: DBAPIError, index: Index | UniqueConstraint) -> bool:
    """Whether the statement failed on this unique index or constraint."""
    if isinstance(error.orig, sqlite3.Error):
        columns = ", ".join(f"{column.table.name}.{column.name}" for column in index.columns)
        return str(error.orig) == f"UNIQUE constraint failed: {columns}"
    return postgresql.constraint_of(error) == index.name


def is_conflict(error: DBAPIError) -> bool:
    """Whether the transaction lost against another one, and can simply be run again; in SQLite none can."""
    return not isinstance(error.orig, sqlite3.Error) and postgresql.is_conflict(error)


def translated(error: DBAPIError) -> PenstockError | None:
    """Our own error for what the database could not do; None for what only a mistake of ours can cause."""
    if isinstance(error.orig, sqlite3.OperationalError | sqlite3.DatabaseError):
        return _from_sqlite(error.orig)
    return postgresql.translated(error)


def _from_sqlite(error: sqlite3.Error) -> PenstockError | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest says which step failed
    if code in _FULL:
        return StoreFull("The database has no space left: free some on its disk.")
    if code in _DAMAGED:
        return StoreUnavailable(f"The database file is damaged: {error}.")
    passing = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
    if code in passing | {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PROTOCOL}:
        return StoreUnavailable(f"The database cannot be used now: {error}.")
    return None


def _prepare_sqlite(engine: Engine, purpose: Purpose) -> None:
    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _: object) -> None:
        # The driver begins a transaction only at the first write, so two SELECTs would see two databases: we begin.
        connection.isolation_level = None
        for pragma in (*_PRAGMAS, f"query_only={'ON' if purpose == 'read' else 'OFF'}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes its lock at once: one that took it half-way would fail where it cannot wait.
        connection.exec_driver_sql("BEGIN" if purpose == "read" else "BEGIN IMMEDIATE")
