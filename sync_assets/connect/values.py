"""What mappings do with columns again and again: money between major and minor units, words between vocabularies.

Pure functions over pandas columns; a value that cannot be translated makes its row a reject, never a wrong value.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa

from sync_assets.model.errors import RejectError
from sync_assets.model.money import EXPONENTS, from_minor, to_minor

TEXT = pd.ArrowDtype(pa.string())
INT = pd.ArrowDtype(pa.int64())


def plain(column: pd.Series) -> list[Any]:
    """The values of a column as Python's own, None where there is none; many times faster than iterating over it."""
    values: list[Any] = pa.array(column).to_pylist() if isinstance(column.dtype, pd.ArrowDtype) else column.tolist()
    return values


def looked_up(column: pd.Series, table: Mapping[str, Any], kind: pa.DataType) -> pd.Series:
    """What a table says of each text, empty where it says nothing; asked once per distinct text."""
    texts = pa.array(column, type=pa.string(), from_pandas=True)
    texts = (texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts).dictionary_encode()
    said = pa.array([table.get(one) for one in texts.dictionary.to_pylist()], type=kind)
    return pd.Series(said.take(texts.indices), dtype=pd.ArrowDtype(kind), index=column.index)


def text(values: list[str | None], index: pd.Index) -> pd.Series:
    """A text column."""
    return pd.Series(pa.array(values, type=pa.string()), dtype=TEXT, index=index)


def constant(value: str, frame: pd.DataFrame) -> pd.Series:
    """A text column with one value."""
    return text([value] * len(frame), frame.index)


def reference(role: str, ids: pd.Series) -> pd.Series:
    """`role:record_id` where there is an id, e.g. ("crm", 0015...) -> "crm:0015..."."""
    present = ids.notna() & (ids != "")
    return (role + ":" + ids.where(present)).astype(TEXT)


def words(values: pd.Series, table: Mapping[str, str]) -> tuple[pd.Series, pd.Series]:
    """Our word for each of the vendor's, and where the vendor used a word that its document does not list."""
    ours = looked_up(values, table, pa.string())
    return ours, (values.notna() & ours.isna()).astype(bool)


def minor(amounts: pd.Series, currencies: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Minor units of major-unit decimals, and the reason (or NA) where an amount does not fit its currency."""
    units: list[int | None] = []
    reasons: list[str | None] = []
    for amount, currency in zip(plain(amounts), plain(currencies), strict=True):
        unit, reason = _minor(amount, currency)
        units.append(unit)
        reasons.append(reason)
    index = amounts.index
    return pd.Series(pa.array(units, type=pa.int64()), dtype=INT, index=index), text(reasons, index)


def _minor(amount: Decimal | None, currency: str) -> tuple[int | None, str | None]:
    if amount is None:
        return None, None
    try:
        return to_minor(amount, currency), None
    except RejectError as error:
        return None, error.reason


def major(units: pd.Series, currencies: pd.Series) -> pd.Series:
    """Exact major-unit decimals of minor units (for unit prices); None where either is absent or no currency."""
    return pd.Series(
        [
            from_minor(unit, currency) if currency in EXPONENTS and unit is not None else None
            for unit, currency in zip(plain(units.astype(INT)), plain(currencies), strict=True)
        ],
        index=units.index,
        dtype="object",
    )


def rejected(frame: pd.DataFrame, *reasons: tuple[pd.Series, str] | pd.Series) -> pd.Series:
    """One `reject` column out of masks with their reason and columns of reasons; the first reason of a row wins."""
    column = text([None] * len(frame), frame.index)
    for item in reasons:
        found = item if isinstance(item, pd.Series) else text([None] * len(frame), frame.index).mask(item[0], item[1])
        column = column.fillna(found.astype(TEXT))
    return column
