"""`penstock topic` makes topics and tells who hears them."""

import pytest

TOPICS = "/v2/p1/notifications/topics"
URN = "urn:smn:cn-north-4:p1:ops"
TOPIC = {"name": "ops", "display_name": "", "topic_urn": URN}


@pytest.fixture
def ops(service):
    service.answers_to("GET", TOPICS, {"topic_count": 1, "topics": [TOPIC]})
    return service


def test_a_topic_is_made(service, penstock):
    service.answers_to("POST", TOPICS, {"topic_urn": URN}, 201)

    outcome = penstock("topic", "create", "ops", "--display-name", "运维")

    assert service.posted(TOPICS) == [{"name": "ops", "display_name": "运维"}]
    assert outcome.out == f"Topic ops is there: {URN}\n"


def test_topics_are_listed(ops, penstock):
    assert URN in penstock("topic", "list").out
    assert penstock("topic", "list", "--json").document == [TOPIC]


def test_the_subscriptions_of_a_topic_are_listed(ops, penstock):
    one = {"protocol": "email", "endpoint": "a@b.c", "status": 0, "remark": "", "subscription_urn": f"{URN}:1"}
    ops.answers_to("GET", f"{TOPICS}/{URN}/subscriptions", {"subscriptions": [one]})

    outcome = penstock("topic", "list", "ops")

    assert "unconfirmed" in outcome.out
    assert "a@b.c" in outcome.out


@pytest.mark.parametrize(
    ("endpoint", "protocol"), [("https://x.example", "https"), ("http://x.example", "http"), ("a@b.c", "email")]
)
def test_the_endpoint_says_its_protocol(ops, penstock, endpoint, protocol):
    path = f"{TOPICS}/{URN}/subscriptions"
    ops.answers_to("POST", path, {"subscription_urn": f"{URN}:1"}, 201)

    outcome = penstock("topic", "subscribe", "ops", endpoint)

    assert ops.posted(path) == [{"protocol": protocol, "endpoint": endpoint, "remark": ""}]
    assert "asked to confirm" in outcome.out


def test_a_message_is_published(ops, penstock):
    ops.answers_to("POST", f"{TOPICS}/{URN}/publish", {"message_id": "m1"})

    outcome = penstock("topic", "publish", "ops", "hello", "--subject", "test")

    assert ops.posted(f"{TOPICS}/{URN}/publish") == [{"message": "hello", "subject": "test"}]
    assert "m1" in outcome.out


def test_a_topic_and_a_subscription_are_deleted(ops, penstock):
    ops.answers_to("DELETE", f"{TOPICS}/{URN}", {})
    ops.answers_to("DELETE", f"/v2/p1/notifications/subscriptions/{URN}:1", {})

    assert penstock("topic", "delete", "ops").code == 0
    assert penstock("topic", "unsubscribe", f"{URN}:1").code == 0


def test_a_topic_that_is_not_there_is_told_with_what_to_do(service, penstock):
    service.answers_to("GET", TOPICS, {"topics": []})

    outcome = penstock("topic", "publish", "nowhere", "hello")

    assert outcome.code == 1
    assert "There is no topic nowhere." in outcome.err
    assert "penstock topic create nowhere" in outcome.err


def test_an_error_of_smn_is_told_in_its_words(ops, penstock):
    refusal = {"request_id": "r", "code": "SMN.0012", "message": "Parameter: Endpoint is invalid."}
    ops.answers_to("POST", f"{TOPICS}/{URN}/subscriptions", refusal, 400)

    outcome = penstock("topic", "subscribe", "ops", "http://10.0.0.1")

    assert "Parameter: Endpoint is invalid. (SMN.0012, HTTP 400)" in outcome.err
