"""What lags are told from: how late copies came, and which accounting periods are closed."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text

from sync_assets.store.engine import Store
from sync_assets.store.evaluations import typed

NEWEST = 1_000
"""Copies whose lateness is measured: the last that changed."""

_CLOSED = text("""
    SELECT starts_on, ends_on, closed_on FROM canonical.period
    WHERE system = ANY(:systems) AND deleted_at IS NULL AND (is_closed OR is_locked)
        AND NOT coalesce(is_quarter, false) AND NOT coalesce(is_year, false)
    ORDER BY starts_on
""")


def closed_periods(store: Store, systems: Sequence[str]) -> list[tuple[date, date, date | None]]:
    """First and last day of each closed or locked month, and the day it was closed if known, oldest first."""
    with store.begin() as connection:
        rows = connection.execute(_CLOSED, {"systems": list(systems)}).all()
    return [(row.starts_on, row.ends_on, row.closed_on) for row in rows]


def lateness(store: Store, arrivals: str, parameters: dict[str, list[str]]) -> tuple[int, int]:
    """The 99th percentile of the seconds that the newest copies of a select took, and how many there are.

    The select yields happened_at, arrived_at and change_id; copies that came before their event count as at once.
    """
    statement = text(
        typed(f"""
        SELECT count(*) AS copies, coalesce(ceil(extract(epoch FROM
            percentile_disc(0.99) WITHIN GROUP (ORDER BY greatest(arrived_at - happened_at, interval '0')))), 0) AS p99
        FROM ({arrivals} ORDER BY change_id DESC LIMIT {NEWEST}) a
    """)
    )
    with store.begin() as connection:
        row = connection.execute(statement, parameters).one()
    return int(row.p99), int(row.copies)
