"""Tables of identity beside the links: what each customer record can be found by, what is alike, what happened.

Belongs here: columns and indexes. Not here: the links themselves (`integrity_tables`) and how keys are made (`links`).
"""

from sqlalchemy import BigInteger, Column, Identity, Index, Numeric, PrimaryKeyConstraint, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from sync_assets.store.tables import instant, metadata, now_column

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
match = Table(
    "match",
    metadata,
    Column("match_id", BigInteger, Identity(), primary_key=True),
    Column("system", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("weight", Numeric),
    Column("evidence", JSONB, nullable=False),
    instant("opened_at", required=True),
    instant("decided_at"),
    Column("decided_by", Text),
    Column("reason", Text),
    UniqueConstraint("system", "record_id", "node", name="match_pair"),
    schema="identity",
    comment="Whom records without a link are like, and what became of it: linked, asked, accepted, rejected, split.",
)
link_event = Table(
    "event",
    metadata,
    Column("event_id", BigInteger, Identity(), primary_key=True),
    now_column("at"),
    Column("event", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("was", Text),
    Column("became", Text),
    Column("rule", Text),
    Column("made_by", Text),
    Column("reason", Text),
    Column("match_id", BigInteger),
    Index("event_record", "system", "record_id"),
    schema="identity",
    comment="Every link that changed and everything people decided, in order; nothing is ever removed.",
)
