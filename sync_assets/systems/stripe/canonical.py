"""What Stripe's customers, charges, refunds and disputes are in our words. Pure functions of frames.

Payment intents make no copies: a charge is the movement of money, an intent the wish for one, and counting both would
count a payment twice.
"""

import pandas as pd

from sync_assets.connect.values import constant, reference, rejected, text, words
from sync_assets.systems.stripe import amounts

CHARGE_STATUSES = {"succeeded": "succeeded", "paid": "succeeded", "pending": "pending", "failed": "failed"}
"""Source: docs.stripe.com/api/charges/object (status); `paid` is the word of versions before 2015."""

REFUND_STATUSES = {
    "pending": "pending",
    "requires_action": "pending",
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "void",
}
"""Source: docs.stripe.com/api/refunds/object (status)."""


def to_customer(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per customer; its metadata names billing's customer that it is a copy of."""
    return pd.DataFrame(
        {
            "record_id": frame["record_id"],
            "copy_of": reference("billing", frame["billing_id"].str.strip()),
            "name": frame["name"],
            "domain": _domains(frame["email"]),
            "email": frame["email"],
            "country": frame["country"],
            "street": frame["street"],
            "city": frame["city"],
            "postcode": frame["postcode"],
            "currency": amounts.code(frame["currency"]),
            "status": constant("active", frame),
        }
    )


def _domains(emails: pd.Series) -> pd.Series:
    """What stands behind the @ of each address, in lower case."""
    return text(
        [None if pd.isna(email) else email.rpartition("@")[2].lower() or None for email in emails], emails.index
    )


def to_payment(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per charge. An amount only authorized is pending until captured, and void once released.

    The amount is what was captured, where Stripe says so. It counts as refunded when all of it was given back. The fee
    and when it is available are in the ledger; they are here only where the ledger entry came along, in the same
    currency.

    Source: docs.stripe.com/api/charges/object (captured, amount_captured, refunded, disputed, balance_transaction).
    """
    status, unknown = words(frame["status"], CHARGE_STATUSES)
    held = (status.eq("succeeded") & frame["captured"].eq(other=False)).fillna(value=False).astype(bool)
    back = frame["refunded"].fillna(value=False).astype(bool)
    status = status.mask(held, "pending").mask(held & back, "void")
    status = status.mask((status.eq("succeeded") & back).fillna(value=False).astype(bool), "refunded")
    currency = amounts.code(frame["currency"])
    taken = frame["amount_captured"].where(frame["amount_captured"] > 0).fillna(frame["amount"])
    amount, broken = amounts.minor(taken, currency)
    refunded, _ = amounts.minor(_given_back(frame["amount_refunded"], frame["amount"] - taken), currency)
    fee, _ = amounts.minor(frame["fee"].where(frame["fee_currency"] == frame["currency"]), currency)
    disputed = frame["disputed"].fillna(frame["dispute"].notna())
    return pd.DataFrame(
        {
            "record_id": frame["record_id"],
            "customer_id": frame["customer_id"],
            "kind": constant("charge", frame),
            "status": status,
            "amount_minor": amount,
            "refunded_minor": refunded.where(~held),
            "currency": currency,
            "fee_minor": fee,
            "settled_at": frame["available_on"],
            "settled_on": frame["available_on"].dt.date,
            "created_at": frame["created"],
            "method": frame["method"],
            "processor_reference": frame["record_id"],
            "intent_id": frame["intent_id"],
            "is_disputed": disputed,
            "reject": rejected(frame, (unknown, "unknown_enum"), (broken, "money_scale")),
        }
    )


def _given_back(refunded: pd.Series, released: pd.Series) -> pd.Series:
    """What was refunded of the captured amount: Stripe counts the part that was never captured as refunded too.

    Source: docs.stripe.com/api/charges/capture ("any additional amount will be automatically refunded"); a charge of
    20675 captured with 20300 shows `amount_refunded` 375 (woocommerce/woocommerce-gateway-stripe #1073).
    """
    return refunded.mask((refunded >= released).fillna(value=False).astype(bool), refunded - released)


def to_refund(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per refund, of the charge it gives back."""
    status, unknown = words(frame["status"], REFUND_STATUSES)
    currency = amounts.code(frame["currency"])
    amount, broken = amounts.minor(frame["amount"], currency)
    return pd.DataFrame(
        {
            "record_id": frame["record_id"],
            "payment_id": frame["charge_id"],
            "customer_id": frame["customer_id"],
            "amount_minor": amount,
            "currency": currency,
            "status": status,
            "refunded_at": frame["created"],
            "processor_reference": frame["record_id"],
            "reason": frame["reason"],
            "reject": rejected(frame, (unknown, "unknown_enum"), (broken, "money_scale")),
        }
    )


def to_dispute(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per dispute, in Stripe's own words for its state. Source: docs.stripe.com/api/disputes/object."""
    currency = amounts.code(frame["currency"])
    amount, broken = amounts.minor(frame["amount"], currency)
    return pd.DataFrame(
        {
            "record_id": frame["record_id"],
            "payment_id": frame["charge_id"],
            "amount_minor": amount,
            "currency": currency,
            "status": frame["status"],
            "opened_at": frame["created"],
            "reason": frame["reason"],
            "reject": rejected(frame, (broken, "money_scale")),
        }
    )
