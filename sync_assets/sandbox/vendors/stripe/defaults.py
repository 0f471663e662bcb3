"""What Stripe fills in when an object is created with less: attribute defaults per object, as data.

Values are shared between objects and must never be changed in place.

Source: stripe/openapi fixtures (MIT) and the object pages of the API reference.
"""

from sync_assets.sandbox.shelf import Record

_ADDRESS = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}

DEFAULTS: dict[str, Record] = {
    "customers": {
        "object": "customer",
        "address": None,
        "balance": 0,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "email": None,
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    },
    "payment_intents": {
        "object": "payment_intent",
        "amount": 0,
        "amount_capturable": 0,
        "amount_received": 0,
        "application": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "confirmation_method": "automatic",
        "currency": "usd",
        "customer": None,
        "description": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_types": ["card"],
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "statement_descriptor": None,
        "status": "requires_payment_method",
        "transfer_group": None,
    },
    "charges": {
        "object": "charge",
        "amount": 0,
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "balance_transaction": None,
        "billing_details": {"address": _ADDRESS, "email": None, "name": None, "phone": None, "tax_id": None},
        "captured": True,
        "currency": "usd",
        "customer": None,
        "description": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "on_behalf_of": None,
        "outcome": None,
        "paid": True,
        "payment_intent": None,
        "payment_method": None,
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "funding": "credit", "last4": "4242"}},
        "receipt_email": None,
        "refunded": False,
        "review": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "status": "succeeded",
        "transfer_group": None,
    },
    "refunds": {
        "object": "refund",
        "amount": 0,
        "balance_transaction": None,
        "charge": None,
        "currency": "usd",
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": {},
        "payment_intent": None,
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    },
    "disputes": {
        "object": "dispute",
        "amount": 0,
        "balance_transactions": [],
        "charge": None,
        "currency": "usd",
        "evidence": {},
        "evidence_details": {"due_by": None, "has_evidence": False, "past_due": False, "submission_count": 0},
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": None,
        "reason": "general",
        "status": "needs_response",
    },
    "balance_transactions": {
        "object": "balance_transaction",
        "amount": 0,
        "balance_type": "payments",
        "currency": "usd",
        "description": None,
        "exchange_rate": None,
        "fee": 0,
        "fee_details": [],
        "source": None,
        "status": "available",
        "type": "charge",
    },
    "payouts": {
        "object": "payout",
        "amount": 0,
        "application_fee": None,
        "automatic": True,
        "balance_transaction": None,
        "currency": "usd",
        "description": "STRIPE PAYOUT",
        "destination": None,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "reconciliation_status": "completed",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "pending",
        "type": "bank_account",
    },
    "events": {"object": "event", "livemode": False, "pending_webhooks": 0},
}

_CATEGORIES = {"payment": "charge", "payment_refund": "refund", "stripe_fee": "fee"}
"""Reporting categories that differ from the type of a balance transaction."""


def completed(stream: str, record: Record, *, created_s: int) -> Record:
    """A new object with everything its creation did not say, amounts that follow from others included."""
    whole = {**DEFAULTS[stream], "created": created_s, **record}
    return whole | {key: value for key, value in _derived(stream, whole).items() if key not in record}


def _derived(stream: str, whole: Record) -> Record:
    if stream == "balance_transactions":
        category = _CATEGORIES.get(whole["type"], whole["type"])
        net = whole["amount"] - whole["fee"]
        return {"net": net, "available_on": whole["created"], "reporting_category": category}
    if stream == "charges":
        took = whole["status"] == "succeeded"
        captured = whole["captured"] and took
        return {"captured": captured, "paid": took, "amount_captured": whole["amount"] if captured else 0}
    if stream == "payment_intents":
        return {"amount_received": whole["amount"] if whole["status"] == "succeeded" else 0}
    return {"arrival_date": whole["created"]} if stream == "payouts" else {}
