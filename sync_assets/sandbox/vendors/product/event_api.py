"""The events resources: the bounded list of v1, the cursor list of v2, and ingestion.

Source: OpenMeter openmeter/meterevent/service.go (100 events at most, 32 days back in v1), meterevent/httphandler,
streaming/clickhouse/event_query_v2.go (newest first, cursor of second and row), ingest/httpdriver/ingest.go, docstrings
of the client's events operations (`from` defaults to the last 72 hours).
"""

import base64
import binascii
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice, takewhile
from typing import Any

from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.product.events import EventRow, second
from sync_assets.sandbox.vendors.product.filters import EventFilter, event_filter
from sync_assets.sandbox.vendors.product.meter_values import validation_error
from sync_assets.sandbox.vendors.product.pages import several, whole
from sync_assets.sandbox.vendors.product.platform import Platform
from sync_assets.sandbox.vendors.product.problems import bad_request
from sync_assets.sandbox.vendors.product.values import answer, instant_of, instant_text
from sync_assets.sandbox.wire import Reply, Request

_LIMIT = 100
_BACK = timedelta(days=32)
_DEFAULT_BACK = timedelta(hours=72)
_REQUIRED = ("id", "source", "specversion", "type", "subject")


def listed(platform: Platform, request: Request) -> Reply:
    """v1: the newest events of a span of their own time, 32 days back at most.

    Raises:
        ProblemError: 400 for instants or a limit out of range.
    """
    now = platform.now()
    start = _asked(request, "from") or now - _DEFAULT_BACK
    end, low, high = (_asked(request, name) for name in ("to", "ingestedAtFrom", "ingestedAtTo"))
    for name, instant in (("from", start), ("ingestedAtFrom", low)):
        if instant is not None and instant < now - _BACK:
            raise bad_request(f"validate input: {name} date is too old: {instant_text(instant)}")
    if (end and end < start) or (low and high and high < low):
        raise bad_request("validate input: to date is before from date")
    limit = whole(request, "limit", _LIMIT, most=_LIMIT)
    customers = several(request, "customerId")
    rows = takewhile(lambda row: row.time >= second(start), platform.settled_events().newest_first("time"))
    found = (
        row
        for row in rows
        if (end is None or row.time <= end)
        and (low is None or row.ingested_at >= second(low))
        and (high is None or row.ingested_at <= high)
        and request.arg("id") in row.event["id"]
        and request.arg("subject") in row.event["subject"]
        and (not customers or _customer_id(platform, row) in customers)
    )
    return answer(_shown(platform, islice(found, min(limit, platform.quirks.events_limit_max))))


def listed_v2(platform: Platform, request: Request) -> Reply:
    """v2: events newest first by cursor, filtered; reaches all history.

    Raises:
        ProblemError: 400 for a filter, cursor or limit the vendor refuses.
    """
    limit = min(whole(request, "limit", _LIMIT, most=_LIMIT), platform.quirks.events_limit_max)
    wanted = event_filter(request.arg("filter"))
    before = _cursor(request.arg("cursor")) if request.arg("cursor") else None
    rows = list(islice(_matching(platform, wanted, before), limit))
    page: dict[str, Any] = {"items": _shown(platform, iter(rows))}
    if rows and (len(rows) == limit or platform.quirks.cursor_until_empty):
        page["nextCursor"] = _cursor_text(platform, wanted, rows[-1])
    return answer(page)


def ingest(platform: Platform, request: Request) -> Reply:
    """Take one CloudEvent or a batch in; nothing is stored when one of them is invalid.

    Raises:
        ProblemError: 400 for an unknown content type or an invalid event.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    shapes = {
        "application/cloudevents+json": (dict,),
        "application/cloudevents-batch+json": (list,),
        "application/json": (dict, list),
    }
    if kind not in shapes:
        raise bad_request(f"invalid content type: {kind}")
    try:
        body = json.loads(request.body, parse_float=Decimal)
    except ValueError as wrong:
        raise bad_request(f"invalid event: {wrong}") from wrong
    if type(body) not in shapes[kind] or not body:
        raise bad_request("invalid event: no events found")
    events: list[Record] = body if isinstance(body, list) else [body]
    for event in events:
        _check(event)
    for event in events:
        platform.put("events", event)
    return Reply(status=204)


def _check(event: Any) -> None:
    missing = [name for name in _REQUIRED if not (isinstance(event, dict) and event.get(name))]
    if missing:
        raise bad_request(f"invalid event: {', '.join(missing)}: MUST be a non-empty string")
    if event["specversion"] != "1.0":
        raise bad_request(f"invalid event: unsupported specversion {event['specversion']}")
    if event.get("time"):
        instant_of(event["time"], "time")
    if event.get("data") is not None and not isinstance(event["data"], dict):
        raise bad_request("invalid event: data is not a JSON object")


def _matching(platform: Platform, wanted: EventFilter, before: tuple[datetime, str] | None) -> Iterator[EventRow]:
    table = platform.settled_events()
    if platform.quirks.cursor_of_event_time:
        rows: Iterator[EventRow] = iter(
            [row for row in table.newest_first(wanted.column) if before is None or _before(row, wanted, before)]
        )
    else:
        rows = table.newest_first(wanted.column, before)
    for row in rows:
        if wanted.oldest is not None and getattr(row, wanted.column) < wanted.oldest:
            return
        if wanted.passes(row) and (wanted.customer_ids is None or _customer_id(platform, row) in wanted.customer_ids):
            yield row


def _before(row: EventRow, wanted: EventFilter, before: tuple[datetime, str]) -> bool:
    return (getattr(row, wanted.column), row.row_id) < before


def _cursor(text: str) -> tuple[datetime, str]:
    try:
        instant, _, row_id = base64.b64decode(text, validate=True).decode().partition(",")
    except (binascii.Error, UnicodeDecodeError) as wrong:
        raise bad_request(f"decode cursor: {wrong}") from wrong
    if not row_id:
        raise bad_request("cursor is invalid: no delimiter found")
    return second(instant_of(instant, "cursor")), row_id


def _cursor_text(platform: Platform, wanted: EventFilter, row: EventRow) -> str:
    column = "time" if platform.quirks.cursor_of_event_time else wanted.column
    return base64.b64encode(f"{instant_text(getattr(row, column))},{row.row_id}".encode()).decode()


def _customer_id(platform: Platform, row: EventRow) -> str | None:
    customer = platform.attribution.customer_of(row.event["subject"])
    return None if customer is None else customer["id"]


def _shown(platform: Platform, rows: Iterator[EventRow]) -> list[Record]:
    meters = platform.resources.settled("meters").ordered("createdAt", with_deleted=False)
    found = []
    for row in rows:
        customer = platform.attribution.customer_of(row.event["subject"])
        shown: Record = {"event": {**row.event, "time": row.time}, "ingestedAt": row.ingested_at}
        shown["storedAt"] = row.stored_at
        if customer is not None:
            shown["customerId"] = customer["id"]
        wrong = validation_error(meters, row.event, customer)
        if wrong:
            shown["validationError"] = wrong
        found.append(shown)
    return found


def _asked(request: Request, name: str) -> datetime | None:
    return instant_of(request.arg(name), name) if request.arg(name) else None
