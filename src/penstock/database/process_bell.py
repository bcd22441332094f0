"""A bell inside one process; whoever rings may be on any thread."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Lock


class _Ear:
    """One listener; its event belongs to its own event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()

    async def wait(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True

    def hear(self) -> None:
        """From any thread; a loop that is closed has nobody left who waits."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._rung.set)


class ProcessBell:
    """`ports.bell.Bell` for one process."""

    def __init__(self) -> None:
        self._ears: dict[str, set[_Ear]] = {}
        self._lock = Lock()

    def ring(self, topic: str) -> None:
        with self._lock:
            for ear in self._ears.get(topic, ()):
                ear.hear()

    def ring_all(self) -> None:
        """For every topic that somebody listens to."""
        with self._lock:
            for ears in self._ears.values():
                for ear in ears:
                    ear.hear()

    @asynccontextmanager
    async def listen(self, topic: str) -> AsyncIterator[_Ear]:
        ear = _Ear()
        with self._lock:
            self._ears.setdefault(topic, set()).add(ear)
        try:
            yield ear
        finally:
            self._leave(topic, ear)

    def _leave(self, topic: str, ear: _Ear) -> None:
        with self._lock:
            self._ears[topic].discard(ear)
            if not self._ears[topic]:
                del self._ears[topic]
