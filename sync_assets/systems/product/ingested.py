"""Events as the platform lists them, and as the records that we keep: the same in both versions of the list."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from sync_assets.connect.kinds import read_value
from sync_assets.model.errors import RejectError
from sync_assets.systems.product.platform import Meter, Platform

EVENTS_MAX = 100
"""Events of one reply, the server's own limit. Source: openmeterio/openmeter `openmeter/meterevent/service.go`."""


_NULL = msgspec.Raw(b"null")
_DECODER = msgspec.json.Decoder()


class Ingested(msgspec.Struct, rename="camel"):
    """One item of a list of events, each part as it was sent: an odd one sets its event aside, not the page.

    Source: openmeter client, `IngestedEvent`.
    """

    event: msgspec.Raw = _NULL
    ingested_at: msgspec.Raw = _NULL
    stored_at: msgspec.Raw = _NULL


class Facts(msgspec.Struct):
    """What of an event names and places it. Source: openmeter client, `Event`."""

    id: str = ""
    source: str = ""
    type: str = ""
    time: str | None = None


def facts_of(item: Ingested) -> Facts:
    """The event's identity, type and time; empty where the event cannot be read, so that it is rejected alone."""
    try:
        return msgspec.json.decode(item.event, type=Facts)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Facts()


def name_of(item: Ingested) -> str:
    """The event's record id, `source:id`."""
    facts = facts_of(item)
    return f"{facts.source}:{facts.id}"


def came_in(item: Ingested) -> datetime | None:
    """When the event came in, or None where there is no instant to be read."""
    return moment(_DECODER.decode(item.ingested_at))


def moment(text: Any) -> datetime | None:
    """An instant, or None where there is none to be read."""
    try:
        read: datetime | None = read_value("iso", text)
    except RejectError:
        return None
    return read


def composed(platform: Platform, items: Iterable[Ingested]) -> list[bytes]:
    """Records: the event byte for byte, when it came in and was stored, and the meters of its type."""
    return [_record(item, platform.meters()) for item in items]


def _record(item: Ingested, meters: Sequence[Meter]) -> bytes:
    measuring = [
        {"slug": meter.slug, "aggregation": meter.aggregation, "valueProperty": meter.value_property}
        for meter in _measuring(facts_of(item).type, came_in(item), meters)
    ]
    meters_of = json.dumps(measuring, separators=(",", ":")).encode()
    parts = (item.event, item.ingested_at, item.stored_at, meters_of)
    return b'{"event":%b,"ingestedAt":%b,"storedAt":%b,"meters":%b}' % parts


def _measuring(event_type: str, at: datetime | None, meters: Sequence[Meter]) -> list[Meter]:
    """The meters of a type that existed at an instant; if none did, those that exist."""
    of_type = [meter for meter in meters if meter.event_type == event_type]
    then = [meter for meter in of_type if at and _existed(meter, at)]
    return then or [meter for meter in of_type if not meter.deleted_at]


def _existed(meter: Meter, at: datetime) -> bool:
    created, deleted = moment(meter.created_at), moment(meter.deleted_at)
    return created is not None and created <= at and (deleted is None or deleted > at)
