"""How far a run has come towards the Flink of its pair, as the pair's journal keeps it."""

import asyncio

from penstock.engines.local.journal import Note
from penstock.engines.local.pair import Pair


class PairProgress:
    """`flink.submission.Progress`."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair

    async def submitting(self) -> None:
        await self._pair.note(Note.SUBMITTING, self._pair.begun_at.isoformat() if self._pair.begun_at else "")

    async def submitted(self) -> None:
        await self._pair.note(Note.SUBMITTED)

    async def refused(self, why: str) -> None:
        await self._pair.note(Note.REFUSED, why)

    async def exit_code(self) -> int | None:
        """The connection ends a moment before the process does."""
        for _ in range(100):
            code = self._pair.exit_code()
            if code is not None:
                return code
            await asyncio.sleep(0.02)
        return None
