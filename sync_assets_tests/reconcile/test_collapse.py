"""Links that many records lose at once are one break of identity, and the orphans that this makes are its symptoms."""

import pytest

from sync_assets.store.engine import Store
from sync_assets.store.links import link_customers
from sync_assets_tests.reconcile.books import SYSTEMS, Books

MONTHLY = 10_000


@pytest.fixture
def books(store: Store) -> Books:
    return Books(store=store)


def company(books: Books, customers: int) -> None:
    """That many customers, each with a running subscription over 100.00 EUR a month, linked by their reference."""
    for number in range(customers):
        books.put("salesforce", "customer", f"A{number}", status="active")
        billed(books, number, copy_of=f"crm:A{number}")
        books.put(
            "chargebee",
            "subscription",
            f"s{number}",
            customer_id=f"c{number}",
            status="active",
            currency="EUR",
            mrr_minor=MONTHLY,
            created_at=books.through.replace(year=2025),
            started_at=books.through.replace(year=2025),
        )
    link_customers(books.store, SYSTEMS)


def billed(books: Books, number: int, copy_of: str | None) -> None:
    books.put("chargebee", "customer", f"c{number}", status="active", copy_of=copy_of)


def broken(books: Books, class_: str) -> list[dict[str, object]]:
    link_customers(books.store, SYSTEMS)
    books.judge()
    return [row for row in books.breaks() if row["class"] == class_]


def test_a_reference_that_went_empty_for_many_is_one_break_worth_what_they_pay_a_month(books: Books) -> None:
    company(books, 10)
    assert broken(books, "F8") == []
    for number in range(6):
        billed(books, number, copy_of=None)
    (row,) = broken(books, "F8")
    # 6 of 10 customers, 100.00 EUR each
    assert (row["owner"], row["money_at_risk_minor"], row["currency"]) == ("DE", 6 * MONTHLY, "EUR")
    assert "6 of 10 lost their link" in str(row["explanation"])
    orphans = [each for each in books.breaks() if each["class"] == "F3"]
    assert len(orphans) == 6
    assert {each["caused_by"] for each in orphans} == {row["break_id"]}, "they are its symptoms"


def test_links_that_come_back_close_the_break(books: Books) -> None:
    company(books, 6)
    for number in range(6):
        billed(books, number, copy_of=None)
    assert len(broken(books, "F8")) == 1
    for number in range(6):
        billed(books, number, copy_of=f"crm:A{number}")
    assert broken(books, "F8") == []


def test_a_few_customers_that_lose_their_account_are_no_collapse(books: Books) -> None:
    company(books, 10)
    for number in range(4):
        billed(books, number, copy_of=None)
    assert broken(books, "F8") == []


def test_customers_that_were_never_linked_are_no_collapse(books: Books) -> None:
    for number in range(10):
        billed(books, number, copy_of=None)
    assert broken(books, "F8") == []
