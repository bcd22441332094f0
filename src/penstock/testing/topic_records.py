"""Topics, subscriptions and the outbox in memory: a part of `testing.records`."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from penstock.domain.caller import ProjectId
from penstock.domain.outbox import Letter, LetterId
from penstock.domain.topic import Protocol, Subscription, SubscriptionUrn, Topic, TopicUrn
from penstock.ports.topics import SubscriptionFilter, SubscriptionPage, TopicFilter, TopicPage

_Subscriptions = dict[SubscriptionUrn, Subscription]
_Letters = dict[LetterId, Letter]


class MemoryTopics:
    """`ports.topics.Topics`."""

    def __init__(self, topics: dict[TopicUrn, Topic], subscriptions: _Subscriptions, letters: _Letters) -> None:
        self._topics = topics
        self._subscriptions = subscriptions
        self._letters = letters

    def add(self, topic: Topic) -> bool:
        is_new = self.find(topic.project_id, topic.name) is None
        if is_new:
            self._topics[topic.urn] = topic
        return is_new

    def find(self, project_id: ProjectId, name: str) -> Topic | None:
        of_project = (topic for topic in self._topics.values() if topic.project_id == project_id)
        return next((topic for topic in of_project if topic.name == name), None)

    def list(self, project_id: ProjectId, wanted: TopicFilter) -> TopicPage:
        matching = [
            topic
            for topic in sorted(self._topics.values(), key=lambda topic: topic.name)
            if topic.project_id == project_id
            and wanted.id in {"", topic.id}
            and wanted.name in {"", topic.name}
            and wanted.fuzzy_name in topic.name
            and wanted.fuzzy_display_name in topic.display_name
        ]
        return TopicPage(total=len(matching), topics=tuple(matching[wanted.offset :][: wanted.limit]))

    def save(self, topic: Topic) -> None:
        kept = self._topics[topic.urn]
        self._topics[topic.urn] = replace(kept, display_name=topic.display_name, updated_at=topic.updated_at)

    def delete(self, topic: Topic) -> None:
        for letter in [letter for letter in self._letters.values() if letter.topic_urn == topic.urn]:
            del self._letters[letter.id]
        for urn in [urn for urn, found in self._subscriptions.items() if found.topic_urn == topic.urn]:
            del self._subscriptions[urn]
        self._topics.pop(topic.urn, None)


class MemorySubscriptions:
    """`ports.topics.Subscriptions`."""

    def __init__(self, subscriptions: _Subscriptions, letters: _Letters) -> None:
        self._subscriptions = subscriptions
        self._letters = letters

    def add(self, subscription: Subscription) -> None:
        taken = self.at(subscription.topic_urn, subscription.protocol, subscription.endpoint)
        if taken or subscription.urn in self._subscriptions:
            raise ValueError(f"{subscription.urn} is there already")
        self._subscriptions[subscription.urn] = subscription

    def find(self, project_id: ProjectId, urn: SubscriptionUrn) -> Subscription | None:
        found = self._subscriptions.get(urn)
        return found if found and found.project_id == project_id else None

    def at(self, topic_urn: TopicUrn, protocol: Protocol, endpoint: str) -> Subscription | None:
        wanted = topic_urn, protocol, endpoint
        return next((one for one in self._ordered() if (one.topic_urn, one.protocol, one.endpoint) == wanted), None)

    def to_confirm(self, token_hash: str) -> Subscription | None:
        return next((one for one in self._ordered() if token_hash and one.confirm_hash == token_hash), None)

    def to_leave(self, token_hash: str) -> Subscription | None:
        return next((one for one in self._ordered() if token_hash and one.leave_hash == token_hash), None)

    def hearing(self, topic_urn: TopicUrn) -> Sequence[Subscription]:
        return [one for one in self._ordered() if one.topic_urn == topic_urn and one.hears]

    def count(self, topic_urn: TopicUrn) -> int:
        return sum(one.topic_urn == topic_urn for one in self._subscriptions.values())

    def list(self, project_id: ProjectId, wanted: SubscriptionFilter) -> SubscriptionPage:
        matching = [
            one
            for one in self._ordered()
            if one.project_id == project_id
            and wanted.topic_urn in {None, one.topic_urn}
            and wanted.protocol in {None, one.protocol}
            and wanted.status in {None, one.status}
            and wanted.endpoint in {"", one.endpoint}
            and wanted.fuzzy_remark in one.remark
        ]
        page = tuple(matching[wanted.offset :][: wanted.limit])
        return SubscriptionPage(total=len(matching), subscriptions=page)

    def save(self, subscription: Subscription) -> None:
        if subscription.urn in self._subscriptions:
            self._subscriptions[subscription.urn] = subscription

    def delete(self, subscription: Subscription) -> None:
        for letter in [letter for letter in self._letters.values() if letter.subscription_urn == subscription.urn]:
            del self._letters[letter.id]
        self._subscriptions.pop(subscription.urn, None)

    def _ordered(self) -> Sequence[Subscription]:
        return sorted(self._subscriptions.values(), key=lambda one: (one.created_at, one.urn))


class MemoryOutbox:
    """`ports.topics.Outbox`."""

    def __init__(self, letters: _Letters) -> None:
        self._letters = letters

    def add(self, letter: Letter) -> None:
        self._letters.setdefault(letter.id, letter)

    def due(
        self, protocol: Protocol, now: datetime, *, limit: int = 100, besides: Collection[str] = ()
    ) -> Sequence[Letter]:
        ordered = sorted(self._to_others(protocol, besides), key=lambda letter: (letter.next_try_at, letter.id))
        return [letter for letter in ordered if letter.next_try_at <= now][:limit]

    def next_due(self, protocol: Protocol, *, besides: Collection[str] = ()) -> datetime | None:
        return min((letter.next_try_at for letter in self._to_others(protocol, besides)), default=None)

    def save(self, letter: Letter) -> None:
        if kept := self._letters.get(letter.id):
            self._letters[letter.id] = replace(kept, tries=letter.tries, next_try_at=letter.next_try_at)

    def remove(self, letter_id: LetterId) -> bool:
        return self._letters.pop(letter_id, None) is not None

    def _to_others(self, protocol: Protocol, besides: Collection[str]) -> Sequence[Letter]:
        return [one for one in self._letters.values() if one.protocol == protocol and one.endpoint not in besides]
