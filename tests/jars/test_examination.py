"""Every kind of jar is judged as Flink and Java would, and the words have what they need."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from jars.class_writer import MAIN, a_class
from jars.corpus import Part, a_jar
from jars.kinds import BAD, JAVA, KINDS, PLAIN, TOO_NEW, Kind, job, under
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.warning import JobWarning, WarningCode
from penstock.jars import user_jars
from penstock.jars.examination import Findings, examine
from penstock.jars.soundness import points_out
from penstock.jars.user_jars import Jar

# What stands for Flink's class path; test_flink_agrees.py takes the real one.
FLINKS = frozenset(
    {
        "org.apache.flink.client.cli.CliFrontend",
        "org.apache.flink.api.common.functions.AbstractRichFunction",
        "org.apache.flink.streaming.api.environment.StreamExecutionEnvironment",
    }
)


def examined(folder: Path, kind: Kind, flink: Callable[[str], bool] | None = FLINKS.__contains__) -> Findings:
    entrypoint = folder / "job.jar"
    entrypoint.write_bytes(kind.entrypoint)
    jars = [Jar("entrypoint", "group/job.jar", entrypoint)]
    for number, content in enumerate(kind.dependencies, 1):
        path = folder / f"{number}.jar"
        path.write_bytes(content)
        jars.append(Jar("dependency_jars", f"group/{number}.jar", path))
    return examine(jars, kind.main_class, java=JAVA, flink_classes=flink)


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_judged(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]

    found = examined(tmp_path, kind)

    assert [fault.code for fault in found.refusals] == ([kind.refused] if kind.refused else [])
    assert kind.refused or tuple(warning.code for warning in found.warnings) == kind.warned


def test_there_are_enough_kinds() -> None:
    assert len(KINDS) >= 60
    assert {kind.refused for kind in BAD.values()} >= {code for code in FaultCode if code.startswith("main_method")}


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.runs and not kind.refused])
def test_what_runs_is_not_refused_where_flinks_classes_are_unknown(name: str, tmp_path: Path) -> None:
    assert examined(tmp_path, KINDS[name], None).refusals == ()


def test_a_class_above_that_nobody_knows_is_not_missed_where_flinks_classes_are_unknown(tmp_path: Path) -> None:
    assert examined(tmp_path, BAD["class above that is nowhere"], None).refusals == ()


def test_without_a_main_class_only_the_jars_are_judged(tmp_path: Path) -> None:
    assert examined(tmp_path, Kind(entrypoint=job(TOO_NEW), main_class="")) == Findings()


def test_a_refusal_says_which_jar_which_class_and_what_it_needs(tmp_path: Path) -> None:
    kind = Kind(entrypoint=job(under("b.Base")), dependencies=[PLAIN, job(a_class("b.Base", MAIN, java=25))])

    (fault,) = examined(tmp_path, kind).refusals

    params = {"class_name": "b.Base", "package": "group/2.jar", "compiled": 25, "java": JAVA}
    assert fault == Fault.at("dependency_jars", FaultCode.CLASS_TOO_NEW, **params)


def test_a_jar_in_a_jar_is_named_as_java_names_it(tmp_path: Path) -> None:
    (fault,) = examined(tmp_path, BAD["too new in a jar in lib"]).refusals

    assert (fault.path, fault.params["package"]) == ("entrypoint", "group/job.jar!/lib/x.jar")


def test_a_wrong_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    (fault,) = examined(tmp_path, BAD["nested class with a dot"]).refusals

    assert fault.params == {"main_class": "a.Job.Main", "entrypoint": "group/job.jar", "near": "a.Job$Main"}


def test_every_danger_of_every_jar_is_told_at_once(tmp_path: Path) -> None:
    out = a_jar([Part(name=b"../x", data=b"1")])

    found = examined(tmp_path, Kind(entrypoint=out, dependencies=[b"no jar", out]))

    assert [(fault.path, fault.code, fault.params["package"]) for fault in found.refusals] == [
        ("entrypoint", FaultCode.ENTRY_POINTS_OUT, "group/job.jar"),
        ("dependency_jars", FaultCode.NOT_A_JAR, "group/1.jar"),
        ("dependency_jars", FaultCode.ENTRY_POINTS_OUT, "group/2.jar"),
    ]


def test_bundled_flink_is_counted(tmp_path: Path) -> None:
    found = examined(tmp_path, KINDS["Flink bundled"])

    sign = "org.apache.flink.streaming.api.environment.StreamExecutionEnvironment"
    params = {"package": "group/job.jar", "class_name": sign, "classes": 1}
    assert found.warnings == (JobWarning.at("entrypoint", WarningCode.FLINK_BUNDLED, **params),)


@pytest.mark.parametrize(
    ("name", "out"),
    [
        ("a/b", False),
        ("a/../b", False),
        ("/", False),
        ("", False),
        ("..x/...", False),
        ("a:b", False),
        ("..", True),
        ("a/../..", True),
        ("../a", True),
        ("/a", True),
        ("\\a", True),
        ("c:/a", True),
        ("C:\\a", True),
        ("a/..\\../b", True),
        ("a//../../b", True),
    ],
)
def test_an_entry_points_out_or_not(name: str, out: bool) -> None:
    assert points_out(name) is out


def test_jars_in_lib_that_unpack_beyond_the_budget_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_jars, "INNER_BUDGET", 10_000)
    parts = [Part(name=f"lib/{number}.jar".encode(), data=bytes(4_000)) for number in range(3)]

    found = examined(tmp_path, Kind(entrypoint=job(more=parts)))

    assert [fault.code for fault in found.refusals] == [FaultCode.INNER_JARS_TOO_LARGE]
    assert found.refusals[0].params["entry"] == "lib/2.jar"


def test_too_many_entries_in_all_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_jars, "MAX_ENTRIES", 10)
    many = a_jar([Part(name=str(number).encode()) for number in range(6)])
    parts = [Part(name=f"lib/{number}.jar".encode(), data=many) for number in range(2)]

    found = examined(tmp_path, Kind(entrypoint=job(more=parts)))

    assert [fault.code for fault in found.refusals] == [FaultCode.ENTRIES_TOO_MANY]


def test_a_tangle_of_interfaces_keeps_nobody_busy(tmp_path: Path) -> None:
    def face(number: int) -> bytes:
        above = [f"b.Face{number + 1}", f"b.Face{number + 2}"] if number < 398 else []
        return a_class(f"b.Face{number}", interfaces=above, flags=0x601)

    faces = [face(number) for number in range(400)]
    found = examined(tmp_path, Kind(entrypoint=job(a_class("a.Main", interfaces=["b.Face0"]), *faces)))

    assert [fault.code for fault in found.refusals] == [FaultCode.MAIN_METHOD_MISSING]


def test_a_large_jar_is_examined_in_little_memory(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "large.jar", "w") as jar:
        jar.writestr("a/Main.class", a_class("a.Main", MAIN))
        jar.writestr("noise", bytes(40_000_000))
        for number in range(5_000):
            jar.writestr(f"org/library/of/some/depth/Class{number}.class", b"")

    tracemalloc.start()
    found = examine([Jar("entrypoint", "large.jar", tmp_path / "large.jar")], "a.Main", java=JAVA)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found == Findings()
    assert peak < 20_000_000
