"""What restarts need to know: checkpoints, and how often Flink restarted by itself."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
