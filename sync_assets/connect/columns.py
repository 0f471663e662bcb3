"""Values out of decoded records: one typed column per declared path, and the reason when a value cannot be typed.

The only place where vendor JSON becomes typed columns. A value that has another type than documented rejects its
record alone. Not here: how one value is read (connect/kinds.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connect.kinds import READERS, SECONDS_MAX, dig
from sync_assets.connect.spec import Column
from sync_assets.model.errors import RejectError


def _whole(values: list[Any], unit: str) -> pa.Array:
    """A column of instants out of whole seconds or milliseconds, in one go; ArrowInvalid when one is out of range."""
    numbers = pa.array(values, type=pa.int64())
    far = pc.max(pc.abs(numbers)).as_py() or 0
    if far > SECONDS_MAX * (1000 if unit == "ms" else 1):
        raise pa.ArrowInvalid("out of range")
    return numbers.cast(pa.timestamp(unit, tz="UTC")).cast(INSTANT)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """The column type that one kind of value makes, and the Python type that needs no reading.

    `whole` reads a column of nothing but `plain` values at once; without it plain values are taken as they are.
    """

    arrow: pa.DataType | None = None
    plain: type | None = None
    whole: Callable[[list[Any]], pa.Array] | None = None


INSTANT = pa.timestamp("us", tz="UTC")
KINDS: Mapping[str, Kind] = {
    "text": Kind(arrow=pa.string(), plain=str),
    "whole_number": Kind(arrow=pa.string()),
    "integer": Kind(arrow=pa.int64(), plain=int),
    "decimal": Kind(),
    "flag": Kind(arrow=pa.bool_(), plain=bool),
    "unix_s": Kind(arrow=INSTANT, plain=int, whole=lambda values: _whole(values, "s")),
    "unix_ms": Kind(arrow=INSTANT, plain=int, whole=lambda values: _whole(values, "ms")),
    "iso": Kind(arrow=INSTANT),
    "wall": Kind(arrow=INSTANT),
    "day": Kind(arrow=pa.date32()),
    "list": Kind(),
    "record": Kind(),
}
"""Kind of a declared column to the column it makes."""


def _typed(values: list[Any], column: Column) -> tuple[list[Any], dict[int, str]]:
    """The values typed one by one, and the reason at each position that could not be."""
    read, typed, rejected = READERS[column.kind], [], {}
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
    types = set(map(type, values)) - {type(None)}
    is_plain = types <= {kind.plain}
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
