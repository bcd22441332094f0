"""DLI's calls for savepoints, and what the other calls say of them."""

import json
from dataclasses import replace

import pytest
import structlog

from api.wire import ENGLISH, JOBS, OURS, Wire, golden, refusal
from penstock.domain.lifecycle import News, State
from penstock.domain.savepoint import SavepointId
from penstock.testing.builders import a_job, a_spec, stored
from penstock.testing.engine import SAVEPOINT_FILES
from penstock.usecases import buckets
from usecases.house import ERRAND, House

pytestmark = pytest.mark.anyio

RUNNING = (News.ADMITTED, News.SEEN_RUNNING)
FLINKS_OWN = "file:/state/1/state/savepoints/ab/savepoint-4f2a1c-0b1c2d3e4f50"
COPY = "mine/kept/savepoint-4f2a1c-0b1c2d3e4f50"


@pytest.fixture
async def house(anyio_backend, tmp_path):
    built = House(tmp_path / "cache")
    await built.set_up()
    for name in ("mine", "closed"):
        await buckets.make(built.desk, ERRAND, name)
    await buckets.authorise(built.desk, ERRAND, ["mine"])
    return built


@pytest.fixture
def wire(house, tmp_path):
    return Wire(house, tmp_path / "uploads")


async def running(house, wire, **changes):
    job_id = (await wire.create(**changes)).json()["job"]["job_id"]
    await house.tell(job_id, *RUNNING)
    return job_id


async def at_rest(house, wire, **changes):
    job_id = await running(house, wire, **changes)
    await house.tell(job_id, News.SEEN_FINISHED)
    await house.clear(job_id)
    return job_id


async def put_savepoint(house, folder="dir", bucket="mine"):
    found = await buckets.show(house.desk, ERRAND, bucket)
    await house.store.put(found.stored(f"{folder}/_metadata".lstrip("/")), SAVEPOINT_FILES["_metadata"])


async def trigger(wire, body=None, job_id=1, **more):
    return await wire.ask("POST", f"{JOBS}/{job_id}/savepoint", {"action": "TRIGGER"} | (body or {}), **more)


async def bring(wire, body=None, job_id=1, **more):
    body = {"job_id": job_id, "savepoint_path": "mine/dir"} | (body or {})
    return await wire.ask("POST", f"{JOBS}/{job_id}/import-savepoint", body, **more)


async def make(house, job_id=1):
    """What a controller writes down when Flink has made the savepoint that was asked for."""

    def keep(tx):
        job, fact = tx.jobs.load(job_id).kept_savepoint(FLINKS_OWN, house.clock.now())
        tx.jobs.save(job)
        tx.history.add(fact)

    await house.records.change(keep)


async def copy(house, job_id=1):
    """What a controller writes down when the copy is whole."""
    kept = (await house.job(job_id)).newest_savepoint
    await house.records.change(lambda tx: tx.savepoints.save(kept.copied(house.clock.now())))


async def shown(wire, job_id=1):
    """(has_savepoint, savepoint_path) of the list, and savepoint_path of the detail."""
    [listed] = (await wire.ask("GET", JOBS)).json()["job_list"]["jobs"]
    detail = (await wire.ask("GET", f"{JOBS}/{job_id}")).json()["job_detail"]
    assert detail["has_savepoint"] is listed["has_savepoint"]
    return listed["has_savepoint"], listed["savepoint_path"], detail["savepoint_path"]


async def test_a_savepoint_is_asked_for_as_in_the_documents(house, wire):
    await running(house, wire)

    answer = await trigger(wire, {"savepoint_path": "mine/kept/"})

    assert (answer.status_code, answer.json()) == (200, golden("savepoint_asked"))
    assert (await house.job(1)).state is State.SAVEPOINTING
    assert (await house.job(1)).savepoint.copy_to == "mine/kept"


async def test_the_answer_inside_the_answer_follows_the_setting_too(house, tmp_path):
    wire = Wire(house, tmp_path, is_success_strings=False)
    await running(house, wire)

    answer = (await trigger(wire)).json()

    assert answer["is_success"] is True
    assert json.loads(answer["message"]) == {"is_success": True, "message": "api.msg.deal_savepoint_success"}


async def test_a_job_that_makes_a_savepoint_says_so(house, wire):
    await running(house, wire)
    await trigger(wire)

    detail = (await wire.ask("GET", f"{JOBS}/1")).json()["job_detail"]

    assert detail["status"] == "job_savepointing"


@pytest.mark.parametrize("body", [{}, {"action": ""}, {"action": None}, {"action": "trigger"}, {"savepoint_path": ""}])
async def test_what_clients_leave_out_is_not_missed(house, wire, body):
    """The Terraform provider sends the path only where it is set."""
    await running(house, wire)

    answer = await wire.ask("POST", f"{JOBS}/1/savepoint", body)

    assert answer.status_code == 200, answer.text


async def test_without_a_path_the_copy_goes_to_the_bucket_of_the_job(house, wire):
    await running(house, wire, obs_bucket="mine")

    await trigger(wire)

    assert (await house.job(1)).savepoint.copy_to == "mine/jobs/savepoint/1/2025-06-01_12-00-00"


async def test_without_a_bucket_nobody_copies_it(house, wire):
    await running(house, wire)

    await trigger(wire)

    assert (await house.job(1)).savepoint.copy_to == ""


@pytest.mark.parametrize("path", ["mine/a/b", "mine/a/b/", "obs://mine/a/b", "obs://mine/a/b/", "s3://mine/a/b"])
async def test_a_path_has_a_scheme_and_a_last_slash_or_has_not(house, wire, path):
    await running(house, wire)

    assert (await trigger(wire, {"savepoint_path": path})).status_code == 200

    assert (await house.job(1)).savepoint.copy_to == "mine/a/b"


@pytest.mark.parametrize("state", sorted(set(State) - {State.RUNNING}))
async def test_only_a_job_that_runs_makes_a_savepoint(house, wire, state):
    job = await house.records.change(stored, a_job(state=state, spec=a_spec()))

    answer = await trigger(wire, job_id=job.id)

    assert refusal(answer) == (400, "DLI.15002")
    assert (await house.job(job.id)).state is state


@pytest.mark.parametrize("call", [trigger, bring])
@pytest.mark.parametrize("job_id", ["99", "0", "x", "9" * 30])
async def test_a_job_that_is_not_there_has_no_savepoints(wire, call, job_id):
    assert refusal(await call(wire, {"job_id": None}, job_id=job_id)) == (400, "DLI.16001")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("theirs/dir", "DLI.11016"),
        ("closed/dir", "DLI.11016"),
        ("https://mine.example/dir", "DLI.0001"),
        ("file:///etc", "DLI.0001"),
        ("/dir", "DLI.0001"),
        ("mine//dir", "DLI.0001"),
        ("mine/../closed", "DLI.0001"),
        ("mine/./dir", "DLI.0001"),
        ("mine/a\nb", "DLI.0001"),
        ("mine/" + "d" * 300, "DLI.0001"),
        ("mine/" + "d/" * 600, "DLI.0001"),
        ("mine/\x00", "DLI.0001"),
        (["mine/dir"], "DLI.0001"),
        (7, "DLI.0001"),
    ],
)
async def test_a_path_that_no_savepoint_can_have_is_refused(house, wire, path, code):
    await running(house, wire)
    assert refusal(await trigger(wire, {"savepoint_path": path})) == (400, code)
    await house.tell(1, News.SEEN_FINISHED)

    assert refusal(await bring(wire, {"savepoint_path": path})) == (400, code)
    assert (await house.job(1)).newest_savepoint is None


async def test_a_very_long_path_is_not_given_back_whole(house, wire):
    await running(house, wire)

    answer = await trigger(wire, {"savepoint_path": "mine/" + "d" * 100_000})

    assert len(answer.json()["error_msg"]) < 3000


@pytest.mark.parametrize(
    ("headers", "words"), [({}, "action只支持TRIGGER，实际为DISCARD。"), (ENGLISH, "The only action is TRIGGER")]
)
async def test_there_is_one_action(house, wire, headers, words):
    await running(house, wire)

    answer = await trigger(wire, {"action": "DISCARD"}, headers=headers)

    assert refusal(answer) == (400, "DLI.0001")
    assert words in answer.json()["error_msg"]


async def test_a_place_without_savepoints_says_so(house, wire):
    await running(house, wire)
    house.engine.capabilities = replace(house.engine.capabilities, savepoints=False)

    answer = await trigger(wire, headers=ENGLISH)
    [stopped] = await stop(wire, {"trigger_savepoint": True})

    assert refusal(answer) == (400, "DLI.0007")
    assert "Jobs at the place here cannot make savepoints." in answer.json()["error_msg"]
    assert stopped["error_code"] == "DLI.0007"


async def stop(wire, more):
    answer = await wire.ask("POST", f"{JOBS}/stop", {"job_ids": [1]} | more)
    return answer.json() if answer.status_code == 200 else [answer.json()]


@pytest.mark.parametrize("field", ["trigger_savepoint", "triggerSavePoint"])
@pytest.mark.parametrize("value", [True, "true"])
async def test_a_job_is_stopped_with_a_savepoint_by_either_name(house, wire, field, value):
    await running(house, wire)

    assert await stop(wire, {field: value}) == [{"is_success": "true", "message": "作业停止请求下发成功"}]

    job = await house.job(1)
    assert (job.state, job.savepoint.stops_job) == (State.PARTING, True)


async def test_a_job_that_does_not_run_yet_is_not_stopped_with_a_savepoint(house, wire):
    await wire.create()

    [answer] = await stop(wire, {"trigger_savepoint": True})

    assert answer["error_code"] == "DLI.15002"
    assert (await house.job(1)).state is State.QUEUED


async def test_a_savepoint_is_shown_where_it_is(house, wire):
    await running(house, wire)
    assert await shown(wire) == (False, None, None)

    await trigger(wire, {"savepoint_path": "mine/kept"})
    assert await shown(wire) == (False, None, None)

    await make(house)
    assert await shown(wire) == (True, FLINKS_OWN, FLINKS_OWN)

    await copy(house)
    assert await shown(wire) == (True, COPY, COPY)


async def test_an_explanation_tells_of_the_savepoint(house, wire):
    await running(house, wire)
    await trigger(wire, {"savepoint_path": "mine/kept"})
    await make(house)

    made = (await wire.ask("GET", f"{OURS}/1")).json()["savepoint"]
    await copy(house)
    copied = (await wire.ask("GET", f"{OURS}/1")).json()["savepoint"]

    at = "2025-06-01T12:00:00Z"
    known = {"id": made["id"], "made_at": at, "place": "here", "path": FLINKS_OWN, "copied_to": COPY}
    assert made == known | {"copied_at": None}
    assert copied == known | {"copied_at": at}


@pytest.mark.parametrize(("headers", "message"), [({}, "作业更新成功"), (ENGLISH, "The job is updated successfully.")])
async def test_a_savepoint_is_imported_as_in_the_documents(house, wire, headers, message):
    await at_rest(house, wire)
    await put_savepoint(house)

    answer = await bring(wire, headers=headers)

    assert (answer.status_code, answer.json()) == (200, {"is_success": "true", "message": message})
    assert await shown(wire) == (True, "mine/dir", "mine/dir")


async def test_is_success_of_an_import_can_be_a_boolean(house, tmp_path):
    wire = Wire(house, tmp_path, is_success_strings=False)
    await at_rest(house, wire)
    await put_savepoint(house)

    assert (await bring(wire)).json()["is_success"] is True


@pytest.mark.parametrize("job_id", [1, "1", 0, None, 1.0])
async def test_the_id_in_the_body_is_a_number_or_a_text(house, wire, job_id):
    await at_rest(house, wire)
    await put_savepoint(house)

    assert (await bring(wire, {"job_id": job_id})).status_code == 200


@pytest.mark.parametrize("path", ["mine/a/b", "mine/a/b/", "obs://mine/a/b", "obs://mine/a/b/", "s3a://mine/a/b/"])
async def test_the_path_of_an_import_has_a_scheme_and_a_last_slash_or_has_not(house, wire, path):
    await at_rest(house, wire)
    await put_savepoint(house, "a/b")

    assert (await bring(wire, {"savepoint_path": path})).status_code == 200

    assert await shown(wire) == (True, "mine/a/b", "mine/a/b")


async def test_a_savepoint_may_lie_at_the_top_of_a_bucket(house, wire):
    await at_rest(house, wire)
    await put_savepoint(house, "")

    assert (await bring(wire, {"savepoint_path": "mine"})).status_code == 200

    assert await shown(wire) == (True, "mine", "mine")


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({"savepoint_path": "mine/none"}, "DLI.0002", "There is no savepoint in mine/none: it has no _metadata"),
        ({"savepoint_path": "mine/di"}, "DLI.0002", "There is no savepoint in mine/di"),
        ({"savepoint_path": ""}, "DLI.0001", "savepoint_path"),
        ({"savepoint_path": None}, "DLI.0001", "savepoint_path"),
        ({"job_id": 2}, "DLI.0001", "The body names the job 2, but the path the job 1."),
        ({"job_id": "x"}, "DLI.0001", "The field job_id must be a whole number"),
    ],
)
async def test_what_cannot_be_imported_is_refused_in_words(house, wire, body, code, words):
    await at_rest(house, wire)
    await put_savepoint(house)

    answer = await bring(wire, body, headers=ENGLISH)

    assert refusal(answer) == (400, code)
    assert words in answer.json()["error_msg"]
    assert (await house.job(1)).newest_savepoint is None


async def test_a_refusal_is_in_chinese_unless_asked_otherwise(house, wire):
    await at_rest(house, wire)

    answer = await bring(wire, {"savepoint_path": "mine/none"})

    assert (
        answer.json()["error_msg"]
        == "mine/none中没有保存点（缺少_metadata，或其内容不是Flink的元数据），请检查savepoint_path。"
    )


@pytest.mark.parametrize(
    ("state", "code"),
    [
        *((state, "DLI.12003") for state in (State.QUEUED, State.LAUNCHING, State.RUNNING, State.RESTARTING)),
        (State.SAVEPOINTING, "DLI.12003"),
        *((state, "DLI.12005") for state in (State.PARTING, State.STOPPING, State.STOP_FAILED)),
    ],
)
async def test_an_active_job_is_given_no_savepoint(house, wire, state, code):
    job = await house.records.change(stored, a_job(state=state, spec=a_spec()))
    await put_savepoint(house)

    assert refusal(await bring(wire, job_id=job.id)) == (400, code)


async def run_again(wire, **more):
    answer = await wire.ask("POST", f"{JOBS}/run", {"job_ids": [1], "resume_savepoint": True}, **more)
    return answer.json() if answer.status_code == 200 else [answer.json()]


@pytest.mark.parametrize(
    ("headers", "words"),
    [({}, "作业1没有保存点"), (ENGLISH, "The job 1 has no savepoint to begin from. Set resume_savepoint to false")],
)
async def test_a_job_without_a_savepoint_begins_from_none(house, wire, headers, words):
    await at_rest(house, wire)

    [answer] = await run_again(wire, headers=headers)

    assert answer["error_code"] == "DLI.13017"
    assert words in answer["error_msg"]
    assert (await house.job(1)).state is State.FINISHED


async def test_a_job_begins_from_its_newest_savepoint(house, wire):
    await at_rest(house, wire)
    await put_savepoint(house)
    await bring(wire)

    [answer] = await run_again(wire)

    assert answer == {"is_success": "true", "message": "作业提交请求下发成功"}
    job = await house.job(1)
    assert (await house.sheet_of(job)).savepoint == job.newest_savepoint.id
    explained = (await wire.ask("GET", f"{OURS}/1")).json()
    assert explained["reason"]["text"] == "waits to be admitted, and begins from mine/dir"
    detail = (await wire.ask("GET", f"{JOBS}/1", headers=ENGLISH)).json()["job_detail"]
    assert (detail["status"], detail["status_desc"]) == ("job_submitting", "Submitting")


async def test_a_job_that_ran_again_still_has_its_savepoint(house, wire):
    await at_rest(house, wire)
    await put_savepoint(house)
    await bring(wire)

    await wire.ask("POST", f"{JOBS}/run", {"job_ids": [1]})

    assert (await house.sheet_of(await house.job(1))).savepoint is None
    assert await shown(wire) == (True, "mine/dir", "mine/dir")


async def test_a_savepoint_of_another_place_needs_a_copy(house, wire):
    await at_rest(house, wire)
    await put_savepoint(house)
    await bring(wire)
    elsewhere = replace(
        (await house.job(1)).newest_savepoint, id=SavepointId("5" * 32), place="there", path=FLINKS_OWN, copied_at=None
    )
    await house.records.change(lambda tx: tx.jobs.save(replace(tx.jobs.load(1), newest_savepoint=elsewhere)))

    [answer] = await run_again(wire, headers=ENGLISH)

    assert answer["error_code"] == "DLI.13017"
    assert f"The savepoint {FLINKS_OWN} is at the place there alone" in answer["error_msg"]


@pytest.mark.parametrize("path", ["mine/a b\u2028c", "mine/ü\u00a0😀", 'mine/"; x=1', "mine/%0d%0aX-Evil: 1"])
async def test_a_path_reaches_no_header_and_no_line_of_the_log(house, wire, path):
    await running(house, wire)

    with structlog.testing.capture_logs() as logged:
        asked = await trigger(wire, {"savepoint_path": path})
        await house.tell(1, News.SAVEPOINT_FAILED, News.SEEN_FINISHED)
        refused = await bring(wire, {"savepoint_path": path})

    name = path.removeprefix("mine/")
    assert (asked.status_code, refused.status_code) == (200, 400)
    for answer in (asked, refused):
        assert name not in str(answer.headers)
        assert "x-evil" not in answer.headers
    assert name not in str([entry for entry in logged if entry["event"] == "request answered"])


async def test_the_history_says_what_was_asked_and_what_came_of_it(house, wire):
    await running(house, wire)
    await trigger(wire, {"savepoint_path": "mine/kept"}, headers={"X-Request-Id": "my-id"})
    await make(house)
    await house.tell(1, News.SAVEPOINT_ENDED, News.SEEN_FINISHED)
    await put_savepoint(house)
    await bring(wire, headers={"X-Request-Id": "my-other-id"})

    facts = (await wire.ask("GET", f"{OURS}/1/history")).json()["facts"]

    told = {fact["what"]: fact for fact in facts}
    assert told["savepoint_asked"]["request_id"] == "my-id"
    assert told["savepoint_imported"]["request_id"] == "my-other-id"
    assert told["savepoint_imported"]["reason"]["text"] == (
        "the savepoint mine/dir was imported; the next run may begin from it"
    )
