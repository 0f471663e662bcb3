"""Looking at an account outside a window: named records as they stand now, and whether anything changed at all."""

import re
from collections.abc import Sequence

from sync_assets.connect.spec import Page, Stream
from sync_assets.http.client import Client
from sync_assets.http.reply import DECODER, Reply
from sync_assets.systems.netsuite.ask import query
from sync_assets.systems.netsuite.place import Place, asked
from sync_assets.systems.netsuite.query import Table, among, newest
from sync_assets.systems.netsuite.reads import distinct
from sync_assets.systems.netsuite.replies import QueryRefusedError, rows_of
from sync_assets.systems.netsuite.tables import CUSTOMER, TRANSACTION, TRANSACTION_LINE

FIND_ROWS = 200
"""Records named in one statement, so that it stays short."""


def find(client: Client, stream: Stream, ids: Sequence[str]) -> Page:
    """The named records as they stand now; ids that no record of the table can have are absent.

    The body is the replies one below the other, when it took several.
    """
    table: Table = stream.read["table"]
    wanted = [keys for record_id in ids if (keys := _numbers(record_id, len(stream.key)))]
    here, records, bodies = Place(phases=("",)), list[bytes](), list[bytes]()
    for start in range(0, len(wanted), FIND_ROWS):
        here, reply = _named(client, table, here, wanted[start : start + FIND_ROWS])
        rows, _, _ = rows_of(reply)
        records += distinct(stream, rows)
        bodies.append(reply.body)
    return Page(body=b"\n".join(bodies), records=records, next=None)


def _named(client: Client, table: Table, here: Place, wanted: Sequence[Sequence[int]]) -> tuple[Place, Reply]:
    return asked(client, table, here, lambda _here: [among(table.keys, wanted)])


def _numbers(record_id: str, count: int) -> tuple[int, ...]:
    """The keys that make up a record id, e.g. "12-0" -> (12, 0); none where it is no id of such a table."""
    found = re.fullmatch("-".join([r"(-?\d{1,18})"] * count), record_id, re.ASCII)
    return tuple(map(int, found.groups())) if found else ()


def probe(client: Client, _last: str | None) -> str:
    """The newest change of documents, of lines and of customers, with how many rows there are: three requests."""
    return "; ".join(_newest(client, table) for table in (TRANSACTION, TRANSACTION_LINE, CUSTOMER))


def _newest(client: Client, table: Table) -> str:
    """Which record changed last and when; a mark of nothing where the account refuses to say."""
    try:
        rows, _, total = rows_of(query(client, newest(table), rows=1))
    except QueryRefusedError:
        return "-"
    record = DECODER.decode(rows[0]) if rows else {}
    named = "-".join(str(record.get(key.rpartition(".")[2], "")) for key in table.keys)
    return f"{named} {record.get('changed', '')} {total if total is not None else ''}"
