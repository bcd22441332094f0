"""What restarts need to know: where the next run begins, and how often Flink restarted one by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Added, with defaults for the rows that are there: the last version goes on working beside this one."""
    op.add_column("jobs", sa.Column("restarts_ms", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("jobs", sa.Column("restore_from", sa.Text(), nullable=False, server_default=""))
    op.add_column("runs", sa.Column("restore_from", sa.Text(), nullable=False, server_default=""))
    op.add_column("runs", sa.Column("flink_restarts", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_runs_of_sheet", "runs", ["sheet_id", "admitted_at_ms"])
