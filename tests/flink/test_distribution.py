"""Finding Flink and Java, and saying what is missing."""

from pathlib import Path

import pytest

from penstock.domain.errors import SetupError
from penstock.flink.distribution import find_flink, find_java


def a_flink(home: Path, version: str = "1.20.5") -> Path:
    (home / "lib").mkdir(parents=True)
    for name in (f"flink-dist-{version}.jar", "log4j-core-2.24.3.jar"):
        (home / "lib" / name).touch()
    return home


def a_java(home: Path, version: str = "21.0.8") -> Path:
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").touch()
    (home / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return home


def test_the_parts_from_pypi_are_found_without_importing_them() -> None:
    flink, java = find_flink(None, {}), find_java(None, {})

    assert flink.line == "1.20"
    assert flink.jars[-1].name.startswith("flink-dist")
    assert java.feature == 21
    assert java.binary.is_file()


def test_a_setting_comes_before_the_environment_and_that_before_the_parts(tmp_path: Path) -> None:
    asked, known = a_flink(tmp_path / "asked", "1.20.9"), a_flink(tmp_path / "known", "1.20.8")

    assert find_flink(asked, {"FLINK_HOME": str(known)}).version == "1.20.9"
    assert find_flink(None, {"FLINK_HOME": str(known)}).version == "1.20.8"
    assert find_java(None, {"JAVA_HOME": str(a_java(tmp_path / "java", "17.0.9"))}).feature == 17


def test_a_missing_flink_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"Flink is missing: .*no lib/flink-dist.*flink_home"):
        find_flink(tmp_path, {})


def test_a_missing_java_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"JRE\) is missing: .*no bin/java.*java_home"):
        find_java(None, {"JAVA_HOME": str(tmp_path)})


def test_an_old_java_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"is 1\.8\.0_392: .*17 or newer"):
        find_java(a_java(tmp_path, "1.8.0_392"), {})


def test_a_java_that_does_not_say_its_version_is_refused(tmp_path: Path) -> None:
    (a_java(tmp_path) / "release").write_text("nothing\n")

    with pytest.raises(SetupError, match="does not say its version"):
        find_java(tmp_path, {})
