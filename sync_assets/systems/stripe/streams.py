"""Stripe's lists as data: where each is, which events are about it, and which fields become which entity.

No object of Stripe has a change stamp. The streams name one all the same, `updated`, which no record carries: a stream
without one would be read whole each time. Records without a stamp are ranked by when they were read, the last wins.
"""

from typing import Any

from sync_assets.connect.declare import columns
from sync_assets.connect.spec import Mapped, Stream, later

HERE = "sync_assets.systems.stripe"
DOCUMENTS = "https://docs.stripe.com/api"

DISPUTE_EVENTS = tuple(
    f"charge.dispute.{name}" for name in ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated")
)
REFUND_EVENTS = ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated")
CHARGE_EVENTS = tuple(
    f"charge.{name}" for name in ("succeeded", "pending", "failed", "captured", "expired", "refunded", "updated")
)
INTENT_EVENTS = tuple(
    f"payment_intent.{name}"
    for name in (
        "created",
        "processing",
        "requires_action",
        "amount_capturable_updated",
        "partially_funded",
        "succeeded",
        "payment_failed",
        "canceled",
    )
)
PAYOUT_EVENTS = tuple(
    f"payout.{name}" for name in ("created", "updated", "paid", "failed", "canceled", "reconciliation_completed")
)
CUSTOMER_EVENTS = ("customer.created", "customer.updated", "customer.deleted")
"""Source of all: docs.stripe.com/api/events/types; a list takes twenty at most."""


def _reading(path: str, named: str, events: tuple[str, ...], *, ledger: bool = False) -> dict[str, Any]:
    """What the reader needs: the list's path, what its objects call themselves, the events about them."""
    return {"path": path, "object": named, "events": events, "ledger": ledger}


CUSTOMERS = Stream(
    name="customers",
    key=("id",),
    document=f"{DOCUMENTS}/customers/list",
    stamp="updated",
    stamp_kind="unix_s",
    description="Who pays: the payer's contact and the customer of billing it stands for.",
    read=_reading("customers", "customer", CUSTOMER_EVENTS),
    mappings=(
        Mapped(
            entity="customer",
            columns=columns(
                "name email currency country=address.country street=address.line1 city=address.city "
                "postcode=address.postal_code billing_id=metadata.chargebee_customer_id@CUSTOMER_FIELD"
            ),
            to=later(f"{HERE}.canonical", "to_customer"),
        ),
    ),
)

PAYMENT_INTENTS = Stream(
    name="payment_intents",
    key=("id",),
    document=f"{DOCUMENTS}/payment_intents/list",
    stamp="updated",
    stamp_kind="unix_s",
    bounded=True,
    description="Payments that were wished for, whether or not money moved; kept as evidence.",
    read=_reading("payment_intents", "payment_intent", INTENT_EVENTS),
)

CHARGES = Stream(
    name="charges",
    key=("id",),
    document=f"{DOCUMENTS}/charges/list",
    stamp="updated",
    stamp_kind="unix_s",
    bounded=True,
    description="Money that moved from payers or failed to: the payments themselves.",
    read=_reading("charges", "charge", CHARGE_EVENTS + REFUND_EVENTS + DISPUTE_EVENTS),
    mappings=(
        Mapped(
            entity="payment",
            columns=columns(
                "status! amount:integer! amount_captured:integer amount_refunded:integer currency! created:unix_s! "
                "captured:flag refunded:flag disputed:flag dispute customer_id=customer intent_id=payment_intent "
                "method=payment_method_details.type fee=balance_transaction.fee:integer "
                "fee_currency=balance_transaction.currency available_on=balance_transaction.available_on:unix_s"
            ),
            to=later(f"{HERE}.canonical", "to_payment"),
        ),
    ),
)

REFUNDS = Stream(
    name="refunds",
    key=("id",),
    document=f"{DOCUMENTS}/refunds/list",
    stamp="updated",
    stamp_kind="unix_s",
    bounded=True,
    description="Money given back to payers.",
    read=_reading("refunds", "refund", REFUND_EVENTS),
    mappings=(
        Mapped(
            entity="refund",
            columns=columns(
                "status! amount:integer! currency! created:unix_s! charge_id=charge customer_id=customer reason"
            ),
            to=later(f"{HERE}.canonical", "to_refund"),
        ),
    ),
)

DISPUTES = Stream(
    name="disputes",
    key=("id",),
    document=f"{DOCUMENTS}/disputes/list",
    stamp="updated",
    stamp_kind="unix_s",
    bounded=True,
    description="Payments that a payer's bank took back or asks about.",
    read=_reading("disputes", "dispute", DISPUTE_EVENTS),
    mappings=(
        Mapped(
            entity="dispute",
            columns=columns("status! amount:integer! currency! created:unix_s! charge_id=charge reason"),
            to=later(f"{HERE}.canonical", "to_dispute"),
        ),
    ),
)

BALANCE_TRANSACTIONS = Stream(
    name="balance_transactions",
    key=("id",),
    document=f"{DOCUMENTS}/balance_transactions/list",
    stamp="updated",
    stamp_kind="unix_s",
    version="payout_rank",
    composed=("payout", "payout_rank"),
    bounded=True,
    probed=False,
    immutable=True,
    description="The ledger between charges and the bank: what a movement brought and cost, and which payout paid it.",
    read=_reading("balance_transactions", "balance_transaction", PAYOUT_EVENTS, ledger=True),
    mappings=(
        Mapped(
            entity="settlement",
            columns=columns(
                "type! amount:integer! fee:integer! net:integer! currency! created:unix_s! available_on:unix_s "
                "status source_id=source payout"
            ),
            to=later(f"{HERE}.canonical_ledger", "to_settlement"),
        ),
    ),
)

PAYOUTS = Stream(
    name="payouts",
    key=("id",),
    document=f"{DOCUMENTS}/payouts/list",
    stamp="updated",
    stamp_kind="unix_s",
    bounded=True,
    description="Money sent to the bank.",
    read=_reading("payouts", "payout", PAYOUT_EVENTS),
    mappings=(
        Mapped(
            entity="payout",
            columns=columns(
                "status! amount:integer! currency! created:unix_s! arrival_date:unix_s automatic:flag "
                "reconciliation_status"
            ),
            to=later(f"{HERE}.canonical_ledger", "to_payout"),
        ),
    ),
)

STREAMS = (CUSTOMERS, PAYMENT_INTENTS, CHARGES, REFUNDS, DISPUTES, BALANCE_TRANSACTIONS, PAYOUTS)
