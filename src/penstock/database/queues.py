"""What we ask of queues; their names are kept in lower case."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Row, delete, insert, select

from penstock.database.connection import unique
from penstock.database.documents import ms_from, queue_spec_from, text_from_queue_spec, time_from
from penstock.database.tables import queue_names, queues
from penstock.domain.caller import ProjectId
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.queue import Queue, QueueId, QueueSpec


class DatabaseQueues:
    """`ports.records.Queues` inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, project_id: ProjectId, spec: QueueSpec, owner: str, now: datetime) -> Queue:
        kept = replace(spec, name=spec.name.lower())
        statement = (
            insert(queues)
            .values(project_id=project_id, name=kept.name, spec=text_from_queue_spec(kept), owner=owner)
            .values(created_at_ms=ms_from(now))
            .returning(queues)
        )
        taken = Fault.at("queue_name", FaultCode.QUEUE_TAKEN, queue=kept.name)
        with unique(self._connection, queue_names, taken):
            return queue_from(self._connection.execute(statement).one())

    def find(self, project_id: ProjectId, name: str) -> Queue | None:
        wanted = select(queues).where(queues.c.project_id == project_id, queues.c.name == name.lower())
        row = self._connection.execute(wanted).one_or_none()
        return queue_from(row) if row else None

    def list(self, project_id: ProjectId) -> Sequence[Queue]:
        of_project = select(queues).where(queues.c.project_id == project_id).order_by(queues.c.name)
        return [queue_from(row) for row in self._connection.execute(of_project)]

    def all(self) -> Sequence[Queue]:
        everyone = select(queues).order_by(queues.c.project_id, queues.c.name)
        return [queue_from(row) for row in self._connection.execute(everyone)]

    def delete(self, queue: Queue) -> None:
        self._connection.execute(delete(queues).where(queues.c.id == queue.id))


def queue_from(row: Row[*tuple[object, ...]]) -> Queue:
    return Queue(
        id=QueueId(row.id),
        project_id=ProjectId(row.project_id),
        spec=queue_spec_from(row.spec),
        owner=row.owner,
        created_at=time_from(row.created_at_ms),
    )
