"""What Chargebee's transactions and usages are in our words. Pure functions of frames.

One list holds payments, refunds, reversals and authorizations; each mapping takes its own kinds and leaves the rest.
"""

from typing import Any

import pandas as pd

from sync_assets.connect.values import TEXT, constant, reference, rejected, text, words
from sync_assets.systems.chargebee import amounts

STATUSES = {
    "success": "succeeded",
    "failure": "failed",
    "timeout": "failed",
    "late_failure": "failed",
    "voided": "void",
    "in_progress": "pending",
    "needs_attention": "pending",
}
"""Source: apidocs.chargebee.com/docs/api/transactions (status): `timeout` means that the gateway did not accept the
connection, `needs_attention` that its answer is unknown, `late_failure` that money came and was taken back."""

ALLOCATION_STATUSES = {
    "success": "applied",
    "failure": "failed",
    "timeout": "failed",
    "late_failure": "failed",
    "voided": "reversed",
}
"""What a payment's state makes of the amounts it was applied to; one under way is none of these."""

KINDS = ("authorization", "payment", "refund", "payment_reversal")
"""Source: apidocs.chargebee.com/docs/api/transactions (type)."""


def _unknown_kinds(frame: pd.DataFrame, own: tuple[str, ...]) -> pd.DataFrame:
    """The rows of these kinds, and those whose kind is not documented: they must not vanish without a word."""
    return frame[frame["kind"].isin(own) | ~frame["kind"].isin(KINDS)]


def to_payment(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per payment; the gateway's id names the payment system's own record.

    It counts as refunded when its successful refunds reach its amount.
    """
    frame = _unknown_kinds(frame, ("payment",))
    status, unknown = words(frame["status"], STATUSES)
    returned = pd.Series([_returned(refunds) for refunds in frame["refunds"]], index=frame.index, dtype="Int64")
    is_whole = status.eq("succeeded") & (frame["amount"] > 0) & (returned >= frame["amount"])
    whole = is_whole.fillna(value=False).astype(bool)
    invoices = [list(links) if isinstance(links, list) else [] for links in frame["invoices"]]
    return pd.DataFrame(
        {
            "record_id": frame["record_id"],
            "copy_of": reference("payments", frame["gateway_id"]),
            "customer_id": frame["customer_id"],
            "kind": constant("payment", frame),
            "status": status.mask(whole, "refunded"),
            "amount_minor": amounts.minor(frame["amount"], frame["currency"]),
            "refunded_minor": amounts.minor(returned, frame["currency"]),
            "currency": frame["currency"],
            "settled_at": frame["settled_at"],
            "created_at": frame["date"],
            "settled_on": frame["settled_at"].dt.date,
            "method": frame["method"],
            "processor_reference": frame["gateway_id"],
            "invoice_id": text([_only(links, "invoice_id") for links in invoices], frame.index),
            "exchange_rate": frame["exchange_rate"],
            "reject": rejected(frame, (~frame["kind"].isin(KINDS), "unknown_type"), (unknown, "unknown_enum")),
        }
    )


def _returned(refunds: list[dict[str, Any]] | None) -> int:
    """What successful refunds gave back. Source: .../transactions (linked_refunds.txn_status)."""
    done = (refund for refund in refunds or () if refund.get("txn_status") == "success")
    return sum(int(refund.get("txn_amount") or 0) for refund in done)


def _only(links: list[dict[str, Any]], name: str) -> str | None:
    """The one thing linked; None for none or several."""
    named = {link.get(name) for link in links}
    return named.pop() if len(named) == 1 else None


def to_allocation(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per invoice that a payment was applied to; failed payments stay linked and are marked so."""
    frame = frame[frame["kind"].eq("payment").fillna(False).astype(bool)]
    status, _ = words(frame["status"], ALLOCATION_STATUSES)
    names = frame["record_id"] + "-" + frame["invoice_id"]
    nth = names.groupby(names).cumcount() + 1
    return pd.DataFrame(
        {
            "record_id": names.where(nth == 1, names + "-" + nth.astype(TEXT)),
            "payment_id": frame["record_id"],
            "document_id": frame["invoice_id"],
            "document_kind": constant("invoice", frame),
            "amount_minor": amounts.minor(frame["applied_amount"], frame["currency"]),
            "currency": frame["currency"],
            "status": status,
            "applied_at": frame["applied_at"],
        }
    )


def to_refund(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per refund or reversal of a payment, with the credit note that it pays out, if one."""
    frame = frame[frame["kind"].isin(["refund", "payment_reversal"])]
    status, unknown = words(frame["status"], STATUSES)
    notes = [list(links) if isinstance(links, list) else [] for links in frame["credit_notes"]]
    payments = [list(links) if isinstance(links, list) else [] for links in frame["payments"]]
    linked = text([_only(links, "id") for links in payments], frame.index)
    return pd.DataFrame(
        {
            "record_id": frame["record_id"],
            "copy_of": reference("payments", frame["gateway_id"]),
            "payment_id": frame["refunded_id"].fillna(frame["reference_id"]).fillna(linked),
            "customer_id": frame["customer_id"],
            "credit_note_id": text([_only(links, "cn_id") for links in notes], frame.index),
            "amount_minor": amounts.minor(frame["amount"], frame["currency"]),
            "currency": frame["currency"],
            "status": status,
            "refunded_at": frame["date"],
            "processor_reference": frame["gateway_id"],
            "reason": text([_only(links, "cn_reason_code") for links in notes], frame.index),
            "reject": rejected(frame, (unknown, "unknown_enum")),
        }
    )


def to_billed_usage(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per usage record; the day is that in UTC. `invoice_id` is empty until it was billed.

    Source: apidocs.chargebee.com/docs/api/usages: the quantity is a text.
    """
    return pd.DataFrame(
        {
            "record_id": frame["record_id"],
            "subscription_id": frame["subscription_id"],
            "price_id": frame["price_id"],
            "used_on": frame["used_at"].dt.date,
            "used_at": frame["used_at"],
            "quantity": frame["quantity"],
            "invoice_id": frame["invoice_id"],
        }
    )
