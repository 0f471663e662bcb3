"""What the auditor does about what it found: fetch lost records by their ids, and bury those that are gone.

Both go through the ordinary landing, under the stream's lease, as a page of a window of their own. Not here: what
counts as lost or gone (audit.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from sync_assets.connect.added import with_added
from sync_assets.connect.digest import Digest, digest, readable_id
from sync_assets.connect.retold import set_aside_retold
from sync_assets.connect.spec import Page, Stream, System, Tombstone
from sync_assets.http.client import Client
from sync_assets.http.envelope import restored
from sync_assets.store.audits import Audit, Difference
from sync_assets.store.engine import Store
from sync_assets.store.landing import land
from sync_assets.store.standing import newest_kept
from sync_assets.store.streams import Lease, OpenWindow, free_lease, open_window, take_lease

BATCH = 500
"""Records fetched into one page."""


class Source(Protocol):
    """Where lost records are fetched from."""

    @property
    def system(self) -> System: ...

    @property
    def stream(self) -> Stream: ...

    @property
    def client(self) -> Client: ...


def fetch(store: Store, source: Source, audit: Audit, ids: Sequence[str]) -> int:
    """Land records as they stand now at the source; returns how many there were. Those that are not, are left alone."""
    pages = (page for page, _ in looked_up(source, ids, audit.source_at) if page.records)
    found = (_with_added(store, source, audit, page) for page in pages)
    return sum(_landed(store, source, audit, page) for page in found)


def bury(store: Store, source: Source, audit: Audit, ids: Sequence[str]) -> int:
    """Land tombstones of records that are gone, dated when the audit began; returns how many there were."""
    gone = [Tombstone(record_id=name, deleted_at=audit.source_at) for name in ids]
    return _landed(store, source, audit, Page(body=b"", records=(), next=None, deleted=gone)) if gone else 0


def confirmed_absent(source: Source, suspects: Sequence[Difference], at: datetime) -> set[str]:
    """The suspects that the source does not find by their ids either, or says are deleted.

    None of those about whom the source is unsure, and none at all where an answer holds a record without an id that
    can be read: it may be anybody.
    """
    absent = {one.record_id for one in suspects}
    for page, found in looked_up(source, sorted(absent), at):
        if any(not one.record_id for one in found.rejected):
            return set()
        absent -= {one.record_id for one in found.versions if not one.is_deleted}
        absent -= {one.record_id for one in found.rejected} | set(page.unsure)
    return absent


def looked_up(source: Source, ids: Sequence[str], at: datetime) -> Iterator[tuple[Page, Digest]]:
    """Pages of the named records. Whom a page leaves out is asked for again as long as pages show anybody.

    A source may answer for a part of what was asked for, and nobody must pass for dead because of that.
    """
    for start in range(0, len(ids), BATCH):
        left = dict.fromkeys(ids[start : start + BATCH])
        while left:
            page = replace(source.system.find(source.client, source.stream, list(left)), next=None, deleted=())
            found = _taken_apart(source, page, at)
            named = [*(one.record_id for one in found.versions), *(one.record_id for one in found.rejected)]
            shown = [name for name in (*named, *page.unsure) if name in left]
            if page.records or page.unsure:
                yield page, found
            if not shown:
                break
            for name in shown:
                left.pop(name, None)


def _with_added(store: Store, source: Source, audit: Audit, page: Page) -> Page:
    """The page's records with what our reading had added to them before, as far as a version of them is kept."""
    if not source.stream.composed:
        return page
    named = [(readable_id(source.stream, raw), raw) for raw in page.records]
    kept = newest_kept(store, audit.stream_id, [name for name, _ in named])
    return replace(
        page, records=[with_added(source.stream, raw, kept[name]) if name in kept else raw for name, raw in named]
    )


def _taken_apart(source: Source, page: Page, at: datetime) -> Digest:
    return digest(source.stream, replace(page, records=[restored(raw) for raw in page.records]), at)


def _landed(store: Store, source: Source, audit: Audit, page: Page) -> int:
    """Write a page under the stream's lease; nothing while another run reads the stream."""
    lease = take_lease(store, source.system.name, source.stream.name, audit.run_id)
    if lease is None:
        return 0
    try:
        window = _window(store, lease, audit)
        taken = _taken_apart(source, page, window.opened_at)
        set_aside_retold(store, lease.stream_id, source.stream, taken)
        found = replace(taken.to_land(page), is_newest=bool(page.records))
        _, changed = land(store, lease, window, found, completed=lambda _window: None)
        return changed
    finally:
        free_lease(store, lease)


def _window(store: Store, lease: Lease, audit: Audit) -> OpenWindow:
    """A window of one instant: it moves no mark, and no other run goes on with it."""
    bounds = {"start_at": audit.source_at, "end_at": audit.source_at, "earliest_at": audit.earliest}
    return open_window(store, lease, "backfill", bounds)
