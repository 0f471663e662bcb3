"""How NetSuite is read: SuiteQL with keyset pages, one pass per change stamp of a window, then its deletions.

Pages are ordered by record ids inside a frozen window, not by the change stamp: ids never move while a window is read,
and wall times run backwards once a year. `offset` is always 0, so the vendor's limit of 100,000 rows a query never
applies. Not here: statements (query.py), tables (tables.py).
"""

from collections.abc import Iterator, Sequence

import msgspec

from sync_assets.connect.spec import Page, Stream, Window
from sync_assets.http.client import Client
from sync_assets.http.reply import DECODER, Reply
from sync_assets.model.errors import ContractError
from sync_assets.systems.netsuite.ask import suite, wall
from sync_assets.systems.netsuite.deletions import read_deletions
from sync_assets.systems.netsuite.place import DELETIONS, Place, asked, placed
from sync_assets.systems.netsuite.query import Table, after, between, moment
from sync_assets.systems.netsuite.replies import rows_of
from sync_assets.systems.netsuite.whole import (
    Keys,
    Rows,
    shows_whole_documents,
    to_the_end_of_documents,
    whole_documents,
)

_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read(client: Client, stream: Stream, window: Window, place: str | None) -> Page:
    """One page of a stream in a window; the deletions of the window follow its last rows.

    Raises:
        ContractError: the account lacks a column that is needed, or pages cannot be trusted.
    """
    if stream.name in suite(client).without:
        return Page(body=b"", records=(), next=None)
    table: Table = stream.read["table"]
    here = placed(place) if place else _first(client, table, window)
    if here.phases[0] == DELETIONS:
        return read_deletions(client, table, here)
    here, reply = _asked(client, table, here, window)
    found, more, _ = rows_of(reply)
    lost = table.left_out(here.without)
    by_document = shows_whole_documents(stream, table, here.phases[0])
    if not more and not here.after:
        whole = _documents(stream, found) if by_document else ()
        once = distinct(stream, found)
        return Page(body=reply.body, records=once, next=_following(here), whole=whole, left_out=lost)
    rows = _in_order(stream, reply, here.after)
    if by_document:
        return _lines(client, stream, window, here, rows)
    records = [*rows.records, *rows.unread]
    return Page(body=reply.body, records=records, next=_behind(here, rows), left_out=lost)


def _first(client: Client, table: Table, window: Window) -> Place:
    """Where a read begins: everything by id where nothing was read before, else one phase per change stamp."""
    if not table.stamps or window.start is None:
        return Place(phases=("",))
    zone = wall(client)
    phases = (*table.stamps, DELETIONS) if table.deleted_as else table.stamps
    return Place(phases=phases, low=zone.from_start(window.start), high=zone.until_end(window.end))


def _documents(stream: Stream, rows: Sequence[bytes]) -> list[str]:
    """The documents of all lines that there are; none when a line does not say whose it is."""
    found = [_keys(stream, row) for row in rows]
    return [] if None in found else [str(document) for document in dict.fromkeys(keys[0] for keys in found if keys)]


def _lines(client: Client, stream: Stream, window: Window, here: Place, rows: Rows) -> Page:
    """A page of lines that ends where a document does, with the documents that it has whole."""

    def behind(keys: Keys) -> Rows:
        there = msgspec.structs.replace(here, after=keys)
        _, reply = _asked(client, stream.read["table"], there, window)
        return _in_order(stream, reply, keys)

    rows = to_the_end_of_documents(rows, behind)
    return Page(
        body=b"\n".join(rows.bodies),
        records=[*rows.records, *rows.unread],
        next=_behind(here, rows),
        whole=whole_documents(rows, here.after),
        left_out=stream.read["table"].left_out(here.without),
    )


def _behind(here: Place, rows: Rows) -> str | None:
    """The place behind rows: within its phase while there are more, else the next phase."""
    return msgspec.structs.replace(here, after=tuple(rows.keys[-1])).written() if rows.more else _following(here)


def _following(here: Place) -> str | None:
    """The start of the next phase, or none."""
    return msgspec.structs.replace(here, phases=here.phases[1:], after=()).written() if here.phases[1:] else None


def _asked(client: Client, table: Table, here: Place, window: Window) -> tuple[Place, Reply]:
    """The reply to the page's statement, and the place less what the account turns out not to have."""
    return asked(client, table, here, lambda at: list(_conditions(table, at, window)))


def _conditions(table: Table, here: Place, window: Window) -> Iterator[str]:
    if here.phases[0]:
        yield between(here.phases[0], here.low, here.high)
    elif table.bound and window.start is None:
        yield f"{table.bound} >= {moment(window.earliest.strftime('%Y-%m-%d 00:00:00'))}"
    if here.after:
        yield after(table.keys, here.after)


def distinct(stream: Stream, rows: Sequence[bytes]) -> list[bytes]:
    """The rows, each record once, since a join may repeat it; rows without an id that can be read are all kept."""
    seen: dict[object, bytes] = {}
    for at, row in enumerate(rows):
        seen.setdefault(_keys(stream, row) or at, row)
    return list(seen.values())


def _in_order(stream: Stream, reply: Reply, begin: Keys) -> Rows:
    """The rows of a reply to what lies behind `begin`, each record once, and apart those whose keys cannot be read.

    Raises:
        ContractError: rows are not in the order asked for, or more follow and none says where to go on, so that paging
            by keys would lose some.
    """
    found, more, _ = rows_of(reply)
    records, order, unread, last = list[bytes](), list[Keys](), list[bytes](), begin
    for row in found:
        keys = _keys(stream, row)
        if keys is None:
            unread.append(row)
            continue
        if last and keys < last:
            raise ContractError(f"netsuite {stream.name}: rows came out of order ({keys} after {last}).")
        if keys != last:
            records.append(row)
            order.append(keys)
        last = keys
    if found and not order and (more or not unread):
        raise ContractError(f"netsuite {stream.name}: a page ends where it began ({last}).", reason="poison")
    return Rows(keys=order, records=records, bodies=[reply.body], more=more, is_cut=more, unread=unread)


def _keys(stream: Stream, row: bytes) -> Keys | None:
    """The whole numbers that order a row, whatever else it holds; None where one of them is no such number."""
    try:
        values = _FIELDS.decode(row)
        return tuple([int(str(DECODER.decode(values[name]))) for name in stream.key])
    except (msgspec.DecodeError, KeyError, ValueError):
        return None
