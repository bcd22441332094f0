"""`penstock package inspect` tells what is in a jar, and whether it would run, without a service."""

from pathlib import Path

import pytest

from jars.class_writer import MAIN, a_class
from jars.kinds import BAD, ENV, MAIN_CLASS, job


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    return tmp_path / "job.jar"


def test_a_good_jar_is_described(penstock, service, jar):
    jar.write_bytes(job(MAIN_CLASS, a_class("a.Old", java=8), ENV, manifest=b"Main-Class: a.Main\n\n"))

    outcome = penstock("package", "inspect", str(jar))

    assert outcome.code == 0
    assert service.asked == []
    for said in (
        "1 of Java 8, 2 of Java 11",
        "a.Main",
        "4 entries",
        "Warning: job.jar carries classes of Flink itself",
    ):
        assert said in outcome.out
    assert outcome.out.endswith("Nothing here would keep it from running.\n")


def test_a_bad_jar_is_refused_in_the_services_words(penstock, jar):
    jar.write_bytes(BAD["too new"].entrypoint)

    outcome = penstock("package", "inspect", str(jar), "--main-class", "a.Main")

    assert outcome.code == 1
    assert "Refused: The class a.Main in job.jar was compiled for Java 22, but jobs run on Java 21." in outcome.out


def test_another_java_may_run_it(penstock, jar):
    jar.write_bytes(BAD["too new"].entrypoint)

    assert penstock("package", "inspect", str(jar), "--main-class", "a.Main", "--java", "22").code == 0


def test_dependencies_count(penstock, jar, tmp_path):
    jar.write_bytes(job(a_class("a.Main", parent="b.Base")))
    (tmp_path / "base.jar").write_bytes(job(a_class("b.Base", MAIN)))
    inspect = ("package", "inspect", str(jar), "--main-class", "a.Main")

    assert penstock(*inspect, "--dependency", str(tmp_path / "base.jar")).code == 0


def test_a_program_gets_one_document(penstock, jar):
    jar.write_bytes(job(MAIN_CLASS))

    outcome = penstock("package", "inspect", str(jar), "--main-class", "b.Main", "--json")

    assert outcome.code == 1
    assert outcome.document["classes_by_java"] == {"11": 1}
    assert outcome.document["main_classes"] == ["a.Main"]
    assert [refusal["code"] for refusal in outcome.document["refusals"]] == ["main_class_misnamed"]


@pytest.mark.parametrize("content", [b"", b"text"])
def test_what_is_no_jar_is_said_to_be_none(penstock, jar, content):
    jar.write_bytes(content)

    outcome = penstock("package", "inspect", str(jar))

    assert outcome.code == 1
    assert "Refused: The package job.jar is not a jar that Java can read" in outcome.out


def test_a_file_that_is_not_there_is_trouble(penstock, tmp_path):
    outcome = penstock("package", "inspect", str(tmp_path / "gone.jar"))

    assert outcome.code == 1
    assert "gone.jar cannot be read" in outcome.err
    assert "What to do: name a file that is there." in outcome.err
