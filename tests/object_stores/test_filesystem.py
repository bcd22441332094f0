"""What only a folder has to get right: links, leftovers, full disks; the rest is in the conformance suite."""

import errno
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.domain.errors import ObjectMissing, SetupError, StoreFull, StoreUnavailable
from penstock.object_stores import filesystem
from penstock.object_stores.filesystem import FilesystemStore, plugin

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def store(folder: Path) -> FilesystemStore:
    return plugin.factory(plugin.settings({}), folder)


async def test_an_object_is_a_file_that_is_read_only_and_ours_alone(store: FilesystemStore, folder: Path) -> None:
    await store.put("a/b", b"x")

    path = store.local_path("a/b")

    assert path == folder / "objects" / "a" / "b"
    assert path.stat().st_mode & 0o777 == 0o400


async def test_links_are_not_followed(store: FilesystemStore, folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    (folder / "objects" / "folder").symlink_to(outside)
    (folder / "objects" / "file").symlink_to(outside / "secret")

    for key in ("folder/secret", "file"):
        with pytest.raises(ObjectMissing):
            await store.head(key)
        with pytest.raises(ObjectMissing):
            await anext(store.read(key))
        assert store.local_path(key) is None
    with pytest.raises(StoreUnavailable):
        await store.put("folder/new", b"x")
    await store.delete("folder/secret")

    assert (await store.list()).objects == ()
    assert [file.name for file in outside.iterdir()] == ["secret"]


async def test_a_put_replaces_a_link_and_not_what_it_points_at(
    store: FilesystemStore, folder: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("outside")
    (folder / "objects" / "file").symlink_to(outside)

    await store.put("file", b"inside")

    assert outside.read_text() == "outside"
    assert (await store.head("file")).size == 6


async def test_what_a_killed_put_left_is_gone_at_the_next_start(folder: Path) -> None:
    FilesystemStore(folder)
    (folder / "staged" / "half").write_bytes(b"half")

    FilesystemStore(folder)

    assert list((folder / "staged").iterdir()) == []


@pytest.fixture
def small_disk() -> Iterator[int]:
    """Files can have this many bytes and no more."""
    limit = 100_000
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    yield limit
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, ignored)


async def test_a_put_that_fails_half_way_leaves_nothing(store: FilesystemStore, folder: Path, small_disk: int) -> None:
    await store.put("key", b"before")

    with pytest.raises(StoreUnavailable):
        await store.put("key", b"x" * small_disk * 2)

    assert (await store.head("key")).size == 6
    assert list((folder / "staged").iterdir()) == []


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="there is no /dev/full here")
async def test_a_full_disk_is_said_as_such(
    store: FilesystemStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # /dev/full is the one place of every Linux where a write really ends with ENOSPC.
    monkeypatch.setattr(filesystem, "_write_new", lambda staged, source: Path("/dev/full").write_bytes(source.read()))

    with pytest.raises(StoreFull):
        await store.put("key", b"x")

    assert (await store.list()).objects == ()


async def test_a_key_below_another_cannot_be_put(store: FilesystemStore) -> None:
    await store.put("a", b"x")
    await store.put("b/c", b"x")

    for key in ("a/b", "b"):
        with pytest.raises(StoreUnavailable):
            await store.put(key, b"x")


async def test_files_that_are_no_objects_are_not_listed(store: FilesystemStore, folder: Path) -> None:
    os.mkfifo(folder / "objects" / "pipe")
    os.mkfifo(os.fsencode(folder / "objects") + b"/\xff")

    assert (await store.list()).objects == ()
    with pytest.raises(ObjectMissing):
        await store.head("pipe")


async def test_empty_folders_do_not_stay(store: FilesystemStore, folder: Path) -> None:
    await store.put("a/b/c", b"x")
    await store.put("a/d", b"x")

    await store.delete("a/b/c")

    assert [file.name for file in (folder / "objects" / "a").iterdir()] == ["d"]


def test_a_setting_is_refused_by_name() -> None:
    with pytest.raises(SetupError, match="'bucket'"):
        plugin.settings({"bucket": "x"})


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SetupError, match=os.strerror(errno.ENOTDIR)):
        plugin.factory(None, tmp_path / "file" / "store")
