"""A small HTTP server that speaks as the service does, and a command that is pointed at it."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from penstock.api.signatures import Head, proves, read_claim
from penstock.cli.main import run

ACCESS_KEY, SECRET_KEY, PROJECT = "AKTEST", "SKTEST", "p1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request that came, with a signature that holds."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class FakeService:
    """Answers as it was told to; a request whose signature does not hold gets 401, as from the service."""

    endpoint: str = ""
    asked: list[Asked] = field(default_factory=list)
    answers: dict[tuple[str, str], list[tuple[int, object]]] = field(default_factory=dict)

    def answers_to(self, method: str, path: str, document: object, status: int = 200) -> None:
        """The next answer to this request; the last one told is given again and again."""
        self.answers.setdefault((method, path), []).append((status, document))

    def answer(self, asked: Asked) -> tuple[int, object]:
        self.asked.append(asked)
        told = self.answers.get((asked.method, asked.path))
        if not told:
            return 404, {"error_code": "DLI.0023", "error_msg": f"There is no {asked.method} {asked.path}."}
        return told.pop(0) if len(told) > 1 else told[0]

    def posted(self, path: str) -> list[Any]:
        return [asked.document for asked in self.asked if (asked.method, asked.path) == ("POST", path)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


Penstock = Callable[..., Outcome]


@pytest.fixture
def service() -> Iterator[FakeService]:
    fake = FakeService()

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            parts = urlsplit(self.path)
            body = self.read_body()
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(
                method=self.command, path=parts.path, query=dict(parse_qsl(parts.query)), headers=headers, body=body
            )
            status, document = fake.answer(asked) if is_signed(asked, parts.query) else (401, {"error_msg": "who?"})
            content = document if isinstance(document, bytes) else json.dumps(document).encode() if document else b""
            self.send_response(status)
            self.send_header("X-Request-Id", "r" * 32)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def read_body(self) -> bytes:
            """Its first megabyte; the rest is read and dropped, so that this end does not hold a large one either."""
            left = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(min(left, 2**20))
            left -= len(body)
            while left > 0:
                left -= len(self.rfile.read(min(left, 2**16)))
            return body

        do_GET = do_POST = do_PUT = do_DELETE = respond

        def log_message(self, format: str, *args: object) -> None:
            """Standard error belongs to the command."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield fake
    server.shutdown()
    thread.join()
    server.server_close()


def is_signed(asked: Asked, query: str) -> bool:
    raw = [(name.encode(), value.encode()) for name, value in asked.headers.items()]
    head = Head(method=asked.method, path=asked.path.encode(), query=query.encode(), headers=raw)
    claim = read_claim(head)
    hashed = claim.content or hashlib.sha256(asked.body).hexdigest()
    return claim.access == ACCESS_KEY and proves(claim, head, hashed, SECRET_KEY)


@pytest.fixture
def penstock(
    service: FakeService, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Any
) -> Penstock:
    """Runs the command as this service's caller, in an environment that names nothing else of ours."""
    profile = tmp_path / "profile.json"
    named = {"endpoint": service.endpoint, "project_id": PROJECT, "access_key": ACCESS_KEY, "secret_key": SECRET_KEY}
    profile.write_text(json.dumps(named), encoding="utf-8")
    for name in ("STATE", "PROFILE", "ENDPOINT", "PROJECT", "ACCESS_KEY", "SECRET_KEY"):
        monkeypatch.delenv(f"PENSTOCK_{name}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PENSTOCK_PROFILE", str(profile))

    def call(*arguments: str) -> Outcome:
        capfd.readouterr()
        code = run(arguments)
        said = capfd.readouterr()
        return Outcome(code=code, out=said.out, err=said.err)

    return call
