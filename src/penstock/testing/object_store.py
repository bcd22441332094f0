"""An object store in memory, which can be told to be full or silent."""

import re
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

from penstock.domain.errors import ObjectMissing, PenstockError
from penstock.ports.object_store import ObjectInfo, ObjectPage
from penstock.testing.clock import NOON

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PIECE = 1 << 16  # bytes


class MemoryObjectStore:
    """`ports.object_store.ObjectStore`; every put is a second later than the one before. While `trouble` is set, every
    call raises it, and `local_path` knows nothing. With a home it has every bucket that a key names."""

    def __init__(self, home: str = "") -> None:
        self.home = home
        self.trouble: PenstockError | None = None
        self._objects: dict[str, tuple[ObjectInfo, bytes]] = {}
        self._now = NOON

    async def put_file(self, key: str, source: Path) -> None:
        await self.put(key, source.read_bytes())  # noqa: ASYNC240 - a test's file is small

    async def put(self, key: str, data: bytes) -> None:
        self._look_at(key)
        self._now += timedelta(seconds=1)
        self._objects[key] = ObjectInfo(key=key, size=len(data), modified=self._now), data

    async def head(self, key: str) -> ObjectInfo:
        return self._find(key)[0]

    async def read(self, key: str) -> AsyncGenerator[bytes, None]:
        data = self._find(key)[1]
        for start in range(0, len(data), _PIECE):
            yield data[start : start + _PIECE]

    async def delete(self, key: str) -> None:
        self._look_at(key)
        self._objects.pop(key, None)

    async def list(self, prefix: str = "", *, limit: int = 1000, cursor: str | None = None) -> ObjectPage:
        if self.trouble:
            raise self.trouble
        if limit < 1:
            raise ValueError(f"a page of {limit} objects")
        ours = [key for key in self._objects if key.startswith("@") == prefix.startswith("@")]
        keys = sorted(key for key in ours if key.startswith(prefix) and key > (cursor or ""))
        page = tuple(self._objects[key][0] for key in keys[:limit])
        return ObjectPage(objects=page, next=page[-1].key if len(keys) > limit else None)

    def local_path(self, key: str) -> Path | None:
        return None

    def _find(self, key: str) -> tuple[ObjectInfo, bytes]:
        self._look_at(key)
        if key not in self._objects:
            raise ObjectMissing(f"There is no object {key}.", key=key)
        return self._objects[key]

    def _look_at(self, key: str) -> None:
        is_foreign = key.startswith("@") and not self.home
        if not {"", ".", ".."}.isdisjoint(key.split("/")) or is_foreign or _CONTROL.search(key):
            raise ValueError(f"{key!r} is not a key")
        key.encode()
        if self.trouble:
            raise self.trouble
