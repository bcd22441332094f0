"""What we ask of the outbox: letters that are not delivered yet."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select, update

from penstock.database.dialect import insert_into
from penstock.database.documents import ms_from, time_from
from penstock.database.tables import outbox
from penstock.domain.outbox import Letter, LetterId, LetterKind
from penstock.domain.run import JobId
from penstock.domain.topic import Protocol, SubscriptionUrn, TopicUrn


class DatabaseOutbox:
    """`ports.topics.Outbox` inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, letter: Letter) -> None:
        row = insert_into(outbox, self._connection.dialect).values(_values_of(letter))
        self._connection.execute(row.on_conflict_do_nothing())

    def due(
        self, protocol: Protocol, now: datetime, *, limit: int = 100, besides: Collection[str] = ()
    ) -> Sequence[Letter]:
        wanted = select(outbox).where(outbox.c.next_try_at_ms <= ms_from(now), *_to_others(protocol, besides))
        ordered = wanted.order_by(outbox.c.next_try_at_ms, outbox.c.id).limit(limit)
        return [letter_from(row) for row in self._connection.execute(ordered)]

    def next_due(self, protocol: Protocol, *, besides: Collection[str] = ()) -> datetime | None:
        soonest = select(func.min(outbox.c.next_try_at_ms)).where(*_to_others(protocol, besides))
        first: int | None = self._connection.execute(soonest).scalar_one()
        return time_from(first)

    def save(self, letter: Letter) -> None:
        changed = {"tries": letter.tries, "next_try_at_ms": ms_from(letter.next_try_at)}
        self._connection.execute(update(outbox).where(outbox.c.id == letter.id).values(changed))

    def remove(self, letter_id: LetterId) -> bool:
        return self._connection.execute(delete(outbox).where(outbox.c.id == letter_id)).rowcount > 0


def letter_from(row: Row[*tuple[object, ...]]) -> Letter:
    return Letter(
        id=LetterId(row.id),
        message_id=row.message_id,
        topic_urn=TopicUrn(row.topic_urn),
        topic_name=row.topic_name,
        subscription_urn=SubscriptionUrn(row.subscription_urn),
        protocol=Protocol(row.protocol),
        endpoint=row.endpoint,
        kind=LetterKind(row.kind),
        subject=row.subject,
        message=row.message,
        sealed_token=row.sealed_token,
        created_at=time_from(row.created_at_ms),
        next_try_at=time_from(row.next_try_at_ms),
        expires_at=time_from(row.expires_at_ms),
        tries=row.tries,
        job_id=JobId(row.job_id) if row.job_id is not None else None,
    )


def _to_others(protocol: Protocol, besides: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return outbox.c.protocol == protocol, outbox.c.endpoint.not_in(list(besides))


def _values_of(letter: Letter) -> dict[str, object]:
    return {
        "id": letter.id,
        "message_id": letter.message_id,
        "topic_urn": letter.topic_urn,
        "topic_name": letter.topic_name,
        "subscription_urn": letter.subscription_urn,
        "protocol": letter.protocol,
        "endpoint": letter.endpoint,
        "kind": letter.kind,
        "subject": letter.subject,
        "message": letter.message,
        "sealed_token": letter.sealed_token,
        "created_at_ms": ms_from(letter.created_at),
        "next_try_at_ms": ms_from(letter.next_try_at),
        "expires_at_ms": ms_from(letter.expires_at),
        "tries": letter.tries,
        "job_id": letter.job_id,
    }
