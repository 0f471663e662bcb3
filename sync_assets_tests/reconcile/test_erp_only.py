"""Invoices that stand in the ERP alone."""

from datetime import timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import NOON, Books
from sync_assets_tests.reconcile.deals import catalogue, said


@pytest.fixture
def books(store: Store) -> Books:
    """The ERP knows what billing sells by the month as item 5, and desks as item 6."""
    books = Books(store=store)
    catalogue(books)
    books.put("netsuite", "product", "5", status="active", sku="seats")
    books.put("netsuite", "product", "6", status="active", sku="desks")
    return books


def _write(books: Books, item: str = "5", **fields: Any) -> None:
    """Four days ago an invoice over 119.00 EUR was written under the ERP's own number."""
    known = {"issued_on": (NOON - timedelta(days=4)).date()}
    books.erp_invoice("900", "INV7", **{**known, **fields})
    books.put(
        "netsuite", "invoice_line", "900-1", from_record_id="900", invoice_id="900", product_id=item,
        amount_minor=11_900, currency="EUR",
    )  # fmt: skip


def _found(books: Books) -> list[dict[str, Any]]:
    books.judge()
    return [row for row in books.breaks() if row["class"] == "F52"]


def test_a_subscription_invoiced_past_billing_stands_in_the_erp_alone(books: Books) -> None:
    _write(books)
    (found,) = _found(books)
    # the document counts gross: 119.00
    assert said(found) == ("F52", "FI", "billing->erp", "CONTROL", 11_900)
    assert found["entity_id"] == "netsuite:900"
    books.invoice("INV7")
    assert _found(books) == []


def test_billing_has_a_day_to_show_it(books: Books) -> None:
    _write(books, issued_on=NOON.date())
    assert _found(books) == []
    books.through += timedelta(hours=12)
    assert len(_found(books)) == 1, "nothing changed but time"


def test_the_erp_may_invoice_what_billing_does_not_sell(books: Books) -> None:
    _write(books, item="6")
    assert _found(books) == []


def test_what_was_voided_in_the_erp_or_is_not_approved_is_no_invoice(books: Books) -> None:
    _write(books, is_void=True)
    assert _found(books) == []
    _write(books, is_posted=False)
    assert _found(books) == []
    _write(books)
    assert len(_found(books)) == 1
