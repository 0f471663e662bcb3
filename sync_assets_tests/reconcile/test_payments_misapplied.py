"""Whose money pays whose invoices."""

from datetime import timedelta

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.reconcile.test_payments_in_books import book_payment
from sync_assets_tests.reconcile.test_payments_received import charge, found, paid_invoice, pay


@pytest.fixture
def books(store: Store) -> Books:
    books = Books(store=store)
    for name in ("c1", "c2"):
        books.put("chargebee", "customer", name, status="active")
    return books


def test_a_payment_applied_to_another_customers_invoice_is_in_wrong_hands(books: Books) -> None:
    paid_invoice(books, customer_id="c2")
    pay(books, "txn_1", 11_900)
    assert found(books, "F62") == [("chargebee:txn_1", "CASH", 11_900, "FI", "billing")]


@pytest.mark.parametrize(
    ("child", "parent"), [("c1", "c2"), ("c2", "c1")], ids=["the parent's invoice", "the child's invoice"]
)
def test_parents_and_children_pay_for_each_other(books: Books, child: str, parent: str) -> None:
    books.put("chargebee", "customer", child, status="active", parent_id=parent)
    paid_invoice(books, customer_id="c2")
    pay(books, "txn_1", 11_900)
    assert found(books, "F62") == []
    books.put("chargebee", "customer", child, status="active", parent_id=None)
    assert [row[0] for row in found(books, "F62")] == ["chargebee:txn_1"], "no family any more"


def test_the_erp_holds_a_payment_of_the_customer_who_made_it(books: Books) -> None:
    for name in ("c1", "c2"):
        books.put("netsuite", "customer", f"7-{name}", status="active", copy_of=f"billing:{name}")
    paid_invoice(books)
    pay(books, "txn_1", 11_900)
    held = {"copy_of": "billing:txn_1", "status": "succeeded", "amount_minor": 11_900, "currency": "EUR"}
    books.put("netsuite", "payment", "800", customer_id="7-c2", **held)
    assert found(books, "F62") == [("chargebee:txn_1", "CASH", 11_900, "FI", "payments->erp")]
    books.put("netsuite", "payment", "800", customer_id="7-c1", **held)
    assert found(books, "F62") == []


def test_a_customers_payment_is_charged_to_that_customer(books: Books) -> None:
    for name in ("c1", "c2"):
        books.put("stripe", "customer", f"cus_{name}", status="active", copy_of=f"billing:{name}")
    paid_invoice(books)
    pay(books, "txn_1", 11_900, charge="ch_1")
    charge(books, "ch_1", 11_900, customer_id="cus_c1")
    assert found(books, "F62") == []
    charge(books, "ch_1", 11_900, customer_id="cus_c2")
    assert found(books, "F62") == [("chargebee:txn_1", "CASH", 11_900, "FI", "payments->billing")]


def with_another(books: Books) -> None:
    """The ERP has an invoice of 119.00 EUR of c1 with the customer who is c2."""
    for name in ("c1", "c2"):
        books.put("netsuite", "customer", f"7-{name}", status="active", copy_of=f"billing:{name}")
    paid_invoice(books)
    books.erp_invoice("91042", "1042", status="paid", customer_id="7-c2")


def test_an_invoice_stands_in_the_erp_with_whom_it_was_billed_to(books: Books) -> None:
    with_another(books)
    assert found(books, "F50") == [("chargebee:1042", "MISSTATE", 11_900, "FI", "billing->erp")]
    pay(books, "txn_1", 11_900, invoice_id="1042")
    book_payment(books, customer_id="7-c2")
    assert found(books, "F62") == [("chargebee:txn_1", "CASH", 0, "FI", "payments->erp")], (
        "it went where the invoice is"
    )
    books.erp_invoice("91042", "1042", status="paid", customer_id="7-c1")
    assert found(books, "F50") == []
    assert found(books, "F62") == [("chargebee:txn_1", "CASH", 11_900, "FI", "payments->erp")]


@pytest.mark.parametrize(
    ("system", "record_id", "fields"),
    [
        ("chargebee", "c1", {"parent_id": "c2"}),
        ("chargebee", "c1", {"copy_of": "crm:a2"}),
        ("netsuite", "7-c2", {"copy_of": None}),
        ("netsuite", "7-c2", {"copy_of": "billing:gone"}),
    ],
    ids=["a child", "one account", "of the ERP alone", "a customer that is gone"],
)
def test_the_books_may_know_a_family_as_one(
    books: Books, system: str, record_id: str, fields: dict[str, str | None]
) -> None:
    with_another(books)
    books.put("chargebee", "customer", "c2", status="active", copy_of="crm:a2")
    assert [row[0] for row in found(books, "F50")] == ["chargebee:1042"]
    books.put(system, "customer", record_id, status="active", **fields)
    assert found(books, "F50") == []


def test_two_customers_of_one_account_pay_for_each_other(books: Books) -> None:
    paid_invoice(books, customer_id="c2")
    pay(books, "txn_1", 11_900)
    for name in ("c1", "c2"):
        books.put("chargebee", "customer", name, status="active", copy_of="crm:a1")
    assert found(books, "F62") == []


def pay_a(books: Books, *, open_in_erp: str) -> None:
    """Of A and B, each over 119.00, billing took a payment for A; the ERP still asks for one of them."""
    books.invoice("A", status="paid", paid_minor=11_900, due_minor=0, paid_at=books.through - timedelta(days=9))
    books.invoice("B", due_minor=11_900, paid_minor=0)
    for number in ("A", "B"):
        is_open = number in open_in_erp
        due = 11_900 if is_open else 0
        books.erp_invoice(f"9{number}", number, status="open" if is_open else "paid", due_minor=due)
    pay(books, "txn_1", 11_900, invoice="A")
    book_payment(books)


def test_a_payment_settles_the_same_invoice_in_the_erp(books: Books) -> None:
    pay_a(books, open_in_erp="A")
    assert found(books, "F62") == [("chargebee:txn_1", "CASH", 11_900, "FI", "payments->erp")]
    assert {row["class"] for row in books.breaks()} & {"F50", "F60", "F94"} == set()
    pay_a(books, open_in_erp="B")
    assert found(books, "F62") == []


def test_a_payment_that_is_unused_or_split_in_the_erp_settles_no_other_invoice(books: Books) -> None:
    pay_a(books, open_in_erp="A")
    book_payment(books, available_minor=11_900)
    assert found(books, "F62") == []
    book_payment(books)
    books.erp_invoice("9B", "B", status="open", due_minor=5_900)
    assert found(books, "F62") == [], "60.00 of it at most"
    books.erp_invoice("9B", "B", status="paid", due_minor=0)
    assert [row[0] for row in found(books, "F62")] == ["chargebee:txn_1"], "the other invoice alone was told anew"
    books.invoice("B", status="paid", paid_minor=11_900, due_minor=0)
    assert found(books, "F62") == [], "billing settled the other one too"
