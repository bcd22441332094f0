"""Looks whether the object store answers, and says it once in words: when it stops, and when it does again.

Nothing waits for it: a service whose store is silent starts, serves and keeps its jobs alive. Whoever needs an object
meets the silence there, and is told.
"""

import asyncio
from collections.abc import Callable

import structlog

from penstock.domain.errors import StorageError
from penstock.ports.object_store import ObjectStore

_log = structlog.get_logger()

_EVERY = 60.0  # seconds
_SOON = 10.0  # … while it does not answer
_LIMIT = 30.0  # seconds for one answer


class StoreWatch:
    """`hear` is told what is wrong, in one sentence; nothing if nothing is."""

    def __init__(self, store: ObjectStore, hear: Callable[[str], None]) -> None:
        self._store = store
        self._hear = hear
        self._said = ""

    async def look(self) -> float:
        said = await self._trouble()
        if said and said != self._said:  # another cause is worth another line
            _log.error("object store lost", why=said)
        if self._said and not said:
            _log.info("object store found again")
        self._said = said
        self._hear(said)
        return _SOON if said else _EVERY

    async def _trouble(self) -> str:
        try:
            async with asyncio.timeout(_LIMIT):
                await self._store.list("packages/", limit=1)
        except StorageError as error:
            return str(error)
        except TimeoutError:
            return f"The object store did not answer within {_LIMIT:.0f} s."
        return ""
