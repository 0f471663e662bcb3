"""Money that came and never reached the books."""

from datetime import timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.reconcile.test_payments_given_back import note, refund
from sync_assets_tests.reconcile.test_payments_in_books import book_payment
from sync_assets_tests.reconcile.test_payments_received import charge, found, pay


@pytest.fixture
def books(store: Store) -> Books:
    return Books(store=store)


def paid_in_part(books: Books, erp_due: int, **fields: Any) -> None:
    """50.00 of 119.00 came by card, twenty days ago."""
    books.invoice("1042", paid_minor=5_000, due_minor=6_900)
    books.erp_invoice("900", "1042", due_minor=erp_due)
    pay(books, "txn_1", 5_000, charge="ch_1")
    charge(books, "ch_1", 5_000, **fields)


def test_a_part_payment_that_the_erp_never_booked_is_missing_in_the_books(books: Books) -> None:
    paid_in_part(books, 11_900)
    assert found(books, "F75") == [("chargebee:txn_1", "MISSTATE", 5_000, "FI", "payments->erp")]
    assert [row["class"] for row in books.breaks()] == ["F75"]
    book_payment(books, minor=5_000)
    books.erp_invoice("900", "1042", due_minor=6_900)
    assert found(books, "F75") == []


def test_a_part_payment_that_somebody_typed_into_the_erp_is_there(books: Books) -> None:
    # 119.00 - 50.00 are due there too
    paid_in_part(books, 6_900)
    assert found(books, "F75") == []


def test_a_part_payment_that_came_back_or_came_just_now_is_not_awaited_in_the_erp(books: Books) -> None:
    paid_in_part(books, 11_900, status="failed")
    assert found(books, "F75") == []
    paid_in_part(books, 11_900)
    pay(books, "txn_1", 5_000, charge="ch_1", created_at=books.through - timedelta(hours=23))
    assert found(books, "F75") == []


def test_a_refund_that_the_erp_never_booked_leaves_its_credit_free_there(books: Books) -> None:
    note(books, status="settled", available_minor=0, refunded_minor=5_000, reason="waiver")
    held = {"customer_id": "c1", "is_void": False, "currency": "EUR", "total_minor": 5_000, "invoice_id": "1042"}
    own: dict[str, Any] = {"status": "open", "copy_of": "billing:CN-1", "available_minor": 5_000}
    books.put("netsuite", "credit_note", "8CN-1", **held, **own)
    refund(books, "chargebee", "txn_r", 5_000, credit_note_id="CN-1", payment_id="txn_1", copy_of="payments:re_1")
    refund(books, "stripe", "re_1", 5_000, payment_id="ch_1")
    assert found(books, "F57") == [("chargebee:CN-1", "MISSTATE", 5_000, "FI", "billing->erp")]
