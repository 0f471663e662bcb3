"""Wall-clock times of an account: NetSuite's SQL knows no zone, so a zone is found out and put beside every time.

Belongs here: which zone the account's times are in, and how a window is written in it. Not here: the request that asks
(reads.py).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sync_assets.model.errors import ContractError, SettingError

PACIFIC = "America/Los_Angeles"
"""Source: NetSuite online help section_1521451348 (servers keep time in the Pacific zone)."""

QUARTER = timedelta(minutes=15)
"""Every zone in use lies a whole number of quarter hours from UTC."""

OFFSET_MAX = timedelta(hours=14)
"""The widest offset in use (Kiribati); a wider difference is a broken clock."""

DAYLIGHT = timedelta(hours=1)
"""What a change to or from daylight saving moves; clocks go back by at most this."""

_PYTHON = "%Y-%m-%d %H:%M:%S"
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")


@dataclass(frozen=True, kw_only=True)
class Wall:
    """The zone of an account's times: an IANA name, an offset such as `+05:30`, or nothing for UTC.

    `slack` widens windows where only an offset was measured: times from the other half of the year may be an hour off.
    """

    zone: str = ""
    slack: timedelta = timedelta(0)

    @property
    def suffix(self) -> str:
        """What is written behind a time so that it names its zone (kind `wall` of connect/kinds.py)."""
        return f" {self.zone}" if "/" in self.zone else self.zone

    def from_start(self, start: datetime) -> str:
        """The earliest wall time that an instant at or after `start` can show, clock changes included."""
        offset = min(self.offset(start), self.offset(start + 2 * DAYLIGHT))
        return (start.replace(tzinfo=None) + offset - self.slack).strftime(_PYTHON)

    def until_end(self, end: datetime) -> str:
        """The latest wall time that an instant at or before `end` can show, clock changes included."""
        offset = max(self.offset(end), self.offset(end - 2 * DAYLIGHT))
        return (end.replace(tzinfo=None) + offset + self.slack).strftime(_PYTHON)

    def offset(self, instant: datetime) -> timedelta:
        """How far the wall is ahead of UTC at an instant."""
        return _tzinfo(self.zone).utcoffset(instant.astimezone(_tzinfo(self.zone))) or timedelta(0)


UNKNOWN = Wall(slack=OFFSET_MAX)
"""An account whose clock cannot be asked is taken to keep UTC; its windows lose nothing in any other zone either."""


def _tzinfo(zone: str) -> tzinfo:
    if not zone:
        return UTC
    if found := _OFFSET.fullmatch(zone):
        hours, minutes = int(found[2]), int(found[3])
        return timezone((1 if found[1] == "+" else -1) * timedelta(hours=hours, minutes=minutes))
    return ZoneInfo(zone)


def named(zone: str, setting: str) -> Wall:
    """The wall of a zone named in a setting; SettingError for a name that does not exist."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingError(f"{setting} must name a time zone such as America/New_York, not {zone[:40]!r}.") from None
    return Wall(zone="" if zone == "UTC" else zone)


def measured(wall_time: str, now: datetime) -> Wall:
    """The wall of an account whose clock shows `wall_time` at the instant `now`.

    The Pacific zone is assumed where its offset fits, since that is where the servers are; elsewhere only the offset is
    known, and windows get an hour of slack for the other half of the year.

    Raises:
        ContractError: the time cannot be read or lies more than 14 hours away.
    """
    try:
        shown = datetime.strptime(wall_time[:19].replace("T", " "), _PYTHON).replace(tzinfo=UTC)
    except ValueError:
        raise ContractError(f"netsuite answered {wall_time[:40]!r} where a date and time was asked for.") from None
    offset = round((shown - now) / QUARTER) * QUARTER
    if abs(offset) > OFFSET_MAX:
        raise ContractError(
            f"netsuite's clock shows {wall_time}, which is no time zone's time at {now:%Y-%m-%d %H:%M}Z."
        )
    if offset == now.astimezone(ZoneInfo(PACIFIC)).utcoffset():
        return Wall(zone=PACIFIC)
    sign, size = ("-" if offset < timedelta(0) else "+"), abs(offset)
    hours, minutes = size // timedelta(hours=1), size % timedelta(hours=1) // timedelta(minutes=1)
    return Wall(zone=f"{sign}{hours:02}:{minutes:02}" if offset else "", slack=DAYLIGHT)


def reconciled(machine: Wall, session: object, now: datetime) -> Wall:
    """The wall of an account whose machine and session show different times at the instant `now`.

    Times are rendered as the session has them; should they be the machine's after all, windows reach over those too. A
    session that shows midnight, or what is no time, tells nothing: a plain date looks like that.
    """
    text = str(session or "")[:19]
    try:
        if text.endswith("00:00:00"):
            return machine
        own = measured(text, now)
    except ContractError:
        return machine
    if own.zone == machine.zone:
        return machine
    apart = abs(own.offset(now) - machine.offset(now)) + max(own.slack, machine.slack)
    return Wall(zone=own.zone, slack=apart)
