"""What PostgreSQL needs to be told, and what it tells: connections, limits, conflicts, errors.

Limits (ADR 13): a process that is stopped or cut off inside a transaction loses it after `idle_in_transaction` seconds,
which is sooner than its lease runs out; whoever waits for its locks waits longer than that, and goes on.
"""

from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.types import Text

from penstock.domain.errors import Invalid, PenstockError, SetupError, StoreFull, StoreUnavailable
from penstock.domain.faults import FaultCode

Purpose = Literal["write", "read", "change the tables"]

DRIVER = "postgresql+psycopg"
NAMES = ("postgresql", "postgres")

_CONNECT_SECONDS = 5
_SILENCE_SECONDS = 15  # that a connection which sends gets no answer from the other machine's kernel

# Of both ends: the server must notice that we are gone, and we that it is gone.
_KEEPALIVE = {"idle": 10, "interval": 5, "count": 3}

_LIMITS = {"idle_in_transaction_session_timeout": 10, "lock_timeout": 15, "statement_timeout": 20}  # seconds
_LIMITS_OF_STEPS = {"idle_in_transaction_session_timeout": 60, "lock_timeout": 60, "statement_timeout": 0}

_ISOLATION: dict[Purpose, Literal["SERIALIZABLE", "REPEATABLE READ", "READ COMMITTED"]] = {
    "write": "SERIALIZABLE",
    "read": "REPEATABLE READ",
    "change the tables": "READ COMMITTED",
}

_TABLES_CHANGE = 0x70656E73746F636B  # "penstock" as a number, the name of a lock
_CONFLICTS = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
# Where no connection came about, libpq gives no SQLSTATE; its own words are English in the C locale.
_ON_ITS_WAY = ("refused", "starting up", "timeout", "timed out", "no route", "unreachable", "no such file")
_PASSING = {
    "08": "The connection to the database broke",
    "28": "The database does not let us in",
    "40": "The database gave the transaction up",
    "53": "The database has too little of something",
    "57P": "The database ends connections",
    "25P": "The database ended the transaction",
    "3D": "The database is not there",
    "55P03": "A lock in the database was not free in time",
    "57014": "The database took too long",
    "25006": "The database lets nobody write now",
    "42501": "The database does not let us do this",
    "58": "The database has trouble with its machine",
    "XX": "The database is damaged, or has an error of its own",
}


@compiles(Text, "postgresql")
def _text_by_code_point(element: Text, compiler: DDLCompiler, **kw: Any) -> str:
    """In a table, text is ordered by code point, as SQLite and Python do it, whatever the database's language is; and
    an upgrade of the machine's locales damages no index."""
    return 'TEXT COLLATE "C"' if kw.get("type_expression") is not None else "TEXT"


def engine_for(url: URL, purpose: Purpose, connections: int) -> Engine:
    """An engine whose connections are fit for the purpose."""
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_pre_ping=True,
        isolation_level=_ISOLATION[purpose],
        use_native_hstore=False,  # which would be asked for at every first connection
        connect_args=connect_arguments(url, purpose),
    )
    if purpose != "change the tables":
        event.listen(engine, "do_connect", _patiently)
    if purpose == "read":

        @event.listens_for(engine, "connect")
        def only_read(connection: Any, _: object) -> None:
            connection.read_only = True

    return engine


def _patiently(_: object, __: object, arguments: Any, named: Any) -> object:
    # Imported here: the driver is an extra.
    from penstock.database.patience import PatientConnection  # noqa: PLC0415

    return PatientConnection.connect(*arguments, **named)


def with_driver(url: URL) -> URL:
    """`postgres://` and `postgresql://` mean psycopg 3, and other drivers are not used."""
    return url.set(drivername=DRIVER) if url.drivername.partition("+")[0] in NAMES else url


def connect_arguments(url: URL, purpose: Purpose = "write") -> dict[str, Any]:
    """What libpq is told beside the address; what the address itself says comes first."""
    limits = _LIMITS_OF_STEPS if purpose == "change the tables" else _LIMITS
    ours = [f"-c {name}={seconds}s" for name, seconds in limits.items()]
    ours += [f"-c tcp_keepalives_{name}={value}" for name, value in _KEEPALIVE.items()]
    ours += [f"-c tcp_user_timeout={_SILENCE_SECONDS}s"]
    arguments: dict[str, Any] = {
        "application_name": "penstock",
        "client_encoding": "utf8",
        "connect_timeout": _CONNECT_SECONDS,
        "keepalives": 1,
        **{f"keepalives_{name}": value for name, value in _KEEPALIVE.items()},
        "tcp_user_timeout": _SILENCE_SECONDS * 1000,
    }
    said = url.query.get("options", ())
    options = " ".join([*ours, said] if isinstance(said, str) else [*ours, *said])
    return {key: value for key, value in arguments.items() if key not in url.query} | {"options": options}


def prepare_to_change(connection: Connection) -> None:
    """Wait for whoever changes the tables now; two services may start at once. Raises SetupError."""
    connection.execute(select(func.pg_advisory_xact_lock(_TABLES_CHANGE)))
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise SetupError(
            f"The database keeps text as {encoding}, which cannot hold every name: make one with ENCODING 'UTF8'."
        )


def now_of(connection: Connection) -> float:
    """The server's clock, in seconds since 1970; exact to the time that the answer travels."""
    return float(connection.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one())


def is_conflict(error: DBAPIError) -> bool:
    """Whether the transaction lost against another one, and can simply be run again."""
    return _state(error) in _CONFLICTS


def translated(error: DBAPIError) -> PenstockError | None:
    """Our own error, by SQLSTATE; None for what only a mistake of ours can cause."""
    state = _state(error)
    if isinstance(error, DataError) and "NUL" in first_line(error):  # raised by the driver; no text of ours has one
        return Invalid.of(FaultCode.CONTROL_CHARACTERS, field="request")
    if state == "53100":
        return StoreFull("The database has no space left: free some on its disk.")
    for beginning, sentence in _PASSING.items():
        if state.startswith(beginning):
            return StoreUnavailable(f"{sentence}: {first_line(error)}", sqlstate=state)
    is_connection = not state and isinstance(error, OperationalError | InterfaceError)
    if is_connection or error.connection_invalidated:
        return StoreUnavailable(f"The database does not answer: {first_line(error)}")
    return None


def may_answer_later(error: DBAPIError) -> bool:
    """Whether the server seems to be on its way: both machines may have been switched on at the same moment."""
    return not _state(error) and any(sign in str(error.orig).lower() for sign in _ON_ITS_WAY)


def first_line(error: DBAPIError) -> str:
    """What the driver says, without its hints over several lines."""
    return (str(error.orig).strip().splitlines() or [type(error.orig).__name__])[0].rstrip(".") + "."


def constraint_of(error: DBAPIError) -> str | None:
    """The name of the constraint that the statement would have broken."""
    name: str | None = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    return name


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""
