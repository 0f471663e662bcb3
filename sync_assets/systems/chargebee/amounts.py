"""Chargebee's amounts in our units: "cents" to ISO minor units, and unit prices to exact major units.

Source: apidocs.chargebee.com/docs/api/currencies: a whole number is in the major unit for a currency without decimals
and in hundredths of it for every other one, also where ISO 4217 has three decimals; `*_in_decimal` texts are in the
major unit and stand beside the whole numbers when decimals are enabled.
"""

from decimal import Decimal
from functools import lru_cache
from typing import Any

import pandas as pd
import pyarrow as pa

from sync_assets.connect.values import INT, looked_up, plain
from sync_assets.model.money import EXPONENTS

_REMEMBERED = 65_536
"""Numbers whose decimal is made once: few prices and quantities occur in many lines."""

_DECIMALS = {currency: 0 if places == 0 else 2 for currency, places in EXPONENTS.items()}
"""How many decimals Chargebee's whole numbers of a currency have."""

_FACTORS = {currency: 10 ** (places - _DECIMALS[currency]) for currency, places in EXPONENTS.items()}
"""Minor units in one of Chargebee's: 1 for EUR and JPY, 10 for KWD."""


def minor(cents: pd.Series, currencies: pd.Series) -> pd.Series:
    """Minor units, e.g. 153 KWD "cents" (1.53) are 1530; empty where the amount is, or where no currency is known."""
    factors = looked_up(currencies, _FACTORS, pa.int64())
    return (cents.astype("Int64") * factors.astype("Int64")).astype(INT)


def major(cents: pd.Series, exact: pd.Series, currencies: pd.Series) -> pd.Series:
    """Unit prices in the major unit: the exact decimal where there is one, else the whole number."""
    return pd.Series(
        [
            decimal if decimal is not None else _major(amount, currency)
            for amount, decimal, currency in zip(plain(cents), plain(exact), plain(currencies), strict=True)
        ],
        index=cents.index,
        dtype="object",
    )


@lru_cache(maxsize=_REMEMBERED)
def _major(amount: Any, currency: str) -> Decimal | None:
    if currency not in _DECIMALS or pd.isna(amount):
        return None
    return Decimal(int(amount)).scaleb(-_DECIMALS[currency])


def quantity(whole: pd.Series, exact: pd.Series) -> pd.Series:
    """Quantities: the exact decimal where there is one, else the whole number; empty for flat fees."""
    return pd.Series(
        [
            decimal if decimal is not None else _whole(number)
            for number, decimal in zip(plain(whole), plain(exact), strict=True)
        ],
        index=whole.index,
        dtype="object",
    )


@lru_cache(maxsize=_REMEMBERED)
def _whole(number: Any) -> Decimal | None:
    return None if pd.isna(number) else Decimal(int(number))


def summed(lists: pd.Series, name: str) -> pd.Series:
    """The sum of one whole number over each record's list; empty where there is no list."""
    return pd.Series(
        [
            None if not isinstance(entries, list) else sum(int(entry.get(name) or 0) for entry in entries)
            for entries in plain(lists)
        ],
        index=lists.index,
        dtype="Int64",
    )
