"""What is asked of a job beside its state: the reason of a failure is waited for, as Flink shows an older picture."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from penstock.domain.errors import EngineUnavailable
from penstock.flink.rest import FlinkRest
from penstock.flink.states import JobView
from penstock.flink.watching import Watch
from penstock.testing.clock import NOON

pytestmark = pytest.mark.anyio

JOB = "1" * 32
FAILED = JobView(id=JOB, state="FAILED", tasks={"total": 1, "failed": 1})


class Flink:
    """Shows a job in the state of its picture; the reason appears with the failure."""

    def __init__(self, picture: str) -> None:
        self.picture = picture

    def handle(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/exceptions"):
            reason = "a.B: on purpose\n\tat a.B.c(B.java:1)" if self.picture != "RUNNING" else None
            return httpx.Response(200, json={"root-exception": reason})
        return httpx.Response(200, json={"state": self.picture})


@pytest.fixture
def flink() -> Flink:
    return Flink("RUNNING")


@pytest.fixture
async def rest(flink: Flink) -> AsyncIterator[FlinkRest]:
    rest = FlinkRest("http://flink", transport=httpx.MockTransport(flink.handle))
    yield rest
    await rest.close()


async def test_a_reason_is_waited_for_until_the_picture_shows_the_failure(rest: FlinkRest, flink: Flink) -> None:
    watch = Watch(JOB, timedelta(seconds=10))

    with pytest.raises(EngineUnavailable, match="does not say yet why"):
        await watch.failure(rest, FAILED, NOON)
    flink.picture = "FAILED"

    assert "on purpose" in await watch.failure(rest, FAILED, NOON + timedelta(seconds=1))


async def test_a_picture_that_never_changes_is_not_waited_for_without_end(rest: FlinkRest) -> None:
    watch = Watch(JOB, timedelta(seconds=10))

    with pytest.raises(EngineUnavailable):
        await watch.failure(rest, FAILED, NOON)

    assert await watch.failure(rest, FAILED, NOON + timedelta(seconds=21)) == ""


async def test_what_restarts_tells_its_reason_at_once_and_what_runs_has_none(rest: FlinkRest, flink: Flink) -> None:
    watch = Watch(JOB, timedelta(seconds=10))
    flink.picture = "RESTARTING"

    assert "on purpose" in await watch.failure(rest, JobView(id=JOB, state="RESTARTING"), NOON)
    assert await watch.failure(rest, JobView(id=JOB, state="RUNNING", tasks={"total": 1, "running": 1}), NOON) == ""
