"""How Stripe is read: everything of a time by its lists, changes by its events; objects by id, the probe, the clock."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from sync_assets.connect.clock import own_clock
from sync_assets.connect.paging import Place
from sync_assets.connect.spec import Page, Stream, Window
from sync_assets.http.client import Client
from sync_assets.systems.stripe.changes import changed, fetched
from sync_assets.systems.stripe.ledger import paid_out
from sync_assets.systems.stripe.lists import created_between, following_place, list_page, snapshot

SETTLING = timedelta(days=10)
"""How long entries of the ledger usually stay pending. Source: docs.stripe.com/payouts (settlement timing)."""

Step = Callable[[Client, Stream, Window, Place], tuple[Page, str | None]]
"""One kind of list in a read: the page at a place, and the cursor of the list's next page."""


def read(client: Client, stream: Stream, window: Window, place: str | None) -> Page:
    """One page of a stream.

    Everything: the list, newest first, from the window's end back to where it is bounded. Changes: the events of the
    window, each changed object fetched by id, then the objects created in the window. The ledger adds the entries of
    automatic payouts to both.

    Raises:
        FeedExpiredError: the window, no backfill, starts before the events that Stripe still holds.
        ContractError: an answer is not as documented.
    """
    at = Place.read(place)
    steps = _steps(stream, window)
    page, cursor = steps[at.step](client, stream, window, at)
    return Page(
        body=page.body,
        records=page.records,
        deleted=page.deleted,
        next=following_place(at, cursor, steps=len(steps)),
    )


def _steps(stream: Stream, window: Window) -> tuple[Step, ...]:
    if stream.read.get("ledger"):
        return _created, paid_out
    return (_created,) if window.start is None else (changed, _created)


def _created(client: Client, stream: Stream, window: Window, at: Place) -> tuple[Page, str | None]:
    """A page of the objects created in the window; the ledger's also of the days before, after a midnight."""
    start = window.start
    if start is None:
        start = window.earliest if stream.bounded else None
    elif stream.read.get("ledger") and start.astimezone(UTC).date() != window.end.astimezone(UTC).date():
        start -= SETTLING
    listed = list_page(client, stream.read["path"], created_between(start, window.end), at.cursor)
    return Page(body=listed.reply.body, records=listed.objects, next=None), listed.following


def find(client: Client, stream: Stream, ids: Sequence[str]) -> Page:
    """The named objects as they stand now; those deleted as tombstones dated now."""
    now = clock(client) or own_clock()
    return fetched(client, stream, dict.fromkeys(ids, now))


def probe(client: Client, last: str | None) -> str:
    """A text that changes with every event; every stream but the ledger writes some. One request.

    Ten events and not one: several share a second, in an order that is not promised.
    """
    del last
    listed = list_page(client, "events", [], None, limit=10)
    names = sorted(snapshot(raw).name or raw.decode("utf-8", "replace") for raw in listed.objects)
    return blake2b("\n".join(names).encode(), digest_size=16).hexdigest()


def clock(client: Client) -> datetime | None:
    """Stripe's time now, to the second, from the Date header of a one-event list; None where it has none."""
    return list_page(client, "events", [], None, limit=1).reply.date
