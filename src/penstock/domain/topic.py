"""Topics, which alarms and messages go to, and the subscriptions that hear them; the words are SMN's."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import NewType
from urllib.parse import urlsplit

from penstock.domain.caller import Project, ProjectId
from penstock.domain.faults import Fault, FaultCode

TopicUrn = NewType("TopicUrn", str)  # urn:smn:{name of the project}:{project}:{topic}
SubscriptionUrn = NewType("SubscriptionUrn", str)  # the topic's, a colon, 32 hex digits

TOPICS_LIMIT = 3000  # of a project (smn: "Creating a topic")
SUBSCRIPTIONS_LIMIT = 10_000  # of a topic (smn: "Adding a subscription")
CONFIRM_WITHIN = timedelta(hours=48)  # smn: "the subscribe_url is valid only within 48 hours"
SUBSCRIPTION_DIGITS = 32

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,254}\Z")
_URN = re.compile(r"urn:smn:[^:\s]{1,255}:([^:\s]{1,64}):([^:\s]{1,255})\Z")
_SUBSCRIPTION_URN = re.compile(r"(urn:smn:[^:\s]{1,255}:[^:\s]{1,64}:[^:\s]{1,255}):[0-9a-f]{32}\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_DISPLAY_NAME_LIMIT = 192  # bytes
_REMARK_LIMIT = 128  # bytes
_ENDPOINT_LIMIT = 512  # characters
# Stricter than RFC 5321: no quotes, comments or lists, so that an address is never more than one address.
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?\Z")


class Protocol(StrEnum):
    """How a subscription is told; of SMN's protocols, those that need no carrier."""

    HTTP = "http"
    HTTPS = "https"
    EMAIL = "email"


class SubscriptionStatus(IntEnum):
    """SMN's numbers; only confirmed ones, and those that need no confirmation, hear anything."""

    UNCONFIRMED = 0
    CONFIRMED = 1
    NO_CONFIRMATION_NEEDED = 2
    CANCELLED = 3
    DELETED = 4


HEARING = frozenset({SubscriptionStatus.CONFIRMED, SubscriptionStatus.NO_CONFIRMATION_NEEDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A name in a project that messages are published to."""

    id: str
    urn: TopicUrn
    project_id: ProjectId
    name: str
    created_at: datetime
    updated_at: datetime
    display_name: str = ""
    enterprise_project_id: str = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Where the messages of a topic go. Of its tokens only hashes are kept, and the one to leave sealed beside them,
    since every message carries it."""

    urn: SubscriptionUrn
    topic_urn: TopicUrn
    project_id: ProjectId
    protocol: Protocol
    endpoint: str
    created_at: datetime
    leave_hash: str
    sealed_leave: bytes
    remark: str = ""
    status: SubscriptionStatus = SubscriptionStatus.UNCONFIRMED
    confirm_hash: str = ""  # empty once it is used
    confirm_until: datetime | None = None

    @property
    def hears(self) -> bool:
        return self.status in HEARING

    def may_confirm(self, now: datetime) -> bool:
        return bool(self.confirm_hash) and self.confirm_until is not None and now < self.confirm_until


def topic_urn_of(project: Project, name: str) -> TopicUrn:
    """SMN says *region* where this service has the project's name."""
    return TopicUrn(f"urn:smn:{project.name}:{project.id}:{name}")


def topic_name_in(urn: str, project_id: ProjectId) -> str | None:
    """The name of the topic, None where the URN is none or is another project's."""
    found = _URN.match(urn)
    return found[2] if found and found[1] == project_id else None


def is_topic_urn(urn: str) -> bool:
    return _URN.match(urn) is not None


def is_subscription_urn(urn: str) -> bool:
    return _SUBSCRIPTION_URN.match(urn) is not None


def has_control_characters(text: str) -> bool:
    """Also those that end a line for some readers, and halves of characters."""
    return _CONTROL.search(text) is not None


def topic_faults_of(name: str, display_name: str) -> list[Fault]:
    """Everything wrong with a new topic (smn: "Creating a topic")."""
    faults = []
    if not _NAME.match(name):
        faults.append(Fault.at("name", FaultCode.TOPIC_NAME_INVALID, name=name[:300]))
    return [*faults, *display_name_faults_of(display_name)]


def display_name_faults_of(display_name: str) -> list[Fault]:
    """It becomes the sender's name of e-mails, so nothing in it may end a line."""
    if has_control_characters(display_name) or _bytes(display_name) > _DISPLAY_NAME_LIMIT:
        return [Fault.at("display_name", FaultCode.TOPIC_DISPLAY_NAME_INVALID, limit=_DISPLAY_NAME_LIMIT)]
    return []


def subscription_faults_of(protocol: str, endpoint: str, remark: str) -> list[Fault]:
    """Everything wrong with a new subscription by itself (smn: "Adding a subscription")."""
    faults = []
    if protocol not in set(Protocol):
        known = ", ".join(Protocol)
        faults.append(Fault.at("protocol", FaultCode.PROTOCOL_INVALID, protocol=protocol[:40], known=known))
    elif not _is_endpoint(Protocol(protocol), endpoint):
        faults.append(Fault.at("endpoint", FaultCode.ENDPOINT_INVALID, protocol=protocol, limit=_ENDPOINT_LIMIT))
    if has_control_characters(remark) or _bytes(remark) > _REMARK_LIMIT:
        faults.append(Fault.at("remark", FaultCode.REMARK_INVALID, limit=_REMARK_LIMIT))
    return faults


def _is_endpoint(protocol: Protocol, endpoint: str) -> bool:
    if len(endpoint) > _ENDPOINT_LIMIT or has_control_characters(endpoint):
        return False
    if protocol is Protocol.EMAIL:
        return _EMAIL.match(endpoint) is not None and ".." not in endpoint
    return _is_address(protocol, endpoint)


def _is_address(scheme: str, endpoint: str) -> bool:
    """An absolute URL without credentials: they would be shown to everybody who may list the subscriptions."""
    if " " in endpoint or "\\" in endpoint or not endpoint.isascii():
        return False
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme == scheme and bool(parts.hostname) and "@" not in parts.netloc and port != 0


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
