"""Subscribing to topics, confirming and leaving; whoever is told has asked for it, by a link that only they were sent.

Of the tokens in such links the records keep hashes. The one to leave is kept sealed as well, for the messages to come.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from penstock.domain.errors import Invalid, NotFound, NotNow
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.outbox import LetterKind, Message, about_subscription, letter_to
from penstock.domain.topic import (
    CONFIRM_WITHIN,
    SUBSCRIPTION_DIGITS,
    SUBSCRIPTIONS_LIMIT,
    Protocol,
    Subscription,
    SubscriptionStatus,
    SubscriptionUrn,
    Topic,
    TopicUrn,
    is_subscription_urn,
    subscription_faults_of,
)
from penstock.ports.bell import OUTBOX
from penstock.ports.records import Tx
from penstock.ports.topics import SubscriptionFilter, SubscriptionPage
from penstock.usecases.desk import Desk
from penstock.usecases.errand import Errand
from penstock.usecases.topics import found_topic

_TOKEN_LENGTH = 64
_MESSAGE_DIGITS = 32
_ASK_AGAIN_AFTER = timedelta(minutes=1)
_INVITATION = (
    "Somebody asked that messages of the topic {urn} be sent here. If you want them, open the link within 48 hours; "
    "if not, do nothing."
)
_FAREWELL = (
    "Messages of the topic {urn} are no longer sent here. If you want them again, open the link within 48 hours."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubscription:
    """Who is to be told, and how; the protocol is still as the caller wrote it."""

    protocol: str
    endpoint: str
    remark: str = ""


async def subscribe(
    desk: Desk, errand: Errand, topic_urn: str, new: NewSubscription, known: Sequence[Fault] = ()
) -> Subscription:
    """Unconfirmed, and a letter on its way that asks for the confirmation. An endpoint that hears the topic already is
    answered as it is; one that has not confirmed is asked again. Raises NotFound or Invalid."""
    await desk.records.look(found_topic, errand, topic_urn)
    if faults := [*known, *_beside(known, _faults(desk, new))]:
        raise Invalid(faults)
    subscription = await desk.records.change(_subscribe, desk, errand, topic_urn, new)
    desk.bell.ring(OUTBOX)
    return subscription


async def list_subscriptions(
    desk: Desk, errand: Errand, wanted: SubscriptionFilter, topic_urn: str = ""
) -> SubscriptionPage:
    """Of the project, or of one topic. Raises NotFound, or Invalid where the URN is none."""
    return await desk.records.look(_list, errand, wanted, topic_urn)


async def unsubscribe(desk: Desk, errand: Errand, urn: str) -> None:
    """Deleted, with what was not delivered yet. Raises NotFound, or Invalid where the URN is none."""
    await desk.records.change(_unsubscribe, errand, urn)


async def confirm(desk: Desk, token: str) -> Subscription:
    """From now on it hears its topic; the token works once. Raises NotFound."""
    return await desk.records.change(_confirm, desk, token)


async def leave(desk: Desk, token: str) -> Subscription:
    """It hears nothing more; a farewell says how to come back. Raises NotFound."""
    subscription = await desk.records.change(_leave, desk, token)
    desk.bell.ring(OUTBOX)
    return subscription


def _faults(desk: Desk, new: NewSubscription) -> list[Fault]:
    faults = subscription_faults_of(new.protocol, new.endpoint, new.remark)
    if faults:
        return faults
    if new.protocol not in desk.protocols:
        known = ", ".join(sorted(desk.protocols))
        return [Fault.at("protocol", FaultCode.PROTOCOL_INVALID, protocol=new.protocol, known=known)]
    if new.protocol != Protocol.EMAIL and not desk.permits(new.endpoint):
        return [Fault.at("endpoint", FaultCode.ENDPOINT_FORBIDDEN, endpoint=new.endpoint)]
    return []


def _beside(known: Sequence[Fault], more: Sequence[Fault]) -> list[Fault]:
    paths = {fault.path for fault in known}
    return [fault for fault in more if fault.path not in paths]


def _subscribe(tx: Tx, desk: Desk, errand: Errand, topic_urn: str, new: NewSubscription) -> Subscription:
    topic = found_topic(tx, errand, topic_urn)
    kept = tx.subscriptions.at(topic.urn, Protocol(new.protocol), new.endpoint)
    if kept is None:
        if tx.subscriptions.count(topic.urn) >= SUBSCRIPTIONS_LIMIT:
            raise NotNow.of(FaultCode.SUBSCRIPTIONS_TOO_MANY, limit=SUBSCRIPTIONS_LIMIT)
        kept = _unconfirmed(desk, topic, new)
        tx.subscriptions.add(kept)
    if kept.hears or _was_asked_lately(kept, desk.clock.now()):
        return kept
    asked = replace(kept, status=SubscriptionStatus.UNCONFIRMED)
    return _write_to(tx, desk, asked, topic, LetterKind.SUBSCRIPTION_CONFIRMATION)


def _was_asked_lately(subscription: Subscription, now: datetime) -> bool:
    """Or callers could flood strangers' mailboxes with our questions."""
    until = subscription.confirm_until
    return until is not None and now < until - CONFIRM_WITHIN + _ASK_AGAIN_AFTER


def _unconfirmed(desk: Desk, topic: Topic, new: NewSubscription) -> Subscription:
    token = desk.ids.secret(_TOKEN_LENGTH)
    return Subscription(
        urn=SubscriptionUrn(f"{topic.urn}:{desk.ids.hex(SUBSCRIPTION_DIGITS)}"),
        topic_urn=topic.urn,
        project_id=topic.project_id,
        protocol=Protocol(new.protocol),
        endpoint=new.endpoint,
        remark=new.remark,
        created_at=desk.clock.now(),
        leave_hash=_hash(token),
        sealed_leave=desk.vault.seal(token),
    )


def _write_to(tx: Tx, desk: Desk, subscription: Subscription, topic: Topic, kind: LetterKind) -> Subscription:
    """Keep it with a new token to confirm, and write the letter that carries the token."""
    now, token = desk.clock.now(), desk.ids.secret(_TOKEN_LENGTH)
    text = _INVITATION if kind is LetterKind.SUBSCRIPTION_CONFIRMATION else _FAREWELL
    message = Message(
        id=desk.ids.hex(_MESSAGE_DIGITS),
        subject="",
        text=text.format(urn=topic.urn),
        said_at=now,
        life=CONFIRM_WITHIN,
    )
    asked = replace(subscription, confirm_hash=_hash(token), confirm_until=now + CONFIRM_WITHIN)
    letter = letter_to(asked, message, topic.display_name or topic.name)
    tx.subscriptions.save(asked)
    tx.outbox.add(about_subscription(letter, kind, desk.vault.seal(token)))
    return asked


def _list(tx: Tx, errand: Errand, wanted: SubscriptionFilter, topic_urn: str) -> SubscriptionPage:
    if topic_urn:
        wanted = replace(wanted, topic_urn=found_topic(tx, errand, topic_urn).urn)
    return tx.subscriptions.list(errand.project_id, wanted)


def _unsubscribe(tx: Tx, errand: Errand, urn: str) -> None:
    if not is_subscription_urn(urn):
        raise Invalid.of(FaultCode.SUBSCRIPTION_URN_INVALID, "subscription_urn", urn=urn[:300])
    subscription = tx.subscriptions.find(errand.project_id, SubscriptionUrn(urn))
    if subscription is None:
        raise NotFound.of(FaultCode.SUBSCRIPTION_NOT_FOUND, "subscription_urn", urn=urn)
    tx.subscriptions.delete(subscription)


def _confirm(tx: Tx, desk: Desk, token: str) -> Subscription:
    subscription = tx.subscriptions.to_confirm(_hash(token))
    if subscription is None or not subscription.may_confirm(desk.clock.now()):
        raise NotFound.of(FaultCode.LINK_INVALID, "token")
    confirmed = replace(subscription, status=SubscriptionStatus.CONFIRMED, confirm_hash="", confirm_until=None)
    tx.subscriptions.save(confirmed)
    return confirmed


def _leave(tx: Tx, desk: Desk, token: str) -> Subscription:
    subscription = tx.subscriptions.to_leave(_hash(token))
    topic = _topic_of(tx, subscription) if subscription else None
    if subscription is None or topic is None:
        raise NotFound.of(FaultCode.LINK_INVALID, "token")
    if subscription.status is SubscriptionStatus.CANCELLED:
        return subscription
    left = replace(subscription, status=SubscriptionStatus.CANCELLED)
    tx.subscriptions.delete(subscription)  # what is under way to it goes with it
    tx.subscriptions.add(left)
    return _write_to(tx, desk, left, topic, LetterKind.UNSUBSCRIBE_CONFIRMATION)


def _topic_of(tx: Tx, subscription: Subscription) -> Topic | None:
    return tx.topics.find(subscription.project_id, TopicUrn(subscription.topic_urn).rpartition(":")[2])


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
