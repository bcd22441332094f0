"""DLI's job calls, word for word."""

from datetime import timedelta

import pytest

from api.wire import CREATE, ENGLISH, JOBS, OURS, QUEUES, THE_REQUEST, Wire, golden, refusal
from penstock.domain.lifecycle import News, State
from penstock.domain.reason import Reason, ReasonCode
from penstock.testing.builders import a_job, a_spec, stored
from usecases.house import House

pytestmark = pytest.mark.anyio

RUNNING = (News.ADMITTED, News.SEEN_RUNNING)


@pytest.fixture
async def house(anyio_backend, tmp_path):
    built = House(tmp_path / "cache")
    await built.set_up()
    return built


@pytest.fixture
def wire(house, tmp_path):
    return Wire(house, tmp_path / "uploads")


async def running(house, wire, **changes):
    job_id = (await wire.create(**changes)).json()["job"]["job_id"]
    await house.tell(job_id, *RUNNING)
    return job_id


async def test_the_request_is_answered_as_in_the_documents(house, wire):
    house.with_desk(create_wait=timedelta(seconds=30))

    async with house.controllers(*RUNNING):
        answer = await wire.create()

    assert (answer.status_code, answer.json()) == (200, golden("create_running"))


async def test_the_same_in_english(house, wire):
    house.with_desk(create_wait=timedelta(seconds=30))

    async with house.controllers(*RUNNING):
        answer = await wire.create(headers=ENGLISH)

    assert answer.json()["message"] == "A Flink job is created successfully."
    assert answer.json()["job"] == {"job_id": 1, "status_name": "running", "status_desc": "Running"}


async def test_a_job_that_waits_says_so(wire):
    answer = await wire.create()

    assert answer.json()["job"] == {"job_id": 1, "status_name": "job_submitting", "status_desc": "提交中"}


async def test_a_job_that_waits_for_room_says_why(house, wire):
    await wire.create()
    job = await house.job(1)
    reason = Reason.of(ReasonCode.WAITS_FOR_QUEUE, queue="testQueue", free=2, total=16, asked=4)
    await house.records.change(lambda tx: tx.jobs.save(type(job)(**{**_fields(job), "reason": reason})))

    answer = await wire.ask("GET", f"{OURS}/1")

    assert answer.json()["reason"]["text"] == "queue testQueue has 2 of 16 CUs free, the job asks for 4"
    assert answer.json()["status_desc"] == answer.json()["reason"]["text"]


def _fields(job):
    return {name: getattr(job, name) for name in job.__slots__}


async def test_a_launch_that_is_refused_is_answered_with_its_reason(house, wire):
    house.with_desk(create_wait=timedelta(seconds=30))
    said = Reason.of(ReasonCode.REFUSED, said="java.lang.RuntimeException: no")

    async with house.controllers(News.ADMITTED, News.LAUNCH_REFUSED, reason=said):
        answer = await wire.create()

    assert answer.json()["job"]["status_name"] == "job_submit_fail"
    assert answer.json()["job"]["status_desc"] == "java.lang.RuntimeException: no"


async def test_a_draft_has_nothing_to_say(wire):
    answer = await wire.create(entrypoint=None)

    assert answer.json()["job"] == {"job_id": 1, "status_name": "job_init", "status_desc": ""}


async def test_is_success_can_be_a_boolean(house, tmp_path):
    wire = Wire(house, tmp_path, is_success_strings=False)

    assert (await wire.create()).json()["is_success"] is True
    [ran] = (await wire.ask("POST", f"{JOBS}/run", {"job_ids": [1]})).json()
    assert ran["is_success"] is True


async def test_the_detail_is_as_in_the_documents(house, wire):
    await running(house, wire)
    house.clock.advance(5)

    answer = await wire.ask("GET", f"{JOBS}/1")

    assert (answer.status_code, answer.json()) == (200, golden("detail"))


async def test_a_list_is_as_in_the_documents(house, wire):
    await running(house, wire)
    house.clock.advance(5)

    assert (await wire.ask("GET", JOBS)).json() == golden("list")


async def test_a_list_with_details_has_them(house, wire):
    await running(house, wire)

    [listed] = (await wire.ask("GET", JOBS, params={"show_detail": "true"})).json()["job_list"]["jobs"]

    detail = (await wire.ask("GET", f"{JOBS}/1")).json()["job_detail"]
    assert listed == detail


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["c", "b", "a"]),
        ("order=asc", ["a", "b", "c"]),
        ("limit=1&offset=1", ["b"]),
        ("name=a", ["a"]),
        ("status=job_running", ["c"]),
        ("status=job_idle", []),
        ("queue_name=TESTQUEUE&limit=100", ["c", "b"]),
        ("job_type=flink_jar_job", ["c", "b", "a"]),
        ("job_type=flink_sql_job", []),
        ("show_job_type=spark", []),
        ("tags=k=v,k2=v2", ["b"]),
        ("user_name=nobody", []),
        ("root_job_id=4", []),
        ("root_job_id=-1&unknown=1", ["c", "b", "a"]),
        ("&limit=100", ["c", "b", "a"]),
    ],
)
async def test_a_list_can_be_narrowed(house, wire, query, names):
    await wire.create(name="a", queue_name="")
    await wire.create(name="b", tags=[{"key": "k", "value": "v"}, {"key": "k2", "value": "v2"}])
    await running(house, wire, name="c")

    answer = await wire.ask("GET", f"{JOBS}?{query}")

    assert [job["name"] for job in answer.json()["job_list"]["jobs"]] == names


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("offset=-1", "DLI.23001"),
        ("offset=99999999999999999999", "DLI.0001"),
        ("limit=0", "DLI.21031"),
        ("limit=101", "DLI.21031"),
        ("limit=ten", "DLI.0001"),
        ("status=running", "DLI.0001"),
        ("tags=novalue", "DLI.0001"),
        ("order=up", "DLI.0007"),
        ("job_type=other", "DLI.0007"),
        ("show_detail=maybe", "DLI.0001"),
    ],
)
async def test_a_query_with_a_fault_is_refused(wire, query, code):
    assert refusal(await wire.ask("GET", f"{JOBS}?{query}")) == (400, code)


async def test_run_answers_for_each_job(house, wire):
    await wire.create(name="a", queue_name="")
    job_id = await running(house, wire)

    answer = await wire.ask("POST", f"{JOBS}/run", {"job_ids": [job_id, str(job_id)]})

    assert (answer.status_code, answer.json()) == (
        200,
        [{"is_success": "true", "message": "作业提交请求下发成功"}] * 2,
    )


async def test_one_refusal_of_several_is_told_beside_the_others(house, wire):
    job_id = await running(house, wire)

    good, bad = (await wire.ask("POST", f"{JOBS}/stop", {"job_ids": [job_id, 99]}, headers=ENGLISH)).json()

    assert good == {"is_success": "true", "message": "The request for stopping DLI jobs is successfully delivered."}
    assert (bad["is_success"], bad["error_code"]) == ("false", "DLI.15001")


@pytest.mark.parametrize(
    ("verb", "ids", "code"),
    [
        ("run", [99], "DLI.13007"),
        ("run", [], "DLI.13007"),
        ("run", [98, 99], "DLI.13007"),
        ("stop", [99], "DLI.15001"),
        ("stop", [1], "DLI.15002"),
        ("delete", [99], "DLI.17001"),
        ("delete", ["x"], "DLI.0001"),
        ("run", [True], "DLI.0001"),
        ("run", [10**30], "DLI.0001"),
        ("run", {"a": 1}, "DLI.0001"),
    ],
)
async def test_a_verb_that_fits_no_job_is_refused_as_a_whole(wire, verb, ids, code):
    await wire.create(queue_name="")

    assert refusal(await wire.ask("POST", f"{JOBS}/{verb}", {"job_ids": ids})) == (400, code)


async def test_a_run_that_lacks_its_jar_has_a_code_of_its_own(house, wire):
    await wire.create()
    await house.tell(1, News.STOP_ASKED)
    await house.remove_package("javaQueueStream.jar")

    answer = await wire.ask("POST", f"{JOBS}/run", {"job_ids": [1]}, headers=ENGLISH)

    assert refusal(answer) == (400, "DLI.13013")
    assert "invalid resource /javaQueueStream.jar, cannot find resource" in answer.json()["error_msg"]


async def test_a_deleted_job_is_gone(house, wire):
    job_id = await running(house, wire)

    answer = await wire.ask("DELETE", f"{JOBS}/{job_id}")

    assert (answer.status_code, answer.json()) == (200, {"is_success": "true", "message": "作业删除成功"})
    assert refusal(await wire.ask("GET", f"{JOBS}/{job_id}")) == (400, "DLI.16001")
    assert refusal(await wire.ask("DELETE", f"{JOBS}/{job_id}")) == (400, "DLI.17001")


async def test_an_unknown_job_is_told_in_the_documented_words(wire):
    answer = await wire.ask("GET", f"{JOBS}/104")

    assert answer.json()["error_msg"] == (
        "作业id不存在请提供一个可用的jobId, jobId可以从数据湖探索服务的作业列表页获取。"
    )


@pytest.mark.parametrize("job_id", ["0", "-1", "x", "1.0", "9" * 30, "１"])
async def test_what_cannot_be_an_id_is_an_unknown_job(wire, job_id):
    assert refusal(await wire.ask("GET", f"{JOBS}/{job_id}")) == (400, "DLI.16001")


async def test_batch_delete_answers_for_each_job(house, wire):
    first, second = await running(house, wire, name="a"), await running(house, wire, name="b")

    answer = await wire.ask("POST", f"{JOBS}/delete", {"job_ids": [second, first]})

    assert answer.json() == [{"is_success": "true", "message": "作业删除成功"}] * 2


async def test_the_graph_is_flinks_own_document(house, wire):
    await wire.create()
    assert refusal(await wire.ask("GET", f"{JOBS}/1/execute-graph")) == (400, "DLI.14001")
    await house.tell(1, *RUNNING)
    run = (await house.job(1)).run.id
    house.engine.world.runs[run] = (await house.engine.observe([run]))[run]

    answer = (await wire.ask("GET", f"{JOBS}/1/execute-graph")).json()

    assert (answer["message"], answer["execute_graph"]["jid"]) == ("查询作业执行流图成功", run)


@pytest.mark.parametrize("state", list(State))
async def test_every_state_can_be_shown(house, wire, state):
    job = await house.records.change(stored, a_job(state=state, spec=a_spec()))

    for path in (f"{JOBS}/{job.id}", JOBS, f"{OURS}/{job.id}", f"{OURS}/{job.id}/history"):
        assert (await wire.ask("GET", path)).status_code == 200


async def test_an_explanation_is_plain_rest(house, wire):
    await running(house, wire)

    answer = await wire.ask("GET", f"{OURS}/1")

    run = (await house.job(1)).run.id
    assert answer.json() == golden("explanation") | {
        "run": golden("explanation")["run"] | {"id": run, "flink_job_id": f"0123abcd{run}"}
    }


async def test_a_history_has_a_cursor(house, wire):
    await running(house, wire)

    first = (await wire.ask("GET", f"{OURS}/1/history", params={"limit": 3})).json()
    rest = (await wire.ask("GET", f"{OURS}/1/history", params={"limit": 3, "cursor": first["next"]})).json()

    whats = [fact["what"] for fact in (*first["facts"], *rest["facts"])]
    assert (whats, rest["next"]) == (["created", "run_asked", "admitted", "seen_running"], None)
    assert first["facts"][0]["request_id"] == first["facts"][1]["request_id"] != ""


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "cursor=-1", "cursor=x"])
async def test_a_history_with_a_bad_page_is_a_problem(house, wire, query):
    await running(house, wire)

    answer = await wire.ask("GET", f"{OURS}/1/history?{query}")

    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


async def test_a_problem_says_what_and_where(wire):
    answer = await wire.ask("GET", f"{OURS}/7")

    detail = "There is no job 7 in this project. Take a job id from the list of jobs."
    assert (answer.status_code, answer.json()) == (
        404,
        {
            "type": "about:blank",
            "title": "Not Found",
            "status": 404,
            "detail": detail,
            "faults": [{"code": "job_unknown", "path": "job_id", "detail": detail}],
        },
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", CREATE),
        ("GET", JOBS),
        ("GET", f"{JOBS}/1"),
        ("DELETE", f"{JOBS}/1"),
        ("POST", f"{JOBS}/run"),
        ("POST", f"{JOBS}/stop"),
        ("POST", f"{JOBS}/delete"),
        ("GET", f"{JOBS}/1/execute-graph"),
        ("POST", f"{JOBS}/1/savepoint"),
        ("POST", f"{JOBS}/1/import-savepoint"),
        ("POST", QUEUES),
        ("GET", QUEUES),
        ("GET", f"{QUEUES}/testQueue"),
        ("DELETE", f"{QUEUES}/testQueue"),
        ("GET", f"{OURS}/1"),
        ("GET", f"{OURS}/1/history"),
    ],
)
async def test_every_call_needs_a_caller_and_a_project_of_theirs(wire, method, path):
    nobody = await wire.ask(method, path, headers={"X-Auth-Token": ""}, content=b"not read")
    stranger = await wire.ask(method, path.replace("p" * 32, "q" * 32), content=b"not read")

    assert nobody.status_code == 401
    assert stranger.status_code == (403 if path.startswith("/penstock") else 400)
    assert "10006" in stranger.text or "project_foreign" in stranger.text


async def test_two_creates_of_one_name_conflict(wire):
    await wire.create()

    assert refusal(await wire.create()) == (400, "DLI.11004")


async def test_the_request_stays_as_it_was_sent(wire):
    await wire.create(**THE_REQUEST)

    config = (await wire.ask("GET", f"{JOBS}/1")).json()["job_detail"]["job_config"]
    assert {name: config[name] for name in THE_REQUEST if name in config} == {
        name: value for name, value in THE_REQUEST.items() if name in config
    }
