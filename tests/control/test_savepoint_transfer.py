"""The files of one savepoint, out to a bucket and in again: as they were, or not at all."""

import os

import pytest

from penstock.control.savepoint_transfer import copy_in, copy_out, take_back
from penstock.domain.bucket import Bucket
from penstock.domain.errors import ObjectMissing, StoreFull, StoreUnavailable
from penstock.object_stores.filesystem import FilesystemStore
from penstock.ports.object_store import ObjectInfo, ObjectPage
from penstock.testing.builders import PROJECT
from penstock.testing.clock import NOON
from penstock.testing.object_store import MemoryObjectStore

pytestmark = pytest.mark.anyio

BUCKET = Bucket(project_id=PROJECT, name="b", created_at=NOON, authorised=True)
FILES = {"_metadata": b"meta", "0a-1": b"state", "empty": b""}


@pytest.fixture(params=["memory", "filesystem"])
def store(request, tmp_path):
    return MemoryObjectStore() if request.param == "memory" else FilesystemStore(tmp_path / "store")


@pytest.fixture
def source(tmp_path):
    return a_folder(tmp_path / "source", FILES)


def a_folder(path, files):
    path.mkdir()
    for name, data in files.items():
        (path / name).write_bytes(data)
    return path


def files_in(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


async def keys(store):
    return [found.key.removeprefix(BUCKET.root) for found in (await store.list(BUCKET.root)).objects]


async def put(store, key, data=b"x"):
    await store.put(BUCKET.stored(key), data)


@pytest.mark.parametrize("key", ["dir", "a/b/c", ""])
async def test_what_goes_out_comes_in_as_it_was(store, source, tmp_path, key):
    await copy_out(store, source, BUCKET, key)
    await copy_in(store, BUCKET, key, tmp_path / "deep" / "target")

    assert files_in(tmp_path / "deep" / "target") == FILES


async def test_only_plain_files_with_names_of_flink_go_out(store, source):
    (source / "sub").mkdir()
    (source / "sub" / "file").write_bytes(b"x")
    (source / ".hidden").write_bytes(b"x")
    (source / "with space").write_bytes(b"x")
    (source / "link").symlink_to("/etc/passwd")
    os.mkfifo(source / "pipe")

    await copy_out(store, source, BUCKET, "dir")

    assert await keys(store) == sorted(f"dir/{name}" for name in FILES)


@pytest.mark.parametrize("missing", ["all", "_metadata"])
async def test_a_folder_without_metadata_is_no_savepoint(store, source, tmp_path, missing):
    folder = tmp_path / "nothing" if missing == "all" else source
    if missing == "_metadata":
        (source / "_metadata").unlink()

    with pytest.raises(FileNotFoundError):
        await copy_out(store, folder, BUCKET, "dir")

    assert await keys(store) == []


async def test_going_out_again_is_harmless(store, source):
    await copy_out(store, source, BUCKET, "dir")
    await copy_out(store, source, BUCKET, "dir")

    assert await keys(store) == sorted(f"dir/{name}" for name in FILES)


class Lying(MemoryObjectStore):
    """Keeps less than it is given, or something else."""

    def __init__(self, *, size=0, name="", data=None):
        super().__init__()
        self._by, self._of, self._instead = size, name, data

    async def list(self, prefix="", *, limit=1000, cursor=None):
        page = await super().list(prefix, limit=limit, cursor=cursor)
        told = [self._told(info) for info in page.objects]
        return ObjectPage(objects=tuple(info for info in told if info), next=page.next)

    def _told(self, info):
        if not info.key.endswith(self._of) or self._instead is not None:
            return info
        return ObjectInfo(key=info.key, size=info.size + self._by, modified=info.modified) if self._by else None

    async def read(self, key):
        async for piece in super().read(key):
            yield self._instead if self._instead is not None and key.endswith(self._of) else piece


@pytest.mark.parametrize(
    ("store", "words"),
    [
        (Lying(size=-1, name="0a-1"), "does not have 0a-1 as it was stored"),
        (Lying(size=0, name="0a-1"), "does not have 0a-1 as it was stored"),
        (Lying(name="_metadata", data=b"mete"), "gives back another _metadata"),
    ],
)
async def test_a_copy_that_is_not_there_as_it_was_given_is_no_copy(source, store, words):
    with pytest.raises(StoreUnavailable, match=words):
        await copy_out(store, source, BUCKET, "dir")


async def test_only_what_lies_in_the_folder_itself_comes_in(tmp_path):
    store = MemoryObjectStore()
    for name, data in FILES.items():
        await put(store, f"dir/{name}", data)
    for strange in (
        "dir/sub/file",
        "dir/.hidden",
        "dir/with space",
        "dir/数",
        "dir2/_other",
        "dirt",
        "dir/" + "x" * 256,
    ):
        await put(store, strange)
    # as a foreign bucket may have them, whatever our own stores refuse
    for climbing in ("dir/a/../../b", "dir/../c", "dir/..", "dir/"):
        key = BUCKET.stored(climbing)
        store._objects[key] = ObjectInfo(key=key, size=1, modified=NOON), b"x"

    await copy_in(store, BUCKET, "dir", tmp_path / "in" / "target")

    assert files_in(tmp_path / "in" / "target") == FILES
    assert [entry.name for entry in (tmp_path / "in").iterdir()] == ["target"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["in"]


async def test_a_folder_of_many_objects_comes_in_whole(tmp_path):
    store = MemoryObjectStore()
    for number in range(1500):
        await put(store, f"dir/file-{number}", b"%d" % number)
    await put(store, "dir/_metadata")

    await copy_in(store, BUCKET, "dir", tmp_path / "target")

    assert len(files_in(tmp_path / "target")) == 1501


async def test_without_metadata_nothing_comes_in(store, tmp_path):
    await put(store, "dir/0a-1")

    with pytest.raises(ObjectMissing):
        await copy_in(store, BUCKET, "dir", tmp_path / "target")

    assert not (tmp_path / "target").exists()


async def test_what_is_whole_already_stays_and_nothing_is_asked(tmp_path):
    target, store = a_folder(tmp_path / "target", FILES), MemoryObjectStore()
    store.trouble = StoreUnavailable("nobody should ask")

    await copy_in(store, BUCKET, "dir", target)

    assert files_in(target) == FILES


async def test_what_is_there_without_metadata_gives_way(store, source, tmp_path):
    await copy_out(store, source, BUCKET, "dir")
    target = a_folder(tmp_path / "target", {"0a-1": b"half", "left": b"over"})

    await copy_in(store, BUCKET, "dir", target)

    assert files_in(target) == FILES


async def test_the_metadata_comes_in_last_so_that_a_half_never_looks_whole(source, tmp_path):
    store, order = MemoryObjectStore(), []
    await copy_out(store, source, BUCKET, "dir")
    read = store.read

    def noting(key):
        order.append(key.rpartition("/")[2])
        return read(key)

    store.read = noting
    await copy_in(store, BUCKET, "dir", tmp_path / "target")

    assert order[-1] == "_metadata"


async def test_a_disk_that_takes_nothing_is_full_in_words(store, source, tmp_path):
    await copy_out(store, source, BUCKET, "dir")
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StoreFull, match="cannot be written to"):
        await copy_in(store, BUCKET, "dir", tmp_path / "file" / "target")


async def test_every_byte_is_on_the_disk_before_the_folder_has_its_name(source, tmp_path, monkeypatch):
    store, synced, fsync = MemoryObjectStore(), [], os.fsync
    await copy_out(store, source, BUCKET, "dir")

    def noting(number):
        synced.append((os.fstat(number).st_size, (tmp_path / "target").exists()))
        fsync(number)

    monkeypatch.setattr(os, "fsync", noting)
    await copy_in(store, BUCKET, "dir", tmp_path / "target")

    assert synced == [(5, False), (0, False), (4, False)]


async def test_a_full_disk_leaves_nothing_that_looks_whole(source, tmp_path, monkeypatch):
    store = MemoryObjectStore()
    await copy_out(store, source, BUCKET, "dir")
    monkeypatch.setattr(os, "fsync", no_space_left)

    with pytest.raises(StoreFull, match="No space left on device"):
        await copy_in(store, BUCKET, "dir", tmp_path / "target")

    assert not (tmp_path / "target").exists()


def no_space_left(_number):
    raise OSError(28, "No space left on device")


async def test_what_is_taken_back_is_the_savepoint_alone(store, source):
    await copy_out(store, source, BUCKET, "dir/sp")
    for neighbour in ("dir/other", "dir/sp2/_metadata", "dir/sp/sub/file"):
        await put(store, neighbour)

    await take_back(store, BUCKET, "dir/sp")

    assert await keys(store) == ["dir/other", "dir/sp/sub/file", "dir/sp2/_metadata"]


@pytest.fixture
def closed_by_default():
    """As a service sets it."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.parametrize(
    ("above", "folders", "files"), [(0o700, 0o700, 0o600), (0o2770, 0o2770, 0o660), (0o1777, 0o775, 0o664)]
)
async def test_what_comes_in_is_open_to_whom_the_folder_above_is_open(
    store, tmp_path, closed_by_default, above, folders, files
):
    """Flink may be another OS user, who writes the job's checkpoints beside it; nobody else may write."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(above)
    for name, data in FILES.items():
        await put(store, f"k/{name}", data)

    await copy_in(store, BUCKET, "k", target := shared / "7" / "state" / "brought")

    made = [target, target.parent, target.parent.parent]
    assert {oct(folder.stat().st_mode & 0o7777) for folder in made} == {oct(folders)}
    assert {oct(file.stat().st_mode & 0o7777) for file in target.iterdir()} == {oct(files)}
