"""Values out of decoded records: one typed column per declared path, and the reason when a value cannot be typed.

The only place where vendor JSON becomes typed columns. A value that has another type than documented rejects its
record alone; the coercions that are allowed are listed here and nowhere else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connect.spec import Column
from sync_assets.model.errors import RejectError
from sync_assets.model.money import decimal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_MAX = 32_503_680_000
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
    if abs(seconds) > _SECONDS_MAX:
        raise RejectError("date")
    return _EPOCH + timedelta(seconds=seconds)


def _unix_ms(value: Any) -> datetime:
    milliseconds = _integer(value)
    if abs(milliseconds) > _SECONDS_MAX * 1000:
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


def _whole(values: list[Any], unit: str) -> pa.Array:
    """A column of instants out of whole seconds or milliseconds, in one go; ArrowInvalid when one is out of range."""
    numbers = pa.array(values, type=pa.int64())
    far = pc.max(pc.abs(numbers)).as_py() or 0
    if far > _SECONDS_MAX * (1000 if unit == "ms" else 1):
        raise pa.ArrowInvalid("out of range")
    return numbers.cast(pa.timestamp(unit, tz="UTC")).cast(INSTANT)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How one kind of value is read, the column type it makes, and the Python type that needs no reading.

    `whole` reads a column of nothing but `plain` values at once; without it plain values are taken as they are.
    """

    read: Callable[[Any], Any]
    arrow: pa.DataType | None = None
    plain: type | None = None
    whole: Callable[[list[Any]], pa.Array] | None = None


INSTANT = pa.timestamp("us", tz="UTC")
KINDS: Mapping[str, Kind] = {
    "text": Kind(read=_text, arrow=pa.string(), plain=str),
    "integer": Kind(read=_integer, arrow=pa.int64(), plain=int),
    "decimal": Kind(read=decimal),
    "flag": Kind(read=_flag, arrow=pa.bool_(), plain=bool),
    "unix_s": Kind(read=_unix_s, arrow=INSTANT, plain=int, whole=lambda values: _whole(values, "s")),
    "unix_ms": Kind(read=_unix_ms, arrow=INSTANT, plain=int, whole=lambda values: _whole(values, "ms")),
    "iso": Kind(read=_iso, arrow=INSTANT),
    "wall": Kind(read=_wall, arrow=INSTANT),
    "day": Kind(read=_day, arrow=pa.date32()),
    "list": Kind(read=_list),
    "record": Kind(read=_record),
}
"""Kind of a declared column to how it is read."""


def dig(record: Any, path: Sequence[str]) -> Any:
    """The value at a path of nested objects; None where the path ends early."""
    for step in path:
        if not isinstance(record, dict):
            return None
        record = record.get(step)
    return record


def read_value(kind: str, value: Any) -> Any:
    """One typed value; None stays None. RejectError when it cannot be typed."""
    return None if value is None else KINDS[kind].read(value)


def _typed(values: list[Any], column: Column) -> tuple[list[Any], dict[int, str]]:
    """The values typed one by one, and the reason at each position that could not be."""
    read, typed, rejected = KINDS[column.kind].read, [], {}
    for position, value in enumerate(values):
        try:
            typed.append(None if value is None else read(value))
        except RejectError as error:
            typed.append(None)
            rejected[position] = error.reason
    return typed, rejected


def _series(values: list[Any], column: Column) -> tuple[pd.Series, dict[int, str]]:
    """One column as pandas sees it, and the rejected positions with their reasons."""
    kind, rejected = KINDS[column.kind], dict[int, str]()
    is_plain = kind.plain is not None and set(map(type, values)) <= {kind.plain, type(None)}
    if not is_plain:
        values, rejected = _typed(values, column)
    if column.required:
        rejected |= {at: rejected.get(at, "missing_field") for at, value in enumerate(values) if value is None}
    if kind.arrow is None:
        return pd.Series(values, dtype="object"), rejected
    try:
        array = kind.whole(values) if is_plain and kind.whole else pa.array(values, type=kind.arrow)
    except (pa.ArrowInvalid, OverflowError, UnicodeEncodeError):
        values, more = _typed(values, column)
        rejected |= more
        array = pa.array(values, type=kind.arrow)
    return pd.Series(array, dtype=pd.ArrowDtype(kind.arrow)), rejected


def typed_columns(
    columns: Sequence[Column], values_of: Callable[[Column], list[Any]]
) -> tuple[pd.DataFrame, dict[int, str]]:
    """A frame with one typed column per declaration, and the reason per rejected row."""
    data, rejected = {}, dict[int, str]()
    for column in columns:
        data[column.name], reasons = _series(values_of(column), column)
        rejected = reasons | rejected
    return pd.DataFrame(data), rejected


def read_columns(records: Sequence[dict[str, Any]], columns: Sequence[Column]) -> tuple[pd.DataFrame, dict[int, str]]:
    """The same for records at hand: one row per record."""
    return typed_columns(columns, lambda column: [dig(record, column.path.split(".")) for record in records])


def decimals(values: Sequence[Decimal | None]) -> pd.Series:
    """A column of exact decimals."""
    return pd.Series(list(values), dtype="object")
