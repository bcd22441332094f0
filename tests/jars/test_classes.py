"""Where in a jar a class may lie so that Flink's user class loader finds it."""

from pathlib import Path

import pytest

from jars.corpus import CLASS, Part, a_jar
from penstock.jars.archive import open_archive
from penstock.jars.classes import find_class, inner_jars, is_class, name_of


def found(folder: Path, path: str, name: str, versions_up_to: int = 0) -> bool:
    jar = folder / "job.jar"
    jar.write_bytes(a_jar([Part(name=path.encode(), data=CLASS)]))
    with open_archive(jar) as archive:
        return find_class(archive, name, versions_up_to) is not None


@pytest.mark.parametrize("name", ["a/Main", "a/Main$Inner", "Top", "数/Klasse"])
def test_a_class_is_found(name: str, tmp_path: Path) -> None:
    assert found(tmp_path, f"{name}.class", name)


@pytest.mark.parametrize("name", ["a/Other", "a.Main", "a/Main.class", "Main", "", "a/main"])
def test_a_class_of_another_name_is_not(name: str, tmp_path: Path) -> None:
    assert not found(tmp_path, "a/Main.class", name)


@pytest.mark.parametrize(("version", "counts"), [(7, False), (8, True), (9, True), (17, True), (21, True), (22, False)])
def test_a_version_for_this_java_or_an_older_one_counts(version: int, counts: bool, tmp_path: Path) -> None:
    assert found(tmp_path, f"META-INF/versions/{version}/a/Main.class", "a/Main", 21) is counts


def test_versions_count_only_in_a_multi_release_jar(tmp_path: Path) -> None:
    assert not found(tmp_path, "META-INF/versions/11/a/Main.class", "a/Main")


def test_the_newest_version_stands_before_the_others(tmp_path: Path) -> None:
    names = ["META-INF/versions/11/a/Main.class", "META-INF/versions/17/a/Main.class", "a/Main.class"]
    jar = tmp_path / "job.jar"
    jar.write_bytes(a_jar([Part(name=name.encode()) for name in names]))

    with open_archive(jar) as archive:
        assert [find_class(archive, "a/Main", up_to) for up_to in (11, 16, 17, 0)] == [
            archive.entries[number] for number in (0, 0, 1, 2)
        ]


@pytest.mark.parametrize("place", ["lib/x.jar", "lib/deep/x.jar"])
def test_a_jar_in_lib_is_an_inner_one(place: str, tmp_path: Path) -> None:
    jar = tmp_path / "job.jar"
    jar.write_bytes(a_jar([Part(name=place.encode(), data=b"1"), Part(name=place.encode(), data=b"2")]))

    with open_archive(jar) as archive:
        assert inner_jars(archive) == [archive.entries[1]]


@pytest.mark.parametrize("place", ["libs/x.jar", "lib/x.zip", "BOOT-INF/lib/x.jar", "lib/.jar", "lib/"])
def test_a_jar_elsewhere_is_none(place: str, tmp_path: Path) -> None:
    jar = tmp_path / "job.jar"
    jar.write_bytes(a_jar([Part(name=place.encode(), data=b"1")]))

    with open_archive(jar) as archive:
        assert inner_jars(archive) == []


def test_classes_are_told_from_other_entries_and_named_as_people_write_them() -> None:
    assert [is_class(name) for name in ("a/Main.class", "META-INF/versions/9/a/Main.class", "a/Main.java")] == [
        True,
        False,
        False,
    ]
    assert name_of("a/Job$Main.class") == "a.Job$Main"
