"""Documents with more lines than one reply carries: the rest is fetched and the document composed.

Source: apidocs.chargebee.com/docs/api/invoices/retrieve-an-invoice (`line_items_offset`, `line_items_next_offset`).
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from sync_assets.connect.kinds import read_value
from sync_assets.connect.paging import Place
from sync_assets.http.client import Client
from sync_assets.http.envelope import decode_envelope
from sync_assets.http.reply import Reply
from sync_assets.model.errors import ContractError, RejectError, RetryLaterError

MORE = "line_items_next_offset"
LINES_MAX = 300
"""Lines of one reply. Source: as above (`line_items_limit` 1 to 300)."""

GONE = "resource_not_found"
"""What Chargebee says of a document that does not exist. Source: apidocs.chargebee.com/docs/api/error-handling."""

TRIES = 3
"""How often a document that changes while its lines are read is read again."""

PARTS_MAX = 1_000
"""Replies of one document: 300,000 lines, more than any invoice holds."""


class _Refusal(msgspec.Struct):
    """Why a request was refused, where it is Chargebee that refused it."""

    api_error_code: str | None = None


_ENCODER = msgspec.json.Encoder(decimal_format="number")


def with_all_lines(client: Client, path: str, name: str, records: Sequence[bytes]) -> list[bytes]:
    """The records, each complete: those whose lines were cut short are composed anew, the others are untouched.

    A document that was deleted meanwhile is left out; its deletion is a change of its own. One without an id cannot be
    asked for and stays as it is: it will be set aside.

    Raises:
        ContractError: the document changed each time that it was read.
        RetryLaterError: something else than Chargebee says that there is no such document.
    """
    complete = (_whole(client, path, name, raw) if b'"' + MORE.encode() + b'"' in raw else raw for raw in records)
    return [raw for raw in complete if raw is not None]


def _whole(client: Client, path: str, name: str, raw: bytes) -> bytes | None:
    first = msgspec.json.decode(raw)
    if not isinstance(first, dict) or not first.get(MORE) or not (known := _id(first)):
        return raw
    where = f"/api/v2/{path}/{quote(known, safe='')}"
    for _ in range(TRIES):
        parts = _parts(client, where, name)
        if parts is None:
            return None
        if len({part.get("resource_version") for part in parts}) == 1:
            return _ENCODER.encode(_joined(parts))
    raise ContractError(f"Chargebee's {name} changed each time its lines were read; run again later.")


def _id(document: dict[str, Any]) -> str | None:
    """The id as landing reads it; None where it will set the document aside."""
    try:
        read: str | None = read_value("text", document.get("id"))
    except RejectError:
        return None
    return read


def _parts(client: Client, where: str, name: str) -> list[dict[str, Any]] | None:
    """The document once per reply, each with some of its lines; None when it does not exist."""
    parts: list[dict[str, Any]] = []
    at = Place()
    while len(parts) < PARTS_MAX:
        more = [("line_items_offset", at.cursor)] if at.cursor else []
        reply = client.get(where, [("line_items_limit", LINES_MAX), *more], accept=(404,))
        if reply.status == 404:
            _refuse_unless_gone(reply, name)
            return None
        said = _said(reply)
        if not isinstance(said, dict) or not isinstance(said.get(name), dict):
            raise ContractError(f"Chargebee's answer for one {name} has no `{name}`.")
        parts.append(said[name])
        following = said[name].get(MORE)
        if not following:
            return parts
        at = at.onward(following)
    raise ContractError(f"The lines of a Chargebee {name} do not come to an end.")


def _refuse_unless_gone(reply: Reply, name: str) -> None:
    """RetryLaterError unless Chargebee itself says that there is no such document: a gateway's 404 is no deletion."""
    try:
        code = decode_envelope(reply.body, _Refusal).api_error_code
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        code = None
    if code != GONE:
        raise RetryLaterError(f"One {name} was not found, but it is not Chargebee that says so; run again later.")


def _said(reply: Reply) -> Any:
    try:
        return decode_envelope(reply.body, dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return reply.json()


def _joined(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One document with the lines of all replies, and what belongs to lines, each entry once."""
    whole = {key: value for key, value in parts[0].items() if key != MORE}
    for key in [key for key in {name: None for part in parts for name in part} if key.startswith("line_item")]:
        if key != MORE:
            entries = {_ENCODER.encode(entry): entry for part in parts for entry in part.get(key, [])}
            whole[key] = list(entries.values())
    return whole
