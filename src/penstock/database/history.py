"""What we ask of the history of jobs; facts are added, and never changed."""

from collections.abc import Sequence

from sqlalchemy import Connection, Row, insert, select

from penstock.database.documents import ms_from, reason_from, text_from_reason, time_from
from penstock.database.tables import history
from penstock.domain.history import Fact
from penstock.domain.lifecycle import State
from penstock.domain.run import JobId, RunId


class DatabaseHistory:
    """`ports.records.History` inside one transaction; `added` is what this transaction wrote."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.added: list[Fact] = []

    def add(self, fact: Fact) -> None:
        self._connection.execute(insert(history), _values_of(fact))
        self.added.append(fact)

    def of_job(self, job_id: JobId, *, limit: int = 1000, offset: int = 0) -> Sequence[Fact]:
        facts = select(history).where(history.c.job_id == job_id).order_by(history.c.id).limit(limit).offset(offset)
        return [fact_from(row) for row in self._connection.execute(facts)]


def fact_from(row: Row[*tuple[object, ...]]) -> Fact:
    return Fact(
        job_id=JobId(row.job_id),
        run_id=RunId(row.run_id) if row.run_id else None,
        at=time_from(row.at_ms),
        what=row.what,
        before=State(row.state_before),
        after=State(row.state_after),
        reason=reason_from(row.reason),
        request_id=row.request_id,
    )


def _values_of(fact: Fact) -> dict[str, object]:
    return {
        "job_id": fact.job_id,
        "run_id": fact.run_id,
        "at_ms": ms_from(fact.at),
        "what": fact.what,
        "state_before": fact.before,
        "state_after": fact.after,
        "reason": text_from_reason(fact.reason),
        "request_id": fact.request_id,
    }
