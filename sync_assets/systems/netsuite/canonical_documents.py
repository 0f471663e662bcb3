"""Transactions as copies: one table holds every kind of document, and each mapping takes the kinds it understands.

Totals are magnitudes: NetSuite writes credits, payments and refunds with either sign, the kind says the direction.
"""

from collections.abc import Collection, Mapping

import pandas as pd

from sync_assets.connect import values
from sync_assets.connect.values import TEXT
from sync_assets.systems.netsuite.fields import copy_of, days, either, is_set, letters, money, sizes

VOID = "V"
UNAPPROVED = ("1", "3")
"""Pending approval, rejected. Source: NetSuite online help, approval status of transactions (2 is approved)."""

INVOICE_STATUS = {"A": "open", "B": "paid", "D": "draft", "E": "draft", VOID: "void"}
CREDIT_STATUS = {"A": "open", "B": "settled", "D": "draft", "E": "draft", VOID: "void"}
PAYMENT_STATUS = {"A": "pending", "B": "succeeded", "C": "succeeded", "D": "pending", "E": "failed", VOID: "void"}
"""A open, B paid in full or fully applied, D pending approval, E rejected; of payments A unapproved, B not deposited,
C deposited. Source: thenetsuitepro.com transaction status reference, blog.prolecto.com status list; D and E of payments
are those of invoices (not confirmed)."""

DOCUMENT_TYPES = ("CustInvc", "CustCred", "CustPymt", "CustRfnd", "Deposit")
BILLING_ID = r"^\S{1,50}$"
"""What a document number must look like to be taken for a billing invoice's id where no external id is kept."""


def _of(frame: pd.DataFrame, kinds: Collection[str], *, others: bool = False) -> pd.DataFrame:
    """The rows of these kinds of document, or of all others."""
    chosen = frame["type"].isin(list(kinds)).astype(bool)
    return frame[~chosen if others else chosen]


def _status(rows: pd.DataFrame, table: Mapping[str, str]) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Our status, where it is void, and where the letter is not documented."""
    status, unknown = values.words(letters(rows["status"]), table)
    void = is_set(rows["voided"]) | is_set(letters(rows["status"]) == VOID)
    return status.mask(void, "void"), void, unknown & ~void


def _common(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """What every document says the same way. A voided or unapproved document is not in the books."""
    posting = rows["posting"] & ~rows["approval"].isin(list(UNAPPROVED))
    return {
        "record_id": rows["record_id"],
        "customer_id": rows["customer_id"],
        "currency": rows["currency"],
        "period_id": rows["period_id"],
        "is_posted": posting.where(posting.notna()),
        "exchange_rate": rows["exchange_rate"],
        "legal_entity": either(rows["subsidiary_external_id"], rows["subsidiary_id"]),
    }


def to_invoice(frame: pd.DataFrame) -> pd.DataFrame:
    """Invoices. Without an external id, a document number that could be a billing id names the invoice it copies."""
    rows = _of(frame, ["CustInvc"])
    status, void, unknown = _status(rows, INVOICE_STATUS)
    issued, no_day = days(rows["issued"])
    due, no_due_day = days(rows["falls_due"])
    amounts, reasons = money(rows, rows["currency"], {"total_minor": "total", "paid_minor": "paid", "due_minor": "due"})
    numbers = rows["number"].where(rows["external_id"].isna() & is_set(rows["number"].str.match(BILLING_ID)))
    return pd.DataFrame(
        {
            **_common(rows),
            **amounts,
            "copy_of": either(
                copy_of(rows["external_id"], "INVOICE_PREFIX"),
                values.reference("billing", numbers.astype(TEXT)),
            ),
            "number": rows["number"],
            "status": status,
            "is_void": void,
            "issued_on": issued,
            "created_at": rows["created_at"],
            "due_on": due,
            "reject": values.rejected(rows, (unknown, "unknown_enum"), (no_day | no_due_day, "date"), *reasons),
        },
        index=rows.index,
    )


def to_credit_note(frame: pd.DataFrame) -> pd.DataFrame:
    """Credit memos; what was applied and what is left are those of the document itself."""
    rows = _of(frame, ["CustCred"])
    status, void, unknown = _status(rows, CREDIT_STATUS)
    issued, no_day = days(rows["issued"])
    amounts, reasons = money(
        rows,
        rows["currency"],
        {
            "total_minor": sizes(rows["total"]),
            "allocated_minor": sizes(rows["used"]),
            "available_minor": sizes(rows["unused"]),
        },
    )
    return pd.DataFrame(
        {
            **_common(rows),
            **amounts,
            "copy_of": copy_of(rows["external_id"], "CREDIT_NOTE_PREFIX"),
            "invoice_id": rows["created_from"],
            "number": rows["number"],
            "status": status,
            "is_void": void,
            "issued_on": issued,
            "created_at": rows["created_at"],
            "reject": values.rejected(rows, (unknown, "unknown_enum"), (no_day, "date"), *reasons),
        },
        index=rows.index,
    )


def to_payment(frame: pd.DataFrame) -> pd.DataFrame:
    """Customer payments; the day of the document is the day the money came."""
    rows = _of(frame, ["CustPymt"])
    status, _, unknown = _status(rows, PAYMENT_STATUS)
    issued, no_day = days(rows["issued"])
    amounts, reasons = money(
        rows,
        rows["currency"],
        {"amount_minor": sizes(rows["total"]), "available_minor": sizes(rows["unused"])},
    )
    common = _common(rows)
    del common["legal_entity"]
    return pd.DataFrame(
        {
            **common,
            **amounts,
            "copy_of": copy_of(rows["external_id"], "TRANSACTION_PREFIX"),
            "kind": values.constant("payment", rows),
            "status": status,
            "settled_on": issued,
            "created_at": rows["created_at"],
            "reject": values.rejected(rows, (unknown, "unknown_enum"), (no_day, "date"), *reasons),
        },
        index=rows.index,
    )


def _settled(rows: pd.DataFrame, done: str, waiting: str, gone: str) -> pd.Series:
    """The status of a document whose letters only say when it was voided: done once it is in the books."""
    _, void, _ = _status(rows, {VOID: "void"})
    posted = is_set(_common(rows)["is_posted"])
    return values.constant(waiting, rows).mask(posted, done).mask(void, gone)


def to_refund(frame: pd.DataFrame) -> pd.DataFrame:
    """Customer refunds."""
    rows = _of(frame, ["CustRfnd"])
    amounts, reasons = money(rows, rows["currency"], {"amount_minor": sizes(rows["total"])})
    common = _common(rows)
    for absent in ("legal_entity", "exchange_rate"):
        del common[absent]
    return pd.DataFrame(
        {
            **common,
            **amounts,
            "copy_of": copy_of(rows["external_id"], "TRANSACTION_PREFIX"),
            "status": _settled(rows, "succeeded", "pending", "void"),
            "refunded_at": rows["created_at"],
            "reject": values.rejected(rows, *reasons),
        },
        index=rows.index,
    )


def to_payout(frame: pd.DataFrame) -> pd.DataFrame:
    """Bank deposits, the books' side of a processor's payouts."""
    rows = _of(frame, ["Deposit"])
    arrival, no_day = days(rows["issued"])
    amounts, reasons = money(rows, rows["currency"], {"amount_minor": sizes(rows["total"])})
    common = _common(rows)
    return pd.DataFrame(
        {
            **{name: common[name] for name in ("record_id", "currency", "period_id", "is_posted")},
            **amounts,
            "copy_of": copy_of(rows["external_id"], "PAYOUT_PREFIX"),
            "status": _settled(rows, "paid", "pending", "canceled"),
            "arrival_on": arrival,
            "created_at": rows["created_at"],
            "reject": values.rejected(rows, (no_day, "date"), *reasons),
        },
        index=rows.index,
    )


def to_journal(frame: pd.DataFrame) -> pd.DataFrame:
    """Every other document, journals above all: what moves the books without being one of the five kinds."""
    rows = _of(frame, DOCUMENT_TYPES, others=True)
    issued, no_day = days(rows["issued"])
    return pd.DataFrame(
        {
            **_common(rows),
            "number": rows["number"],
            "external_id": rows["external_id"],
            "kind": rows["type"],
            "created_at": rows["created_at"],
            "issued_on": issued,
            "status": letters(rows["status"]),
            "memo": rows["memo"],
            "reject": values.rejected(rows, (no_day, "date")),
        },
        index=rows.index,
    )
