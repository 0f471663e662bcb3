"""What a Chargebee site fills in when a record is created with less: attribute defaults per resource, as data.

Values are shared between records and must never be changed in place.

Source: attribute tables of each resource in the Chargebee API reference; the recorded customer and subscription.
"""

from typing import Any

from sync_assets.sandbox.shelf import Record

STAMPED_WITH_NOW: dict[str, tuple[str, ...]] = {
    "customers": ("created_at",),
    "subscriptions": ("created_at",),
    "items": ("created_at",),
    "item_prices": ("created_at",),
    "invoices": ("date", "generated_at"),
    "credit_notes": ("date", "generated_at"),
    "transactions": ("date",),
    "usages": ("created_at", "usage_date"),
    "events": ("occurred_at",),
}

DEFAULTS: dict[str, Record] = {
    "customers": {
        "object": "customer",
        "auto_collection": "on",
        "net_term_days": 0,
        "allow_direct_debit": False,
        "taxability": "taxable",
        "pii_cleared": "active",
        "channel": "web",
        "deleted": False,
        "card_status": "no_card",
        "promotional_credits": 0,
        "refundable_credits": 0,
        "excess_payments": 0,
        "unbilled_charges": 0,
    },
    "subscriptions": {
        "object": "subscription",
        "status": "active",
        "billing_period": 1,
        "billing_period_unit": "month",
        "currency_code": "USD",
        "has_scheduled_changes": False,
        "due_invoices_count": 0,
        "channel": "web",
        "deleted": False,
    },
    "items": {
        "object": "item",
        "type": "plan",
        "status": "active",
        "item_family_id": "default",
        "is_shippable": False,
        "is_giftable": False,
        "enabled_for_checkout": True,
        "enabled_in_portal": True,
        "item_applicability": "all",
        "metered": False,
        "channel": "web",
    },
    "item_prices": {
        "object": "item_price",
        "status": "active",
        "item_family_id": "default",
        "item_type": "plan",
        "pricing_model": "flat_fee",
        "price": 0,
        "period": 1,
        "period_unit": "month",
        "currency_code": "USD",
        "free_quantity": 0,
        "is_taxable": True,
        "channel": "web",
    },
    "invoices": {
        "object": "invoice",
        "status": "payment_due",
        "price_type": "tax_exclusive",
        "recurring": True,
        "currency_code": "USD",
        "base_currency_code": "USD",
        "net_term_days": 0,
        "sub_total": 0,
        "tax": 0,
        "total": 0,
        "amount_paid": 0,
        "amount_adjusted": 0,
        "write_off_amount": 0,
        "credits_applied": 0,
        "round_off_amount": 0,
        "deleted": False,
        "first_invoice": False,
        "term_finalized": True,
        "is_gifted": False,
        "channel": "web",
        "line_items": [],
        "applied_credits": [],
        "adjustment_credit_notes": [],
        "issued_credit_notes": [],
        "linked_payments": [],
        "linked_orders": [],
        "dunning_attempts": [],
    },
    "credit_notes": {
        "object": "credit_note",
        "type": "adjustment",
        "status": "adjusted",
        "price_type": "tax_exclusive",
        "currency_code": "USD",
        "base_currency_code": "USD",
        "sub_total": 0,
        "total": 0,
        "amount_allocated": 0,
        "amount_refunded": 0,
        "round_off_amount": 0,
        "deleted": False,
        "channel": "web",
        "line_items": [],
        "allocations": [],
        "linked_refunds": [],
    },
    "transactions": {
        "object": "transaction",
        "type": "payment",
        "status": "success",
        "payment_method": "card",
        "gateway": "stripe",
        "currency_code": "USD",
        "base_currency_code": "USD",
        "amount": 0,
        "amount_unused": 0,
        "deleted": False,
        "linked_invoices": [],
        "linked_refunds": [],
    },
    "usages": {"object": "usage", "quantity": "0", "source": "api"},
    "events": {"object": "event", "api_version": "v2", "source": "api", "webhook_status": "not_configured"},
}

PARTS: dict[str, str] = {"line_items": "line_item", "subscription_items": "subscription_item"}
"""Lists inside a record whose elements say what they are."""


def without_nulls(value: Any) -> Any:
    """The value as Chargebee shows it: attributes that are null are left out, at every depth."""
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [without_nulls(inner) for inner in value]
    return value


def tidied(given: Record) -> Record:
    """The attributes given to a write in wire shape; top-level nulls stay, since they take a stored attribute away."""
    record = {key: without_nulls(value) for key, value in given.items()}
    for key, name in PARTS.items():
        if key in record:
            record[key] = [{"object": name, **part} for part in record[key]]
    return record


def settled(stream: str, record: Record, given: Record) -> Record:
    """The record with the amounts a site derives itself, unless the write gave them.

    Source: invoice `amount_due` and credit note `amount_available` in the API reference.
    """
    if stream == "invoices" and "amount_due" not in given:
        terms = ("amount_paid", "amount_adjusted", "write_off_amount", "credits_applied")
        return {**record, "amount_due": record["total"] - sum(record[term] for term in terms)}
    if stream == "credit_notes" and "amount_available" not in given:
        spent = record["amount_allocated"] + record["amount_refunded"]
        free = 0 if record["type"] == "adjustment" else record["total"] - spent
        return {**record, "amount_available": free}
    return record
