"""An index to find the oldest payment of a system by."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create it."""
    op.create_index("payment_system_created_at", "payment", ["system", "created_at"], schema="canonical")
