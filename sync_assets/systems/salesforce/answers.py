"""Answers to queries: whether they have all their rows, of the object asked for, in the order asked for.

Belongs here: what an answer must be to be believed. Not here: which queries are asked (reads.py, soql.py).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

import msgspec

from sync_assets.http.reply import Reply
from sync_assets.model.errors import ContractError
from sync_assets.systems.salesforce.org import decoded
from sync_assets.systems.salesforce.soql import Key


class Answer(msgspec.Struct, rename="camel"):
    """A batch of a query's rows. Source: REST API Developer Guide, "Query"."""

    total_size: int
    done: bool
    records: list[msgspec.Raw]
    next_records_url: str | None = None


class _Attributes(msgspec.Struct):
    type: str


class _Typed(msgspec.Struct):
    attributes: _Attributes


class _Key(msgspec.Struct, rename="pascal"):
    id: str
    system_modstamp: str


def answer_of(reply: Reply, sobject: str) -> Answer:
    """The only batch of a query with rows in it, or the first of several.

    `totalSize` counts the rows that a query returns over all its batches, after its LIMIT. Where there is but one
    batch, all of them are in it; no count (-1 for external objects) says nothing. Each row says of which object it is;
    replies are mixed up whole, so one row is asked.

    Raises:
        ContractError: it is no answer as documented, rows were lost on the way, or it answers another query.

    Source: REST API Developer Guide, "Query" (`totalSize`, `done`); SOAP API Developer Guide, "QueryResult" (size).
    """
    answer = decoded(reply, Answer)
    if answer.done and len(answer.records) < answer.total_size:
        raise ContractError(f"Salesforce sent {len(answer.records)} of {answer.total_size} rows and says that is all.")
    named = _object_of(answer.records[0]) if answer.records else None
    if named not in (None, sobject):
        raise ContractError(f"Salesforce answered for {sobject} with another object: something mixes replies up.")
    return answer


def _object_of(raw: msgspec.Raw) -> str | None:
    """The object that a row says it is of; None where it does not say so readably: it is set aside, or not, alone."""
    try:
        return msgspec.json.decode(raw, type=_Typed).attributes.type
    except msgspec.DecodeError:
        return None


def keys_behind(after: Key | None, records: Sequence[msgspec.Raw]) -> list[Key]:
    """Where the rows stand; a row that does not say so readably has no key, and is set aside when it is landed.

    Raises:
        ContractError: the stamps do not rise from the key that the page was asked to start behind.
    """
    placed = [one for raw in records if (one := _placed(raw))]
    keys, stamps = [key for key, _ in placed], [stamp for _, stamp in placed]
    if after:
        stamps.insert(0, datetime.fromisoformat(after[0]).astimezone(UTC))
    if any(later < earlier for earlier, later in pairwise(stamps)):
        raise ContractError("The rows of Salesforce are not in the order that was asked for.")
    if after in keys:
        raise ContractError("Salesforce sends a page that was sent before; the key does not move.", reason="poison")
    return keys


def _placed(raw: msgspec.Raw) -> tuple[Key, datetime] | None:
    """A row's key, with its stamp as an instant; an Id that is none must not get into the text of a query."""
    try:
        row = msgspec.json.decode(raw, type=_Key)
        stamp = datetime.fromisoformat(row.system_modstamp)
        is_key = stamp.tzinfo is not None and row.id.isascii() and row.id.isalnum()
        return ((row.system_modstamp, row.id), stamp.astimezone(UTC)) if is_key else None
    except (msgspec.DecodeError, ValueError, OverflowError):
        return None
