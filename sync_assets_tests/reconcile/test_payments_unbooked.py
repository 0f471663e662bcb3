"""Money that moved and never reached the books: part payments and refunds."""

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


def refunded(books: Books, *, free: int, status: str = "succeeded") -> None:
    """50.00 of a credit note went back nine days ago."""
    note(books, status="settled", available_minor=0, refunded_minor=5_000, reason="waiver")
    held = {"customer_id": "c1", "is_void": False, "currency": "EUR", "total_minor": 5_000, "invoice_id": "1042"}
    books.put("netsuite", "credit_note", "8CN-1", **held, status="open", copy_of="billing:CN-1", available_minor=free)
    for line, (debit, credit) in enumerate([(5_000, 0), (0, 5_000)]):
        key = f"8CN-1-{line}"
        own: dict[str, Any] = {"from_record_id": "8CN-1", "document_id": "8CN-1", "line_id": key, "book": "1"}
        books.put("netsuite", "posting", f"{key}-1", debit_minor=debit, credit_minor=credit, is_posting=True, **own)
    refund(books, "chargebee", "txn_r", 5_000, credit_note_id="CN-1", payment_id="txn_1", copy_of="payments:re_1")
    refund(books, "stripe", "re_1", 5_000, payment_id="ch_1", status=status)


def test_a_refund_that_the_erp_never_booked_leaves_its_memo_free(books: Books) -> None:
    refunded(books, free=5_000)
    assert found(books, "F75") == [("chargebee:txn_r", "MISSTATE", 5_000, "FI", "payments->erp")]
    assert [row["class"] for row in books.breaks() if row["root"]] == ["F75"], "that the memo is free follows from it"
    refund(books, "netsuite", "850", 5_000, copy_of="billing:txn_r")
    assert [row[0] for row in found(books, "F75")] == ["chargebee:txn_r"], "there now, and without ledger lines"


def test_a_refund_that_somebody_typed_into_the_erp_or_that_failed_is_not_awaited(books: Books) -> None:
    refunded(books, free=0)
    assert found(books, "F75") == []
    refunded(books, free=5_000, status="failed")
    assert found(books, "F75") == []
