"""One value of a record read as its declared kind, or the reason why it cannot be. Loads no pandas.

The coercions that are allowed are listed here and nowhere else. Not here: whole columns of values (connect/columns.py).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sync_assets.model.errors import RejectError
from sync_assets.model.keys import salesforce_id_or_text
from sync_assets.model.money import decimal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS_MAX = 32_503_680_000
"""The year 3000: a larger number of seconds is milliseconds in disguise."""

SENTINELS = ("0001-01-01", "9999-12-31", "0000-00-00")
"""Days that systems write when they mean "none"."""


def _text(value: Any) -> str:
    """Text; whole numbers are written out, an expanded object stands for its id."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        raise RejectError("type")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        return str(value["id"])
    raise RejectError("type")


def _whole_number(value: Any) -> str:
    """The text of a whole number, such as an id that orders records."""
    text = _text(value)
    if not (text.isascii() and text.removeprefix("-").isdigit()):
        raise RejectError("type")
    return text


def _integer(value: Any) -> int:
    """A whole number within 64 bits, also when written as text."""
    number = value if type(value) is int else decimal(value)
    whole = int(number)
    if whole != number:
        raise RejectError("type")
    if not -(2**63) <= whole < 2**63:
        raise RejectError("number_size")
    return whole


_FLAGS = {"T": True, "F": False, "true": True, "false": False}


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    try:
        return _FLAGS[value]
    except (KeyError, TypeError):
        raise RejectError("type") from None


def _unix_s(value: Any) -> datetime:
    seconds = _integer(value)
    if abs(seconds) > SECONDS_MAX:
        raise RejectError("date")
    return _EPOCH + timedelta(seconds=seconds)


def _unix_ms(value: Any) -> datetime:
    milliseconds = _integer(value)
    if abs(milliseconds) > SECONDS_MAX * 1000:
        raise RejectError("date")
    return _EPOCH + timedelta(milliseconds=milliseconds)


def _iso(value: Any) -> datetime | None:
    """An instant with its zone; a leap second counts as the last microsecond before it."""
    if not isinstance(value, str):
        raise RejectError("type")
    if value.startswith(SENTINELS):
        return None
    text, leap = value, value[17:19] == "60"
    if leap:
        text = f"{value[:17]}59.999999{value[19:].lstrip('.0123456789')}"
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise RejectError("date") from None
    if instant.tzinfo is None:
        raise RejectError("tz_unknown")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise RejectError("date") from None


def _day(value: Any) -> date | None:
    if not isinstance(value, str):
        raise RejectError("type")
    if value.startswith(SENTINELS):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise RejectError("date") from None


def _wall(value: Any) -> datetime | None:
    """A wall-clock time with its zone behind it: an offset, a blank and an IANA name, or nothing for UTC.

    A zone alone is no time: some databases put it behind a null as well. An hour that happens twice counts as its
    first pass.
    """
    if not isinstance(value, str):
        raise RejectError("type")
    if value.startswith(SENTINELS) or value[:1] in ("", " ", "+", "-"):
        return None
    zone = value[20:] if value[19:20] == " " else ""
    try:
        instant = datetime.fromisoformat(value[:19] if zone else value)
        known = instant.tzinfo or (ZoneInfo(zone) if zone else UTC)
        return instant.replace(tzinfo=known).astimezone(UTC)
    except ZoneInfoNotFoundError:
        raise RejectError("tz_unknown") from None
    except (ValueError, OverflowError):
        raise RejectError("date") from None


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise RejectError("type")
    return value


def _record(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RejectError("type")
    return value


def _salesforce_id(value: Any) -> str:
    """A record id that is written with 15 or 18 characters, in the longer form."""
    return salesforce_id_or_text(_text(value))


READERS: Mapping[str, Callable[[Any], Any]] = {
    "text": _text,
    "whole_number": _whole_number,
    "integer": _integer,
    "decimal": decimal,
    "flag": _flag,
    "unix_s": _unix_s,
    "unix_ms": _unix_ms,
    "iso": _iso,
    "wall": _wall,
    "day": _day,
    "list": _list,
    "record": _record,
    "salesforce_id": _salesforce_id,
}
"""Kind of a declared column to how one value of it is read."""


def dig(record: Any, path: Sequence[str]) -> Any:
    """The value at a path of nested objects; None where the path ends early."""
    for step in path:
        if not isinstance(record, dict):
            return None
        record = record.get(step)
    return record


def read_value(kind: str, value: Any) -> Any:
    """One typed value; None stays None. RejectError when it cannot be typed."""
    return None if value is None else READERS[kind](value)
