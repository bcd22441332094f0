"""Records of two processes, as it were, over one database."""

from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import Connection

from penstock.database.connection import Engines, connect
from penstock.database.records import DatabaseRecords


@pytest.fixture
def engines(postgresql_url: str) -> Iterator[Engines]:
    engines = connect(postgresql_url, readers=1)
    yield engines
    engines.dispose()


@pytest.fixture
def connection(engines: Engines) -> Iterator[Connection]:
    with engines.writer.connect() as connection:
        yield connection


@pytest.fixture
async def records(postgresql_url: str) -> AsyncIterator[DatabaseRecords]:
    records = DatabaseRecords(postgresql_url)
    yield records
    await records.close()


@pytest.fixture
async def others(postgresql_url: str) -> AsyncIterator[DatabaseRecords]:
    others = DatabaseRecords(postgresql_url)
    yield others
    await others.close()
