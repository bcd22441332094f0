"""What we ask of topics and of their subscriptions."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select, update

from penstock.database.dialect import contains, insert_into
from penstock.database.documents import ms_from, time_from
from penstock.database.tables import outbox, subscriptions, topics
from penstock.domain.caller import ProjectId
from penstock.domain.topic import HEARING, Protocol, Subscription, SubscriptionStatus, SubscriptionUrn, Topic, TopicUrn
from penstock.ports.topics import SubscriptionFilter, SubscriptionPage, TopicFilter, TopicPage


class DatabaseTopics:
    """`ports.topics.Topics` inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, topic: Topic) -> bool:
        row = insert_into(topics, self._connection.dialect).values(
            urn=topic.urn,
            id=topic.id,
            project_id=topic.project_id,
            name=topic.name,
            display_name=topic.display_name,
            enterprise_project_id=topic.enterprise_project_id,
            created_at_ms=ms_from(topic.created_at),
            updated_at_ms=ms_from(topic.updated_at),
        )
        return self._connection.execute(row.on_conflict_do_nothing().returning(topics.c.urn)).first() is not None

    def find(self, project_id: ProjectId, name: str) -> Topic | None:
        wanted = select(topics).where(topics.c.project_id == project_id, topics.c.name == name)
        row = self._connection.execute(wanted).one_or_none()
        return topic_from(row) if row else None

    def list(self, project_id: ProjectId, wanted: TopicFilter) -> TopicPage:
        matching = select(topics).where(*_topic_matches(project_id, wanted))
        page = matching.order_by(topics.c.name).limit(wanted.limit).offset(wanted.offset)
        total = _count(self._connection, matching)
        return TopicPage(total=total, topics=tuple(topic_from(row) for row in self._connection.execute(page)))

    def save(self, topic: Topic) -> None:
        changed = {"display_name": topic.display_name, "updated_at_ms": ms_from(topic.updated_at)}
        self._connection.execute(update(topics).where(topics.c.urn == topic.urn).values(changed))

    def delete(self, topic: Topic) -> None:
        self._connection.execute(delete(outbox).where(outbox.c.topic_urn == topic.urn))
        self._connection.execute(delete(subscriptions).where(subscriptions.c.topic_urn == topic.urn))
        self._connection.execute(delete(topics).where(topics.c.urn == topic.urn))


class DatabaseSubscriptions:
    """`ports.topics.Subscriptions` inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, subscription: Subscription) -> None:
        self._connection.execute(insert(subscriptions), _values_of(subscription))

    def find(self, project_id: ProjectId, urn: SubscriptionUrn) -> Subscription | None:
        return self._one(subscriptions.c.project_id == project_id, subscriptions.c.urn == urn)

    def at(self, topic_urn: TopicUrn, protocol: Protocol, endpoint: str) -> Subscription | None:
        columns = subscriptions.c
        return self._one(columns.topic_urn == topic_urn, columns.protocol == protocol, columns.endpoint == endpoint)

    def to_confirm(self, token_hash: str) -> Subscription | None:
        return self._one(subscriptions.c.confirm_hash == token_hash) if token_hash else None

    def to_leave(self, token_hash: str) -> Subscription | None:
        return self._one(subscriptions.c.leave_hash == token_hash) if token_hash else None

    def hearing(self, topic_urn: TopicUrn) -> Sequence[Subscription]:
        wanted = select(subscriptions).where(
            subscriptions.c.topic_urn == topic_urn, subscriptions.c.status.in_([int(status) for status in HEARING])
        )
        return [subscription_from(row) for row in self._connection.execute(_in_order(wanted))]

    def count(self, topic_urn: TopicUrn) -> int:
        return _count(self._connection, select(subscriptions).where(subscriptions.c.topic_urn == topic_urn))

    def list(self, project_id: ProjectId, wanted: SubscriptionFilter) -> SubscriptionPage:
        matching = select(subscriptions).where(*_subscription_matches(project_id, wanted))
        rows = self._connection.execute(_in_order(matching).limit(wanted.limit).offset(wanted.offset))
        found = tuple(subscription_from(row) for row in rows)
        return SubscriptionPage(total=_count(self._connection, matching), subscriptions=found)

    def save(self, subscription: Subscription) -> None:
        its = subscriptions.c.urn == subscription.urn
        self._connection.execute(update(subscriptions).where(its).values(_values_of(subscription)))

    def delete(self, subscription: Subscription) -> None:
        self._connection.execute(delete(outbox).where(outbox.c.subscription_urn == subscription.urn))
        self._connection.execute(delete(subscriptions).where(subscriptions.c.urn == subscription.urn))

    def _one(self, *conditions: ColumnElement[bool]) -> Subscription | None:
        row = self._connection.execute(select(subscriptions).where(*conditions)).first()
        return subscription_from(row) if row else None


def topic_from(row: Row[*tuple[object, ...]]) -> Topic:
    return Topic(
        id=row.id,
        urn=TopicUrn(row.urn),
        project_id=ProjectId(row.project_id),
        name=row.name,
        display_name=row.display_name,
        enterprise_project_id=row.enterprise_project_id,
        created_at=time_from(row.created_at_ms),
        updated_at=time_from(row.updated_at_ms),
    )


def subscription_from(row: Row[*tuple[object, ...]]) -> Subscription:
    return Subscription(
        urn=SubscriptionUrn(row.urn),
        topic_urn=TopicUrn(row.topic_urn),
        project_id=ProjectId(row.project_id),
        protocol=Protocol(row.protocol),
        endpoint=row.endpoint,
        remark=row.remark,
        status=SubscriptionStatus(row.status),
        created_at=time_from(row.created_at_ms),
        confirm_hash=row.confirm_hash,
        confirm_until=time_from(row.confirm_until_ms),
        leave_hash=row.leave_hash,
        sealed_leave=row.sealed_leave,
    )


def _values_of(subscription: Subscription) -> dict[str, object]:
    return {
        "urn": subscription.urn,
        "topic_urn": subscription.topic_urn,
        "project_id": subscription.project_id,
        "protocol": subscription.protocol,
        "endpoint": subscription.endpoint,
        "remark": subscription.remark,
        "status": int(subscription.status),
        "created_at_ms": ms_from(subscription.created_at),
        "confirm_hash": subscription.confirm_hash,
        "confirm_until_ms": ms_from(subscription.confirm_until),
        "leave_hash": subscription.leave_hash,
        "sealed_leave": subscription.sealed_leave,
    }


def _topic_matches(project_id: ProjectId, wanted: TopicFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [topics.c.project_id == project_id]
    conditions += [topics.c.id == wanted.id] if wanted.id else []
    conditions += [topics.c.name == wanted.name] if wanted.name else []
    conditions += [contains(topics.c.name, wanted.fuzzy_name)] if wanted.fuzzy_name else []
    conditions += [contains(topics.c.display_name, wanted.fuzzy_display_name)] if wanted.fuzzy_display_name else []
    return conditions


def _subscription_matches(project_id: ProjectId, wanted: SubscriptionFilter) -> list[ColumnElement[bool]]:
    columns = subscriptions.c
    conditions: list[ColumnElement[bool]] = [columns.project_id == project_id]
    conditions += [columns.topic_urn == wanted.topic_urn] if wanted.topic_urn else []
    conditions += [columns.protocol == wanted.protocol] if wanted.protocol else []
    conditions += [columns.status == int(wanted.status)] if wanted.status is not None else []
    conditions += [columns.endpoint == wanted.endpoint] if wanted.endpoint else []
    conditions += [contains(columns.remark, wanted.fuzzy_remark)] if wanted.fuzzy_remark else []
    return conditions


def _in_order(statement: Select[*tuple[object, ...]]) -> Select[*tuple[object, ...]]:
    return statement.order_by(subscriptions.c.created_at_ms, subscriptions.c.urn)


def _count(connection: Connection, statement: Select[*tuple[object, ...]]) -> int:
    total: int = connection.execute(select(func.count()).select_from(statement.subquery())).scalar_one()
    return total
