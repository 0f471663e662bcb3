"""Ingested events by ingestion time through `/api/v2/events`: cursor pages, newest first, inside the frozen window.

Source: openmeter client, `EventsV2Operations.list` (cursor, limit, filter), `FilterTime`, `FilterString`.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import msgspec

from sync_assets.connect.paging import Place
from sync_assets.connect.spec import Page, Stream, Window
from sync_assets.http.client import Client
from sync_assets.http.reply import Reply
from sync_assets.model.errors import ContractError
from sync_assets.systems.product.boxes import Box, halves, seconds, written
from sync_assets.systems.product.events_v1 import read_boxes
from sync_assets.systems.product.ingested import EVENTS_MAX, Ingested, came_in, composed, facts_of, moment, name_of
from sync_assets.systems.product.platform import as_platform, decoded, whole_seconds

PATH = "/api/v2/events"

NAMES_MAX = 40
"""Ids in one filter: a request line stays far below common limits."""


class _Events(msgspec.Struct, rename="camel"):
    """A page of v2; an absent or empty cursor is how the platform says "end"."""

    items: list[Ingested]
    next_cursor: str | None = None


def read_events(client: Client, stream: Stream, window: Window, place: str | None) -> Page:  # noqa: ARG001
    """One page of events.

    The place is JSON: `boxes` still to read, `cursor` within the first with `pages` and `mark` that prove that it runs
    in no circle, and the list's version.

    Raises:
        FeedExpiredError: v1 no longer reaches back to the start of the window, which is no backfill.
    """
    platform = as_platform(client)
    at: dict[str, Any] = json.loads(place or _place([_whole(window)], Place()))
    if at["version"] == 1:
        return read_boxes(platform, window, at["boxes"])
    (low, high), *_ = at["boxes"]
    span = {"$and": [{"$gte": written(low)}, {"$lte": written(high)}]}
    # Only the first answer tells whether there is a v2: what listed a page a moment ago has not gone.
    reply = ask(platform, {"ingestedAt": span}, cursor=at.get("cursor"), accept=() if place else (404,))
    if reply.status == 404:
        return read_boxes(platform, window, None)
    page = decoded(reply, _Events)
    return Page(body=reply.body, records=composed(platform, page.items), next=_following(page, at))


def _whole(window: Window) -> Box:
    start, end = whole_seconds(window.start or window.earliest, window.end)
    return [seconds(start), seconds(end)]


def ask(client: Client, only: dict[str, Any], *, cursor: str | None = None, accept: Sequence[int] = (404,)) -> Reply:
    """The reply to a v2 list; 404 as status when the platform has no v2."""
    params: list[tuple[str, str | int]] = [("limit", EVENTS_MAX)]
    params += [("filter", json.dumps(only, separators=(",", ":")))] if only else []
    params += [("cursor", cursor)] if cursor else []
    return client.get(PATH, params, accept=accept)


def find_events(client: Client, stream: Stream, ids: Sequence[str]) -> Page:  # noqa: ARG001
    """The events with these `source:id`; both parts may hold colons, so every possible id is asked for."""
    wanted = set(ids)
    possible = sorted({tail for one in wanted for tail in _tails(one)})
    bodies, found = list[bytes](), list[Ingested]()
    for start in range(0, len(possible), NAMES_MAX):
        body, items = _named(client, possible[start : start + NAMES_MAX])
        bodies += body
        found += [item for item in items if name_of(item) in wanted]
    return Page(body=b"\n".join(bodies), records=composed(as_platform(client), found), next=None)


def _named(client: Client, ids: Sequence[str]) -> tuple[list[bytes], list[Ingested]]:
    """All pages of the events with these ids, whatever their source."""
    bodies, items, at = list[bytes](), list[Ingested](), Place()
    while True:
        reply = ask(client, {"id": {"$in": [*ids]}}, cursor=at.cursor)
        if reply.status == 404:
            raise ContractError("Events can be looked up by id only on a platform with /api/v2/events.")
        page = decoded(reply, _Events)
        bodies.append(reply.body)
        items += page.items
        if not page.next_cursor:
            return bodies, items
        at = at.onward(page.next_cursor)


def _following(page: _Events, at: dict[str, Any]) -> str | None:
    """The next place, None at the end of the last box.

    A cursor that would skip events is not followed: the box is halved until its answers have room to spare, and within
    one second, where all came in together, the cursor is written as it should have been. If that one leads nowhere, the
    list goes by the events' own time after all and the platform's cursor was right.
    """
    first, *others = at["boxes"]
    skips = _skips(page) and not at.get("by_time")
    if not page.next_cursor or (skips and len(page.items) < EVENTS_MAX):
        return _place(others, Place()) if others else None
    if skips and halves(first):
        return _place([*halves(first), *others], Place())
    cursor = (skips and _mended(page.items)) or page.next_cursor
    if skips and cursor == at.get("cursor"):
        return _place(at["boxes"], Place(cursor=page.next_cursor), by_time=True)
    if cursor == at.get("cursor"):
        raise ContractError("The cursor of the product platform does not move.", reason="poison")
    here = Place(cursor=at.get("cursor"), pages=at.get("pages", 0), mark=at.get("mark"))
    return _place(at["boxes"], here.onward(cursor), by_time=at.get("by_time", False))


def _place(boxes: Sequence[Box], at: Place, *, by_time: bool = False) -> str:
    """The place as it is persisted; what is as at the beginning is left out, but for the cursor."""
    known = {"pages": at.pages, "mark": at.mark, "by_time": by_time}
    told = {name: value for name, value in known.items() if value}
    return json.dumps({"version": 2, "boxes": boxes, "cursor": at.cursor, **told}, separators=(",", ":"))


def _skips(page: _Events) -> bool:
    """The list goes by ingestion, and its cursor is `<time>,<id>` in base64 with the last event's own time.

    Source: openmeterio/openmeter `pkg/pagination/v2/cursor.go`; other cursors are left alone.
    """
    if not page.items or not page.next_cursor or not _goes_by_ingestion(page.items):
        return False
    facts, last_in = facts_of(page.items[-1]), came_in(page.items[-1])
    try:
        time, _, name = base64.b64decode(page.next_cursor, validate=True).decode().partition(",")
    except (binascii.Error, UnicodeDecodeError):
        return False
    named = moment(time)
    return named is not None and named == moment(facts.time) and named != last_in and name == facts.id


def _goes_by_ingestion(items: Sequence[Ingested]) -> bool:
    """Whether events come as the platform's own statement orders them: what came in last first, by id within a second.

    Source: openmeterio/openmeter `openmeter/streaming/clickhouse/event_query_v2.go`.
    """
    places = [(at.replace(microsecond=0), facts_of(item).id) for item in items if (at := _placed_at(item))]
    return all(later >= earlier for later, earlier in pairwise(places))


def _placed_at(item: Ingested) -> datetime | None:
    """When an event came in that also has an id; None for one whose place in the list cannot be told."""
    return came_in(item) if facts_of(item).id else None


def _mended(items: Sequence[Ingested]) -> str | None:
    """The cursor as it should have been, from the last event whose place can be told."""
    last = next((item for item in reversed(items) if _placed_at(item)), None)
    if last is None:
        return None
    return base64.b64encode(f"{msgspec.json.decode(last.ingested_at)},{facts_of(last).id}".encode()).decode()


def _tails(name: str) -> list[str]:
    """What may be the id in `source:id`."""
    parts = name.split(":")
    return [":".join(parts[at:]) for at in range(1, len(parts))]
