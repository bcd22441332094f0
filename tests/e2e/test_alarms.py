"""Alarms of real jobs, at a real receiver and in a real mailbox; receivers that fail, and a service that is killed."""

import re
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdksmn import v2 as smn

from e2e.scenery import Scenery
from e2e.service import SMALL, Service, a_job, a_service, wait_for
from notifiers.servers import MailReceiver, WebReceiver, open_until_the_end
from notifiers.test_webhook import verify

pytestmark = pytest.mark.flink

TOPICS = "/v2/{project}/notifications/topics"
SETTINGS = """
[outgoing]
allow = ["127.0.0.0/8"]
[notifiers.email]
host = "127.0.0.1"
port = {port}
sender = "penstock@mail.example"
starttls = false
"""


@pytest.fixture(scope="module")
def mailbox() -> Iterator[MailReceiver]:
    with open_until_the_end(MailReceiver()) as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def service(scenery: Scenery, mailbox: MailReceiver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One that may call this machine, and has a mail server."""
    settings = SMALL + SETTINGS.format(port=mailbox.port)
    with a_service(tmp_path_factory.mktemp("alarms"), settings, scenery) as service:
        yield service


@pytest.fixture
def receiver() -> Iterator[WebReceiver]:
    with open_until_the_end(WebReceiver()) as receiver:
        yield receiver


def topic(service: Service, name: str) -> str:
    urn: str = service.answered("POST", TOPICS, {"name": name})["topic_urn"]
    return urn


def subscribe(service: Service, urn: str, receiver: WebReceiver | MailReceiver) -> None:
    asked = {"protocol": receiver.protocol.value, "endpoint": receiver.endpoint}
    service.answered("POST", f"{TOPICS}/{urn}/subscriptions", asked)


def confirm(link: str) -> None:
    assert httpx.get(link, trust_env=False).status_code == 200


def hears(service: Service, urn: str, receiver: WebReceiver) -> None:
    """Subscribed and confirmed, as a receiver does it; what it has heard of that is forgotten."""
    subscribe(service, urn, receiver)
    wait_for(lambda: receiver.posts, "the receiver is asked to confirm")
    document = receiver.posts[-1][2]
    assert document["type"] == "SubscriptionConfirmation"
    confirm(document["subscribe_url"])
    receiver.posts.clear()


def gets_mail(service: Service, urn: str, mailbox: MailReceiver) -> None:
    """The same by mail."""
    mailbox.mails.clear()
    subscribe(service, urn, mailbox)
    wait_for(lambda: mailbox.mails, "the mailbox is asked to confirm")
    confirm(re.findall(r"http://\S+confirm\S+", mailbox.mails[-1].get_content())[0])
    mailbox.mails.clear()


def publish(service: Service, urn: str, message: str) -> str:
    message_id: str = service.answered("POST", f"{TOPICS}/{urn}/publish", {"message": message})["message_id"]
    return message_id


def documents(receiver: WebReceiver) -> list[dict[str, Any]]:
    return [document for _, _, document in receiver.posts]


def delivered(service: Service, job: int) -> list[str]:
    """The facts about alarms, once nothing is under way any more."""
    wait_for(lambda: "alarm_delivered" in service.history(job), "the alarm is delivered", lambda: service.history(job))
    return [what for what in service.history(job) if what.startswith("alarm")]


def test_a_job_that_breaks_tells_its_subscribers_once_and_signed(
    service: Service, receiver: WebReceiver, mailbox: MailReceiver
) -> None:
    urn = topic(service, "breaks")
    hears(service, urn, receiver)
    gets_mail(service, urn, mailbox)

    job = service.create(a_job("breaks-alarm", "FailsAfter", "--records 300", smn_topic="breaks"))
    service.until(job, "job_running_exception")
    wait_for(lambda: service.history(job).count("alarm_delivered") == 2, "both are told")

    [(_, headers, document)] = receiver.posts
    verify(document, httpx.get(document["signing_cert_url"], trust_env=False).text)
    assert document["subject"] == f"Flink job breaks-alarm ({job}) failed: job_running_exception"
    assert "the job failed on purpose" in document["message"]
    assert headers["X-SMN-MESSAGE-TYPE"] == "Notification"
    assert headers["X-SMN-MESSAGE-ID"] == document["message_id"]
    assert headers["X-SMN-TOPIC-URN"] == document["topic_urn"] == urn
    [mail] = mailbox.mails
    assert mail["Subject"] == document["subject"]
    assert document["message_id"] in mail["Message-ID"]
    assert "the job failed on purpose" in mail.get_content()
    assert [what for what in service.history(job) if what.startswith("alarm")] == [
        "alarm_written",
        "alarm_delivered",
        "alarm_delivered",
    ]


def test_a_job_that_cannot_be_submitted_tells_too(service: Service, receiver: WebReceiver) -> None:
    urn = topic(service, "refused")
    hears(service, urn, receiver)

    job = service.create(a_job("refused-alarm", "MainThrows", smn_topic="refused"))
    service.until(job, "job_submit_fail")

    assert delivered(service, job) == ["alarm_written", "alarm_delivered"]
    [document] = documents(receiver)
    assert "could not be submitted" in document["subject"]


def test_a_topic_that_is_not_there_is_refused(service: Service) -> None:
    answer = service.ask("POST", "/v1.0/{project}/streaming/flink-jobs", a_job("nobody", smn_topic="nobody"))
    chinese = service.ask(
        "POST", "/v1.0/{project}/streaming/flink-jobs", a_job("nobody", smn_topic="nobody"), language="zh-cn"
    )

    assert (answer.status_code, answer.json()["error_code"]) == (400, "DLI.11032")
    assert chinese.json()["error_msg"] == "SMN主题不存在请用户选择一个可用SMN主题"


def test_a_service_killed_while_it_tells_tells_once_more_under_the_same_id(
    service: Service, receiver: WebReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    urn = topic(service, "killed")
    hears(service, urn, receiver)
    gate = threading.Event()
    monkeypatch.setattr(receiver, "before_answering", lambda: gate.wait(30))

    message_id = publish(service, urn, "told twice")
    wait_for(lambda: receiver.posts, "the receiver has it")
    service.kill()
    gate.set()
    service.start()
    wait_for(lambda: len(receiver.posts) > 1, "it comes again")

    assert {document["message_id"] for document in documents(receiver)} == {message_id}
    assert publish(service, urn, "and goes on") != message_id
    wait_for(lambda: documents(receiver)[-1]["message"] == "and goes on", "the next one comes")
    assert len(receiver.posts) == 3


def test_a_receiver_that_fails_is_told_until_it_takes_it(service: Service, receiver: WebReceiver) -> None:
    urn = topic(service, "fails")
    hears(service, urn, receiver)
    receiver.status = 500

    message_id = publish(service, urn, "again and again")
    wait_for(lambda: len(receiver.posts) >= 3, "it is tried again")
    receiver.status = 200
    tries = len(receiver.posts)
    wait_for(lambda: len(receiver.posts) > tries, "it is told once more")

    assert {document["message_id"] for document in documents(receiver)} == {message_id}


def test_a_slow_receiver_holds_up_nobody_else(
    service: Service, receiver: WebReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    urn = topic(service, "slow")
    gate = threading.Event()
    with open_until_the_end(WebReceiver()) as quick:
        hears(service, urn, receiver)
        hears(service, urn, quick)
        monkeypatch.setattr(receiver, "before_answering", lambda: gate.wait(30))

        ids = [publish(service, urn, f"message {number}") for number in range(5)]
        wait_for(lambda: len(quick.posts) == 5, "the quick one has them all")

        assert {document["message_id"] for document in documents(quick)} == set(ids)
        assert len(receiver.posts) == 1
        gate.set()


def test_a_receiver_that_redirects_inside_is_given_up(service: Service, receiver: WebReceiver) -> None:
    urn = topic(service, "redirects")
    hears(service, urn, receiver)
    receiver.status, receiver.location = 307, "http://169.254.169.254/latest/meta-data/"
    already = service.log.stat().st_size

    message_id = publish(service, urn, "x")

    def said() -> str:
        return service.log.read_bytes()[already:].decode()

    wait_for(lambda: "letter given up" in said() and message_id in said(), "it is given up", said)
    assert len(receiver.posts) == 1


def test_a_mail_server_that_is_away_gets_the_mail_later(service: Service, mailbox: MailReceiver) -> None:
    urn = topic(service, "mails")
    gets_mail(service, urn, mailbox)
    mailbox.answer = "451 not now"
    already = service.log.stat().st_size

    publish(service, urn, "late")
    wait_for(lambda: b"letter not taken" in service.log.read_bytes()[already:], "the server says not now")
    mailbox.answer = ""

    wait_for(lambda: mailbox.mails, "the mail comes")
    assert "late" in mailbox.mails[0].get_content()


# --- the official client ---


@pytest.fixture
def client(service: Service) -> Iterator[smn.SmnClient]:
    known = service.profile
    credentials = BasicCredentials(known["access_key"], known["secret_key"], known["project_id"])
    config = HttpConfig(retry_times=0, timeout=60)
    builder = smn.SmnClient.new_builder().with_credentials(credentials).with_http_config(config)
    client = builder.with_endpoints([known["endpoint"]]).build()
    yield client
    client.close()


def test_the_official_client_makes_lists_and_publishes(
    service: Service, receiver: WebReceiver, client: smn.SmnClient
) -> None:
    asked = smn.CreateTopicRequestBody(name="through-the-sdk", display_name="经由SDK创建")
    urn = client.create_topic(smn.CreateTopicRequest(asked)).topic_urn
    assert urn == f"urn:smn:{service.profile['project_name']}:{service.profile['project_id']}:through-the-sdk"

    listed = client.list_topics(smn.ListTopicsRequest(name="through-the-sdk"))
    assert (listed.topic_count, listed.topics[0].topic_urn) == (1, urn)
    assert client.list_topic_details(smn.ListTopicDetailsRequest(topic_urn=urn)).display_name == "经由SDK创建"
    client.update_topic(smn.UpdateTopicRequest(topic_urn=urn, body=smn.UpdateTopicRequestBody(display_name="new")))

    wish = smn.AddSubscriptionRequestBody(protocol="http", endpoint=receiver.endpoint, remark="SDK")
    subscription = client.add_subscription(smn.AddSubscriptionRequest(topic_urn=urn, body=wish)).subscription_urn
    wait_for(lambda: receiver.posts, "the receiver is asked to confirm")
    confirm(receiver.posts.pop()[2]["subscribe_url"])
    found = client.list_subscriptions_by_topic(smn.ListSubscriptionsByTopicRequest(topic_urn=urn)).subscriptions
    assert [(one.subscription_urn, one.status, one.remark) for one in found] == [(subscription, 1, "SDK")]
    assert client.list_subscriptions(smn.ListSubscriptionsRequest(endpoint=receiver.endpoint)).subscription_count == 1

    said = smn.PublishMessageRequestBody(subject="主题", message="经由SDK", time_to_live="60")
    message_id = client.publish_message(smn.PublishMessageRequest(topic_urn=urn, body=said)).message_id
    wait_for(lambda: receiver.posts, "the message comes")
    assert [(one["message_id"], one["message"], one["subject"]) for one in documents(receiver)] == [
        (message_id, "经由SDK", "主题")
    ]

    client.cancel_subscription(smn.CancelSubscriptionRequest(subscription_urn=subscription))
    client.delete_topic(smn.DeleteTopicRequest(topic_urn=urn))
    with pytest.raises(ClientRequestException) as gone:
        client.list_topic_details(smn.ListTopicDetailsRequest(topic_urn=urn))
    assert (gone.value.status_code, gone.value.error_code) == (404, "SMN.0006")
