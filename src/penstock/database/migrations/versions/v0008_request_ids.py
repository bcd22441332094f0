"""The request that last asked something of a job, so that what follows from it can be found under its id."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Added with a default: the last version goes on working beside this one."""
    op.add_column("jobs", sa.Column("request_id", sa.Text(), nullable=False, server_default=""))
