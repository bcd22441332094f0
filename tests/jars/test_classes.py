"""Where a class may lie so that Flink's user class loader finds it."""

from pathlib import Path

import pytest

from jars.corpus import CLASS, Part, a_jar
from penstock.jars.archive import NotAnArchive
from penstock.jars.classes import user_jars_hold

MULTI_RELEASE = Part(name=b"META-INF/MANIFEST.MF", data=b"Manifest-Version: 1.0\nMulti-Release: true\n\n")


def at(folder: Path, *parts: Part, name: str = "job.jar") -> Path:
    path = folder / name
    path.write_bytes(a_jar(parts))
    return path


def a_class(path: str) -> Part:
    return Part(name=path.encode(), data=CLASS)


@pytest.mark.parametrize("name", ["a.Main", "a.Main$Inner", "Top", "数.Klasse"])
def test_a_class_of_the_entrypoint_is_found(name: str, tmp_path: Path) -> None:
    jar = at(tmp_path, a_class(name.replace(".", "/") + ".class"))

    assert user_jars_hold(name, jar)


@pytest.mark.parametrize("name", ["a.Other", "a/Main", "a.Main.class", "Main", "", "a.main"])
def test_a_class_of_another_name_is_not(name: str, tmp_path: Path) -> None:
    assert not user_jars_hold(name, at(tmp_path, a_class("a/Main.class")))


def test_a_class_of_a_dependency_is_found(tmp_path: Path) -> None:
    job = at(tmp_path, a_class("a/Job.class"))
    first = at(tmp_path, a_class("a/First.class"), name="first.jar")
    second = at(tmp_path, a_class("a/Main.class"), name="second.jar")

    assert user_jars_hold("a.Main", job, [first, second])


@pytest.mark.parametrize("deflate", [False, True])
def test_a_class_of_a_jar_in_lib_is_found(deflate: bool, tmp_path: Path) -> None:
    inner = a_jar([a_class("a/Main.class")])

    assert user_jars_hold("a.Main", at(tmp_path, Part(name=b"lib/deep/x.jar", data=inner, deflate=deflate)))


@pytest.mark.parametrize("place", ["libs/x.jar", "lib/x.zip", "BOOT-INF/lib/x.jar", "lib/.jar"])
def test_a_jar_elsewhere_in_the_entrypoint_does_not_count(place: str, tmp_path: Path) -> None:
    inner = a_jar([a_class("a/Main.class")])

    assert not user_jars_hold("a.Main", at(tmp_path, Part(name=place.encode(), data=inner)))


def test_a_jar_in_lib_of_a_dependency_does_not_count(tmp_path: Path) -> None:
    job = at(tmp_path, a_class("a/Job.class"))
    inner = a_jar([a_class("a/Main.class")])
    dependency = at(tmp_path, Part(name=b"lib/x.jar", data=inner), name="dependency.jar")

    assert not user_jars_hold("a.Main", job, [dependency])


def test_a_broken_jar_in_lib_is_passed_over_as_java_does(tmp_path: Path) -> None:
    inner = a_jar([a_class("a/Main.class")])
    job = at(tmp_path, Part(name=b"lib/a.jar", data=b"no jar"), Part(name=b"lib/b.jar", data=inner))

    assert user_jars_hold("a.Main", job)


def test_a_broken_dependency_is_refused_and_told_by_its_path(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jar"
    broken.write_bytes(b"no jar")

    with pytest.raises(NotAnArchive) as refused:
        user_jars_hold("a.Main", at(tmp_path, a_class("a/Job.class")), [broken])

    assert refused.value.facts == {"path": broken}


def test_a_broken_entrypoint_is_told_by_its_path_too(tmp_path: Path) -> None:
    versioned = a_class("META-INF/versions/11/a/Main.class")
    job = at(tmp_path, Part(name=b"META-INF/MANIFEST.MF", data=b"no colon\n"), versioned)

    with pytest.raises(NotAnArchive) as refused:
        user_jars_hold("a.Main", job)

    assert refused.value.facts == {"path": job}


@pytest.mark.parametrize(("version", "found"), [(8, False), (9, True), (17, True), (21, True), (22, False)])
def test_a_version_for_this_java_or_an_older_one_counts(version: int, found: bool, tmp_path: Path) -> None:
    jar = at(tmp_path, MULTI_RELEASE, a_class(f"META-INF/versions/{version}/a/Main.class"))

    assert user_jars_hold("a.Main", jar, java=21) is found


def test_versions_count_only_in_a_multi_release_jar(tmp_path: Path) -> None:
    assert not user_jars_hold("a.Main", at(tmp_path, a_class("META-INF/versions/11/a/Main.class")))
