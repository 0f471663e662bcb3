"""Tables of what stands around copies: rows under a warning, and what each run made copies with.

Belongs here: columns. Not here: the outcomes of gates (`tables`), who fills these (`gate_warnings`, `circumstances`).
"""

from sqlalchemy import BigInteger, Column, Identity, PrimaryKeyConstraint, SmallInteger, Table, Text

from sync_assets.store.tables import metadata, now_column

gate_warning = Table(
    "gate_warning",
    metadata,
    Column("asset", Text, nullable=False),
    Column("check_name", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    now_column("warned_at"),
    PrimaryKeyConstraint("asset", "check_name", "record_id"),
    schema="sync",
    comment="The rows that a gate let pass with a warning and that nobody has mended yet.",
)
circumstance = Table(
    "circumstance",
    metadata,
    Column("stream_id", SmallInteger, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("circumstance_id", BigInteger, Identity(), nullable=False),
    now_column("noted_at"),
    Column("release", Text, nullable=False),
    Column("connector", Text, nullable=False),
    Column("api_version", Text, nullable=False),
    Column("mapping", Text, nullable=False),
    PrimaryKeyConstraint("stream_id", "run_id"),
    schema="sync",
    comment="With which release, connector, API version and mapping each run made copies of a stream's records.",
)
