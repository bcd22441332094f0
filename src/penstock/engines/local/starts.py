"""Lets only so many pairs start at a time, and runs that wait before pairs for the pool."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Starts:
    """A start is bound by the processor: twice as many at once take twice as long each."""

    def __init__(self, at_a_time: int) -> None:
        self._free = at_a_time
        self._changed = asyncio.Condition()
        self._urgent = 0  # runs that wait
        self.under_way = 0

    @asynccontextmanager
    async def turn(self, *, urgent: bool) -> AsyncIterator[None]:
        await self._enter(urgent=urgent)
        try:
            yield
        finally:
            await self._leave()

    async def _enter(self, *, urgent: bool) -> None:
        self._urgent += urgent
        try:
            async with self._changed:
                await self._changed.wait_for(lambda: self._free > 0 and (urgent or not self._urgent))
                self._free -= 1
                self.under_way += 1
        finally:
            self._urgent -= urgent

    async def _leave(self) -> None:
        self._free += 1
        self.under_way -= 1
        async with self._changed:
            self._changed.notify_all()
