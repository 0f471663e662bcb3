"""Lists that show the present only: meters, entitlements, customers, subjects. Read whole, in order of creation.

Belongs here: page numbers, both documented forms of a list, and the start over when something is deleted meanwhile.
Source: openmeter client, `MetersOperations.list`, `EntitlementsOperations.list`, `CustomersOperations.list`,
`SubjectsOperations.list`, `CustomerPaginatedResponse`.
"""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from sync_assets.connect.spec import Page, Stream, Tombstone, Window
from sync_assets.http.client import Client
from sync_assets.model.errors import ContractError
from sync_assets.systems.product.platform import Listed, Paged, decoded, instant, listed

PAGE_SIZE = 100
"""Items of one page, the documented default."""

STARTS_MAX = 5
"""Times a list may shrink under our hands before we give up for this run."""

Place = dict[str, Any]


class _Item(msgspec.Struct, rename="camel"):
    id: str = ""
    deleted_at: str | None = None


def read_snapshot(client: Client, stream: Stream, window: Window, place: str | None) -> Page:  # noqa: ARG001
    """One page of a list. The place is JSON: `page`, items `seen`, `total`, `first` id of the last page, `starts`."""
    at: Place = json.loads(place) if place else {"page": 1, "seen": 0, "total": 0, "first": None, "starts": 1}
    paging = [("page", at["page"]), ("pageSize", PAGE_SIZE)] if stream.read["paged"] else []
    reply = client.get(stream.read["path"], [*paging, *stream.read["params"]])
    answer = listed(reply)
    _refuse_another_page(stream, answer, at)
    items, following = _taken(answer, at, paged=bool(paging))
    records, gone = _apart(items)
    return Page(body=reply.body, records=records, deleted=gone, next=json.dumps(following) if following else None)


def _refuse_another_page(stream: Stream, answer: Listed, at: Place) -> None:
    """ContractError when the answer says that it is another page than the one asked for.

    Source: openmeter client, `CustomerPaginatedResponse` (`page`, `pageSize`).
    """
    asked = (at["page"], PAGE_SIZE)
    if isinstance(answer, Paged) and stream.read["paged"]:
        told = (answer.page or asked[0], answer.page_size or asked[1])
        if told != asked:
            raise ContractError(f"The product platform sent page {told} of {stream.name} when asked for {asked}.")


def _taken(answer: Listed, at: Place, *, paged: bool) -> tuple[list[msgspec.Raw], Place | None]:
    """The page's items and the next place, for either form of the answer."""
    if isinstance(answer, Paged):
        return answer.items, _after_total(answer, at) if paged else None
    first = _item(answer[0]).id if answer else None
    if not paged or len(answer) != PAGE_SIZE or first == at["first"]:
        return answer, None
    return answer, {**at, "page": at["page"] + 1, "first": first}


def _after_total(answer: Paged, at: Place) -> Place | None:
    """The next place by the total: the end once all are seen, the start again when the total shrank meanwhile."""
    seen = at["seen"] + len(answer.items)
    if seen >= answer.total_count and answer.total_count >= at["total"]:
        return None
    if answer.total_count < at["total"] or not answer.items:
        if at["starts"] >= STARTS_MAX:
            raise ContractError("A list of the product platform changes faster than it can be read.", reason="poison")
        return {"page": 1, "seen": 0, "total": 0, "first": None, "starts": at["starts"] + 1}
    return {**at, "page": at["page"] + 1, "seen": seen, "total": answer.total_count}


def _apart(items: Sequence[msgspec.Raw]) -> tuple[list[bytes], list[Tombstone]]:
    """Living items as records, deleted ones as deletions."""
    records, gone = [], []
    for raw in items:
        item = _item(raw)
        if item.id and item.deleted_at:
            gone.append(Tombstone(record_id=item.id, deleted_at=instant(item.deleted_at)))
        else:
            records.append(bytes(raw))
    return records, gone


def _item(raw: msgspec.Raw) -> _Item:
    """The item's id and deletion; nothing where it cannot be read, so that it is rejected alone."""
    try:
        return msgspec.json.decode(raw, type=_Item)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Item()


def find_items(client: Client, stream: Stream, ids: Sequence[str]) -> Page:
    """The named items as they stand now; those that are gone are not in the page."""
    bodies, raws = [], []
    for one in ids:
        reply = client.get(f"{stream.read['path']}/{quote(one, safe='')}", accept=(404,))
        if reply.status == 200:
            bodies.append(reply.body)
            raws.append(decoded(reply, msgspec.Raw))
    records, gone = _apart(raws)
    return Page(body=b"\n".join(bodies), records=records, deleted=gone, next=None)
