"""Keeps secrets that we must be able to read again (an SK), sealed under a key of this installation."""

from typing import Protocol


class Vault(Protocol):
    """Opening what another installation sealed raises SetupError."""

    def seal(self, secret: str) -> bytes: ...

    def open(self, sealed: bytes) -> str: ...
