"""What Chargebee's invoices, their lines and credit notes are in our words. Pure functions of frames."""

import pandas as pd

from sync_assets.connect.values import TEXT, rejected, words
from sync_assets.systems.chargebee import amounts
from sync_assets.systems.chargebee.spans import over_at

INVOICE_STATUSES = {
    "paid": "paid",
    "posted": "open",
    "payment_due": "open",
    "not_paid": "open",
    "voided": "void",
    "pending": "draft",
}
"""Source: apidocs.chargebee.com/docs/api/invoices (status); an invoice written off whole is `paid` with an amount
written off."""

CREDIT_STATUSES = {"adjusted": "settled", "refunded": "settled", "refund_due": "open", "voided": "void"}
"""Source: apidocs.chargebee.com/docs/api/credit_notes (status)."""

LINE_KINDS = {
    "plan_item_price": "plan",
    "addon_item_price": "addon",
    "charge_item_price": "charge",
    "plan_setup": "charge",
    "plan": "plan",
    "addon": "addon",
    "adhoc": "adhoc",
}
"""Source: apidocs.chargebee.com/docs/api/invoices (line_items.entity_type)."""


def to_invoice(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per invoice, in minor units of its currency.

    due = total - paid - credited - written off (+ rounding); credits are both notes applied and adjustments. It is
    final when Chargebee generated it, else at its date. `issued_on` is the day in UTC.

    Source: apidocs.chargebee.com/docs/api/invoices (amount_due, generated_at, date).
    """
    status, unknown = words(frame["status"], INVOICE_STATUSES)
    money = {name: amounts.minor(frame[name], frame["currency"]) for name in _INVOICE_AMOUNTS}
    credited = money["adjusted"].fillna(0) + money["credits_applied"].fillna(0)
    return pd.DataFrame(
        {
            "record_id": frame["record_id"],
            "customer_id": frame["customer_id"],
            "subscription_id": frame["subscription_id"],
            "number": frame["record_id"],
            "status": status,
            "is_void": status.eq("void"),
            "issued_at": frame["date"],
            "issued_on": frame["date"].dt.date,
            "due_on": frame["due_date"].dt.date,
            "finalised_at": frame["generated_at"].fillna(frame["date"]).where(~status.eq("draft")),
            "paid_at": frame["paid_at"],
            "voided_at": frame["voided_at"],
            "currency": frame["currency"],
            "subtotal_minor": money["sub_total"],
            "discount_minor": amounts.minor(amounts.summed(frame["discounts"], "amount"), frame["currency"]),
            "tax_minor": money["tax"],
            "total_minor": money["total"],
            "paid_minor": money["paid"],
            "credited_minor": credited,
            "written_off_minor": money["written_off"],
            "due_minor": money["due"],
            "round_off_minor": money["round_off"],
            "legal_entity": frame["legal_entity"],
            "exchange_rate": frame["exchange_rate"],
            "reject": rejected(frame, (unknown, "unknown_enum")),
        }
    )


_INVOICE_AMOUNTS = "sub_total tax total paid adjusted credits_applied written_off due round_off".split()


def to_invoice_line(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per line; amounts are before the line's discount and tax.

    A line without an id of its own is named by the invoice and its position.
    """
    kind, unknown = words(frame["kind"], LINE_KINDS)
    position = frame.groupby("record_id").cumcount() + 1
    priced = frame["kind"].isin(["adhoc", "plan_setup"])
    return pd.DataFrame(
        {
            "record_id": frame["line_id"].fillna(frame["record_id"] + "-" + position.astype(TEXT)),
            "invoice_id": frame["record_id"],
            "subscription_id": frame["subscription_id"].fillna(frame["invoice_subscription_id"]),
            "price_id": frame["entity_id"].where(~priced),
            "kind": kind,
            "starts_at": frame["date_from"],
            "ends_at": over_at(frame["date_to"], frame["date_from"]),
            "quantity": amounts.quantity(frame["quantity"], frame["quantity_exact"]),
            "unit_price": amounts.major(frame["unit_amount"], frame["unit_amount_exact"], frame["currency"]),
            "amount_minor": amounts.minor(frame["amount"], frame["currency"]),
            "discount_minor": amounts.minor(frame["discount_amount"], frame["currency"]),
            "tax_minor": amounts.minor(frame["tax_amount"], frame["currency"]),
            "currency": frame["currency"],
            "description": frame["description"],
            "reject": rejected(frame, (unknown, "unknown_enum")),
        }
    )


def to_credit_note(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per credit note; its reason is Chargebee's code, else the text chosen by the user.

    Source: apidocs.chargebee.com/docs/api/credit_notes.
    """
    status, unknown = words(frame["status"], CREDIT_STATUSES)
    money = {name: amounts.minor(frame[name], frame["currency"]) for name in ("total", "allocated", "refunded")}
    return pd.DataFrame(
        {
            "record_id": frame["record_id"],
            "invoice_id": frame["invoice_id"],
            "customer_id": frame["customer_id"],
            "reason": frame["reason_code"].fillna(frame["create_reason_code"]),
            "kind": frame["kind"],
            "status": status,
            "is_void": status.eq("void"),
            "issued_at": frame["date"],
            "issued_on": frame["date"].dt.date,
            "currency": frame["currency"],
            "tax_minor": amounts.minor(amounts.summed(frame["taxes"], "amount"), frame["currency"]),
            "total_minor": money["total"],
            "allocated_minor": money["allocated"],
            "refunded_minor": money["refunded"],
            "available_minor": amounts.minor(frame["available"], frame["currency"]),
            "number": frame["record_id"],
            "legal_entity": frame["legal_entity"],
            "reject": rejected(frame, (unknown, "unknown_enum")),
        }
    )
