"""The HTTP server behind a door that is already open."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from penstock.listening.door import Door

_GRACE = 5  # seconds that open requests get when the service ends


class Server(uvicorn.Server):
    """uvicorn, but signals are the service's business: it has more to end than the server."""

    def __init__(self, app: FastAPI, door: Door) -> None:
        super().__init__(_config(app))
        self.answers = asyncio.Event()
        self._door = door
        self.config.load()
        self.config.ssl = door.tls.context if door.tls is not None else None

    async def serve_at_the_door(self) -> None:
        """Until `should_exit` is set; meanwhile the certificate is kept current."""
        if self._door.tls is None:
            await self.serve([self._door.listener])
            return
        async with asyncio.TaskGroup() as group:
            renewing = group.create_task(self._door.tls.keep_current())
            await self.serve([self._door.listener])
            renewing.cancel()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()

    def renew(self) -> None:
        """Looks for a new certificate at once; plain HTTP has none."""
        if self._door.tls is not None:
            self._door.tls.ask()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
        h11_max_incomplete_event_size=64 * 1024,
    )
