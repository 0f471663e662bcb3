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

from sync_assets.store.engine import Store
from sync_assets.store.streams import Lease, OpenWindow, advance, complete, extend_lease, note_lateness

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
    """A page read and taken apart. `stored` is the exact body followed by composed records, if any."""

    stored: bytes
    exact_bytes: int
    versions: Sequence[Version]
    rejected: Sequence[Rejected]
    next: str | None
    covered_until: datetime | None = None


_FRESH = text("""
    SELECT staged.position
    FROM unnest(CAST(:ids AS text[]), CAST(:hashes AS bytea[]), CAST(:ranks AS bigint[]), CAST(:deleted AS boolean[]))
        WITH ORDINALITY AS staged (record_id, content_hash, rank, is_deleted, position)
    LEFT JOIN raw.head ON head.stream_id = :stream_id AND head.record_id = staged.record_id
    WHERE head.record_id IS NULL OR (
        head.content_hash <> staged.content_hash AND staged.rank >= head.rank
        AND NOT (head.is_deleted AND staged.is_deleted)
    )
""")
_ADD_PAGE = text("""
    INSERT INTO raw.page (window_id, fetched_at, body, exact_bytes, sha256)
    VALUES (:window_id, clock_timestamp(), :body, :exact_bytes, :sha256) RETURNING page_id
""")
_ADD_VERSIONS = text("""
    WITH added AS (
        INSERT INTO raw.version (stream_id, record_id, content_hash, rank, stamped_at, observed_at, page_id, start,
            length, is_deleted, merged_into)
        SELECT :stream_id, s.record_id, s.content_hash, s.rank, s.stamped_at, :observed_at, :page_id, s.start,
            s.length, s.is_deleted, s.merged_into
        FROM unnest(CAST(:ids AS text[]), CAST(:hashes AS bytea[]), CAST(:ranks AS bigint[]),
                CAST(:stamps AS timestamptz[]), CAST(:starts AS integer[]), CAST(:lengths AS integer[]),
                CAST(:deleted AS boolean[]), CAST(:merged AS text[]))
            WITH ORDINALITY
            AS s (record_id, content_hash, rank, stamped_at, start, length, is_deleted, merged_into, position)
        ORDER BY s.rank, s.position
        RETURNING record_id, version_id, content_hash, rank, is_deleted
    )
    INSERT INTO raw.head AS h (stream_id, record_id, version_id, content_hash, rank, is_deleted)
    SELECT DISTINCT ON (record_id) :stream_id, record_id, version_id, content_hash, rank, is_deleted
    FROM added ORDER BY record_id, rank DESC, version_id DESC
    ON CONFLICT (stream_id, record_id) DO UPDATE SET version_id = excluded.version_id,
        content_hash = excluded.content_hash, rank = excluded.rank, is_deleted = excluded.is_deleted
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
    completed: Callable[[OpenWindow], tuple[datetime, datetime] | None],
) -> tuple[OpenWindow, int]:
    """Write a page and move the window; returns the window as it stands and how many versions were new.

    `completed` gives (high water, complete through) to publish when this page is the last, or None for a backfill.

    Raises:
        FencedError: another run took the stream over; nothing was written.
    """
    with store.begin() as connection:
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        extend_lease(connection, lease)
        fresh = _fresh(connection, lease, page.versions)
        rejected = _unknown_rejected(connection, lease, page.rejected)
        if fresh or rejected:
            page_id = _add_page(connection, window, page)
            _add_versions(connection, lease, window, page_id, fresh)
            _add_rejected(connection, lease, window, page_id, rejected)
        _measure_lateness(connection, lease, window, fresh)
        counts = {"records": len(page.versions), "changed": len(fresh), "rejected": len(page.rejected)}
        moved = advance(connection, window, place=page.next, covered_until=page.covered_until, counts=counts)
        marks = completed(moved) if page.next is None else None
        if marks is not None:
            complete(connection, lease, *marks)
    return moved, len(fresh)


def _fresh(connection: Connection, lease: Lease, versions: Sequence[Version]) -> list[Version]:
    """The versions that are not the newest we know already, each content once."""
    if not versions:
        return []
    positions = connection.execute(
        _FRESH,
        {
            "stream_id": lease.stream_id,
            "ids": [version.record_id for version in versions],
            "hashes": [version.content_hash for version in versions],
            "ranks": [version.rank for version in versions],
            "deleted": [version.is_deleted for version in versions],
        },
    ).scalars()
    once = {(versions[at - 1].record_id, versions[at - 1].content_hash): versions[at - 1] for at in sorted(positions)}
    return list(once.values())


def _add_page(connection: Connection, window: OpenWindow, page: PageToLand) -> int:
    body = zstandard.ZstdCompressor(level=COMPRESSION_LEVEL).compress(page.stored)
    values = {
        "window_id": window.window_id,
        "body": body,
        "exact_bytes": page.exact_bytes,
        "sha256": sha256(page.stored[: page.exact_bytes]).digest(),
    }
    return int(connection.execute(_ADD_PAGE, values).scalar_one())


def _add_versions(
    connection: Connection, lease: Lease, window: OpenWindow, page_id: int, fresh: Sequence[Version]
) -> None:
    if not fresh:
        return
    connection.execute(
        _ADD_VERSIONS,
        {
            "stream_id": lease.stream_id,
            "page_id": page_id,
            "observed_at": window.end_at,
            "ids": [version.record_id for version in fresh],
            "hashes": [version.content_hash for version in fresh],
            "ranks": [version.rank for version in fresh],
            "stamps": [version.stamped_at for version in fresh],
            "starts": [version.start for version in fresh],
            "lengths": [version.length for version in fresh],
            "deleted": [version.is_deleted for version in fresh],
            "merged": [version.merged_into for version in fresh],
        },
    )


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
