"""Who answers under the address: Flink behind TLS and passwords, or something else, told in words by the health."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clusters import Plan, SessionCluster, a_session_cluster
from engines.session.places import SessionPlace, a_session_place
from engines.session.strangers import a_guard, an_answer
from penstock.domain.observation import Seen
from penstock.testing.engine_suite import launch, look

pytestmark = pytest.mark.anyio

SECRET = "s3 cret"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def closed(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SessionCluster]:
    """A cluster that wants a client certificate."""
    async with a_session_cluster(tmp_path_factory.mktemp("closed"), Plan(tls=True)) as cluster:
        yield cluster


async def trouble(folder: Path, address: str, **settings: object) -> str:
    """What a place's health says of the address."""
    place = SessionPlace(folder, address, answer_limit=5, **settings)
    serving = asyncio.create_task(place.engine.serve())
    try:
        async with asyncio.timeout(20):
            while "Nobody looks" in (health := place.engine.health()).said:  # noqa: ASYNC110 - as an operator would
                await asyncio.sleep(0.02)
        seen = await look(place.engine, place.order("unbounded").run)
    finally:
        serving.cancel()
        await asyncio.wait([serving])
    assert not health.ready
    assert seen.seen is Seen.UNREACHABLE
    return health.said


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", "What answers is not Flink"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "What answers is not Flink"),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"jobs":"x"}', "What answers is not Flink"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "What answers is not Flink: it answered 404"),
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "It does not know who asks (401)"),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "It does not let us in (403)"),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "What stands before Flink answered 502"),
        (b"HTTP/1.1 301 Moved\r\nLocation: https://x/\r\nContent-Length: 0\r\n\r\n", "points elsewhere (301, to https"),
        (b"SSH-2.0-OpenSSH\r\n", "Flink does not answer GET"),
    ],
)
async def test_what_is_not_flink_is_told_in_words(tmp_path: Path, answer: bytes, words: str) -> None:
    async with an_answer(answer) as address:
        assert words in await trouble(tmp_path, f"http://{address}")


async def test_tls_where_there_is_none_is_told_in_words(tmp_path: Path) -> None:
    async with an_answer(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n") as address:
        said = await trouble(tmp_path, f"https://{address}")

    assert said == "It does not speak TLS: does its address begin with http://?"


@pytest.mark.flink
async def test_a_certificate_that_nobody_vouches_for_is_told_in_words(tmp_path: Path, closed: SessionCluster) -> None:
    said = await trouble(tmp_path, closed.address)

    assert said.startswith("Its certificate is not trusted (self")
    assert "check ca" in said


@pytest.mark.flink
async def test_a_host_that_the_certificate_does_not_name_is_told_in_words(
    tmp_path: Path, closed: SessionCluster
) -> None:
    address = closed.address.replace("127.0.0.1", "localhost")

    assert "certificate is not valid for 'localhost'" in await trouble(tmp_path, address, ca=closed.pem)


@pytest.mark.flink
async def test_a_missing_client_certificate_is_told_in_words(tmp_path: Path, closed: SessionCluster) -> None:
    assert "check certificate and key" in await trouble(tmp_path, closed.address, ca=closed.pem)


@pytest.mark.flink
async def test_plain_http_where_tls_is_wanted_is_told_in_words(tmp_path: Path, closed: SessionCluster) -> None:
    assert "points elsewhere (301" in await trouble(tmp_path, closed.address.replace("https", "http"))


@pytest.mark.flink
async def test_a_job_runs_behind_a_proxy_that_wants_a_password(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (tmp_path / "password").write_text(f"{SECRET}\n")
    (tmp_path / "wrong").write_text("guess\n")
    async with (
        a_session_cluster(tmp_path_factory.mktemp("cluster")) as cluster,
        a_guard("penstock", SECRET, cluster.address.removeprefix("http://")) as guard,
    ):
        wrong = {"username": "penstock", "password_file": tmp_path / "wrong"}
        said = await trouble(tmp_path / "a", f"http://{guard}", **wrong)
        right = {"username": "penstock", "password_file": tmp_path / "password", "address": f"http://{guard}"}
        async with a_session_place(tmp_path / "b", cluster, **right) as place:
            seen = await launch(place.engine, order := place.order("unbounded"), Seen.RUNNING)
            await place.engine.discard(order.run)

    assert "(401): check username and password_file" in said
    assert SECRET not in f"{place.settings} {seen}"


def test_the_client_of_a_cluster_checks_whom_it_speaks_to(tmp_path: Path) -> None:
    place = SessionPlace(tmp_path, "https://flink:8081")

    context = place.engine._tools.cluster._manners.context

    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
