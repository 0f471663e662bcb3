"""Pages whose very records are known: the window moves past them without any record being read.

What a page held when it was landed is remembered as the versions of its records. The same records again, each still at
that version, bring nothing new, so a second read costs little more than asking for it. Not here: landing a page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from sync_assets.model.errors import FencedError
from sync_assets.store.engine import Store
from sync_assets.store.landing import moving
from sync_assets.store.streams import Lease, Marks, OpenWindow, advanced, publish


@dataclass(frozen=True, kw_only=True)
class KnownPage:
    """A page that may be known: the hash of its records, how many they are, and what follows it."""

    records_hash: bytes
    records: int
    next: str | None
    covered_until: datetime | None


_PASS = text(f"""
    WITH standing AS (
        SELECT count(*) AS records
        FROM sync.known_page k
        CROSS JOIN LATERAL unnest(k.version_ids) AS was (version_id)
        JOIN raw.version v ON v.stream_id = :stream_id AND v.version_id = was.version_id
        JOIN raw.head h ON h.stream_id = :stream_id AND h.record_id = v.record_id AND h.version_id = v.version_id
        WHERE k.stream_id = :stream_id AND k.records_hash = :records_hash
    ), {moving(changed="0", only="(SELECT records FROM standing) = :records")}
    SELECT (SELECT records FROM standing) = :records AS known,
        (SELECT count(*) FROM leased) + (SELECT count(*) FROM moved) AS held
""")


def pass_known(
    store: Store,
    lease: Lease,
    window: OpenWindow,
    page: KnownPage,
    *,
    completed: Callable[[OpenWindow], Marks | None],
) -> OpenWindow | None:
    """Move the window past a page whose records all stand as they were landed; None when one does not.

    Raises:
        FencedError: another run took the stream over; nothing was written.
    """
    with store.landing() as connection:
        row = connection.execute(
            _PASS,
            {
                "stream_id": lease.stream_id,
                "fence": lease.fence,
                "window_id": window.window_id,
                "place": page.next,
                "covered_until": page.covered_until,
                "records": page.records,
                "rejected": 0,
                "records_hash": page.records_hash,
            },
        ).one()
        if not row.known:
            return None
        if row.held != 2:
            raise FencedError
        counts = {"records": page.records, "changed": 0, "rejected": 0}
        moved = advanced(window, place=page.next, covered_until=page.covered_until, counts=counts)
        publish(connection, lease, moved, completed)
    return moved
