"""Lists that show the present only: meters, entitlements, customers, subjects. Read whole, in order of creation.

Belongs here: page numbers, both documented forms of a list, and the start over when something is deleted meanwhile.

A list with totals that has several pages is read from its last page back to its first. In order of creation an item
can only move towards the front, when others are deleted; so on the way to the front it is met, wherever it goes. Read
forward, the item at a border would slip into the page before, and a creation in the same moment would hide that from
the total. It costs one request, since the first page must tell how many there are.

Source: openmeter client, `MetersOperations.list`, `EntitlementsOperations.list`, `CustomersOperations.list`,
`SubjectsOperations.list`, `CustomerPaginatedResponse`.
"""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from sync_assets.connect.kinds import read_value
from sync_assets.connect.spec import Page, Stream, Tombstone, Window
from sync_assets.http.client import Client
from sync_assets.model.errors import ContractError, RejectError
from sync_assets.systems.product.platform import Listed, Paged, decoded, is_problem, listed

PAGE_SIZE = 100
"""Items of one page, the documented default."""

STARTS_MAX = 5
"""Times a list may move under our hands before we give up for this run."""

Place = dict[str, Any]

_BEGIN: Place = {"page": 1, "seen": 0, "total": 0, "size": None, "first": None, "due": None}


class _Item(msgspec.Struct, rename="camel"):
    id: str | int = ""
    deleted_at: Any = None


def read_snapshot(client: Client, stream: Stream, window: Window, place: str | None) -> Page:  # noqa: ARG001
    """One page of a list.

    The place is JSON: `page`, items `seen`, `total`, `size` of a page and `first` id of the page read last, `starts`,
    and how many items are `due` on the way back to the first page, None before it began.
    """
    at: Place = {**_BEGIN, "starts": 1, **(json.loads(place) if place else {})}
    paging = [("page", at["page"]), ("pageSize", PAGE_SIZE)] if stream.read["paged"] else []
    reply = client.get(stream.read["path"], [*paging, *stream.read["params"]])
    answer = listed(reply)
    _refuse_another_page(stream, answer, at)
    items, following = _taken(answer, at, paged=bool(paging))
    records, gone = _apart(items)
    return Page(body=reply.body, records=records, deleted=gone, next=json.dumps(following) if following else None)


def _refuse_another_page(stream: Stream, answer: Listed, at: Place) -> None:
    """ContractError when the answer says that it is another page than the one asked for.

    Source: openmeter client, `CustomerPaginatedResponse` (`page`).
    """
    if isinstance(answer, Paged) and stream.read["paged"] and answer.page not in (None, at["page"]):
        raise ContractError(
            f"The product platform sent page {answer.page} of {stream.name} when asked for {at['page']}."
        )


def _taken(answer: Listed, at: Place, *, paged: bool) -> tuple[list[msgspec.Raw], Place | None]:
    """The page's items and the next place, for either form of the answer.

    A list without totals ends with an empty page, or with the first one again where the platform does not page: a
    short page proves nothing, since the platform may give fewer items than asked for.
    """
    if isinstance(answer, Paged):
        return _by_total(answer, at) if paged else (answer.items, None)
    if not paged or not answer:
        return answer, None
    first = _item(answer[0]).id
    if first == at["first"]:
        return [], None
    return answer, {**at, "page": at["page"] + 1, "first": first}


def _by_total(answer: Paged, at: Place) -> tuple[list[msgspec.Raw], Place | None]:
    """The page's items and the next place: one page is all there is, several begin with the last.

    The first page tells how many there are; where there are several it comes again at the end, and counts only then.
    The platform's own maximum of a page may be smaller than what we ask for.
    """
    if at["due"] is not None:
        return answer.items, _towards_the_front(answer, at)
    if len(answer.items) >= answer.total_count:
        return answer.items, None
    if not answer.items:
        return [], _over_again(at)
    last = -(-answer.total_count // (answer.page_size or len(answer.items)))
    told = {"total": answer.total_count, "due": answer.total_count, "size": answer.page_size, "first": _first(answer)}
    return [], {**at, "page": last, "seen": 0, **told}


def _towards_the_front(answer: Paged, at: Place) -> Place | None:
    """The place before this page: the end behind the first one, the start again when pages moved under our hands.

    They did when the total shrank, when a page is of another size than those before or begins like the one before, or
    when all pages together hold fewer items than there were.
    """
    seen, first, size = at["seen"] + len(answer.items), _first(answer), answer.page_size
    has_moved = answer.total_count < at["total"] or size != at["size"] or not answer.items
    is_repeated = bool(first) and first == at["first"]
    if has_moved or is_repeated or (at["page"] == 1 and seen < at["due"]):
        return _over_again(at)
    if at["page"] == 1:
        return None
    return {**at, "page": at["page"] - 1, "seen": seen, "total": answer.total_count, "first": first}


def _over_again(at: Place) -> Place:
    """The beginning, unless the list began too often."""
    if at["starts"] >= STARTS_MAX:
        raise ContractError("A list of the product platform changes faster than it can be read.", reason="poison")
    return {**_BEGIN, "starts": at["starts"] + 1}


def _first(answer: Paged) -> str | int:
    """The id of the first item of a page; nothing where there is none."""
    return _item(answer.items[0]).id if answer.items else ""


def _apart(items: Sequence[msgspec.Raw]) -> tuple[list[bytes], list[Tombstone]]:
    """Living items as records, deleted ones as deletions.

    One that was deleted at a time that is none is neither: it is wrapped, as no record is, so that it is set aside.
    """
    records, gone = [], []
    for raw in items:
        item = _item(raw)
        try:
            deleted_at = read_value("iso", item.deleted_at)
        except RejectError:
            records.append(b'{"item":' + bytes(raw) + b"}")
            continue
        if deleted_at and item.id:
            gone.append(Tombstone(record_id=str(item.id), deleted_at=deleted_at))
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
    """The named items as they stand now; those that are gone are not in the page.

    An item is gone when the platform itself says so: another's 404, or a refusal to show it, leaves that open.
    """
    bodies, raws, unsure = [], [], []
    for one in ids:
        reply = client.get(f"{stream.read['path']}/{quote(one, safe='')}", accept=(403, 404))
        if reply.status == 200:
            bodies.append(reply.body)
            raws.append(decoded(reply, msgspec.Raw))
        elif reply.status != 404 or not is_problem(reply):
            unsure.append(one)
            client.remark(f"{stream.name} that left the list could not be looked up (HTTP {reply.status}); they stay")
    records, gone = _apart(raws)
    return Page(body=b"\n".join(bodies), records=records, deleted=gone, next=None, unsure=unsure)
