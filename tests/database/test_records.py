"""What only records with threads and files have to get right; the rest is in the conformance suite."""

import asyncio
import os
import sqlite3
from pathlib import Path
from threading import Event, get_ident

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from penstock.database.connection import Engines
from penstock.database.dialect import translated
from penstock.database.records import DatabaseRecords
from penstock.domain.errors import StoreFull, StoreUnavailable
from penstock.ports.records import Tx
from penstock.testing.builders import a_fact, a_new_job

pytestmark = pytest.mark.anyio


async def test_functions_run_beside_the_event_loop_and_changes_on_one_thread(records: DatabaseRecords) -> None:
    async with asyncio.TaskGroup() as group:
        threads = [group.create_task(records.change(lambda tx: get_ident())) for _ in range(5)]

    assert len({thread.result() for thread in threads}) == 1
    assert get_ident() not in {thread.result() for thread in threads}


async def test_a_look_does_not_wait_for_a_change(records: DatabaseRecords) -> None:
    may_end = Event()

    def slow(tx: Tx) -> None:
        tx.jobs.add(a_new_job())
        assert may_end.wait(30)

    async with asyncio.TaskGroup() as group:
        group.create_task(records.change(slow))
        assert await records.look(lambda tx: dict(tx.jobs.count_by_state())) == {}
        may_end.set()


async def test_a_look_cannot_write(records: DatabaseRecords) -> None:
    with pytest.raises(StoreUnavailable, match="readonly"):
        await records.look(lambda tx: tx.jobs.add(a_new_job()))


async def test_a_change_whose_task_is_gone_still_hands_its_facts_on(records: DatabaseRecords) -> None:
    has_begun, may_end, told = asyncio.Event(), Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    records.on_facts(lambda facts: told.set())

    def slow(tx: Tx) -> None:
        loop.call_soon_threadsafe(has_begun.set)
        assert may_end.wait(30)
        tx.history.add(a_fact(tx.jobs.add(a_new_job())))

    task = asyncio.create_task(records.change(slow))
    await has_begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    may_end.set()

    assert await asyncio.wait_for(told.wait(), 30)


async def test_closing_waits_for_what_runs_and_leaves_one_file(url: str, tmp_path: Path) -> None:
    records = DatabaseRecords(url)
    change = asyncio.create_task(records.change(lambda tx: tx.notes.settle("key", "value")))
    await asyncio.sleep(0)

    await records.close()

    assert await change == "value"
    assert os.listdir(tmp_path) == ["penstock.db"]  # noqa: PTH208 - a quick look that blocks nobody


async def test_records_are_kept_over_restarts(url: str) -> None:
    first = DatabaseRecords(url)
    job = await first.change(lambda tx: tx.jobs.add(a_new_job()))
    await first.close()

    second = DatabaseRecords(url)

    assert await second.look(lambda tx: tx.jobs.load(job.id)) == job
    await second.close()


async def test_a_database_that_is_gone_is_unavailable(url: str, tmp_path: Path) -> None:
    records = DatabaseRecords(url)
    (tmp_path / "penstock.db").unlink()
    (tmp_path / "penstock.db").mkdir()

    with pytest.raises(StoreUnavailable):
        await records.look(lambda tx: tx.queues.all())

    await records.close()


def test_no_space_left_is_said_as_such(engines: Engines) -> None:
    with engines.writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        with pytest.raises(DBAPIError) as raised:
            connection.execute(text("INSERT INTO notes VALUES ('key', :value)"), {"value": "x" * 1_000_000})

    assert isinstance(translated(raised.value), StoreFull)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_FULL, StoreFull),
        (sqlite3.SQLITE_BUSY, StoreUnavailable),
        (sqlite3.SQLITE_IOERR | (22 << 8), StoreUnavailable),
        (sqlite3.SQLITE_CORRUPT, StoreUnavailable),
        (sqlite3.SQLITE_CONSTRAINT, type(None)),
    ],
)
def test_what_the_database_says_is_told_in_our_words(code: int, kind: type) -> None:
    error = sqlite3.OperationalError("it said so")
    error.sqlite_errorcode = code

    assert isinstance(translated(DBAPIError("SELECT", {}, error)), kind)
