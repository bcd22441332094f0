"""The connections to one database: one that writes, a few that read beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Index, UniqueConstraint, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, IntegrityError

from penstock.database.dialect import BACKENDS, breaks, engine_for, is_forgetful, keep_to_ourselves
from penstock.domain.errors import AlreadyExists, SetupError
from penstock.domain.faults import Fault

_EXAMPLE = "sqlite:////path/to/file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """SQLAlchemy's engines for one database."""

    writer: Engine
    reader: Engine

    def dispose(self) -> None:
        self.reader.dispose()
        self.writer.dispose()  # last: SQLite folds its write-ahead log into the file when the last one goes


def connect(address: str, readers: int) -> Engines:
    """Nothing is opened yet but the file, which is made if it is not there. Raises SetupError where the address is not
    one of a database that we can use."""
    url = _url_from(address)
    keep_to_ourselves(url)
    try:
        return Engines(writer=engine_for(url, "write", 1), reader=engine_for(url, "read", readers))
    except ModuleNotFoundError as error:
        raise SetupError(f"The database {url!r} needs the Python package {error.name}, which is missing.") from error


def _url_from(address: str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise SetupError(f"The setting of the database is not the address of a database; {_EXAMPLE} is one.") from error
    if url.get_backend_name() not in BACKENDS:
        raise SetupError(f"{url!r} is not a database that Penstock knows; {_EXAMPLE} is one.")
    if is_forgetful(url):
        raise SetupError(f"A database in memory would forget every job: name a file, as in {_EXAMPLE}.")
    return url


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
