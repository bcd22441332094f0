"""A service joins its installation."""

import asyncio

import pytest
import structlog

from penstock.database.vault import KeyFileVault
from penstock.domain.errors import SetupError, StoreUnavailable
from penstock.testing.ids import CountingIds
from penstock.testing.object_store import MemoryObjectStore
from penstock.testing.records import MemoryRecords
from penstock.usecases import joining
from penstock.usecases.joining import bind_places, installation_of, share_stamp, share_store, share_vault

pytestmark = pytest.mark.anyio


class TextStamp:
    """A stamp that is only its text."""

    def __init__(self, text):
        self.text = text

    async def export(self):
        return self.text

    async def adopt(self, text):
        self.text = text


class SilentStore(MemoryObjectStore):
    async def put(self, key, data):
        raise StoreUnavailable("no answer")


async def test_every_service_has_the_id_that_the_first_one_made():
    records, ids = MemoryRecords(), CountingIds()

    assert await installation_of(records, ids) == await installation_of(records, ids)


async def test_a_service_with_the_same_key_joins_and_one_with_another_key_does_not(tmp_path):
    records, first = MemoryRecords(), KeyFileVault(tmp_path / "first")
    await share_vault(records, first)

    await share_vault(records, KeyFileVault(tmp_path / "first"))
    with pytest.raises(SetupError, match="second is not the key"):
        await share_vault(records, KeyFileVault(tmp_path / "second"))


async def test_the_signing_key_of_the_first_service_is_everybodys(tmp_path):
    records, vault = MemoryRecords(), KeyFileVault(tmp_path / "key")
    first, second = TextStamp("the first key"), TextStamp("the second key")

    await share_stamp(records, vault, first)
    await share_stamp(records, vault, second)

    assert (first.text, second.text) == ("the first key", "the first key")
    assert "the first key" not in await records.look(lambda tx: tx.notes.find("stamp"))


async def test_a_service_with_the_same_store_joins_and_one_with_an_empty_store_does_not():
    records, ids, store = MemoryRecords(), CountingIds(), MemoryObjectStore()
    await share_store(records, store, ids)

    await share_store(records, store, ids)
    with pytest.raises(SetupError, match="not the one that this installation keeps its objects in"):
        await share_store(records, MemoryObjectStore(), ids)


async def test_a_store_that_is_silent_at_the_first_start_is_marked_by_a_later_one():
    records, ids, store = MemoryRecords(), CountingIds(), MemoryObjectStore()

    with structlog.testing.capture_logs() as told:
        await share_store(records, SilentStore(), ids)
    await share_store(records, store, ids)

    assert [line["event"] for line in told] == ["store not checked"]
    with pytest.raises(SetupError):
        await share_store(records, MemoryObjectStore(), ids)


async def test_a_place_that_keeps_its_runs_with_one_state_directory_is_of_that_one_alone():
    records = MemoryRecords()
    await bind_places(records, "site-a", ["here"])

    await bind_places(records, "site-a", ["here"])
    await bind_places(records, "site-b", ["there"])
    with pytest.raises(SetupError, match="'here' belongs to the service of another state directory"):
        await bind_places(records, "site-b", ["here"])


class HungStore(MemoryObjectStore):
    """It takes every request, and answers none."""

    async def put(self, *_):
        await asyncio.Event().wait()


async def test_a_store_that_never_answers_holds_no_start_up(monkeypatch):
    records = MemoryRecords()
    monkeypatch.setattr(joining, "_PATIENCE", 0.01)

    await share_store(records, HungStore(), CountingIds())

    assert await records.look(lambda tx: tx.notes.find("store")) is None
