"""Moving from SQLite: everything arrives, or nothing; and nobody serves what was left behind."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from penstock.database.connection import engine_to, url_from
from penstock.database.migrate import migrate
from penstock.database.move import move
from penstock.database.records import DatabaseRecords
from penstock.database.tables import metadata
from penstock.domain.bucket import Bucket
from penstock.domain.caller import Account, AccountId, Key, User, UserId
from penstock.domain.errors import SetupError
from penstock.domain.lifecycle import State
from penstock.domain.run import JobId
from penstock.domain.savepoint import SavepointId
from penstock.ports.records import Tx
from penstock.testing.builders import (
    PROJECT,
    a_fact,
    a_job,
    a_kept_savepoint,
    a_new_job,
    a_queue_spec,
    a_spec,
    stored,
)
from penstock.testing.clock import NOON
from postgresql import PASSWORD, PostgresqlServer

pytestmark = pytest.mark.anyio


class Crash(BaseException):
    """The process is gone."""


@pytest.fixture
async def sqlite_url(tmp_path: Path) -> str:
    """A living installation: something of every kind, and numbers that were given and are not there any more."""
    url = f"sqlite:///{tmp_path}/penstock.db"
    migrate(url)
    records = DatabaseRecords(url)
    await records.change(_live)
    await records.close()
    with sqlite3.connect(tmp_path / "penstock.db") as connection:
        connection.execute("UPDATE sqlite_sequence SET seq = 50 WHERE name = 'jobs'")
    connection.close()
    return url


def _live(tx: Tx) -> None:
    tx.notes.settle("installation", "1234abcd")
    tx.callers.add_account(Account(id=AccountId("a"), name="account"))
    tx.callers.add_user(User(id=UserId("u"), account_id=AccountId("a"), name="operator", is_operator=True))
    sealed = bytes(range(256))
    tx.callers.add_key(Key(access="AK", sealed_secret=sealed, user_id=UserId("u"), created_at=NOON))
    tx.queues.add(PROJECT, a_queue_spec(), "作业", NOON)
    tx.buckets.add(Bucket(project_id=PROJECT, name="logs", authorised=True, created_at=NOON))
    assert tx.leases.take("here", "someone", NOON, NOON - NOON)
    for number, state in enumerate((State.SAVEPOINTING, State.QUEUED, State.DRAFT, State.FAILED), 1):
        spec = a_spec(name=f"作业-{number}", tags=(("k", "v'\"\\"),))
        job = stored(tx, a_job(id=JobId(number), spec=spec, state=state))
        tx.jobs.save(replace(job, newest_savepoint=a_kept_savepoint(id=SavepointId(f"{number:032}"), job_id=job.id)))
        tx.history.add(a_fact(job))
    kept = tx.savepoints.load(SavepointId(f"{2:032}"))
    tx.savepoints.save(replace(kept, copy="桶/目录/savepoint-2").copied(NOON))


def every_row(url: str) -> dict[str, list[dict[str, Any]]]:
    engine = engine_to(url_from(url), "read")
    with engine.connect() as connection:
        rows = {table.name: _rows(connection, table.name) for table in metadata.sorted_tables}
    engine.dispose()
    return rows


def _rows(connection: Connection, name: str) -> list[dict[str, Any]]:
    table = metadata.tables[name]
    found = (dict(row._mapping) for row in connection.execute(select(table).order_by(*table.primary_key)))
    return [row for row in found if row.get("key") not in {"moving to", "moved to"}]


def crash_at(step: str) -> Callable[[str], None]:
    def told(reached: str) -> None:
        if reached == step:
            raise Crash

    return told


async def test_every_row_arrives_as_it_was(sqlite_url: str, bare_postgresql_url: str) -> None:
    before = every_row(sqlite_url)

    moved = move(sqlite_url, bare_postgresql_url)

    assert every_row(bare_postgresql_url) == before
    assert moved.rows == {name: len(rows) for name, rows in before.items()}
    assert (moved.rows["jobs"], moved.rows["savepoints"]) == (4, 4)
    assert not moved.earlier
    assert PASSWORD not in moved.where


async def test_what_moved_is_served_and_goes_on(sqlite_url: str, bare_postgresql_url: str) -> None:
    old = DatabaseRecords(sqlite_url)
    jobs = await old.look(lambda tx: [tx.jobs.load(JobId(number)) for number in range(1, 5)])
    await old.close()

    move(sqlite_url, bare_postgresql_url)

    migrate(bare_postgresql_url)
    records = DatabaseRecords(bare_postgresql_url)
    assert await records.look(lambda tx: [tx.jobs.load(JobId(number)) for number in range(1, 5)]) == jobs
    assert [job.newest_savepoint.shown for job in jobs if job.newest_savepoint][1] == "桶/目录/savepoint-2"
    assert (await records.change(lambda tx: tx.jobs.add(a_new_job("next")))).id == 51
    assert (await records.change(lambda tx: tx.queues.add(PROJECT, a_queue_spec(name="q2"), "o", NOON))).id == 2
    await records.change(lambda tx: tx.history.add(a_fact(jobs[0])))
    await records.close()


async def test_a_database_that_was_prepared_and_never_served_is_empty(sqlite_url: str, postgresql_url: str) -> None:
    assert move(sqlite_url, postgresql_url).rows["jobs"] == 4


async def test_what_was_left_behind_is_not_served(sqlite_url: str, bare_postgresql_url: str) -> None:
    move(sqlite_url, bare_postgresql_url)

    with pytest.raises(SetupError, match="moved from this SQLite database to postgresql") as raised:
        migrate(sqlite_url)

    assert PASSWORD not in str(raised.value)
    assert "database.url" in str(raised.value.facts["cure"])


async def test_moving_again_tells_that_it_is_done(sqlite_url: str, bare_postgresql_url: str) -> None:
    move(sqlite_url, bare_postgresql_url)

    with pytest.raises(SetupError, match="before"):
        move(sqlite_url, bare_postgresql_url)


@pytest.mark.parametrize("step", ["jobs", "log_cursors"])
async def test_a_move_that_dies_while_it_copies_has_not_happened(
    sqlite_url: str, bare_postgresql_url: str, step: str
) -> None:
    before = every_row(sqlite_url)
    with pytest.raises(Crash):
        move(sqlite_url, bare_postgresql_url, crash_at(step))

    migrate(sqlite_url)  # may be served as before
    assert not move(sqlite_url, bare_postgresql_url).earlier
    assert every_row(bare_postgresql_url) == before


async def test_a_move_that_dies_before_its_commit_is_repeated(sqlite_url: str, bare_postgresql_url: str) -> None:
    before = every_row(sqlite_url)
    with pytest.raises(Crash):
        move(sqlite_url, bare_postgresql_url, crash_at("marked"))

    with pytest.raises(SetupError, match="interrupted"):
        migrate(sqlite_url)
    assert not move(sqlite_url, bare_postgresql_url).earlier
    assert every_row(bare_postgresql_url) == before
    with pytest.raises(SetupError, match="moved"):
        migrate(sqlite_url)


async def test_a_move_that_dies_after_its_commit_has_happened(sqlite_url: str, bare_postgresql_url: str) -> None:
    before = every_row(sqlite_url)
    with pytest.raises(Crash):
        move(sqlite_url, bare_postgresql_url, crash_at("committed"))

    with pytest.raises(SetupError, match="interrupted"):
        migrate(sqlite_url)
    assert move(sqlite_url, bare_postgresql_url).earlier
    assert every_row(bare_postgresql_url) == before
    with pytest.raises(SetupError, match="moved"):
        migrate(sqlite_url)


async def test_a_database_with_anything_in_it_is_refused(sqlite_url: str, postgresql_url: str) -> None:
    records = DatabaseRecords(postgresql_url)
    await records.change(lambda tx: tx.queues.add(PROJECT, a_queue_spec(), "someone", NOON))
    await records.close()

    with pytest.raises(SetupError, match=r"not empty .*queues"):
        move(sqlite_url, postgresql_url)

    migrate(sqlite_url)


async def test_text_that_postgresql_cannot_hold_is_told_with_its_row(
    sqlite_url: str, bare_postgresql_url: str, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "penstock.db") as connection:
        connection.execute("UPDATE jobs SET user_name = 'a' || char(0) || 'b' WHERE id = 2")
    connection.close()

    with pytest.raises(SetupError, match=r"NUL, which is in jobs\.user_name where id = 2\.") as raised:
        move(sqlite_url, bare_postgresql_url)

    assert "\0" not in str(raised.value)
    migrate(sqlite_url)


async def test_a_row_that_does_not_fit_leaves_everything_as_it_was(
    sqlite_url: str, bare_postgresql_url: str, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "penstock.db") as connection:
        connection.execute("UPDATE jobs SET restart_times = 3000000000 WHERE id = 2")
    connection.close()

    with pytest.raises(SetupError, match="The table jobs cannot be moved"):
        move(sqlite_url, bare_postgresql_url)

    migrate(sqlite_url)
    migrate(bare_postgresql_url)
    assert not any(every_row(bare_postgresql_url).values())


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path, bare_postgresql_url: str) -> None:
    with pytest.raises(SetupError, match="no database"):
        move(f"sqlite:///{tmp_path}/nothing.db", bare_postgresql_url)

    assert list(tmp_path.iterdir()) == []


async def test_ways_that_lead_nowhere_are_refused(sqlite_url: str, postgresql: PostgresqlServer) -> None:
    with pytest.raises(SetupError, match="no PostgreSQL database"):
        move(sqlite_url, sqlite_url)
    with pytest.raises(SetupError, match="no SQLite database"):
        move(postgresql.url(), postgresql.url())
