"""A job is handed over once; what silence, refusals and late mains mean is told apart."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from penstock.domain.errors import EngineUnavailable
from penstock.flink.rest import FlinkRest, Submission
from penstock.flink.submission import Answer, Handover, submit

pytestmark = pytest.mark.anyio

JOB = "1" * 32


class Notes:
    """How far it came."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.code: int | None = None

    async def submitting(self) -> None:
        self.written.append("submitting")

    async def submitted(self) -> None:
        self.written.append("submitted")

    async def refused(self, why: str) -> None:
        self.written.append(f"refused: {why}")

    async def exit_code(self) -> int | None:
        return self.code


class Flink:
    """Knows jobs, and answers the call that runs main() as a test wants it."""

    def __init__(self) -> None:
        self.known: list[str] = []
        self.is_silent = False
        self.returns = asyncio.Event()
        self.answer = httpx.Response(200, json={"jobid": JOB})
        self.hands_over = True
        self.runs = 0
        self.began = asyncio.Event()
        self.jars: set[str] = set()

    async def handle(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/jars/upload":
            self.jars.add("x.jar")
            return httpx.Response(200, json={"filename": "/tmp/x.jar"})
        if request.method == "DELETE":
            self.jars.discard(request.url.path.rpartition("/")[2])
            return httpx.Response(200, json={})
        if request.url.path.endswith("/run"):
            return await self._main()
        if self.is_silent:
            raise httpx.ConnectError("cut")
        jobs: list[dict[str, Any]] = [{"jid": id, "state": "RUNNING", "tasks": {}} for id in self.known]
        return httpx.Response(200, json={"jobs": jobs})

    async def _main(self) -> httpx.Response:
        self.runs += 1
        self.began.set()
        if self.hands_over:
            self.known.append(JOB)
        await self.returns.wait()
        return self.answer


@pytest.fixture
def flink() -> Flink:
    return Flink()


async def handed_over(flink: Flink, notes: Notes, folder: Path, *, grace: float = 0.0) -> Answer:
    bundle = folder / "bundle.jar"
    bundle.write_bytes(b"PK")
    submission = Submission(job_id=JOB, main_class="a.B", arguments=(), parallelism=1)
    handover = Handover(bundle=bundle, submission=submission, main_limit=0.2, grace=grace)
    rest = FlinkRest("http://flink", transport=httpx.MockTransport(flink.handle))
    try:
        return await submit(rest, handover, notes)
    finally:
        await rest.close()


async def test_a_job_that_flink_has_is_taken_though_its_main_goes_on(flink: Flink, tmp_path: Path) -> None:
    notes = Notes()

    assert await handed_over(flink, notes, tmp_path) is Answer.TAKEN
    assert (notes.written, flink.jars) == (["submitting", "submitted"], {"x.jar"})


async def test_a_main_that_ends_within_its_grace_leaves_no_jar(flink: Flink, tmp_path: Path) -> None:
    flink.returns.set()

    assert await handed_over(flink, Notes(), tmp_path, grace=5) is Answer.TAKEN
    assert flink.jars == set()


async def test_what_flink_knows_is_not_sent_again(flink: Flink, tmp_path: Path) -> None:
    flink.known.append(JOB)
    notes = Notes()

    assert await handed_over(flink, notes, tmp_path) is Answer.TAKEN
    assert (notes.written, flink.runs) == (["submitted"], 0)


async def test_a_refusal_counts_while_the_job_is_unknown(flink: Flink, tmp_path: Path) -> None:
    flink.hands_over, flink.answer = False, httpx.Response(400, json={"errors": ["a.B: no"]})
    flink.returns.set()
    notes = Notes()

    assert await handed_over(flink, notes, tmp_path) is Answer.REFUSED
    assert notes.written == ["submitting", "refused: a.B: no"]


async def test_a_main_that_returns_without_a_job_is_told_so(flink: Flink, tmp_path: Path) -> None:
    flink.hands_over = False
    flink.returns.set()
    notes = Notes()

    assert await handed_over(flink, notes, tmp_path) is Answer.REFUSED
    assert "never called execute()" in notes.written[-1]


async def test_a_main_that_does_not_return_is_refused_once_flink_says_that_it_has_no_job(
    flink: Flink, tmp_path: Path
) -> None:
    flink.hands_over = False
    notes = Notes()

    assert await handed_over(flink, notes, tmp_path) is Answer.REFUSED
    assert "did not return within" in notes.written[-1]


async def test_silence_at_the_end_of_mains_limit_is_no_refusal(flink: Flink, tmp_path: Path) -> None:
    flink.hands_over = False
    notes = Notes()

    async def fall_silent() -> None:
        await flink.began.wait()
        flink.is_silent = True

    falling = asyncio.create_task(fall_silent())
    with pytest.raises(EngineUnavailable):
        await handed_over(flink, notes, tmp_path)
    await falling

    assert notes.written == ["submitting"]


async def test_a_main_that_ends_its_java_is_refused_where_that_can_be_seen(flink: Flink, tmp_path: Path) -> None:
    flink.hands_over, flink.answer = False, httpx.Response(502)
    flink.returns.set()
    notes, blind = Notes(), Notes()
    notes.code = 3

    assert await handed_over(flink, notes, tmp_path) is Answer.REFUSED
    assert "exit code 3" in notes.written[-1]
    with pytest.raises(EngineUnavailable):
        await handed_over(flink, blind, tmp_path)
