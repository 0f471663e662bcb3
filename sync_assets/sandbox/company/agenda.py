"""What the company will do and when: actions in order of time, on the sandbox's one clock."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from typing import TypeAlias

from sync_assets.sandbox.clock import Clock

Act: TypeAlias = Callable[[], None]


@dataclass(kw_only=True)
class Agenda:
    """Actions waiting for their instant; equal instants keep the order in which they were planned.

    `hold` keeps readers out while one action takes place.
    """

    clock: Clock
    hold: Callable[[], AbstractContextManager[object]] = nullcontext
    _waiting: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _planned: int = 0

    def at(self, instant: datetime, act: Act) -> None:
        """Plan an action; one whose instant has passed happens at the next run."""
        self._planned += 1
        heappush(self._waiting, (instant, self._planned, act))

    def run_until(self, instant: datetime) -> int:
        """Do everything up to an instant, the clock moving along, and stop there; returns how many actions."""
        done = 0
        while self._waiting and self._waiting[0][0] <= instant:
            due_at, _, act = heappop(self._waiting)
            with self.hold():
                if due_at > self.clock.now():
                    self.clock.set(due_at)
                act()
            done += 1
        if instant > self.clock.now():
            self.clock.set(instant)
        return done
