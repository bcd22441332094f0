"""A jar that cannot be run is refused in words, and one that may go wrong later comes with warnings."""

import inspect
import re
from string import Formatter

import pytest

from api.wire import ENGLISH, OURS, Wire, refusal
from jars.class_writer import MAIN, a_class
from jars.corpus import Part, a_jar
from jars.kinds import BAD, GOOD, UNSAFE
from penstock.api.jar_messages import WARNINGS
from penstock.domain.faults import FaultCode
from penstock.domain.warning import WarningCode
from penstock.usecases.jar_lore import JarLore
from usecases.house import House

pytestmark = pytest.mark.anyio

JAR, MAIN_CLASS = "javaQueueStream.jar", "a.Main"
# The fake place does not say what Flink has, and the request names no dependency.
REFUSED = {
    name: kind
    for name, kind in {**BAD, **UNSAFE}.items()
    if not kind.dependencies and kind.refused not in {FaultCode.CLASS_MISSING, FaultCode.MAIN_CLASS_NOT_YOURS}
}


@pytest.fixture
async def house(anyio_backend, tmp_path):
    built = House(tmp_path / "cache")
    await built.set_up()
    return built


@pytest.fixture
def wire(house, tmp_path):
    return Wire(house, tmp_path / "uploads")


@pytest.mark.parametrize("code", list(WarningCode))
def test_every_warning_has_words_made_of_what_it_carries(code):
    line = next(line for line in inspect.getsource(WarningCode).splitlines() if f'"{code}"' in line)
    carried = set(re.findall(r"[a-z_]+", line.partition("#")[2]))

    for text in WARNINGS[code]:
        assert {name for _, name, _, _ in Formatter().parse(text) if name is not None} <= carried


@pytest.mark.parametrize("kind", REFUSED.values(), ids=REFUSED)
async def test_what_cannot_be_run_is_one_sentence_and_leaves_nothing(kind, house, wire):
    await house.add_package(JAR, kind.entrypoint)

    answer = await wire.create(entrypoint=JAR, main_class=kind.main_class, dependency_jars=[], headers=ENGLISH)

    assert refusal(answer) == (400, "DLI.11017" if kind.refused is FaultCode.NOT_A_JAR else "DLI.0001")
    assert answer.json()["error_msg"].count("?") == 0
    assert (await wire.ask("GET", f"{OURS}/1")).status_code == 404


async def test_a_class_that_is_too_new_is_named_with_what_to_do(house, wire):
    await house.add_package(JAR, BAD["too new"].entrypoint)

    answer = await wire.create(entrypoint=JAR, main_class=MAIN_CLASS, dependency_jars=[], headers=ENGLISH)

    assert answer.json() == {
        "error_code": "DLI.0001",
        "error_msg": "The class a.Main in javaQueueStream.jar was compiled for Java 22, but jobs run on Java 21. "
        "Compile it with --release 21 or older.",
    }


async def test_a_warning_stands_beside_the_job_and_in_its_explanation(house, wire):
    await house.add_package(JAR, GOOD["Flink bundled"].entrypoint)

    answer = await wire.create(entrypoint=JAR, main_class=MAIN_CLASS, dependency_jars=[], headers=ENGLISH)
    explained = await wire.ask("GET", f"{OURS}/1", headers=ENGLISH)

    (warning,) = answer.json()["warnings"]
    assert (warning["code"], warning["path"]) == ("flink_bundled", "entrypoint")
    assert warning["detail"].startswith("javaQueueStream.jar carries classes of Flink itself (1, org.apache.flink.")
    assert explained.json()["warnings"] == [warning]
    assert answer.json()["message"] == "A Flink job is created successfully."


async def test_a_draft_is_warned_of_too(house, wire):
    await house.add_package(JAR, GOOD["Flink bundled"].entrypoint)

    answer = await wire.create(entrypoint=JAR, main_class=MAIN_CLASS, dependency_jars=[], queue_name="")

    assert [warning["code"] for warning in answer.json()["warnings"]] == ["flink_bundled"]


async def test_warnings_stay_with_what_runs_although_the_package_is_another_now(house, wire):
    await house.add_package(JAR, GOOD["Flink bundled"].entrypoint)
    await wire.create(entrypoint=JAR, main_class=MAIN_CLASS, dependency_jars=[])

    await house.add_package(JAR, a_jar([Part(name=b"a/Main.class", data=a_class("a.Main", MAIN))]))

    explained = await wire.ask("GET", f"{OURS}/1")
    assert [warning["code"] for warning in explained.json()["warnings"]] == ["flink_bundled"]


async def test_a_job_is_explained_although_its_jars_cannot_be_read_now(house, wire, tmp_path):
    sha256 = await house.add_package(JAR, GOOD["Flink bundled"].entrypoint)
    await wire.create(entrypoint=JAR, main_class=MAIN_CLASS, dependency_jars=[])
    await house.store.delete(f"packages/{sha256[:2]}/{sha256}")
    (tmp_path / "cache" / sha256).unlink()
    house.with_desk(jars=JarLore())

    explained = await wire.ask("GET", f"{OURS}/1")

    assert (explained.status_code, explained.json()["warnings"]) == (200, [])
