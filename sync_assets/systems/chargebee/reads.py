"""How Chargebee is read: the lists that make up a window, deletions by event, the probe and the clock.

Not here: which streams there are (streams*.py) and what their fields mean (canonical*.py).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec

from sync_assets.connect.kinds import dig, read_value
from sync_assets.connect.landmarks import record_id
from sync_assets.connect.paging import Place
from sync_assets.connect.spec import Page, Stream, Tombstone, Window
from sync_assets.http.client import Client
from sync_assets.http.envelope import is_signed
from sync_assets.http.reply import Reply
from sync_assets.model.errors import RejectError
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
    """Tombstones of the records that deletion events name and that are gone; those that still stand are read anew.

    An event that names nobody is handed on with its envelope: no record has its form, so that it is set aside alone.
    Nor is anybody gone while one that stands cannot be told by its id: it may be any of them.
    """
    told = [(_deleted(stream, raw), raw) for raw in events]
    deleted = {named.record_id: named for named, _ in told if named}
    standing = find(client, stream, list(deleted)).records if deleted else ()
    alive = {_named(stream, msgspec.json.decode(raw)) for raw in standing}
    tombstones = [named for name, named in deleted.items() if not alive & {name, ""}]
    odd = [b'{"event":' + raw + b"}" for named, raw in told if not named]
    return Page(body=body, records=[*standing, *odd], deleted=tombstones, next=following)


def _deleted(stream: Stream, raw: bytes) -> Tombstone | None:
    """The record that a deletion event names under its own name, and when it went; None where it does not say both.

    Source: apidocs.chargebee.com/docs/api/events (`occurred_at`, `content`).
    """
    event = msgspec.json.decode(raw)
    name = _named(stream, dig(event, ("content", stream.read["name"])))
    try:
        at = read_value("unix_s", dig(event, ("occurred_at",)))
    except RejectError:
        return None
    return Tombstone(record_id=name, deleted_at=at) if name and at else None


def _named(stream: Stream, resource: Any) -> str:
    """The id of a resource; nothing where none can be read."""
    try:
        name = record_id(stream, resource if isinstance(resource, dict) else {})
    except RejectError:
        return ""
    return "" if is_signed(name) else name


def _newest_events(client: Client, limit: int) -> tuple[Reply, list[dict[str, Any]]]:
    """The events that happened last; what stands in the place of one and is no object is left out."""
    reply = client.get(API + "events", [("limit", limit), ("sort_by[desc]", "occurred_at")])
    found = [msgspec.json.decode(element["event"]) for element in decoded(reply).list if "event" in element]
    return reply, [event for event in found if isinstance(event, dict)]


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
