"""Brings the tables of a database to what this version needs; the first start makes them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from penstock.database.connection import engine_to, shown, url_from
from penstock.database.dialect import now_of, prepare_to_change
from penstock.database.marks import refuse_if_moved
from penstock.database.postgresql import first_line, may_answer_later
from penstock.domain.errors import SetupError
from penstock.ports.clock import Clock, SystemClock

_log = structlog.get_logger()

_PAUSE = 1.0  # seconds between two tries to reach the server
_SKEW = 5  # seconds; leases are judged by the clocks of those who hold and want them, and last fifteen


def migrate(url: str, clock: Clock | None = None, *, patience: float = 0) -> None:
    """All steps in one transaction, one service after another. Raises SetupError where that cannot be done, or where
    nobody should serve this database: its records went elsewhere, or its clock and ours differ. A server that is not
    there is waited for, that many seconds."""
    clock = clock or SystemClock()
    until = clock.monotonic() + patience
    while True:
        try:
            return _migrate(url, clock)
        except SetupError as error:
            reason = error.__cause__
            if not isinstance(reason, DBAPIError) or not may_answer_later(reason) or clock.monotonic() >= until:
                raise
            _log.warning("database does not answer yet", why=first_line(reason))
        time.sleep(_PAUSE)


def _migrate(url: str, clock: Clock) -> None:
    with changing(url_from(url)) as connection:
        upgrade(connection)
        refuse_if_moved(connection)
        _compare_clocks(connection, clock)


@contextmanager
def changing(url: URL) -> Iterator[Connection]:
    """One transaction that may change tables; what the database says against it is raised as SetupError."""
    engine = engine_to(url, "change the tables")
    try:
        with engine.begin() as connection:
            prepare_to_change(connection)
            yield connection
    except DBAPIError as error:
        raise SetupError(
            f"The database {shown(url)} cannot be opened or changed: {first_line(error)}",
            cure="check database.url, and that the server runs and lets its user in, then start again.",
        ) from error
    finally:
        engine.dispose()


def upgrade(connection: Connection) -> None:
    """Every step that is missing. Raises SetupError."""
    config = Config()
    config.set_main_option("script_location", "penstock.database:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise SetupError(
            f"The database does not fit this version of Penstock (a newer one made it?): {error}"
        ) from error


def _compare_clocks(connection: Connection, clock: Clock) -> None:
    theirs = now_of(connection)
    if theirs is None:
        return
    ahead = clock.now().timestamp() - theirs
    if abs(ahead) > _SKEW:
        raise SetupError(
            f"The clock of this machine is {abs(ahead):.0f} seconds {'ahead of' if ahead > 0 else 'behind'} the "
            "database's, so a service here could act while another one still may: set both by the same time server."
        )
