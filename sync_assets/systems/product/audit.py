"""What exists on the product platform, for the auditor: lists newest first, and events by their own time.

The reader goes by creation upwards, and through events by when they came in. Events whose own time lies before the
first day that is read are not listed: those stored are then looked up by their ids. Not here: what is done about what
differs (connect/audit.py).
"""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec

from sync_assets.connect.kinds import read_value
from sync_assets.connect.spec import Roll, Sighting, Stream
from sync_assets.http.client import Client
from sync_assets.http.envelope import decode_envelope
from sync_assets.http.reply import Reply
from sync_assets.model.errors import ContractError, RejectError

PAGE = 100
"""Items of one answer, the server's own limit. Source: openmeterio/openmeter `openmeter/meterevent/service.go`."""


class _Items(msgspec.Struct, rename="camel"):
    items: list[msgspec.Raw]
    next_cursor: str | None = None


def rolled(client: Client, stream: Stream, earliest: datetime, place: str | None) -> Roll:
    """One page of what exists; the place is a cursor, or where in the pages it is.

    Source: openmeter client, `EventsV2Operations.list` (`filter` on `time`), `CustomersOperations.list` (`orderBy`).

    Raises:
        ContractError: the answer has another shape than documented.
    """
    return _events(client, earliest, place) if stream.read["events"] else _items(client, stream, place)


def _items(client: Client, stream: Stream, place: str | None) -> Roll:
    """A page of living items; a list without pages is one.

    The place is JSON: the number of the page and the first item of the one before, which comes again where the
    platform does not page. An empty page is the end: a short one may be all that the platform gives at once.
    """
    at: dict[str, Any] = json.loads(place) if place else {"page": 1, "first": None}
    paging: list[tuple[str, str | int]] = [("page", at["page"]), ("pageSize", PAGE)] if stream.read["paged"] else []
    order: list[tuple[str, str | int]] = [("orderBy", "createdAt"), ("order", "DESC")] if paging else []
    told = _told(_decoded(client.get(stream.read["path"], [*paging, *order])))
    first = _named(told[0][1].get("id")) if told else None
    if not told or first == at["first"]:
        return Roll(sightings=[], next=None)
    seen = [_sighting(raw, item) for raw, item in told if not item.get("deletedAt")]
    return Roll(sightings=seen, next=json.dumps({"page": at["page"] + 1, "first": first}) if paging else None)


def _sighting(raw: bytes, item: dict[str, Any]) -> Sighting:
    """The item with its content where it says since when it is so; without, nothing tells when it changed."""
    changed_at = _instant(item.get("updatedAt"))
    return Sighting(
        record_id=_named(item.get("id")),
        born_at=_instant(item.get("createdAt")),
        content=raw if changed_at else None,
        changed_at=changed_at,
    )


def _instant(value: Any) -> datetime | None:
    """An instant, or None where there is none to be read: an odd one keeps nobody from being seen."""
    try:
        read: datetime | None = read_value("iso", value)
    except RejectError:
        return None
    return read


def _named(*parts: Any) -> str:
    """The parts of an id as one; who cannot be named may be anybody, and proves nothing."""
    if not all(isinstance(part, str | int) and part for part in parts):
        raise ContractError("The product platform sent the auditor a record without an id.")
    return ":".join(map(str, parts))


def _told(answer: _Items) -> list[tuple[bytes, dict[str, Any]]]:
    """Each item as bytes and as what it says."""
    try:
        return [(bytes(raw), msgspec.json.decode(raw, type=dict[str, Any])) for raw in answer.items]
    except msgspec.DecodeError:
        raise ContractError("The product platform sent the auditor items that are no objects.") from None


def _events(client: Client, earliest: datetime, place: str | None) -> Roll:
    """A page of events by their own time, newest first; the place is the list's cursor."""
    first = earliest.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    params: list[tuple[str, str | int]] = [("limit", PAGE), ("filter", json.dumps({"time": {"$gte": first}}))]
    if place is not None:
        params.append(("cursor", place))
    answer = _decoded(client.get("/api/v2/events", params))
    following = answer.next_cursor if answer.items else None
    return Roll(sightings=[_event(item, earliest) for _, item in _told(answer)], next=following or None)


def _event(item: dict[str, Any], earliest: datetime) -> Sighting:
    """The event's id; it must be stored if it came in since the first day that is read."""
    event, came_in = item.get("event"), _instant(item.get("ingestedAt"))
    parts = (event.get("source"), event.get("id")) if isinstance(event, dict) else (None,)
    return Sighting(
        record_id=_named(*parts),
        stamped_at=came_in,
        is_due=came_in is None or came_in >= earliest,
    )


def _decoded(reply: Reply) -> _Items:
    """The answer in either documented form of a list."""
    try:
        found: _Items | list[msgspec.Raw] = decode_envelope(reply.body, _Items | list[msgspec.Raw])  # type: ignore[arg-type]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ContractError("The product platform answered the auditor with another shape than documented.") from None
    return found if isinstance(found, _Items) else _Items(items=found)
