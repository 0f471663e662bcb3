"""Whether the money of paid invoices came, all of it and once; whose it was, and what became of the rest."""

from datetime import timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books


@pytest.fixture
def books(store: Store) -> Books:
    return Books(store=store)


def pay(books: Books, name: str, minor: int, *, invoice: str = "1042", charge: str = "", **fields: object) -> None:
    """Billing's payment of a customer, applied to an invoice; made twenty days ago."""
    at = books.through - timedelta(days=20)
    held = {"customer_id": "c1", "status": "succeeded", "amount_minor": minor, "currency": "EUR", "created_at": at}
    copy = {"copy_of": f"payments:{charge}"} if charge else {}
    books.put("chargebee", "payment", name, **{**held, **copy, **fields})
    if invoice:
        books.put(
            "chargebee", "allocation", f"{name}-{invoice}", from_record_id=name, payment_id=name, document_id=invoice,
            document_kind="invoice", amount_minor=minor, status="applied",
        )  # fmt: skip


def charge(books: Books, name: str, minor: int, *, hours: int = 0, **fields: object) -> None:
    """The processor's own record, made twenty days ago or some hours later."""
    at = books.through - timedelta(days=20) + timedelta(hours=hours)
    held = {"customer_id": "cus_1", "status": "succeeded", "amount_minor": minor, "currency": "EUR", "created_at": at}
    books.put("stripe", "payment", name, **{**held, **fields})


def paid_invoice(books: Books, number: str = "1042", **fields: Any) -> None:
    """An invoice of 119.00 EUR that billing calls paid, in the ERP too."""
    books.invoice(number, **{"status": "paid", "paid_at": books.through - timedelta(days=9), **fields})
    books.erp_invoice(f"9{number}", number, status="paid")


def found(books: Books, class_: str) -> list[tuple[str, str, int, str, str]]:
    books.judge()
    return [
        (row["entity_id"], row["kind"], row["money_at_risk_minor"], row["owner"], row["first_divergence"]["hop"])
        for row in books.breaks()
        if row["class"] == class_
    ]


def test_a_payment_that_the_processor_returned_leaves_the_invoice_unpaid(books: Books) -> None:
    paid_invoice(books)
    pay(books, "txn_1", 11_900, charge="py_1")
    charge(books, "py_1", 11_900, status="failed")
    # all of 119.00 is missing
    assert found(books, "F61") == [("chargebee:1042", "CASH", 11_900, "FI", "payments->billing")]
    assert found(books, "F63") == []
    charge(books, "py_1", 11_900)
    assert found(books, "F61") == []


def test_an_invoice_marked_as_paid_without_any_payment_is_billings_own_fault(books: Books) -> None:
    paid_invoice(books)
    pay(books, "txn_0", 500, invoice="")
    assert found(books, "F61") == [("chargebee:1042", "CASH", 11_900, "FI", "billing")]


def test_a_bank_has_a_week_to_confirm_what_billing_marked_as_paid(books: Books) -> None:
    pay(books, "txn_0", 500, invoice="")
    paid_invoice(books, paid_at=books.through - timedelta(days=6, hours=23))
    assert found(books, "F61") == []
    books.through += timedelta(hours=1)
    assert [row[0] for row in found(books, "F61")] == ["chargebee:1042"]


@pytest.mark.parametrize(
    "fields",
    [
        {"credited_minor": 11_900},
        {"credited_minor": 1_900, "written_off_minor": 10_000},
        {"total_minor": 0, "tax_minor": 0},
        # older than the oldest payment that was read
        {"finalised_at": None, "issued_at": None},
    ],
)
def test_what_credit_or_a_write_off_paid_needs_no_money(books: Books, fields: dict[str, Any]) -> None:
    pay(books, "txn_0", 500, invoice="")
    paid_invoice(books, **fields)
    assert found(books, "F61") == []


def test_a_transfer_and_a_debit_under_way_and_a_charge_of_another_processor_count(books: Books) -> None:
    paid_invoice(books, "1")
    pay(books, "txn_1", 11_900, invoice="1")
    paid_invoice(books, "2")
    pay(books, "txn_2", 11_900, invoice="2", charge="py_2")
    charge(books, "py_2", 11_900, status="pending")
    paid_invoice(books, "3")
    pay(books, "txn_3", 11_900, invoice="3", charge="elsewhere")
    assert found(books, "F61") == []


def test_a_charge_that_a_processor_who_serves_the_customer_does_not_know_never_was(books: Books) -> None:
    books.put("stripe", "customer", "cus_1", copy_of="billing:c1", status="active")
    charge(books, "ch_before", 700, hours=-24)
    paid_invoice(books)
    pay(books, "txn_1", 11_900, charge="ch_nobody_knows")
    assert [row[2] for row in found(books, "F61")] == [11_900]


def test_who_paid_by_card_may_pay_through_another_processor(books: Books) -> None:
    books.put("stripe", "customer", "cus_1", copy_of="billing:c1", status="active")
    charge(books, "ch_before", 700, hours=-24, intent_id="pi_before")
    paid_invoice(books)
    pay(books, "txn_1", 11_900, charge="PM0012AB", method="direct_debit")
    assert found(books, "F61") == []
    pay(books, "txn_1", 11_900, charge="pi_nobody_knows")
    assert [row[2] for row in found(books, "F61")] == [11_900], "as this processor names what it was asked for"


def test_a_charge_over_less_than_billing_recorded_is_short_by_the_difference(books: Books) -> None:
    paid_invoice(books)
    pay(books, "txn_1", 11_900, charge="ch_1")
    charge(books, "ch_1", 10_000)
    # 119.00 recorded, 100.00 charged
    assert found(books, "F63") == [("chargebee:1042", "CASH", 1_900, "FI", "payments->billing")]
    roots = [row["class"] for row in books.breaks() if row["root"]]
    assert roots == ["F63"], "that the two payments differ follows from it"


def test_what_is_short_of_a_payment_for_two_invoices_is_short_once(books: Books) -> None:
    for number in ("1", "2"):
        paid_invoice(books, number)
        pay(books, "txn_1", 11_900, invoice=number, charge="ch_1")
    pay(books, "txn_1", 23_800, invoice="", charge="ch_1")
    charge(books, "ch_1", 20_000)
    # 2 x 119.00 recorded, 200.00 charged
    assert [row[2] for row in found(books, "F63")] == [3_800]


def test_an_invoice_paid_in_part_that_billing_calls_paid_is_short_in_billing(books: Books) -> None:
    paid_invoice(books)
    pay(books, "txn_0", 500, invoice="", created_at=books.through - timedelta(days=90))
    pay(books, "txn_1", 9_000)
    # 119.00 - 90.00
    assert found(books, "F63") == [("chargebee:1042", "CASH", 2_900, "FI", "billing")]
    pay(books, "txn_2", 2_900)
    assert found(books, "F63") == []


def test_tax_that_the_customer_withholds_is_not_short(books: Books) -> None:
    # 119.00 less 19.00 withheld, and nothing due any more
    paid_invoice(books, paid_minor=10_000, due_minor=0)
    pay(books, "txn_1", 10_000)
    assert found(books, "F63") == []
    paid_invoice(books, paid_minor=10_000, due_minor=1_900)
    assert [row[2] for row in found(books, "F63")] == [1_900], "called paid although something is due"


def test_a_retry_that_charged_again_is_worth_the_second_charge(books: Books) -> None:
    paid_invoice(books)
    pay(books, "txn_1", 11_900, charge="ch_1")
    charge(books, "ch_1", 11_900)
    charge(books, "ch_2", 11_900, hours=1)
    assert found(books, "F65") == [("stripe:ch_2", "OVER", 11_900, "FI", "billing->payments")]
    # 50.00 went back already
    charge(books, "ch_2", 11_900, hours=1, refunded_minor=5_000)
    assert [row[2] for row in found(books, "F65")] == [6_900]
    charge(books, "ch_2", 11_900, hours=1, status="refunded", refunded_minor=11_900)
    assert found(books, "F65") == []


@pytest.mark.parametrize("known_as", ["ch_1", "pi_1"])
def test_one_intent_charges_once_however_late_the_second_charge(books: Books, known_as: str) -> None:
    paid_invoice(books)
    pay(books, "txn_1", 11_900, charge=known_as)
    charge(books, "ch_1", 11_900, intent_id="pi_1")
    charge(books, "ch_2", 11_900, hours=49, intent_id="pi_2")
    assert found(books, "F65") == [], "two days later the same amount may be for something else"
    charge(books, "ch_2", 11_900, hours=49, intent_id="pi_1")
    assert found(books, "F65") == [("stripe:ch_2", "OVER", 11_900, "FI", "billing->payments")]
    charge(books, "ch_1", 11_900, intent_id="pi_1", status="failed")
    assert found(books, "F65") == [], "the second attempt was the one that paid"


def test_two_payments_that_exceed_their_invoice_are_one_too_many(books: Books) -> None:
    paid_invoice(books)
    pay(books, "txn_1", 11_900, charge="ch_1")
    charge(books, "ch_1", 11_900)
    pay(books, "txn_2", 5_000, charge="ch_2", created_at=books.through - timedelta(days=19))
    charge(books, "ch_2", 5_000, hours=24)
    # 119.00 + 50.00 for 119.00
    assert [row[:3] for row in found(books, "F65")] == [("stripe:ch_2", "OVER", 5_000)]


def test_equal_charges_for_two_invoices_are_no_double_charge(books: Books) -> None:
    for number in ("1", "2"):
        paid_invoice(books, number)
        pay(books, f"txn_{number}", 11_900, invoice=number, charge=f"ch_{number}")
        charge(books, f"ch_{number}", 11_900)
    assert found(books, "F65") == []


def test_a_charge_that_billing_has_not_heard_of_yet_is_no_double_charge(books: Books) -> None:
    paid_invoice(books)
    pay(books, "txn_1", 11_900, charge="ch_1")
    just_now = 20 * 24
    charge(books, "ch_1", 11_900, hours=just_now - 1)
    charge(books, "ch_2", 11_900, hours=just_now)
    assert found(books, "F65") == []
    # the lag is a quarter of an hour
    books.through += timedelta(minutes=15)
    assert [row[0] for row in found(books, "F65")] == ["stripe:ch_2"]


def test_what_of_a_payment_no_invoice_used_is_owed_to_the_customer(books: Books) -> None:
    paid_invoice(books)
    pay(books, "txn_1", 11_900)
    pay(books, "txn_1", 15_000, invoice="")
    # 150.00 came, 119.00 were used
    assert found(books, "F64") == [("chargebee:txn_1", "OVER", 3_100, "FI", "billing")]
    pay(books, "txn_1", 15_000, invoice="", refunded_minor=3_100)
    assert found(books, "F64") == []


def test_money_may_lie_for_five_business_days(books: Books) -> None:
    pay(books, "txn_1", 5_000, invoice="", created_at=books.through - timedelta(days=6))
    assert found(books, "F64") == []
    books.through += timedelta(days=1)
    assert [row[2] for row in found(books, "F64")] == [5_000]


def test_a_card_payment_in_an_unknown_state_is_asked_about_after_an_hour(books: Books) -> None:
    pay(books, "txn_1", 11_900, status="pending", method="card")
    assert found(books, "F66") == [("chargebee:txn_1", "CASH", 11_900, "FI", "payments->billing")]
    pay(books, "txn_1", 11_900, status="pending", method="card", created_at=books.through - timedelta(minutes=59))
    pay(books, "txn_2", 11_900, status="pending", method="direct_debit")
    books.judge(full=True)
    assert [row[0] for row in found(books, "F66")] == ["chargebee:txn_1"], "what is touched again is not new"


def test_a_card_payment_that_nobody_decided_is_asked_about_after_an_hour_and_once(books: Books) -> None:
    pay(books, "txn_1", 11_900, status="pending", method="card", charge="ch_1")
    charge(books, "ch_1", 11_900, status="pending", created_at=books.through - timedelta(minutes=59))
    assert found(books, "F66") == []
    charge(books, "ch_1", 11_900, status="pending")
    # the processor's seven days are over too
    assert found(books, "F66") == [("chargebee:txn_1", "CASH", 11_900, "FI", "payments->billing")]
    pay(books, "txn_1", 11_900, invoice="", status="failed", method="card", charge="ch_1")
    # an amount held on a card for a week, that billing does not wait for
    assert found(books, "F66") == [("stripe:ch_1", "CASH", 11_900, "FI", "payments")]


def test_a_debit_has_a_week_and_then_is_stuck_at_the_processor(books: Books) -> None:
    pay(books, "txn_1", 11_900, status="pending", method="direct_debit", charge="py_1")
    charge(books, "py_1", 11_900, status="pending", hours=13 * 24 + 1)
    assert found(books, "F66") == []
    books.through += timedelta(hours=1)
    assert found(books, "F66") == [("stripe:py_1", "CASH", 11_900, "FI", "payments")]
    charge(books, "py_1", 11_900, status="failed")
    # decided, and billing does not know
    assert [row[0] for row in found(books, "F66")] == ["chargebee:txn_1"]
