"""Records that no feed names as gone: parts of a record that went or lost them, and what a whole list no longer has.

Parts are known by the id they begin with: a transaction's id and a separator.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text

from sync_assets.store.engine import Store

_OF_DELETED = text("""
    SELECT part.record_id, max(gone.stamped_at) AS deleted_at
    FROM sync.stream parent
    JOIN raw.version gone ON gone.stream_id = parent.stream_id AND gone.is_deleted
        AND gone.observed_at >= coalesce(CAST(:since AS timestamptz), '-infinity')
    JOIN raw.head still ON still.stream_id = gone.stream_id AND still.record_id = gone.record_id AND still.is_deleted
    JOIN raw.head part ON part.stream_id = :stream_id AND NOT part.is_deleted
        AND part.record_id >= gone.record_id || :separator AND part.record_id < gone.record_id || :behind
    WHERE parent.system = :system AND parent.name = :parent
    GROUP BY part.record_id
""")
_LEFT_OUT = text("""
    SELECT part.record_id, whole.record_id AS owner_id, part.rank
    FROM unnest(CAST(:parents AS text[])) AS whole (record_id)
    JOIN raw.head part ON part.stream_id = :stream_id AND NOT part.is_deleted
        AND part.record_id >= whole.record_id || :separator AND part.record_id < whole.record_id || :behind
    WHERE part.record_id <> ALL(CAST(:present AS text[]))
""")
_LIVING = text("SELECT record_id FROM raw.head WHERE stream_id = :stream_id AND NOT is_deleted")


@dataclass(frozen=True, kw_only=True)
class Parts:
    """A stream whose records are parts of another's: which, and what stands between the two ids."""

    stream_id: int
    system: str
    parent: str
    separator: str

    def bounds(self) -> dict[str, object]:
        """The stream, and the range of ids that begin with a parent's id and the separator."""
        behind = chr(ord(self.separator) + 1)
        return {"stream_id": self.stream_id, "separator": self.separator, "behind": behind}


def parts_of_deleted(store: Store, parts: Parts, since: datetime | None) -> list[tuple[str, datetime | None]]:
    """The living parts of records that are known to be deleted since an instant, with when that was."""
    bound = {**parts.bounds(), "system": parts.system, "parent": parts.parent, "since": since}
    with store.begin() as connection:
        return [(row.record_id, row.deleted_at) for row in connection.execute(_OF_DELETED, bound)]


class LeftOut(NamedTuple):
    """A stored part that its record, read whole, no longer has: whose it is, and the rank of its newest version."""

    record_id: str
    owner_id: str
    rank: int


def parts_left_out(store: Store, parts: Parts, parents: Sequence[str], present: Sequence[str]) -> list[LeftOut]:
    """The stored parts of records that were read whole and no longer have them."""
    bound = {**parts.bounds(), "parents": list(parents), "present": list(present)}
    with store.begin() as connection:
        return [LeftOut._make(row) for row in connection.execute(_LEFT_OUT, bound)]


def living_ids(store: Store, stream_id: int) -> set[str]:
    """The ids of a stream that exist, as far as we know; for streams that are read whole each time."""
    with store.begin() as connection:
        return set(connection.execute(_LIVING, {"stream_id": stream_id}).scalars())
