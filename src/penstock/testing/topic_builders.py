"""Whole topics, subscriptions and letters with defaults, so that a test spells out only what matters to it."""

from datetime import timedelta
from typing import Any

from penstock.domain.outbox import Letter, Message, letter_to
from penstock.domain.topic import Protocol, Subscription, SubscriptionStatus, SubscriptionUrn, Topic, TopicUrn
from penstock.testing.builders import PROJECT
from penstock.testing.clock import NOON

TOPIC_URN = TopicUrn(f"urn:smn:cn-north-4:{PROJECT}:topic")


def a_topic(**changes: Any) -> Topic:
    name, project_id = changes.get("name", "topic"), changes.get("project_id", PROJECT)
    defaults: dict[str, Any] = {
        "id": "d" * 32,
        "urn": TopicUrn(f"urn:smn:cn-north-4:{project_id}:{name}"),
        "project_id": project_id,
        "name": name,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Topic(**defaults | changes)


def a_subscription(number: int = 1, **changes: Any) -> Subscription:
    """A confirmed one; each number has its own endpoint and tokens."""
    topic_urn = changes.get("topic_urn", TOPIC_URN)
    defaults: dict[str, Any] = {
        "urn": SubscriptionUrn(f"{topic_urn}:{number:032x}"),
        "topic_urn": topic_urn,
        "project_id": PROJECT,
        "protocol": Protocol.HTTP,
        "endpoint": f"http://receiver-{number}.example/hook",
        "created_at": NOON,
        "status": SubscriptionStatus.CONFIRMED,
        "leave_hash": f"leave-{number}",
        "sealed_leave": f"sealed-{number}".encode(),
    }
    return Subscription(**defaults | changes)


def a_message(number: int = 1, **changes: Any) -> Message:
    defaults: dict[str, Any] = {
        "id": f"{number:032x}",
        "subject": "subject",
        "text": "text",
        "said_at": NOON,
        "life": timedelta(hours=1),
    }
    return Message(**defaults | changes)


def a_letter(number: int = 1, **changes: Any) -> Letter:
    """To the subscription of that number; other fields are those of the message."""
    subscription = changes.pop("subscription", a_subscription(number))
    job_id = changes.pop("job_id", None)
    return letter_to(subscription, a_message(number, **changes), "topic", job_id=job_id)
