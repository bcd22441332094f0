"""Statements stay few and quick, however many jobs there are."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, event

from penstock.database.connection import Engines
from penstock.database.records import DatabaseTx
from penstock.domain.lifecycle import State
from penstock.domain.run import JobId
from penstock.domain.savepoint import SavepointId
from penstock.ports.records import JobFilter, Tx
from penstock.testing.builders import PLACE, PROJECT, a_job, a_spec, stored

ASKED: dict[str, Callable[[Tx], object]] = {
    "find": lambda tx: tx.jobs.find(PROJECT, JobId(1)),
    "load": lambda tx: tx.jobs.load(JobId(1)),
    "named": lambda tx: tx.jobs.named(PROJECT, "n1"),
    "list": lambda tx: tx.jobs.list(PROJECT, JobFilter(tags=(("k", "v"),), name="n")),
    "waiting": lambda tx: tx.jobs.waiting(),
    "restarting": lambda tx: tx.jobs.restarting(),
    "with_live_runs": lambda tx: tx.jobs.with_live_runs(PLACE),
    "holding_room": lambda tx: tx.jobs.holding_room(),
    "unsettled_on": lambda tx: tx.jobs.unsettled_on(PROJECT, "q"),
    "count_drafts": lambda tx: tx.jobs.count_drafts(PROJECT),
    "to_copy": lambda tx: tx.savepoints.to_copy(PLACE, [SavepointId("5" * 32)]),
    "outlived": lambda tx: tx.savepoints.outlived(PLACE),
    "of_job": lambda tx: tx.history.of_job(JobId(1)),
    "queue": lambda tx: tx.queues.find(PROJECT, "q"),
    "keys_of": lambda tx: tx.callers.keys_of(tx.jobs.load(JobId(1)).user_id),  # type: ignore[arg-type] # any text does
    "token": lambda tx: tx.callers.token("t"),
}
STATES = (State.DRAFT, State.QUEUED, State.RUNNING, State.RESTARTING, State.STOPPED)


@pytest.fixture
def connection(engines: Engines) -> Iterator[Connection]:
    with engines.writer.connect() as connection:
        yield connection


@pytest.fixture
def asked(connection: Connection) -> list[tuple[str, object]]:
    """Every statement from now on, with its parameters, while the database holds some jobs."""
    for number in range(1, 26):
        spec = a_spec(name=f"n{number}", tags=(("k", "v"),))
        stored(DatabaseTx(connection), a_job(id=JobId(number), spec=spec, state=STATES[number % len(STATES)]))
    statements: list[tuple[str, object]] = []

    @event.listens_for(connection, "before_cursor_execute")
    def note(_c: object, _cursor: object, statement: str, parameters: object, _context: object, _many: bool) -> None:
        statements.append((statement, parameters))

    return statements


@pytest.mark.parametrize("name", ASKED)
def test_a_question_takes_one_statement_however_many_jobs_answer(
    connection: Connection, asked: list[tuple[str, object]], name: str
) -> None:
    ASKED[name](DatabaseTx(connection))

    assert len(asked) <= (2 if name in {"list", "keys_of"} else 1)


@pytest.mark.parametrize("name", ASKED)
def test_no_question_reads_a_whole_table(connection: Connection, asked: list[tuple[str, object]], name: str) -> None:
    ASKED[name](DatabaseTx(connection))
    questions = [(statement, parameters) for statement, parameters in asked if statement.startswith("SELECT")]

    for statement, parameters in questions:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()  # type: ignore[arg-type] # as they came
        steps = [row.detail for row in plan]
        whole = [step for step in steps if step.startswith("SCAN") and "INDEX" not in step]
        assert [
            step for step in whole if step.split()[1] in {"jobs", "runs", "history", "tokens", "savepoints", "sheets"}
        ] == []
