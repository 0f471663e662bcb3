"""What the processor says against billing and against itself: paid invoices are not asked for, payouts add up."""

from datetime import timedelta

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import NOON, Books
from sync_assets_tests.reconcile.deals import only, said
from sync_assets_tests.reconcile.test_payments_received import charge, pay

PAID = NOON - timedelta(days=5)


@pytest.fixture
def books(store: Store) -> Books:
    """Books without ERP: this is about billing and the processor."""
    return Books(store=store, missing={"erp"})


def test_an_invoice_that_was_paid_and_is_still_open_asks_for_its_money_again(books: Books) -> None:
    books.invoice("1", due_minor=11_900)
    books.put(
        "stripe", "payment", "ch_1", customer_id="cus_1", status="succeeded", amount_minor=11_900, currency="EUR",
        created_at=PAID, intent_id="pi_1",
    )  # fmt: skip
    books.put(
        "chargebee", "payment", "t1", customer_id="c1", copy_of="payments:ch_1", status="succeeded",
        amount_minor=11_900, currency="EUR", created_at=PAID,
    )  # fmt: skip
    books.put(
        "chargebee", "allocation", "1-t1", from_record_id="1", document_id="1", document_kind="invoice",
        payment_id="t1", amount_minor=11_900, currency="EUR",
    )  # fmt: skip
    books.judge()
    # the invoice of 119.00, paid in full
    assert said(only(books)) == ("F60", "FI", "payments->billing", "CASH", 11_900)
    books.invoice("1", due_minor=0, paid_minor=11_900, status="paid")
    books.judge()
    assert books.breaks() == []


def test_a_payout_that_its_entries_do_not_make_is_cash_in_question(books: Books) -> None:
    entry = {"currency": "EUR", "kind": "charge", "amount_minor": 10_000, "fee_minor": 300, "net_minor": 9_700}
    books.put("stripe", "settlement", "txn_0", created_at=PAID - timedelta(days=8), **entry)
    books.put("stripe", "settlement", "txn_1", created_at=PAID, payout_id="po_1", **entry)
    paid_out = {"status": "paid", "automatic": True, "currency": "EUR", "created_at": PAID}
    books.put("stripe", "payout", "po_1", amount_minor=9_500, **paid_out)
    books.judge()
    # 100.00 less a fee of 3.00 make 97.00, and 95.00 came
    assert said(only(books)) == ("F71", "FI", "payments", "CASH", 200)
    books.put("stripe", "payout", "po_1", amount_minor=9_700, **paid_out)
    books.judge()
    assert books.breaks() == []


def test_a_payment_shared_by_two_invoices_pays_each_its_share(books: Books) -> None:
    charge(books, "ch_1", 12_000)
    for number, minor in (("A", 3_000), ("B", 9_000)):
        books.invoice(number, paid_minor=minor, due_minor=11_900 - minor)
        pay(books, "t1", minor, invoice=number, charge="ch_1")
    pay(books, "t1", 12_000, invoice="", charge="ch_1")
    books.judge()
    # 30.00 of 119.00 and 90.00 of 119.00
    assert books.breaks() == []
    books.invoice("B", total_minor=9_000, subtotal_minor=9_000, tax_minor=0, paid_minor=0, due_minor=9_000)
    books.put("chargebee", "invoice_line", "B-1", from_record_id="B", invoice_id="B", amount_minor=9_000)
    books.judge()
    # the 90.00 are all that the second asks for
    assert said(only(books)) == ("F60", "FI", "payments->billing", "CASH", 9_000)


def test_what_went_back_of_a_payment_is_asked_for_again(books: Books) -> None:
    books.invoice("1", paid_minor=5_900, due_minor=6_000)
    charge(books, "ch_1", 11_900, refunded_minor=6_000)
    pay(books, "t1", 11_900, invoice="1", charge="ch_1", refunded_minor=6_000)
    books.judge()
    # 119.00 - 60.00
    assert books.breaks() == []
