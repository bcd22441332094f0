"""The connections to one database: those that write, and a few that read beside them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Index, UniqueConstraint, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, IntegrityError

from penstock.database.dialect import BACKENDS, breaks, engine_for, is_forgetful, keep_to_ourselves, writers_for
from penstock.database.postgresql import Purpose, with_driver
from penstock.domain.errors import AlreadyExists, SetupError
from penstock.domain.faults import Fault

_EXAMPLE = "sqlite:////path/to/file or postgresql://user@host/name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """SQLAlchemy's engines for one database."""

    writer: Engine
    reader: Engine
    writers: int

    def dispose(self) -> None:
        self.reader.dispose()
        self.writer.dispose()  # last: SQLite folds its write-ahead log into the file when the last one goes


def connect(address: str, readers: int) -> Engines:
    """Nothing is opened yet but the file, which is made if it is not there. Raises SetupError where the address is not
    one of a database that we can use."""
    url = url_from(address)
    writers = writers_for(url)
    writer, reader = engine_to(url, "write", writers), engine_to(url, "read", readers)
    return Engines(writer=writer, reader=reader, writers=writers)


def engine_to(url: URL, purpose: Purpose, connections: int = 1) -> Engine:
    """Raises SetupError where the database cannot be used as the address says."""
    keep_to_ourselves(url)
    with needing_packages(url):
        return engine_for(url, purpose, connections)


@contextmanager
def needing_packages(url: URL) -> Iterator[None]:
    """Raises SetupError where those for the database are missing."""
    try:
        yield
    except ImportError as error:
        raise SetupError(
            f"The database {shown(url)} needs Python packages that are missing: pip install 'penstock[postgresql]'."
        ) from error


def url_from(address: str) -> URL:
    """Raises SetupError where it is not an address of a database that we can use."""
    try:
        url = with_driver(make_url(address))
    except (ArgumentError, ValueError) as error:  # ValueError: its port is no number
        raise SetupError(
            f"The setting of the database is not the address of a database, such as {_EXAMPLE}."
        ) from error
    if url.get_backend_name() not in BACKENDS:
        raise SetupError(f"{shown(url)} is not a database that Penstock knows, such as {_EXAMPLE}.")
    if is_forgetful(url):
        raise SetupError(f"A database in memory would forget every job: name another one, such as {_EXAMPLE}.")
    if "password" in url.query:
        raise SetupError("A password after the ? of a database's address shows up in logs: put it before the @.")
    return url


def shown(url: URL) -> str:
    """The address for people, without what is secret in it."""
    told = {key: value for key, value in url.query.items() if key in {"host", "port", "service"}}
    return url.set(query=told).render_as_string(hide_password=True)


@contextmanager
def unique(connection: Connection, index: Index | UniqueConstraint, taken: Fault) -> Iterator[None]:
    """Raises AlreadyExists(taken) where the statement inside breaks the unique index; the transaction can go on."""
    try:
        with connection.begin_nested():
            yield
    except IntegrityError as error:
        if breaks(error, index):
            raise AlreadyExists([taken]) from error
        raise
