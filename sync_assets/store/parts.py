"""Records that are parts of another record of the same system (the lines of a transaction) and went with it.

No feed names them: they are known by the id they begin with.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from sync_assets.store.engine import Store

_OF_DELETED = text("""
    SELECT part.record_id, max(gone.stamped_at) AS deleted_at
    FROM raw.version gone
    JOIN sync.stream parent ON parent.stream_id = gone.stream_id AND parent.system = :system AND parent.name = :parent
    JOIN sync.stream own ON own.system = :system AND own.name = :name
    JOIN raw.head part ON part.stream_id = own.stream_id AND NOT part.is_deleted
        AND part.record_id >= gone.record_id || :separator AND part.record_id < gone.record_id || :behind
    JOIN raw.head still ON still.stream_id = gone.stream_id AND still.record_id = gone.record_id AND still.is_deleted
    WHERE gone.is_deleted AND gone.observed_at >= coalesce(CAST(:since AS timestamptz), '-infinity')
    GROUP BY part.record_id
""")
_MISSING = text("""
    SELECT part.record_id
    FROM unnest(CAST(:parents AS text[])) AS whole (record_id)
    JOIN sync.stream own ON own.system = :system AND own.name = :name
    JOIN raw.head part ON part.stream_id = own.stream_id AND NOT part.is_deleted
        AND part.record_id >= whole.record_id || :separator AND part.record_id < whole.record_id || :behind
    WHERE part.record_id <> ALL(:present)
""")


def _bounds(separator: str) -> dict[str, str]:
    """The range of ids that begin with a parent's id and the separator."""
    return {"separator": separator, "behind": chr(ord(separator) + 1)}


def parts_of_deleted(
    store: Store, system: str, name: str, parent: str, *, separator: str, since: datetime | None
) -> list[tuple[str, datetime | None]]:
    """The living parts of records of `parent` that were deleted since an instant, with when that was."""
    bound = {"system": system, "name": name, "parent": parent, "since": since, **_bounds(separator)}
    with store.begin() as connection:
        return [(row.record_id, row.deleted_at) for row in connection.execute(_OF_DELETED, bound)]


def parts_missing(
    store: Store, system: str, name: str, *, parents: Sequence[str], present: Sequence[str], separator: str
) -> list[str]:
    """The stored parts of records that were read whole and no longer have them."""
    bound = {"system": system, "name": name, "parents": list(parents), "present": list(present), **_bounds(separator)}
    with store.begin() as connection:
        return list(connection.execute(_MISSING, bound).scalars())
