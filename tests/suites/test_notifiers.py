"""Every notifier keeps what the port promises: the webhook, the mail, and the fake."""

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import SecretStr

from notifiers.servers import MailReceiver, WebReceiver, open_until_the_end
from penstock.domain.errors import OutsideRefused, OutsideUnavailable
from penstock.domain.links import Links
from penstock.domain.topic import Protocol
from penstock.notifiers.email import Email, EmailSettings
from penstock.notifiers.webhook import Webhook
from penstock.outgoing.guard import GuardedCalls
from penstock.outgoing.stamp import FileStamp
from penstock.ports.clock import SystemClock
from penstock.ports.notifier import NotifierSurroundings
from penstock.testing.notifier import FakeNotifier
from penstock.testing.notifier_suite import NotifierSuite

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="session")
def stamp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: a key takes a while."""
    return tmp_path_factory.mktemp("stamp") / "stamp.pem"


class TestWebhook(NotifierSuite):
    @pytest.fixture
    def receiver(self) -> Iterator[WebReceiver]:
        with open_until_the_end(WebReceiver()) as receiver:
            yield receiver

    @pytest.fixture
    def notifier(self, stamp: Path) -> Webhook:
        outgoing = GuardedCalls([ip_network("127.0.0.0/8")])
        links = Links("http://penstock.example")
        return Webhook(NotifierSurroundings(outgoing=outgoing, stamp=FileStamp(stamp, SystemClock()), links=links))


class TestEmail(NotifierSuite):
    @pytest.fixture
    def receiver(self) -> Iterator[MailReceiver]:
        with open_until_the_end(MailReceiver()) as receiver:
            yield receiver

    @pytest.fixture
    def notifier(self, receiver: MailReceiver) -> Email:
        settings = EmailSettings(
            host="127.0.0.1", port=receiver.port, sender="penstock@mail.example", starttls=False, password=SecretStr("")
        )
        return Email(settings)


class FakeReceiver:
    """Whom the fake tells."""

    endpoint = "http://receiver.example"
    protocol = Protocol.HTTP

    def __init__(self, notifier: FakeNotifier) -> None:
        self._notifier = notifier

    def received(self) -> list[str]:
        told = self._notifier.told
        return [
            f"{letter.message_id} {letter.subject} {letter.message} {letter.topic_urn} {link}" for letter, link in told
        ]

    def is_away(self) -> None:
        self._notifier.trouble = OutsideUnavailable()

    def is_gone(self) -> None:
        self._notifier.trouble = OutsideRefused()


class TestFake(NotifierSuite):
    @pytest.fixture
    def notifier(self) -> FakeNotifier:
        return FakeNotifier()

    @pytest.fixture
    def receiver(self, notifier: FakeNotifier) -> FakeReceiver:
        return FakeReceiver(notifier)
