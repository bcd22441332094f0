import json
import re
import sqlite3
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Executable, text

from penstock.database.callers import DatabaseCallers
from penstock.database.connection import connect
from penstock.database.documents import text_from_sheet, text_from_spec
from penstock.database.migrate import migrate
from penstock.database.packages import DatabasePackages
from penstock.database.records import DatabaseTx
from penstock.database.tables import metadata
from penstock.domain.caller import ProjectId, UserId
from penstock.domain.errors import SetupError
from penstock.domain.package import PackageStatus
from penstock.domain.run import JobId
from penstock.domain.run_sheet import SheetId
from penstock.testing.builders import a_sheet, a_spec


def url_of(file: Path) -> str:
    return f"sqlite:///{file}"


def schema_of(file: Path) -> set[tuple[str, ...]]:
    """The parts of every statement of the schema: their order, their layout and their quotes say nothing."""
    with sqlite3.connect(file) as connection:
        texts = connection.execute("SELECT sql FROM sqlite_master WHERE sql NOT NULL AND tbl_name != 'alembic_version'")
        schema = {tuple(sorted(re.split(r"[\s,]*(?:\n|, )[\s,]*", text.replace('"', "")))) for (text,) in texts}
    connection.close()
    return schema


def test_the_migrations_add_up_to_the_tables(tmp_path: Path) -> None:
    migrate(url_of(tmp_path / "migrated.db"))
    engines = connect(url_of(tmp_path / "made.db"), readers=1)
    metadata.create_all(engines.writer)
    engines.dispose()

    assert schema_of(tmp_path / "migrated.db") == schema_of(tmp_path / "made.db")


def test_alembic_finds_nothing_left_to_do(tmp_path: Path) -> None:
    migrate(url_of(tmp_path / "p.db"))
    engines = connect(url_of(tmp_path / "p.db"), readers=1)

    with engines.reader.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engines.dispose()


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    migrate(url_of(tmp_path / "p.db"))
    before = schema_of(tmp_path / "p.db")

    migrate(url_of(tmp_path / "p.db"))

    assert schema_of(tmp_path / "p.db") == before


def test_the_database_file_is_ours_alone(tmp_path: Path) -> None:
    migrate(url_of(tmp_path / "p.db"))

    assert (tmp_path / "p.db").stat().st_mode & 0o777 == 0o600


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    migrate(url_of(tmp_path / "p.db"))
    with sqlite3.connect(tmp_path / "p.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from the future'")
    connection.close()

    with pytest.raises(SetupError, match="newer"):
        migrate(url_of(tmp_path / "p.db"))


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.db").write_text("This is a letter, and long enough to be read as the head of a database." * 20)

    with pytest.raises(SetupError, match="not a database"):
        migrate(url_of(tmp_path / "p.db"))


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="No such file"):
        migrate(url_of(tmp_path / "nowhere" / "p.db"))


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("here", "not the address"),
        ("mysql://somewhere/db", "not a database that Penstock knows"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
    ],
)
def test_an_address_of_no_database_of_ours_is_refused(address: str, words: str) -> None:
    with pytest.raises(SetupError, match=words):
        migrate(address)


@pytest.mark.parametrize("address", ["mysql://user:secret@somewhere/db", "mysql//user:secret@somewhere/db"])
def test_a_password_is_not_told(address: str) -> None:
    with pytest.raises(SetupError) as raised:
        migrate(address)

    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("package", ["penstock.database.migrations", "penstock.database.migrations.versions"])
def test_the_steps_are_in_packages_so_that_an_installation_brings_them_along(package: str) -> None:
    assert import_module(package).__file__


def test_callers_of_an_older_version_keep_their_rights(tmp_path: Path) -> None:
    url = url_of(tmp_path / "p.db")
    rows = (
        "accounts VALUES ('a', 'account')",
        "projects VALUES ('p', 'a', 'region-1')",
        "users VALUES ('u', 'a', 'operator', 1)",
        "tokens VALUES ('h', 'u', 'p', 1, 2)",
    )
    upgrade_to("0004", url, [text(f"INSERT INTO {row}") for row in rows])

    migrate(url)

    engines = connect(url, readers=1)
    with engines.reader.connect() as connection:
        callers = DatabaseCallers(connection)
        token, user = callers.token("h"), callers.user(UserId("u"))
    engines.dispose()
    assert token is not None
    assert (token.project_id, token.method) == ("p", "signature")
    assert user is not None
    assert (user.is_operator, user.is_enabled, user.password_hash) == (True, True, "")


def test_jobs_of_an_older_version_have_no_savepoint_and_one_that_was_asked_for_is_copied_nowhere(
    tmp_path: Path,
) -> None:
    url = url_of(tmp_path / "p.db")
    upgrade_to("0010", url, [old_job(), old_sheet()])

    migrate(url)

    engines = connect(url, readers=1)
    with engines.reader.connect() as connection:
        tx = DatabaseTx(connection)
        job, sheet = tx.jobs.load(JobId(7)), tx.sheets.load(SheetId("s"))
        assert (list(tx.savepoints.to_copy("here")), list(tx.savepoints.outlived("here"))) == ([], [])
    engines.dispose()
    assert job.savepoint is not None
    assert (job.savepoint.id, job.savepoint.copy_to, job.newest_savepoint) == ("5" * 32, "", None)
    assert sheet.savepoint is None


def test_the_last_version_goes_on_writing_jobs_beside_this_one(tmp_path: Path) -> None:
    """What it writes names neither of the new columns."""
    url = url_of(tmp_path / "p.db")
    migrate(url)
    engines = connect(url, readers=1)

    with engines.writer.begin() as connection:
        connection.execute(old_job())
    with engines.reader.connect() as connection:
        job = DatabaseTx(connection).jobs.load(JobId(7))
    engines.dispose()

    assert (job.savepoint and job.savepoint.copy_to, job.newest_savepoint) == ("", None)


def old_job() -> Executable:
    """A job that makes a savepoint, as version 0010 wrote it."""
    values = {
        "id": 7,
        "project_id": "p",
        "user_id": "u",
        "user_name": "someone",
        "name": "old",
        "queue_name": "q",
        "spec": text_from_spec(a_spec(name="old")),
        "state": "savepointing",
        "reason": '{"code":"savepointing","params":{}}',
        "version": 3,
        "savepoint_id": "5" * 32,
        "restarts_itself": 0,
        "restart_times": 0,
    } | dict.fromkeys(("created_at_ms", "updated_at_ms", "moved_at_ms", "savepoint_asked_at_ms"), 1)
    return into("jobs", values | {"savepoint_stops_job": 0})


def old_sheet() -> Executable:
    """A run sheet, as version 0010 wrote it."""
    document = json.loads(text_from_sheet(a_sheet(id=SheetId("s"))))
    del document["savepoint"]
    return into("sheets", {"id": "s", "job_id": 7, "sheet": json.dumps(document)})


def into(name: str, values: dict[str, object]) -> Executable:
    names = list(values)
    row = text(f"INSERT INTO {name} ({', '.join(names)}) VALUES ({', '.join(f':{one}' for one in names)})")
    return row.bindparams(**values)


def upgrade_to(revision: str, url: str, rows: Sequence[Executable]) -> None:
    """A database of an older version, with these rows."""
    engines, config = connect(url, readers=1), Config()
    config.set_main_option("script_location", "penstock.database:migrations")
    with engines.writer.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        for row in rows:
            connection.execute(row)
    engines.dispose()


def test_packages_of_an_older_version_are_ready_and_it_can_go_on_storing_them(tmp_path: Path) -> None:
    url = url_of(tmp_path / "p.db")
    migrate(url)
    engines = connect(url, readers=1)
    columns = "project_id, group_name, name, kind, sha256, size, owner, created_at_ms, updated_at_ms"
    with engines.writer.begin() as connection:
        connection.execute(
            text(f"INSERT INTO packages ({columns}) VALUES ('p', '', 'a.jar', 'jar', 'ab', 2, 'o', 1, 1)")
        )

    with engines.reader.connect() as connection:
        [package] = DatabasePackages(connection).list(ProjectId("p"))
    engines.dispose()

    assert (package.status, package.source, package.trouble) == (PackageStatus.READY, "", None)
