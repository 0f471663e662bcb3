"""What exists in a NetSuite account, for the auditor: ids and change stamps alone, in the order of ids.

Statements are its own, without a window of change stamps and without a join that the ids do not need. Not here: what
is done about what differs (connect/audit.py).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from sync_assets.connect.kinds import read_value
from sync_assets.connect.spec import Roll, Sighting, Stream
from sync_assets.http.client import Client
from sync_assets.http.envelope import decode_envelope
from sync_assets.model.errors import ContractError
from sync_assets.systems.netsuite.ask import suite, wall
from sync_assets.systems.netsuite.replies import QueryRefusedError

ROWS_MAX = 1000
"""Most rows of a page. Source: NetSuite online help section_156414087576."""

FORMAT = "YYYY-MM-DD HH24:MI:SS"


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A table as the auditor asks for it: where from, what names a row, when it changed, and the day that bounds it.

    `extra` is a change stamp that not every account has.
    """

    source: str
    keys: tuple[str, ...]
    stamp: str = ""
    extra: str = ""
    day: str = ""


TABLES: Mapping[str, Listed] = {
    "customer": Listed(source="customer x", keys=("x.id",), stamp="x.lastmodifieddate"),
    "transaction": Listed(source="transaction t", keys=("t.id",), stamp="t.lastmodifieddate"),
    "transactionline": Listed(
        source="transactionline x JOIN transaction t ON t.id = x.transaction",
        keys=("x.transaction", "x.id"),
        stamp="t.lastmodifieddate",
        extra="x.linelastmodifieddate",
    ),
    "transactionaccountingline": Listed(
        source="transactionaccountingline x JOIN transaction t ON t.id = x.transaction",
        keys=("x.transaction", "x.transactionline", "x.accountingbook"),
        stamp="t.lastmodifieddate",
        extra="x.lastmodifieddate",
        day="t.trandate",
    ),
}
"""Tables with a change stamp; every other one is named by `id` alone."""


class _Rows(msgspec.Struct):
    items: list[dict[str, Any]]
    has_more: bool = msgspec.field(name="hasMore")
    total: int | None = msgspec.field(name="totalResults", default=None)


def rolled(client: Client, stream: Stream, earliest: datetime, place: str | None) -> Roll:
    """One page of ids and change stamps. The place is JSON: the keys of the last row, and whether `extra` is known.

    Raises:
        ContractError: the page is no page of rows, or its rows are not in the order asked for.
    """
    if stream.name in suite(client).without:
        return Roll(sightings=(), next=None)
    at: dict[str, Any] = json.loads(place) if place else {"after": [], "extra": True}
    table = TABLES.get(stream.name) or Listed(source=f"{stream.name} x", keys=("x.id",))
    try:
        rows = _asked(client, table, at)
    except QueryRefusedError:
        if not (table.extra and at["extra"]):
            raise
        at = {**at, "extra": False}
        rows = _asked(client, table, at)
    names = [[int(row[f"k{number}"]) for number in range(len(table.keys))] for row in rows.items]
    if names != sorted(names) or (names and names[0] <= at["after"]):
        raise ContractError(f"netsuite {stream.name}: the auditor's rows came out of order.")
    zone = wall(client).suffix
    seen = [_sighting(stream, row, zone, (keys, earliest)) for row, keys in zip(rows.items, names, strict=True)]
    following = json.dumps({**at, "after": names[-1]}) if rows.has_more and names else None
    return Roll(sightings=seen, next=following, counted=rows.total if place is None else None)


def _asked(client: Client, table: Listed, at: Mapping[str, Any]) -> _Rows:
    """The rows behind the keys of the last one. Source: NetSuite online help section_157909186990."""
    stamps = [stamp for stamp in (table.stamp, table.extra if at["extra"] else "") if stamp]
    columns = [f"{key} AS k{number}" for number, key in enumerate(table.keys)]
    columns += [f"TO_CHAR({stamp}, '{FORMAT}') AS s{number}" for number, stamp in enumerate(stamps)]
    columns += [f"TO_CHAR({table.day}, '{FORMAT}') AS day"] if table.day else []
    behind = f" WHERE {_behind(table.keys, at['after'])}" if at["after"] else ""
    statement = f"SELECT {', '.join(columns)} FROM {table.source}{behind} ORDER BY {', '.join(table.keys)}"  # noqa: S608
    reply = client.post("/services/rest/query/v1/suiteql", {"q": statement}, params=[("limit", ROWS_MAX)])
    try:
        return decode_envelope(reply.body, _Rows)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ContractError("netsuite answered the auditor's query with no page of rows.") from None


def _behind(keys: Sequence[str], last: Sequence[int]) -> str:
    """The condition of rows behind the last one, in the order of the keys."""
    first = f"{keys[0]} > {last[0]}"
    return first if len(keys) == 1 else f"({first} OR ({keys[0]} = {last[0]} AND {_behind(keys[1:], last[1:])}))"


def _sighting(stream: Stream, row: Mapping[str, Any], zone: str, told: tuple[Sequence[int], datetime]) -> Sighting:
    """The row's id and the later of its change stamps, and whether its document is young enough to be read."""
    keys, earliest = told
    stamps = [read_value("wall", f"{row[name]}{zone}") for name in ("s0", "s1") if row.get(name)]
    day = datetime.strptime(row["day"][:10], "%Y-%m-%d").replace(tzinfo=UTC) if row.get("day") else None
    return Sighting(
        record_id=stream.key_separator.join(map(str, keys)),
        stamped_at=max(stamps, default=None),
        is_due=day is None or day >= earliest,
    )
