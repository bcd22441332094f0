"""An open jar: what is found in it, and what is said of a file that is none."""

import os
import random
import tempfile
import tracemalloc
from pathlib import Path

import pytest

from jars.corpus import CLASS, CORPUS, MAIN_PART, Part, a_jar
from penstock.jars.archive import Archive, NotAnArchive, TooLarge, inside, open_archive

REFUSALS = {
    "empty file": "The file is empty.",
    "text file": "The file is not a jar: it is no zip file.",
    "cut in the middle": "The jar is cut off",
    "cut in the end record": "The jar is cut off",
    "first bytes lost": "The jar is damaged or cut off",
    "bzip2 entry": "The entry b is packed with method 12",
    "encrypted entry": "The entry b is encrypted",
    "name that is not utf-8": "The name of entry 1 is not UTF-8",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some.jar"


@pytest.mark.parametrize(("kind", "sentence"), REFUSALS.items())
def test_a_file_that_java_cannot_read_is_refused_with_a_sentence(kind: str, sentence: str, path: Path) -> None:
    path.write_bytes(CORPUS[kind]())

    with pytest.raises(NotAnArchive, match=sentence), open_archive(path):
        pass


def test_the_last_of_two_equal_names_is_found(path: Path) -> None:
    path.write_bytes(CORPUS["duplicate names"]())

    with open_archive(path) as archive:
        found = archive.find("x")
        assert found is not None
        assert archive.read(found, 100) == b"last"
        assert [entry.name for entry in archive.entries] == ["x", "a/Main.class", "x"]


def test_an_entry_tells_where_its_stored_bytes_are(path: Path) -> None:
    path.write_bytes(b"before" + a_jar([Part(name=b"a", data=CLASS, deflate=False, extra=b"\xfe\xca\0\0")]))

    with open_archive(path) as archive:
        entry = archive.entries[0]
        start = archive.data_at(entry)

    assert path.read_bytes()[start : start + entry.stored_size] == CLASS


def test_an_entry_that_unpacks_beyond_the_limit_is_refused(path: Path) -> None:
    path.write_bytes(a_jar([Part(name=b"bomb", data=b"\0" * 10_000_000)]))

    with open_archive(path) as archive, pytest.raises(NotAnArchive, match="unpacks to more than 1000 bytes"):
        archive.read(archive.entries[0], 1000)


def test_an_entry_of_exactly_the_limit_is_read(path: Path) -> None:
    path.write_bytes(a_jar([Part(name=b"zeros", data=b"\0" * 3_000_000)]))

    with open_archive(path) as archive:
        assert archive.read(archive.entries[0], 3_000_000) == b"\0" * 3_000_000


def test_unpacking_takes_little_memory(path: Path) -> None:
    path.write_bytes(a_jar([Part(name=b"zeros", data=b"\0" * 50_000_000)]))

    tracemalloc.start()
    with open_archive(path) as archive:
        size = sum(len(piece) for piece in archive.unpacked(archive.entries[0], 50_000_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size == 50_000_000
    assert peak < 8_000_000


def test_a_directory_beyond_all_measure_is_refused_before_it_is_read(path: Path) -> None:
    end = a_jar([])[:12] + (200_000_000).to_bytes(4, "little") + bytes(6)
    path.write_bytes(end)
    with path.open("r+b") as file:
        file.seek(200_000_100)
        file.write(end)

    with pytest.raises(NotAnArchive, match="directory has 200000000 bytes"), open_archive(path):
        pass


def test_too_many_entries_are_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("penstock.jars.directory.MAX_ENTRIES", 2)
    path.write_bytes(a_jar([MAIN_PART] * 2))
    with open_archive(path) as archive:
        assert len(archive.entries) == 2

    path.write_bytes(a_jar([MAIN_PART] * 3))

    with pytest.raises(NotAnArchive, match="more than 2 entries"), open_archive(path):
        pass


@pytest.mark.parametrize("deflate", [False, True])
def test_jars_inside_a_jar_are_opened(deflate: bool, path: Path) -> None:
    inner = a_jar([MAIN_PART])
    parts = [Part(name=name, data=inner, deflate=deflate) for name in (b"lib/a.jar", b"lib/b.jar")]
    path.write_bytes(b"#!/bin/sh\n" + a_jar(parts))

    with open_archive(path) as outer, tempfile.TemporaryFile() as file:
        for archive in [Archive(inside(outer, entry, file, 10_000)) for entry in outer.entries]:
            assert [entry.name for entry in archive.entries] == ["a/Main.class"]
            assert archive.read(archive.entries[0], 1000) == CLASS


def test_a_jar_inside_a_jar_is_held_to_its_limit(path: Path) -> None:
    path.write_bytes(a_jar([Part(name=b"lib/a.jar", data=bytes(10_001))]))

    with open_archive(path) as outer, tempfile.TemporaryFile() as file, pytest.raises(TooLarge):
        inside(outer, outer.entries[0], file, 10_000)


@pytest.mark.parametrize("deflate", [False, True])
def test_the_first_bytes_of_an_entry_are_read_alone(deflate: bool, path: Path) -> None:
    noise = random.Random(7).randbytes(100_000)
    path.write_bytes(a_jar([Part(name=b"a", data=CLASS + noise, deflate=deflate), Part(name=b"b", data=b"1")]))

    with open_archive(path) as archive:
        assert [archive.head(entry, 8) for entry in archive.entries] == [CLASS[:8], b"1"]


def test_the_first_bytes_of_a_damaged_entry_are_refused(path: Path) -> None:
    path.write_bytes(CORPUS["packed data damaged"]())

    with open_archive(path) as archive, pytest.raises(NotAnArchive, match="entry b is damaged"):
        archive.head(archive.entries[0], 8)


def test_no_file_stays_open(path: Path) -> None:
    path.write_bytes(a_jar([Part(name=b"lib/a.jar", data=a_jar())]))
    before = os.listdir("/proc/self/fd")  # noqa: PTH208 - a folder of this process, not of the test

    with open_archive(path):
        pass

    assert os.listdir("/proc/self/fd") == before  # noqa: PTH208
