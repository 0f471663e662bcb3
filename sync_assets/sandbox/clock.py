"""The sandbox's time: one virtual clock that every simulated vendor reads, so a seed replays to the second."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass(kw_only=True)
class Clock:
    """A clock that stands still until somebody moves it, or runs with real time when `running_since` is set."""

    now_at: datetime
    running_since: datetime | None = field(default=None)

    def now(self) -> datetime:
        """The virtual instant, UTC."""
        if self.running_since is None:
            return self.now_at
        return self.now_at + (datetime.now(UTC) - self.running_since)

    def set(self, instant: datetime) -> None:
        """Move to an instant; never backwards, since vendors' clocks do not."""
        if instant < self.now():
            raise ValueError(f"The sandbox clock stands at {self.now().isoformat()} and cannot go back to {instant}.")
        self.now_at = instant
        self.running_since = None if self.running_since is None else datetime.now(UTC)

    def advance(self, **by: float) -> datetime:
        """Move forward by a timedelta's keywords, e.g. `advance(hours=1)`; returns the new instant."""
        self.set(self.now() + timedelta(**by))
        return self.now()

    def run(self) -> None:
        """Let the clock follow real time from where it stands."""
        self.now_at, self.running_since = self.now(), datetime.now(UTC)
