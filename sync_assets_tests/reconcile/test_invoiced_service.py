"""What an invoice bills against the service it is for: once, from the version in force, with all usage."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.reconcile.deals import only, said

FROM, TO = datetime(2026, 5, 20, tzinfo=UTC), datetime(2026, 6, 20, tzinfo=UTC)
FINAL = datetime(2026, 6, 20, 12, tzinfo=UTC)


@pytest.fixture
def books(store: Store) -> Books:
    """Seats at 10.00 a month and calls at 0.05 each, on one subscription; no ERP."""
    books = Books(store=store, missing={"erp"})
    books.put("chargebee", "product", "seats", sku="seats", status="active", metered=False)
    books.put("chargebee", "product", "calls", sku="calls", status="active", metered=True)
    priced = {"currency": "EUR", "period": 1, "period_unit": "month", "status": "active", "model": "per_unit"}
    books.put("chargebee", "price", "seats-EUR", product_id="seats", unit_price=10, **priced)
    books.put("chargebee", "price", "calls-EUR", product_id="calls", unit_price="0.05", metered=True, **priced)
    return books


def _invoice(books: Books, number: str, **line: Any) -> None:
    """An invoice of 119.00 with one line of 10 seats, and 19.00 of tax."""
    total = line.get("amount_minor", 10_000) + 1_900
    books.invoice(number, issued_at=FINAL, finalised_at=FINAL, total_minor=total)
    known = {"subscription_id": "s1", "price_id": "seats-EUR", "quantity": 10, "unit_price": 10, "proration": False}
    period = {"starts_at": FROM, "ends_at": TO, "amount_minor": 10_000, "tax_minor": 1_900, "currency": "EUR"}
    books.put(
        "chargebee", "invoice_line", f"{number}-1", from_record_id=number, invoice_id=number,
        **{**known, **period, **line},
    )  # fmt: skip


def test_a_period_that_two_invoices_bill_is_billed_too_much_by_the_later_one(books: Books) -> None:
    _invoice(books, "1")
    books.judge()
    assert books.breaks() == []
    _invoice(books, "2")
    books.judge()
    # the whole second invoice of 119.00
    assert said(only(books)) == ("F46", "FI", "billing", "OVER", 11_900)
    assert only(books)["entity_id"] == "chargebee:2"
    credited = {"invoice_id": "2", "is_void": False, "status": "settled", "reason": "duplicate", "currency": "EUR"}
    books.put("chargebee", "credit_note", "n1", customer_id="c1", total_minor=6_000, **credited)
    books.judge()
    assert said(only(books)) == ("F46", "FI", "billing", "OVER", 11_900), "half of it is credited"
    books.put("chargebee", "credit_note", "n2", customer_id="c1", total_minor=5_900, **credited)
    books.judge()
    assert books.breaks() == [], "60.00 and 59.00 are all of it"


def test_an_invoice_from_the_terms_before_an_upgrade_leaks_the_difference(books: Books) -> None:
    for name, quantity, day in (("v1", 10, 1), ("v2", 15, 15)):
        at = datetime(2026, 5, day, tzinfo=UTC)
        books.put(
            "chargebee", "subscription_version", name, from_record_id="s1", subscription_id="s1",
            price_id="seats-EUR", valid_from=at, known_at=at, status="active", quantity=quantity, unit_price=10,
        )  # fmt: skip
    _invoice(books, "1")
    books.judge()
    # 15 seats at 10.00 were in force from 15 May, 10 are billed: 50.00 too little
    assert said(only(books)) == ("F17", "RO", "billing", "LEAK", 5_000)
    _invoice(books, "1", quantity=15, amount_minor=15_000)
    books.judge()
    assert books.breaks() == []


def test_usage_known_in_time_and_left_off_the_invoice_leaks_its_price(books: Books) -> None:
    for name, quantity in (("e1", 700), ("e2", 300)):
        at = datetime(2026, 6, 1, tzinfo=UTC)
        books.put(
            "product", "usage", name, event_id=name, source="app", subscription_id="billing:s1",
            meter="calls", quantity=quantity, occurred_at=at,
            stored_at=at,
        )  # fmt: skip
    _invoice(books, "1", price_id="calls-EUR", quantity=700, unit_price="0.05", amount_minor=3_500)
    books.judge()
    # 1,000 calls were made and 700 billed: 300 at 0.05
    assert said(only(books)) == ("F34", "FI", "product->billing", "LEAK", 1_500)
    _invoice(books, "1", price_id="calls-EUR", quantity=1000, unit_price="0.05", amount_minor=5_000)
    books.judge()
    assert books.breaks() == []
