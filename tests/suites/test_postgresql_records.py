"""The records in PostgreSQL keep what the port promises."""

from collections.abc import AsyncIterator

import pytest

from penstock.database.records import DatabaseRecords
from penstock.testing.records_suite import RecordsSuite

pytestmark = pytest.mark.anyio


@pytest.fixture
async def records(postgresql_url: str) -> AsyncIterator[DatabaseRecords]:
    records = DatabaseRecords(postgresql_url)
    yield records
    await records.close()


class TestPostgresqlRecords(RecordsSuite):
    """All of the suite."""
