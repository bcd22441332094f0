"""What stands around every request: its id, a tidy path, and the last handler for what nobody foresaw."""

import re
from urllib.parse import quote

import structlog
from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penstock.api.errors import last_answer
from penstock.ports.ids import Ids

_log = structlog.get_logger()
_ID = re.compile(r"[A-Za-z0-9-]{1,64}\Z")
_SLASHES = re.compile(r"//+")
_GONE = 499  # the caller hung up before an answer began
_SHOWN = 200  # characters of a path, in the log


class Envelope:
    """Signatures are over `raw_path`, which stays as the caller sent it."""

    def __init__(self, app: ASGIApp, ids: Ids) -> None:
        self._app = app
        self._ids = ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["path"] = _SLASHES.sub("/", scope["path"]).rstrip("/") or "/"
        given = Request(scope).headers.get("x-request-id", "")
        request_id = given if _ID.match(given) else self._ids.hex(32)
        scope["penstock.request_id"] = request_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._served(scope, receive, send)

    async def _served(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = scope["penstock.request_id"]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except ClientDisconnect:
            _log.debug("caller hung up", path=scope["path"])
        except Exception:
            _log.exception("request failed", method=scope["method"], path=scope["path"])
            if status:
                raise
            await last_answer(Request(scope))(scope, receive, send_with_id)
        finally:
            _note(scope, status or _GONE)


def _note(scope: Scope, status: int) -> None:
    """One line a request, under its id; reading what is there is told on demand only, since probes and clients poll.

    The query stays out: links to confirm subscriptions carry their token there.
    """
    is_calm = scope["method"] in {"GET", "HEAD"} and status < 400
    write = _log.debug if is_calm else _log.info
    path = quote(scope["path"])[:_SHOWN]  # encoded, so that nobody writes lines of their own into the log
    write("request answered", method=scope["method"], path=path, status=status)
