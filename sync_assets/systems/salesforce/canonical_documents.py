"""Salesforce contracts, opportunities, orders and their lines as copies of contracts, orders and order lines.

An opportunity is an order of kind `deal`; an order is `order`, or `amendment` when it changes an earlier one.
"""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa

from sync_assets.connect import values
from sync_assets.connect.columns import INSTANT
from sync_assets.systems.salesforce.canonical import minor, record_ids

_DAY = pd.ArrowDtype(pa.date32())
_INSTANT = pd.ArrowDtype(INSTANT)


def end_of_term(start: date, months: int) -> date:
    """The last day of a contract of so many months: the day before it would start again.

    Source: Object Reference, "Contract" (`EndDate` is calculated from `StartDate` and `ContractTerm`).
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return date(year, month + 1, day) - timedelta(days=1)


def _ends_on(starts: pd.Series, ends: pd.Series, terms: pd.Series) -> pd.Series:
    """The inclusive last day: as recorded, else from the term; unknown when both are absent or out of the calendar."""
    days = [
        _term_end(start, term) if pd.isna(end) else end for start, end, term in zip(starts, ends, terms, strict=True)
    ]
    return pd.Series(pa.array(days, type=pa.date32()), dtype=_DAY, index=starts.index)


def _term_end(start: Any, months: Any) -> date | None:
    if pd.isna(start) or pd.isna(months) or not 0 < months <= 1200:
        return None
    return end_of_term(start, int(months))


def to_contract(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per contract, in the org's own word for its state; the last day is included."""
    return pd.DataFrame(
        {
            "customer_id": record_ids(frame["account_id"]),
            "status": frame["status"],
            "starts_on": frame["starts_on"],
            "ends_on": _ends_on(frame["starts_on"], frame["ends_on"], frame["term"]),
            "number": frame["number"],
        },
        index=frame.index,
    )


def _won_at(instants: pd.Series, days: pd.Series, won: pd.Series) -> pd.Series:
    """When a deal was won: the instant if Salesforce keeps one, else the first instant of the day."""
    midnights = [None if pd.isna(day) else datetime.combine(day, time(), UTC) for day in days]
    first = pd.Series(pa.array(midnights, type=INSTANT), dtype=_INSTANT, index=days.index)
    return instants.fillna(first).where(won)


_OF_THE_COMPANY = ("uplift_on", "uplift_percent", "accepted_on", "discount_limit_percent")
"""Fields that only a company that has them names in its settings."""


def to_deal(frame: pd.DataFrame) -> pd.DataFrame:
    """`IsClosed` and `IsWon` decide, since stage names are each org's own. Source: Object Reference, "Opportunity"."""
    won = frame["is_won"].fillna(value=False).astype(bool)
    lost = frame["is_closed"].fillna(value=False).astype(bool) & ~won
    amount_minor, reasons = minor(frame["amount"], frame["currency"])
    return pd.DataFrame(
        {
            "customer_id": record_ids(frame["account_id"]),
            "contract_id": record_ids(frame["contract_id"]),
            "kind": values.constant("deal", frame),
            "status": values.constant("open", frame).mask(won, "won").mask(lost, "lost"),
            "won_at": _won_at(frame["stage_changed_at"], frame["closes_on"], won),
            "won_on": frame["closes_on"].where(won),
            "currency": frame["currency"],
            "amount_minor": amount_minor,
            **{name: frame[name] for name in _OF_THE_COMPANY},
            "ends_with": record_ids(frame["ends_with"]),
            "organisation_id": frame["organisation_id"],
            "reject": values.rejected(frame, reasons),
        },
        index=frame.index,
    )


STATUS_OF_ORDER = {"Draft": "open", "Activated": "won", "Canceled": "lost", "Expired": "lost"}
"""Source: Platform Events Developer Guide, "OrderStatusChangedEvent" (status codes)."""


def to_order(frame: pd.DataFrame) -> pd.DataFrame:
    """`StatusCode` is fixed; `Status` is the org's own word for it and counts only where the code is absent."""
    status, unknown = values.words(frame["status_code"].fillna(frame["status"]), STATUS_OF_ORDER)
    won = (status == "won").fillna(value=False).astype(bool)
    amends = frame["original_id"].notna()
    amount_minor, reasons = minor(frame["amount"], frame["currency"])
    return pd.DataFrame(
        {
            "customer_id": record_ids(frame["account_id"]),
            "contract_id": record_ids(frame["contract_id"]),
            "kind": values.constant("order", frame).mask(amends, "amendment"),
            "deal_id": record_ids(frame["opportunity_id"]),
            "amends_id": record_ids(frame["original_id"]),
            "follows_id": record_ids(frame["follows_id"]),
            "status": status.fillna("open"),
            "won_at": _won_at(frame["activated_at"], frame["starts_on"], won),
            "won_on": frame["starts_on"].where(won),
            "starts_on": frame["starts_on"],
            "ends_on": frame["ends_on"],
            "currency": frame["currency"],
            "amount_minor": amount_minor,
            "number": frame["number"],
            "reject": values.rejected(frame, (unknown, "unknown_enum"), reasons),
        },
        index=frame.index,
    )


def to_line(frame: pd.DataFrame) -> pd.DataFrame:
    """A line of either kind; columns that its object does not have are absent in the frame."""
    amount_minor, reasons = minor(frame["total_price"], frame["currency"])
    line = {
        "order_id": record_ids(frame["order_id"]),
        "product_id": record_ids(frame["product_id"]),
        "quantity": frame["quantity"],
        "unit_price": frame["unit_price"],
        "amount_minor": amount_minor,
        "currency": frame["currency"],
        "starts_on": frame["starts_on"],
        "reject": values.rejected(frame, reasons),
    }
    own = {name: frame[name] for name in ("sku", "discount_percent", "ends_on") if name in frame}
    return pd.DataFrame({**line, **own}, index=frame.index)
