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
    """Where each row stands.

    Raises:
        ContractError: the stamps do not rise from the key that the page was asked to start behind.
    """
    try:
        keys = [_key(raw) for raw in records]
        stamps = [datetime.fromisoformat(stamp).astimezone(UTC) for stamp, _ in ([after] if after else []) + keys]
    except ValueError:
        raise ContractError("A row of Salesforce has a SystemModstamp that is no instant.", reason="date") from None
    if any(later < earlier for earlier, later in pairwise(stamps)):
        raise ContractError("The rows of Salesforce are not in the order that was asked for.")
    if after in keys:
        raise ContractError("Salesforce sends a page that was sent before; the key does not move.", reason="poison")
    return keys


def _key(raw: msgspec.Raw) -> Key:
    try:
        key = msgspec.json.decode(raw, type=_Key)
    except msgspec.DecodeError:
        raise ContractError("A row of Salesforce has no Id or SystemModstamp.", reason="missing_field") from None
    if not (key.id.isascii() and key.id.isalnum()):
        raise ContractError("A row of Salesforce has an Id that is none.", reason="type")
    return key.system_modstamp, key.id
