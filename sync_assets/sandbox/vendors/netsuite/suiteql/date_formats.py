"""Oracle's date format models: a date as text and back.

Belongs here: `TO_CHAR` and `TO_DATE` for the elements SuiteQL users write. Dates are wall-clock seconds (see `values`).
Source: Oracle Database SQL Language Reference, Datetime Format Models.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from sync_assets.sandbox.vendors.netsuite.values import to_seconds, to_wall

_ELEMENT = re.compile(
    r'"(?P<literal>[^"]*)"|(?P<element>FM|FX|YYYY|RRRR|IYYY|YY|RR|MONTH|MON|MM|MI|DDD|DD|DAY|DY|DS|D|HH24|HH12|HH|TZH|TZM|TZR'
    r"|SSSSS|SS|FF[1-9]?|TS|A\.M\.|P\.M\.|AM|PM|Q|IW|WW|W)|(?P<mark>[^A-Za-z0-9\"])",
    re.IGNORECASE,
)


def _half(wall: datetime) -> str:
    return "AM" if wall.hour < 12 else "PM"


_RENDER: dict[str, Callable[[datetime], tuple[int, int] | tuple[str, int]]] = {
    "YYYY": lambda wall: (wall.year, 4),
    "RRRR": lambda wall: (wall.year, 4),
    "IYYY": lambda wall: (wall.isocalendar().year, 4),
    "YY": lambda wall: (wall.year % 100, 2),
    "RR": lambda wall: (wall.year % 100, 2),
    "Q": lambda wall: ((wall.month + 2) // 3, 1),
    "MM": lambda wall: (wall.month, 2),
    "MON": lambda wall: (wall.strftime("%b"), 3),
    "MONTH": lambda wall: (wall.strftime("%B"), 9),
    "WW": lambda wall: ((wall.timetuple().tm_yday + 6) // 7, 2),
    "IW": lambda wall: (wall.isocalendar().week, 2),
    "W": lambda wall: ((wall.day + 6) // 7, 1),
    "DDD": lambda wall: (wall.timetuple().tm_yday, 3),
    "DD": lambda wall: (wall.day, 2),
    "DAY": lambda wall: (wall.strftime("%A"), 9),
    "DY": lambda wall: (wall.strftime("%a"), 3),
    "D": lambda wall: (wall.isoweekday() % 7 + 1, 1),
    "HH24": lambda wall: (wall.hour, 2),
    "HH12": lambda wall: ((wall.hour + 11) % 12 + 1, 2),
    "HH": lambda wall: ((wall.hour + 11) % 12 + 1, 2),
    "MI": lambda wall: (wall.minute, 2),
    "SS": lambda wall: (wall.second, 2),
    "DS": lambda wall: (f"{wall.month}/{wall.day}/{wall.year}", 0),
    "TS": lambda wall: (f"{(wall.hour + 11) % 12 + 1}{wall.strftime(':%M:%S')} {_half(wall)}", 0),
    "SSSSS": lambda wall: (wall.hour * 3600 + wall.minute * 60 + wall.second, 5),
    "AM": lambda wall: (_half(wall), 2),
    "PM": lambda wall: (_half(wall), 2),
    "A.M.": lambda wall: (".".join(_half(wall)) + ".", 4),
    "P.M.": lambda wall: (".".join(_half(wall)) + ".", 4),
}

_READ: dict[str, str] = {
    "YYYY": r"(?P<year>\d{1,4})",
    "RRRR": r"(?P<year>\d{1,4})",
    "YY": r"(?P<short_year>\d{1,2})",
    "RR": r"(?P<short_year>\d{1,2})",
    "MM": r"(?P<month>\d{1,2})",
    "MON": r"(?P<month_name>[A-Za-z]{3,9})",
    "MONTH": r"(?P<month_name>[A-Za-z]{3,9})",
    "DD": r"(?P<day>\d{1,2})",
    "DY": r"[A-Za-z]{3}",
    "DAY": r"[A-Za-z]{6,9}",
    "HH24": r"(?P<hour>\d{1,2})",
    "HH12": r"(?P<hour>\d{1,2})",
    "HH": r"(?P<hour>\d{1,2})",
    "MI": r"(?P<minute>\d{1,2})",
    "SS": r"(?P<second>\d{1,2})",
    "AM": r"(?P<half>[AaPp]\.?[Mm]\.?)",
    "PM": r"(?P<half>[AaPp]\.?[Mm]\.?)",
    "A.M.": r"(?P<half>[AaPp]\.?[Mm]\.?)",
    "P.M.": r"(?P<half>[AaPp]\.?[Mm]\.?)",
    "FF": r"\d{1,9}",
    "TZH": r"(?P<zone_hour>[+-]\d{1,2})",
    "TZM": r"(?P<zone_minute>\d{2})",
    "TZR": r"(?P<region>[A-Za-z_]+(?:/[A-Za-z_]+)*|[+-]\d{1,2}:\d{2})",
}

_MONTHS = {
    name: number for number, name in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), start=1)
}


@lru_cache(maxsize=256)
def _elements(model: str) -> tuple[tuple[str, str], ...]:
    """The format model as (element, as it was spelled); literals and marks have an empty element."""
    found: list[tuple[str, str]] = []
    position = 0
    while position < len(model):
        match = _ELEMENT.match(model, position)
        if match is None:
            raise ValueError(f"ORA-01821: date format not recognized: {model}")
        position = match.end()
        element = (match["element"] or "").upper()
        found.append((element, match.group() if match["literal"] is None else match["literal"]))
    return tuple(found)


def _cased(text: str, spelled: str) -> str:
    if spelled.isupper():
        return text.upper()
    return text.lower() if spelled.islower() else text


def to_char(seconds: int, model: str) -> str:
    """The date in that format model.

    Raises:
        ValueError: a format model Oracle does not know.
    """
    wall, padded, parts = to_wall(seconds), True, []
    for element, spelled in _elements(model):
        if not element:
            parts.append(spelled)
        elif element in ("FM", "FX"):
            padded = not padded if element == "FM" else padded
        elif element.startswith("FF"):
            parts.append("0" * int(element[2:] or 6))
        else:
            if element not in _RENDER:
                raise ValueError(f"ORA-01821: date format not recognized: {model}")
            value, width = _RENDER[element](wall)
            if isinstance(value, int):
                parts.append(str(value).zfill(width) if padded else str(value))
            else:
                parts.append(_cased(value, spelled).ljust(width) if padded else _cased(value, spelled))
    return "".join(parts)


@lru_cache(maxsize=256)
def _pattern(model: str) -> re.Pattern[str]:
    """The text a date of that model may have; elements at the end may be missing, as Oracle allows."""
    parts: list[str] = []
    for element, spelled in _elements(model):
        if element in ("FM", "FX"):
            continue
        key = "FF" if element.startswith("FF") else element
        if key and key not in _READ:
            raise ValueError(f"ORA-01820: format code cannot appear in date input format: {model}")
        literal = spelled.isalpha()
        parts.append(_READ[key] if key else re.escape(spelled) if literal else r"[\s\W_]*")
    whole = "".join(f"(?:{part}" for part in parts) + ")?" * len(parts)
    return re.compile(rf"\s*{whole}\s*\Z")


def read_parts(text: str, model: str) -> dict[str, str]:
    """The parts of a text in that format model, as far as they are there.

    Raises:
        ValueError: the text is not in that format.
    """
    match = _pattern(model).match(text)
    if match is None or not text.strip():
        raise ValueError(f"ORA-01861: literal does not match format string: {text!r} {model!r}")
    return {name: value for name, value in match.groupdict().items() if value is not None}


def to_date(text: str, model: str) -> int:
    """The stored seconds of a text in that format model; parts the model does not name are the smallest.

    Raises:
        ValueError: the text is not in that format, or names no real day.
    """
    found = read_parts(text, model)
    year = int(found["year"]) if "year" in found else 2000 + int(found.get("short_year", "0"))
    month = _MONTHS[found["month_name"][:3].upper()] if "month_name" in found else int(found.get("month", "1"))
    hour = int(found.get("hour", "0"))
    if "half" in found:
        hour = hour % 12 + (12 if found["half"].upper().startswith("P") else 0)
    minute, second = int(found.get("minute", "0")), int(found.get("second", "0"))
    return to_seconds(datetime(year, month, int(found.get("day", "1")), hour, minute, second))  # noqa: DTZ001


def add_months(seconds: int, months: int) -> int:
    """ADD_MONTHS: the same day of another month, its last day when either is a last day."""
    wall = to_wall(seconds)
    whole = wall.year * 12 + wall.month - 1 + months
    first = wall.replace(year=whole // 12, month=whole % 12 + 1, day=1)
    longest = _length(first)
    day = longest if wall.day == _length(wall) else min(wall.day, longest)
    return to_seconds(first.replace(day=day))


def last_day(seconds: int) -> int:
    """LAST_DAY: the last day of the month, the time of day kept."""
    wall = to_wall(seconds)
    return to_seconds(wall.replace(day=_length(wall)))


def next_day(seconds: int, name: str) -> int:
    """NEXT_DAY: the first such weekday after the date, at the same time of day."""
    wall = to_wall(seconds)
    for days in range(1, 8):
        later = wall + timedelta(days=days)
        if later.strftime("%A").upper().startswith(name.upper()) and len(name) > 2:
            return to_seconds(later)
    raise ValueError(f"ORA-01846: not a valid day of the week: {name}")


def months_between(later: int, earlier: int) -> Decimal:
    """MONTHS_BETWEEN: whole months on same or last days, otherwise with the rest as 31sts of a month."""
    one, other = to_wall(later), to_wall(earlier)
    months = (one.year - other.year) * 12 + one.month - other.month
    if one.day == other.day or (one.day == _length(one) and other.day == _length(other)):
        return Decimal(months)
    seconds = (one.day - other.day) * 86_400 + later % 86_400 - earlier % 86_400
    return months + Decimal(seconds) / (31 * 86_400)


def _length(wall: datetime) -> int:
    first = wall.replace(day=1)
    return ((first + timedelta(days=32)).replace(day=1) - first).days


_UNITS: dict[str, Callable[[datetime], datetime]] = {
    "YEAR": lambda day: day.replace(month=1, day=1),
    "Q": lambda day: day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
    "MONTH": lambda day: day.replace(day=1),
    "IW": lambda day: day - timedelta(days=day.weekday()),
    "DAY": lambda day: day - timedelta(days=day.isoweekday() % 7),
    "DD": lambda day: day,
}
_UNITS |= dict.fromkeys(("YYYY", "YY", "RRRR", "SYYYY"), _UNITS["YEAR"])
_UNITS |= dict.fromkeys(("MM", "MON", "RM"), _UNITS["MONTH"]) | dict.fromkeys(("D", "DY"), _UNITS["DAY"])
_UNITS |= dict.fromkeys(("DDD", "J"), _UNITS["DD"])


def trunc_date(seconds: int, unit: str) -> int:
    """TRUNC(date, unit): the start of the year, quarter, month, week, day, hour or minute.

    Raises:
        ValueError: a unit Oracle does not know.
    """
    wall = to_wall(seconds).replace(second=0)
    if unit.upper() in ("HH", "HH24", "HH12"):
        return to_seconds(wall.replace(minute=0))
    if unit.upper() == "MI":
        return to_seconds(wall)
    if unit.upper() not in _UNITS:
        raise ValueError(f"ORA-01898: too many precision specifiers: {unit}")
    return to_seconds(_UNITS[unit.upper()](wall.replace(hour=0, minute=0)))
