"""A server that stays silent is given up: libpq itself would wait without end."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator

import pytest

from penstock.database.patience import PatientConnection
from penstock.database.records import DatabaseRecords
from penstock.domain.errors import StoreUnavailable
from postgresql import PostgresqlServer
from severable import Severable

pytestmark = pytest.mark.anyio


@pytest.fixture
def way(postgresql: PostgresqlServer) -> Iterator[Severable]:
    way = Severable(postgresql.port)
    yield way
    way.end()


@pytest.fixture
async def records(
    way: Severable, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[DatabaseRecords]:
    monkeypatch.setattr(PatientConnection, "answer_seconds", 1.0)
    records = DatabaseRecords(re.sub(r":\d+/", f":{way.port}/", postgresql_url))
    yield records
    await records.close()


async def test_a_silent_server_is_told_in_time_and_the_next_call_after_it_is_back_works(
    records: DatabaseRecords, way: Severable
) -> None:
    await records.change(lambda tx: tx.notes.settle("key", "value"))

    way.cut()
    async with asyncio.timeout(20):
        with pytest.raises(StoreUnavailable, match=r"no answer|does not answer"):
            await records.change(lambda tx: tx.notes.settle("key", "another"))
    way.mend()

    assert await records.look(lambda tx: tx.notes.find("key")) == "value"


async def test_silence_in_the_middle_of_a_transaction_ends_it(records: DatabaseRecords, way: Severable) -> None:
    def fall_silent(tx):
        tx.notes.settle("first", "half")
        way.cut()
        tx.notes.settle("second", "half")

    async with asyncio.timeout(20):
        with pytest.raises(StoreUnavailable, match="no answer"):
            await records.change(fall_silent)
    way.mend()

    assert await records.look(lambda tx: tx.notes.find("first")) is None
