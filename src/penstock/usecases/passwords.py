"""Passwords: kept as scrypt hashes, compared in constant time, and not to be guessed quickly.

A hash is text, `scrypt$n$r$p$salt$hash`, so that its cost can grow without anybody's password becoming wrong.
The parameters are among those that the OWASP Password Storage Cheat Sheet gives for scrypt.
"""

import asyncio
import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from collections import OrderedDict
from math import ceil

from penstock.domain.errors import NotKnown
from penstock.domain.faults import FaultCode

_COST, _BLOCK, _PARALLEL = 2**14, 8, 5
_MEMORY = 64 * 2**20
_NOTHING = f"{_BLOCK}${_PARALLEL}$AAAAAAAAAAAAAAAAAAAAAA==$AAAA"  # no password has this hash
_AT_ONCE = 2  # each takes 16 MB, and a core for a tenth of a second

_ATTEMPTS = 5  # at once; then one each _PAUSE seconds
_PAUSE = 12.0
_NAMES = 10_000


class Attempts:
    """How many wrong passwords a name may still have: a bucket for each, refilled drop by drop; the oldest are forgotten."""

    def __init__(self) -> None:
        self._full_at: OrderedDict[str, float] = OrderedDict()  # when the bucket is full again

    def take(self, name: str, now: float) -> None:
        """Raises NotKnown if it is empty."""
        full_at = max(self._full_at.pop(name, now), now)
        wait = full_at - now - (_ATTEMPTS - 1) * _PAUSE
        self._full_at[name] = full_at if wait > 0 else full_at + _PAUSE
        if len(self._full_at) > _NAMES:
            self._full_at.popitem(last=False)
        if wait > 0:
            raise NotKnown.of(FaultCode.LOGIN_TOO_OFTEN, "auth", seconds=ceil(wait))

    def give_back(self, name: str) -> None:
        """It was the right one."""
        self._full_at.pop(name, None)


class Passwords:
    """Hashes and compares them beside the event loop, a few at a time."""

    def __init__(self, cost: int = _COST) -> None:
        self._cost = cost
        self._attempts = Attempts()
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def hashed(self, password: str) -> str:
        salt = secrets.token_bytes(16)
        async with self._turn:
            digest = await asyncio.to_thread(_scrypt, password, salt, self._cost, _BLOCK, _PARALLEL)
        parts = (self._cost, _BLOCK, _PARALLEL, b64encode(salt).decode(), b64encode(digest).decode())
        return "$".join(("scrypt", *map(str, parts)))

    async def demand(self, name: str, password: str, kept: str, now: float) -> None:
        """Raises NotKnown unless it is the one whose hash is kept; where none is, it takes as long to say so."""
        self._attempts.take(name, now)
        async with self._turn:
            matches = await asyncio.to_thread(_matches, password, kept or f"scrypt${self._cost}${_NOTHING}")
        if not matches:
            raise NotKnown.of(FaultCode.LOGIN_FAILED, "auth")
        self._attempts.give_back(name)


def _matches(password: str, kept: str) -> bool:
    _, cost, block, parallel, salt, digest = kept.split("$")
    found = _scrypt(password, b64decode(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(found, b64decode(digest))


def _scrypt(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=cost, r=block, p=parallel, maxmem=_MEMORY, dklen=32)
