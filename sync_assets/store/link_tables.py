"""Tables of identity beside the links: what each record says and can be found by, what is alike, what happened.

Belongs here: columns and indexes. Not here: the links themselves (`integrity_tables`) and how keys are made (`links`).
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB

from sync_assets.store.tables import instant, metadata, now_column

PROFILE = ("name", "words", "street", "city", "postcode", "region", "country", "tax_id", "domain")
"""What is said of a company, made plain: upper case, no punctuation, no legal form; `words` are the name's, sorted."""

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
BLOCKS: tuple[tuple[str, ...], ...] = (
    ("tax_id",),
    ("domain",),
    ("words",),
    ("city", "substr(name, 1, 3)"),
    ("postcode", "city"),
    ("postcode", "substr(name, 1, 2)"),
    ("postcode", "substr(street, 1, 6)"),
    ("region", "substr(street, 1, 9)"),
)
"""Records are compared when they agree in all of one of these; the same words mean the same to DuckDB."""


def part_of(alias: str, part: str) -> str:
    """A part of a block as one table's: `substr(p.name, 1, 3)`, `p.city`."""
    return part.replace("(", f"({alias}.") if "(" in part else f"{alias}.{part}"


_LOOKED_UP = {
    "tax": ("tax_id",),
    "domain": ("domain",),
    "words": ("words",),
    "city": ("city", "substr(name, 1, 3)"),
    "postcode": ("postcode", "city"),
    "street": ("region", "substr(street, 1, 9)"),
}
"""The indexes that find a block: three blocks share that of the postcode, within which there are few records."""

profile = Table(
    "profile",
    metadata,
    Column("system", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    *(Column(name, Text) for name in PROFILE),
    Column("change_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("system", "record_id"),
    *(
        Index(
            f"profile_{name}", *map(literal_column, parts), postgresql_where=literal_column(f"{parts[0]} IS NOT NULL")
        )
        for name, parts in _LOOKED_UP.items()
    ),
    schema="identity",
    comment="What each standing customer record says of its company, made plain, and the change that last altered it.",
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
