"""How far each stream is read: leases with fences, windows, watermarks. Times are the vendor's; leases the database's.

A lease is a row with a growing fence; whoever holds an older fence can no longer write. Dagster is never the lock.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from sync_assets.model.errors import FencedError
from sync_assets.store.engine import Store

LEASE_S = 180
"""Seconds until a silent holder loses its lease: longer than one page may take with all its retries but waits."""


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to read one stream, until somebody takes it with a higher fence."""

    stream_id: int
    fence: int
    run_id: str
    high_water_at: datetime | None
    lateness_max_s: int


@dataclass(frozen=True, kw_only=True)
class OpenWindow:
    """A window being read, and its counts so far. `opened_at` is the database's time, the others are the system's."""

    window_id: int
    kind: str
    start_at: datetime | None
    end_at: datetime
    earliest_at: datetime
    opened_at: datetime
    place: str | None
    covered_until: datetime | None = None
    pages: int = 0
    records: int = 0
    changed: int = 0
    rejected: int = 0


_TAKE = text("""
    INSERT INTO sync.stream AS s (system, name, fence, leased_until, leased_by)
    VALUES (:system, :name, 1, clock_timestamp() + make_interval(secs => :lease_s), :run_id)
    ON CONFLICT (system, name) DO UPDATE SET
        fence = s.fence + 1, leased_until = excluded.leased_until, leased_by = excluded.leased_by
    WHERE s.leased_until IS NULL OR s.leased_until < clock_timestamp() OR s.leased_by = excluded.leased_by
    RETURNING stream_id, fence, high_water_at, lateness_max_s
""")
_EXTEND = text("""
    UPDATE sync.stream SET leased_until = clock_timestamp() + make_interval(secs => :lease_s)
    WHERE stream_id = :stream_id AND fence = :fence
""")
_FREE = text("UPDATE sync.stream SET leased_until = NULL WHERE stream_id = :stream_id AND fence = :fence")


def take_lease(store: Store, system: str, name: str, run_id: str) -> Lease | None:
    """The lease on a stream; None while another run holds it. The same run takes its own lease again after a crash."""
    with store.begin() as connection:
        row = (
            connection.execute(_TAKE, {"system": system, "name": name, "run_id": run_id, "lease_s": LEASE_S})
            .mappings()
            .one_or_none()
        )
    return None if row is None else Lease(run_id=run_id, **row)


def extend_lease(connection: Connection, lease: Lease) -> None:
    """Keep the lease and lock the stream's row for this transaction; FencedError when it was taken over."""
    done = connection.execute(_EXTEND, {"stream_id": lease.stream_id, "fence": lease.fence, "lease_s": LEASE_S})
    if done.rowcount != 1:
        raise FencedError


def renew_lease(store: Store, lease: Lease) -> None:
    """Keep the lease through a long wait; FencedError when it was taken over."""
    with store.begin() as connection:
        extend_lease(connection, lease)


def free_lease(store: Store, lease: Lease) -> None:
    """Give the stream back; harmless when the lease was taken over."""
    with store.begin() as connection:
        connection.execute(_FREE, {"stream_id": lease.stream_id, "fence": lease.fence})


_WINDOW_COLUMNS = (
    "window_id, kind, start_at, end_at, earliest_at, opened_at, place, covered_until, pages, records, changed, rejected"
)
_UNFINISHED = text(f"""
    SELECT {_WINDOW_COLUMNS} FROM sync.window
    WHERE stream_id = :stream_id AND closed_at IS NULL AND (kind = 'backfill') = :backfill
      AND (NOT :backfill OR (start_at, end_at) = (CAST(:start_at AS timestamptz), CAST(:end_at AS timestamptz)))
    ORDER BY window_id LIMIT 1
""")
_OPEN = text(f"""
    INSERT INTO sync.window (stream_id, kind, start_at, end_at, earliest_at, run_id)
    VALUES (:stream_id, :kind, :start_at, :end_at, :earliest_at, :run_id)
    RETURNING {_WINDOW_COLUMNS}
""")


def unfinished_window(store: Store, lease: Lease, days: tuple[datetime, datetime] | None = None) -> OpenWindow | None:
    """The window that an earlier run left open: the incremental one, or the backfill of exactly these days."""
    start_at, end_at = days or (None, None)
    bound = {"stream_id": lease.stream_id, "backfill": days is not None, "start_at": start_at, "end_at": end_at}
    with store.begin() as connection:
        row = connection.execute(_UNFINISHED, bound).mappings().one_or_none()
    return None if row is None else OpenWindow(**row)


def open_window(store: Store, lease: Lease, kind: str, bounds: Mapping[str, datetime | None]) -> OpenWindow:
    """A new window, durable before its first page is asked for; `bounds` has start_at, end_at and earliest_at."""
    with store.begin() as connection:
        extend_lease(connection, lease)
        row = (
            connection.execute(_OPEN, {"stream_id": lease.stream_id, "kind": kind, "run_id": lease.run_id, **bounds})
            .mappings()
            .one()
        )
    return OpenWindow(**row)


def abandon_window(store: Store, lease: Lease, window: OpenWindow) -> None:
    """Close a window that cannot be finished (its feed expired); the watermark stays."""
    with store.begin() as connection:
        extend_lease(connection, lease)
        connection.execute(
            text("UPDATE sync.window SET closed_at = now(), kind = 'abandoned' WHERE window_id = :window_id"),
            {"window_id": window.window_id},
        )


@dataclass(frozen=True, kw_only=True)
class Marks:
    """How far a stream is read once its window is.

    `high_water_at` is where the next window begins and never passes our own clock; `seen_through` is the system's time
    as it was told, `complete_through` the same less how late changes may become visible: what verdicts rest on.
    """

    high_water_at: datetime
    seen_through: datetime
    complete_through: datetime


_COMPLETE = text("""
    UPDATE sync.stream SET
        high_water_at = greatest(high_water_at, CAST(:high_water_at AS timestamptz)),
        seen_through = :seen_through, complete_through = :complete_through, read_at = now()
    WHERE stream_id = :stream_id AND fence = :fence
""")
_LATE = text("""
    UPDATE sync.stream SET lateness_max_s = greatest(lateness_max_s, :seconds) WHERE stream_id = :stream_id
""")


def advanced(
    window: OpenWindow, *, place: str | None, covered_until: datetime | None, counts: Mapping[str, int]
) -> OpenWindow:
    """The window after a page, as its row says once the page's transaction is committed."""
    return replace(
        window,
        place=place,
        covered_until=min([mark for mark in (window.covered_until, covered_until) if mark], default=None),
        pages=window.pages + 1,
        records=window.records + counts["records"],
        changed=window.changed + counts["changed"],
        rejected=window.rejected + counts["rejected"],
    )


def publish(
    connection: Connection, lease: Lease, moved: OpenWindow, completed: Callable[[OpenWindow], Marks | None]
) -> None:
    """Move the stream's marks in the transaction of the last page; `completed` gives them, None for a backfill.

    A system whose clock goes back takes its own marks with it, but never the watermark.
    """
    marks = completed(moved) if moved.place is None else None
    if marks is not None:
        connection.execute(_COMPLETE, {"stream_id": lease.stream_id, "fence": lease.fence, **vars(marks)})


def note_lateness(connection: Connection, lease: Lease, seconds: int) -> None:
    """Remember how late a change of this stream once became visible, in seconds after its stamp."""
    connection.execute(_LATE, {"stream_id": lease.stream_id, "seconds": seconds})


_STATE = text("""
    SELECT s.stream_id, s.system, s.name, s.high_water_at, s.seen_through, s.complete_through, s.read_at,
        s.lateness_max_s,
        (SELECT count(*) FROM sync.dead_letter d
            WHERE d.stream_id = s.stream_id AND d.resolved_at IS NULL) AS dead_letters,
        (SELECT count(*) FROM sync.schema_finding f WHERE f.stream_id = s.stream_id) AS schema_findings
    FROM sync.stream s ORDER BY s.system, s.name
""")
_CENSUS = text("""
    SELECT record_id, is_deleted FROM raw.head WHERE stream_id = :stream_id
""")


def stream_states(store: Store) -> list[dict[str, Any]]:
    """One row per stream ever read: watermarks, measured lateness, open dead letters, schema findings."""
    with store.begin() as connection:
        return [dict(row) for row in connection.execute(_STATE).mappings()]


def stored_ids(store: Store, stream_id: int) -> tuple[list[str], int]:
    """The record ids of a stream that exist at the source, and how many are known to be deleted."""
    with store.begin() as connection:
        rows = connection.execute(_CENSUS, {"stream_id": stream_id}).all()
    alive = [row.record_id for row in rows if not row.is_deleted]
    return alive, len(rows) - len(alive)


_LAST_WINDOW = text(f"""
    SELECT {_WINDOW_COLUMNS} FROM sync.window WHERE stream_id =
        (SELECT stream_id FROM sync.stream WHERE system = :system AND name = :name)
    ORDER BY window_id DESC LIMIT 1
""")


def last_window(store: Store, system: str, name: str) -> OpenWindow | None:
    """The latest window of a stream, open or closed; None when it was never read."""
    with store.begin() as connection:
        row = connection.execute(_LAST_WINDOW, {"system": system, "name": name}).mappings().one_or_none()
    return None if row is None else OpenWindow(**row)
