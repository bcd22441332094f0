"""Mails: what is in them, what the server's answers mean, and settings that cannot be used."""

import pytest

from notifiers.servers import MailReceiver, free_port, open_until_the_end
from penstock.domain.errors import OutsideRefused, OutsideUnavailable, SetupError
from penstock.domain.outbox import LetterKind, about_subscription
from penstock.domain.topic import Protocol
from penstock.notifiers.email import Email, plugin
from penstock.testing.topic_builders import a_letter, a_subscription

pytestmark = pytest.mark.anyio

LINK = "http://penstock.example/smn/subscriptions/leave?token=t"


@pytest.fixture
def receiver():
    with open_until_the_end(MailReceiver()) as receiver:
        yield receiver


def settings(port, **more):
    given = {"host": "127.0.0.1", "port": port, "sender": "penstock@mail.example", "starttls": False}
    return plugin.settings(given | more)


def a_mail(**changes):
    subscription = a_subscription(protocol=Protocol.EMAIL, endpoint="somebody@mail.example")
    return a_letter(subscription=subscription, **changes)


async def told(receiver, letter):
    await Email(settings(receiver.port)).tell(letter, LINK)
    return receiver.mails[-1]


async def test_a_mail_says_who_what_and_how_to_leave(receiver):
    mail = await told(receiver, a_mail(subject="Job 价格 failed", text="第一行\nsecond line"))

    assert (mail["Subject"], mail["To"]) == ("Job 价格 failed", "somebody@mail.example")
    assert mail["From"] == "topic <penstock@mail.example>"
    assert mail["Date"] == "Sun, 01 Jun 2025 12:00:00 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"]) == (f"<{LINK}>", "List-Unsubscribe=One-Click")
    assert mail.get_content().replace("\r\n", "\n").startswith("第一行\nsecond line\n")
    assert LINK in mail.get_content()


async def test_the_same_letter_has_the_same_message_id(receiver):
    first, second = await told(receiver, a_mail()), await told(receiver, a_mail())

    assert first["Message-ID"] == second["Message-ID"] == f"<{a_mail().id}@mail.example>"


async def test_a_question_says_what_to_do_in_its_subject(receiver):
    mail = await told(receiver, about_subscription(a_mail(), LetterKind.SUBSCRIPTION_CONFIRMATION, b""))

    assert mail["Subject"] == "Confirm that you want messages from topic"
    assert f"To confirm, open {LINK}" in mail.get_content()
    assert mail["List-Unsubscribe"] is None


@pytest.mark.parametrize(("answer", "error"), [("451 later", OutsideUnavailable), ("550 nobody", OutsideRefused)])
async def test_the_servers_answer_decides_about_another_try(receiver, answer, error):
    receiver.answer = answer

    with pytest.raises(error, match=answer[:3]):
        await Email(settings(receiver.port)).tell(a_mail(), LINK)


async def test_no_server_is_passing():
    with pytest.raises(OutsideUnavailable):
        await Email(settings(free_port())).tell(a_mail(), LINK)


async def test_a_server_without_the_encryption_that_was_asked_for_gets_nothing(receiver):
    with pytest.raises(OutsideUnavailable, match="STARTTLS"):
        await Email(settings(receiver.port, starttls=True)).tell(a_mail(), LINK)

    assert receiver.mails == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "host"),
        ({"host": "h"}, "sender"),
        ({"host": "h", "sender": "nobody"}, "sender"),
        ({"host": "h", "sender": "a@b", "port": 0}, "port"),
        ({"host": "h", "sender": "a@b", "pasword": "x"}, "pasword"),
        ({"host": "h", "sender": "a@b", "user": "u", "password": "geheim", "starttls": False}, "in the clear"),
    ],
)
def test_settings_that_cannot_be_used_are_told_without_the_password(given, words):
    with pytest.raises(SetupError, match=words) as raised:
        plugin.settings(given)

    assert "geheim" not in str(raised.value)


def test_the_environment_gives_texts():
    read = plugin.settings({"host": "h", "sender": "a@b", "port": "25", "starttls": "false"})

    assert (read.port, read.starttls) == (25, False)
