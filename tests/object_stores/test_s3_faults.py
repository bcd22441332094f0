"""The S3 store on a bad way: what breaks is repeated, ends within its limit, leaves nothing, and is told in words."""

import asyncio
import os
import re
from pathlib import Path

import pytest

from object_stores.faulty_way import Answer, CutDownload, CutUpload, Silence, faulty_way
from penstock.domain.errors import ObjectMissing, StoreFull, StoreUnavailable
from s3_servers import moto

pytestmark = pytest.mark.anyio
MIB = 1 << 20


@pytest.fixture(scope="module")
def server():
    with moto() as started:
        yield started


@pytest.fixture
def bucket(server):
    return server.new_bucket()


@pytest.fixture
async def way(server, anyio_backend):
    async with faulty_way(server.endpoint) as way:
        yield way


@pytest.fixture
def store(server, way, bucket):
    return server.at(way.endpoint).store(bucket, timeout=2.0, retries=2)


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(os.urandom(20 * MIB))
    return path


class Times:
    """A fault that meets so many requests of a kind, and is over then."""

    def __init__(self, times, fault, *, of=""):
        self.left, self.fault, self.kind = times, fault, of

    def __call__(self, line):
        if self.left and line.startswith(self.kind):
            self.left -= 1
            return self.fault
        return None


def parts_of(server, bucket):
    """Of uploads that are neither whole nor taken back."""
    return [upload["Key"] for upload in server.client().list_multipart_uploads(Bucket=bucket).get("Uploads", [])]


def there(server, bucket):
    return [found["Key"] for found in server.client().list_objects_v2(Bucket=bucket).get("Contents", [])]


def most_memory(*, anew=False):
    """Bytes that this process held at most, since it was asked to begin anew."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024


BUSY = Answer("503 Slow Down", "SlowDown")


async def content(store, key):
    return b"".join([piece async for piece in store.read(key)])


async def test_a_busy_store_is_asked_again(store, way):
    way.meet = Times(2, BUSY)

    await store.put("key", b"text")

    assert await content(store, "key") == b"text"


async def test_a_store_that_stays_busy_is_told_in_words(store, way):
    way.meet = Times(100, BUSY)

    with pytest.raises(StoreUnavailable, match="is busy, also when asked again"):
        await store.put("key", b"text")

    assert len(way.seen) == 3


@pytest.mark.parametrize("call", ["put", "head", "read", "delete", "list"])
async def test_a_silent_store_ends_within_the_limit(store, way, call):
    way.meet = Times(100, Silence())
    calls = {
        "put": lambda: store.put("key", b"text"),
        "head": lambda: store.head("key"),
        "read": lambda: content(store, "key"),
        "delete": lambda: store.delete("key"),
        "list": lambda: store.list(),
    }

    async with asyncio.timeout(15):
        with pytest.raises(StoreUnavailable, match=r"in time|took longer than 6 s"):
            await calls[call]()


async def test_an_upload_goes_on_where_a_connection_broke(server, store, way, bucket, large):
    way.meet = Times(2, CutUpload(after=3 * MIB), of="PUT")

    await store.put_file("large", large)

    assert await content(store, "large") == large.read_bytes()
    assert parts_of(server, bucket) == []


async def test_a_download_goes_on_where_the_connection_broke(store, way, large):
    await store.put_file("large", large)
    way.meet = Times(2, CutDownload(after=3 * MIB), of="GET")

    assert await content(store, "large") == large.read_bytes()


async def test_an_upload_that_fails_leaves_no_parts(server, store, way, bucket, large):
    def refuse(line):
        return BUSY if line.startswith("PUT") and "partNumber=2" in line else None

    way.meet = refuse

    with pytest.raises(StoreUnavailable, match="busy"):
        await store.put_file("large", large)

    assert parts_of(server, bucket) == []
    assert there(server, bucket) == []


async def test_an_upload_that_is_cancelled_leaves_no_parts(server, store, way, bucket, large):
    began = asyncio.Event()

    def slow(line):
        if "partNumber=" in line:
            began.set()
            return Silence() if "partNumber=2" in line else None
        return None

    way.meet = slow
    putting = asyncio.create_task(store.put_file("large", large))
    await began.wait()
    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await putting

    assert parts_of(server, bucket) == []
    assert there(server, bucket) == []


async def test_memory_does_not_grow_with_an_object(server, bucket, tmp_path):
    store = server.store(bucket, timeout=60.0)
    path = tmp_path / "huge"
    with path.open("wb") as file:
        for _ in range(200):
            file.write(os.urandom(MIB))
    await store.put("warm", b"up")
    before = most_memory(anew=True)

    await store.put_file("huge", path)
    size = sum([len(piece) async for piece in store.read("huge")])

    assert size == 200 * MIB
    assert most_memory() - before < 120 * MIB


SKEW = "<RequestTime>20261122T213000Z</RequestTime><ServerTime>2026-11-22T23:30:00Z</ServerTime>"


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (Answer("403 Forbidden", "InvalidAccessKeyId"), StoreUnavailable, "does not know the access key"),
        (Answer("403 Forbidden", "SignatureDoesNotMatch"), StoreUnavailable, "the secret key is not that"),
        (Answer("403 Forbidden", "AccessDenied"), StoreUnavailable, "does not allow this"),
        (Answer("403 Forbidden", "RequestTimeTooSkewed", SKEW), StoreUnavailable, "7200 s behind its own"),
        (Answer("404 Not Found", "NoSuchBucket"), StoreUnavailable, "has no bucket test-"),
        (Answer("404 Not Found", "NoSuchKey"), ObjectMissing, "There is no object key"),
        (Answer("507 Insufficient Storage", "XMinioStorageFull"), StoreFull, "has no space left"),
        (Answer("301 Moved Permanently", "PermanentRedirect"), StoreUnavailable, "in another region"),
        (Answer("400 Bad Request", "AuthorizationHeaderMalformed"), StoreUnavailable, "in another region"),
        (Answer("418 I'm a teapot", "Teapot"), StoreUnavailable, r"answered 418 \(Teapot\)"),
    ],
)
async def test_a_refusal_is_told_in_words_whatever_was_asked(store, way, answer, error, words):
    way.meet = lambda line: answer

    for call in (lambda: store.put("key", b"x"), lambda: store.head("key"), lambda: content(store, "key")):
        with pytest.raises(error, match=words):
            await call()
    if error is not ObjectMissing:
        with pytest.raises(error, match=words):
            await store.list()
        with pytest.raises(error, match=words):
            await store.delete("key")


async def test_a_bucket_can_be_named_in_the_host(server, way, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy"):  # nobody resolves such names here, so the way stands in between
        monkeypatch.setenv(name, way.endpoint)
    store = server.at("http://obs.test").store("acme-penstock", path_style=False, prefix="p")
    way.meet = lambda line: Answer("204 No Content")

    await store.delete("a b")
    await store.delete("@acme-data/c")

    assert [line.split()[1] for line in way.seen] == [
        "http://acme-penstock.obs.test/p/a%20b",
        "http://acme-data.obs.test/c",
    ]


async def test_a_store_that_is_not_there_refuses_the_connection(server, bucket):
    store = server.at("http://127.0.0.1:1").store(bucket, retries=0)

    with pytest.raises(StoreUnavailable, match="refuses the connection"):
        await store.head("key")


async def test_a_store_without_tls_is_told_apart(server, bucket):
    store = server.at(server.endpoint.replace("http", "https")).store(bucket, retries=0)

    with pytest.raises(StoreUnavailable, match="does not speak TLS"):
        await store.head("key")
