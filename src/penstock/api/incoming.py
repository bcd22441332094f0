"""The body of a request, a piece at a time: never more than a limit, never waiting for ever."""

import asyncio
from collections.abc import AsyncGenerator

from fastapi import Request
from starlette.requests import ClientDisconnect

from penstock.domain.errors import Invalid
from penstock.domain.faults import FaultCode

STALL_SECONDS = 60.0  # a caller who sends nothing for so long is taken to be gone


async def pieces(request: Request, limit: int, stall: float = STALL_SECONDS) -> AsyncGenerator[bytes, None]:
    """What comes, as it comes. Raises Invalid: too large, hung up half-way, or stalled."""
    if _declared(request) > limit:
        raise _too_large(limit)
    stream = request.stream()
    left = limit
    while piece := await _next(stream, stall):
        left -= len(piece)
        if left < 0:
            raise _too_large(limit)
        yield piece


def has_body(request: Request) -> bool:
    """Whether the headers announce a body (RFC 9112, section 6)."""
    return "transfer-encoding" in request.headers or _declared(request) > 0


async def _next(stream: AsyncGenerator[bytes, None], stall: float) -> bytes:
    try:
        async with asyncio.timeout(stall):
            return await anext(stream, b"")
    except TimeoutError as error:
        raise Invalid.of(FaultCode.UPLOAD_BROKEN, why="stalled") from error
    except ClientDisconnect as error:
        raise Invalid.of(FaultCode.UPLOAD_BROKEN, why="hung_up") from error


def _declared(request: Request) -> int:
    text = request.headers.get("content-length", "0")
    return int(text) if text.isascii() and text.isdigit() else 0


def _too_large(limit: int) -> Invalid:
    return Invalid.of(FaultCode.BODY_TOO_LARGE, limit=limit)
