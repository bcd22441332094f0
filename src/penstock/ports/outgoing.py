"""Calls to addresses that callers name: through one guard, so that nobody can make us ask what only we can reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. `body` is cut off at the limit; `is_whole` says whether it was."""

    status: int
    body: bytes
    is_whole: bool

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


class Outgoing(Protocol):
    """Only http and https, only to addresses that are open to everybody or allowed by the operator."""

    def permits(self, url: str) -> bool:
        """Whether the call may go out, as far as that can be said without asking anybody: a name may still turn out
        to stand for a closed address. Quick, no I/O."""
        ...

    async def send(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """The last answer; a redirect that keeps the method is followed, and checked like the first address. Raises
        OutsideRefused where the guard says no, OutsideUnavailable where nothing useful answers in time."""
        ...
