"""Signs what leaves this installation, so that receivers can tell that it is ours."""

from typing import Protocol


class Stamp(Protocol):
    """A key that never leaves the state directory, and the certificate of its public half. Made at the first use."""

    async def sign(self, text: bytes) -> bytes:
        """By the algorithm that the certificate names (SHA256withRSA)."""
        ...

    async def certificate(self) -> str:
        """X.509, as PEM."""
        ...

    async def name(self) -> str:
        """Of the certificate: hex digits that change with it."""
        ...
