"""How Chargebee is read: the lists that make up a window, deletions by event, the probe and the clock.

Not here: which streams there are (streams*.py) and what their fields mean (canonical*.py).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import msgspec

from sync_assets.connect.paging import Place
from sync_assets.connect.spec import Page, Stream, Tombstone, Window
from sync_assets.http.client import Client
from sync_assets.http.reply import Reply
from sync_assets.systems.chargebee.lines import with_all_lines
from sync_assets.systems.chargebee.lists import (
    API,
    LIMIT,
    Params,
    Step,
    between,
    decoded,
    find,
    listed,
    options,
    record,
)


class _Dated(msgspec.Struct):
    """The one date of a record that decides whether a first read keeps it."""

    date: int | None = None


class _Named(msgspec.Struct):
    id: str


class _Event(msgspec.Struct):
    """What a deletion event says: when, and which resource under its own name."""

    occurred_at: int
    content: dict[str, msgspec.Raw]


def read(client: Client, stream: Stream, window: Window, place: str | None) -> Page:
    """One page of a stream: the list itself, then records that its change filter cannot see, then deletions.

    Raises:
        ContractError: the page is not a list as documented, or its offsets run in circles.
    """
    at = Place.read(place)
    steps = _steps(stream, window)
    step = steps[at.step]
    reply, at = listed(client, step, at)
    found = decoded(reply)
    following = at.onward(found.next_offset) if found.next_offset else at.next_step()
    records = [record(stream, element, step) for element in found.list]
    following_text = following.text() if following.step < len(steps) else None
    if step.deletions:
        return _deletions(client, stream, records, body=reply.body, following=following_text)
    if window.start is None and "kept_since" in stream.read:
        records = _kept(records, window.earliest)
    whole = with_all_lines(client, stream.read["path"], stream.read["name"], records)
    return Page(body=reply.body, records=whole, next=following_text)


def _steps(stream: Stream, window: Window) -> tuple[Step, ...]:
    """The lists that make up one read.

    A first read is not filtered by `updated_at`, which may be absent, and has no end, as usage may be dated ahead.
    Where a list can be ordered by something that never changes, it is: a record that changes meanwhile then keeps its
    place. A list that cannot be asked for what changed is read as at first.
    """
    order = stream.read.get("order")
    sort = [("sort_by[asc]", order)] if order else []
    since = stream.read.get("since")
    whole = _step(stream, [*sort, *(between(since, window.earliest, window.end)[:1] if since else [])])
    if window.start is None:
        return (whole,)
    stamp = str(stream.stamp)
    changed = _dated(stream, order or stamp, between(stamp, window.start, window.end))
    steps = [replace(changed, otherwise=whole)]
    if born := stream.read.get("born"):
        steps.append(_dated(stream, born, between(born, window.start, window.end)))
    if gone := stream.read.get("gone"):
        kind: Params = [("limit", LIMIT), ("event_type[is]", gone), ("sort_by[asc]", "occurred_at")]
        bounds = between("occurred_at", window.start, window.end)
        steps.append(Step(path="events", params=(*kind, *bounds), deletions=True))
    return tuple(steps)


def _dated(stream: Stream, order: str, bounds: Params) -> Step:
    return _step(stream, [("sort_by[asc]", order), *bounds])


def _step(stream: Stream, params: Params) -> Step:
    return Step(path=stream.read["path"], params=(*options(stream), *params))


def _kept(records: Sequence[bytes], earliest: datetime) -> list[bytes]:
    """Records dated from `earliest` on, and those without a date, which a filter would drop."""
    first = earliest.timestamp()
    kept = []
    for raw in records:
        try:
            date = msgspec.json.decode(raw, type=_Dated).date
        except msgspec.DecodeError:
            date = None
        if date is None or date >= first:
            kept.append(raw)
    return kept


def _deletions(client: Client, stream: Stream, events: Sequence[bytes], *, body: bytes, following: str | None) -> Page:
    """Tombstones of the records that deletion events name and that are gone; those that still stand are read anew."""
    deleted: dict[str, datetime] = {}
    for raw in events:
        event = msgspec.json.decode(raw, type=_Event)
        if (content := event.content.get(stream.read["name"])) is not None:
            named = msgspec.json.decode(content, type=_Named)
            deleted[named.id] = datetime.fromtimestamp(event.occurred_at, UTC)
    standing = find(client, stream, list(deleted)).records if deleted else ()
    alive = {msgspec.json.decode(raw, type=_Named).id for raw in standing}
    tombstones = [Tombstone(record_id=name, deleted_at=at) for name, at in deleted.items() if name not in alive]
    return Page(body=body, records=standing, deleted=tombstones, next=following)


def _newest_events(client: Client, limit: int) -> tuple[Reply, list[dict[str, Any]]]:
    reply = client.get(API + "events", [("limit", limit), ("sort_by[desc]", "occurred_at")])
    return reply, [msgspec.json.decode(element["event"]) for element in decoded(reply).list if "event" in element]


def probe(client: Client, last: str | None) -> str:
    """A text that changes with every event; every stream but usages writes one. One request.

    Ten events and not one: several share a second, in an order that is not promised.
    """
    del last
    _, events = _newest_events(client, 10)
    names = sorted(f"{event.get('occurred_at')} {event.get('id')}" for event in events)
    return blake2b("\n".join(names).encode(), digest_size=16).hexdigest()


def clock(client: Client) -> datetime | None:
    """Chargebee's time now, to the second, from the Date header of a one-event list; None where it has none."""
    reply, _ = _newest_events(client, 1)
    return reply.date
