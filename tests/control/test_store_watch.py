"""The store is looked after: its trouble is said once, and every look is passed on."""

import pytest
from structlog.testing import capture_logs

from penstock.control.store_watch import StoreWatch
from penstock.domain.errors import StoreFull, StoreUnavailable
from penstock.testing.object_store import MemoryObjectStore

pytestmark = pytest.mark.anyio


@pytest.fixture
def store():
    return MemoryObjectStore()


async def test_trouble_is_logged_once_a_cause_and_its_end_too(store):
    heard = []
    watch = StoreWatch(store, heard.append)

    with capture_logs() as lines:
        for trouble in (None, StoreUnavailable("It is silent."), StoreUnavailable("It is silent."), StoreFull(), None):
            store.trouble = trouble
            await watch.look()

    assert [(line["log_level"], line["event"], line.get("why", "")) for line in lines] == [
        ("error", "object store lost", "It is silent."),
        ("error", "object store lost", "The store has no space left."),
        ("info", "object store found again", ""),
    ]
    assert heard == ["", "It is silent.", "It is silent.", "The store has no space left.", ""]


async def test_a_lost_store_is_looked_at_more_often(store):
    watch = StoreWatch(store, lambda said: None)
    calm = await watch.look()
    store.trouble = StoreUnavailable()

    assert await watch.look() < calm
