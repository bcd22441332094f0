"""Every question has an index in PostgreSQL, too: whole tables read would also be whole tables in conflict."""

import pytest
from sqlalchemy import Connection, event

from database.test_statements import ASKED, STATES
from penstock.database.records import DatabaseTx
from penstock.domain.run import JobId
from penstock.testing.builders import a_job, a_spec, stored

LARGE = ("jobs", "runs", "history", "tokens")


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
def test_no_question_has_to_read_a_whole_table(
    connection: Connection, asked: list[tuple[str, object]], name: str
) -> None:
    ASKED[name](DatabaseTx(connection))
    questions = [(statement, parameters) for statement, parameters in asked if statement.startswith("SELECT")]

    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # the tables are so small that reading them is quicker
    for statement, parameters in questions:
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars().all()  # type: ignore[arg-type] # as they came
        assert [line for line in plan for table in LARGE if f"Seq Scan on {table}" in line] == []
    assert questions
