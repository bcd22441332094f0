"""Chooses the bell of whoever shares a database: one process has SQLite, several may have PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from penstock.database.connection import needing_packages, url_from
from penstock.database.dialect import is_sqlite
from penstock.database.process_bell import ProcessBell
from penstock.ports.bell import Bell


@asynccontextmanager
async def bell_for(url: str) -> AsyncIterator[Bell]:
    """The bell of whoever shares this database, until the block ends. Raises SetupError."""
    address = url_from(url)
    if is_sqlite(address):
        yield ProcessBell()
        return
    with needing_packages(address):
        # Imported here: its driver is an extra.
        from penstock.database.postgres_bell import PostgresBell  # noqa: PLC0415
    bell = PostgresBell(address)
    async with bell.serving():
        yield bell
