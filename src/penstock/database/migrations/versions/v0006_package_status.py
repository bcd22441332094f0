"""Where a package's content comes from while it is copied, whether it came, and why not."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Added, with defaults for the rows that are there: the last version goes on working beside this one."""
    op.add_column("packages", sa.Column("status", sa.Text(), nullable=False, server_default="READY"))
    op.add_column("packages", sa.Column("source", sa.Text(), nullable=False, server_default=""))
    op.add_column("packages", sa.Column("trouble", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_packages_status", "packages", ["status", "updated_at_ms"])
