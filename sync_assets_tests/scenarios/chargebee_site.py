"""A small simulated Chargebee site: 130 customers, each with a subscription, an invoice and its payment."""

from typing import Any

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.vendors.chargebee import Chargebee

CUSTOMERS = 130
PAGE = 100


def site(clock: Clock) -> Chargebee:
    """A site in which thirteen customers signed up a minute."""
    vendor = Chargebee(clock=clock, seed=1)
    vendor.put("items", {"id": "plan", "name": "Plan"})
    vendor.put("item_prices", {"id": "plan-EUR", "item_id": "plan", "price": 1000, "currency_code": "EUR"})
    for number in range(CUSTOMERS):
        if number % 13 == 0:
            clock.advance(minutes=1)
        sign_up(vendor, f"{number:03}")
    vendor.put("credit_notes", {"id": "CN-1", "customer_id": "c000", "reference_invoice_id": "INV-000", "total": 10})
    usage = {"subscription_id": "s000", "item_price_id": "plan-EUR", "quantity": "1.5"}
    for number in range(20):
        vendor.put("usages", {"id": f"u{number}", **usage})
    clock.advance(minutes=1)
    return vendor


def sign_up(vendor: Chargebee, name: str, **more: Any) -> None:
    """A customer with a subscription, an invoice of 10.00 EUR and the payment of it."""
    vendor.put("customers", {"id": f"c{name}", "company": f"Zürich Works {name}", **more})
    mine = {"customer_id": f"c{name}", "currency_code": "EUR"}
    plan = {"item_price_id": "plan-EUR", "item_type": "plan", "quantity": 1, "unit_price": 1000, "amount": 1000}
    vendor.put("subscriptions", {"id": f"s{name}", "subscription_items": [plan], **mine})
    line = {"id": f"li{name}", "amount": 1000, "entity_type": "plan_item_price", "entity_id": "plan-EUR"}
    invoice = {"id": f"INV-{name}", "subscription_id": f"s{name}", "sub_total": 1000, "total": 1000, **mine}
    vendor.put("invoices", {**invoice, "line_items": [line]})
    paid = [{"invoice_id": f"INV-{name}", "applied_amount": 1000}]
    vendor.put("transactions", {"id": f"txn{name}", "amount": 1000, "linked_invoices": paid, **mine})
