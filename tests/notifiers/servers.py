"""Real receivers on loopback: an HTTP server whose answers a test sets, and an SMTP server that keeps what it is sent."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope

from penstock.domain.topic import Protocol

R = TypeVar("R", "WebReceiver", "MailReceiver")


class WebReceiver:
    """`testing.notifier_suite.Receiver` over HTTP; `posts` has (path, headers, document) of all that came."""

    protocol = Protocol.HTTP

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, str], Any]] = []
        self.gets: list[str] = []
        self.status, self.location, self.answer = 200, "", b"{}"
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                receiver.posts.append((self.path, dict(self.headers.items()), json.loads(body)))
                self._answer()

            def do_GET(self) -> None:
                receiver.gets.append(self.path)
                self._answer()

            def _answer(self) -> None:
                receiver.before_answering()
                self.send_response(receiver.status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", str(len(receiver.answer)))
                self.end_headers()
                self.wfile.write(receiver.answer)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.port = self._server.server_port
        self.endpoint = f"http://127.0.0.1:{self.port}/hook"

    def before_answering(self) -> None:
        """A test may let it wait here."""

    def received(self) -> list[str]:
        return [json.dumps([headers, document], ensure_ascii=False) for _, headers, document in self.posts]

    def is_away(self) -> None:
        self.status = 503

    def is_gone(self) -> None:
        self.status = 410

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class MailReceiver:
    """`testing.notifier_suite.Receiver` over SMTP; `mails` has what came, parsed."""

    protocol = Protocol.EMAIL
    endpoint = "somebody@mail.example"

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answer = ""
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    async def handle_RCPT(
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        self.mails.append(message_from_bytes(content, EmailMessage, policy=policy.default))
        return "250 taken"

    def received(self) -> list[str]:
        return [f"{dict(mail.items())}\n{mail.get_content()}" for mail in self.mails]

    def is_away(self) -> None:
        self.answer = "451 not now"

    def is_gone(self) -> None:
        self.answer = "550 no such mailbox"

    def close(self) -> None:
        self._controller.stop()


def free_port() -> int:
    """aiosmtpd wants to know its port before it listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def open_until_the_end(receiver: R) -> Iterator[R]:
    try:
        yield receiver
    finally:
        receiver.close()
