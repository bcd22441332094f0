"""Buckets, and how far the logs of a run are shipped."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is added may be empty: the last version goes on working beside this one."""
    op.add_column("runs", sa.Column("logs_shipped_at_ms", sa.BigInteger()))
    op.create_table(
        "buckets",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("authorised", sa.Boolean(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "name", name=op.f("pk_buckets")),
    )
    op.create_table(
        "log_cursors",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("incarnation", sa.Text(), nullable=False),
        sa.Column("begins", sa.BigInteger(), nullable=False),
        sa.Column("shipped", sa.BigInteger(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_log_cursors_run_id")),
        sa.PrimaryKeyConstraint("run_id", "file", "incarnation", name=op.f("pk_log_cursors")),
    )
