"""What happens to the database and to whoever uses it is told in our words, and the next call works."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from psycopg import errors
from sqlalchemy.exc import DBAPIError, OperationalError

from penstock.database.dialect import translated
from penstock.database.records import DatabaseRecords
from penstock.database.tries import until_it_succeeds
from penstock.domain.errors import Invalid, StoreFull, StoreUnavailable
from penstock.ports.records import Tx
from penstock.testing.builders import PROJECT, a_new_job
from penstock.testing.clock import NOON
from postgresql import PostgresqlServer

pytestmark = pytest.mark.anyio

OURS = "application_name = 'penstock' AND datname = %s"
HOLDER = """
import sys, time
from datetime import datetime, timedelta
from penstock.database.connection import connect
from penstock.database.records import DatabaseTx

engines = connect(sys.argv[1], readers=1)
with engines.writer.begin() as connection:
    tx = DatabaseTx(connection)
    lease = tx.leases.take("here", "stopped", datetime.fromisoformat(sys.argv[2]), timedelta(seconds=1))
    tx.leases.demand(lease)
    print("holds it", flush=True)
    time.sleep(600)
"""


def kill_connections(postgresql: PostgresqlServer, url: str) -> int:
    sql = f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {OURS}"
    return int(postgresql.ask(sql, url.rpartition("/")[2])[0][0])


async def test_a_connection_that_died_between_two_calls_is_not_noticed(
    records: DatabaseRecords, postgresql: PostgresqlServer, postgresql_url: str
) -> None:
    await records.change(lambda tx: tx.notes.settle("key", "value"))
    await records.look(lambda tx: tx.queues.all())

    assert kill_connections(postgresql, postgresql_url) >= 2

    assert await records.change(lambda tx: tx.notes.settle("key", "another")) == "value"
    assert await records.look(lambda tx: tx.queues.all()) == []


async def test_a_connection_that_dies_in_a_change_leaves_nothing_and_the_next_change_works(
    records: DatabaseRecords, postgresql: PostgresqlServer, postgresql_url: str
) -> None:
    def cut(tx: Tx) -> None:
        tx.jobs.add(a_new_job("half"))
        kill_connections(postgresql, postgresql_url)
        tx.jobs.add(a_new_job("second"))

    with pytest.raises(StoreUnavailable):
        await records.change(cut)

    assert await records.look(lambda tx: tx.jobs.named(PROJECT, "half")) is None
    assert await records.change(lambda tx: tx.jobs.add(a_new_job("half")))


async def test_a_connection_that_dies_before_the_commit_is_told(
    records: DatabaseRecords, postgresql: PostgresqlServer, postgresql_url: str
) -> None:
    def cut(tx: Tx) -> None:
        tx.jobs.add(a_new_job("half"))
        kill_connections(postgresql, postgresql_url)

    with pytest.raises(StoreUnavailable):
        await records.change(cut)


async def test_a_connection_that_dies_in_a_look_is_told(
    records: DatabaseRecords, postgresql: PostgresqlServer, postgresql_url: str
) -> None:
    def cut(tx: Tx) -> None:
        tx.queues.all()
        kill_connections(postgresql, postgresql_url)
        tx.queues.all()

    with pytest.raises(StoreUnavailable):
        await records.look(cut)

    assert await records.look(lambda tx: tx.queues.all()) == []


async def test_a_server_that_is_away_is_unavailable_until_it_is_back() -> None:
    server = PostgresqlServer()
    try:
        records = DatabaseRecords(server.emptied())
        await records.change(lambda tx: tx.notes.settle("key", "value"))

        server.stop()
        with pytest.raises(StoreUnavailable):
            await records.change(lambda tx: tx.notes.settle("key", "another"))
        with pytest.raises(StoreUnavailable):
            await records.look(lambda tx: tx.queues.all())
        server.start()

        assert await records.change(lambda tx: tx.notes.settle("key", "another")) == "value"
        assert await records.look(lambda tx: tx.queues.all()) == []
        await records.close()
    finally:
        server.end()


async def test_a_look_cannot_write(records: DatabaseRecords) -> None:
    with pytest.raises(StoreUnavailable, match="read-only"):
        await records.look(lambda tx: tx.jobs.add(a_new_job()))


async def test_a_name_with_a_character_that_no_text_has_is_the_callers_fault(records: DatabaseRecords) -> None:
    with pytest.raises(Invalid):
        await records.look(lambda tx: tx.queues.find(PROJECT, "a\0b"))
    with pytest.raises(Invalid):
        await records.change(lambda tx: tx.notes.settle("key", "a\0b"))


async def test_a_stopped_process_keeps_a_lease_for_seconds_only(records: DatabaseRecords, postgresql_url: str) -> None:
    """Its transaction is open and its lease's row is locked; another's turn comes all the same."""

    def take(tx: Tx) -> object:
        return tx.leases.take("here", "another", NOON + timedelta(seconds=30), timedelta(seconds=15))

    def make_lease(tx: Tx) -> None:
        assert tx.leases.take("here", "stopped", NOON, timedelta(seconds=1))

    await records.change(make_lease)
    with a_stopped_holder(postgresql_url):
        assert await records.change(take) is None

        for _ in range(50):
            if lease := await records.change(take):
                break
            await asyncio.sleep(0.5)

        assert lease


async def test_whoever_waits_for_a_stopped_process_goes_on(records: DatabaseRecords, postgresql_url: str) -> None:
    """The renewal of its own lease waits for the row, which another process of the same name holds."""

    def make_lease(tx: Tx) -> None:
        assert tx.leases.take("here", "stopped", NOON, timedelta(seconds=1))

    await records.change(make_lease)
    with a_stopped_holder(postgresql_url):
        async with asyncio.timeout(25):
            await records.change(make_lease)


@contextmanager
def a_stopped_holder(url: str) -> Iterator[None]:
    command = [sys.executable, "-c", HOLDER, url, NOON.isoformat()]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"holds it\n"
        holder.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            holder.kill()


class TestWords:
    @pytest.mark.parametrize(
        ("error", "kind"),
        [
            (errors.DiskFull, StoreFull),
            (errors.AdminShutdown, StoreUnavailable),
            (errors.CannotConnectNow, StoreUnavailable),
            (errors.ConnectionFailure, StoreUnavailable),
            (errors.TooManyConnections, StoreUnavailable),
            (errors.LockNotAvailable, StoreUnavailable),
            (errors.QueryCanceled, StoreUnavailable),
            (errors.IdleInTransactionSessionTimeout, StoreUnavailable),
            (errors.InFailedSqlTransaction, StoreUnavailable),
            (errors.ReadOnlySqlTransaction, StoreUnavailable),
            (errors.InvalidPassword, StoreUnavailable),
            (errors.InvalidCatalogName, StoreUnavailable),
            (errors.SerializationFailure, StoreUnavailable),
            (errors.InsufficientPrivilege, StoreUnavailable),
            (errors.UndefinedTable, type(None)),
            (errors.CheckViolation, type(None)),
        ],
    )
    def test_what_the_database_says_is_told_in_our_words(self, error: type[psycopg.Error], kind: type) -> None:
        assert isinstance(translated(DBAPIError("SELECT", {}, error("it said so"))), kind)

    def test_a_connection_that_could_not_be_made_is_told_in_one_line(self) -> None:
        error = OperationalError("SELECT", {}, psycopg.OperationalError("connection refused\n\tIs it running?"))

        assert str(translated(error)) == "The database does not answer: connection refused."


class TestTries:
    def test_a_transaction_that_loses_is_run_again_until_it_wins(self) -> None:
        tries: list[int] = []
        pauses: list[float] = []

        assert until_it_succeeds(losing(tries, 5), pause=pauses.append) == "done"

        assert len(tries) == 6
        assert len(pauses) == 5
        assert all(0 <= pause <= 0.5 for pause in pauses)

    def test_one_that_always_loses_is_given_up_in_words(self) -> None:
        tries: list[int] = []

        with pytest.raises(StoreUnavailable, match="too busy"):
            until_it_succeeds(losing(tries, 1000), pause=lambda _: None)

        assert len(tries) == 15

    def test_any_other_error_ends_it_at_once(self) -> None:
        tries: list[int] = []

        with pytest.raises(DBAPIError):
            until_it_succeeds(losing(tries, 1, errors.CheckViolation), pause=lambda _: None)

        assert len(tries) == 1


def losing(tries: list[int], times: int, error: type[psycopg.Error] = errors.DeadlockDetected) -> Callable[[], str]:
    def transact() -> str:
        tries.append(1)
        if len(tries) <= times:
            raise DBAPIError("COMMIT", {}, error("lost"))
        return "done"

    return transact
