"""Chores without a hurry: what has outlived its use is forgotten (tokens, contents that nobody names)."""

from collections.abc import Awaitable, Callable, Mapping

import structlog

_log = structlog.get_logger()
_EVERY = 600.0  # seconds


class Upkeep:
    """Each chore says how many things it forgot."""

    def __init__(self, chores: Mapping[str, Callable[[], Awaitable[int]]]) -> None:
        self._chores = chores

    async def look(self) -> float:
        for name, chore in self._chores.items():
            if count := await chore():
                _log.info("chore done", chore=name, count=count)
        return _EVERY
