"""The unit of work: plain functions in transactions, in threads of their own; facts handed on once committed."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Concatenate

from sqlalchemy import Connection, Engine

from penstock.database.buckets import DatabaseBuckets, DatabaseLogCursors, DatabaseSubmitLogs
from penstock.database.callers import DatabaseCallers
from penstock.database.connection import connect
from penstock.database.history import DatabaseHistory
from penstock.database.jobs import DatabaseJobs
from penstock.database.leases import DatabaseLeases
from penstock.database.notes import DatabaseNotes
from penstock.database.outbox import DatabaseOutbox
from penstock.database.packages import DatabasePackages
from penstock.database.places import DatabasePlaces
from penstock.database.queues import DatabaseQueues
from penstock.database.run_notes import DatabaseRunNotes
from penstock.database.savepoints import DatabaseSavepoints
from penstock.database.sheets import DatabaseSheets
from penstock.database.topics import DatabaseSubscriptions, DatabaseTopics
from penstock.database.tries import Turns, until_it_succeeds
from penstock.domain.history import Fact
from penstock.ports.records import FactListener, P, R, Tx

Work = Callable[[Tx], R]


class DatabaseTx:
    """`ports.records.Tx` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self.jobs = DatabaseJobs(connection)
        self.sheets = DatabaseSheets(connection)
        self.savepoints = DatabaseSavepoints(connection)
        self.history = DatabaseHistory(connection)
        self.queues = DatabaseQueues(connection)
        self.packages = DatabasePackages(connection)
        self.callers = DatabaseCallers(connection)
        self.leases = DatabaseLeases(connection)
        self.notes = DatabaseNotes(connection)
        self.buckets = DatabaseBuckets(connection)
        self.log_cursors = DatabaseLogCursors(connection)
        self.submit_logs = DatabaseSubmitLogs(connection)
        self.topics = DatabaseTopics(connection)
        self.subscriptions = DatabaseSubscriptions(connection)
        self.outbox = DatabaseOutbox(connection)
        self.places = DatabasePlaces(connection)
        self.run_notes = DatabaseRunNotes(connection)


class DatabaseRecords:
    """`ports.records.Records` over a database whose tables are there (`migrate`).

    In SQLite one thread writes, so changes are one after another; in PostgreSQL several do, and changes are as if they
    were: one that lost against another is run again. `readers` threads look. A task that is cancelled while its
    transaction runs does not stop it: the transaction ends as a whole, and its facts are handed on.
    """

    def __init__(self, url: str, *, readers: int = 4) -> None:
        self._engines = connect(url, readers)
        self._writer = ThreadPoolExecutor(self._engines.writers, "records-change")
        self._readers = ThreadPoolExecutor(readers, "records-look")
        self._turns = Turns()
        self._listeners: list[FactListener] = []

    async def change(self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        loop = asyncio.get_running_loop()
        work: Work[R] = lambda tx: fn(tx, *args, **kwargs)
        return await loop.run_in_executor(self._writer, self._change, loop, work)

    async def look(self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        work: Work[R] = lambda tx: fn(tx, *args, **kwargs)
        look = partial(_transact, self._engines.reader, work)
        return (await asyncio.get_running_loop().run_in_executor(self._readers, until_it_succeeds, look))[0]

    def on_facts(self, listener: FactListener) -> None:
        self._listeners.append(listener)

    async def close(self) -> None:
        """Let what runs end, then let go of the database."""
        await asyncio.to_thread(self._close)

    def _change(self, loop: asyncio.AbstractEventLoop, work: Work[R]) -> R:
        result, facts = until_it_succeeds(partial(_transact, self._engines.writer, work), self._turns)
        if facts:
            # From here, not from the waiting task, which may be gone. One call each: no listener can spoil another's.
            for listener in self._listeners:
                loop.call_soon_threadsafe(listener, facts)
        return result

    def _close(self) -> None:
        self._writer.shutdown()
        self._readers.shutdown()
        self._engines.dispose()


def _transact(engine: Engine, work: Work[R]) -> tuple[R, Sequence[Fact]]:
    with engine.begin() as connection:
        tx = DatabaseTx(connection)
        result = work(tx)
    return result, tuple(tx.history.added)
