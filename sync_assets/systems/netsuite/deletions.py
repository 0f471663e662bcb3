"""The vendor's list of deletions, read as the last phase of a window.

It names whole records only: lines that left a document which still stands are not in it. An account without the list,
or a role without the permission "Deleted Records", has no tombstones, which is remarked; the nightly count finds what
is gone. A refusal that does not speak of the list is none of those: it stops the read, and its place is kept.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from sync_assets.connect.kinds import read_value
from sync_assets.connect.spec import Page, Tombstone
from sync_assets.http.client import Client
from sync_assets.http.reply import DECODER
from sync_assets.model.errors import ContractError, RejectError
from sync_assets.systems.netsuite.ask import suite
from sync_assets.systems.netsuite.place import REFUSALS, Place, asked
from sync_assets.systems.netsuite.query import Table, between
from sync_assets.systems.netsuite.replies import named_words, rows_of
from sync_assets.systems.netsuite.tables import DELETED

_NOTHING = Page(body=b"", records=(), next=None)


def read_deletions(client: Client, table: Table, here: Place) -> Page:
    """One page of the deletions in the window that concern a table; none where the account shows no such list.

    A record id may appear once per kind of record, so a page begins at the last id of the page before, not behind it.

    Raises:
        ContractError: the list does not move on, or holds an entry without record or time.
        QueryRefusedError, NotPermittedError: a refusal that says nothing of this list.
    """
    if DELETED.name in suite(client).without:
        return _NOTHING
    own = msgspec.structs.replace(here, without=tuple(of for of in here.without if of.startswith("d.")))
    try:
        there, reply = asked(client, DELETED, own, _conditions)
    except REFUSALS as error:
        if not _speaks_of_the_list(error.detail):
            raise
        client.remark("the account has no list of deletions (deletedrecord), or our user lacks Deleted Records")
        return _NOTHING
    rows, more, _ = rows_of(reply)
    entries = [DECODER.decode(row) for row in rows]
    gone = [_tombstone(entry) for entry in entries if _concerns(table, entry)]
    following = _last(entries, here.after) if more else ()
    place = msgspec.structs.replace(there, after=following).written() if following else None
    return Page(body=reply.body, records=(), deleted=gone, next=place)


def _speaks_of_the_list(detail: str) -> bool:
    """Whether a refusal names the list, its permission or a column that it must have."""
    letters = re.sub("[^a-z]", "", detail.lower())
    return DELETED.name in letters or any(map(DELETED.is_needed, named_words(detail)))


def _last(entries: Sequence[dict[str, Any]], begin: tuple[int, ...]) -> tuple[int, ...]:
    """The id that the following page begins at.

    Raises:
        ContractError: ids are not in the order asked for, or end where they began.
    """
    ids = [int(gone_id(entry)) for entry in entries]
    if ids != sorted(ids) or (ids[-1],) == begin:
        raise ContractError("netsuite deletedrecord: a page is out of order or ends where it began.", reason="poison")
    return (ids[-1],)


def _conditions(here: Place) -> list[str]:
    """The window, from the last id on."""
    behind = [f"d.recordid >= {here.after[0]}"] if here.after else []
    return [between("d.deleteddate", here.low, here.high), *behind]


def _concerns(table: Table, entry: dict[str, Any]) -> bool:
    """Whether a deletion is of this table's kind of record: by the type's name, else by its number."""
    kind = "".join(sign for sign in str(entry.get("type") or "").lower() if sign.isalpha())
    return kind in table.deleted_as if kind else str(entry.get("recordtypeid") or "") == table.deleted_type


def gone_id(entry: dict[str, Any]) -> str:
    """The id of the deleted record."""
    found = str(entry.get("recordid") or "")
    if not found.lstrip("-").isdigit():
        raise ContractError("netsuite listed a deletion without its record's id.")
    return found


def _tombstone(entry: dict[str, Any]) -> Tombstone:
    try:
        deleted_at = read_value("wall", entry.get("deleteddate"))
    except RejectError:
        deleted_at = None
    if deleted_at is None:
        raise ContractError("netsuite listed a deletion without its time.")
    return Tombstone(record_id=gone_id(entry), deleted_at=deleted_at)
