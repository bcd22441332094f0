"""Calls go out only to addresses that are open, whatever names, redirects and answers try."""

import asyncio
from contextlib import asynccontextmanager
from ipaddress import ip_network

import pytest

from notifiers.servers import WebReceiver, open_until_the_end
from penstock.domain.errors import OutsideRefused, OutsideUnavailable
from penstock.outgoing.guard import GuardedCalls

pytestmark = pytest.mark.anyio

LOOPBACK = [ip_network("127.0.0.0/8")]
HEADERS = {"Content-Type": "application/json"}


@pytest.fixture
def receiver():
    with open_until_the_end(WebReceiver()) as receiver:
        yield receiver


class Names:
    """A resolver that answers as a test says, once per question; it counts how often it is asked."""

    def __init__(self, **answers):
        self.answers, self.asked = answers, []

    async def __call__(self, host, port):
        self.asked.append(host)
        told = self.answers.get(host.replace(".", "_").replace("-", "_"))
        if told is None:
            raise OSError("no such name")
        return told.pop(0) if isinstance(told[0], list) else told


def post(guard, url, body=b"{}"):
    return guard.send("POST", url, headers=HEADERS, body=body)


@asynccontextmanager
async def a_server(handle):
    """Speaks raw bytes; `handle(reader, writer)` is all it does."""

    async def serve(reader, writer):
        try:
            await reader.readuntil(b"\r\n\r\n")
            await handle(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()


async def test_an_allowed_address_is_called(receiver):
    answer = await post(GuardedCalls(LOOPBACK), receiver.endpoint, b'{"a": 1}')

    assert (answer.status, answer.body, answer.is_whole, answer.is_success) == (200, b"{}", True, True)
    [(path, headers, document)] = receiver.posts
    assert (path, document, headers["Host"]) == ("/hook", {"a": 1}, f"127.0.0.1:{receiver.port}")


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "127.1", "0x7f000001", "2130706433", "0"])
async def test_loopback_is_closed_in_every_spelling(receiver, host):
    with pytest.raises((OutsideRefused, OutsideUnavailable)):
        await post(GuardedCalls(), f"http://{host}:{receiver.port}/hook")

    assert receiver.posts == []


async def test_a_name_of_a_closed_address_is_refused_without_telling_the_address(receiver):
    guard = GuardedCalls(resolve=Names(evil_example=["10.1.2.3"]))

    with pytest.raises(OutsideRefused, match=r"evil\.example") as raised:
        await post(guard, "http://evil.example/")

    assert "10.1.2.3" not in str(raised.value)
    assert "outgoing.allow" in str(raised.value)


async def test_a_name_is_resolved_once_and_its_checked_address_is_called(receiver):
    """DNS rebinding: the second answer would lead elsewhere, but nobody asks for it."""
    names = Names(a_example=[["127.0.0.1"], ["10.9.9.9"]])

    answer = await post(GuardedCalls(LOOPBACK, resolve=names), f"http://a.example:{receiver.port}/hook")

    assert answer.is_success
    assert names.asked == ["a.example"]
    assert receiver.posts[0][1]["Host"] == f"a.example:{receiver.port}"


async def test_of_several_addresses_only_the_open_ones_are_called(receiver):
    names = Names(a_example=["10.0.0.1", "127.0.0.1"])

    answer = await post(GuardedCalls(LOOPBACK, resolve=names), f"http://a.example:{receiver.port}/hook")

    assert answer.is_success


async def test_an_address_that_refuses_gives_way_to_the_next_one(receiver):
    names = Names(a_example=["127.0.0.2", "127.0.0.1"])

    answer = await post(GuardedCalls(LOOPBACK, resolve=names), f"http://a.example:{receiver.port}/hook")

    assert answer.is_success


async def test_a_redirect_to_a_closed_address_is_refused(receiver):
    receiver.status, receiver.location = 307, "http://169.254.169.254/latest/meta-data/"

    with pytest.raises(OutsideRefused, match=r"169\.254\.169\.254"):
        await post(GuardedCalls(LOOPBACK), receiver.endpoint)


async def test_a_redirect_to_a_name_of_a_closed_address_is_refused(receiver):
    receiver.status, receiver.location = 308, "http://inside.example/"
    names = Names(a_example=["127.0.0.1"], inside_example=["192.168.0.1"])

    with pytest.raises(OutsideRefused, match=r"inside\.example"):
        await post(GuardedCalls(LOOPBACK, resolve=names), f"http://a.example:{receiver.port}/hook")


async def test_a_redirect_that_keeps_the_method_is_followed(receiver):
    with open_until_the_end(WebReceiver()) as other:
        receiver.status, receiver.location = 307, other.endpoint

        answer = await post(GuardedCalls(LOOPBACK), receiver.endpoint, b'{"a": 1}')

        assert answer.status == 200
        assert [document for _, _, document in other.posts] == [{"a": 1}]


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_redirect_that_would_lose_the_body_is_only_told(receiver, status):
    receiver.status, receiver.location = status, "http://169.254.169.254/"

    assert (await post(GuardedCalls(LOOPBACK), receiver.endpoint)).status == status


async def test_redirects_in_a_circle_end(receiver):
    receiver.status, receiver.location = 307, receiver.endpoint

    with pytest.raises(OutsideUnavailable, match="redirects"):
        await post(GuardedCalls(LOOPBACK), receiver.endpoint)

    assert len(receiver.posts) == 3


@pytest.mark.parametrize("location", ["file:///etc/passwd", "gopher://127.0.0.1:6379/_INFO", "http://", "//", "\x00"])
async def test_a_redirect_to_no_address_is_refused(location):
    async def redirect(reader, writer):
        writer.write(f"HTTP/1.1 307 Go\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode("latin-1"))

    async with a_server(redirect) as url:
        with pytest.raises((OutsideRefused, OutsideUnavailable)):
            await post(GuardedCalls(LOOPBACK), url)


@pytest.mark.parametrize(
    "url", ["", "ftp://a.example/", "file:///etc/passwd", "http://", "unix:///run/x", "http://a:99999999/", "a"]
)
async def test_what_is_no_address_is_refused(url):
    guard = GuardedCalls()

    assert not guard.permits(url)
    with pytest.raises(OutsideRefused):
        await post(guard, url)


async def test_nobody_there_is_passing():
    with pytest.raises(OutsideUnavailable):
        await post(GuardedCalls(LOOPBACK), "http://127.0.0.1:1/")


async def test_an_unknown_name_is_passing():
    with pytest.raises(OutsideUnavailable, match=r"nowhere\.example"):
        await post(GuardedCalls(resolve=Names()), "http://nowhere.example/")


async def test_a_silent_receiver_costs_the_limit_and_no_more():
    async def be_silent(reader, writer):
        await reader.read()

    async with a_server(be_silent) as url:
        with pytest.raises(OutsideUnavailable, match=r"within 0\.2 s"):
            await post(GuardedCalls(LOOPBACK, limit=0.2), url)


async def test_a_receiver_that_drips_costs_no_more_either():
    async def drip(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with a_server(drip) as url:
        with pytest.raises(OutsideUnavailable):
            await post(GuardedCalls(LOOPBACK, limit=0.3), url)


async def test_an_endless_answer_is_cut_off():
    async def pour(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    async with a_server(pour) as url:
        answer = await post(GuardedCalls(LOOPBACK), url)

    assert (answer.status, len(answer.body), answer.is_whole) == (200, 65_536, False)


@pytest.mark.parametrize(
    "said", [b"SSH-2.0-OpenSSH\r\n", b"HTTP/9.9 nonsense\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10**6]
)
async def test_what_does_not_speak_http_is_passing(said):
    async def speak(reader, writer):
        writer.write(said)

    async with a_server(speak) as url:
        with pytest.raises(OutsideUnavailable):
            await post(GuardedCalls(LOOPBACK), url)


@pytest.mark.parametrize(
    ("url", "is_permitted"),
    [
        ("http://127.0.0.1/", False),
        ("https://[::1]/", False),
        ("http://localhost:80/", False),
        ("http://x.localhost/", False),
        ("http://10.0.0.1/", False),
        ("http://8.8.8.8/", True),
        ("https://hooks.example/x", True),
    ],
)
def test_what_can_be_said_without_asking_anybody(url, is_permitted):
    assert GuardedCalls().permits(url) is is_permitted


def test_loopback_by_name_is_permitted_with_its_network():
    assert GuardedCalls(LOOPBACK).permits("http://localhost:8080/")
    assert not GuardedCalls([ip_network("10.0.0.0/8")]).permits("http://localhost:8080/")
