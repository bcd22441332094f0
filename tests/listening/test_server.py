"""The server behind a door with a certificate: whoever does not speak TLS with it holds up nobody else."""

import asyncio
import ssl
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from listening.authority import Authority
from penstock.listening.certificate import CertificateFiles
from penstock.listening.door import open_door
from penstock.listening.server import Server
from penstock.listening.tls import Tls
from penstock.ports.clock import SystemClock

pytestmark = pytest.mark.anyio

AUTHORITY = Authority()


@pytest.fixture
def files(tmp_path):
    certificate, key = AUTHORITY.sign("localhost").written(tmp_path)
    return CertificateFiles(certificate=certificate, key=key)


async def test_it_serves_https(files):
    async with serving(files) as endpoint:
        assert await asked(endpoint) == "well"


async def test_without_a_certificate_it_serves_http():
    async with serving(None) as endpoint, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(endpoint)

    assert answer.json() == "well"


async def test_plain_http_is_sent_away(files):
    async with serving(files) as endpoint:
        reader, writer = await raw(endpoint)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async with asyncio.timeout(10):
            said = await reader.read()
        writer.close()

    assert b"HTTP" not in said


async def test_a_handshake_that_never_ends_holds_up_nobody(files):
    async with serving(files) as endpoint:
        silent = [await raw(endpoint) for _ in range(20)]
        for _, writer in silent:
            writer.write(b"\x16\x03\x01\x02\x00")  # the head of a greeting that does not come
        answers = await asyncio.gather(*(asked(endpoint) for _ in range(5)))
        for _, writer in silent:
            writer.close()

    assert answers == ["well"] * 5


async def test_a_handshake_that_never_ends_does_not_keep_the_service_from_ending(files):
    async with asyncio.timeout(20):
        async with serving(files) as endpoint:
            _, writer = await raw(endpoint)
            writer.write(b"\x16\x03\x01")
            await asked(endpoint)
    writer.close()

    with pytest.raises(ConnectionRefusedError):
        await raw(endpoint)


async def raw(endpoint):
    return await asyncio.open_connection("127.0.0.1", int(endpoint.rpartition(":")[2]))


async def asked(endpoint: str) -> str:
    trusting = ssl.create_default_context(cadata=AUTHORITY.certificate.decode())
    async with httpx.AsyncClient(verify=trusting, trust_env=False) as client:
        return str((await client.get(endpoint)).json())


@asynccontextmanager
async def serving(files: CertificateFiles | None):
    """The server, until the block ends; its address names the host of the certificate."""
    app = FastAPI()

    @app.get("/")
    async def well() -> str:
        return "well"

    tls = Tls(files, SystemClock()) if files else None
    with open_door("127.0.0.1", 0, tls=tls, allow_plain=False) as door:
        server = Server(app, door)
        running = asyncio.create_task(server.serve_at_the_door())
        await server.answers.wait()
        yield door.endpoint.replace("127.0.0.1", "localhost")
        server.should_exit = True
        await running
