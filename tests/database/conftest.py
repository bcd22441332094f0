"""A database in a folder of the test's own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from penstock.database.connection import Engines, connect
from penstock.database.migrate import migrate
from penstock.database.records import DatabaseRecords


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/penstock.db"
    migrate(url)
    return url


@pytest.fixture
def engines(url: str) -> Iterator[Engines]:
    engines = connect(url, readers=1)
    yield engines
    engines.dispose()


@pytest.fixture
async def records(url: str) -> AsyncIterator[DatabaseRecords]:
    records = DatabaseRecords(url)
    yield records
    await records.close()
