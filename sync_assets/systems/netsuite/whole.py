"""Pages of lines that end where a document ends, so that a line which left its document is missed.

The list of deletions names whole records only. Lines selected by their document's stamp, or by none, are all the lines
that their documents have: what is stored beside them is gone. Lines selected by their own stamp are the changed ones
alone, and say nothing about the others. Not here: statements (query.py), what becomes of a missing line.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sync_assets.connect.spec import Stream
from sync_assets.systems.netsuite.query import Table

Keys = tuple[int, ...]

REPLIES_MAX = 20
"""Replies that one document's lines may take: NetSuite allows 10,000 lines, which are ten."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows in the order of their keys, each once; `more` when the table has further ones.

    `is_cut` when the last document may have lines that are not among them. `unread` are rows whose keys cannot be read:
    they may be anybody's, so that no document of such rows is known to be whole.
    """

    keys: Sequence[Keys]
    records: Sequence[bytes]
    bodies: Sequence[bytes]
    more: bool
    is_cut: bool
    unread: Sequence[bytes] = ()

    def up_to(self, count: int) -> "Rows":
        """The first rows alone, which end with a document."""
        return replace(self, keys=self.keys[:count], records=self.records[:count], more=True, is_cut=False)

    def and_then(self, rows: "Rows") -> "Rows":
        """These rows and those that follow them."""
        return replace(
            rows,
            keys=[*self.keys, *rows.keys],
            records=[*self.records, *rows.records],
            bodies=[*self.bodies, *rows.bodies],
            unread=[*self.unread, *rows.unread],
        )


def shows_whole_documents(stream: Stream, table: Table, phase: str) -> bool:
    """Whether rows of a phase are all the lines of their documents."""
    return stream.part_of is not None and phase in ("", *table.stamps[:1])


def to_the_end_of_documents(rows: Rows, behind: Callable[[Keys], Rows]) -> Rows:
    """The rows less those of a last document that goes on, or with the rest of it when there is no other.

    A document that goes on after all replies allowed stays cut; it is then not whole.
    """
    replies = 1
    while rows.is_cut and replies < REPLIES_MAX:
        complete = sum(keys[0] != rows.keys[-1][0] for keys in rows.keys)
        if complete:
            return rows.up_to(complete)
        rows = rows.and_then(behind(rows.keys[-1]))
        replies += 1
    return rows


def whole_documents(rows: Rows, begin: Keys) -> list[str]:
    """The documents that begin and end within these rows, which follow the keys `begin`."""
    if rows.unread:
        return []
    cut = {*begin[:1], *(keys[0] for keys in rows.keys[-1:] if rows.is_cut)}
    return [str(document) for document in dict.fromkeys(keys[0] for keys in rows.keys) if document not in cut]
