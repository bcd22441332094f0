"""Savepoints that runs can begin from, and where the copy of one that is asked for is to lie."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Added with defaults: the last version goes on working beside this one."""
    op.add_column("jobs", sa.Column("savepoint_copy_to", sa.Text(), nullable=False, server_default=""))
    op.add_column("jobs", sa.Column("newest_savepoint_id", sa.Text()))
    job = sa.ForeignKey("jobs.id", name=op.f("fk_savepoints_job_id"), deferrable=True, initially="DEFERRED")
    op.create_table(
        "savepoints",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), job, autoincrement=False, nullable=False),
        sa.Column("made_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("copy", sa.Text(), nullable=False),
        sa.Column("copied_at_ms", sa.BigInteger()),
        sa.CheckConstraint("copied_at_ms IS NULL OR copy != ''", name=op.f("ck_savepoints_copied_somewhere")),
        sa.CheckConstraint("(place = '') = (path = '')", name=op.f("ck_savepoints_place_with_path")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_savepoints")),
    )
    to_copy = sa.text("copy != '' AND copied_at_ms IS NULL")
    op.create_index("ix_savepoints_to_copy", "savepoints", ["place"], sqlite_where=to_copy, postgresql_where=to_copy)
    twice = sa.text("path != '' AND copied_at_ms IS NOT NULL")
    op.create_index("ix_savepoints_twice", "savepoints", ["place"], sqlite_where=twice, postgresql_where=twice)
