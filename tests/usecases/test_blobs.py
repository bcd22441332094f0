"""Contents by their hash: what is named stays, what nobody names goes."""

from datetime import timedelta

import pytest

from penstock.domain.errors import ObjectMissing
from penstock.object_stores import filesystem
from penstock.testing.clock import NOON
from penstock.testing.ids import CountingIds
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
