"""`penstock migrate` beside a stopped service, and what it says when it cannot."""

import asyncio
import json

import pytest

from penstock.database.migrate import migrate
from penstock.database.records import DatabaseRecords
from penstock.database.state_directory import StateDirectory
from penstock.testing.builders import PROJECT, a_queue_spec
from penstock.testing.clock import NOON
from postgresql import PASSWORD


@pytest.fixture
def state(tmp_path):
    """The state directory of an installation with one queue, which nobody serves now."""
    directory = StateDirectory(tmp_path / "state")
    with directory.occupied():
        migrate(f"sqlite:///{directory.path}/penstock.db")

    async def live():
        records = DatabaseRecords(f"sqlite:///{directory.path}/penstock.db")
        await records.change(lambda tx: tx.notes.settle("installation", "1234abcd"))
        await records.change(lambda tx: tx.queues.add(PROJECT, a_queue_spec(), "someone", NOON))
        await records.close()

    asyncio.run(live())
    return directory


@pytest.fixture
def address(bare_postgresql_url, monkeypatch):
    """Where to, as it is named: the password is in the environment."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    return bare_postgresql_url.replace(f":{PASSWORD}", "").replace("+psycopg", "")


def move(penstock, state, *more):
    return penstock("migrate", "sqlite-to-postgresql", "--state", str(state.path), *more)


def test_the_records_of_a_stopped_service_move_and_it_says_what_to_do_next(penstock, state, address):
    outcome = move(penstock, state, "--to", address)

    assert outcome.code == 0
    assert ["queues", "1"] in [line.split() for line in outcome.out.splitlines()]
    assert "set database.url" in outcome.out
    assert PASSWORD not in outcome.out + outcome.err


def test_the_address_may_stand_in_the_settings(penstock, state, bare_postgresql_url, monkeypatch):
    monkeypatch.setenv("PENSTOCK_DATABASE__URL", bare_postgresql_url)

    outcome = move(penstock, state, "--json")

    assert outcome.document["rows"]["queues"] == 1
    assert outcome.document["had_arrived_before"] is False
    assert PASSWORD not in outcome.out + outcome.err


def test_a_service_that_runs_is_not_moved_under_its_feet(penstock, state, address):
    with state.occupied():
        outcome = move(penstock, state, "--to", address)

    assert outcome.code == 78
    assert "Another Penstock" in outcome.err


def test_what_moved_is_not_served_by_mistake(penstock, state, address):
    move(penstock, state, "--to", address)

    outcome = penstock("serve", "--state", str(state.path), "--port", "0")

    assert outcome.code == 78
    assert "moved from this SQLite database" in outcome.err
    assert "What to do: set database.url" in outcome.err


def test_moving_again_tells(penstock, state, address):
    move(penstock, state, "--to", address)

    outcome = move(penstock, state, "--to", address, "--json")

    assert outcome.code == 78
    assert "before" in json.loads(outcome.err.splitlines()[-1])["error"]


def test_where_to_has_to_be_said(penstock, state):
    outcome = move(penstock, state)

    assert outcome.code == 1
    assert "--to" in outcome.err


def test_a_state_directory_that_is_not_there_is_not_made(penstock, tmp_path, address):
    outcome = penstock("migrate", "sqlite-to-postgresql", "--state", str(tmp_path / "nothing"), "--to", address)

    assert outcome.code == 78
    assert "no state directory" in outcome.err
    assert not (tmp_path / "nothing").exists()


def test_the_tables_can_be_made_without_serving(penstock, tmp_path, bare_postgresql_url, monkeypatch):
    monkeypatch.setenv("PENSTOCK_DATABASE__URL", bare_postgresql_url)

    assert penstock("migrate", "database", "--state", str(tmp_path)).code == 0

    async def look():
        records = DatabaseRecords(bare_postgresql_url)
        try:
            return await records.look(lambda tx: tx.queues.all())
        finally:
            await records.close()

    assert asyncio.run(look()) == []


def test_a_database_that_is_not_there_ends_the_command_with_a_sentence(penstock, tmp_path, monkeypatch):
    monkeypatch.setenv("PENSTOCK_DATABASE__URL", "postgresql://me:geheim@127.0.0.1:1/penstock")

    outcome = penstock("migrate", "database", "--state", str(tmp_path))

    assert outcome.code == 78
    assert "Connection refused" in outcome.err
    assert "geheim" not in outcome.err
