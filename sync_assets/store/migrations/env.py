"""How Alembic reaches our database: on the connection that `store/engine.py` hands it."""

from alembic import context

from sync_assets.store import integrity_tables  # noqa: F401 - registers its tables
from sync_assets.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table_schema="sync",
    include_schemas=True,
)
with context.begin_transaction():
    context.run_migrations()
