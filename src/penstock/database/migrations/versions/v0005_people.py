"""Passwords of users, and users, projects and keys that can be revoked."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Added, with defaults for the rows that are there: the last version goes on working beside this one."""
    op.add_column("projects", sa.Column("closed_at_ms", sa.BigInteger()))
    op.add_column("users", sa.Column("password_hash", sa.Text(), nullable=False, server_default=""))
    op.add_column("users", sa.Column("disabled_at_ms", sa.BigInteger()))
    with op.batch_alter_table("tokens") as tokens:  # SQLite can change a column only by copying the table
        tokens.add_column(sa.Column("method", sa.Text(), nullable=False, server_default="signature"))
        tokens.alter_column("project_id", existing_type=sa.Text(), nullable=True)
    op.create_index("ix_tokens_issue", "tokens", ["issued_at_ms", "hash"])
