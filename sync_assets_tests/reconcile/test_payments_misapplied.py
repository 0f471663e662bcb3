"""Whose money pays whose invoices."""

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
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
