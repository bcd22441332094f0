"""Calls to addresses that callers name: each name is resolved once, checked, and that very address is connected to.

A second resolution could give another answer than the one that was checked (DNS rebinding), so the HTTP library never
sees a name to resolve: it asks our backend for a connection, redirects included. The mail server is the operator's own
setting, not a caller's wish, so it is not behind this guard.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import httpcore

from penstock.domain.errors import OutsideRefused, OutsideUnavailable
from penstock.outgoing.addresses import Address, Network, is_open, read_address
from penstock.ports.outgoing import Answer

_SCHEMES = frozenset({"http", "https"})
_KEEP_METHOD = frozenset({307, 308})
_HOPS = 3
_BODY_LIMIT = 64 * 1024  # bytes of an answer; nobody needs more of it than a status and a word
_CURE = "choose another address, or let the operator add its network to outgoing.allow"


class Resolver(Protocol):
    """Names to addresses; raises OSError."""

    async def __call__(self, host: str, port: int) -> Sequence[str]: ...


class GuardedCalls:
    """`ports.outgoing.Outgoing`. `allow` opens networks that are otherwise closed; `limit` is for a whole call."""

    def __init__(self, allow: Iterable[Network] = (), limit: float = 10.0, resolve: Resolver | None = None) -> None:
        self._allow = tuple(allow)
        self._limit = limit
        self._backend = _CheckedBackend(self._allow, resolve or _resolve)
        self._ssl = ssl.create_default_context()

    def permits(self, url: str) -> bool:
        host = _host_of(url)
        address = read_address(host or "")
        if host is None:
            return False
        if address is None:
            return self._allows_loopback() or not (host == "localhost" or host.endswith(".localhost"))
        return is_open(address, self._allow)

    async def send(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        try:
            async with asyncio.timeout(self._limit):
                return await self._follow(method, url, headers, body)
        except TimeoutError as error:
            raise OutsideUnavailable(f"no answer within {self._limit:g} s") from error

    async def _follow(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        for _ in range(_HOPS):
            answer, location = await self._ask(method, url, headers, body)
            if answer.status not in _KEEP_METHOD or not location:
                return answer
            url = _next_hop(url, location)
        raise OutsideUnavailable(f"it redirects more than {_HOPS} times")

    async def _ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[Answer, str]:
        if _host_of(url) is None:
            raise OutsideRefused("it is not an http or https address with a host")
        given = list(headers.items())
        timeouts = {"timeout": {"connect": self._limit / 3}}  # so that there is time for another address of the name
        # A pool a call: connections are not kept, so none outlives the check of its address.
        async with httpcore.AsyncConnectionPool(ssl_context=self._ssl, network_backend=self._backend) as pool:
            try:
                async with pool.stream(method, url, headers=given, content=body, extensions=timeouts) as response:
                    location = _header(response.headers, b"location")
                    return await _answer(response), location.decode("latin-1")
            except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
                raise OutsideUnavailable(f"the call failed: {error or type(error).__name__}") from error
            except (ValueError, UnicodeError, httpcore.UnsupportedProtocol) as error:
                raise OutsideRefused(f"its address cannot be called: {error}") from error

    def _allows_loopback(self) -> bool:
        return any(is_open(address, self._allow) for address in map(read_address, ("127.0.0.1", "::1")) if address)


class _CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were checked, and to nothing else."""

    def __init__(self, allow: Sequence[Network], resolve: Resolver) -> None:
        self._allow = allow
        self._resolve = resolve
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._addresses(host, port)
        for address in addresses[:-1]:
            with suppress(httpcore.NetworkError, httpcore.TimeoutException):
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
        return await self._inner.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise OutsideRefused("a socket of this machine is never called")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> list[str]:
        """Those that may be called. One closed address among open ones is left out: only what is checked is used."""
        try:
            found = await self._resolve(host, port)
        except OSError as error:
            raise OutsideUnavailable(f"the name {host} cannot be resolved: {error}") from error
        known = [(text, address) for text in dict.fromkeys(found) if (address := read_address(text))]
        if not known:
            raise OutsideUnavailable(f"the name {host} stands for no address")
        if not (allowed := [text for text, address in known if is_open(address, self._allow)]):
            raise OutsideRefused(f"{_told(host, known[0][1])} may not be called: {_CURE}")
        return allowed


async def _resolve(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


async def _answer(response: httpcore.Response) -> Answer:
    body = b""
    async for piece in response.aiter_stream():
        body += piece
        if len(body) > _BODY_LIMIT:
            return Answer(status=response.status, body=body[:_BODY_LIMIT], is_whole=False)
    return Answer(status=response.status, body=body, is_whole=True)


def _next_hop(url: str, location: str) -> str:
    following = urljoin(url, location)
    if urlsplit(url).scheme == "https" and urlsplit(following).scheme != "https":
        raise OutsideRefused("it redirects from https to a plain address")
    return following


def _host_of(url: str) -> str | None:
    """None where the address is none that is ever called."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts.hostname if parts.scheme in _SCHEMES and parts.hostname else None


def _header(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> bytes:
    return next((value for found, value in headers if found.lower() == name), b"")


def _told(host: str, address: Address) -> str:
    """Where a name stands for a closed address, that address stays unsaid: it is not the caller's to know."""
    return str(address) if read_address(host) else f"the name {host}"
