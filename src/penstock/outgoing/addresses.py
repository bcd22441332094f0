"""Which addresses a caller may make us call: those open to everybody, and those that the operator allows."""

import ipaddress
from collections.abc import Iterable, Iterator

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Public by its number, but it answers to every virtual machine of Azure with that machine's own secrets.
_CLOSED = (ipaddress.ip_network("168.63.129.16/32"),)
# Stands for the IPv4 address in its last 32 bits, behind a translator (RFC 6052).
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


def read_address(text: str) -> Address | None:
    """The address that the text spells, with or without a zone; None for a name. Spellings that only some resolvers
    know (`127.1`, `0x7f000001`) are names here: what they stand for is checked after resolution."""
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def is_open(address: Address, allowed: Iterable[Network]) -> bool:
    """Whether it may be called; an IPv4 address in the clothes of IPv6 counts as what it is."""
    meanings = list(_meanings(address))
    networks = list(allowed)
    if any(_lies_in(one, networks) for one in meanings):
        return True
    return all(_is_public(one) for one in meanings)


def _meanings(address: Address) -> Iterator[Address]:
    """The addresses that a packet to this one may end up at."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
    elif address.ipv4_mapped:
        yield address.ipv4_mapped
    elif address in _TRANSLATED:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    elif address.sixtofour:
        yield address.sixtofour  # alone: whether 2002::/16 itself is global, Python's releases do not agree
    else:
        yield address
        if address.teredo:
            yield from address.teredo


def _is_public(address: Address) -> bool:
    closed = address.is_multicast or address.is_reserved or address.is_unspecified or _lies_in(address, _CLOSED)
    return address.is_global and not closed


def _lies_in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
