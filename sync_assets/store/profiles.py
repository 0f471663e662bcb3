"""Which fields each stream shows, and what changed about them: fields added, removed, retyped, gone null."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from sync_assets.store.tables import field_profile, schema_finding

Profile = Mapping[str, Mapping[str, int]]
"""Field name to JSON type name to how many records showed it."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One change of a stream's shape; `kind` is added, removed, retyped or went_null."""

    kind: str
    field: str
    was: str
    became: str


def read_profile(connection: Connection, stream_id: int) -> dict[str, dict[str, int]]:
    """The fields a stream has shown so far; empty before its first read."""
    rows = connection.execute(
        text("SELECT field, types FROM sync.field_profile WHERE stream_id = :stream_id"), {"stream_id": stream_id}
    )
    return {row.field: row.types for row in rows}


def write_profile(connection: Connection, stream_id: int, profile: Profile) -> None:
    """Replace the profile of the fields that were seen."""
    if not profile:
        return
    statement = insert(field_profile).values(
        [
            {"stream_id": stream_id, "field": name, "types": dict(types), "records": sum(types.values())}
            for name, types in profile.items()
        ]
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["stream_id", "field"],
            set_={"types": statement.excluded.types, "records": statement.excluded.records},
        )
    )


def write_findings(
    connection: Connection, stream_id: int, findings: Sequence[Finding], *, run_id: str, found_at: datetime
) -> None:
    """Add findings; one that is known already is left alone."""
    for finding in findings:
        connection.execute(
            insert(schema_finding)
            .values(stream_id=stream_id, run_id=run_id, found_at=found_at, **vars(finding))
            .on_conflict_do_nothing()
        )
