"""Names for things that are about to exist; tests need names they can foretell."""

import secrets
from typing import Protocol


class Ids(Protocol):
    """A source of names."""

    def hex(self, digits: int) -> str:
        """That many lower-case hex digits, never twice the same."""
        ...

    def secret(self, length: int) -> str:
        """That many letters and digits that nobody can guess."""
        ...


class RandomIds:
    """Names from the operating system's random numbers."""

    _LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

    def hex(self, digits: int) -> str:
        return secrets.token_hex((digits + 1) // 2)[:digits]

    def secret(self, length: int) -> str:
        return "".join(secrets.choice(self._LETTERS) for _ in range(length))
