"""What must be told and is not yet delivered: letters, when to try again, and when to give up."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from penstock.domain.run import JobId
from penstock.domain.topic import Protocol, Subscription, SubscriptionUrn, TopicUrn

LetterId = NewType("LetterId", str)  # the message's id, a dash, the last part of the subscription's URN

ALARM_LIFE = timedelta(hours=24)
_LONGEST_PAUSE = timedelta(minutes=5)


class LetterKind(StrEnum):
    """SMN's message types."""

    NOTIFICATION = "Notification"
    SUBSCRIPTION_CONFIRMATION = "SubscriptionConfirmation"
    UNSUBSCRIBE_CONFIRMATION = "UnsubscribeConfirmation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is said, before it is known to whom. The same message has the same id, however often it is written."""

    id: str
    subject: str
    text: str
    said_at: datetime
    life: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message to one subscription. It stays as it is until it is delivered; only the tries are counted."""

    id: LetterId
    message_id: str
    topic_urn: TopicUrn
    topic_name: str  # as people may read it
    subscription_urn: SubscriptionUrn
    protocol: Protocol
    endpoint: str
    kind: LetterKind
    subject: str
    message: str
    sealed_token: bytes  # of its link: to confirm, or to leave
    created_at: datetime
    next_try_at: datetime
    expires_at: datetime
    tries: int = 0
    job_id: JobId | None = None  # whose history says what became of it

    def is_expired(self, now: datetime) -> bool:
        return now >= self.expires_at


def letter_to(subscription: Subscription, message: Message, topic_name: str, *, job_id: JobId | None = None) -> Letter:
    """A notification that is due at once."""
    return Letter(
        id=_letter_id(message.id, subscription.urn),
        message_id=message.id,
        topic_urn=subscription.topic_urn,
        topic_name=topic_name,
        subscription_urn=subscription.urn,
        protocol=subscription.protocol,
        endpoint=subscription.endpoint,
        kind=LetterKind.NOTIFICATION,
        subject=message.subject,
        message=message.text,
        sealed_token=subscription.sealed_leave,
        created_at=message.said_at,
        next_try_at=message.said_at,
        expires_at=message.said_at + message.life,
        job_id=job_id,
    )


def about_subscription(letter: Letter, kind: LetterKind, sealed_token: bytes) -> Letter:
    """The same letter as one that asks for a confirmation, or says farewell; its link carries this token."""
    return replace(letter, kind=kind, sealed_token=sealed_token, subject="")


def after_failure(letter: Letter, now: datetime) -> Letter:
    """Tried again after 1, 2, 4 … 300 s, at the latest when it expires, to be given up then.

    The jitter (up to a tenth) follows from the letter's id, so that letters to one receiver do not return together.
    """
    pause = min(_LONGEST_PAUSE, timedelta(seconds=2 ** min(letter.tries, 10)))
    jitter = int(hashlib.sha256(letter.id.encode()).hexdigest()[:4], 16) / 0xFFFF / 10
    return replace(letter, tries=letter.tries + 1, next_try_at=min(letter.expires_at, now + pause * (1 + jitter)))


def _letter_id(message_id: str, urn: SubscriptionUrn) -> LetterId:
    return LetterId(f"{message_id}-{urn.rpartition(':')[2]}")
