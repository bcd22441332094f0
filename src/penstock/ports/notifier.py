"""A way to tell somebody something: one protocol of subscriptions, or a few."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from penstock.domain import topic
from penstock.domain.links import Links
from penstock.domain.outbox import Letter
from penstock.ports.outgoing import Outgoing
from penstock.ports.stamp import Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifierSurroundings:
    """Handed to `factory(settings, surroundings)`."""

    outgoing: Outgoing
    stamp: Stamp
    links: Links


class Notifier(Protocol):
    """Telling may die half-way and be repeated: a letter carries its message's id, and receivers know it again."""

    @property
    def protocols(self) -> Collection[topic.Protocol]:
        """Which subscriptions it tells."""
        ...

    async def tell(self, letter: Letter, link: str) -> None:
        """Returns once the receiver has taken it, within a limit of its own. `link` is where the receiver confirms
        (the letter asks for it, or says farewell), else where they leave. Raises OutsideRefused for good,
        OutsideUnavailable if it is worth another try."""
        ...
