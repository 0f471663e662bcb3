"""Deals that were won and are billed nowhere, and those that another subscription bills."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.reconcile.deals import BEGAN, bill, catalogue, said, sell

FRIDAY = datetime(2026, 6, 26, 16, tzinfo=UTC)


@pytest.fixture
def books(store: Store) -> Books:
    """Seats at 50.00 EUR a month; no ERP and no product platform."""
    books = Books(store=store, missing={"erp", "product"})
    catalogue(books)
    return books


def _found(books: Books, class_: str = "F11") -> list[tuple[object, ...]]:
    books.judge()
    return [said(row) for row in books.breaks() if row["class"] == class_]


def test_two_business_days_pass_over_no_weekend(books: Books) -> None:
    sell(books, won_at=FRIDAY, won_on=FRIDAY.date())
    books.put(
        "salesforce", "contract", "k-d1", customer_id="a1", starts_on=FRIDAY.date(), ends_on=date(2027, 6, 25)
    )  # fmt: skip
    for day, hour in ((28, 18), (29, 18), (30, 15)):
        books.through = datetime(2026, 6, day, hour, tzinfo=UTC)
        assert _found(books) == [], "8 hours of Friday, and 16 of Tuesday are to come"
    books.through = datetime(2026, 6, 30, 16, tzinfo=UTC)
    # 500.00 a month from the 26th, 4 days and 16 hours of 30 days
    assert _found(books) == [("F11", "RO", "crm->billing", "LEAK", 7_778)]


def test_a_deal_whose_contract_was_called_off_is_to_be_billed_by_nobody(books: Books) -> None:
    sell(books)
    assert len(_found(books)) == 1
    term = {"customer_id": "a1", "starts_on": BEGAN.date(), "ends_on": date(2027, 5, 30)}
    books.put("salesforce", "contract", "k-d1", **term, status="Terminated")
    assert _found(books) == []


def _contract(books: Books, name: str, starts_on: date, days: int = 365) -> None:
    """The term of a deal, so many days from the first."""
    books.put(
        "salesforce", "contract", f"k-{name}", customer_id="a1", starts_on=starts_on,
        ends_on=starts_on + timedelta(days=days - 1),
    )  # fmt: skip


YEAR_AGO = datetime(2025, 6, 10, tzinfo=UTC)
"""The first day of a contract that ended on 9 June."""


def _renew(books: Books, **renewal: Any) -> None:
    """A subscription that names the first year's deal, and the deal of the second year."""
    sell(books, won_at=YEAR_AGO, won_on=YEAR_AGO.date())
    _contract(books, "d1", YEAR_AGO.date())
    bill(books, started_at=YEAR_AGO, created_at=YEAR_AGO)
    sell(books, "d2", won_at=datetime(2026, 6, 1, tzinfo=UTC), won_on=date(2026, 6, 1), **renewal)
    _contract(books, "d2", date(2026, 6, 10))


def test_a_renewal_goes_on_with_the_subscription_that_there_is(books: Books) -> None:
    _renew(books)
    assert _found(books) == []
    bill(books, quantity=4, started_at=YEAR_AGO, created_at=YEAR_AGO)
    assert len(_found(books)) == 1, "10 are sold, and 4 are billed to the account"
    bill(books, status="cancelled", started_at=YEAR_AGO, created_at=YEAR_AGO)
    # the first year's subscription ended: 500.00 a month from 10 June, 20 1/2 of 30 days
    assert _found(books) == [("F11", "RO", "crm->billing", "LEAK", 34_167)]


def test_more_seats_that_were_added_to_the_subscription_are_billed(books: Books) -> None:
    sell(books)
    sell(books, "d2", quantity=5)
    bill(books, quantity=15)
    assert _found(books) == []
    bill(books)
    # 5 seats of 50.00 for a month and half a day of 31: a deal that nobody added
    assert _found(books) == [("F11", "RO", "crm->billing", "LEAK", 25_403)]


def test_a_second_deal_over_something_else_is_billed_by_no_other_subscription(books: Books) -> None:
    catalogue(books, "support", price=100)
    sell(books)
    bill(books)
    sell(books, "d2", sku="support", price=100, quantity=1)
    # 100.00 for a month and half a day of 31
    assert _found(books) == [("F11", "RO", "crm->billing", "LEAK", 10_161)]
