"""The objects of buckets, in the store: found, read and written only through the bucket that they belong to."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

from penstock.domain.bucket import Bucket, keys_above
from penstock.domain.errors import ObjectMissing
from penstock.domain.location import Location
from penstock.ports.object_store import ObjectInfo, ObjectPage, ObjectStore

_PROOF = b"Penstock was here to see whether it may be, and takes this away at once.\n"


class Shelf:
    """Keys are those within the bucket, and whoever takes them from strangers has looked at them."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self.trouble = ""  # what the control plane last heard of the store, in one sentence

    def hear(self, trouble: str) -> None:
        """From whoever looks after the store."""
        self.trouble = trouble

    @property
    def home(self) -> Location | None:
        """Where the service's own objects lie, in a store that has buckets; None where it has none."""
        return Location.parse(self._store.home) if self._store.home else None

    async def prove(self, bucket: Bucket, key: str) -> None:
        """That we can put, read, list and delete there. Raises StorageError."""
        stored = bucket.stored(key)
        await self._store.put(stored, _PROOF)
        try:
            async for _ in self._store.read(stored):
                pass
            await self._store.list(stored, limit=1)
        finally:
            await self._store.delete(stored)

    async def put_file(self, bucket: Bucket, key: str, source: Path) -> None:
        await self._store.put_file(bucket.stored(key), source)

    async def head(self, bucket: Bucket, key: str) -> ObjectInfo:
        """Raises ObjectMissing."""
        return replace(await self._store.head(bucket.stored(key)), key=key)

    def read(self, bucket: Bucket, key: str) -> AsyncGenerator[bytes, None]:
        """The bytes of one version, in pieces. Raises ObjectMissing."""
        return self._store.read(bucket.stored(key))

    async def delete(self, bucket: Bucket, key: str) -> None:
        await self._store.delete(bucket.stored(key))

    async def list(self, bucket: Bucket, prefix: str, limit: int, cursor: str) -> ObjectPage:
        """In the order of the keys, those behind the cursor."""
        after = bucket.stored(cursor) if cursor else None
        page = await self._store.list(bucket.stored(prefix), limit=limit, cursor=after)
        objects = tuple(replace(found, key=_within(bucket, found.key)) for found in page.objects)
        return ObjectPage(objects=objects, next=_within(bucket, page.next) if page.next else None)

    async def is_empty(self, bucket: Bucket) -> bool:
        return not (await self._store.list(bucket.root, limit=1)).objects

    async def in_the_way(self, bucket: Bucket, key: str) -> str | None:
        """Another key that this one cannot stand beside: where the store is a folder, `a` and `a/b` exclude each other."""
        below = await self._store.list(bucket.stored(f"{key}/"), limit=1)
        if below.objects:
            return _within(bucket, below.objects[0].key)
        for above in keys_above(key):
            if await self._is_there(bucket, above):
                return above
        return None

    async def _is_there(self, bucket: Bucket, key: str) -> bool:
        try:
            await self._store.head(bucket.stored(key))
        except ObjectMissing:
            return False
        return True


def _within(bucket: Bucket, key: str) -> str:
    return key.removeprefix(bucket.root)
