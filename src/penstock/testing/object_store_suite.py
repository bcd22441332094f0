"""What every adapter of `ports.object_store` promises, as tests; an adapter's tests inherit ObjectStoreSuite.

They need a fixture `store`: an empty one, made anew for each test.
"""

import asyncio
from pathlib import Path

import pytest

from penstock.domain.errors import ObjectMissing
from penstock.ports.object_store import ObjectStore

BAD_KEYS = ["", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "../a", "a\0b", "a\nb", "\x7f", "\ud800"]
GOOD_KEYS = ["a", "a b", "中文 文件#1.csv", "a%20b", "a/.hidden/b", "a..b", "...", "x/y/z/%2e%2e", "q'\"\\?*", "a@b"]


async def content(store: ObjectStore, key: str) -> bytes:
    return b"".join([piece async for piece in store.read(key)])


async def keys(store: ObjectStore, prefix: str = "", limit: int = 1000) -> list[str]:
    """All of a listing, page by page."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await store.list(prefix, limit=limit, cursor=cursor)
        assert len(page.objects) <= limit
        found += [info.key for info in page.objects]
        if (cursor := page.next) is None:
            return found


class ObjectStoreSuite:
    """All of it."""

    @pytest.mark.parametrize("key", GOOD_KEYS)
    async def test_what_is_put_is_there(self, store: ObjectStore, key: str) -> None:
        await store.put(key, b"text")

        info = await store.head(key)
        assert (info.key, info.size) == (key, 4)
        assert info.modified.tzinfo is not None
        assert await content(store, key) == b"text"
        assert await keys(store) == [key]

    @pytest.mark.parametrize("size", [0, 1, 3_000_000])
    async def test_a_file_is_stored_as_it_is(self, store: ObjectStore, tmp_path: Path, size: int) -> None:
        source = tmp_path / "source"
        source.write_bytes(bytes(range(250)) * (size // 250) + b"x" * (size % 250))

        await store.put_file("a/file", source)

        assert await content(store, "a/file") == source.read_bytes()
        assert (await store.head("a/file")).size == size

    async def test_a_source_that_changes_later_changes_nothing(self, store: ObjectStore, tmp_path: Path) -> None:
        source = tmp_path / "source"
        source.write_bytes(b"before")
        await store.put_file("key", source)

        source.write_bytes(b"after")

        assert await content(store, "key") == b"before"

    async def test_a_source_that_is_not_there_is_the_callers_mistake(self, store: ObjectStore, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            await store.put_file("key", tmp_path / "nothing")

        assert await keys(store) == []

    async def test_putting_again_replaces_and_is_newer(self, store: ObjectStore) -> None:
        await store.put("key", b"first, and longer")
        before = await store.head("key")

        await store.put("key", b"second")

        after = await store.head("key")
        assert await content(store, "key") == b"second"
        assert after.modified >= before.modified

    async def test_puts_of_one_key_at_once_leave_one_whole(self, store: ObjectStore) -> None:
        texts = [bytes([digit]) * 200_000 for digit in range(8)]

        await asyncio.gather(*(store.put("key", text) for text in texts))

        assert await content(store, "key") in texts

    async def test_a_reader_sees_what_it_began_to_read(self, store: ObjectStore) -> None:
        await store.put("key", b"a" * 3_000_000)
        pieces = store.read("key")
        first = await anext(pieces)

        await store.put("key", b"b")

        rest = b"".join([piece async for piece in pieces])
        assert set(first + rest) == {ord("a")}

    async def test_what_is_not_there_is_missing(self, store: ObjectStore) -> None:
        await store.put("a/b", b"x")

        for key in ("b", "a", "a/b/c", "a/c", "x" * 1000):
            with pytest.raises(ObjectMissing):
                await store.head(key)
            with pytest.raises(ObjectMissing):
                await content(store, key)
            assert store.local_path(key) is None

    async def test_what_is_deleted_is_missing(self, store: ObjectStore) -> None:
        await store.put("a/b", b"x")
        await store.put("a/c", b"x")

        await store.delete("a/b")

        assert await keys(store) == ["a/c"]
        with pytest.raises(ObjectMissing):
            await store.head("a/b")

    async def test_deleting_what_is_not_there_is_no_error(self, store: ObjectStore) -> None:
        await store.put("a/b", b"x")

        for key in ("a/c", "b", "a", "a/b/c"):
            await store.delete(key)

        assert await keys(store) == ["a/b"]

    async def test_a_deleted_folder_of_keys_can_be_used_again(self, store: ObjectStore) -> None:
        for text in (b"1", b"2"):
            await store.put("a/b/c", text)
            await store.delete("a/b/c")
        await store.put("a", b"now a key by itself")

        assert await keys(store) == ["a"]

    async def test_puts_and_deletes_side_by_side_lose_nothing(self, store: ObjectStore) -> None:
        async def come_and_go(number: int) -> None:
            for _ in range(20):
                await store.put(f"deep/er/{number}", b"x")
                await store.delete(f"deep/er/{number}")
            await store.put(f"deep/er/{number}", b"x")

        await asyncio.gather(*(come_and_go(number) for number in range(4)))

        assert await keys(store) == [f"deep/er/{number}" for number in range(4)]

    @pytest.mark.parametrize("limit", [1, 2, 3, 1000])
    async def test_keys_are_listed_in_their_order_whatever_the_page(self, store: ObjectStore, limit: int) -> None:
        names = ["a.b", "a/b", "a/b-c", "a0", "b/c/d", "b/c/e", "b/c.d", "z", "é"]
        for name in reversed(names):
            await store.put(name, b"")

        assert await keys(store, limit=limit) == sorted(names)

    @pytest.mark.parametrize(
        ("prefix", "found"),
        [("a", ["a.b", "a/b", "a0"]), ("a/", ["a/b"]), ("a/b/", []), ("b/c", ["b/c/d"]), ("x", []), ("", 4)],
    )
    async def test_a_prefix_chooses(self, store: ObjectStore, prefix: str, found: list[str] | int) -> None:
        for name in ("a.b", "a/b", "a0", "b/c/d"):
            await store.put(name, b"")

        chosen = await keys(store, prefix, limit=2)

        assert found in (chosen, len(chosen))

    @pytest.mark.parametrize("prefix", ["/", "a//", "../a", "a/../b/", "./", "a\n", "a/b\x7f"])
    async def test_a_prefix_that_no_key_has_finds_nothing(self, store: ObjectStore, prefix: str) -> None:
        for name in ("a/b", "b/a"):
            await store.put(name, b"")

        assert await keys(store, prefix) == []

    @pytest.mark.parametrize("cursor", ["/", "a//", "a/../b", "a/b/", "a\n", "b/a\n", "b/", "é/../é"])
    async def test_a_cursor_that_is_no_key_still_has_its_place(self, store: ObjectStore, cursor: str) -> None:
        names = ["a/b", "a0", "b/a", "é"]
        for name in names:
            await store.put(name, b"")

        found = await store.list(cursor=cursor)

        assert [info.key for info in found.objects] == [name for name in names if name > cursor]

    async def test_a_cursor_goes_on_behind_what_was_deleted(self, store: ObjectStore) -> None:
        for name in ("a/1", "a/2", "b/1"):
            await store.put(name, b"")
        page = await store.list(limit=1)
        await store.delete("a/1")
        await store.delete("a/2")

        rest = await store.list(cursor=page.next)

        assert [info.key for info in rest.objects] == ["b/1"]

    @pytest.mark.parametrize("key", BAD_KEYS)
    async def test_what_is_no_key_is_refused(self, store: ObjectStore, tmp_path: Path, key: str) -> None:
        source = tmp_path / "source"
        source.touch()

        for call in (store.put(key, b""), store.put_file(key, source), store.head(key), store.delete(key)):
            with pytest.raises(ValueError, match=r"key|surrogates"):
                await call
        with pytest.raises(ValueError, match=r"key|surrogates"):
            await content(store, key)

    async def test_a_key_names_a_bucket_only_of_a_store_that_has_some(self, store: ObjectStore) -> None:
        if not store.home:
            with pytest.raises(ValueError, match="key"):
                await store.put("@bucket/key", b"")
            return
        outer = f"@{store.home.partition('/')[0]}/"

        await store.put(f"{outer}theirs/a", b"x")
        await store.put(f"{outer}theirs/b", b"y")
        await store.put("ours/a", b"z")

        page = await store.list(f"{outer}theirs/", limit=1)
        assert [info.key for info in page.objects] == [f"{outer}theirs/a"]
        assert await keys(store, f"{outer}theirs/", limit=1) == [f"{outer}theirs/a", f"{outer}theirs/b"]
        assert await content(store, f"{outer}theirs/a") == b"x"

    async def test_a_local_path_holds_the_bytes(self, store: ObjectStore) -> None:
        await store.put("a/b", b"x")

        path = store.local_path("a/b")

        assert path is None or path.read_bytes() == b"x"
