"""A way to a server on which a test can break things: refuse, delay, cut off; everything else passes unchanged."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_PIECE = 1 << 16


@dataclass
class FaultyWay:
    """`meet` is asked about every request, by its first line: None lets it pass; else it says what happens."""

    server: str
    meet: Callable[[str], object] = lambda line: None
    seen: list[str] = field(default_factory=list)
    endpoint: str = ""

    async def _serve(self, reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                line = head.partition(b"\r\n")[0].decode()
                self.seen.append(line)
                if not await self._pass_on(head, self.meet(line), reader, writer):
                    return
        except (OSError, EOFError, asyncio.IncompleteReadError):
            return
        finally:
            writer.transport.abort()

    async def _pass_on(self, head, fault, reader, writer):
        """Whether the connection can be used again."""
        length = _length(head)
        if isinstance(fault, Silence):
            await asyncio.Event().wait()
        if isinstance(fault, CutUpload):
            await reader.readexactly(min(length, fault.after))
            return False
        body = await reader.readexactly(length) if length else b""
        if isinstance(fault, Answer):
            writer.write(fault.as_bytes(is_head=head.startswith(b"HEAD")))
            await writer.drain()
            return True
        await self._ask(head, body, writer, fault.after if isinstance(fault, CutDownload) else None)
        return False

    async def _ask(self, head, body, writer, after):
        address = urlsplit(self.server)
        there, here = await asyncio.open_connection(address.hostname, address.port)
        try:
            here.write(head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + body)
            await here.drain()
            while piece := await there.read(_PIECE if after is None else min(_PIECE, after)):
                writer.write(piece)
                await writer.drain()
                if after is not None and (after := after - len(piece)) <= 0:
                    return
        finally:
            here.close()


@dataclass(frozen=True)
class Silence:
    """The request is taken, and never answered."""


@dataclass(frozen=True)
class CutUpload:
    """The connection breaks after so many bytes of the request's body."""

    after: int


@dataclass(frozen=True)
class CutDownload:
    """The connection breaks after so many bytes of the answer."""

    after: int


@dataclass(frozen=True)
class Answer:
    """The server itself is not asked."""

    status: str
    code: str = ""
    more: str = ""

    def as_bytes(self, *, is_head: bool) -> bytes:
        xml = f"<Error><Code>{self.code}</Code><Message>It says so.</Message>{self.more}</Error>"
        body = xml.encode() if self.code else b""
        head = f"HTTP/1.1 {self.status}\r\nContent-Length: {len(body)}\r\nContent-Type: application/xml\r\n\r\n"
        return head.encode() + (b"" if is_head else body)


@asynccontextmanager
async def faulty_way(server: str) -> AsyncIterator[FaultyWay]:
    way = FaultyWay(server)
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader, writer):
        task = asyncio.create_task(way._serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    way.endpoint = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield way
    finally:
        listener.close()
        for task in list(tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0
