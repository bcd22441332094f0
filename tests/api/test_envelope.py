"""What stands around every request: ids, paths, languages, and errors that nobody foresaw."""

import re

import pytest
import structlog

from api.wire import CREATE, JOBS, OURS, OpenGate, Wire, refusal
from penstock.domain.errors import (
    EngineUnavailable,
    ObjectMissing,
    PenstockError,
    StaleWrite,
    StoreFull,
    StoreUnavailable,
)
from usecases.house import House

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(anyio_backend, tmp_path):
    return House(tmp_path / "cache")


@pytest.fixture
def wire(house, tmp_path):
    return Wire(house, tmp_path / "uploads")


class BrokenGate(OpenGate):
    def __init__(self, error):
        self._error = error

    async def known(self, request):
        raise self._error


async def test_every_answer_has_an_id(wire):
    for path in (JOBS, "/nowhere", f"{JOBS}/1", "/healthz"):
        answer = await wire.ask("GET", path)
        assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


@pytest.mark.parametrize(
    ("given", "is_taken"), [("my-Id-7", True), ("a" * 64, True), ("a" * 65, False), ("a b", False)]
)
async def test_a_callers_own_id_is_taken_over_if_it_is_one(wire, given, is_taken):
    answer = await wire.ask("GET", JOBS, headers={"X-Request-Id": given})

    assert (answer.headers["x-request-id"] == given) is is_taken


async def test_the_id_of_the_request_is_in_the_history(wire):
    await wire.create(
        headers={"X-Request-Id": "my-id"}, queue_name="", entrypoint="", dependency_jars=[], dependency_files=[]
    )

    history = (await wire.ask("GET", f"{OURS}/1/history")).json()
    assert [fact["request_id"] for fact in history["facts"]] == ["my-id"]


@pytest.mark.parametrize(
    ("method", "path", "level", "status"),
    [("GET", JOBS, "debug", 200), ("GET", f"{JOBS}/7", "info", 400), ("POST", f"{JOBS}/stop", "info", 400)],
)
async def test_every_request_leaves_one_line_under_its_id(wire, method, path, level, status):
    own_id = structlog.contextvars.merge_contextvars
    with structlog.testing.capture_logs(processors=[own_id]) as logged:
        answer = await wire.ask(method, f"{path}?token=of-a-link", headers={"X-Request-Id": "my-id"})

    assert answer.status_code == status
    about = {"request_id": "my-id", "method": method, "path": path, "status": status}
    assert logged == [{"event": "request answered", "log_level": level, **about}]


async def test_a_path_writes_no_line_of_its_own_into_the_log(wire):
    with structlog.testing.capture_logs() as logged:
        await wire.ask("GET", "/a%0Alevel=info" + "b" * 300)

    (entry,) = logged
    assert entry["path"].startswith("/a%0Alevel%3Dinfo")
    assert len(entry["path"]) == 200


@pytest.mark.parametrize("path", [f"{JOBS}/", JOBS.replace("/streaming/", "//streaming///"), f"/{JOBS}//"])
async def test_spare_slashes_are_tolerated(wire, path):
    answer = await wire.ask("GET", f"http://penstock{path}")

    assert answer.status_code == 200


async def test_the_path_that_was_signed_stays_as_it_was_sent(house, tmp_path):
    seen = []

    class Gate(OpenGate):
        async def known(self, request):
            seen.append(request.scope["raw_path"])
            return await super().known(request)

    await Wire(house, tmp_path, gate=Gate()).ask("GET", f"{JOBS}/")

    assert seen == [f"{JOBS}/".encode()]


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, "作业列表查询成功"),
        ({"X-Language": "zh-cn"}, "作业列表查询成功"),
        ({"X-Language": "en-us"}, "Jobs are successfully listed."),
        ({"X-Language": "en_US"}, "Jobs are successfully listed."),
        ({"X-Language": "zh-cn", "Accept-Language": "en"}, "作业列表查询成功"),
        ({"Accept-Language": "en-US,en;q=0.9,zh;q=0.8"}, "Jobs are successfully listed."),
        ({"Accept-Language": "en;q=0.1, zh-CN;q=0.9"}, "作业列表查询成功"),
        ({"Accept-Language": "fr, de;q=0.5, *"}, "作业列表查询成功"),
        ({"X-Language": "en;q=1.2.3;;", "Accept-Language": ",,;q=9"}, "作业列表查询成功"),
    ],
)
async def test_the_caller_chooses_the_language(wire, headers, words):
    assert (await wire.ask("GET", JOBS, headers=headers)).json()["message"] == words


async def test_our_own_paths_speak_english_unless_told(wire):
    assert "There is no job" in (await wire.ask("GET", f"{OURS}/1")).json()["detail"]
    assert "作业id不存在" in (await wire.ask("GET", f"{OURS}/1", headers={"X-Language": "zh-cn"})).json()["detail"]


async def test_an_unknown_path_and_an_unknown_method_are_told_apart(wire):
    assert refusal(await wire.ask("GET", "/v1.0/x/nothing")) == (404, "DLI.10003")
    answer = await wire.ask("PATCH", JOBS)
    assert refusal(answer) == (405, "DLI.10003")
    assert answer.headers["allow"]
    assert (await wire.ask("GET", "/penstock/v1/nothing")).json()["title"] == "Not Found"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (EngineUnavailable(), 503, "DLI.0999"),
        (StoreUnavailable(), 503, "DLI.0999"),
        (StaleWrite(), 503, "DLI.0999"),
        (StoreFull(), 507, "DLI.0012"),
        (ObjectMissing("a secret of ours"), 500, "DLI.0999"),
        (RuntimeError("a secret of ours"), 500, "DLI.0999"),
    ],
)
async def test_trouble_of_ours_is_answered_without_our_insides(house, tmp_path, error, status, code):
    wire = Wire(house, tmp_path, gate=BrokenGate(error))

    with structlog.testing.capture_logs() as logged:
        answer = await wire.ask("GET", JOBS)

    assert refusal(answer) == (status, code)
    assert "secret" not in answer.text
    told = "request not served" if isinstance(error, PenstockError) else "request failed"
    assert [entry["event"] for entry in logged] == [told, "request answered"]


async def test_the_last_answer_is_a_problem_on_our_own_paths(house, tmp_path):
    wire = Wire(house, tmp_path, gate=BrokenGate(KeyError("x")))

    with structlog.testing.capture_logs():
        answer = await wire.ask("GET", f"{OURS}/1")

    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["faults"] == []
    assert answer.headers["x-request-id"]


async def test_the_document_of_the_api_names_the_fields_of_create(wire):
    document = (await wire.ask("GET", "/openapi.json", headers={"X-Auth-Token": ""})).json()

    operation = document["paths"]["/v1.0/{project_id}/streaming/flink-jobs"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert {"name", "entrypoint", "dependency_jars"} <= set(schema["properties"])
    assert (await wire.ask("GET", "/docs", headers={"X-Auth-Token": ""})).status_code == 200


async def test_nothing_of_a_body_is_read_before_the_caller_is_known(wire):
    async def endless():
        raise AssertionError("the body was read")
        yield b""

    answer = await wire.ask("POST", CREATE, content=endless(), headers={"X-Auth-Token": "bad"})

    assert answer.status_code == 401
