"""Functions the storage engine lacks: Oracle's dates, number pictures and exact sums, registered with sqlite.

Belongs here: plain Python behind a function name. How SuiteQL calls are turned into these is told by `functions`.
"""

import sqlite3
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import partial
from random import Random
from statistics import median
from typing import Any

from sync_assets.sandbox.vendors.netsuite.suiteql import date_formats, texts, zones
from sync_assets.sandbox.vendors.netsuite.values import display_date, number_text


def _unless_null(work: Callable[..., Any]) -> Callable[..., Any]:
    def answer(*arguments: Any) -> Any:
        return None if any(argument is None for argument in arguments) else work(*arguments)

    return answer


def _exact(value: Any) -> Decimal:
    return Decimal(number_text(value))


def _as_number(text: Any) -> Any:
    try:
        number = Decimal(str(text).strip())
    except InvalidOperation:
        raise ValueError(f"ORA-01722: invalid number: {text!r}") from None
    return int(number) if number == number.to_integral_value() else _inexact(number)


def _inexact(number: Decimal) -> Any:
    """The engine's own number: it knows no decimals, but 15 digits survive the way there and back."""
    return float(number)


def _picture(value: Any, picture: str) -> str:
    """TO_CHAR of a number: digits after the point, thousands' commas and FM are honoured."""
    tight = picture.upper().startswith("FM")
    digits = picture[2:] if tight else picture
    places = len(digits.partition(".")[2])
    comma = "," if "," in digits else ""
    rounded = _exact(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = format(rounded, f"{comma}.{places}f")
    return text if tight else text.rjust(len(digits) + 1)


def _round(value: Any, places: int) -> Any:
    """ROUND: half goes away from zero."""
    rounded = _exact(value).scaleb(places).quantize(Decimal(1), ROUND_HALF_UP).scaleb(-places)
    return _inexact(rounded) if places else int(rounded)


def _cut(value: Any, places: int) -> Any:
    scale = Decimal(10) ** places
    return _inexact(Decimal(int(_exact(value) * scale)) / scale) if places else int(_exact(value))


def _mod(value: Any, by: Any) -> Any:
    """MOD: the sign of the dividend; the dividend itself when the divisor is zero."""
    left, right = _exact(value), _exact(by)
    rest = left % right if right else left
    return int(rest) if rest == rest.to_integral_value() else _inexact(rest)


def _power(value: Any, by: Any) -> Any:
    return _as_number(_exact(value) ** _exact(by))


def _months_between(later: int, earlier: int) -> Any:
    return _inexact(date_formats.months_between(later, earlier))


class ExactSum:
    """SUM over decimals without the engine's rounding."""

    def __init__(self) -> None:
        self.total = Decimal(0)
        self.rows = 0

    def step(self, value: Any) -> None:
        if value is not None:
            self.total += _exact(value)
            self.rows += 1

    def finalize(self) -> Any:
        return _inexact(self.total) if self.rows else None


class ExactAverage(ExactSum):
    """AVG over decimals, likewise."""

    def finalize(self) -> Any:
        return _inexact(self.total / self.rows) if self.rows else None


class ExactMedian:
    """MEDIAN: the middle value, or halfway between the two in the middle."""

    def __init__(self) -> None:
        self.values: list[Decimal] = []

    def step(self, value: Any) -> None:
        if value is not None:
            self.values.append(_exact(value))

    def finalize(self) -> Any:
        return _inexact(median(self.values)) if self.values else None


_SCALARS: dict[str, tuple[int, Callable[..., Any]]] = {
    "ns_to_char": (2, date_formats.to_char),
    "ns_to_date": (2, date_formats.to_date),
    "ns_trunc_date": (2, date_formats.trunc_date),
    "ns_add_months": (2, date_formats.add_months),
    "ns_last_day": (1, date_formats.last_day),
    "ns_display_date": (2, display_date),
    "ns_number_text": (1, number_text),
    "ns_picture": (2, _picture),
    "ns_to_number": (1, _as_number),
    "ns_round": (2, _round),
    "ns_cut": (2, _cut),
    "ns_mod": (2, _mod),
    "ns_power": (2, _power),
    "ns_pad_left": (3, texts.pad_left),
    "ns_pad_right": (3, texts.pad_right),
    "ns_instr": (3, texts.place_of),
    "ns_capitals": (1, texts.capitals),
    "ns_translated": (3, texts.translated),
    "ns_pattern_replaced": (3, texts.pattern_replaced),
    "ns_pattern_found": (2, texts.pattern_found),
    "ns_pattern_place": (2, texts.pattern_place),
    "ns_bucket": (2, texts.bucket),
    "ns_next_day": (2, date_formats.next_day),
    "ns_months_between": (2, _months_between),
    "ns_from_tz": (2, zones.from_tz),
    "ns_extract_utc": (1, zones.extract_utc),
    "ns_wall_in": (2, zones.wall_in),
    "ns_at_zone": (2, zones.at_zone),
    "ns_offset_text": (2, zones.offset_text),
    "ns_zoned_to_char": (2, zones.zoned_to_char),
    "ns_to_zoned": (3, zones.to_zoned),
    "ns_new_time": (3, zones.new_time),
}


def register(database: sqlite3.Connection, ties: Random) -> None:
    """Make the functions known to the engine; `ties` decides the order of rows that nothing else orders."""
    for name, (count, work) in _SCALARS.items():
        database.create_function(name, count, _unless_null(work), deterministic=True)
    database.create_function("ns_tie", 0, partial(ties.getrandbits, 32))
    for name, count, aggregate in (("ns_sum", 1, ExactSum), ("ns_avg", 1, ExactAverage), ("ns_median", 1, ExactMedian)):
        database.create_aggregate(name, count, aggregate)
