"""A notifier in memory, which can be told to be down, to refuse, or to wait; and the rest of the post."""

import asyncio
from collections.abc import Collection, Mapping

from penstock.domain.errors import PenstockError
from penstock.domain.outbox import Letter
from penstock.domain.topic import Protocol


class FakeNotifier:
    """`ports.notifier.Notifier`. While `trouble` is set, telling raises it; an endpoint in `slow` waits for its event."""

    def __init__(self, protocols: Collection[Protocol] = tuple(Protocol)) -> None:
        self.protocols = tuple(protocols)
        self.trouble: PenstockError | None = None
        self.slow: dict[str, asyncio.Event] = {}
        self.told: list[tuple[Letter, str]] = []
        self._news = asyncio.Condition()

    @property
    def messages(self) -> list[str]:
        """The ids of what was told, in order."""
        return [letter.message_id for letter, _ in self.told]

    async def tell(self, letter: Letter, link: str) -> None:
        if waiting := self.slow.get(letter.endpoint):
            await waiting.wait()
        if self.trouble is not None:
            raise self.trouble
        self.told.append((letter, link))
        async with self._news:
            self._news.notify_all()

    async def until_told(self, count: int) -> None:
        """Until that many letters were told in all."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.told) >= count)


class FakeVault:
    """`ports.vault.Vault` without secrets."""

    def seal(self, secret: str) -> bytes:
        return f"sealed {secret}".encode()

    def open(self, sealed: bytes) -> str:
        return sealed.decode().removeprefix("sealed ")


def carriers(notifier: FakeNotifier) -> Mapping[Protocol, FakeNotifier]:
    """The same one for each of its protocols."""
    return dict.fromkeys(notifier.protocols, notifier)
