"""The webhook pushes in SMN's shape, signed as SMN's receivers verify it."""

import base64
from ipaddress import ip_network

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509 import load_pem_x509_certificate

from notifiers.servers import WebReceiver, open_until_the_end
from penstock.domain.errors import OutsideUnavailable, SetupError
from penstock.domain.links import Links
from penstock.domain.outbox import LetterKind, about_subscription
from penstock.notifiers.webhook import Webhook, plugin
from penstock.outgoing.guard import GuardedCalls
from penstock.outgoing.stamp import FileStamp
from penstock.ports.notifier import NotifierSurroundings
from penstock.testing.clock import ManualClock
from penstock.testing.topic_builders import TOPIC_URN, a_letter, a_subscription

pytestmark = pytest.mark.anyio

LINK = "http://penstock.example/link?token=t"
SIGNED = {
    "Notification": ("message", "message_id", "subject", "timestamp", "topic_urn", "type"),
    "SubscriptionConfirmation": ("message", "message_id", "subscribe_url", "timestamp", "topic_urn", "type"),
    "UnsubscribeConfirmation": ("message", "message_id", "subscribe_url", "timestamp", "topic_urn", "type"),
}


def verify(document, certificate):
    """As a receiver does it (smn: "Message signature verification"); raises InvalidSignature."""
    names = [name for name in SIGNED[document["type"]] if document.get(name)]
    text = "".join(f"{name}\n{document[name]}\n" for name in names)
    key = load_pem_x509_certificate(certificate.encode()).public_key()
    key.verify(base64.b64decode(document["signature"]), text.encode(), padding.PKCS1v15(), hashes.SHA256())


@pytest.fixture
def receiver():
    with open_until_the_end(WebReceiver()) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def stamp_file(tmp_path_factory):
    return tmp_path_factory.mktemp("stamp") / "stamp.pem"


@pytest.fixture
def stamp(stamp_file):
    return FileStamp(stamp_file, ManualClock())


@pytest.fixture
def webhook(stamp):
    outgoing, links = GuardedCalls([ip_network("127.0.0.0/8")]), Links("http://penstock.example")
    return Webhook(NotifierSurroundings(outgoing=outgoing, stamp=stamp, links=links))


def letter_to(receiver, kind=LetterKind.NOTIFICATION, **changes):
    letter = a_letter(subscription=a_subscription(endpoint=receiver.endpoint), **changes)
    return letter if kind is LetterKind.NOTIFICATION else about_subscription(letter, kind, b"")


@pytest.mark.parametrize("kind", LetterKind)
@pytest.mark.parametrize("subject", ["Job failed", "主题 🔥", ""])
async def test_every_push_verifies(webhook, stamp, receiver, kind, subject):
    await webhook.tell(letter_to(receiver, kind, subject=subject, text="第一行\nsecond line"), LINK)

    [(_, _, document)] = receiver.posts
    verify(document, await stamp.certificate())
    with pytest.raises(InvalidSignature):
        verify(document | {"message": "other"}, await stamp.certificate())


async def test_a_notification_has_smns_keys_and_headers(webhook, stamp, receiver):
    letter = letter_to(receiver)

    await webhook.tell(letter, LINK)

    [(_, headers, document)] = receiver.posts
    assert {name: document[name] for name in document.keys() - {"signature"}} == {
        "type": "Notification",
        "signature_version": "v1",
        "topic_urn": TOPIC_URN,
        "message_id": letter.message_id,
        "subject": "subject",
        "message": "text",
        "timestamp": "2025-06-01T12:00:00Z",
        "unsubscribe_url": LINK,
        "signing_cert_url": f"http://penstock.example/smn/certificates/{await stamp.name()}.pem",
    }
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert {name: value for name, value in headers.items() if name.upper().startswith("X-SMN")} == {
        "X-SMN-MESSAGE-TYPE": "Notification",
        "X-SMN-MESSAGE-ID": letter.message_id,
        "X-SMN-TOPIC-URN": TOPIC_URN,
        "X-SMN-SUBSCRIPTION-URN": letter.subscription_urn,
    }


async def test_a_question_has_the_link_to_confirm(webhook, receiver):
    await webhook.tell(letter_to(receiver, LetterKind.SUBSCRIPTION_CONFIRMATION), LINK)

    [(_, _, document)] = receiver.posts
    assert (document["subscribe_url"], "unsubscribe_url" in document) == (LINK, False)


@pytest.mark.parametrize("status", [301, 400, 401, 404, 429, 500, 502, 503])
async def test_all_but_success_and_gone_is_worth_another_try(webhook, receiver, status):
    receiver.status = status

    with pytest.raises(OutsideUnavailable, match=str(status)):
        await webhook.tell(letter_to(receiver), LINK)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_every_success_is_taken(webhook, receiver, status):
    receiver.status, receiver.answer = status, b""

    await webhook.tell(letter_to(receiver), LINK)


def test_it_has_no_settings():
    with pytest.raises(SetupError, match="'url'"):
        plugin.settings({"url": "x"})
