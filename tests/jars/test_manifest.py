"""Which main class a manifest names; how its lines are read is proven against Java in test_java_agrees.py."""

from pathlib import Path

import pytest

from jars.corpus import CORPUS, Part, a_jar
from penstock.jars.archive import NotAnArchive, open_archive
from penstock.jars.manifest import is_multi_release, main_attributes, main_class


def with_manifest(folder: Path, manifest: bytes) -> Path:
    path = folder / "some.jar"
    path.write_bytes(a_jar([Part(name=b"META-INF/MANIFEST.MF", data=manifest)]))
    return path


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (b"Main-Class: a.Main\n", "a.Main"),
        (b"Main-Class: a.Main", None),
        (b"Main-Class: a.\n Main\n", "a.Main"),
        (b"Main-Class:  a.Main \n", "a.Main"),
        (b"Main-Class:  \n", None),
        (b"Main-Class: a.Main\nprogram-class: b.Job\n", "b.Job"),
        (b"Other: x\n\nName: a/\nMain-Class: a.Main\n", None),
        (b"", None),
    ],
)
def test_the_main_class_is_what_flink_takes(manifest: bytes, expected: str | None, tmp_path: Path) -> None:
    with open_archive(with_manifest(tmp_path, manifest)) as archive:
        assert main_class(archive) == expected


def test_a_jar_without_manifest_names_no_class(tmp_path: Path) -> None:
    path = tmp_path / "some.jar"
    path.write_bytes(CORPUS["no manifest"]())

    with open_archive(path) as archive:
        assert main_class(archive) is None


@pytest.mark.parametrize(("value", "expected"), [(b"true", True), (b"TRUE", True), (b"false", False), (b"yes", False)])
def test_a_jar_says_that_it_is_multi_release(value: bytes, expected: bool, tmp_path: Path) -> None:
    with open_archive(with_manifest(tmp_path, b"multi-release: " + value + b"\n")) as archive:
        assert is_multi_release(archive) is expected


@pytest.mark.parametrize("manifest", [b"no colon\n", b" continued\n", b"X: " + b"y" * 600 + b"\n", b"A: 1\n\nB: 2\n"])
def test_a_manifest_that_java_cannot_parse_is_refused(manifest: bytes, tmp_path: Path) -> None:
    with (
        open_archive(with_manifest(tmp_path, manifest)) as archive,
        pytest.raises(NotAnArchive, match="The manifest has a"),
    ):
        main_attributes(archive)


def test_a_long_continued_value_is_read_in_linear_time(tmp_path: Path) -> None:
    manifest = b"X: a\n" + b" b\n" * 1_000_000

    with open_archive(with_manifest(tmp_path, manifest)) as archive:
        assert main_attributes(archive)["x"] == "a" + "b" * 1_000_000
