"""The newest certificate that can be served is shown; what cannot be served is told once and changes nothing."""

import asyncio
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from listening.authority import Authority, Signed
from penstock.listening.certificate import CertificateFiles
from penstock.listening.tls import Tls
from penstock.testing.clock import ManualClock

pytestmark = pytest.mark.anyio

AUTHORITY = Authority()
TODAY = datetime.now(UTC)  # certificates are judged by the clients' real clock, too


@pytest.fixture
def files(tmp_path):
    certificate, key = AUTHORITY.sign("localhost", "first.test").written(tmp_path / "now")
    return CertificateFiles(certificate=certificate, key=key)


@pytest.fixture
def tls(files):
    return Tls(files, ManualClock(TODAY))


@pytest.fixture
def said():
    with structlog.testing.capture_logs() as told:
        yield told


async def test_a_certificate_that_was_replaced_is_shown_to_the_next_client(tls, files):
    async with listening(tls) as port:
        before = await shown(port)
        replace(files, AUTHORITY.sign("localhost", "second.test"))
        await tls.look()
        after = await shown(port)

    assert ("first.test" in before, "second.test" in after) == (True, True)


async def test_a_connection_that_is_open_lives_on(tls, files):
    async with listening(tls) as port:
        reader, writer = await connected(port)
        replace(files, AUTHORITY.sign("localhost"))
        await tls.look()
        writer.write(b"still there?\n")
        answer = await reader.readline()
        writer.close()

    assert answer == b"still there?\n"


async def test_a_link_that_was_turned_is_noticed(tls, files, tmp_path, said):
    newer = tmp_path / "newer"
    AUTHORITY.sign("localhost", "second.test").written(newer)
    link = tmp_path / "current"
    link.symlink_to(tmp_path / "now")
    linked = Tls(CertificateFiles(certificate=link / "fullchain.pem", key=link / "key.pem"), ManualClock(TODAY))

    turn(link, newer)
    await linked.look()

    assert [(line["event"], line["names"]) for line in said] == [("certificate renewed", ("localhost", "second.test"))]


async def test_a_pair_that_is_half_written_is_waited_for_in_silence(tls, files, said):
    new = AUTHORITY.sign("localhost")

    files.certificate.write_bytes(new.certificate)
    await tls.look()
    files.key.write_bytes(new.key)
    await tls.look()

    assert [line["event"] for line in said] == ["certificate renewed"]


async def test_a_pair_that_stays_wrong_is_told_once_and_the_old_one_is_shown(tls, files, said):
    async with listening(tls) as port:
        files.certificate.write_bytes(b"not a certificate")
        for _ in range(5):
            await tls.look()
        names = await shown(port)

    assert [(line["event"], line["log_level"]) for line in said] == [("certificate not renewed", "warning")]
    assert "first.test" in names


async def test_the_same_trouble_is_told_again_after_it_was_over(tls, files, said):
    for content in (b"wrong", files.certificate.read_bytes(), b"wrong"):
        files.certificate.write_bytes(content)
        for _ in range(2):
            await tls.look()

    assert [line["event"] for line in said] == ["certificate not renewed", "certificate not renewed"]


async def test_whoever_asks_is_answered_at_once(tls, files, said):
    await tls.look(asked=True)
    files.key.unlink()
    await tls.look(asked=True)

    assert [line["event"] for line in said] == ["certificate unchanged", "certificate not renewed"]


async def test_asking_does_not_wait_for_the_next_look(files, said):
    tls = Watched(files, ManualClock(TODAY), every=3600)
    replace(files, AUTHORITY.sign("localhost"))
    keeping = asyncio.create_task(tls.keep_current())

    tls.ask()
    async with asyncio.timeout(10):
        await tls.looked.wait()
    keeping.cancel()
    await asyncio.wait({keeping})

    assert [line["event"] for line in said] == ["certificate renewed"]


async def test_nobody_has_to_ask(files, said):
    tls = Watched(files, ManualClock(TODAY), every=0.01)
    replace(files, AUTHORITY.sign("localhost"))
    keeping = asyncio.create_task(tls.keep_current())

    async with asyncio.timeout(10):
        await tls.looked.wait()
    keeping.cancel()
    await asyncio.wait({keeping})

    assert [line["event"] for line in said] == ["certificate renewed"]


async def test_a_certificate_that_has_expired_is_served_and_doubted(files, said):
    replace(files, AUTHORITY.sign("localhost", until=TODAY - timedelta(days=1)))

    Tls(files, ManualClock(TODAY))

    assert [(line["event"], line["log_level"]) for line in said] == [("certificate doubtful", "warning")]


async def test_old_versions_of_tls_are_refused(tls):
    old = trusting()
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1

    async with listening(tls) as port:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await connected(port, old)


async def test_tls_1_2_has_forward_secrecy(tls):
    older = trusting()
    older.maximum_version = ssl.TLSVersion.TLSv1_2

    async with listening(tls) as port:
        _, writer = await connected(port, older)
        name, version, _ = writer.get_extra_info("cipher")
        writer.close()

    assert (name.split("-")[0], version) == ("ECDHE", "TLSv1.2")


class Watched(Tls):
    """Says when it has looked."""

    def __init__(self, files: CertificateFiles, clock: ManualClock, every: float) -> None:
        super().__init__(files, clock, every)
        self.looked = asyncio.Event()

    async def look(self, *, asked: bool = False) -> None:
        await super().look(asked=asked)
        self.looked.set()


def replace(files: CertificateFiles, signed: Signed) -> None:
    files.certificate.write_bytes(signed.certificate)
    files.key.write_bytes(signed.key)


def turn(link: Path, target: Path) -> None:
    fresh = link.with_name("fresh")
    fresh.symlink_to(target)
    fresh.replace(link)


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cadata=AUTHORITY.certificate.decode())


@asynccontextmanager
async def listening(tls: Tls):
    """A server that says back what it is told."""

    async def echo(reader, writer):
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0, ssl=tls.context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def connected(port: int, context: ssl.SSLContext | None = None):
    return await asyncio.open_connection("127.0.0.1", port, ssl=context or trusting(), server_hostname="localhost")


async def shown(port: int) -> set[str]:
    """The names of the certificate that a new client sees."""
    _, writer = await connected(port)
    certificate = writer.get_extra_info("ssl_object").getpeercert()
    writer.close()
    return {name for _, name in certificate["subjectAltName"]}
