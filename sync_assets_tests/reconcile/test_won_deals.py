"""Deals that were won and are billed nowhere, and those that another subscription bills."""

from datetime import UTC, date, datetime

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.reconcile.deals import catalogue, said, sell

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
