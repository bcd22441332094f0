"""Contents by their hash: what is named stays, what nobody names goes."""

import hashlib
import os
from datetime import timedelta

import pytest

from penstock.domain.errors import ObjectMissing, StoreUnavailable
from penstock.object_stores import filesystem
from penstock.testing.clock import NOON
from penstock.testing.ids import CountingIds
from penstock.testing.object_store import MemoryObjectStore
from penstock.usecases.blobs import BlobStore

pytestmark = pytest.mark.anyio
A, B = "a" * 64, "b" * 64
LATER = NOON + timedelta(days=3650)  # the store dates objects by the machine's clock


@pytest.fixture
def blobs(tmp_path):
    store = filesystem.plugin.factory(None, tmp_path / "objects")
    return BlobStore(store, tmp_path / "cache", CountingIds())


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(b"content")
    return path


async def nobody():
    return frozenset()


async def test_what_is_kept_can_be_fetched_as_a_file(blobs, file):
    await blobs.keep(A, file)

    assert (await blobs.fetch(A)).read_bytes() == b"content"


async def test_what_nobody_names_is_forgotten(blobs, file):
    await blobs.keep(A, file)
    await blobs.keep(B, file)

    async def one():
        return frozenset({B})

    assert await blobs.forget(one, LATER) == 1
    assert (await blobs.fetch(B)).read_bytes() == b"content"
    with pytest.raises(ObjectMissing):
        await blobs.fetch(A)


async def test_what_is_young_stays_though_nobody_names_it_yet(blobs, file):
    await blobs.keep(A, file)

    assert await blobs.forget(nobody, NOON - timedelta(days=3650)) == 0
    assert (await blobs.fetch(A)).exists()


class Elsewhere:
    """Blobs in a store that has no files of this machine, and counts what is read from it."""

    def __init__(self, folder, room=1000):
        self.store, self.cache, self.room = MemoryObjectStore(), folder / "cache", room
        self.reads = 0
        self.blobs = self.restarted()

    def restarted(self):
        return BlobStore(self, self.cache, CountingIds(), self.room)

    def __getattr__(self, name):
        return getattr(self.store, name)

    async def read(self, key):
        self.reads += 1
        async for piece in self.store.read(key):
            yield piece

    async def add(self, data):
        sha256 = hashlib.sha256(data).hexdigest()
        await self.store.put(f"packages/{sha256[:2]}/{sha256}", data)
        return sha256

    def age(self, sha256, seconds):
        used = (self.cache / sha256).stat().st_mtime - seconds
        os.utime(self.cache / sha256, (used, used))

    @property
    def copies(self):
        return {path.name for path in self.cache.iterdir()}


@pytest.fixture
def elsewhere(tmp_path):
    return Elsewhere(tmp_path)


async def test_a_copy_is_made_once_and_outlives_a_restart(elsewhere):
    sha256 = await elsewhere.add(b"content")

    first = await elsewhere.blobs.fetch(sha256)
    again = await elsewhere.restarted().fetch(sha256)

    assert first == again
    assert again.read_bytes() == b"content"
    assert elsewhere.reads == 1


async def test_a_copy_that_is_not_what_its_name_says_is_refused(elsewhere):
    sha256 = await elsewhere.add(b"content")
    await elsewhere.store.put(f"packages/{sha256[:2]}/{sha256}", b"something else")

    with pytest.raises(StoreUnavailable, match="other bytes than those"):
        await elsewhere.blobs.fetch(sha256)

    assert elsewhere.copies == set()


async def test_half_a_copy_of_a_service_that_was_killed_is_never_taken_for_one(elsewhere):
    sha256 = await elsewhere.add(b"content")
    elsewhere.cache.mkdir(exist_ok=True)
    (elsewhere.cache / f"{sha256}.0123abcd.part").write_bytes(b"con")

    copy = await elsewhere.restarted().fetch(sha256)

    assert copy.read_bytes() == b"content"
    assert elsewhere.copies == {sha256}


async def test_copies_that_were_not_used_for_longest_make_room(elsewhere):
    old, older, new = [await elsewhere.add(bytes([number]) * 400) for number in range(3)]
    for sha256, hours in ((old, 2), (older, 3)):
        await elsewhere.blobs.fetch(sha256)
        elsewhere.age(sha256, hours * 3600)

    await elsewhere.blobs.fetch(new)

    assert elsewhere.copies == {old, new}


async def test_a_copy_that_is_used_again_counts_as_new(elsewhere):
    first, second, third = [await elsewhere.add(bytes([number]) * 400) for number in range(3)]
    for sha256 in (first, second):
        await elsewhere.blobs.fetch(sha256)
        elsewhere.age(sha256, 7200)
    await elsewhere.blobs.fetch(first)

    await elsewhere.blobs.fetch(third)

    assert elsewhere.copies == {first, third}


async def test_copies_of_this_hour_stay_though_there_is_no_room(elsewhere):
    names = {await elsewhere.add(bytes([number]) * 400) for number in range(4)}

    for sha256 in names:
        await elsewhere.blobs.fetch(sha256)

    assert elsewhere.copies == names
