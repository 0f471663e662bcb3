"""Ingested events through `/api/v1/events`, for platforms without v2: no cursor, so the window is cut into boxes.

A box whose answer is full is halved, by ingestion time first, then by the events' own times; only an answer with room
to spare is known to be complete.
Source: openmeter client, `EventsOperations.list` (`ingestedAtFrom`, `ingestedAtTo`, `from`, `to`, `limit`; without
`from` only 72 hours are seen); openmeterio/openmeter `openmeter/meterevent/service.go` (32 days, 100 events).
"""

import json
from datetime import timedelta

from sync_assets.connect.clock import own_clock
from sync_assets.connect.spec import Page, Window
from sync_assets.http.reply import Reply
from sync_assets.model.errors import ContractError, FeedExpiredError
from sync_assets.systems.product.boxes import Box, halves, replaced, seconds, written
from sync_assets.systems.product.ingested import EVENTS_MAX, Ingested, composed
from sync_assets.systems.product.platform import Platform, decoded, whole_seconds

PATH = "/api/v1/events"

REACH = timedelta(days=31)
"""How far back the list can be asked for, with a day to spare: the server counts from its own clock."""

AHEAD = timedelta(days=366)
"""How far an event's own time may lie after its ingestion."""


def read_boxes(platform: Platform, window: Window, boxes: list[Box] | None) -> Page:
    """The events of the first box, and the boxes that remain.

    Raises:
        FeedExpiredError: the list no longer reaches back to the start of the window, which is no backfill.
        ContractError: more events share their two seconds than one answer can hold, or a first read is out of reach.
    """
    first, *others = boxes or [_whole(window)]
    reply = platform.get(PATH, _asked(first), accept=(400,))
    if reply.status == 400:
        within = _still_held(first, reply) if window.backfill else [_within_reach(first, window)]
        return Page(body=reply.body, records=(), next=_place([*within, *others]))
    items = decoded(reply, list[Ingested])
    left = [*_parts(first), *others] if len(items) >= EVENTS_MAX else others
    return Page(body=reply.body, records=composed(platform, items), next=_place(left))


def _whole(window: Window) -> Box:
    start, end = whole_seconds(window.start or window.earliest, window.end)
    return [seconds(start), seconds(end), seconds(min(start, window.earliest)), seconds(end + AHEAD)]


def _asked(box: Box) -> list[tuple[str, str | int]]:
    names = ("ingestedAtFrom", "ingestedAtTo", "from", "to")
    return [*((name, written(at)) for name, at in zip(names, box, strict=True)), ("limit", EVENTS_MAX)]


def _parts(box: Box) -> list[Box]:
    parts = halves(box)
    if not parts:
        raise ContractError(f"{EVENTS_MAX} events or more share one second; only /api/v2/events can list them.")
    return parts


def _within_reach(box: Box, window: Window) -> Box:
    """The box again without event times that the server no longer accepts.

    Events that happened before its reach and came in only now are invisible to this list: a limit of v1.
    """
    reach = seconds(window.end - REACH)
    if window.start is None:
        raise ContractError(
            "The product platform lists events of the last 32 days only; set SYNC_PRODUCT_START to a day within them."
        )
    if box[0] < reach or box[2] >= reach:
        raise FeedExpiredError
    return replaced(box, 2, reach)


def _still_held(box: Box, reply: Reply) -> list[Box]:
    """The part of a box of past days that the server still lists; nothing when all of it is gone.

    Raises:
        ContractError: the server refuses what lies within its reach.
    """
    reach = seconds((reply.date or own_clock()) - REACH)
    if box[1] < reach:
        return []
    held = [max(box[0], reach), box[1], max(box[2], reach), box[3]]
    if held == box:
        raise ContractError("The product platform refuses to list events of the last 31 days.")
    return [held]


def _place(boxes: list[Box]) -> str | None:
    if not boxes:
        return None
    return json.dumps({"version": 1, "boxes": boxes}, separators=(",", ":"))
