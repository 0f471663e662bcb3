"""Usage is found by its subscription and time, so that one period of a long life is read alone; settlements by age."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Put the time into the indexes."""
    op.execute("CREATE INDEX usage_subscription_id_occurred_at ON canonical.usage (subscription_id, occurred_at)")
    op.execute("DROP INDEX canonical.usage_subscription_id")
    op.execute("CREATE INDEX settlement_system_created_at ON canonical.settlement (system, created_at)")
