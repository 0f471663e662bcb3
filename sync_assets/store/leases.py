"""Leases that a run left behind: who holds which, and giving back those of runs that have ended.

Belongs here: what the command line asks before it starts. Not here: taking and keeping a lease (streams).
"""

from collections.abc import Sequence

from sqlalchemy import text

from sync_assets.store.engine import Store

_HOLDERS = text("SELECT DISTINCT leased_by FROM sync.stream WHERE leased_until > clock_timestamp() ORDER BY 1")
_GIVE_BACK = text("UPDATE sync.stream SET leased_until = NULL WHERE leased_by = ANY(:run_ids)")


def lease_holders(store: Store) -> list[str]:
    """The ids of the runs that hold a stream now."""
    with store.begin() as connection:
        return list(connection.execute(_HOLDERS).scalars())


def give_back(store: Store, run_ids: Sequence[str]) -> int:
    """Free the streams of runs that have ended; should one of them still live, its fence keeps it from writing."""
    with store.begin() as connection:
        return int(connection.execute(_GIVE_BACK, {"run_ids": list(run_ids)}).rowcount)
