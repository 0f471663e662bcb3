"""What changed at Stripe: the events of a window as hints, and the objects they name as they stand now.

Not here: the payouts that events announce to the ledger (ledger.py).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec

from sync_assets.connect.kinds import SECONDS_MAX
from sync_assets.connect.paging import Place
from sync_assets.connect.spec import Page, Stream, Tombstone, Window
from sync_assets.http.client import Client
from sync_assets.http.envelope import decode_envelope
from sync_assets.http.reply import Reply
from sync_assets.model.errors import ContractError, FeedExpiredError
from sync_assets.systems.stripe.lists import Listed, Snapshot, created_between, list_page, named_by, snapshot
from sync_assets.systems.stripe.login import judge, said

FEED = timedelta(days=30)
"""How far back events reach. Source: docs.stripe.com/api/events/list."""

FEED_MARGIN = timedelta(hours=1)
"""The oldest events may vanish while they are read, so a window this close to the feed's end counts as outside."""

EVENTS_AT_ONCE = 50
"""Events of one page: each may mean one more request, and a page must be done well before a run loses its stream."""


class _Data(msgspec.Struct):
    object: Snapshot


class Event(msgspec.Struct):
    """What happened, when, and to what. Source: docs.stripe.com/api/events/object."""

    data: _Data
    id: Any = None
    type: Any = None
    created: Any = None

    @property
    def is_readable(self) -> bool:
        """Whether it says what happened, to what, and to which charge if it is about one."""
        about = self.data.object
        is_linked = about.charge is None or named_by(about.charge) is not None
        return is_linked and about.name is not None and isinstance(about.object, str) and isinstance(self.type, str)

    def at(self, otherwise: datetime) -> datetime:
        """When it happened."""
        is_known = type(self.created) is int and abs(self.created) <= SECONDS_MAX
        return datetime.fromtimestamp(self.created, UTC) if is_known else otherwise


class _Fetched(msgspec.Struct):
    """An object fetched by id, which may be the stub of a deleted one."""

    id: str
    object: str
    deleted: bool = False


def events(client: Client, stream: Stream, window: Window, cursor: str | None, *, limit: int) -> Listed:
    """A page of the events about a stream in a window.

    A backfill gets the events that Stripe still holds; its older days have none any more.

    Raises:
        FeedExpiredError: the window begins before the feed does, and is no backfill.
    """
    start = window.start or window.earliest
    types: list[tuple[str, str | int]] = [("types[]", name) for name in stream.read["events"]]
    listed = list_page(client, "events", [*types, *created_between(start, window.end)], cursor, limit=limit)
    feed_from = (listed.reply.date or window.end) - FEED
    if window.start is not None and window.start < feed_from + FEED_MARGIN and not window.backfill:
        raise FeedExpiredError
    return listed


def told(client: Client, stream: Stream, listed: Listed) -> list[Event]:
    """The events of a page that are about the stream, newest first.

    Those that cannot be read are remarked on, and the others go on: what they told of is laid beside what is stored by
    the next audit, which lists every object.
    """
    decoded = [_event(raw) for raw in listed.objects]
    odd = [raw for raw, event in zip(listed.objects, decoded, strict=True) if event is None]
    if odd:
        first = snapshot(odd[0]).name or "without an id"
        client.remark(f"{len(odd)} events about {stream.name} cannot be read (the first: {first}); audit this stream")
    return [event for event in decoded if event and event.type in stream.read["events"]]


def _event(raw: bytes) -> Event | None:
    try:
        event = msgspec.json.decode(raw, type=Event)
    except msgspec.DecodeError:
        return None
    return event if event.is_readable else None


def changed(client: Client, stream: Stream, window: Window, at: Place) -> tuple[Page, str | None]:
    """The objects that a page of events says have changed, as they stand now, each once.

    An object created in the window is left to the list of those, which is read afterwards.
    """
    listed = events(client, stream, window, at.cursor, limit=EVENTS_AT_ONCE)
    wanted: dict[str, datetime] = {}
    for event in told(client, stream, listed):
        name = _changed_id(stream, window, event)
        if name is not None:
            wanted.setdefault(name, event.at(window.end))
    page = fetched(client, stream, wanted)
    return Page(body=listed.reply.body, records=page.records, deleted=page.deleted, next=None), listed.following


def _changed_id(stream: Stream, window: Window, event: Event) -> str | None:
    """The id of the stream's object that an event is about; None when it is listed anyway, or names none."""
    about = event.data.object
    if about.object == stream.read["object"]:
        is_listed = about.made is not None and window.start is not None and about.made >= window.start.timestamp()
        return None if is_listed and not event.type.endswith(".deleted") else about.name
    return named_by(about.charge) if stream.read["object"] == "charge" else None


def fetched(client: Client, stream: Stream, wanted: Mapping[str, datetime]) -> Page:
    """The named objects as they stand now, and tombstones for those deleted, dated as given.

    Raises:
        ContractError: an answer is not as documented, or is about another object than was asked for.

    Source: docs.stripe.com/api/charges/object (`id` and `object`, which every object has).
    """
    records, deleted, bodies = [], [], []
    for name, at in wanted.items():
        reply = client.get(f"/v1/{stream.read['path']}/{quote(name, safe='')}", accept=(404,))
        if reply.status == 404:
            _must_be_missing(reply)
            continue
        try:
            one = decode_envelope(reply.body, _Fetched)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            reply.json()
            raise ContractError(f"Stripe's answer for one of {stream.name} is not as documented.") from None
        if (one.id, one.object) != (name, stream.read["object"]):
            raise ContractError(f"Stripe answered for one of {stream.name} with another: something mixes replies up.")
        if one.deleted:
            deleted.append(Tombstone(record_id=one.id, deleted_at=at))
        else:
            records.append(reply.body.strip())
        bodies.append(reply.body)
    return Page(body=b"\n".join(bodies), records=records, deleted=deleted, next=None)


def _must_be_missing(reply: Reply) -> None:
    """A 404 that is about the object and not about the address."""
    if said(reply).get("code") != "resource_missing":
        raise getattr(judge(reply), "error", ContractError("Stripe answered HTTP 404."))
