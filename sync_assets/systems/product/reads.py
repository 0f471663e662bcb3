"""Reading the product platform: which reader each stream has, and a probe of what changes most."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec

from sync_assets.connect.spec import Page, Stream, Window
from sync_assets.http.client import Client
from sync_assets.systems.product import events, events_v1
from sync_assets.systems.product.events import find_events, read_events
from sync_assets.systems.product.ingested import EVENTS_MAX, moment
from sync_assets.systems.product.platform import decoded
from sync_assets.systems.product.snapshots import find_items, read_snapshot


def read(client: Client, stream: Stream, window: Window, place: str | None) -> Page:
    """One page of a stream."""
    return (read_events if stream.read["events"] else read_snapshot)(client, stream, window, place)


def find(client: Client, stream: Stream, ids: Sequence[str]) -> Page:
    """The named records as they stand now."""
    return (find_events if stream.read["events"] else find_items)(client, stream, ids)


class _Came(msgspec.Struct, rename="camel"):
    ingested_at: Any = None
    event: Any = None


class _Newest(msgspec.Struct):
    items: list[_Came]


def probe(client: Client, last: str | None) -> str:
    """The events that came in last and the entitlement that changed last; at most three requests."""
    since = json.loads(last)["since"] if last else ""
    came = _newest(client, since)
    newest = max([since, *(item.ingested_at for item in came if moment(item.ingested_at))])
    # Only those of the newest instant: it is from there that the next probe asks, and it must see the same.
    events_of = [each.event for each in came if each.ingested_at == newest and isinstance(each.event, dict)]
    names = sorted(f"{event.get('source')} {event.get('id')}" for event in events_of)
    entitlement = client.get(
        "/api/v1/entitlements", [("page", 1), ("pageSize", 1), ("orderBy", "updatedAt"), ("order", "DESC")]
    )
    changed = {"since": newest, "events": _short("\n".join(names).encode()), "entitlements": _short(entitlement.body)}
    return json.dumps(changed)


def _newest(client: Client, since: str) -> list[_Came]:
    """Events that came in at or after an instant, on either version of the list."""
    reply = events.ask(client, {"ingestedAt": {"$gte": since}} if since else {})
    if reply.status != 404:
        return decoded(reply, _Newest).items
    params: list[tuple[str, str | int]] = [("limit", EVENTS_MAX)]
    params += [("ingestedAtFrom", since)] if since else []
    return decoded(client.get(events_v1.PATH, params), list[_Came])


def _short(body: bytes) -> str:
    return sha256(body).hexdigest()[:16]
