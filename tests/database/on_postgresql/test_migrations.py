"""The tables in PostgreSQL: made by the same steps, refused in words where they cannot be."""

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import make_url, text

from penstock.database.connection import connect, engine_to, url_from
from penstock.database.dialect import now_of
from penstock.database.migrate import migrate
from penstock.database.tables import metadata
from penstock.domain.errors import SetupError
from penstock.testing.clock import ManualClock
from postgresql import PostgresqlServer

COLUMNS = """SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name != 'alembic_version'"""
CONSTRAINTS = """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid != 'alembic_version'::regclass AND contype != 'n'"""
INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename != 'alembic_version'"


def schema_of(url: str) -> dict[str, list[tuple[object, ...]]]:
    engine = engine_to(url_from(url), "read")
    with engine.connect() as connection:
        questions = {"columns": COLUMNS, "constraints": CONSTRAINTS, "indexes": INDEXES}
        found = {name: sorted(map(tuple, connection.execute(text(sql)))) for name, sql in questions.items()}
    engine.dispose()
    return found


def test_the_migrations_add_up_to_the_tables(bare_postgresql_url: str, postgresql: PostgresqlServer) -> None:
    migrate(bare_postgresql_url)
    made = postgresql.new_database()
    migrate(made)  # makes Alembic's own table, and what is dropped now
    engine = engine_to(url_from(made), "change the tables")
    metadata.drop_all(engine)
    metadata.create_all(engine)
    engine.dispose()

    assert schema_of(bare_postgresql_url) == schema_of(made)
    postgresql.drop(made)


def test_alembic_finds_nothing_left_to_do(postgresql_url: str) -> None:
    engine = engine_to(url_from(postgresql_url), "read")

    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_all_text_is_ordered_by_code_point_whatever_the_language_of_the_database(postgresql_url: str) -> None:
    columns = schema_of(postgresql_url)["columns"]

    assert {collation for _, _, kind, _, _, collation in columns if kind == "text"} == {"C"}


def test_services_that_start_at_once_make_the_tables_once(bare_postgresql_url: str) -> None:
    with ThreadPoolExecutor(4) as services:
        list(services.map(migrate, [bare_postgresql_url] * 4))

    assert len(schema_of(bare_postgresql_url)["columns"]) == sum(len(table.c) for table in metadata.tables.values())


def test_migrating_again_changes_nothing(postgresql_url: str) -> None:
    before = schema_of(postgresql_url)

    migrate(postgresql_url)

    assert schema_of(postgresql_url) == before


def test_a_database_of_a_newer_version_is_refused(bare_postgresql_url: str, postgresql: PostgresqlServer) -> None:
    migrate(bare_postgresql_url)
    name = bare_postgresql_url.rpartition("/")[2]
    postgresql.ask("UPDATE alembic_version SET version_num = 'from the future'", database=name)

    with pytest.raises(SetupError, match="newer"):
        migrate(bare_postgresql_url)


@pytest.mark.parametrize("scheme", ["postgresql+psycopg", "postgresql", "postgres", "postgresql+psycopg2"])
def test_every_way_to_name_postgresql_means_the_same_driver(postgresql_url: str, scheme: str) -> None:
    migrate(postgresql_url.replace("postgresql+psycopg", scheme))


def test_a_server_that_starts_at_the_same_moment_is_waited_for() -> None:
    server = PostgresqlServer()
    try:
        url = server.new_database()
        server.stop()
        with ThreadPoolExecutor(1) as service:
            migrating = service.submit(migrate, url, patience=60)
            server.start()
            migrating.result(60)

        assert server.ask("SELECT count(*) FROM jobs", database=url.rpartition("/")[2]) == [(0,)]
    finally:
        server.end()


class TestRefusals:
    def test_a_wrong_password_is_not_tried_again(self, postgresql: PostgresqlServer) -> None:
        with pytest.raises(SetupError, match="password"):
            migrate(postgresql.url(password="wr0ng"), patience=3600)

    def test_a_wrong_password_is_told_and_not_shown(self, postgresql: PostgresqlServer) -> None:
        with pytest.raises(SetupError, match="password authentication failed") as raised:
            migrate(postgresql.url(password="wr0ng"))

        assert "wr0ng" not in str(raised.value)
        assert "database.url" in str(raised.value.facts["cure"])
        assert "\n" not in str(raised.value)

    def test_a_database_that_does_not_exist_is_told(self, postgresql: PostgresqlServer) -> None:
        with pytest.raises(SetupError, match='database "nowhere" does not exist'):
            migrate(postgresql.url("nowhere"))

    def test_a_server_that_does_not_answer_is_told(self) -> None:
        with pytest.raises(SetupError, match="Connection refused") as raised:
            migrate("postgresql://penstock:s3cret@127.0.0.1:1/penstock")

        assert "s3cret" not in str(raised.value)

    @pytest.mark.parametrize(
        "address",
        [
            "postgresql://u:s3cret@host:port/name",
            "postgresql://u:s3/cret@host/name",
            "postgresql://u@host/name?password=s3cret",
            "mysql://u@host/name?password=s3cret",
            "postgresql://u:s3cret@host/name?no_such_option=1",
        ],
    )
    def test_an_address_that_cannot_be_used_keeps_its_password(self, address: str) -> None:
        with pytest.raises(SetupError) as raised:
            migrate(address)

        assert "s3" not in str(raised.value)

    def test_an_encoding_that_cannot_hold_every_name_is_refused(self, postgresql: PostgresqlServer) -> None:
        postgresql.ask("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")

        with pytest.raises(SetupError, match="LATIN1"):
            migrate(postgresql.url("latin"))
        postgresql.drop(postgresql.url("latin"))

    def test_a_user_who_may_not_make_tables_is_told(self, postgresql: PostgresqlServer) -> None:
        url = postgresql.new_database()
        postgresql.ask("CREATE USER guest PASSWORD 'guest'")

        with pytest.raises(SetupError, match="permission denied"):
            migrate(make_url(url).set(username="guest", password="guest").render_as_string(hide_password=False))
        postgresql.drop(url)
        postgresql.ask("DROP USER guest")

    @pytest.mark.parametrize(("seconds", "words"), [(60, "60 seconds ahead of"), (-60, "60 seconds behind")])
    def test_a_clock_that_differs_from_the_databases_is_refused(
        self, postgresql_url: str, seconds: int, words: str
    ) -> None:
        engines = connect(postgresql_url, readers=1)
        with engines.reader.connect() as connection:
            theirs = now_of(connection)
        engines.dispose()
        assert theirs is not None

        with pytest.raises(SetupError, match=words):
            migrate(postgresql_url, ManualClock(datetime.fromtimestamp(theirs, UTC) + timedelta(seconds=seconds)))

    def test_a_driver_that_is_missing_is_named(self, postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "psycopg", None)

        with pytest.raises(SetupError, match=r"pip install 'penstock\[postgresql\]'"):
            migrate(postgresql_url)
