"""What exists at a Chargebee site, for the auditor: every list whole, newest first, living records only.

The reader goes by change stamps and from the oldest on; nothing of it is used here. Not here: what is done about what
differs (connect/audit.py).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from sync_assets.connect.kinds import read_value
from sync_assets.connect.spec import Roll, Sighting, Stream
from sync_assets.http.client import Client
from sync_assets.http.envelope import decode_envelope
from sync_assets.model.errors import ContractError, RejectError

NEWEST_FIRST: Mapping[str, str] = {
    "customers": "created_at",
    "subscriptions": "created_at",
    "items": "id",
    "item_prices": "id",
    "invoices": "date",
    "credit_notes": "date",
    "transactions": "date",
    "usages": "usage_date",
    "events": "occurred_at",
}
"""What each list can be sorted by that never changes. Source: apidocs.chargebee.com/docs/api, the page of each list."""

SINCE: Mapping[str, str] = {"usages": "usage_date", "events": "occurred_at"}
"""Streams that are read since a day only, by the filter that says so."""

BIRTHS = ("created_at", "generated_at", "date")
"""Where a record says when it was made, the surest first."""


class _Shown(msgspec.Struct):
    """What the auditor reads of a record; the rest of it counts as bytes only."""

    id: str
    deleted: Any = None
    date: Any = None
    generated_at: Any = None
    created_at: Any = None
    updated_at: Any = None
    occurred_at: Any = None


_SHOWN = msgspec.json.Decoder(_Shown)


class _List(msgspec.Struct):
    list: list[dict[str, msgspec.Raw]]
    next_offset: str | None = None


def rolled(client: Client, stream: Stream, earliest: datetime, place: str | None) -> Roll:
    """One page of the records that exist, newest first.

    Source: apidocs.chargebee.com/docs/api/list-ops: deleted records are left out unless asked for.

    Raises:
        ContractError: the page is no list as documented.
    """
    first = int(earliest.timestamp() // 1)
    params: list[tuple[str, str | int]] = [("limit", 100), ("sort_by[desc]", NEWEST_FIRST[stream.name])]
    if stream.name in SINCE:
        params.append((f"{SINCE[stream.name]}[after]", first - 1))
    if place is not None:
        params.append(("offset", place))
    reply = client.get(f"/api/v2/{stream.read['path']}", params)
    try:
        page = decode_envelope(reply.body, _List)
        raws = [bytes(each[stream.read["name"]]) for each in page.list]
        shown = [(raw, _SHOWN.decode(raw)) for raw in raws]
        sightings = [_sighting(stream, raw, record, first) for raw, record in shown if not record.deleted]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError):
        raise ContractError(f"The auditor's list of Chargebee's {stream.name} is not as documented.") from None
    return Roll(sightings=sightings, next=page.next_offset)


def _sighting(stream: Stream, raw: bytes, record: _Shown, first: int) -> Sighting:
    """The record's id, stamp, birth and content, and whether it is young enough to be read."""
    birth = next((value for name in BIRTHS if (value := getattr(record, name))), None)
    dated = record.date if stream.bounded else None
    return Sighting(
        record_id=record.id,
        stamped_at=_instant(getattr(record, str(stream.stamp))),
        born_at=_instant(birth),
        is_due=not isinstance(dated, int) or dated >= first,
        content=raw,
    )


def _instant(value: Any) -> datetime | None:
    """An instant, or None where there is none to be read: an odd one keeps nobody from being seen."""
    try:
        read: datetime | None = read_value("unix_s", value)
    except RejectError:
        return None
    return read
