"""What each run made copies with, and how that differs from the run before: one row per stream and run with news."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, text

from sync_assets.store.engine import Store


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What copies are made with: each text changes when what it names does."""

    release: str
    connector: str
    api_version: str
    mapping: str


_NOTE = text("""
    INSERT INTO sync.circumstance (stream_id, run_id, release, connector, api_version, mapping)
    VALUES (:stream_id, :run_id, :release, :connector, :api_version, :mapping)
    ON CONFLICT DO NOTHING
""")
_BOTH = text("""
    SELECT c.release, c.connector, c.api_version, c.mapping FROM sync.circumstance c
    JOIN sync.stream s USING (stream_id)
    WHERE s.system = :system AND s.name = :stream AND c.circumstance_id <= (
        SELECT circumstance_id FROM sync.circumstance r WHERE r.stream_id = s.stream_id AND r.run_id = :run_id)
    ORDER BY c.circumstance_id DESC LIMIT 2
""")
_FINDINGS = text("""
    SELECT f.field, f.was, f.became FROM sync.schema_finding f JOIN sync.stream s USING (stream_id)
    WHERE s.system = :system AND s.name = :stream AND f.run_id = :run_id
    ORDER BY f.finding_id
""")
"""Readers find nothing the first time they see a stream, so that all of it is news."""


def note_circumstances(connection: Connection, stream_id: int, run_id: str, found: Circumstances) -> None:
    """Keep what a run makes copies of a stream's records with; the first word of a run stands."""
    connection.execute(_NOTE, {"stream_id": stream_id, "run_id": run_id, **asdict(found)})


def circumstances_changed(store: Store, system: str, stream: str, run_id: str) -> dict[str, tuple[str, str]]:
    """What a run made copies with that the stream's run before did not: name to what it was and became."""
    bound = {"system": system, "stream": stream, "run_id": run_id}
    with store.begin() as connection:
        rows = connection.execute(_BOTH, bound).mappings().all()
    if len(rows) < 2:
        return {}
    after, before = rows
    return {name: (before[name], after[name]) for name in after if before[name] != after[name]}


def schema_changed(store: Store, system: str, stream: str, run_id: str) -> list[Mapping[str, Any]]:
    """The fields of a stream that a run found to be otherwise than they were: field, was, became."""
    bound = {"system": system, "stream": stream, "run_id": run_id}
    with store.begin() as connection:
        return [dict(row) for row in connection.execute(_FINDINGS, bound).mappings()]
