"""What the processor says against billing and against itself: paid invoices are not asked for, payouts add up."""

from datetime import timedelta
from typing import Any

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


def payer(books: Books) -> None:
    """The customer of billing as the processor knows it."""
    books.put("chargebee", "customer", "c1", status="active")
    books.put("stripe", "customer", "cus_1", copy_of="billing:c1", status="active")


def test_a_charge_that_billing_never_heard_of_pays_the_invoice_that_is_open_over_it(books: Books) -> None:
    payer(books)
    books.invoice("1", due_minor=11_900)
    charge(books, "ch_1", 11_900, created_at=PAID, intent_id="pi_1")
    books.judge()
    # all of 119.00
    assert said(only(books)) == ("F60", "FI", "payments->billing", "CASH", 11_900)
    pay(books, "t1", 11_900, invoice="", charge="pi_1")
    books.judge()
    assert [row["class"] for row in books.breaks()] == ["F64"], "billing has heard of it, and uses it for nothing"


@pytest.mark.parametrize(
    "fields",
    [
        {"created_at": NOON - timedelta(minutes=14)},
        {"created_at": NOON - timedelta(days=11)},
        {"amount_minor": 11_800},
        {"currency": "USD"},
        {"refunded_minor": 100},
        {"is_disputed": True},
        {"status": "pending"},
        {"customer_id": "cus_2"},
    ],
    ids=["just now", "before the invoice", "less", "another currency", "went back", "disputed", "under way", "another"],
)
def test_a_charge_that_may_be_for_something_else_pays_no_invoice(books: Books, fields: dict[str, Any]) -> None:
    payer(books)
    books.put("stripe", "customer", "cus_2", copy_of="billing:c2", status="active")
    books.invoice("1", due_minor=11_900)
    charge(books, "ch_1", 11_900, **{"created_at": PAID, **fields})
    books.judge()
    assert [row["class"] for row in books.breaks()] in ([], ["F66"])


def test_one_charge_and_two_invoices_over_the_same_are_left_to_a_person(books: Books) -> None:
    payer(books)
    for number in ("1", "2"):
        books.invoice(number, due_minor=11_900)
    charge(books, "ch_1", 11_900, created_at=PAID)
    books.judge()
    assert books.breaks() == []
    books.invoice("2", due_minor=0, paid_minor=11_900, status="paid")
    books.judge()
    assert said(only(books)) == ("F60", "FI", "payments->billing", "CASH", 11_900)


def test_a_second_charge_at_once_is_one_too_many_and_pays_no_other_invoice(books: Books) -> None:
    payer(books)
    books.invoice("1", due_minor=0, paid_minor=11_900, status="paid")
    books.invoice("2", due_minor=11_900)
    pay(books, "t1", 11_900, invoice="1", charge="ch_1")
    for name, minutes in (("ch_1", 0), ("ch_2", 5)):
        charge(books, name, 11_900, created_at=PAID + timedelta(minutes=minutes))
    books.judge()
    assert said(only(books)) == ("F65", "FI", "billing->payments", "OVER", 11_900)
