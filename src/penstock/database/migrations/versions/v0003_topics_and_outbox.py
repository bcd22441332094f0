"""Topics, subscriptions, and what must be told."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _topics()
    _outbox()


def _topics() -> None:
    op.create_table(
        "topics",
        sa.Column("urn", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("enterprise_project_id", sa.Text(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("urn", name=op.f("pk_topics")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_topics_project_id_name")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("urn", sa.Text(), nullable=False),
        sa.Column("topic_urn", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("confirm_hash", sa.Text(), nullable=False),
        sa.Column("confirm_until_ms", sa.BigInteger()),
        sa.Column("leave_hash", sa.Text(), nullable=False),
        sa.Column("sealed_leave", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("status IN (0, 1, 2, 3, 4)", name=op.f("ck_subscriptions_status_known")),
        sa.ForeignKeyConstraint(["topic_urn"], ["topics.urn"], name=op.f("fk_subscriptions_topic_urn")),
        sa.PrimaryKeyConstraint("urn", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint(
            "topic_urn", "protocol", "endpoint", name=op.f("uq_subscriptions_topic_urn_protocol_endpoint")
        ),
    )
    op.create_index("ix_subscriptions_in_project", "subscriptions", ["project_id", "created_at_ms", "urn"])
    op.create_index("ix_subscriptions_to_confirm", "subscriptions", ["confirm_hash"])
    op.create_index("ix_subscriptions_to_leave", "subscriptions", ["leave_hash"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("topic_urn", sa.Text(), nullable=False),
        sa.Column("topic_name", sa.Text(), nullable=False),
        sa.Column("subscription_urn", sa.Text(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("sealed_token", sa.LargeBinary(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("next_try_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_due", "outbox", ["protocol", "next_try_at_ms", "id"])
    op.create_index("ix_outbox_of_subscription", "outbox", ["subscription_urn"])
