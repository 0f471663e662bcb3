"""What Chargebee says, as copies: hand-written numbers through HTTP, the store and the mappings."""

from datetime import UTC, datetime

import pytest

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.vendors.chargebee import Chargebee
from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.scene import Scene

CRM_CUSTOMER = "001Rr0000000001IAA"


def seconds(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


def site(clock: Clock) -> Chargebee:
    """One Japanese customer with a subscription, an invoice, a partial credit, a payment and its refund."""
    vendor = Chargebee(clock=clock, seed=2)
    vendor.put("items", {"id": "seat", "name": "Seat", "metered": True, "status": "archived"})
    price = {"id": "seat-JPY", "item_id": "seat", "price": 1500, "currency_code": "JPY", "pricing_model": "per_unit"}
    vendor.put("item_prices", price)
    vendor.put(
        "customers",
        {
            "id": "c1",
            "company": "大阪商店",
            "email": "pay@Shop.Example",
            "preferred_currency_code": "JPY",
            "net_term_days": 30,
            "cf_salesforce_account_id": CRM_CUSTOMER[:15],
            "billing_address": {"country": "JP"},
        },
    )
    plan = {"item_price_id": "seat-JPY", "item_type": "plan", "quantity": 10, "unit_price": 1500, "amount": 15000}
    vendor.put(
        "subscriptions",
        {
            "id": "s1",
            "customer_id": "c1",
            "currency_code": "JPY",
            "status": "non_renewing",
            "started_at": seconds(2026, 3, 1),
            "current_term_start": seconds(2026, 4, 1),
            "current_term_end": seconds(2026, 5, 1),
            "mrr": 15000,
            "subscription_items": [plan],
        },
    )
    line = {
        "id": "li1",
        "entity_type": "plan_item_price",
        "entity_id": "seat-JPY",
        "quantity": 10,
        "unit_amount": 1500,
        "amount": 15000,
        "discount_amount": 1000,
        "tax_amount": 1400,
        "date_from": seconds(2026, 4, 1),
        "date_to": seconds(2026, 5, 1),
    }
    vendor.put(
        "invoices",
        {
            "id": "INV-1",
            "customer_id": "c1",
            "subscription_id": "s1",
            "currency_code": "JPY",
            "date": seconds(2026, 4, 1),
            "due_date": seconds(2026, 5, 1),
            "sub_total": 15000,
            "tax": 1400,
            "total": 15400,
            "amount_paid": 10000,
            "amount_adjusted": 400,
            "discounts": [{"entity_type": "document_level_coupon", "amount": 1000}],
            "line_items": [line],
        },
    )
    note = {"id": "CN-1", "customer_id": "c1", "reference_invoice_id": "INV-1", "currency_code": "JPY", "total": 400}
    vendor.put("credit_notes", {**note, "date": seconds(2026, 4, 2), "amount_allocated": 400})
    money = {"customer_id": "c1", "currency_code": "JPY"}
    paid = {"id": "txn1", "amount": 10000, "id_at_gateway": "ch_1", "date": seconds(2026, 4, 3), **money}
    applied = [{"invoice_id": "INV-1", "applied_amount": 10000, "applied_at": seconds(2026, 4, 3)}]
    vendor.put("transactions", {**paid, "linked_invoices": applied})
    back = {"id": "txn2", "type": "refund", "amount": 300, "id_at_gateway": "re_1", "refunded_txn_id": "txn1", **money}
    vendor.put("transactions", {**back, "date": seconds(2026, 4, 4)})
    usage = {"id": "u1", "subscription_id": "s1", "item_price_id": "seat-JPY", "quantity": "12.25"}
    vendor.put("usages", {**usage, "usage_date": seconds(2026, 4, 5)})
    clock.advance(minutes=1)
    return vendor


@pytest.fixture
def scene(play: Play) -> Scene:
    scene = play(site)
    scene.read()
    scene.conform()
    return scene


VALUES: dict[tuple[str, str], dict[str, str]] = {
    ("product", "seat"): {"sku": "seat", "metered": "True", "status": "archived"},
    ("price", "seat-JPY"): {"unit_price": "1500", "model": "per_unit", "currency": "JPY", "period_unit": "month"},
    ("customer", "c1"): {
        "name": "大阪商店",
        "copy_of": f"crm:{CRM_CUSTOMER}",
        "domain": "shop.example",
        "country": "JP",
        "payment_terms": "30",
    },
    # Not renewed, so it ends with its term; the yen has no minor unit.
    ("subscription", "s1"): {
        "status": "non_renewing",
        "started_at": "2026-03-01T00:00:00+00:00",
        "ends_at": "2026-05-01T00:00:00+00:00",
        "mrr_minor": "15000",
        "auto_renew": "False",
    },
    ("subscription_item", "s1-seat-JPY"): {"quantity": "10", "unit_price": "1500", "amount_minor": "15000"},
    # 15,000 - 1,000 + 1,400 = 15,400; less 10,000 paid and 400 credited leaves 5,000.
    ("invoice", "INV-1"): {
        "issued_on": "2026-04-01",
        "due_on": "2026-05-01",
        "subtotal_minor": "15000",
        "discount_minor": "1000",
        "tax_minor": "1400",
        "total_minor": "15400",
        "paid_minor": "10000",
        "credited_minor": "400",
        "due_minor": "5000",
        "status": "open",
    },
    ("invoice_line", "li1"): {
        "invoice_id": "INV-1",
        "subscription_id": "s1",
        "quantity": "10",
        "unit_price": "1500",
        "amount_minor": "15000",
        "starts_at": "2026-04-01T00:00:00+00:00",
    },
    ("credit_note", "CN-1"): {"invoice_id": "INV-1", "total_minor": "400", "allocated_minor": "400"},
    ("payment", "txn1"): {"copy_of": "payments:ch_1", "amount_minor": "10000", "status": "succeeded"},
    ("allocation", "txn1-INV-1"): {"payment_id": "txn1", "document_id": "INV-1", "amount_minor": "10000"},
    ("refund", "txn2"): {"copy_of": "payments:re_1", "payment_id": "txn1", "amount_minor": "300"},
    ("billed_usage", "u1"): {"quantity": "12.25", "used_on": "2026-04-05", "subscription_id": "s1"},
}


def test_copies_have_the_values_that_were_typed_in(scene: Scene) -> None:
    copies = {named: scene.copy(*named) for named in VALUES}
    assert {named: {name: copies[named].get(name) for name in VALUES[named]} for named in VALUES} == VALUES


def test_each_state_of_a_subscription_is_a_version(scene: Scene) -> None:
    scene.clock.advance(hours=1)
    more = {"item_price_id": "seat-JPY", "item_type": "plan", "quantity": 12, "unit_price": 1500, "amount": 18000}
    scene.vendor.put("subscriptions", {"id": "s1", "subscription_items": [more]})
    changed_at = scene.clock.now()
    scene.clock.advance(minutes=1)
    scene.read()
    scene.conform()
    versions = scene.rows("valid_from, quantity::int", "canonical.subscription_version", "ORDER BY valid_from")
    # The first state counts from the start of the subscription.
    assert versions == [(datetime(2026, 3, 1, tzinfo=UTC), 10), (changed_at, 12)]
