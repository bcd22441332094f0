"""Topics, subscriptions and messages as SMN writes them (smn: "Topics", "Subscriptions", "Publishing a message")."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from penstock.api.oddities import Integer, Text
from penstock.domain.errors import Invalid
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.topic import Protocol, Subscription, SubscriptionStatus, Topic
from penstock.ports.topics import SubscriptionFilter, SubscriptionPage, TopicFilter, TopicPage
from penstock.usecases.publishing import Publication
from penstock.usecases.subscriptions import NewSubscription
from penstock.usecases.topics import NewTopic

_LIMITS = (1, 100)
_STATUSES = tuple(int(status) for status in SubscriptionStatus)


class TopicIn(BaseModel):
    """The body of create."""

    model_config = ConfigDict(frozen=True, title="Topic")

    name: Text = Field("", description="1 to 255 letters, digits, - and _.", examples=["topic"])
    display_name: Text = Field("", description="The sender's name of e-mails.")
    enterprise_project_id: Text = "0"

    def to_topic(self) -> NewTopic:
        project = self.enterprise_project_id[:64]
        return NewTopic(name=self.name, display_name=self.display_name, enterprise_project_id=project)


class TopicNameIn(BaseModel):
    """The body of update."""

    model_config = ConfigDict(frozen=True, title="TopicName")

    display_name: Text = ""


class _Page(BaseModel):
    model_config = ConfigDict(frozen=True)

    offset: Integer = 0
    limit: Integer = _LIMITS[1]

    def demand_sound(self) -> None:
        """Raises Invalid."""
        low, high = _LIMITS
        if self.offset < 0 or not low <= self.limit <= high:
            path = "offset" if self.offset < 0 else "limit"
            raise Invalid.of(FaultCode.SUBSCRIPTIONS_PAGE_INVALID, path, low=low, high=high)


class TopicsQuery(_Page):
    """Which topics to list."""

    name: Text = ""
    fuzzy_name: Text = Field("", description="A part of the name.")
    fuzzy_display_name: Text = Field("", description="A part of the display name.")
    topic_id: Text = ""
    enterprise_project_id: Text = ""

    def to_filter(self) -> TopicFilter:
        """Raises Invalid."""
        self.demand_sound()
        return TopicFilter(
            id=self.topic_id,
            name=self.name,
            fuzzy_name=self.fuzzy_name,
            fuzzy_display_name=self.fuzzy_display_name,
            offset=self.offset,
            limit=self.limit,
        )


class SubscriptionsQuery(_Page):
    """Which subscriptions to list."""

    protocol: Text = ""
    status: Integer | None = None
    endpoint: Text = ""
    fuzzy_remark: Text = Field("", description="A part of the remark.")

    def to_filter(self) -> SubscriptionFilter | None:
        """None where no subscription can match. Raises Invalid."""
        self.demand_sound()
        if self.status not in {None, *_STATUSES} or self.protocol not in {"", *Protocol}:
            return None
        return SubscriptionFilter(
            protocol=Protocol(self.protocol) if self.protocol else None,
            status=SubscriptionStatus(self.status) if self.status is not None else None,
            endpoint=self.endpoint,
            fuzzy_remark=self.fuzzy_remark,
            offset=self.offset,
            limit=self.limit,
        )


class SubscriptionIn(BaseModel):
    """The body of subscribe."""

    model_config = ConfigDict(frozen=True, title="Subscription")

    protocol: Text = Field("", description="http, https or email.", examples=["https"])
    endpoint: Text = Field("", description="A URL of that scheme, or a mail address.")
    remark: Text = ""
    subscriptions: Any = Field(None, description="Several at once: not supported.")

    def to_subscription(self) -> NewSubscription:
        return NewSubscription(protocol=self.protocol, endpoint=self.endpoint, remark=self.remark)

    def faults(self) -> list[Fault]:
        return _unsupported("subscriptions") if self.subscriptions else []


class MessageIn(BaseModel):
    """The body of publish: one of message and message_structure, which wins."""

    model_config = ConfigDict(frozen=True, title="Message")

    subject: Text = ""
    message: Text = ""
    message_structure: Text = Field("", description="JSON in a text: a text by protocol, and one named default.")
    message_template_name: Text = Field("", description="Not supported.")
    time_to_live: Integer = Field(3600, description="Seconds, 1 to 86400, until it is given up.")

    def to_publication(self) -> Publication:
        return Publication(
            subject=self.subject, message=self.message, structure=self.message_structure, seconds=self.time_to_live
        )

    def faults(self) -> list[Fault]:
        is_asked = bool(self.message_template_name) and not self.message_structure
        return _unsupported("message_template_name") if is_asked else []


class TopicOut(BaseModel):
    """A topic."""

    topic_urn: str
    name: str
    display_name: str
    push_policy: int = 0
    enterprise_project_id: str
    topic_id: str
    create_time: str
    update_time: str

    @classmethod
    def from_topic(cls, topic: Topic) -> "TopicOut":
        return cls(
            topic_urn=topic.urn,
            name=topic.name,
            display_name=topic.display_name,
            enterprise_project_id=topic.enterprise_project_id,
            topic_id=topic.id,
            create_time=_time(topic.created_at),
            update_time=_time(topic.updated_at),
        )


class SubscriptionOut(BaseModel):
    """A subscription; `owner` is the project of the topic."""

    topic_urn: str
    protocol: str
    subscription_urn: str
    owner: str
    endpoint: str
    remark: str
    status: int
    filter_polices: list[Any] = []

    @classmethod
    def from_subscription(cls, subscription: Subscription) -> "SubscriptionOut":
        return cls(
            topic_urn=subscription.topic_urn,
            protocol=subscription.protocol,
            subscription_urn=subscription.urn,
            owner=subscription.project_id,
            endpoint=subscription.endpoint,
            remark=subscription.remark,
            status=int(subscription.status),
        )


def topics_of(page: TopicPage) -> dict[str, Any]:
    """The answer of the list, but for the request's id."""
    return {"topic_count": page.total, "topics": [TopicOut.from_topic(topic).model_dump() for topic in page.topics]}


def subscriptions_of(page: SubscriptionPage) -> dict[str, Any]:
    """The answer of the list, but for the request's id."""
    listed = [SubscriptionOut.from_subscription(one).model_dump() for one in page.subscriptions]
    return {"subscription_count": page.total, "subscriptions": listed}


def _unsupported(field: str) -> list[Fault]:
    return [Fault.at(field, FaultCode.UNSUPPORTED, field=field, value="…")]


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
