"""Money that goes back: refunds that fail or go too far, chargebacks, and what the books make of them."""

from datetime import timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.reconcile.test_payments_received import charge, found, pay


@pytest.fixture
def books(store: Store) -> Books:
    return Books(store=store)


def refund(books: Books, system: str, name: str, minor: int, *, days_ago: int = 9, **fields: Any) -> None:
    held = {"amount_minor": minor, "currency": "EUR", "status": "succeeded", "customer_id": "c1"}
    at = books.through - timedelta(days=days_ago)
    books.put(system, "refund", name, **{**held, "refunded_at": at, **fields})


def note(books: Books, name: str = "CN-1", **fields: Any) -> None:
    """A refundable credit note of 50.00 EUR on invoice 1042, in the ERP too."""
    held = {"customer_id": "c1", "is_void": False, "currency": "EUR", "total_minor": 5_000, "invoice_id": "1042"}
    at = books.through - timedelta(days=9)
    own = {"kind": "refundable", "status": "open", "available_minor": 5_000, "issued_at": at}
    books.put("chargebee", "credit_note", name, **{**held, **own, **fields})
    books.put("netsuite", "credit_note", f"8{name}", **held, status="open", copy_of=f"billing:{name}")


def test_a_note_whose_refund_failed_is_still_owed(books: Books) -> None:
    note(books)
    refund(books, "chargebee", "txn_r", 5_000, status="failed", credit_note_id="CN-1", payment_id="txn_1")
    assert found(books, "F68") == [("chargebee:CN-1", "OVER", 5_000, "FI", "billing->payments")]
    refund(books, "chargebee", "txn_s", 5_000, credit_note_id="CN-1", payment_id="txn_1", days_ago=8)
    assert found(books, "F68") == [], "made again"


def test_a_refund_that_came_back_after_billing_recorded_it_is_owed(books: Books) -> None:
    note(books, status="settled", available_minor=0)
    refund(books, "chargebee", "txn_r", 5_000, credit_note_id="CN-1", payment_id="txn_1", copy_of="payments:re_1")
    refund(books, "stripe", "re_1", 5_000, payment_id="ch_1")
    assert found(books, "F68") == []
    refund(books, "stripe", "re_1", 5_000, payment_id="ch_1", status="failed")
    assert found(books, "F68") == [("chargebee:CN-1", "OVER", 5_000, "FI", "payments->billing")]


def test_credit_kept_for_the_next_invoice_is_no_refund_owed(books: Books) -> None:
    note(books)
    assert found(books, "F68") == []


def test_a_failed_refund_may_be_made_again_within_five_business_days(books: Books) -> None:
    note(books)
    refund(books, "chargebee", "txn_r", 5_000, status="failed", credit_note_id="CN-1", payment_id="t", days_ago=6)
    assert found(books, "F68") == []
    books.through += timedelta(days=1)
    assert [row[2] for row in found(books, "F68")] == [5_000]


def test_a_refund_that_failed_and_that_billing_never_knew_is_told_at_the_processor(books: Books) -> None:
    charge(books, "ch_1", 11_900)
    refund(books, "stripe", "re_1", 3_000, payment_id="ch_1", status="failed")
    assert found(books, "F69") == [("stripe:re_1", "CASH", 3_000, "FI", "payments")]
    refund(books, "stripe", "re_2", 3_000, payment_id="ch_1", days_ago=8)
    assert found(books, "F69") == []


@pytest.mark.parametrize(("system", "hop"), [("stripe", "payments"), ("chargebee", "billing")])
def test_more_given_back_than_was_paid_is_worth_the_excess(books: Books, system: str, hop: str) -> None:
    held = {"amount_minor": 11_900, "currency": "EUR", "status": "succeeded", "customer_id": "c1"}
    books.put(system, "payment", "p1", **held, created_at=books.through - timedelta(days=20))
    refund(books, system, "r1", 11_000, payment_id="p1")
    assert found(books, "F69") == []
    refund(books, system, "r2", 2_000, payment_id="p1", days_ago=8)
    # 110.00 + 20.00 of 119.00
    assert found(books, "F69") == [(f"{'stripe' if hop == 'payments' else system}:r2", "CASH", 1_100, "FI", hop)]


def dispute(books: Books, minor: int, status: str = "lost") -> None:
    at = books.through - timedelta(days=5)
    books.put(
        "stripe", "dispute", "du_1", payment_id="ch_1", amount_minor=minor, currency="EUR", status=status, opened_at=at
    )
    books.put(
        "stripe", "settlement", "bt_1", source_id="du_1", kind="adjustment", amount_minor=-minor, fee_minor=1_500,
        net_minor=-minor - 1_500, currency="EUR",
    )  # fmt: skip


def journal(books: Books, minor: int, **fields: Any) -> None:
    """A journal of the ERP with one line over an amount, four days ago."""
    on = (books.through - timedelta(days=4)).date()
    books.put("netsuite", "period", "6", starts_on=on.replace(day=1), ends_on=on.replace(day=30))
    own = {"kind": "Journal", "issued_on": on, "is_posted": True, "period_id": "6", "currency": "EUR"}
    books.put("netsuite", "journal", "700", **{**own, **fields})
    books.put("netsuite", "document_line", "700-1", from_record_id="700", document_id="700", amount_minor=-minor)


def test_a_chargeback_that_no_journal_books_is_worth_its_amount_and_fee(books: Books) -> None:
    charge(books, "ch_1", 11_900, is_disputed=True)
    dispute(books, 11_900)
    # 119.00 + 15.00
    assert found(books, "F70") == [("stripe:du_1", "MISSTATE", 13_400, "FI", "payments->erp")]
    journal(books, 11_900, is_posted=False)
    assert [row[2] for row in found(books, "F70")] == [13_400]
    journal(books, 11_900)
    assert found(books, "F70") == []


def test_a_journal_over_the_same_figure_in_another_currency_books_no_chargeback(books: Books) -> None:
    charge(books, "ch_1", 11_900, is_disputed=True)
    dispute(books, 11_900)
    journal(books, 11_900, currency="USD")
    # 119.00 USD are not the 119.00 EUR that the bank took
    assert [row[2] for row in found(books, "F70")] == [13_400]


def test_a_journal_of_another_customer_books_no_chargeback_and_one_of_the_payers_parent_does(books: Books) -> None:
    charge(books, "ch_1", 11_900, is_disputed=True, customer_id="cus_1")
    books.put("stripe", "customer", "cus_1", status="active", copy_of="billing:c1")
    books.put("netsuite", "customer", "11", status="active", copy_of="billing:c1", parent_id="10")
    books.put("netsuite", "customer", "10", status="active", copy_of="billing:c0")
    books.put("netsuite", "customer", "12", status="active", copy_of="billing:c2")
    dispute(books, 11_900)
    journal(books, 11_900, customer_id="12")
    assert [row[2] for row in found(books, "F70")] == [13_400]
    journal(books, 11_900, customer_id="10")
    assert found(books, "F70") == []
    journal(books, 11_900, customer_id="11")
    assert found(books, "F70") == []


def test_a_journal_that_names_one_dispute_books_no_other_over_the_same(books: Books) -> None:
    charge(books, "ch_1", 11_900, is_disputed=True)
    charge(books, "ch_2", 11_900, is_disputed=True)
    dispute(books, 11_900)
    at = books.through - timedelta(days=5)
    held = {"amount_minor": 11_900, "currency": "EUR", "status": "lost", "opened_at": at}
    books.put("stripe", "dispute", "du_2", payment_id="ch_2", **held)
    journal(books, 11_900, external_id="stripe_dispute_du_1")
    # 119.00 of the second, whose fee nobody has told yet
    assert found(books, "F70") == [("stripe:du_2", "MISSTATE", 11_900, "FI", "payments->erp")]
    journal(books, 11_900, memo="chargebacks du_1 and du_2")
    assert found(books, "F70") == []
    journal(books, 11_900, external_id="JE-77", memo="chargeback")
    assert found(books, "F70") == [], "it names none"


@pytest.mark.parametrize("status", ["won", "warning_needs_response"])
def test_a_dispute_that_was_won_or_is_an_inquiry_took_no_money(books: Books, status: str) -> None:
    charge(books, "ch_1", 11_900)
    dispute(books, 11_900, status)
    refund(books, "stripe", "re_1", 11_900, payment_id="ch_1")
    assert found(books, "F70") == []


def test_refunded_and_charged_back_is_paid_twice(books: Books) -> None:
    charge(books, "ch_1", 11_900, is_disputed=True)
    dispute(books, 11_900)
    journal(books, 11_900)
    assert found(books, "F70") == []
    refund(books, "stripe", "re_1", 4_000, payment_id="ch_1")
    # 40.00 + 119.00 of 119.00
    assert found(books, "F70") == [("stripe:du_1", "CASH", 4_000, "FI", "payments")]


def test_what_billing_never_counted_may_go_back_without_a_credit(books: Books) -> None:
    charge(books, "ch_1", 11_900, intent_id="pi_1", refunded_minor=11_900, status="refunded")
    refund(books, "stripe", "re_1", 11_900, payment_id="ch_1")
    assert found(books, "F67") == []
    pay(books, "txn_1", 11_900, charge="pi_1", status="failed")
    assert found(books, "F67") == []
    pay(books, "txn_1", 11_900, charge="pi_1")
    # 119.00 that billing took for paid
    assert found(books, "F67") == [("stripe:re_1", "MISSTATE", 11_900, "FI", "payments->billing")]
