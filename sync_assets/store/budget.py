"""One request rate per system, shared by every process: each request books the next free slot in one statement."""

import time
from collections.abc import Callable

from sqlalchemy import text

from sync_assets.store.engine import Store

BURST_S = 30.0
"""Seconds of unused rate that may be caught up at once."""

_BOOK = text("""
    INSERT INTO sync.budget AS b (system, next_free_at)
    VALUES (:system, clock_timestamp() + make_interval(secs => :each_s * :slots))
    ON CONFLICT (system) DO UPDATE SET next_free_at =
        greatest(b.next_free_at, clock_timestamp() - make_interval(secs => :burst_s))
        + make_interval(secs => :each_s * :slots)
    RETURNING extract(epoch FROM next_free_at - clock_timestamp())::float8
""")


def shared_budget(
    store: Store, system: str, rate_per_minute: int, sleep: Callable[[float], None] = time.sleep
) -> Callable[[], None]:
    """A function to call before each request; it waits until the system's shared rate allows the request.

    Slots are booked a few at a time, so that the database is not asked before every request.
    """
    slots = max(1, min(20, rate_per_minute // 300))
    each_s = 60.0 / rate_per_minute
    held = [0]

    def take() -> None:
        if held[0] == 0:
            bound = {"system": system, "each_s": each_s, "slots": slots, "burst_s": BURST_S}
            with store.begin() as connection:
                ahead_s = float(connection.execute(_BOOK, bound).scalar_one())
            held[0] = slots
            if ahead_s > each_s * slots:
                sleep(ahead_s - each_s * slots)
        held[0] -= 1

    return take
