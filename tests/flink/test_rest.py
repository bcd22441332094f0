"""How the REST client reads answers and translates what goes wrong; real Flink is met by the engines' suites."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from penstock.domain.errors import EngineUnavailable
from penstock.domain.observation import SavepointNews, SavepointSeen
from penstock.domain.savepoint import SavepointId
from penstock.flink.rest import FlinkRest, Submission

pytestmark = pytest.mark.anyio

JOB = "1" * 32
SAVEPOINT = SavepointId("2" * 32)


class Flink:
    """Answers as told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.answer: httpx.Response | Exception = httpx.Response(200, json={})

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def flink() -> Flink:
    return Flink()


@pytest.fixture
async def rest(flink: Flink) -> AsyncIterator[FlinkRest]:
    rest = FlinkRest("http://flink", transport=httpx.MockTransport(flink.handle))
    yield rest
    await rest.close()


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("odd"),
        httpx.ReadError("cut"),
        ssl.SSLError(1, "an alert"),
    ],
)
async def test_what_the_wire_does_is_unavailable(rest: FlinkRest, flink: Flink, error: Exception) -> None:
    flink.answer = error

    with pytest.raises(EngineUnavailable):
        await rest.jobs()


async def test_an_error_without_words_says_what_it_is(rest: FlinkRest, flink: Flink) -> None:
    flink.answer = httpx.ReadTimeout("")

    with pytest.raises(EngineUnavailable, match="GET /jobs/overview: ReadTimeout"):
        await rest.jobs()


@pytest.mark.parametrize(
    ("ask", "times"),
    [
        (lambda rest: rest.jobs(), 2),
        (lambda rest: rest.cancel(JOB), 2),
        (lambda rest: rest.take_savepoint(JOB, SAVEPOINT, "file:///to"), 1),
    ],
    ids=["get", "patch", "post"],
)
async def test_who_hangs_up_is_asked_once_more_what_may_be_asked_twice(
    rest: FlinkRest, flink: Flink, ask: Callable[[FlinkRest], Awaitable[object]], times: int
) -> None:
    flink.answer = httpx.RemoteProtocolError("Server disconnected without sending a response.")

    with pytest.raises(EngineUnavailable):
        await ask(rest)

    assert len(flink.asked) == times


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(503, json={"errors": ["Service temporarily unavailable"]}),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
    ],
)
async def test_what_is_not_flinks_answer_is_unavailable(rest: FlinkRest, flink: Flink, answer: httpx.Response) -> None:
    flink.answer = answer

    with pytest.raises(EngineUnavailable):
        await rest.jobs()


async def test_a_main_that_fails_is_an_answer(rest: FlinkRest, flink: Flink) -> None:
    flink.answer = httpx.Response(400, json={"errors": ["Internal server error.", "a.B: no\n\tat a.B.c(B.java:1)"]})

    told = await rest.run("x.jar", Submission(job_id=JOB, main_class="a.B", arguments=("x y",), parallelism=2))

    assert told == "a.B: no"
    assert b'"programArgsList":["x y"]' in flink.asked[0].content


async def test_a_savepoint_carries_its_name_to_flink(rest: FlinkRest, flink: Flink) -> None:
    flink.answer = httpx.Response(202, json={"request-id": SAVEPOINT})

    assert await rest.take_savepoint(JOB, SAVEPOINT, "file:///s") == ""
    assert await rest.stop_with_savepoint(JOB, SAVEPOINT, "file:///s") == ""

    assert all(f'"triggerId":"{SAVEPOINT}"'.encode() in request.content for request in flink.asked)


@pytest.mark.parametrize(
    ("answer", "news"),
    [
        (httpx.Response(404, json={"errors": ["no"]}), SavepointNews(SavepointSeen.UNKNOWN)),
        (httpx.Response(200, json={"status": {"id": "IN_PROGRESS"}}), SavepointNews(SavepointSeen.IN_PROGRESS)),
        (
            httpx.Response(200, json={"status": {"id": "COMPLETED"}, "operation": {"location": "file:/s/1"}}),
            SavepointNews(SavepointSeen.COMPLETED, path="file:/s/1"),
        ),
        (
            httpx.Response(
                200,
                json={
                    "status": {"id": "COMPLETED"},
                    "operation": {"failure-cause": {"stack-trace": "a.B: full\n\tat x("}},
                },
            ),
            SavepointNews(SavepointSeen.FAILED, said="a.B: full"),
        ),
    ],
)
async def test_what_became_of_a_savepoint(
    rest: FlinkRest, flink: Flink, answer: httpx.Response, news: SavepointNews
) -> None:
    flink.answer = answer

    assert await rest.savepoint(JOB, SAVEPOINT) == news


async def test_restarts_are_none_where_flink_has_no_number_yet(rest: FlinkRest, flink: Flink) -> None:
    flink.answer = httpx.Response(200, json=[])
    assert await rest.restarts(JOB) == 0

    flink.answer = httpx.Response(200, json=[{"id": "numRestarts", "value": "3"}])
    assert await rest.restarts(JOB) == 3


def a_job(**groups: tuple[int, ...]) -> dict[str, object]:
    vertices = [
        {"slotSharingGroupId": group, "parallelism": parallelism}
        for group, many in groups.items()
        for parallelism in many
    ]
    return {"jid": JOB, "vertices": vertices}


@pytest.mark.parametrize(
    ("document", "slots"),
    [
        (a_job(one=(2, 4)), 4),
        (a_job(one=(2, 4), two=(3,)), 7),
        ({"jid": JOB, "vertices": [{"parallelism": 2}, {"parallelism": 5}]}, 5),
        ({"jid": JOB, "vertices": []}, 0),
    ],
)
async def test_operators_share_the_slots_of_their_group(
    rest: FlinkRest, flink: Flink, document: dict[str, object], slots: int
) -> None:
    flink.answer = httpx.Response(200, json=document)

    assert await rest.slots_wanted(JOB) == slots


@pytest.mark.parametrize(
    ("version", "java"),
    [
        ("OpenJDK 64-Bit Server VM - Eclipse Adoptium - 21/21.0.8+9-LTS", 21),
        ("OpenJDK 64-Bit Server VM - Temurin - 1.8/25.392-b08", 8),
        ("something else", None),
    ],
)
async def test_the_java_of_a_cluster_is_read_from_its_environment(
    rest: FlinkRest, flink: Flink, version: str, java: int | None
) -> None:
    flink.answer = httpx.Response(200, json={"jvm": {"version": version}})

    assert await rest.java() == java


async def test_a_jar_that_is_gone_is_no_refusal_of_the_job(rest: FlinkRest, flink: Flink) -> None:
    said = (
        "org.apache.flink.runtime.rest.handler.RestHandlerException: Jar file /tmp/x.jar does not exist\n\tat a.B.c()"
    )
    flink.answer = httpx.Response(400, json={"errors": ["Internal server error.", said]})

    with pytest.raises(EngineUnavailable, match="started anew"):
        await rest.run("x.jar", Submission(job_id=JOB, main_class="a.B", arguments=(), parallelism=1))


@pytest.mark.parametrize("status", [401, 403, 502, 503])
async def test_who_is_not_let_in_or_finds_nobody_is_not_refused_for_good(
    rest: FlinkRest, flink: Flink, status: int
) -> None:
    flink.answer = httpx.Response(status, text="")

    with pytest.raises(EngineUnavailable):
        await rest.run("x.jar", Submission(job_id=JOB, main_class="a.B", arguments=(), parallelism=1))
    with pytest.raises(EngineUnavailable):
        await rest.cancel(JOB)
    with pytest.raises(EngineUnavailable):
        await rest.failure(JOB)
