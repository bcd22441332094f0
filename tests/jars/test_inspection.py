"""What is told of a jar to a person who wonders what is in it."""

from pathlib import Path

import pytest

from jars.class_writer import MAIN, a_class, an_interface
from jars.corpus import Part, a_jar
from jars.kinds import BAD, ENV, MAIN_CLASS, SIGNED, VERSIONED, at, inner, job, signed
from penstock.domain.faults import FaultCode
from penstock.domain.warning import WarningCode
from penstock.jars import inspection
from penstock.jars.inspection import JarReport, inspect
from penstock.jars.user_jars import Jar


def inspected(folder: Path, *contents: bytes, main_class: str = "") -> JarReport:
    jars = []
    for number, content in enumerate(contents):
        path = folder / f"{number}.jar"
        path.write_bytes(content)
        jars.append(Jar("dependency_jars" if number else "entrypoint", path.name, path))
    return inspect(jars, main_class, java=21)


def test_classes_are_counted_by_their_java(tmp_path: Path) -> None:
    deep = job(a_class("b.Deep", java=17))

    report = inspected(tmp_path, job(MAIN_CLASS, a_class("a.Old", java=8), more=[inner("lib/x.jar", deep)]))

    assert report.versions == {8: 1, 11: 1, 17: 1}
    assert (report.entries, report.inner_jars) == (3, ("0.jar!/lib/x.jar",))


def test_main_classes_are_found_wherever_they_are(tmp_path: Path) -> None:
    inside = job(an_interface("b.Face", MAIN), a_class("b.Hidden", MAIN, flags=0x20), a_class("b.None"))

    report = inspected(tmp_path, job(MAIN_CLASS, more=[inner("lib/x.jar", inside)]), job(a_class("c.Other", MAIN)))

    assert report.main_classes == ("a.Main", "b.Face", "c.Other")
    assert (report.main_classes_count, report.is_searched_whole) == (3, True)


def test_main_classes_are_counted_beyond_those_that_are_named(tmp_path: Path) -> None:
    report = inspected(tmp_path, job(*(a_class(f"a.Main{number}", MAIN) for number in range(30))))

    assert (len(report.main_classes), report.main_classes_count) == (20, 30)


def test_a_jar_too_large_to_be_searched_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "_MOST_SEARCHED", 1)

    report = inspected(tmp_path, job(MAIN_CLASS))

    assert (report.versions, report.main_classes, report.is_searched_whole) == ({11: 1}, (), False)


def test_the_manifests_main_class_is_judged_unless_another_is_chosen(tmp_path: Path) -> None:
    jar = job(MAIN_CLASS, a_class("a.Other"), manifest=b"Main-Class: a.Other\nMulti-Release: true\n\n")

    by_manifest, chosen = inspected(tmp_path, jar), inspected(tmp_path, jar, main_class="a.Main")

    assert (by_manifest.main_class, by_manifest.is_multi_release) == ("a.Other", True)
    assert [fault.code for fault in by_manifest.findings.refusals] == [FaultCode.MAIN_METHOD_MISSING]
    assert chosen.findings.refusals == ()


def test_what_comes_twice_is_named_with_its_places(tmp_path: Path) -> None:
    twice = a_jar([at(MAIN_CLASS), at(MAIN_CLASS)])

    report = inspected(tmp_path, job(a_class("b.Two"), more=[inner("lib/x.jar", twice)]), job(a_class("b.Two")))

    assert report.duplicates == {"a.Main": ("0.jar!/lib/x.jar", "0.jar!/lib/x.jar"), "b.Two": ("0.jar", "1.jar")}
    assert report.duplicates_count == 2


def test_versions_of_one_class_are_no_duplicates(tmp_path: Path) -> None:
    version = Part(name=b"META-INF/versions/11/a/Main.class", data=MAIN_CLASS)

    assert inspected(tmp_path, job(MAIN_CLASS, manifest=VERSIONED, more=[version])).duplicates_count == 0


def test_flinks_own_classes_are_counted_and_warned_of(tmp_path: Path) -> None:
    report = inspected(tmp_path, job(MAIN_CLASS, ENV))

    assert report.flink_classes == 1
    assert [warning.code for warning in report.findings.warnings] == [WarningCode.FLINK_BUNDLED]


def test_what_cannot_be_opened_is_refused_and_the_rest_is_told(tmp_path: Path) -> None:
    report = inspected(tmp_path, b"no jar", job(MAIN_CLASS))

    assert (report.entries, report.main_class, report.main_classes) == (0, "", ("a.Main",))
    assert [fault.code for fault in report.findings.refusals] == [FaultCode.NOT_A_JAR]


def test_damaged_classes_do_not_end_the_report(tmp_path: Path) -> None:
    parts = [at(MAIN_CLASS), Part(name=b"a/Text.class", data=b"text"), Part(name=b"a/Half.class", data=MAIN_CLASS[:-9])]
    packed = Part(name=b"a/Packed.class", data=b"\xff" * 50, deflate=False, method=8)

    assert inspected(tmp_path, a_jar([*parts, packed])).main_classes == ("a.Main",)


@pytest.mark.parametrize("name", BAD)
def test_every_bad_kind_has_a_report(name: str, tmp_path: Path) -> None:
    kind = BAD[name]

    report = inspected(tmp_path, kind.entrypoint, *kind.dependencies, main_class=kind.main_class)

    unknown_without_flink = kind.refused in {FaultCode.CLASS_MISSING}
    assert unknown_without_flink or [fault.code for fault in report.findings.refusals] == [kind.refused]


def test_a_sound_signature_is_no_matter(tmp_path: Path) -> None:
    assert inspected(tmp_path, a_jar([*signed(SIGNED, SIGNED), at(MAIN_CLASS)])).findings.warnings == ()
