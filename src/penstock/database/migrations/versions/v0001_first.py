"""The first tables: jobs, queues, packages, callers, leases and notes.

`_jobs` is long because a table's columns and constraints are one list; a step that has been released is not rewritten.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NOT_DELETED = sa.text("deleted_at_ms IS NULL")
_LIVE = sa.text("absent_at_ms IS NULL")
_RESTARTS = sa.column("restarts_itself", sa.Boolean())


def upgrade() -> None:
    _jobs()
    _queues_and_packages()
    _callers()
    _installation()


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", _IDENTITY, nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("queue_name", sa.Text(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("sheet_id", sa.Text()),
        sa.Column("run_id", sa.Text()),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("moved_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("run_asked_at_ms", sa.BigInteger()),
        sa.Column("started_at_ms", sa.BigInteger()),
        sa.Column("ended_at_ms", sa.BigInteger()),
        sa.Column("restart_due_at_ms", sa.BigInteger()),
        sa.Column("restarts_itself", sa.Boolean(), nullable=False),
        sa.Column("restart_times", sa.Integer(), nullable=False),
        sa.Column("savepoint_id", sa.Text()),
        sa.Column("savepoint_asked_at_ms", sa.BigInteger()),
        sa.Column("savepoint_stops_job", sa.Boolean()),
        sa.Column("deleted_at_ms", sa.BigInteger()),
        sa.CheckConstraint(
            "(ended_at_ms IS NOT NULL) = (state IN ('failed', 'finished', 'launch_failed', 'stopped'))",
            name=op.f("ck_jobs_ended_if_settled"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'failed', 'finished', 'launch_failed', 'launching', 'parting', 'queued', 'restarting', 'running', 'savepointing', 'stop_failed', 'stopped', 'stopping')",
            name=op.f("ck_jobs_state_known"),
        ),
        sa.CheckConstraint(
            "(savepoint_id IS NULL) = (savepoint_asked_at_ms IS NULL)", name=op.f("ck_jobs_savepoint_whole")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_by_state", "jobs", ["state", "run_asked_at_ms", "id"])
    op.create_index(
        "ix_jobs_in_project", "jobs", ["project_id", "id"], sqlite_where=_NOT_DELETED, postgresql_where=_NOT_DELETED
    )
    op.create_index("ix_jobs_on_queue", "jobs", ["project_id", "state", "queue_name"])
    op.create_index("ix_jobs_restarting", "jobs", ["id"], sqlite_where=_RESTARTS, postgresql_where=_RESTARTS)
    op.create_index(
        "uq_jobs_project_id_name",
        "jobs",
        ["project_id", "name"],
        unique=True,
        sqlite_where=_NOT_DELETED,
        postgresql_where=_NOT_DELETED,
    )
    op.create_table(
        "job_tags",
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_job_tags_job_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("job_id", "key", name=op.f("pk_job_tags")),
    )
    op.create_index("ix_job_tags_pair", "job_tags", ["key", "value", "job_id"])
    op.create_table(
        "sheets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_sheets_job_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheets")),
    )
    op.create_index("ix_sheets_of_job", "sheets", ["job_id"])
    op.create_table(
        "sheet_blobs",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("sheet_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheets.id"], name=op.f("fk_sheet_blobs_sheet_id")),
        sa.PrimaryKeyConstraint("sha256", "sheet_id", name=op.f("pk_sheet_blobs")),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sheet_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("footprint", sa.Text(), nullable=False),
        sa.Column("admitted_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("started_at_ms", sa.BigInteger()),
        sa.Column("absent_at_ms", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_runs_job_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["sheets.id"], name=op.f("fk_runs_sheet_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index("ix_runs_live_place", "runs", ["place"], sqlite_where=_LIVE, postgresql_where=_LIVE)
    op.create_index("ix_runs_of_job", "runs", ["job_id"])
    op.create_index("uq_runs_live_job_id", "runs", ["job_id"], unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE)
    op.create_table(
        "history",
        sa.Column("id", _IDENTITY, nullable=False),
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("run_id", sa.Text()),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("state_before", sa.Text(), nullable=False),
        sa.Column("state_after", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_history_job_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index("ix_history_of_job", "history", ["job_id", "id"])


def _queues_and_packages() -> None:
    op.create_table(
        "queues",
        sa.Column("id", _IDENTITY, nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("name = lower(name)", name=op.f("ck_queues_name_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queues")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_queues_project_id_name", "queues", ["project_id", "name"], unique=True)
    op.create_table(
        "packages",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "group_name", "name", name=op.f("pk_packages")),
    )
    op.create_index("ix_packages_content", "packages", ["sha256"])


def _callers() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_accounts_name")),
    )
    op.create_table(
        "projects",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_projects_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_projects_account_id_name")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_operator", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_users_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_users_account_id_name")),
    )
    op.create_table(
        "access_keys",
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_access_keys_user_id")),
        sa.PrimaryKeyConstraint("access", name=op.f("pk_access_keys")),
    )
    op.create_index("ix_access_keys_of_user", "access_keys", ["user_id"])
    op.create_table(
        "tokens",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("issued_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_tokens_project_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_tokens_user_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_tokens")),
    )
    op.create_index("ix_tokens_expiry", "tokens", ["expires_at_ms"])


def _installation() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "notes",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notes")),
    )
