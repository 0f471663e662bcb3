"""Which account of each system is read."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create its table; the account that is read next is taken for the one that was read before."""
    op.execute("CREATE TABLE sync.account (system TEXT NOT NULL, account TEXT NOT NULL, PRIMARY KEY (system))")
    op.execute("COMMENT ON TABLE sync.account IS 'Which account of each system is read, where its login names one.'")
