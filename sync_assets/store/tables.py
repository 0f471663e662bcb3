"""Every table, as SQLAlchemy metadata. Raw is append-only; canonical tables are derived from the entities.

Schemas: `sync` (how far each stream was read), `raw` (what vendors said), `canonical` (our copies and their history),
`identity` (links), `integrity` (the ledger of breaks, the milestones of deals).
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Sequence,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeEngine

from sync_assets.model.entities import COPY_FIELDS, ENTITIES, Entity, Field, Type

metadata = MetaData()
SCHEMAS = ("sync", "raw", "canonical", "identity", "integrity")

_TYPES: dict[Type, TypeEngine[Any]] = {
    Type.TEXT: Text(),
    Type.MINOR: BigInteger(),
    Type.DECIMAL: Numeric(),
    Type.INTEGER: BigInteger(),
    Type.INSTANT: DateTime(timezone=True),
    Type.DAY: Date(),
    Type.FLAG: Boolean(),
}


def instant(name: str, *, required: bool = False) -> Column[Any]:
    """A UTC instant."""
    return Column(name, DateTime(timezone=True), nullable=not required)


def now_column(name: str) -> Column[Any]:
    """An instant that the database fills in."""
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


stream = Table(
    "stream",
    metadata,
    Column("stream_id", SmallInteger, Identity(), primary_key=True),
    Column("system", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("fence", BigInteger, nullable=False, server_default="0"),
    instant("leased_until"),
    Column("leased_by", Text),
    instant("high_water_at"),
    instant("seen_through"),
    instant("complete_through"),
    instant("read_at"),
    Column("conformed_version_id", BigInteger, nullable=False, server_default="0"),
    Column("lateness_max_s", Integer, nullable=False, server_default="0"),
    UniqueConstraint("system", "name"),
    schema="sync",
    comment="One row per stream: who reads it now, how far it is read, how far it is conformed.",
)
window = Table(
    "window",
    metadata,
    Column("window_id", BigInteger, Identity(), primary_key=True),
    Column("stream_id", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    instant("start_at"),
    instant("end_at", required=True),
    instant("earliest_at", required=True),
    Column("place", Text),
    instant("covered_until"),
    Column("run_id", Text, nullable=False),
    now_column("opened_at"),
    instant("closed_at"),
    Column("pages", Integer, nullable=False, server_default="0"),
    Column("records", BigInteger, nullable=False, server_default="0"),
    Column("changed", BigInteger, nullable=False, server_default="0"),
    Column("rejected", BigInteger, nullable=False, server_default="0"),
    Index("window_open", "stream_id", unique=True, postgresql_where=text("closed_at IS NULL AND kind <> 'backfill'")),
    schema="sync",
    comment="Every window that was ever read, and the place of the open ones.",
)
account = Table(
    "account",
    metadata,
    Column("system", Text, primary_key=True),
    Column("account", Text, nullable=False),
    schema="sync",
    comment="Which account of each system is read, where its login names one.",
)
budget = Table(
    "budget",
    metadata,
    Column("system", Text, primary_key=True),
    instant("next_free_at", required=True),
    schema="sync",
    comment="One request rate per system, shared by all processes.",
)
probe = Table(
    "probe",
    metadata,
    Column("system", Text, primary_key=True),
    Column("marker", Text),
    Column("epoch", BigInteger, nullable=False, server_default="0"),
    now_column("probed_at"),
    schema="sync",
    comment="What each system's change probe saw last.",
)
beat = Table(
    "beat",
    metadata,
    Column("name", Text, primary_key=True),
    now_column("beat_at"),
    schema="sync",
    comment="When each sensor and schedule last ticked.",
)
consumed = Table(
    "consumed",
    metadata,
    Column("consumer", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("change_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("consumer", "entity"),
    schema="sync",
    comment="How far each consumer has taken the changes of each entity.",
)
gate = Table(
    "gate",
    metadata,
    Column("gate_id", BigInteger, Identity(), primary_key=True),
    Column("asset", Text, nullable=False),
    Column("check_name", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    now_column("decided_at"),
    Column("outcome", Text, nullable=False),
    Column("explanation", JSONB, nullable=False),
    Index("gate_latest", "asset", "check_name", "gate_id"),
    schema="sync",
    comment="Every outcome of every gate; whoever reads a gated table asserts the latest.",
)
gate_override = Table(
    "gate_override",
    metadata,
    Column("override_id", BigInteger, Identity(), primary_key=True),
    Column("asset", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("approver", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", Date, nullable=False),
    now_column("made_at"),
    Index("gate_override_latest", "asset", "override_id"),
    schema="sync",
    comment="Who let data pass a closed gate, why, and through which day.",
)
dead_letter = Table(
    "dead_letter",
    metadata,
    Column("dead_letter_id", BigInteger, Identity(), primary_key=True),
    Column("stream_id", SmallInteger, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("entity", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("field", Text, nullable=False, server_default=""),
    Column("page_id", BigInteger, nullable=False),
    Column("start", Integer, nullable=False),
    Column("length", Integer, nullable=False),
    Column("run_id", Text, nullable=False),
    instant("seen_at", required=True),
    instant("resolved_at"),
    UniqueConstraint("stream_id", "record_id", "content_hash", "entity", "reason"),
    schema="sync",
    comment="Records that could not be read or mapped, with the reason and where their exact bytes are.",
)
field_profile = Table(
    "field_profile",
    metadata,
    Column("stream_id", SmallInteger, nullable=False),
    Column("field", Text, nullable=False),
    Column("types", JSONB, nullable=False),
    Column("records", BigInteger, nullable=False),
    PrimaryKeyConstraint("stream_id", "field"),
    schema="sync",
    comment="Which fields a stream has shown, with how often each JSON type was seen.",
)
schema_finding = Table(
    "schema_finding",
    metadata,
    Column("finding_id", BigInteger, Identity(), primary_key=True),
    Column("stream_id", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("was", Text, nullable=False),
    Column("became", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    instant("found_at", required=True),
    UniqueConstraint("stream_id", "kind", "field", "became"),
    schema="sync",
    comment="Fields that appeared, vanished, changed type or went null.",
)
page = Table(
    "page",
    metadata,
    Column("page_id", BigInteger, Identity(), primary_key=True),
    Column("window_id", BigInteger, nullable=False),
    instant("fetched_at", required=True),
    Column("body", LargeBinary, nullable=False),
    Column("exact_bytes", Integer, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    schema="raw",
    comment="The exact bytes of each page that brought something new, zstd compressed, then composed records if any.",
)
known_page = Table(
    "known_page",
    metadata,
    Column("stream_id", SmallInteger, nullable=False),
    Column("records_hash", LargeBinary, nullable=False),
    Column("version_ids", ARRAY(BigInteger), nullable=False),
    PrimaryKeyConstraint("stream_id", "records_hash"),
    schema="sync",
    comment="Which versions the records of a page were when it was landed: the same records again need no reading.",
)
version = Table(
    "version",
    metadata,
    Column("stream_id", SmallInteger, nullable=False),
    Column("version_id", BigInteger, Identity(), nullable=False),
    Column("record_id", Text, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("rank", BigInteger, nullable=False),
    instant("stamped_at"),
    instant("observed_at", required=True),
    Column("page_id", BigInteger, nullable=False),
    Column("start", Integer, nullable=False),
    Column("length", Integer, nullable=False),
    Column("is_deleted", Boolean, nullable=False),
    Column("merged_into", Text),
    PrimaryKeyConstraint("stream_id", "version_id"),
    Index("version_deleted", "stream_id", "observed_at", postgresql_where=text("is_deleted")),
    schema="raw",
    comment="Every distinct version of every record, pointing into its page; `rank` orders versions of one record.",
)
head = Table(
    "head",
    metadata,
    Column("stream_id", SmallInteger, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("version_id", BigInteger, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("rank", BigInteger, nullable=False),
    Column("is_deleted", Boolean, nullable=False),
    PrimaryKeyConstraint("stream_id", "record_id"),
    schema="raw",
    comment="The newest version of each record.",
)
change = Sequence("change", metadata=metadata, schema="canonical")


def _column(field: Field) -> Column[Any]:
    return Column(field.name, _TYPES[field.type], nullable=not field.required)


def _copy_columns(entity: Entity) -> list[Column[Any]]:
    """Columns of a copy: whose it is, its place in the change order, where it came from, then the entity's own."""
    return [
        *(_column(field) for field in COPY_FIELDS),
        Column("from_record_id", Text, nullable=False),
        Column("version_id", BigInteger, nullable=False),
        Column("run_id", Text, nullable=False),
        *(_column(field) for field in entity.fields),
    ]


def _current_table(entity: Entity) -> Table:
    """The current copies of an entity, one row per system and record; parts are found by their whole's record."""
    indexes = [
        Index(
            f"{entity.name}_{name.replace('+', '_')}",
            *(("system", name) if name == entity.part_of else name.split("+")),
        )
        for name in entity.indexes
    ]
    return Table(
        entity.name,
        metadata,
        *_copy_columns(entity),
        Column("change_id", BigInteger, nullable=False, server_default=change.next_value()),
        PrimaryKeyConstraint("system", "record_id"),
        Index(f"{entity.name}_change", "change_id"),
        *indexes,
        schema="canonical",
        comment=f"Each system's current copy of {entity.name}; observed_at is when we came to know it.",
    )


def _history_table(entity: Entity) -> Table:
    """The copies that were replaced: valid from version_at, known from observed_at until known_to."""
    return Table(
        f"{entity.name}_history",
        metadata,
        *_copy_columns(entity),
        Column("change_id", BigInteger, nullable=False),
        instant("known_to", required=True),
        Index(f"{entity.name}_history_record", "system", "record_id"),
        schema="canonical",
        comment=f"Former copies of {entity.name}, with the time during which each was what we knew.",
    )


current: dict[str, Table] = {name: _current_table(entity) for name, entity in ENTITIES.items()}
history: dict[str, Table] = {name: _history_table(entity) for name, entity in ENTITIES.items()}
