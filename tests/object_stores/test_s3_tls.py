"""The S3 store behind TLS: an authority of the operator's own is trusted if it is named, and nobody else."""

import asyncio
import ssl
from contextlib import asynccontextmanager

import pytest

from listening.authority import Authority
from penstock.domain.errors import StoreUnavailable
from penstock.object_stores.s3.access import Access, Keys
from penstock.object_stores.s3.settings import S3Settings
from penstock.object_stores.s3.store import S3Store

pytestmark = pytest.mark.anyio
OURS = Authority()
LISTING = b"<ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"


@asynccontextmanager
async def store_with(signed, folder, **settings):
    """A store that holds nothing, behind this certificate."""
    certificate, key = signed.written(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(_answer, "127.0.0.1", 0, ssl=context)
    endpoint = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    given = {"bucket": "penstock", "endpoint": endpoint, "retries": 0} | settings
    try:
        yield S3Store(Access(S3Settings.model_validate(given), Keys(access="AK", secret="SK")))
    finally:
        server.close()


async def _answer(reader, writer):
    try:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(LISTING)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + LISTING)
        await writer.drain()
    finally:
        writer.close()


async def test_an_authority_that_the_settings_name_is_trusted(tmp_path):
    (tmp_path / "ca.pem").write_bytes(OURS.certificate)

    async with store_with(OURS.sign("127.0.0.1"), tmp_path, ca=tmp_path / "ca.pem") as store:
        assert (await store.list()).objects == ()


async def test_an_authority_that_nobody_named_is_told(tmp_path):
    async with store_with(OURS.sign("127.0.0.1"), tmp_path) as store:
        with pytest.raises(StoreUnavailable, match=r"nobody we trust has signed: name its authority in store\.ca"):
            await store.list()


async def test_a_certificate_of_another_name_is_told(tmp_path):
    (tmp_path / "ca.pem").write_bytes(OURS.certificate)

    async with store_with(OURS.sign("elsewhere.test"), tmp_path, ca=tmp_path / "ca.pem") as store:
        with pytest.raises(StoreUnavailable, match=r"a certificate of another name: correct store\.endpoint"):
            await store.list()
