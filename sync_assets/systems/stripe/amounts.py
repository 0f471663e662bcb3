"""Stripe's amounts in our units: Stripe's smallest unit to ISO 4217 minor units.

Source: docs.stripe.com/currencies (zero-decimal currencies, special cases): as in ISO 4217, except that MGA is in the
major unit, and ISK and UGX are in hundredths that are always 00. HUF and TWD are in hundredths here as in ISO; that
their manual payouts must be whole is a rule about payouts, not a unit.
"""

import pandas as pd
import pyarrow as pa

from sync_assets.connect.values import INT, TEXT
from sync_assets.model.money import EXPONENTS

_DECIMALS = {**EXPONENTS, "MGA": 0, "ISK": 2, "UGX": 2}
"""How many decimals Stripe's whole numbers of a currency have."""


def code(currencies: pd.Series) -> pd.Series:
    """ISO codes of Stripe's lower-case ones."""
    return currencies.str.upper().astype(TEXT)


def minor(amounts: pd.Series, currencies: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Minor units of amounts in currencies (ISO codes), and where an amount has decimals that its currency has not."""
    shifts = [EXPONENTS.get(currency, 0) - _DECIMALS.get(currency, 0) for currency in currencies]
    if not any(shifts):
        return amounts, pd.Series([False] * len(amounts), index=amounts.index)
    units: list[int | None] = []
    broken: list[bool] = []
    for amount, shift in zip(amounts, shifts, strict=True):
        unit, rest = (None, 0) if pd.isna(amount) else divmod(int(amount) * 10 ** max(shift, 0), 10 ** max(-shift, 0))
        units.append(unit)
        broken.append(rest != 0)
    index = amounts.index
    return pd.Series(pa.array(units, pa.int64()), dtype=INT, index=index), pd.Series(broken, index=index)
