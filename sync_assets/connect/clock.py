"""The system's time, as far as it can be believed: what bounds windows and watermarks.

A window ends where the system's clock stands, since its stamps follow that clock. One reply with a wrong Date must not
move a watermark past changes that are still to come, so the time is asked for again when it is not near ours, and no
watermark passes our own clock. Not here: how a system tells its time (its `clock`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sync_assets.connect.spec import System
from sync_assets.http.client import Client

AHEAD_MAX = timedelta(minutes=5)
"""How far a believable clock may be ahead of ours; it is less than the overlap of every window."""

BEHIND_MAX = timedelta(minutes=5)
"""How far it may be behind what it said before: the machines of one system differ by less."""

FIRST_BEHIND_MAX = timedelta(days=2)
"""How far it may be behind ours when nothing was read before; a first read that ends too early looks complete."""

READ_AHEAD_MAX = timedelta(days=1)
"""How far past our clock a window may end when the replies are at odds."""

ASKED_AGAIN = 2
"""Times that a system is asked anew before a time far from ours is taken for its own."""

_UNTOLD = (
    "replies of {system} tell no time (no readable Date header); ours less five minutes is taken for its time, so keep "
    "the clock of this machine right"
)

OwnClock = Callable[[], datetime]


def own_clock() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class SystemTime:
    """The system's time now: `now` as far as it is believed, and in `doubt` one sentence when it was not as told."""

    now: datetime
    doubt: str = ""


def time_now(system: System, client: Client) -> datetime:
    """The system's time as it tells it, unexamined; ours less what clocks differ by where it tells none."""
    return system.clock(client) or own_clock() - AHEAD_MAX


def system_time(
    system: System, client: Client, own: OwnClock = own_clock, *, known: datetime | None = None
) -> SystemTime:
    """The system's time, asked for again when it lies past our clock or before `known`, the stream's watermark.

    The earliest believable answer counts. What all replies agree on is the system's time, however far from ours: which
    of the two is wrong nobody can tell, and to read what it shows is safe. Replies that do not even agree with each
    other are followed up to a day past our clock. A system that tells no time is read up to ours, less what clocks
    differ by: whatever it stamps from then on lies in the next window.
    """
    earliest = known - BEHIND_MAX if known else own() - FIRST_BEHIND_MAX

    def is_believable(told: datetime) -> bool:
        return earliest <= told <= own() + AHEAD_MAX

    first = system.clock(client)
    if first is not None and is_believable(first):
        return SystemTime(now=first)
    told = [one for one in (first, *(system.clock(client) for _ in range(ASKED_AGAIN))) if one is not None]
    here = own()
    if not told:
        return SystemTime(now=here - AHEAD_MAX, doubt=_UNTOLD.format(system=system.name))
    if first is None and all(map(is_believable, told)):
        return SystemTime(now=min(told))
    do_agree = max(told) <= min(told) + AHEAD_MAX
    unbelieved = min(told) if do_agree else min(*told, here + READ_AHEAD_MAX)
    now = min(filter(is_believable, told), default=unbelieved)
    if known is None and do_agree and max(told) <= here:
        return SystemTime(now=now)
    return SystemTime(
        now=now,
        doubt=f"the system's clock says {_instants(told)}, ours {here.isoformat(timespec='seconds')}; "
        f"{now.isoformat(timespec='seconds')} is taken as its time, and no watermark passes our clock",
    )


def _instants(told: list[datetime]) -> str:
    return ", then ".join(dict.fromkeys(one.isoformat(timespec="seconds") for one in told))


def covered_at_most(told: datetime | None, replied_at: datetime | None, *, end: datetime) -> datetime | None:
    """Through when a page covers its window: the system's own mark, or the Date of its reply where that is earlier.

    A page cannot show what was stamped after it was sent.
    """
    bounds = [replied_at] if replied_at is not None and replied_at < end else []
    return min([*bounds, *([told] if told else [])], default=None)
