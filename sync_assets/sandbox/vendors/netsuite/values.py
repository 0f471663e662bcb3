"""What a value becomes when it is stored, and what it looks like when a client reads it.

Belongs here: one value at a time, both ways. Dates are kept as whole seconds of the account's wall clock since
1970-01-01 00:00:00, so they compare, index and add like Oracle's DATE; decimals go in and out as text, never as float.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sync_assets.sandbox.vendors.netsuite.schema import Kind

Stored: TypeAlias = int | str | None
Encoder: TypeAlias = Callable[[Any], Stored]

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall clock on purpose
_DAY = 86_400

_DISPLAY: dict[str, str] = {
    "M/D/YYYY": "{month}/{day}/{year}",
    "MM/DD/YYYY": "{month:02}/{day:02}/{year}",
    "D/M/YYYY": "{day}/{month}/{year}",
    "DD/MM/YYYY": "{day:02}/{month:02}/{year}",
    "D.M.YYYY": "{day}.{month}.{year}",
    "YYYY-MM-DD": "{year}-{month:02}-{day:02}",
    "YYYY-M-D": "{year}-{month}-{day}",
}
"""The date formats an account may choose, of those seen in the field (Source: Airbyte's NetSuite connector)."""


def to_seconds(wall: datetime) -> int:
    """Whole wall-clock seconds since 1970 of a moment without zone."""
    delta = wall - EPOCH
    return delta.days * _DAY + delta.seconds


def to_wall(seconds: int) -> datetime:
    """The wall-clock moment, without zone, of stored seconds."""
    return EPOCH + timedelta(seconds=seconds)


@lru_cache(maxsize=4096)
def wall_seconds(instant: datetime, zone: ZoneInfo) -> int:
    """What the clock on the account's wall shows at an aware instant, as stored seconds."""
    return to_seconds(instant.astimezone(zone).replace(tzinfo=None))


def as_utc(seconds: int, zone: ZoneInfo) -> datetime:
    """The aware instant of stored seconds; the first of two in the hour that autumn repeats."""
    return to_wall(seconds).replace(tzinfo=zone).astimezone(UTC)


def _from_text(text: str) -> datetime:
    """An ISO text, or the wall clock with an hour of one digit that exports of NetSuite have."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - wall clock on purpose


def _moment(value: Any, zone: ZoneInfo) -> Stored:
    if isinstance(value, str):
        value = _from_text(value)
    if isinstance(value, datetime):
        return wall_seconds(value, zone) if value.tzinfo else to_seconds(value)
    if isinstance(value, date):
        return to_seconds(datetime(value.year, value.month, value.day))  # noqa: DTZ001
    raise ValueError(f"{value!r} is no instant.")


def _day(value: Any, zone: ZoneInfo) -> Stored:
    seconds = _moment(value, zone)
    return seconds - seconds % _DAY if isinstance(seconds, int) else seconds


def _exactly(value: Any) -> Any:
    if isinstance(value, bool | float):
        raise ValueError(f"{value!r} is no exact number: give a Decimal, a whole number or text.")  # noqa: TRY004
    return value


def _integer(value: Any, _zone: ZoneInfo) -> Stored:
    return value if type(value) is int else int(_exactly(value))


def _decimal(value: Any, _zone: ZoneInfo) -> Stored:
    return str(Decimal(_exactly(value)))


def _boolean(value: Any, _zone: ZoneInfo) -> Stored:
    if value in (True, "T"):
        return "T"
    if value in (False, "F"):
        return "F"
    raise ValueError(f"{value!r} is neither T nor F.")


def _text(value: Any, _zone: ZoneInfo) -> Stored:
    return str(value)


_ENCODE: dict[Kind, Callable[[Any, ZoneInfo], Stored]] = {
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.TEXT: _text,
    Kind.BOOLEAN: _boolean,
    Kind.DAY: _day,
    Kind.MOMENT: _moment,
}


def encoder(kind: Kind, zone: ZoneInfo) -> Encoder:
    """What turns a value put into a column of that kind into its stored form; an empty string is null, as in Oracle.

    The encoder raises ValueError when the value cannot be of that kind (a float never can).
    """
    encode = _ENCODE[kind]
    return partial(_unless_empty, encode, zone)


def _unless_empty(encode: Callable[[Any, ZoneInfo], Stored], zone: ZoneInfo, value: Any) -> Stored:
    return None if value is None or value == "" else encode(value, zone)


def number_text(value: Any) -> str:
    """A number as NetSuite prints it: plain digits, no exponent, no closing zeros, at most 15 significant digits."""
    if isinstance(value, int):
        return str(value)
    digits = Decimal(format(value, ".15g"))
    text = format(digits, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def display_date(seconds: int, date_format: str) -> str:
    """A date as the account displays it, e.g. `3/9/2026`; the time of day is lost."""
    wall = to_wall(seconds)
    return _DISPLAY[date_format].format(year=wall.year, month=wall.month, day=wall.day)
