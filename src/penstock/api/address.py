"""Where callers reach this service, for answers that name its own addresses.

A setting says it; without one it is the address that the request itself was sent to. That is the caller's word, so it is
taken only where it can be nothing but a host and a port, and goes back to nobody but that caller.
"""

import re

from fastapi import Request

from penstock.api.office import office_of

_HOST = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9.-]{0,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?\Z")


def address_of(request: Request) -> str:
    """Like `http://127.0.0.1:7480`, without a slash at the end."""
    if public_url := office_of(request).public_url:
        return public_url.rstrip("/")
    scheme = "https" if request.scope["scheme"] == "https" else "http"
    return f"{scheme}://{_host_of(request)}"


def _host_of(request: Request) -> str:
    given = request.headers.getlist("host")
    if len(given) == 1 and _HOST.match(given[0]):
        return given[0]
    host, port = request.scope.get("server") or ("localhost", None)
    return f"{host}:{port}" if port else str(host)
