"""What exists at Stripe, for the auditor: plain lists, newest first, where the reader goes by events.

Stripe gives no change stamps, so the objects themselves are laid beside what is stored. That holds for the ledger too:
its list shows entries whole (docs.stripe.com/api/balance_transactions/list), so that one which became available without
an event is seen; which payout paid it out is in no list but the payout's own, and is left aside. Not here: what is done
about what differs (connect/audit.py).
"""

from datetime import UTC, datetime

import msgspec

from sync_assets.connect.spec import Roll, Sighting, Stream
from sync_assets.http.client import Client
from sync_assets.http.envelope import decode_envelope
from sync_assets.http.reply import Reply
from sync_assets.model.errors import ContractError


class _Object(msgspec.Struct):
    id: str
    created: int


class _List(msgspec.Struct):
    data: list[msgspec.Raw]
    has_more: bool


def rolled(client: Client, stream: Stream, earliest: datetime, place: str | None) -> Roll:
    """One page of a list behind the object that is the place, which is its id and when it was made.

    Raises:
        ContractError: the page is no list as documented.
    """
    params: list[tuple[str, str | int]] = [("limit", 100)]
    if stream.bounded:
        params.append(("created[gte]", int(earliest.timestamp() // 1)))
    reply = _behind(client, f"/v1/{stream.read['path']}", params, place)
    try:
        page = decode_envelope(reply.body, _List)
        objects = [msgspec.json.decode(raw, type=_Object) for raw in page.data]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ContractError(f"The auditor's list of Stripe's {stream.name} is not as documented.") from None
    if page.has_more and not page.data:
        raise ContractError(f"Stripe's list of {stream.name} says that there is more after an empty page.")
    seen = [
        Sighting(
            record_id=one.id,
            born_at=datetime.fromtimestamp(one.created, UTC),
            content=bytes(raw),
        )
        for one, raw in zip(objects, page.data, strict=True)
    ]
    return Roll(sightings=seen, next=f"{objects[-1].id} {objects[-1].created}" if page.has_more else None)


def _behind(client: Client, path: str, params: list[tuple[str, str | int]], place: str | None) -> Reply:
    """The page behind an object; where it was deleted meanwhile, the page of what was made no later than it.

    Source: docs.stripe.com/api/pagination (`starting_after`, `has_more`), docs.stripe.com/error-codes
    (`resource_missing`).
    """
    if place is None:
        return client.get(path, params)
    name, _, made = place.partition(" ")
    reply = client.get(path, [*params, ("starting_after", name)], accept=(400, 404))
    if reply.status < 400:
        return reply
    if b'"resource_missing"' not in reply.body:
        return client.get(path, [*params, ("starting_after", name)])
    return client.get(path, [*params, ("created[lte]", int(made))])
