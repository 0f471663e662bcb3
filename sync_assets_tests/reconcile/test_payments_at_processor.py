"""What the processor says against billing and against itself: paid invoices are not asked for, payouts add up."""

from datetime import timedelta

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import NOON, Books
from sync_assets_tests.reconcile.deals import only, said

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
