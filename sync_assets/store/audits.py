"""An audit of one stream in the database: what was seen at the source beside what is stored, and how they differ.

Sightings lie in a table while they come in, so that a million of them need no memory of ours. Not here: findings and
their explanations (audit_findings.py), asking the source (connect/audit.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from sync_assets.store.engine import Store
from sync_assets.store.lists import INSTANTS, TEXTS, instants, texts

DIFFERENCES_MAX = 100_000
"""Differences of one stream that one audit takes on; the next one goes on from there."""


@dataclass(frozen=True, kw_only=True)
class Audit:
    """One audit of one stream: through when it was completely read, and since when documents are read at all."""

    audit_id: int
    stream_id: int
    run_id: str
    source_at: datetime
    complete_through: datetime
    earliest: datetime


class Difference(NamedTuple):
    """A record that is missing, stale or a ghost, with its stamps at the source and in the store."""

    record_id: str
    what: str
    source_stamp: datetime | None
    stored_stamp: datetime | None


_STREAM = text("""
    SELECT s.stream_id, s.complete_through,
        (SELECT min(w.earliest_at) FROM sync.window w WHERE w.stream_id = s.stream_id) AS earliest
    FROM sync.stream s WHERE s.system = :system AND s.name = :name AND s.complete_through IS NOT NULL
""")
_LEFT_BEHIND = text("""
    DELETE FROM sync.audit_sighting WHERE audit_id IN (SELECT audit_id FROM sync.audit WHERE stream_id = :stream_id)
""")
_BEGIN = text("""
    INSERT INTO sync.audit (stream_id, run_id, source_at, complete_through)
    VALUES (:stream_id, :run_id, :source_at, :complete_through) RETURNING audit_id
""")


def begin_audit(store: Store, system: str, name: str, *, run_id: str, source_at: datetime) -> Audit | None:
    """A new audit of a stream; None when the stream was never read to its end."""
    with store.begin() as connection:
        row = connection.execute(_STREAM, {"system": system, "name": name}).one_or_none()
        if row is None:
            return None
        connection.execute(_LEFT_BEHIND, {"stream_id": row.stream_id})
        told = {
            "stream_id": row.stream_id,
            "run_id": run_id,
            "source_at": source_at,
            "complete_through": row.complete_through,
        }
        return Audit(audit_id=connection.execute(_BEGIN, told).scalar_one(), earliest=row.earliest or source_at, **told)


_SEEN = text(f"""
    INSERT INTO sync.audit_sighting (audit_id, record_id, stamped_at, born_at, is_due)
    SELECT :audit_id, s.record_id, s.stamped_at, s.born_at, s.due = '1'
    FROM unnest({TEXTS.format("ids")}, {INSTANTS.format("stamps")}, {INSTANTS.format("births")},
            string_to_array(:due, ','))
        AS s (record_id, stamped_at, born_at, due)
    ON CONFLICT DO NOTHING
""")


Seen = tuple[str, datetime | None, datetime | None, bool]
"""What a list showed of a record: its id, change stamp, birth, and whether we must have it."""


def add_sightings(store: Store, audit: Audit, sightings: Sequence[Seen]) -> None:
    """Keep what a page of the source's list showed."""
    if not sightings:
        return
    names, stamps, births, due = zip(*sightings, strict=True)
    values = {
        "audit_id": audit.audit_id,
        "ids": texts(names),
        "stamps": instants(stamps),
        "births": instants(births),
        "due": ",".join("1" if one else "0" for one in due),
    }
    with store.begin() as connection:
        connection.execute(_SEEN, values)


_LAID_BESIDE = text("SELECT set_config('enable_nestloop', 'off', true)")
"""Two whole lists are joined by hash or order, whatever the planner believes of a table that was filled just now: it
takes a list it has not yet counted for empty, and would go through the other one once per record."""

_HEADS = """
    SELECT h.record_id, v.stamped_at FROM raw.head h
    JOIN raw.version v ON v.stream_id = h.stream_id AND v.version_id = h.version_id
    WHERE h.stream_id = :stream_id AND NOT h.is_deleted
"""
_PLANT = text(f"""
    SELECT s.record_id FROM sync.audit_sighting s JOIN ({_HEADS}) held USING (record_id)
    WHERE s.audit_id = :audit_id AND s.is_due AND coalesce(s.stamped_at, s.born_at, '-infinity') <= :complete_through
        AND s.stamped_at IS NOT DISTINCT FROM coalesce(held.stamped_at, s.stamped_at)
    ORDER BY md5(s.record_id || :audit_id) LIMIT 1
""")
_DIFFER = text(f"""
    SELECT s.record_id, CASE WHEN held.record_id IS NULL THEN 'missing' ELSE 'stale' END AS what,
        coalesce(s.stamped_at, s.born_at) AS source_stamp, held.stamped_at AS stored_stamp
    FROM sync.audit_sighting s
    LEFT JOIN (SELECT * FROM ({_HEADS}) living WHERE record_id IS DISTINCT FROM :withheld) held USING (record_id)
    WHERE s.audit_id = :audit_id AND (
        (held.record_id IS NULL AND s.is_due
            AND coalesce(s.stamped_at, s.born_at, '-infinity') <= :complete_through)
        OR (held.record_id IS NOT NULL AND s.stamped_at <= :complete_through
            AND s.stamped_at > coalesce(held.stamped_at, '-infinity'))
    ) LIMIT {DIFFERENCES_MAX + 1}
""")
_UNSEEN = text(f"""
    SELECT held.record_id, 'ghost' AS what, CAST(NULL AS timestamptz) AS source_stamp,
        held.stamped_at AS stored_stamp
    FROM ({_HEADS}) held
    WHERE NOT EXISTS (
        SELECT FROM sync.audit_sighting s WHERE s.audit_id = :audit_id AND s.record_id = held.record_id
    ) LIMIT {DIFFERENCES_MAX + 1}
""")
_COUNTS = text("""
    SELECT (SELECT count(*) FROM sync.audit_sighting WHERE audit_id = :audit_id) AS listed,
        (SELECT count(*) FROM raw.head WHERE stream_id = :stream_id AND NOT is_deleted) AS stored
""")


def _bound(audit: Audit) -> dict[str, Any]:
    names = ("audit_id", "stream_id", "complete_through")
    return {name: getattr(audit, name) for name in names}


@contextmanager
def _comparing(store: Store) -> Iterator[Connection]:
    """A transaction that lays two whole lists beside each other."""
    with store.begin() as connection:
        connection.execute(_LAID_BESIDE)
        yield connection


def planted(store: Store, audit: Audit) -> str | None:
    """A record that is both at the source and stored, another each time: the one to be withheld and found missing."""
    with _comparing(store) as connection:
        found: str | None = connection.execute(_PLANT, _bound(audit)).scalar_one_or_none()
    return found


def differences(store: Store, audit: Audit, withheld: str | None) -> list[Difference]:
    """What is at the source and not stored, or stored as it was before; `withheld` counts as not stored.

    What changed at the source after the stream was complete is left out: nobody has had to read it yet.
    """
    with _comparing(store) as connection:
        rows = connection.execute(_DIFFER, {**_bound(audit), "withheld": withheld}).all()
    return [Difference(*row) for row in rows]


def unseen(store: Store, audit: Audit) -> list[Difference]:
    """What is stored as existing and was not on the source's list: ghosts, if the source confirms it."""
    with _comparing(store) as connection:
        return [Difference(*row) for row in connection.execute(_UNSEEN, _bound(audit))]


def counts(store: Store, audit: Audit) -> tuple[int, int]:
    """How many records the source listed, and how many are stored as existing."""
    with store.begin() as connection:
        row = connection.execute(_COUNTS, _bound(audit)).one()
    return row.listed, row.stored


_END = text("""
    UPDATE sync.audit SET ended_at = clock_timestamp(), listed = :listed, stored = :stored, missing = :missing,
        ghosts = :ghosts, stale = :stale, held_back = :held_back, mended = :mended, plant_found = :plant_found
    WHERE audit_id = :audit_id
""")
_FORGET = text("DELETE FROM sync.audit_sighting WHERE audit_id = :audit_id")


def end_audit(store: Store, audit: Audit, told: Mapping[str, Any]) -> None:
    """Keep the figures of an audit that came to its end, and forget what it saw."""
    with store.begin() as connection:
        connection.execute(_END, {"audit_id": audit.audit_id, **told})
        connection.execute(_FORGET, {"audit_id": audit.audit_id})


_OF_RUN = text("""
    SELECT s.system, s.name, a.listed, a.stored, a.missing, a.ghosts, a.stale, a.held_back, a.mended, a.plant_found,
        a.ended_at
    FROM sync.audit a JOIN sync.stream s USING (stream_id) WHERE a.run_id = :run_id ORDER BY s.system, s.name
""")


def audits_of_run(store: Store, run_id: str) -> list[dict[str, Any]]:
    """The audits that a run made, one row per stream; `ended_at` is empty where it did not come to its end."""
    with store.begin() as connection:
        return [dict(row) for row in connection.execute(_OF_RUN, {"run_id": run_id}).mappings()]
