"""Writing one page: its bytes, its new versions, its dead letters and its place, in one transaction.

A page whose records are all known writes nothing but its place. Not here: how records are read out of a page.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

import zstandard
from sqlalchemy import Connection, text

from sync_assets.model.errors import FencedError
from sync_assets.store.engine import Store
from sync_assets.store.lists import INSTANTS, TEXTS, TEXTS_OR_NONE, instants, texts
from sync_assets.store.streams import LEASE_S, Lease, Marks, OpenWindow, advanced, note_lateness, publish

COMPRESSION_LEVEL = 1
"""zstd level: pages of JSON shrink about eightfold at this one, for a tenth of the time of the default."""


class Version(NamedTuple):
    """One record of a page on its way to the store; `start` and `length` are its place among the stored bytes."""

    record_id: str
    content_hash: bytes
    rank: int
    stamped_at: datetime | None
    start: int
    length: int
    is_deleted: bool = False
    merged_into: str | None = None


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """A record that cannot be read: why, and where its bytes are."""

    record_id: str
    content_hash: bytes
    reason: str
    field: str
    start: int
    length: int


@dataclass(frozen=True, kw_only=True)
class PageToLand:
    """A page read and taken apart. `stored` is the exact body followed by composed records, if any.

    `records_hash` stands for all records as they came, where the page holds nothing else; None is never remembered.
    `is_newest` says that its records stand so now, whatever is kept of them with a later stamp.
    """

    stored: bytes
    exact_bytes: int
    versions: Sequence[Version]
    rejected: Sequence[Rejected]
    next: str | None
    covered_until: datetime | None = None
    records_hash: bytes | None = None
    is_newest: bool = False


def moving(*, changed: str, only: str = "true") -> str:
    """The steps of a statement that keep the lease and move the window past a page, when a condition holds."""
    return f"""
    leased AS (
        UPDATE sync.stream SET leased_until = clock_timestamp() + make_interval(secs => {LEASE_S})
        WHERE stream_id = :stream_id AND fence = :fence AND {only} RETURNING stream_id
    ), moved AS (
        UPDATE sync.window SET place = :place,
            covered_until = least(covered_until, CAST(:covered_until AS timestamptz)),
            pages = pages + 1, records = records + :records, rejected = rejected + :rejected,
            changed = changed + {changed}, closed_at = CASE WHEN CAST(:place AS text) IS NULL THEN now() END
        WHERE window_id = :window_id AND closed_at IS NULL AND {only} RETURNING window_id
    )
    """


_LAND = text(f"""
    WITH staged AS (
        SELECT record_id, rank, stamped_at, start, length, merged_into, position,
            substring(CAST(:hashes AS bytea) FROM 16 * position::int - 15 FOR 16) AS content_hash,
            get_byte(CAST(:gone AS bytea), position::int - 1) AS gone
        FROM unnest({TEXTS.format("ids")}, CAST(string_to_array(:ranks, ',') AS bigint[]), {INSTANTS.format("stamps")},
                CAST(string_to_array(:starts, ',') AS integer[]), CAST(string_to_array(:lengths, ',') AS integer[]),
                {TEXTS_OR_NONE.format("merged")})
            WITH ORDINALITY AS s (record_id, rank, stamped_at, start, length, merged_into, position)
    ), looked_up AS MATERIALIZED (
        SELECT s.*, known.version_id, known.content_hash = s.content_hash AS stands,
            known.rank IS NULL OR (
                known.content_hash <> s.content_hash AND s.rank >= known.rank AND NOT (known.is_deleted AND s.gone = 1)
            ) AS is_fresh
        FROM staged s
        LEFT JOIN LATERAL (
            SELECT h.version_id, h.content_hash, h.rank, h.is_deleted FROM raw.head h
            WHERE h.stream_id = :stream_id AND h.record_id = s.record_id LIMIT 1
        ) known ON true
    ), fresh AS MATERIALIZED (
        SELECT DISTINCT ON (record_id, content_hash) * FROM looked_up WHERE is_fresh
        ORDER BY record_id, content_hash, position DESC
    ), {moving(changed="(SELECT count(*) FROM fresh)")}, page AS (
        INSERT INTO raw.page (window_id, fetched_at, body, exact_bytes, sha256)
        SELECT :window_id, clock_timestamp(), :body, :exact_bytes, :sha256
        WHERE :has_rejected OR EXISTS (SELECT FROM fresh) RETURNING page_id
    ), added AS (
        INSERT INTO raw.version (stream_id, record_id, content_hash, rank, stamped_at, observed_at, page_id, start,
            length, is_deleted, merged_into)
        SELECT :stream_id, record_id, content_hash, rank, stamped_at, :observed_at, page_id, start, length, gone > 0,
            merged_into
        FROM fresh, page ORDER BY rank, position
        RETURNING record_id, version_id, content_hash, rank, is_deleted
    ), heads AS (
        INSERT INTO raw.head AS h (stream_id, record_id, version_id, content_hash, rank, is_deleted)
        SELECT DISTINCT ON (record_id) :stream_id, record_id, version_id, content_hash, rank, is_deleted
        FROM added ORDER BY record_id, rank DESC, version_id DESC
        ON CONFLICT (stream_id, record_id) DO UPDATE SET version_id = excluded.version_id,
            content_hash = excluded.content_hash, rank = excluded.rank, is_deleted = excluded.is_deleted
    ), standing AS (
        SELECT array_agg(version_id) AS version_ids, count(*) AS records FROM looked_up WHERE stands
    ), remembered AS (
        INSERT INTO sync.known_page (stream_id, records_hash, version_ids)
        SELECT :stream_id, CAST(:records_hash AS bytea), array_agg(version_id) || (SELECT version_ids FROM standing)
        FROM added HAVING CAST(:records_hash AS bytea) IS NOT NULL AND count(*) > 0
            AND count(*) + (SELECT records FROM standing) = :records
        ON CONFLICT (stream_id, records_hash) DO UPDATE SET version_ids = excluded.version_ids
    )
    SELECT (SELECT count(*) FROM leased) + (SELECT count(*) FROM moved) AS held, count(*) AS fresh,
        min(stamped_at) FILTER (WHERE gone = 0) AS earliest_at, (SELECT page_id FROM page) AS page_id
    FROM fresh
""")
"""Keeps the lease, moves the window, and where a page holds anything new writes it, its versions and their heads.

`held` is 2 for the stream's holder. A record of the same content twice on a page is one version. A page that holds each
record once, and no older version of any, is remembered by its records."""

_ADD_REJECTED = text("""
    INSERT INTO sync.dead_letter (stream_id, record_id, content_hash, entity, reason, field, page_id, start, length,
        run_id, seen_at)
    VALUES (:stream_id, :record_id, :content_hash, '', :reason, :field, :page_id, :start, :length, :run_id, :seen_at)
    ON CONFLICT DO NOTHING
""")
_KNOWN_REJECTED = text("""
    SELECT content_hash FROM sync.dead_letter WHERE stream_id = :stream_id AND content_hash = ANY(:hashes)
""")


_FORGET_HEADS = text("DELETE FROM raw.head WHERE stream_id = :stream_id AND record_id = ANY(:ids)")
"""What counted as the newest version of records does so no longer; the versions stay."""


def land(
    store: Store,
    lease: Lease,
    window: OpenWindow,
    page: PageToLand,
    *,
    completed: Callable[[OpenWindow], Marks | None],
) -> tuple[OpenWindow, int]:
    """Write a page and move the window; returns the window as it stands and how many versions were new.

    `completed` gives the marks to publish when this page is the last, or None for a backfill.

    Raises:
        FencedError: another run took the stream over; nothing was written.
    """
    with store.landing() as connection:
        rejected = _unknown_rejected(connection, lease, page.rejected)
        if page.is_newest:
            ids = [version.record_id for version in page.versions]
            connection.execute(_FORGET_HEADS, {"stream_id": lease.stream_id, "ids": ids})
        row = connection.execute(_LAND, _values(lease, window, page, has_rejected=bool(rejected))).one()
        if row.held != 2:
            raise FencedError
        _add_rejected(connection, lease, window, row.page_id, rejected)
        _measure_lateness(connection, lease, window, row.earliest_at)
        counts = {"records": len(page.versions), "changed": row.fresh, "rejected": len(page.rejected)}
        moved = advanced(window, place=page.next, covered_until=page.covered_until, counts=counts)
        publish(connection, lease, moved, completed)
    return moved, row.fresh


def _values(lease: Lease, window: OpenWindow, page: PageToLand, *, has_rejected: bool) -> dict[str, Any]:
    """What the statement needs."""
    versions = page.versions
    return {
        "stream_id": lease.stream_id,
        "fence": lease.fence,
        "window_id": window.window_id,
        "place": page.next,
        "covered_until": page.covered_until,
        "records": len(versions),
        "rejected": len(page.rejected),
        "has_rejected": has_rejected,
        "observed_at": window.end_at,
        "body": zstandard.ZstdCompressor(level=COMPRESSION_LEVEL).compress(page.stored),
        "exact_bytes": page.exact_bytes,
        "sha256": sha256(page.stored[: page.exact_bytes]).digest(),
        "records_hash": None if page.rejected else page.records_hash,
        "ids": texts(version.record_id for version in versions),
        "hashes": b"".join([version.content_hash for version in versions]),
        "ranks": ",".join([str(version.rank) for version in versions]),
        "gone": bytes([_gone(version) for version in versions]),
        "stamps": instants(version.stamped_at for version in versions),
        "starts": ",".join([str(version.start) for version in versions]),
        "lengths": ",".join([str(version.length) for version in versions]),
        "merged": texts(version.merged_into or "" for version in versions),
    }


def _gone(version: Version) -> int:
    """0 for a living record, 1 for a deleted one, 2 for one merged into another: that is news of a deleted one too."""
    return (2 if version.merged_into else 1) if version.is_deleted else 0


def _unknown_rejected(connection: Connection, lease: Lease, rejected: Sequence[Rejected]) -> list[Rejected]:
    """The rejected records whose very bytes are not a dead letter already."""
    if not rejected:
        return []
    known = set(
        connection.execute(
            _KNOWN_REJECTED,
            {"stream_id": lease.stream_id, "hashes": [record.content_hash for record in rejected]},
        ).scalars()
    )
    return [record for record in rejected if record.content_hash not in known]


def _add_rejected(
    connection: Connection, lease: Lease, window: OpenWindow, page_id: int, rejected: Sequence[Rejected]
) -> None:
    for record in rejected:
        values = {
            name: getattr(record, name) for name in ("record_id", "content_hash", "reason", "field", "start", "length")
        }
        connection.execute(
            _ADD_REJECTED,
            {
                "stream_id": lease.stream_id,
                "page_id": page_id,
                "run_id": lease.run_id,
                "seen_at": window.end_at,
                **values,
            },
        )


def _measure_lateness(connection: Connection, lease: Lease, window: OpenWindow, earliest_at: datetime | None) -> None:
    """A new version stamped before the last watermark became visible late; its lateness widens later overlaps."""
    if window.kind != "incremental" or lease.high_water_at is None or earliest_at is None:
        return
    late_s = int((lease.high_water_at - earliest_at).total_seconds())
    if late_s > lease.lateness_max_s:
        note_lateness(connection, lease, late_s)
