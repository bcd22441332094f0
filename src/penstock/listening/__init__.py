"""Where the service listens: a socket, opened no wider than is safe, and the HTTP server on it."""

import asyncio
import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from penstock.domain.errors import SetupError

_GRACE = 5  # seconds that open requests get when the service ends


class Server(uvicorn.Server):
    """uvicorn, but signals are the service's business: it has more to end than the server."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(_config(app))
        self.answers = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()

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


@contextmanager
def listening(host: str, port: int, *, allow_plain: bool) -> Iterator[tuple[socket.socket, str]]:
    """A bound socket and its address as a URL. Raises SetupError."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError as error:
        raise SetupError(f"server.host: {host!r} is not an address of this machine: {error.strerror}.") from error
    _refuse_open_doors(str(address[0]), allow_plain)
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            raise SetupError(
                f"Port {port} on {host} cannot be used: {error.strerror}. Choose another one with --port, or 0 for a free one."
            ) from error
        bound = listener.getsockname()
        name = f"[{bound[0]}]" if family == socket.AF_INET6 else bound[0]
        yield listener, f"http://{name}:{bound[1]}"


def _refuse_open_doors(address: str, allowed: bool) -> None:
    if not allowed and not ipaddress.ip_address(address.partition("%")[0]).is_loopback:
        raise SetupError(
            f"server.host {address} is reachable from other machines, and requests would travel unencrypted: "
            "keep to 127.0.0.1, or set server.allow_plain if a TLS proxy or an isolated network protects it."
        )
