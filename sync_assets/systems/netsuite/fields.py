"""How NetSuite writes things: days, flags, amounts, statuses, external ids; read the same way by every mapping.

Belongs here: readings that several mappings share. Not here: what a record means (canonical*.py).
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

import pandas as pd
import pyarrow as pa

from sync_assets.connect import values
from sync_assets.connect.fields import chosen_name
from sync_assets.connect.values import TEXT

DAY = pd.ArrowDtype(pa.date32())

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[ T].*)?")


def days(texts: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Calendar days of `2026-01-31 00:00:00`, and where a text is no day. A day has no zone."""
    found = [None if pd.isna(text) else _day(text) for text in texts]
    column = pd.Series(pa.array(found, type=pa.date32()), dtype=DAY, index=texts.index)
    return column, (texts.notna() & column.isna()).astype(bool)


def _day(text: str) -> date | None:
    parts = _DAY.fullmatch(text)
    try:
        return date(int(parts[1]), int(parts[2]), int(parts[3])) if parts else None
    except ValueError:
        return None


def sizes(amounts: pd.Series) -> pd.Series:
    """Amounts without their sign: a document's total is a magnitude, its type says the direction."""
    return _each(amounts, abs)


def negated(amounts: pd.Series) -> pd.Series:
    """Amounts with the opposite sign."""
    return _each(amounts, Decimal.__neg__)


def _each(amounts: pd.Series, change: Callable[[Decimal], Decimal]) -> pd.Series:
    changed = [None if amount is None else change(amount) for amount in amounts]
    return pd.Series(changed, index=amounts.index, dtype="object")


def money(
    frame: pd.DataFrame, currencies: pd.Series, names: Mapping[str, str | pd.Series]
) -> tuple[dict[str, pd.Series], list[pd.Series]]:
    """Minor units of several amounts, by the name of the field, and where and why one does not fit its currency.

    Each amount is a column of the frame or its name.
    """
    columns, reasons = {}, []
    for name, amounts in names.items():
        column = frame[amounts] if isinstance(amounts, str) else amounts
        columns[name], reason = values.minor(column, currencies)
        reasons.append(reason)
    return columns, reasons


def letters(statuses: pd.Series) -> pd.Series:
    """The letter of a status, written `A` or `CustInvc:A`."""
    return statuses.str.replace("^.*:", "", regex=True).astype(TEXT)


def either(first: pd.Series, second: pd.Series) -> pd.Series:
    """The first text where there is one, else the second."""
    return first.where(first.notna() & (first != ""), second).astype(TEXT)


PREFIXES = {
    "CUSTOMER_PREFIX": ("chargebee_customer_", "billing"),
    "INVOICE_PREFIX": ("chargebee_invoice_", "billing"),
    "CREDIT_NOTE_PREFIX": ("chargebee_credit_note_", "billing"),
    "TRANSACTION_PREFIX": ("chargebee_transaction_", "billing"),
    "PAYOUT_PREFIX": ("stripe_payout_", "payments"),
}
"""Settings that say how external ids of copies begin, with what they begin with by default, and whose id follows."""


def copy_of(external_ids: pd.Series, setting: str) -> pd.Series:
    """The record that an external id names, e.g. "chargebee_invoice_7" -> "billing:7"; none for other ids."""
    default, role = PREFIXES[setting]
    prefix = chosen_name("netsuite", setting, default)
    ids = external_ids.where(external_ids.str.startswith(prefix)).str.slice(len(prefix)).astype(TEXT)
    return values.reference(role, ids)


def is_set(flags: pd.Series) -> pd.Series:
    """Where a flag is true; an absent one is not."""
    return flags.fillna(value=False).astype(bool)
