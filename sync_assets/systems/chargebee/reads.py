"""How Chargebee is read: its lists in frozen windows, records by id, deletions by event, the probe and the clock.

Not here: which streams there are (spec.py) and what their fields mean (canonical*.py).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import msgspec

from sync_assets.connect.paging import Place
from sync_assets.connect.spec import Page, Stream, Tombstone, Window
from sync_assets.http.client import Client
from sync_assets.http.reply import Reply
from sync_assets.model.errors import ContractError
from sync_assets.systems.chargebee.lines import with_all_lines

API = "/api/v2/"
LIMIT = 100
"""Largest page. Source: apidocs.chargebee.com/docs/api/list-ops (limit 1 to 100)."""

FIND_MAX = 50
"""Ids of one lookup: ids have up to 50 characters, which keeps the URL below 4 kB."""

Params = list[tuple[str, str | int]]


class _List(msgspec.Struct):
    """A page as the vendor sends it: each element wraps a resource under its own name, beside related ones."""

    list: list[dict[str, msgspec.Raw]]
    next_offset: str | None = None


class _Dated(msgspec.Struct):
    """The one date of a record that decides whether a first read keeps it."""

    date: int | None = None


class _Named(msgspec.Struct):
    id: str


class _Event(msgspec.Struct):
    """What a deletion event says: when, and which resource under its own name."""

    occurred_at: int
    content: dict[str, msgspec.Raw]


@dataclass(frozen=True, kw_only=True)
class _Step:
    """One list of a read. `deletions` reads events that name deleted records instead of the records themselves."""

    path: str
    params: tuple[tuple[str, str | int], ...]
    deletions: bool = False


def read(client: Client, stream: Stream, window: Window, place: str | None) -> Page:
    """One page of a stream: the list itself, then records that its change filter cannot see, then deletions.

    Raises:
        ContractError: the page is not a list as documented, or its offsets run in circles.
    """
    at = Place.read(place)
    steps = _steps(stream, window)
    step = steps[at.step]
    reply, at = _listed(client, step, at)
    found = _decoded(reply)
    following = at.onward(found.next_offset) if found.next_offset else at.next_step()
    records = [_record(stream, element, step) for element in found.list]
    following_text = following.text() if following.step < len(steps) else None
    if step.deletions:
        return _deletions(client, stream, records, body=reply.body, following=following_text)
    if window.start is None and "kept_since" in stream.read:
        records = _kept(records, window.earliest)
    whole = with_all_lines(client, stream.read["path"], stream.read["name"], records)
    return Page(body=reply.body, records=whole, next=following_text)


def _steps(stream: Stream, window: Window) -> tuple[_Step, ...]:
    """The lists that make up one read.

    A first read is not filtered by `updated_at`, which may be absent, and has no end, as usage may be dated ahead.
    Where a list can be ordered by something that never changes, it is: a record that changes meanwhile then keeps its
    place.
    """
    if window.start is None:
        order = stream.read.get("order")
        sort = [("sort_by[asc]", order)] if order else []
        since = stream.read.get("since")
        return (_step(stream, [*sort, *(_between(since, window.earliest, window.end)[:1] if since else [])]),)
    stamp = str(stream.stamp)
    steps = [_dated(stream, stream.read.get("order", stamp), _between(stamp, window.start, window.end))]
    if born := stream.read.get("born"):
        steps.append(_dated(stream, born, _between(born, window.start, window.end)))
    if gone := stream.read.get("gone"):
        kind: Params = [("limit", LIMIT), ("event_type[is]", gone), ("sort_by[asc]", "occurred_at")]
        bounds = _between("occurred_at", window.start, window.end)
        steps.append(_Step(path="events", params=(*kind, *bounds), deletions=True))
    return tuple(steps)


def _dated(stream: Stream, order: str, bounds: Params) -> _Step:
    return _step(stream, [("sort_by[asc]", order), *bounds])


def _step(stream: Stream, params: Params) -> _Step:
    return _Step(path=stream.read["path"], params=(*_options(stream), *params))


def _options(stream: Stream) -> Params:
    deleted: Params = [("include_deleted", "true")] if stream.read.get("include_deleted") else []
    return [("limit", LIMIT), *deleted]


def _between(name: str, start: datetime, end: datetime) -> Params:
    """Filters for stamps from start to end, both included.

    Source: apidocs.chargebee.com/docs/api/list-ops: timestamps are whole seconds, `after` and `before` exclude the
    second they name.
    """
    return [(f"{name}[after]", int(start.timestamp() // 1) - 1), (f"{name}[before]", int(end.timestamp() // 1) + 1)]


def _listed(client: Client, step: _Step, at: Place) -> tuple[Reply, Place]:
    """The page at a place; an offset that the site no longer accepts starts the step again.

    When that happened often, the second page is asked for at once, so that a site that refuses all its offsets is an
    error and not an endless read.

    Source: apidocs.chargebee.com/docs/api/error-handling: a refused parameter is a 400 whose `param` names it.
    """
    if at.cursor is None:
        return client.get(API + step.path, step.params), at
    reply = client.get(API + step.path, [*step.params, ("offset", at.cursor)], accept=(400,))
    if reply.status != 400:
        return reply, at
    refused = reply.json()
    if not isinstance(refused, dict) or refused.get("param") != "offset":
        raise refusal(reply)
    reply = client.get(API + step.path, step.params)
    if at.is_worn_out and (second := _decoded(reply).next_offset):
        client.get(API + step.path, [*step.params, ("offset", second)])
    return reply, at.again()


def refusal(reply: Reply) -> ContractError:
    """The error of a request that Chargebee calls wrong, with its own code and no values of ours."""
    said = reply.json()
    code, param = (said.get("api_error_code"), said.get("param")) if isinstance(said, dict) else (None, None)
    return ContractError(f"Chargebee refused {reply.url.split('?')[0]}: {code} {param or ''}".rstrip() + ".")


def _decoded(reply: Reply) -> _List:
    try:
        return msgspec.json.decode(reply.body, type=_List)
    except (msgspec.DecodeError, UnicodeDecodeError):
        reply.json()
        raise ContractError(f"The answer of {reply.url.split('?')[0]} has no `list` as documented.") from None


def _record(stream: Stream, element: dict[str, msgspec.Raw], step: _Step) -> bytes:
    """The resource in an element of a list, byte for byte."""
    name = "event" if step.deletions else stream.read["name"]
    try:
        return bytes(element[name])
    except KeyError:
        raise ContractError(f"An element of Chargebee's {step.path} has no `{name}`.") from None


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


def find(client: Client, stream: Stream, ids: Sequence[str]) -> Page:
    """The named records as they stand now; deleted ones that Chargebee still lists are among them."""
    alone = stream.read.get("find_one_by_one", False)
    size = 1 if alone else FIND_MAX
    bodies, records = [], list[bytes]()
    for start in range(0, len(ids), size):
        some = list(ids[start : start + size])
        named = ("id[is]", some[0]) if alone else ("id[in]", json.dumps(some, ensure_ascii=False))
        reply = client.get(API + stream.read["path"], [*_options(stream), named])
        step = _Step(path=stream.read["path"], params=())
        found = [_record(stream, element, step) for element in _decoded(reply).list]
        records += with_all_lines(client, stream.read["path"], stream.read["name"], found)
        bodies.append(reply.body)
    return Page(body=b"\n".join(bodies), records=records, next=None)


def _newest_events(client: Client, limit: int) -> tuple[Reply, list[dict[str, Any]]]:
    reply = client.get(API + "events", [("limit", limit), ("sort_by[desc]", "occurred_at")])
    return reply, [msgspec.json.decode(element["event"]) for element in _decoded(reply).list if "event" in element]


def probe(client: Client, last: str | None) -> str:
    """A text that changes with every event; every stream but usages writes one. One request.

    Ten events and not one: several share a second, in an order that is not promised.
    """
    del last
    _, events = _newest_events(client, 10)
    names = sorted(f"{event.get('occurred_at')} {event.get('id')}" for event in events)
    return blake2b("\n".join(names).encode(), digest_size=16).hexdigest()


def clock(client: Client) -> datetime:
    """Chargebee's time now, to the second, from the Date header of a one-event list."""
    reply, _ = _newest_events(client, 1)
    if reply.date is None:
        raise ContractError("Chargebee's answer has no Date header, so its clock is unknown.")
    return reply.date
