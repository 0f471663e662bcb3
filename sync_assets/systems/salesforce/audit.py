"""What exists in a Salesforce org, for the auditor: `Id` and `SystemModstamp` alone, in the order of `Id`, and a count.

The reader asks `queryAll` and Bulk by change stamp; the auditor asks `query`, which leaves out deleted rows. Not here:
what is done about what differs (connect/audit.py).
"""

from datetime import datetime

import msgspec

from sync_assets.connect.kinds import read_value
from sync_assets.connect.spec import Roll, Sighting, Stream
from sync_assets.http.client import Client
from sync_assets.http.envelope import decode_envelope
from sync_assets.model.errors import ContractError
from sync_assets.model.keys import salesforce_id_or_text
from sync_assets.systems.salesforce.org import Org, as_org

ROWS_MAX = 2000
"""Rows of one reply. Source: help article 000004410 (batch size of queries)."""


class _Row(msgspec.Struct, rename="pascal"):
    id: str
    system_modstamp: str


class _Rows(msgspec.Struct, rename="camel"):
    total_size: int
    done: bool
    records: list[_Row]


def rolled(client: Client, stream: Stream, earliest: datetime, place: str | None) -> Roll:  # noqa: ARG001 - all is read
    """One page of living records behind the `Id` that is the place; the first comes with their count.

    Source: SOQL and SOSL Reference, "COUNT()"; REST API Developer Guide, "Query".

    Raises:
        ContractError: the page is not what Salesforce documents, or its rows are not in the order asked for.
    """
    org, sobject = as_org(client), stream.read["sobject"]
    if sobject in org.without:
        return Roll(sightings=(), next=None)
    counted = _asked(org, f"SELECT COUNT() FROM {sobject}").total_size if place is None else None  # noqa: S608
    behind = f" WHERE Id > '{place}'" if place else ""
    query = f"SELECT Id, SystemModstamp FROM {sobject}{behind} ORDER BY Id LIMIT {ROWS_MAX}"  # noqa: S608
    answer = _asked(org, query)
    rows = answer.records
    names = [row.id for row in rows]
    if not all(name.isascii() and name.isalnum() for name in names) or (place and place in names):
        raise ContractError(f"The auditor's rows of Salesforce {sobject} do not go on behind the last one.")
    if not (rows or answer.done):
        raise ContractError(f"Salesforce sent none of {sobject} to the auditor and says that more follow.")
    is_last = answer.done and len(rows) < ROWS_MAX
    seen = [
        Sighting(record_id=salesforce_id_or_text(row.id), stamped_at=read_value("iso", row.system_modstamp))
        for row in rows
    ]
    return Roll(sightings=seen, next=None if is_last else names[-1], counted=counted)


def _asked(org: Org, query: str) -> _Rows:
    reply = org.get(f"{org.data}/query", [("q", query)])
    try:
        return decode_envelope(reply.body, _Rows)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ContractError("Salesforce answered the auditor's query with something else.") from None
