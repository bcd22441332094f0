"""Where a bucket lies in an object store that has buckets of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Added with a default: the last version goes on working beside this one."""
    op.add_column("buckets", sa.Column("location", sa.Text(), nullable=False, server_default=""))
    is_mapped = sa.text("location != ''")
    op.create_index(
        "uq_buckets_location", "buckets", ["location"], unique=True, sqlite_where=is_mapped, postgresql_where=is_mapped
    )
