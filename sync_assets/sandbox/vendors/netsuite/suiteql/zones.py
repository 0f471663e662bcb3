"""Oracle's timestamps with time zone: an instant and the zone it is told in.

Belongs here: FROM_TZ, SYS_EXTRACT_UTC, AT TIME ZONE and their text, over values kept as `<UTC seconds>@<zone>`.
Source: Oracle Database SQL Language Reference; Oracle online help, SuiteQL Supported Built-in Functions.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sync_assets.sandbox.vendors.netsuite.suiteql.date_formats import read_parts, to_char, to_date
from sync_assets.sandbox.vendors.netsuite.values import to_seconds, to_wall

_OFFSET = re.compile(r"([+-])(\d{1,2}):(\d{2})\Z")
_ZONE_ELEMENT = re.compile(r"TZH|TZM|TZR|TZD", re.IGNORECASE)
_ABBREVIATED_H = {"GMT": 0, "AST": -4, "ADT": -3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6}
_ABBREVIATED_H |= {"PST": -8, "PDT": -7, "YST": -9, "YDT": -8, "HST": -10, "HDT": -9}


def _zone(name: str) -> tzinfo:
    offset = _OFFSET.match(name)
    if offset is not None:
        minutes = int(offset[2]) * 60 + int(offset[3])
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"ORA-01882: timezone region not found: {name}") from None


def _utc(seconds: int) -> datetime:
    return to_wall(seconds).replace(tzinfo=UTC)


def _told(zoned: str) -> datetime:
    seconds, _, name = zoned.partition("@")
    return _utc(int(seconds)).astimezone(_zone(name))


def from_tz(wall: int, name: str) -> str:
    """FROM_TZ: a wall clock of a zone as an instant; of the hour that autumn repeats, the second (standard time).

    Raises:
        ValueError: no such zone, or an hour that spring leaves out there (ORA-01878).
    """
    local = to_wall(wall).replace(tzinfo=_zone(name), fold=1)
    instant = local.astimezone(UTC)
    if instant.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError("ORA-01878: specified field not found in datetime or interval")
    return f"{to_seconds(instant.replace(tzinfo=None))}@{name}"


def extract_utc(zoned: str) -> int:
    """SYS_EXTRACT_UTC: the wall clock of UTC at that instant."""
    return int(zoned.partition("@")[0])


def wall_in(zoned: str, name: str) -> int:
    """The wall clock of a zone at that instant."""
    return to_seconds(_utc(extract_utc(zoned)).astimezone(_zone(name)).replace(tzinfo=None))


def at_zone(zoned: str, name: str) -> str:
    """AT TIME ZONE: the same instant, told in another zone."""
    _zone(name)
    return f"{extract_utc(zoned)}@{name}"


def offset_text(seconds: int, name: str) -> str:
    """TZ_OFFSET: how far a zone is from UTC at an instant, e.g. `-07:00`."""
    return _utc(seconds).astimezone(_zone(name)).isoformat()[-6:]


def zoned_to_char(zoned: str, model: str) -> str:
    """TO_CHAR of a timestamp with time zone; TZH, TZM, TZR and TZD tell the zone."""
    told = _told(zoned)
    offset = told.isoformat()[-6:]
    name = zoned.partition("@")[2]
    elements = {"TZH": offset[:3], "TZM": offset[4:], "TZR": name, "TZD": told.tzname() or name}
    quoted = _ZONE_ELEMENT.sub(lambda found: f'"{elements[found[0].upper()]}"', model)
    return to_char(to_seconds(told.replace(tzinfo=None)), quoted)


def to_zoned(text: str, model: str, session: str) -> str:
    """TO_TIMESTAMP_TZ: a text with its zone or offset; without one it is told in the session's zone."""
    parts = read_parts(text, model)
    offset = f"{parts['zone_hour']}:{parts.get('zone_minute', '00')}" if "zone_hour" in parts else ""
    return from_tz(to_date(text, model), parts.get("region") or offset or session)


def new_time(wall: int, here: str, there: str) -> int:
    """NEW_TIME: a wall clock carried from one of Oracle's abbreviated zones to another."""
    if here.upper() not in _ABBREVIATED_H or there.upper() not in _ABBREVIATED_H:
        raise ValueError(f"ORA-01857: not a valid time zone: {here}, {there}")
    return wall + 3600 * (_ABBREVIATED_H[there.upper()] - _ABBREVIATED_H[here.upper()])
