"""What we remember of topics, of who hears them, and of what must be told: statements of `ports.records`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from penstock.domain import topic as words
from penstock.domain.caller import ProjectId
from penstock.domain.outbox import Letter, LetterId
from penstock.domain.topic import Subscription, SubscriptionStatus, SubscriptionUrn, Topic, TopicUrn


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicFilter:
    """Which topics of a project to list; empty means all. The `fuzzy_` ones are parts."""

    id: str = ""
    name: str = ""
    fuzzy_name: str = ""
    fuzzy_display_name: str = ""
    offset: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicPage:
    """`total` counts the matches before paging."""

    total: int
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionFilter:
    """Which subscriptions of a project to list; empty means all. `fuzzy_remark` is a part."""

    topic_urn: TopicUrn | None = None
    protocol: words.Protocol | None = None
    status: SubscriptionStatus | None = None
    endpoint: str = ""
    fuzzy_remark: str = ""
    offset: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionPage:
    """`total` counts the matches before paging."""

    total: int
    subscriptions: tuple[Subscription, ...]


class Topics(Protocol):
    """Topics by project and name."""

    def add(self, topic: Topic) -> bool:
        """Whether it is new; a topic of that name stays as it is."""
        ...

    def find(self, project_id: ProjectId, name: str) -> Topic | None: ...

    def list(self, project_id: ProjectId, wanted: TopicFilter) -> TopicPage:
        """In the order of the names."""
        ...

    def save(self, topic: Topic) -> None:
        """Its display name and `updated_at`."""
        ...

    def delete(self, topic: Topic) -> None:
        """With its subscriptions, and what is not delivered to them yet."""
        ...


class Subscriptions(Protocol):
    """Who hears a topic."""

    def add(self, subscription: Subscription) -> None: ...

    def find(self, project_id: ProjectId, urn: SubscriptionUrn) -> Subscription | None: ...

    def at(self, topic_urn: TopicUrn, protocol: words.Protocol, endpoint: str) -> Subscription | None:
        """The one that tells this endpoint; a topic has each endpoint once."""
        ...

    def to_confirm(self, token_hash: str) -> Subscription | None: ...

    def to_leave(self, token_hash: str) -> Subscription | None: ...

    def hearing(self, topic_urn: TopicUrn) -> Sequence[Subscription]:
        """Those that are told, in the order in which they were made."""
        ...

    def count(self, topic_urn: TopicUrn) -> int: ...

    def list(self, project_id: ProjectId, wanted: SubscriptionFilter) -> SubscriptionPage:
        """In the order in which they were made."""
        ...

    def save(self, subscription: Subscription) -> None: ...

    def delete(self, subscription: Subscription) -> None:
        """With what is not delivered to it yet."""
        ...


class Outbox(Protocol):
    """What must be told, and is not yet delivered."""

    def add(self, letter: Letter) -> None:
        """A letter that is there already stays as it is."""
        ...

    def due(
        self, protocol: words.Protocol, now: datetime, *, limit: int = 100, besides: Collection[str] = ()
    ) -> Sequence[Letter]:
        """Those whose time has come, longest due first, but none to the endpoints in `besides`."""
        ...

    def next_due(self, protocol: words.Protocol, *, besides: Collection[str] = ()) -> datetime | None:
        """When the next one is due."""
        ...

    def save(self, letter: Letter) -> None:
        """Its tries, and when the next one is due."""
        ...

    def remove(self, letter_id: LetterId) -> bool:
        """Whether it was still there."""
        ...
