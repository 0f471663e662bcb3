"""Books in which the copies of one expanded deal disagree."""

from datetime import timedelta

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books


@pytest.fixture
def books(store: Store) -> Books:
    """Books without any copy."""
    return Books(store=store)


@pytest.fixture
def expanded(books: Books) -> Books:
    """A deal of 20 seats at 5.00 EUR is expanded by 15; billing hears of it late and invoices 20 all the same.

    Sold at T-30d, amended at T-20h, 40 calls used at T-15h, heard at T-10h, invoiced at T-6h, posted at T-5h, credited
    by hand at T-4h, where T is the instant through which everything is read.
    """
    at = books.through
    books.put("salesforce", "customer", "a1", status="active")
    books.put("chargebee", "customer", "c1", copy_of="crm:a1", status="active")
    books.put("netsuite", "customer", "7", copy_of="billing:c1", status="active")
    _sell(books, "o1", kind="order", won_at=at - timedelta(days=30), quantity=20)
    _sell(books, "o2", kind="amendment", won_at=at - timedelta(hours=20), quantity=15)
    books.put("salesforce", "order", "d1", customer_id="a1", kind="deal", status="won", won_at=at - timedelta(days=30))
    books.put(
        "chargebee", "subscription", "s1", customer_id="c1", order_id="crm:d1", status="active", currency="EUR",
        started_at=at - timedelta(days=30),
    )  # fmt: skip
    books.put(
        "chargebee", "price", "seats", product_id="p", currency="EUR", unit_price=5, model="per_unit", metered=False
    )
    for number, (known, quantity) in enumerate([(timedelta(days=30), 20), (timedelta(hours=10), 35)]):
        books.put(
            "chargebee", "subscription_version", f"s1/{number}", subscription_id="s1", valid_from=at - known,
            known_at=at - known, price_id="seats", kind="plan", quantity=quantity, unit_price=5, currency="EUR",
            status="active",
        )  # fmt: skip
    books.put(
        "product", "usage", "app:e1", event_id="e1", source="app", subscription_id="billing:s1", meter="calls",
        quantity=40, occurred_at=at - timedelta(hours=15), stored_at=at - timedelta(hours=15),
    )  # fmt: skip
    _invoice(books)
    return books


def _sell(books: Books, record_id: str, **fields: object) -> None:
    quantity = fields.pop("quantity")
    books.put(
        "salesforce", "order", record_id, customer_id="a1", deal_id="d1", status="won", currency="EUR",
        number=record_id.upper(), **fields,
    )  # fmt: skip
    books.put(
        "salesforce", "order_line", f"{record_id}-1", order_id=record_id, quantity=quantity, unit_price=5,
        amount_minor=100, currency="EUR",
    )  # fmt: skip


def _invoice(books: Books) -> None:
    at = books.through
    issued = at - timedelta(hours=6)
    books.invoice("1042", subscription_id="s1", issued_at=issued, finalised_at=issued, issued_on=issued)
    books.put(
        "chargebee", "invoice_line", "1042-1", invoice_id="1042", subscription_id="s1", price_id="seats", kind="plan",
        quantity=20, unit_price=5, amount_minor=10_000, tax_minor=1_900, discount_minor=0, currency="EUR",
        starts_at=issued, ends_at=issued + timedelta(days=30),
    )  # fmt: skip
    books.erp_invoice("900", "1042", version_at=at - timedelta(hours=5), issued_on=issued)
    books.put(
        "netsuite", "credit_note", "901", customer_id="7", status="open", is_void=False, is_posted=True,
        currency="EUR", total_minor=11_900, number="CM-9", version_at=at - timedelta(hours=4), issued_on=at,
    )  # fmt: skip
