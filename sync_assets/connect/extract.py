"""The no-loss reading of one stream: a frozen window on the vendor's clock, pages in order, each page one transaction.

Window [H - overlap, T0]; T0 is taken before the first page; H moves only with the last page, when the vendor said
"end". No transaction is open while a page is asked for. The proof is in docs/guarantees.md.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from sync_assets.connect.account import refuse_other_account
from sync_assets.connect.clock import AHEAD_MAX, OwnClock, covered_at_most, own_clock, system_time
from sync_assets.connect.digest import Shapes, digest, hash_of_records
from sync_assets.connect.resume import Resumed, page_at_stored_place
from sync_assets.connect.retold import set_aside_retold
from sync_assets.connect.shape import findings, merged, profile_of
from sync_assets.connect.spec import Page, Stream, System, Window
from sync_assets.connect.vanished import Vanished
from sync_assets.http.client import Client
from sync_assets.http.envelope import is_signed, restored
from sync_assets.model.errors import ContractError, FeedExpiredError, PlaceLostError
from sync_assets.store.engine import Store
from sync_assets.store.known_pages import KnownPage, pass_known
from sync_assets.store.landing import land
from sync_assets.store.profiles import Finding, read_profile, write_findings, write_profile
from sync_assets.store.streams import (
    Lease,
    Marks,
    OpenWindow,
    abandon_window,
    free_lease,
    open_window,
    renew_lease,
    take_lease,
    unfinished_window,
)

PAGES_MAX = 2_000_000
"""Pages of one window: past this a cursor is running in circles."""

OVERLAP_MAX = timedelta(days=1)
"""Widest overlap that measured lateness may cause; a record imported with an old stamp must not mean a full read."""

Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What to read: which stream of which system, for which run, and how. `doubts` fills with what was not believed."""

    system: System
    stream: Stream
    client: Client
    run_id: str
    earliest: datetime
    full: bool = False
    days: tuple[datetime, datetime] | None = None
    progress: Progress = field(default=lambda _line: None)
    own_clock: OwnClock = own_clock
    doubts: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a read did: None as window when another run holds the stream."""

    window: OpenWindow | None
    complete_through: datetime | None = None
    findings: Sequence[Finding] = ()


def extract(store: Store, reading: Reading) -> Outcome:
    """Read one stream to the end of its window and land every page.

    Raises:
        FencedError: another run took over; everything landed so far stays.
        RetryLaterError: the system asks to come back later; the window stays open for the next run.
        ContractError: a page cannot be trusted; its place is kept and read again.
    """
    lease = take_lease(store, reading.system.name, reading.stream.name, reading.run_id)
    if lease is None:
        return Outcome(window=None)
    reading.client.keep_alive = partial(renew_lease, store, lease)
    try:
        refuse_other_account(store, reading.system, reading.client)
        window = _window(store, reading, lease)
        try:
            return _read(store, reading, lease, window)
        except FeedExpiredError:
            if window.start_at is None or reading.days:
                raise ContractError(f"{reading.system.name} {reading.stream.name}: no feed and no full read.") from None
            return _read(store, reading, lease, _instead(store, reading, lease, window, full=True))
        except PlaceLostError as lost:
            reading.progress(f"{reading.stream.name}: begun again, since its place is lost ({lost})")
            again = _instead(store, reading, lease, window, full=window.start_at is None)
            return _read(store, reading, lease, again)
    finally:
        reading.client.keep_alive = None
        free_lease(store, lease)


def _instead(store: Store, reading: Reading, lease: Lease, window: OpenWindow, *, full: bool) -> OpenWindow:
    """A new window in the place of one that cannot be finished."""
    abandon_window(store, lease, window)
    return _new_window(store, reading, lease, full=full)


def _window(store: Store, reading: Reading, lease: Lease) -> OpenWindow:
    """The window left open by an earlier run, or a new one."""
    left = unfinished_window(store, lease, reading.days)
    if left is not None and reading.full and left.start_at is not None and not reading.days:
        abandon_window(store, lease, left)
        left = None
    return left or _new_window(store, reading, lease, full=reading.full)


def _new_window(store: Store, reading: Reading, lease: Lease, *, full: bool) -> OpenWindow:
    if reading.days:
        return open_window(
            store,
            lease,
            "backfill",
            {"start_at": reading.days[0], "end_at": reading.days[1], "earliest_at": reading.earliest},
        )
    from_start = full or reading.stream.is_snapshot or lease.high_water_at is None
    start = None if from_start or lease.high_water_at is None else lease.high_water_at - overlap(reading.stream, lease)
    kind = "full" if start is None else "incremental"
    end = _end(reading, lease)
    return open_window(store, lease, kind, {"start_at": start, "end_at": end, "earliest_at": reading.earliest})


def _end(reading: Reading, lease: Lease) -> datetime:
    """The upper end of a new window: the system's time as far as it is believed, never before the watermark."""
    time = system_time(reading.system, reading.client, reading.own_clock, known=lease.high_water_at)
    if time.doubt:
        reading.doubts.append(time.doubt)
        reading.progress(f"{reading.stream.name}: {time.doubt}")
    return max(time.now, lease.high_water_at or time.now)


def overlap(stream: Stream, lease: Lease) -> timedelta:
    """How far a window reaches back before the watermark: the declared lateness, or twice the worst ever measured."""
    measured = timedelta(seconds=2 * lease.lateness_max_s)
    return max(timedelta(seconds=stream.lateness_s), min(measured, OVERLAP_MAX))


def _read(store: Store, reading: Reading, lease: Lease, window: OpenWindow) -> Outcome:
    shapes: Shapes = Counter()
    left_out = set[str]()
    is_backfill = window.kind == "backfill"
    bounds = Window(start=window.start_at, end=window.end_at, earliest=window.earliest_at, backfill=is_backfill)

    def marks(moved: OpenWindow) -> Marks | None:
        return None if moved.kind == "backfill" else _marks(reading, lease, moved)

    vanished = Vanished(
        store=store,
        system=reading.system,
        stream=reading.stream,
        client=reading.client,
        stream_id=lease.stream_id,
        window=bounds,
        from_start=window.place is None,
    )
    stored = window.place
    for _ in range(PAGES_MAX):
        page = _page(reading, bounds, window.place, is_stored=stored is not None and stored == window.place)
        _refuse_false_cursor(reading, window, page)
        page = _as_sent(vanished.added_to(_as_far_as_covered(reading, window, page)))
        window, seen = _taken_in(store, reading, (lease, window), page, marks)
        shapes.update(seen)
        left_out.update(page.left_out)
        reading.progress(f"{reading.stream.name}: {window.records} read, {window.changed} changed")
        if page.next is None:
            published = marks(window)
            found = _note_shape(store, (lease, window), shapes, reading.stream.composed, left_out)
            _warn_of_brake(reading, vanished)
            return Outcome(
                window=window, complete_through=published.complete_through if published else None, findings=found
            )
    raise ContractError(f"{reading.system.name} {reading.stream.name}: more than {PAGES_MAX} pages in one window.")


def _taken_in(
    store: Store,
    reading: Reading,
    held: tuple[Lease, OpenWindow],
    page: Page,
    completed: Callable[[OpenWindow], Marks | None],
) -> tuple[OpenWindow, Shapes]:
    """The window past a page, landed or known already, and the shapes of the records that were looked at."""
    (lease, window), stream = held, reading.stream
    records_hash = hash_of_records(stream, page)
    if records_hash and lease.high_water_at:
        known = KnownPage(
            records_hash=records_hash,
            records=len(page.records),
            next=page.next,
            covered_until=page.covered_until,
        )
        moved = pass_known(store, lease, window, known, completed=completed)
        if moved:
            return moved, Counter()
    taken = digest(stream, page, window.opened_at)
    set_aside_retold(store, lease.stream_id, stream, taken)
    moved, _ = land(store, lease, window, taken.to_land(page, records_hash), completed=completed)
    return moved, taken.shapes


def _page(reading: Reading, bounds: Window, place: str | None, *, is_stored: bool) -> Page:
    """The page at a place; one that an earlier run stored may turn out to be lost."""
    system, client, stream = reading.system, reading.client, reading.stream
    if place is not None and is_stored:
        read = Resumed(system=system, client=client, stream=stream, window=bounds, is_full=reading.full)
        return page_at_stored_place(read, place)
    return system.read(client, stream, bounds, place)


def _as_far_as_covered(reading: Reading, window: OpenWindow, page: Page) -> Page:
    """The page with an earlier mark where its window ends later than its reply says that it was sent."""
    mark = covered_at_most(page.covered_until, reading.client.replied_at, end=window.end_at)
    return page if mark == page.covered_until else replace(page, covered_until=mark)


def _as_sent(page: Page) -> Page:
    """The page with the vendor's own bytes where its envelope could only be read around them."""
    return replace(page, records=[restored(raw) for raw in page.records])


def _refuse_false_cursor(reading: Reading, window: OpenWindow, page: Page) -> None:
    """ContractError for a cursor that stands still, or that was made of what cannot be read."""
    if is_signed(page.next):
        raise ContractError(
            f"{reading.system.name} {reading.stream.name}: the cursor cannot be read; the page was not taken.",
            reason="encoding",
        )
    if page.next is not None and page.next == window.place:
        raise ContractError(
            f"{reading.system.name} {reading.stream.name}: the cursor does not move; the same page came twice.",
            reason="poison",
        )


def _warn_of_brake(reading: Reading, vanished: Vanished) -> None:
    """Say that a list lost more records at once than deletions explain."""
    if vanished.held_back:
        reading.progress(
            f"{reading.stream.name}: {vanished.held_back} records are missing at once and were kept; "
            "check what our user may see"
        )


def _marks(reading: Reading, lease: Lease, window: OpenWindow) -> Marks:
    """The new watermark, and through when the stream is surely complete: late changes may still be invisible.

    What a system ahead of our clock shows is read; the next window begins no later than our clock all the same, since
    nobody knows whose is wrong.
    """
    stream = reading.stream
    seen = min(window.end_at, window.covered_until or window.end_at)
    complete_through = seen if stream.is_snapshot else seen - overlap(stream, lease)
    high_water = min(seen, reading.own_clock() + AHEAD_MAX)
    return Marks(high_water_at=high_water, seen_through=seen, complete_through=complete_through)


def _note_shape(
    store: Store,
    held: tuple[Lease, OpenWindow],
    shapes: Shapes,
    composed: Collection[str],
    left_out: Collection[str],
) -> list[Finding]:
    """Compare the fields of this window with all earlier ones, keep both the findings and the new profile."""
    (lease, window), (seen, records) = held, profile_of(shapes)
    with store.begin() as connection:
        before = read_profile(connection, lease.stream_id)
        found = [finding for finding in findings(before, seen, records, left_out) if finding.field not in composed]
        write_findings(connection, lease.stream_id, found, run_id=lease.run_id, found_at=window.end_at)
        if window.changed or not before:
            write_profile(connection, lease.stream_id, merged(before, seen))
    return found
