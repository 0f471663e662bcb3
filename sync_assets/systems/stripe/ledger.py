"""Which payout paid out which entries of Stripe's ledger: what the entries themselves do not say.

Source: docs.stripe.com/payouts/reconciliation: `balance_transactions?payout=` lists them, for automatic payouts only.
"""

import msgspec

from sync_assets.connect.paging import Place
from sync_assets.connect.spec import Page, Stream, Window
from sync_assets.http.client import Client
from sync_assets.systems.stripe.changes import events, told
from sync_assets.systems.stripe.lists import Snapshot, created_between, list_page, snapshot

PAYOUTS_AT_ONCE = 10
"""Payouts kept in a place at a time, so that it stays small."""


class _Payouts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a reader stands among payouts: those still to read, the page of the one under way, the list's cursor."""

    waiting: tuple[tuple[str, int], ...] = ()
    entries: str | None = None
    onward: str | None = None
    last: bool = False


def paid_out(client: Client, stream: Stream, window: Window, at: Place) -> tuple[Page, str | None]:
    """A page of ledger entries that an automatic payout paid out, each composed with that payout; or a page of payouts.

    Everything is read by the payouts created in the time, and so are past days, whose events may be gone; changes by
    the events about payouts.
    """
    place = _Payouts() if at.cursor is None else msgspec.json.decode(at.cursor, type=_Payouts)
    if not place.waiting:
        return _payouts(client, stream, window, place)
    (name, created), *rest = place.waiting
    listed = list_page(client, stream.read["path"], [("payout", name)], place.entries)
    records = [_with_payout(raw, name, created) for raw in listed.objects]
    if listed.following is not None:
        then = msgspec.structs.replace(place, entries=listed.following)
    else:
        then = msgspec.structs.replace(place, waiting=tuple(rest), entries=None)
    return Page(body=listed.reply.body, records=records, next=None), _payout_cursor(then)


def _payouts(client: Client, stream: Stream, window: Window, place: _Payouts) -> tuple[Page, str | None]:
    """The next automatic payouts to read the entries of; the page itself has no records."""
    if window.start is None or window.backfill:
        bounds = created_between(window.start or window.earliest, window.end)
        listed = list_page(client, "payouts", bounds, place.onward, limit=PAYOUTS_AT_ONCE)
        found = [snapshot(raw) for raw in listed.objects]
    else:
        listed = events(client, stream, window, place.onward, limit=PAYOUTS_AT_ONCE)
        found = [event.data.object for event in told(client, stream, listed)]
    waiting = {payout.name: payout.made or 0 for payout in found if payout.name and _names_its_entries(payout)}
    then = _Payouts(waiting=tuple(waiting.items()), onward=listed.following, last=listed.following is None)
    return Page(body=listed.reply.body, records=(), next=None), _payout_cursor(then)


def _names_its_entries(payout: Snapshot) -> bool:
    """Whether Stripe can tell what a payout paid out; asked for another's entries, it refuses.

    Source: docs.stripe.com/api/payouts/object (`automatic`; `reconciliation_status`: `not_applicable`).
    """
    return payout.automatic is True and payout.reconciliation_status != "not_applicable"


def _payout_cursor(place: _Payouts) -> str | None:
    """The place among payouts as a cursor; None after the last."""
    if place.last and not place.waiting:
        return None
    return msgspec.json.encode(place).decode()


def _with_payout(raw: bytes, payout: str, created: int) -> bytes:
    """An entry with the payout that paid it out, its own values byte for byte.

    The rank is the payout's creation in microseconds: of two payouts that name an entry (the first failed), the later
    wins, and both win over the entry alone.
    """
    fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    fields["payout"] = msgspec.Raw(msgspec.json.encode(payout))
    fields["payout_rank"] = msgspec.Raw(msgspec.json.encode(created * 1_000_000))
    return msgspec.json.encode(fields)
