"""The connections to one database: one that writes, a few that read beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Index, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, IntegrityError

from penstock.database.dialect import breaks, engine_for, keep_to_ourselves
from penstock.domain.errors import AlreadyExists, SetupError
from penstock.domain.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """SQLAlchemy's engines for one database."""

    writer: Engine
    reader: Engine

    def dispose(self) -> None:
        self.reader.dispose()
        self.writer.dispose()  # last: SQLite folds its write-ahead log into the file when the last one goes


def url_from(text: str) -> URL:
    """Raises SetupError where the text is not the address of a database."""
    try:
        return make_url(text)
    except ArgumentError as error:
        raise SetupError(f"{text!r} is not the address of a database; sqlite:////path/to/file is one.") from error


def connect(text: str, readers: int) -> Engines:
    """Nothing is opened yet but the file, which is made if it is not there."""
    url = url_from(text)
    keep_to_ourselves(url)
    return Engines(writer=engine_for(url, "write", 1), reader=engine_for(url, "read", readers))


@contextmanager
def unique(connection: Connection, index: Index, taken: Fault) -> Iterator[None]:
    """Raises AlreadyExists(taken) where the statement inside breaks the unique index; the transaction can go on."""
    try:
        with connection.begin_nested():
            yield
    except IntegrityError as error:
        if breaks(error, index):
            raise AlreadyExists([taken]) from error
        raise
