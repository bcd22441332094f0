"""What must always be true is true in the tables too, whatever the code does."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection, delete, insert, text
from sqlalchemy.exc import IntegrityError

from penstock.database import tables
from penstock.database.connection import Engines
from penstock.database.records import DatabaseTx
from penstock.domain.lifecycle import State
from penstock.testing.builders import (
    PROJECT,
    a_job,
    a_kept_savepoint,
    a_new_job,
    a_run,
    a_run_id,
    a_sheet,
    a_spec,
    stored,
)


@pytest.fixture
def connection(engines: Engines) -> Iterator[Connection]:
    with engines.writer.connect() as connection:
        yield connection


@pytest.fixture
def tx(connection: Connection) -> DatabaseTx:
    return DatabaseTx(connection)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE jobs SET state = 'deploying'",
        "UPDATE jobs SET ended_at_ms = 1",
        "UPDATE jobs SET state = 'failed'",
        "UPDATE jobs SET savepoint_id = 'x'",
        "UPDATE jobs SET project_id = NULL",
    ],
)
def test_a_job_cannot_be_in_two_minds(tx: DatabaseTx, connection: Connection, change: str) -> None:
    stored(tx, a_job(state=State.RUNNING))

    with pytest.raises(IntegrityError):
        connection.execute(text(change))


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("copied_at_ms = 1, copy = ''", "copied_somewhere"),
        ("path = ''", "place_with_path"),
        ("place = ''", "place_with_path"),
        ("path = NULL", "path"),
        ("copy = NULL", "copy"),
    ],
)
def test_a_savepoint_is_nowhere_by_halves(tx: DatabaseTx, connection: Connection, change: str, name: str) -> None:
    job = stored(tx, a_job())
    tx.jobs.save(replace(job, newest_savepoint=a_kept_savepoint(job_id=job.id, copy="b/dir")))

    with pytest.raises(IntegrityError, match=name):
        connection.execute(text(f"UPDATE savepoints SET {change}"))


def test_a_savepoint_cannot_be_of_no_job(tx: DatabaseTx, connection: Connection) -> None:
    job = stored(tx, a_job())
    tx.jobs.save(replace(job, newest_savepoint=a_kept_savepoint(job_id=job.id)))
    connection.execute(text("UPDATE savepoints SET job_id = 99"))

    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        connection.commit()


def test_a_job_cannot_have_two_live_runs(tx: DatabaseTx, connection: Connection) -> None:
    job = stored(tx, a_job(state=State.RUNNING))
    values = {"id": a_run_id(9), "job_id": job.id, "sheet_id": job.sheet_id, "place": "p", "footprint": "{}"}

    with pytest.raises(IntegrityError, match=r"runs\.job_id"):
        connection.execute(insert(tables.runs).values(values | {"admitted_at_ms": 0}))


def test_a_run_cannot_be_of_nothing(tx: DatabaseTx, connection: Connection) -> None:
    job = tx.jobs.add(a_new_job())
    tx.sheets.add(job.id, a_sheet())
    stored(tx, a_job(id=job.id, spec=a_spec(name="other"), state=State.RUNNING, run=a_run(job_id=job.id)))
    connection.execute(text("UPDATE runs SET job_id = 99"))

    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        connection.commit()


def test_a_queue_name_cannot_be_in_upper_case(connection: Connection) -> None:
    values = {"project_id": PROJECT, "name": "Queue", "spec": "{}", "owner": "", "created_at_ms": 0}

    with pytest.raises(IntegrityError, match="name_lower"):
        connection.execute(insert(tables.queues).values(values))


def test_the_id_of_a_job_that_is_gone_is_not_used_again(tx: DatabaseTx, connection: Connection) -> None:
    first = tx.jobs.add(a_new_job("first"))
    connection.execute(delete(tables.jobs))

    assert tx.jobs.add(a_new_job("second")).id == first.id + 1
