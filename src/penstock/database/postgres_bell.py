"""A bell for all processes that share a PostgreSQL: rings travel as NOTIFY, and are heard by whoever LISTENs.

It may lose rings and never says so: a connection that broke, a server that starts anew. Then it connects again, and
rings once for everybody. Connections go straight to the server; a pool between would give each LISTEN to somebody else.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from threading import Lock
from typing import Any

import psycopg
import structlog
from psycopg import AsyncConnection
from sqlalchemy.engine import URL

from penstock.database.postgresql import connect_arguments
from penstock.database.process_bell import ProcessBell
from penstock.ports.bell import Ear

_log = structlog.get_logger()

_CHANNEL = "penstock"
_TELL = "SELECT pg_notify(%s, topic) FROM unnest(%s::text[]) AS topic"
_GATHERING = 0.01  # seconds after a batch in which the next one gathers
_LOOK = 30  # seconds without a ring after which the connection is tried
_PATIENCE = 5.0  # seconds, at most, between two tries to connect
_ANSWER = 20.0  # seconds until a connection whose server stays silent is given up
_FAREWELL = 1.0  # seconds for the last batch

_Connection = AsyncConnection[tuple[Any, ...]]


class PostgresBell:
    """`ports.bell.Bell`: rings here at once, and elsewhere as soon as the database has passed them on."""

    def __init__(self, url: URL) -> None:
        self._address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._arguments = connect_arguments(url)
        self._here = ProcessBell()
        self._waiting: set[str] = set()
        self._lock = Lock()
        self._loop = asyncio.get_running_loop()
        self._has_waiting = asyncio.Event()
        self._own: set[int] = set()  # the server's process that sends for us

    def ring(self, topic: str) -> None:
        """From any thread."""
        self._here.ring(topic)
        with self._lock:
            self._waiting.add(topic)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._has_waiting.set)

    def listen(self, topic: str) -> AbstractAsyncContextManager[Ear]:
        return self._here.listen(topic)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Send and hear until the block ends."""
        tasks = [asyncio.create_task(self._always(work)) for work in (self._send, self._hear)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _always(self, work: Callable[[_Connection], Awaitable[None]]) -> None:
        name, failures = work.__name__.strip("_"), 0
        while True:
            began = self._loop.time()
            try:
                async with await AsyncConnection.connect(
                    self._address, autocommit=True, **self._arguments
                ) as connection:
                    if failures:
                        _log.info("bell connected again", work=name)
                    await work(connection)
            except (psycopg.Error, OSError) as error:
                failures = 1 if self._loop.time() - began > _LOOK else failures + 1
                tell = _log.warning if failures == 1 else _log.debug
                tell("bell cut off", work=name, why=str(error).partition("\n")[0])
            await asyncio.sleep(min(_PATIENCE, 0.1 * 2**failures))

    async def _send(self, connection: _Connection) -> None:
        self._own = {connection.info.backend_pid}
        try:
            while True:
                await self._has_waiting.wait()
                await self._send_batch(connection)
                await asyncio.sleep(_GATHERING)
        except asyncio.CancelledError:
            with suppress(TimeoutError, psycopg.Error, OSError):
                async with asyncio.timeout(_FAREWELL):
                    await self._send_batch(connection)
            raise

    async def _send_batch(self, connection: _Connection) -> None:
        self._has_waiting.clear()
        with self._lock:
            topics, self._waiting = self._waiting, set()
        try:
            if topics:
                async with asyncio.timeout(_ANSWER):
                    await connection.execute(_TELL, (_CHANNEL, sorted(topics)))
        except BaseException:  # also when cancelled: they wait for the next connection, or for the farewell
            with self._lock:
                self._waiting |= topics
            self._has_waiting.set()
            raise

    async def _hear(self, connection: _Connection) -> None:
        await connection.execute(f"LISTEN {_CHANNEL}")
        self._here.ring_all()  # what rang before this moment was not heard
        while True:
            async for ring in connection.notifies(timeout=_LOOK):
                if ring.pid not in self._own:
                    self._here.ring(ring.payload)
            async with asyncio.timeout(_ANSWER):
                await connection.execute("SELECT 1")
