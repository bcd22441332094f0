"""The socket that the service listens on, opened no wider than is safe, and the addresses that lead to it."""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from penstock.domain.errors import SetupError
from penstock.listening.tls import Tls


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A bound socket, its address as a URL, and the certificate shown there."""

    listener: socket.socket
    endpoint: str
    tls: Tls | None


@contextmanager
def open_door(host: str, port: int, *, tls: Tls | None, allow_plain: bool) -> Iterator[Door]:
    """Closed again after the block. Raises SetupError."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError as error:
        raise SetupError(f"server.host: {host!r} is not an address of this machine: {error.strerror}.") from error
    if tls is None and not allow_plain:
        _refuse_to_be_overheard(str(address[0]))
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            raise SetupError(
                f"Port {port} on {host} cannot be used: {error.strerror}. Choose another one with --port, or 0 for a free one."
            ) from error
        bound = listener.getsockname()
        # A certificate names a host, so with TLS the name is kept that the operator gave.
        name = host if tls and _number(host) is None else str(bound[0])
        scheme = "https" if tls else "http"
        yield Door(listener=listener, endpoint=f"{scheme}://{_in_url(name)}:{bound[1]}", tls=tls)


def address_for_clients(endpoint: str, public_url: str) -> str:
    """What clients on this machine should call.

    With TLS that is the public address, since the certificate names it and seldom names 127.0.0.1. One with a path
    leads through something else, which changes what was signed. Nobody can call a wildcard address.
    """
    said, public = urlsplit(endpoint), urlsplit(public_url)
    if said.scheme == public.scheme == "https" and not public.path:
        return public_url
    number = _number(said.hostname or "")
    if number is None or not number.is_unspecified:
        return endpoint
    loopback = "::1" if number.version == 6 else "127.0.0.1"
    return f"{said.scheme}://{_in_url(loopback)}:{said.port}"


def _in_url(name: str) -> str:
    return f"[{name}]" if ":" in name else name


def _refuse_to_be_overheard(address: str) -> None:
    number = _number(address)
    if number is None or not number.is_loopback:
        raise SetupError(
            f"server.host {address} is reachable from other machines, and requests would travel unencrypted: "
            "keep to 127.0.0.1, name server.certificate and server.key, "
            "or set server.allow_plain if a TLS proxy or an isolated network protects it."
        )


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
