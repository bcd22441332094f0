"""DLI's update and tag calls, word for word."""

import pytest

from api.wire import CREATE, ENGLISH, JOBS, Wire, refusal
from penstock.domain.lifecycle import News
from penstock.testing.builders import PROJECT
from usecases.house import House

pytestmark = pytest.mark.anyio

TAGS = f"/v3/{PROJECT}/dli_flink_job/1/tags"


@pytest.fixture
async def house(anyio_backend, tmp_path):
    built = House(tmp_path / "cache")
    await built.set_up()
    return built


@pytest.fixture
def wire(house, tmp_path):
    return Wire(house, tmp_path / "uploads")


async def a_draft(wire, **changes):
    await wire.create(queue_name="", **changes)


async def config(wire):
    return (await wire.ask("GET", f"{JOBS}/1")).json()["job_detail"]


@pytest.mark.parametrize(
    ("headers", "message"), [({}, "更新flink作业成功"), (ENGLISH, "The Flink job is updated successfully.")]
)
async def test_an_update_is_answered_as_in_the_documents(house, wire, headers, message):
    await a_draft(wire)
    house.clock.advance(1)

    answer = await wire.ask("PUT", f"{CREATE}/1", {"desc": "new", "job_type": "flink_jar_job"}, headers=headers)

    moment = int(house.clock.now().timestamp() * 1000)
    assert (answer.status_code, answer.json()) == (
        200,
        {"is_success": "true", "message": message, "job": {"update_time": moment}},
    )
    assert (await config(wire))["update_time"] == moment


async def test_a_field_left_out_or_null_stays_and_an_empty_text_clears(wire):
    await a_draft(wire, smn_topic="topic", desc="old", entrypoint_args="a b")

    await wire.ask("PUT", f"{CREATE}/1", {"smn_topic": "", "desc": None})

    detail = await config(wire)
    assert (detail["job_config"]["smn_topic"], detail["desc"], detail["entrypoint_args"]) == (None, "old", "a b")


async def test_an_update_reads_as_leniently_as_create(wire):
    await a_draft(wire)

    answer = await wire.ask(
        "PUT", f"{CREATE}/1", {"cu_number": "4", "checkpoint_mode": 2, "dependency_jars": "myGroup/test.jar"}
    )

    job = (await config(wire))["job_config"]
    assert answer.status_code == 200
    assert (job["cu_number"], job["checkpoint_mode"], job["dependency_jars"]) == (
        4,
        "at_least_once",
        ["myGroup/test.jar"],
    )


async def test_tags_in_an_update_are_overlooked(wire):
    await a_draft(wire, tags=[{"key": "a", "value": "b"}])

    answer = await wire.ask("PUT", f"{CREATE}/1", {"tags": [], "desc": "new"})

    assert answer.status_code == 200
    assert (await wire.ask("GET", TAGS)).json() == {"tags": [{"key": "a", "value": "b"}]}


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("0", {}, "DLI.12001"),
        ("none", {}, "DLI.12001"),
        ("-1", {}, "DLI.12001"),
        ("9" * 18, {}, "DLI.12004"),
        ("2", {"desc": "new"}, "DLI.12004"),
        ("1", {"name": "taken"}, "DLI.12006"),
        ("1", {"entrypoint": "no.jar"}, "DLI.12002"),
        ("1", {"name": ""}, "DLI.11007"),
        ("1", {"name": "a" * 58}, "DLI.11006"),
        ("1", {"desc": "d" * 2049}, "DLI.11014"),
        ("1", {"cu_number": "many"}, "DLI.0001"),
        ("1", {"job_type": "flink_sql_job"}, "DLI.0007"),
        ("1", [1], "DLI.10004"),
    ],
)
async def test_each_refusal_has_its_code(wire, path, body, code):
    await a_draft(wire)
    if "taken" in str(body):
        await wire.create(queue_name="", name="taken")

    assert refusal(await wire.ask("PUT", f"{CREATE}/{path}", body)) == (400, code)


async def test_a_running_job_refuses_what_its_run_is_made_of_and_names_the_fields(house, wire):
    await wire.create()
    await house.tell(1, News.ADMITTED, News.SEEN_RUNNING)

    answer = await wire.ask("PUT", f"{CREATE}/1", {"cu_number": 3, "desc": "new"}, headers=ENGLISH)

    assert refusal(answer) == (400, "DLI.12003")
    assert answer.json()["error_msg"] == (
        "The job is running: cu_number cannot be changed while it runs or is being submitted. Stop it first."
    )


async def test_a_stopping_job_is_not_updatable_but_for_its_words(house, wire):
    await wire.create()
    await house.tell(1, News.ADMITTED, News.SEEN_RUNNING, News.STOP_ASKED)

    assert refusal(await wire.ask("PUT", f"{CREATE}/1", {"smn_topic": "t"})) == (400, "DLI.12005")
    assert (await wire.ask("PUT", f"{CREATE}/1", {"name": "other"})).status_code == 200


async def test_tag_writes_answer_204_without_a_body(wire):
    await a_draft(wire)

    added = await wire.ask("POST", f"{TAGS}/create", {"tags": [{"key": "a", "value": "1"}, {"key": "b"}]})
    removed = await wire.ask("POST", f"{TAGS}/delete", {"tags": [{"key": "a"}]})

    assert [(answer.status_code, answer.content) for answer in (added, removed)] == [(204, b""), (204, b"")]
    assert (await wire.ask("GET", TAGS)).json() == {"tags": [{"key": "b", "value": ""}]}


@pytest.mark.parametrize("path", ["", "/create", "/delete"])
async def test_tags_of_a_job_that_is_not_there(wire, path):
    method = "POST" if path else "GET"

    assert refusal(await wire.ask(method, TAGS + path, {"tags": []})) == (400, "DLI.16001")
