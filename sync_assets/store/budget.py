"""One request rate per system, shared by every process: each request books the next free slot in one statement.

Where a system asks to wait, the next free slot moves past that wait, so that everybody waits. Not here: what a reply
means, and how time is passed (http/client.py).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from sync_assets.model.errors import RetryLaterError
from sync_assets.store.engine import Store

BURST_S = 30.0
"""Seconds of unused rate that may be caught up at once."""

QUEUE_S = 30.0
"""Seconds ahead that slots are booked: past that the system asked to wait, and whoever waits books once it is over."""

SLOTS_KEPT_S = 2.0
"""Seconds within which booked slots are used or lost: a wait that a system asks for is minded as soon."""

HELD_MAX_S = 3600.0
"""Seconds that one request may wait for the others' sake; a system that is never free is left for the next run."""

_BOOK = text("""
    INSERT INTO sync.budget AS b (system, next_free_at)
    VALUES (:system, clock_timestamp() + make_interval(secs => :each_s * :slots))
    ON CONFLICT (system) DO UPDATE SET next_free_at =
        greatest(b.next_free_at, clock_timestamp() - make_interval(secs => :burst_s))
        + make_interval(secs => :each_s * :slots)
    WHERE b.next_free_at <= clock_timestamp() + make_interval(secs => :queue_s)
    RETURNING extract(epoch FROM next_free_at - clock_timestamp())::float8
""")
_AHEAD = text("""
    SELECT extract(epoch FROM next_free_at - clock_timestamp())::float8 FROM sync.budget WHERE system = :system
""")
_HOLD = text("""
    INSERT INTO sync.budget AS b (system, next_free_at)
    VALUES (:system, clock_timestamp() + make_interval(secs => :seconds))
    ON CONFLICT (system) DO UPDATE SET next_free_at = greatest(b.next_free_at, excluded.next_free_at)
""")


@dataclass(kw_only=True)
class Budget:
    """The shared rate of one system as one process sees it: called before each request, it waits for a slot.

    Slots are booked a few at a time, so that the database is not asked before every request.
    """

    store: Store
    system: str
    rate_per_minute: int
    sleep: Callable[[float], None] = time.sleep
    _held: int = field(default=0, repr=False)
    _booked_at: float = field(default=0.0, repr=False)

    def __call__(self) -> None:
        if self._held == 0 or time.monotonic() - self._booked_at > SLOTS_KEPT_S:
            self._wait_for_slots()
        self._held -= 1

    def hold(self, seconds: float) -> None:
        """Let every process wait as long before its next request: the system asked for it."""
        self._held = 0
        with self.store.begin() as connection:
            connection.execute(_HOLD, {"system": self.system, "seconds": seconds})

    @property
    def _slots(self) -> int:
        return max(1, min(20, self.rate_per_minute // 300))

    def _wait_for_slots(self) -> None:
        """Book slots and wait until they have come; book others when the system asked to wait meanwhile."""
        waited, self._held = 0.0, 0
        while self._held == 0:
            wait = self._booked()
            if waited + wait > HELD_MAX_S:
                raise RetryLaterError(f"{self.system} asks all to wait; run again later.", after_s=wait)
            if wait > 0:
                self.sleep(wait)
                waited += wait
            if wait > SLOTS_KEPT_S and self._ahead() > QUEUE_S:
                self._held = 0
        self._booked_at = time.monotonic()

    def _booked(self) -> float:
        """Seconds until slots that were booked have come, or until slots can be booked, where `_held` stays 0."""
        each_s = 60.0 / self.rate_per_minute
        bound = {"each_s": each_s, "slots": self._slots, "burst_s": BURST_S, "queue_s": QUEUE_S}
        ahead_s = self._one(_BOOK, **bound)
        self._held = 0 if ahead_s is None else self._slots
        return self._ahead() - QUEUE_S / 2 if ahead_s is None else ahead_s - each_s * self._slots

    def _ahead(self) -> float:
        return self._one(_AHEAD) or 0.0

    def _one(self, statement: Any, **bound: float) -> float | None:
        with self.store.begin() as connection:
            found: float | None = connection.execute(statement, {"system": self.system, **bound}).scalar_one_or_none()
        return found
