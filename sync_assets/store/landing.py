"""Writing one page: its bytes, its new versions, its dead letters and its place, in one transaction.

A page whose records are all known writes nothing but its place. Not here: how records are read out of a page.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

import zstandard
from sqlalchemy import Connection, text

from sync_assets.model.errors import FencedError
from sync_assets.store.engine import Store
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
    """

    stored: bytes
    exact_bytes: int
    versions: Sequence[Version]
    rejected: Sequence[Rejected]
    next: str | None
    covered_until: datetime | None = None
    records_hash: bytes | None = None


_SEPARATOR = "\x1f"
"""Stands between ids on their way to the server; record ids hold no control characters."""

SETTINGS = text("SELECT set_config('synchronous_commit', 'off', true), set_config('enable_seqscan', 'off', true)")


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


_STEP = text(f"""
    WITH staged AS (
        SELECT record_id, rank, position, substring(CAST(:hashes AS bytea) FROM 16 * position::int - 15 FOR 16) AS hash,
            get_byte(CAST(:gone AS bytea), position::int - 1) AS gone
        FROM unnest(string_to_array(:ids, E'\\x1f'), CAST(string_to_array(:ranks, ',') AS bigint[]))
            WITH ORDINALITY AS s (record_id, rank, position)
    ), looked_up AS MATERIALIZED (
        SELECT s.position, s.record_id, s.hash, known.version_id, known.content_hash = s.hash AS stands,
            known.rank IS NULL OR (
                known.content_hash <> s.hash AND s.rank >= known.rank AND NOT (known.is_deleted AND s.gone = 1)
            ) AS is_fresh
        FROM staged s
        LEFT JOIN LATERAL (
            SELECT h.version_id, h.content_hash, h.rank, h.is_deleted FROM raw.head h
            WHERE h.stream_id = :stream_id AND h.record_id = s.record_id LIMIT 1
        ) known ON true
    ), {moving(changed="(SELECT count(DISTINCT (record_id, hash)) FROM looked_up WHERE is_fresh)")}
    SELECT (SELECT count(*) FROM leased) + (SELECT count(*) FROM moved) AS held,
        array_agg(position ORDER BY position) FILTER (WHERE is_fresh) AS positions,
        CASE WHEN bool_or(is_fresh) THEN array_agg(version_id) FILTER (WHERE stands) END AS standing
    FROM looked_up
""")
"""Keeps the lease, tells which staged versions are new, and moves the window; `held` is 2 for the stream's holder.

`standing` are the known versions beside the new ones."""

_ADD = text("""
    WITH page AS (
        INSERT INTO raw.page (window_id, fetched_at, body, exact_bytes, sha256)
        VALUES (:window_id, clock_timestamp(), :body, :exact_bytes, :sha256) RETURNING page_id
    ), added AS (
        INSERT INTO raw.version (stream_id, record_id, content_hash, rank, stamped_at, observed_at, page_id, start,
            length, is_deleted, merged_into)
        SELECT :stream_id, s.record_id, substring(CAST(:hashes AS bytea) FROM 16 * position::int - 15 FOR 16), s.rank,
            s.stamped_at, :observed_at, page.page_id, s.start, s.length,
            get_byte(CAST(:gone AS bytea), position::int - 1) > 0, s.merged_into
        FROM unnest(string_to_array(:ids, E'\\x1f'), CAST(string_to_array(:ranks, ',') AS bigint[]),
                CAST(string_to_array(:stamps, ',', '') AS timestamptz[]),
                CAST(string_to_array(:starts, ',') AS integer[]), CAST(string_to_array(:lengths, ',') AS integer[]),
                string_to_array(:merged, E'\\x1f', ''))
            WITH ORDINALITY AS s (record_id, rank, stamped_at, start, length, merged_into, position), page
        ORDER BY s.rank, s.position
        RETURNING record_id, version_id, content_hash, rank, is_deleted
    ), heads AS (
        INSERT INTO raw.head AS h (stream_id, record_id, version_id, content_hash, rank, is_deleted)
        SELECT DISTINCT ON (record_id) :stream_id, record_id, version_id, content_hash, rank, is_deleted
        FROM added ORDER BY record_id, rank DESC, version_id DESC
        ON CONFLICT (stream_id, record_id) DO UPDATE SET version_id = excluded.version_id,
            content_hash = excluded.content_hash, rank = excluded.rank, is_deleted = excluded.is_deleted
    ), remembered AS (
        INSERT INTO sync.known_page (stream_id, records_hash, version_ids)
        SELECT :stream_id, CAST(:records_hash AS bytea),
            array_agg(version_id) || CAST(string_to_array(:standing, ',') AS bigint[])
        FROM added HAVING CAST(:records_hash AS bytea) IS NOT NULL AND count(*) > 0
        ON CONFLICT (stream_id, records_hash) DO UPDATE SET version_ids = excluded.version_ids
    )
    SELECT page_id FROM page
""")
_ADD_REJECTED = text("""
    INSERT INTO sync.dead_letter (stream_id, record_id, content_hash, entity, reason, field, page_id, start, length,
        run_id, seen_at)
    VALUES (:stream_id, :record_id, :content_hash, '', :reason, :field, :page_id, :start, :length, :run_id, :seen_at)
    ON CONFLICT DO NOTHING
""")
_KNOWN_REJECTED = text("""
    SELECT content_hash FROM sync.dead_letter WHERE stream_id = :stream_id AND content_hash = ANY(:hashes)
""")


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
    with store.begin() as connection:
        connection.execute(SETTINGS)
        fresh, standing = _step(connection, lease, window, page)
        rejected = _unknown_rejected(connection, lease, page.rejected)
        if fresh or rejected:
            page_id = _add(connection, lease, window, page, (fresh, standing))
            _add_rejected(connection, lease, window, page_id, rejected)
        _measure_lateness(connection, lease, window, fresh)
        counts = {"records": len(page.versions), "changed": len(fresh), "rejected": len(page.rejected)}
        moved = advanced(window, place=page.next, covered_until=page.covered_until, counts=counts)
        publish(connection, lease, moved, completed)
    return moved, len(fresh)


def _step(
    connection: Connection, lease: Lease, window: OpenWindow, page: PageToLand
) -> tuple[list[Version], Sequence[int]]:
    """Move the window; returns the versions that are not the newest we know already, each content once, and the others.

    The others are known: given by their version ids, and only where there is something new beside them.

    Raises:
        FencedError: another run took the stream over.
    """
    versions = page.versions
    row = connection.execute(
        _STEP,
        {
            "stream_id": lease.stream_id,
            "fence": lease.fence,
            "window_id": window.window_id,
            "place": page.next,
            "covered_until": page.covered_until,
            "records": len(versions),
            "rejected": len(page.rejected),
            **_staged(versions),
        },
    ).one()
    if row.held != 2:
        raise FencedError
    once = {(versions[at - 1].record_id, versions[at - 1].content_hash): versions[at - 1] for at in row.positions or ()}
    return list(once.values()), row.standing or ()


def _staged(versions: Sequence[Version]) -> dict[str, str | bytes]:
    """Columns as one text each: the server takes them apart several times faster than a driver builds arrays."""
    return {
        "ids": _SEPARATOR.join([version.record_id for version in versions]),
        "hashes": b"".join([version.content_hash for version in versions]),
        "ranks": ",".join([str(version.rank) for version in versions]),
        "gone": bytes([_gone(version) for version in versions]),
    }


def _gone(version: Version) -> int:
    """0 for a living record, 1 for a deleted one, 2 for one merged into another: that is news of a deleted one too."""
    return (2 if version.merged_into else 1) if version.is_deleted else 0


def _add(
    connection: Connection,
    lease: Lease,
    window: OpenWindow,
    page: PageToLand,
    held: tuple[Sequence[Version], Sequence[int]],
) -> int:
    """Write the page, its new versions and the heads they become; returns the page's id.

    `held` are the new versions and the ids of those known before. A page that holds each record once, and no older
    version of any, is remembered by its records.
    """
    fresh, standing = held
    is_whole = len(fresh) + len(standing) == len(page.versions) and not page.rejected
    stamps = [version.stamped_at.isoformat() if version.stamped_at else "" for version in fresh]
    values = {
        "stream_id": lease.stream_id,
        "window_id": window.window_id,
        "observed_at": window.end_at,
        "body": zstandard.ZstdCompressor(level=COMPRESSION_LEVEL).compress(page.stored),
        "exact_bytes": page.exact_bytes,
        "sha256": sha256(page.stored[: page.exact_bytes]).digest(),
        "stamps": ",".join(stamps),
        "starts": ",".join([str(version.start) for version in fresh]),
        "lengths": ",".join([str(version.length) for version in fresh]),
        "merged": _SEPARATOR.join([version.merged_into or "" for version in fresh]),
        "records_hash": page.records_hash if is_whole else None,
        "standing": ",".join(map(str, standing)),
        **_staged(fresh),
    }
    return int(connection.execute(_ADD, values).scalar_one())


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


def _measure_lateness(connection: Connection, lease: Lease, window: OpenWindow, fresh: Sequence[Version]) -> None:
    """A new version stamped before the last watermark became visible late; its lateness widens later overlaps."""
    if window.kind != "incremental" or lease.high_water_at is None:
        return
    stamps = [version.stamped_at for version in fresh if version.stamped_at is not None and not version.is_deleted]
    earliest = min(stamps, default=lease.high_water_at)
    late_s = int((lease.high_water_at - earliest).total_seconds())
    if late_s > lease.lateness_max_s:
        note_lateness(connection, lease, late_s)
