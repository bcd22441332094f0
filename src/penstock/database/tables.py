"""The tables, with what must always be true of their rows.

Times are whole milliseconds since 1970 (`*_at_ms`). What is only ever read as a whole (a spec, a sheet, a reason) is
JSON text; what a statement asks for has a column of its own beside it.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    and_,
)

from penstock.database.dialect import IDENTITY
from penstock.domain.lifecycle import SETTLED, State

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _one_of(states: frozenset[State]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))


def _job_id(*, primary_key: bool = False) -> Column[int]:
    # Deferred: a transaction may write what belongs together in any order.
    job = ForeignKey("jobs.id", deferrable=True, initially="DEFERRED")
    return Column("job_id", BigInteger, job, primary_key=primary_key, nullable=False, autoincrement=False)


jobs = Table(
    "jobs",
    metadata,
    Column("id", IDENTITY, primary_key=True),
    Column("project_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("user_name", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("queue_name", Text, nullable=False),  # in lower case; the spec keeps it as the caller wrote it
    Column("spec", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("sheet_id", Text),
    Column("run_id", Text),  # the newest; runs refer to jobs, and a circle of references could not be made in order
    Column("created_at_ms", BigInteger, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
    Column("moved_at_ms", BigInteger, nullable=False),
    Column("run_asked_at_ms", BigInteger),
    Column("started_at_ms", BigInteger),
    Column("ended_at_ms", BigInteger),
    Column("restart_due_at_ms", BigInteger),
    Column("restarts_itself", Boolean, nullable=False),
    Column("restart_times", Integer, nullable=False),
    Column("restarts_ms", Text, nullable=False, server_default="[]"),  # those of the last hour
    Column("restore_from", Text, nullable=False, server_default=""),
    Column("request_id", Text, nullable=False, server_default=""),
    Column("savepoint_id", Text),
    Column("savepoint_asked_at_ms", BigInteger),
    Column("savepoint_stops_job", Boolean),
    Column("savepoint_copy_to", Text, nullable=False, server_default=""),
    Column("newest_savepoint_id", Text),  # as the newest run, without a reference: a circle could not be made in order
    Column("deleted_at_ms", BigInteger),
    CheckConstraint(f"state IN ({_one_of(frozenset(State))})", name="state_known"),
    CheckConstraint(f"(ended_at_ms IS NOT NULL) = (state IN ({_one_of(SETTLED)}))", name="ended_if_settled"),
    CheckConstraint("(savepoint_id IS NULL) = (savepoint_asked_at_ms IS NULL)", name="savepoint_whole"),
    sqlite_autoincrement=True,  # an id is never used again, also not that of the last row after it is gone
)
_not_deleted = jobs.c.deleted_at_ms.is_(None)
job_names = Index(
    "uq_jobs_project_id_name",
    jobs.c.project_id,
    jobs.c.name,
    unique=True,
    sqlite_where=_not_deleted,
    postgresql_where=_not_deleted,
)
Index("ix_jobs_in_project", jobs.c.project_id, jobs.c.id, sqlite_where=_not_deleted, postgresql_where=_not_deleted)
Index("ix_jobs_on_queue", jobs.c.project_id, jobs.c.state, jobs.c.queue_name)
Index("ix_jobs_by_state", jobs.c.state, jobs.c.run_asked_at_ms, jobs.c.id)
Index("ix_jobs_restarting", jobs.c.id, sqlite_where=jobs.c.restarts_itself, postgresql_where=jobs.c.restarts_itself)

job_tags = Table(
    "job_tags",
    metadata,
    _job_id(primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
Index("ix_job_tags_pair", job_tags.c.key, job_tags.c.value, job_tags.c.job_id)

savepoints = Table(
    "savepoints",
    metadata,
    Column("id", Text, primary_key=True),
    _job_id(),
    Column("made_at_ms", BigInteger, nullable=False),
    Column("place", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("copy", Text, nullable=False),
    Column("copied_at_ms", BigInteger),
    CheckConstraint("copied_at_ms IS NULL OR copy != ''", name="copied_somewhere"),
    CheckConstraint("(place = '') = (path = '')", name="place_with_path"),
)
_to_copy = and_(savepoints.c.copy != "", savepoints.c.copied_at_ms.is_(None))
Index("ix_savepoints_to_copy", savepoints.c.place, sqlite_where=_to_copy, postgresql_where=_to_copy)
_twice = and_(savepoints.c.path != "", savepoints.c.copied_at_ms.is_not(None))
Index("ix_savepoints_twice", savepoints.c.place, sqlite_where=_twice, postgresql_where=_twice)

sheets = Table(
    "sheets",
    metadata,
    Column("id", Text, primary_key=True),
    _job_id(),
    Column("sheet", Text, nullable=False),
)
Index("ix_sheets_of_job", sheets.c.job_id)

sheet_blobs = Table(
    "sheet_blobs",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("sheet_id", Text, ForeignKey("sheets.id"), primary_key=True),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    _job_id(),
    Column("sheet_id", Text, ForeignKey("sheets.id", deferrable=True, initially="DEFERRED"), nullable=False),
    Column("place", Text, nullable=False),
    Column("footprint", Text, nullable=False),
    Column("admitted_at_ms", BigInteger, nullable=False),
    Column("started_at_ms", BigInteger),
    Column("absent_at_ms", BigInteger),
    Column("restore_from", Text, nullable=False, server_default=""),
    Column("flink_restarts", Integer, nullable=False, server_default="0"),
    Column("logs_shipped_at_ms", BigInteger),
)
_live = runs.c.absent_at_ms.is_(None)
Index("uq_runs_live_job_id", runs.c.job_id, unique=True, sqlite_where=_live, postgresql_where=_live)
Index("ix_runs_live_place", runs.c.place, sqlite_where=_live, postgresql_where=_live)
Index("ix_runs_of_job", runs.c.job_id)
Index("ix_runs_of_sheet", runs.c.sheet_id, runs.c.admitted_at_ms)

history = Table(
    "history",
    metadata,
    Column("id", IDENTITY, primary_key=True),
    _job_id(),
    Column("run_id", Text),
    Column("at_ms", BigInteger, nullable=False),
    Column("what", Text, nullable=False),
    Column("state_before", Text, nullable=False),
    Column("state_after", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("request_id", Text, nullable=False),
)
Index("ix_history_of_job", history.c.job_id, history.c.id)

queues = Table(
    "queues",
    metadata,
    Column("id", IDENTITY, primary_key=True),
    Column("project_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("spec", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    CheckConstraint("name = lower(name)", name="name_lower"),
    sqlite_autoincrement=True,
)
queue_names = Index("uq_queues_project_id_name", queues.c.project_id, queues.c.name, unique=True)

packages = Table(
    "packages",
    metadata,
    Column("project_id", Text, primary_key=True),
    Column("group_name", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("owner", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
    Column("status", Text, nullable=False, server_default="READY"),
    Column("source", Text, nullable=False, server_default=""),
    Column("trouble", Text, nullable=False, server_default=""),
)
Index("ix_packages_content", packages.c.sha256)
Index("ix_packages_status", packages.c.status, packages.c.updated_at_ms)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    UniqueConstraint("name"),
)

project_names = UniqueConstraint("account_id", "name")
projects = Table(
    "projects",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("closed_at_ms", BigInteger),
    project_names,
)

user_names = UniqueConstraint("account_id", "name")
users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("is_operator", Boolean, nullable=False),
    Column("password_hash", Text, nullable=False, server_default=""),
    Column("disabled_at_ms", BigInteger),
    user_names,
)

access_keys = Table(
    "access_keys",
    metadata,
    Column("access", Text, primary_key=True),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("user_id", Text, ForeignKey("users.id"), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
)
Index("ix_access_keys_of_user", access_keys.c.user_id)

tokens = Table(
    "tokens",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id"), nullable=False),
    Column("project_id", Text, ForeignKey("projects.id")),  # none: the whole account
    Column("issued_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
    Column("method", Text, nullable=False, server_default="signature"),
)
Index("ix_tokens_expiry", tokens.c.expires_at_ms)
Index("ix_tokens_issue", tokens.c.issued_at_ms, tokens.c.hash)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

topics = Table(
    "topics",
    metadata,
    Column("urn", Text, primary_key=True),
    Column("id", Text, nullable=False),
    Column("project_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("enterprise_project_id", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
    UniqueConstraint("project_id", "name"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("urn", Text, primary_key=True),
    Column("topic_urn", Text, ForeignKey("topics.urn"), nullable=False),
    Column("project_id", Text, nullable=False),
    Column("protocol", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("remark", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("confirm_hash", Text, nullable=False),  # empty once it is used
    Column("confirm_until_ms", BigInteger),
    Column("leave_hash", Text, nullable=False),
    Column("sealed_leave", LargeBinary, nullable=False),
    CheckConstraint("status IN (0, 1, 2, 3, 4)", name="status_known"),
    UniqueConstraint("topic_urn", "protocol", "endpoint"),
)
Index("ix_subscriptions_in_project", subscriptions.c.project_id, subscriptions.c.created_at_ms, subscriptions.c.urn)
Index("ix_subscriptions_to_confirm", subscriptions.c.confirm_hash)
Index("ix_subscriptions_to_leave", subscriptions.c.leave_hash)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Text, primary_key=True),
    Column("message_id", Text, nullable=False),
    Column("topic_urn", Text, nullable=False),
    Column("topic_name", Text, nullable=False),
    Column("subscription_urn", Text, nullable=False),  # a farewell outlives its subscription, so this is no reference
    Column("protocol", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("sealed_token", LargeBinary, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("next_try_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("job_id", BigInteger),
)
Index("ix_outbox_due", outbox.c.protocol, outbox.c.next_try_at_ms, outbox.c.id)
Index("ix_outbox_of_subscription", outbox.c.subscription_urn)

# --- buckets, and the logs that are copied to them ---

buckets = Table(
    "buckets",
    metadata,
    Column("project_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("authorised", Boolean, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("location", Text, nullable=False, server_default=""),  # of the store's own; empty: where the store puts it
)
_is_mapped = buckets.c.location != ""
Index("uq_buckets_location", buckets.c.location, unique=True, sqlite_where=_is_mapped, postgresql_where=_is_mapped)

log_cursors = Table(
    "log_cursors",
    metadata,
    Column("run_id", Text, ForeignKey("runs.id"), primary_key=True),
    Column("file", Text, primary_key=True),
    Column("incarnation", Text, primary_key=True),
    Column("begins", BigInteger, nullable=False),
    Column("shipped", BigInteger, nullable=False),
    Column("whole", Boolean, nullable=False),
)

submit_logs = Table(
    "submit_logs",
    metadata,
    _job_id(primary_key=True),
    Column("job_version", BigInteger, primary_key=True, autoincrement=False),
    Column("project_id", Text, nullable=False),
    Column("bucket", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("refused_at_ms", BigInteger, nullable=False),
)
Index("ix_submit_logs_due", submit_logs.c.refused_at_ms, submit_logs.c.job_id, submit_logs.c.job_version)

# --- places, and what engines must not forget of their runs ---

places = Table(
    "places",
    metadata,
    Column("name", Text, primary_key=True),
    Column("engine", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("seen_at_ms", BigInteger, nullable=False),
)

# Without a reference to `runs`: an engine may still hold what the records know nothing of, until it is swept.
run_notes = Table(
    "run_notes",
    metadata,
    Column("place", Text, primary_key=True),
    Column("run_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
