"""Chargebee's lists: one page of one list, its envelope and its offsets; records by id.

Not here: which lists make up the read of a stream (reads.py).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from sync_assets.connect.paging import Place
from sync_assets.connect.spec import Page, Stream
from sync_assets.http.client import Client
from sync_assets.http.envelope import decode_envelope
from sync_assets.http.reply import Reply
from sync_assets.model.errors import ContractError
from sync_assets.systems.chargebee.lines import with_all_lines

API = "/api/v2/"
LIMIT = 100
"""Largest page. Source: apidocs.chargebee.com/docs/api/list-ops (limit 1 to 100)."""

FIND_MAX = 50
"""Ids of one lookup: ids have up to 100 characters, which keeps the URL below 8 kB."""

Params = list[tuple[str, str | int]]


class Envelope(msgspec.Struct):
    """A page as the vendor sends it: each element wraps a resource under its own name, beside related ones."""

    list: list[dict[str, msgspec.Raw]]
    next_offset: str | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One list of a read. `deletions` reads events that name deleted records instead of the records themselves.

    `otherwise` is asked for where the list does not take a filter or an order of this step; it shows as much or more.
    """

    path: str
    params: tuple[tuple[str, str | int], ...]
    deletions: bool = False
    otherwise: "Step | None" = None

    def has(self, param: object) -> bool:
        """Whether a refused parameter is one of this step's filters or its order, with or without its operator."""
        return any(param in (name, name.partition("[")[0]) for name, _ in self.params if "[" in name)


def options(stream: Stream) -> Params:
    """What every request of a stream's list carries: whole pages, and deleted records where they stay listed."""
    deleted: Params = [("include_deleted", "true")] if stream.read.get("include_deleted") else []
    return [("limit", LIMIT), *deleted]


def between(name: str, start: datetime, end: datetime) -> Params:
    """Filters for stamps from start to end, both included.

    Source: apidocs.chargebee.com/docs/api/list-ops: timestamps are whole seconds, `after` and `before` exclude the
    second they name.
    """
    return [(f"{name}[after]", int(start.timestamp() // 1) - 1), (f"{name}[before]", int(end.timestamp() // 1) + 1)]


def listed(client: Client, step: Step, at: Place) -> tuple[Reply, Place]:
    """The page at a place; an offset that the site no longer accepts starts the step again.

    When that happened often, the second page is asked for at once, so that a site that refuses all its offsets is an
    error and not an endless read.

    Source: apidocs.chargebee.com/docs/api/error-handling: a refused parameter is a 400 whose `param` names it.
    """
    params = [*step.params, *([("offset", at.cursor)] if at.cursor is not None else [])]
    reply = client.get(API + step.path, params, accept=(400,))
    if reply.status != 400:
        return reply, at
    said = reply.json()
    refused = said.get("param") if isinstance(said, dict) else None
    if step.otherwise is not None and step.has(refused):
        client.remark(f"{step.path} cannot be asked for by {refused}; it is read whole each time")
        return listed(client, step.otherwise, at)
    if refused != "offset" or at.cursor is None:
        raise refusal(reply)
    reply = client.get(API + step.path, step.params)
    if at.is_worn_out and (second := decoded(reply).next_offset):
        client.get(API + step.path, [*step.params, ("offset", second)])
    return reply, at.again()


def refusal(reply: Reply) -> ContractError:
    """The error of a request that Chargebee calls wrong, with its own code and no values of ours."""
    said = reply.json()
    code, param = (said.get("api_error_code"), said.get("param")) if isinstance(said, dict) else (None, None)
    return ContractError(f"Chargebee refused {reply.url.split('?')[0]}: {code} {param or ''}".rstrip() + ".")


def decoded(reply: Reply) -> Envelope:
    """The page of a reply; ContractError when it is not one."""
    try:
        return decode_envelope(reply.body, Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        reply.json()
        raise ContractError(f"The answer of {reply.url.split('?')[0]} has no `list` as documented.") from None


def record(stream: Stream, element: dict[str, msgspec.Raw], step: Step) -> bytes:
    """The resource in an element of a list, byte for byte."""
    name = "event" if step.deletions else stream.read["name"]
    try:
        return bytes(element[name])
    except KeyError:
        raise ContractError(f"An element of Chargebee's {step.path} has no `{name}`.") from None


def find(client: Client, stream: Stream, ids: Sequence[str]) -> Page:
    """The named records as they stand now; deleted ones that Chargebee still lists are among them."""
    alone = stream.read.get("find_one_by_one", False)
    size = 1 if alone else FIND_MAX
    bodies, records = [], list[bytes]()
    for start in range(0, len(ids), size):
        some = list(ids[start : start + size])
        named = (
            ("id[is]", some[0]) if alone else ("id[in]", json.dumps(some, ensure_ascii=False, separators=(",", ":")))
        )
        reply = client.get(API + stream.read["path"], [*options(stream), named])
        step = Step(path=stream.read["path"], params=())
        found = [record(stream, element, step) for element in decoded(reply).list]
        records += with_all_lines(client, stream.read["path"], stream.read["name"], found)
        bodies.append(reply.body)
    return Page(body=b"\n".join(bodies), records=records, next=None)
