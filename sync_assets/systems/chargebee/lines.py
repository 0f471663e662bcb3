"""Documents with more lines than one reply carries: the rest is fetched and the document composed.

Source: apidocs.chargebee.com/docs/api/invoices/retrieve-an-invoice (`line_items_offset`, `line_items_next_offset`).
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from sync_assets.http.client import Client
from sync_assets.http.envelope import decode_envelope
from sync_assets.http.reply import Reply
from sync_assets.model.errors import ContractError

MORE = "line_items_next_offset"
LINES_MAX = 300
"""Lines of one reply. Source: as above (`line_items_limit` 1 to 300)."""

TRIES = 3
"""How often a document that changes while its lines are read is read again."""

PARTS_MAX = 1_000
"""Replies of one document: 300,000 lines, more than any invoice holds."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def with_all_lines(client: Client, path: str, name: str, records: Sequence[bytes]) -> list[bytes]:
    """The records, each complete: those whose lines were cut short are composed anew, the others are untouched.

    A document that was deleted meanwhile is left out; its deletion is a change of its own.

    Raises:
        ContractError: the document changed each time that it was read.
    """
    complete = (_whole(client, path, name, raw) if b'"' + MORE.encode() + b'"' in raw else raw for raw in records)
    return [raw for raw in complete if raw is not None]


def _whole(client: Client, path: str, name: str, raw: bytes) -> bytes | None:
    first = msgspec.json.decode(raw)
    if not first.get(MORE):
        return raw
    where = f"/api/v2/{path}/{quote(first['id'], safe='')}"
    for _ in range(TRIES):
        parts = _parts(client, where, name)
        if parts is None:
            return None
        if len({part.get("resource_version") for part in parts}) == 1:
            return _ENCODER.encode(_joined(parts))
    raise ContractError(f"Chargebee's {name} changed each time its lines were read; run again later.")


def _parts(client: Client, where: str, name: str) -> list[dict[str, Any]] | None:
    """The document once per reply, each with some of its lines; None when it does not exist."""
    parts: list[dict[str, Any]] = []
    offset: str | None = None
    while len(parts) < PARTS_MAX:
        params: list[tuple[str, str | int]] = [("line_items_limit", LINES_MAX)]
        reply = client.get(where, [*params, ("line_items_offset", offset)] if offset else params, accept=(404,))
        if reply.status == 404:
            return None
        said = _said(reply)
        if not isinstance(said, dict) or not isinstance(said.get(name), dict):
            raise ContractError(f"Chargebee's answer for one {name} has no `{name}`.")
        parts.append(said[name])
        following = said[name].get(MORE)
        if not following:
            return parts
        if following == offset:
            break
        offset = following
    raise ContractError(f"The lines of a Chargebee {name} do not come to an end.")


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
