"""The records in SQLite keep what the port promises."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from penstock.database.migrate import migrate
from penstock.database.records import DatabaseRecords
from penstock.testing.records_suite import RecordsSuite

pytestmark = pytest.mark.anyio


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/penstock.db"


@pytest.fixture
async def records(url: str) -> AsyncIterator[DatabaseRecords]:
    migrate(url)
    records = DatabaseRecords(url)
    yield records
    await records.close()


class TestSqliteRecords(RecordsSuite):
    """All of the suite."""
