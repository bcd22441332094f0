"""The object store in memory keeps what the port promises."""

import pytest

from penstock.domain.errors import StoreFull
from penstock.testing.object_store import MemoryObjectStore
from penstock.testing.object_store_suite import ObjectStoreSuite

pytestmark = pytest.mark.anyio


class TestMemoryObjectStore(ObjectStoreSuite):
    @pytest.fixture
    def store(self) -> MemoryObjectStore:
        return MemoryObjectStore()


async def test_trouble_is_raised_until_it_is_over() -> None:
    store = MemoryObjectStore()
    store.trouble = StoreFull()
    with pytest.raises(StoreFull):
        await store.put("key", b"")

    store.trouble = None

    await store.put("key", b"")
