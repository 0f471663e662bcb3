"""Which runs live: each holds a lock of its own in the database, which goes with its process however that ends.

Belongs here: holding the lock and asking for it. Not here: what is done about a run that is gone (automation).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from sync_assets.store.engine import Store

PRESENCE = 7_302_516
"""First half of the advisory locks of runs; the second half is a hash of the run's id."""

_HOLD = text("SELECT pg_advisory_lock_shared(:presence, hashtext(:run_id))")
_GONE = text("""
    SELECT run_id FROM unnest(CAST(:run_ids AS text[])) run_id
    WHERE NOT EXISTS (SELECT FROM pg_locks
        WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND classid = :presence AND objid = hashtext(run_id)::bigint & 4294967295 AND granted)
    ORDER BY 1
""")


@contextmanager
def present(store: Store, run_id: str) -> Iterator[None]:
    """Be seen as alive while the block runs. A database that goes away meanwhile is the block's own trouble."""
    connection = store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        connection.execute(_HOLD, {"presence": PRESENCE, "run_id": run_id})
        yield
    finally:
        connection.invalidate()
        with suppress(DBAPIError):
            connection.close()


def gone(store: Store, run_ids: Sequence[str]) -> list[str]:
    """Those of the runs that no process works on any more."""
    with store.begin() as connection:
        return list(connection.execute(_GONE, {"run_ids": list(run_ids), "presence": PRESENCE}).scalars())
