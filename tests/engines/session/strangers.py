"""What may stand under a cluster's address: a proxy that asks for a password, or something that is not Flink at all."""

import asyncio
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
_DENIED = b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="flink"\r\nContent-Length: 0\r\n\r\n'
_KEPT = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)


@asynccontextmanager
async def an_answer(answer: bytes) -> AsyncIterator[str]:
    """The host and port of a server that says this to everybody, and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(answer)

    async with _listening(serve) as address:
        yield address


@asynccontextmanager
async def a_guard(name: str, password: str, behind: str) -> AsyncIterator[str]:
    """A reverse proxy with basic authentication before `behind`, a host and port; one request a connection."""
    wanted = b"basic " + b64encode(f"{name}:{password}".encode())
    host, _, port = behind.rpartition(":")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        given = re.search(rb"\r\nauthorization: *(basic) ([^\r]*)", head, re.IGNORECASE)
        if given is None or b"basic " + given[2] != wanted:
            writer.write(_DENIED)
            return
        inner, outer = await asyncio.open_connection(host, int(port))
        outer.write(_without_connection(head))
        asking = asyncio.create_task(_copy(reader, outer))
        writer.write(_without_connection(await inner.readuntil(b"\r\n\r\n")))
        await _copy(inner, writer)
        asking.cancel()
        outer.close()

    async with _listening(serve) as address:
        yield address


def _without_connection(head: bytes) -> bytes:
    """Both sides are told that the connection is for this request alone."""
    return _KEPT.sub(b"", head).removesuffix(b"\r\n") + b"connection: close\r\n\r\n"


@asynccontextmanager
async def _listening(serve: Serve) -> AsyncIterator[str]:
    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await serve(reader, writer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.close()
        await server.wait_closed()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
