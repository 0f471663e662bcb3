"""Tables of identity beside the links: what each customer record can be found by.

Belongs here: columns and indexes. Not here: the links themselves (`integrity_tables`) and how keys are made (`links`).
"""

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table, Text

from sync_assets.store.tables import metadata

record_key = Table(
    "record_key",
    metadata,
    Column("system", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("system", "record_id", "kind"),
    Index("record_key_holders", "kind", "value", "side"),
    schema="identity",
    comment="What each customer record names or can be found by: its reference, tax id, domain and name, made plain.",
)
