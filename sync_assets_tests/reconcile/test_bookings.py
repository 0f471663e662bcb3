"""What was booked is billed or planned, else it is missing in the bridge from bookings to billings."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.reconcile.deals import BEGAN, bill, catalogue, only, said, sell

ENDED = datetime(2026, 6, 15, 12, tzinfo=UTC)
"""Noon; 15 days before the look, in a month of 30 days."""


@pytest.fixture
def books(store: Store) -> Books:
    """10 seats at 50.00 a month for a year, and a subscription that billing cancelled after half a month."""
    books = Books(store=store, missing={"erp", "product"})
    catalogue(books)
    sell(books)
    _ended(books)
    return books


def _ended(books: Books, **fields: Any) -> None:
    bill(books, **{"status": "cancelled", "cancelled_at": ENDED, "mrr_minor": 0, **fields})


def _found(books: Books) -> list[tuple[object, ...]]:
    books.judge()
    return [said(row) for row in books.breaks() if row["class"] == "F89"]


def test_what_was_booked_and_is_not_billed_to_its_end_is_missing(books: Books) -> None:
    # 15 of 30 days of 500.00
    assert _found(books) == [("F89", "FI", "crm->billing", "LEAK", 25_000)]
    found = only(books)
    assert found["entity_id"] == "salesforce:d1"
    # until 31 May: 11 months of 500.00 to 15 May, and 15 1/2 of 31 days of it, less the 250.00 at risk
    assert found["forward_minor"] == 11 * 50_000 + 25_000 - 25_000


def test_what_grows_is_judged_again_with_time(books: Books) -> None:
    _found(books)
    books.through = datetime(2026, 7, 15, 12, tzinfo=UTC)
    # a whole month
    assert _found(books) == [("F89", "FI", "crm->billing", "LEAK", 50_000)]


def test_a_contract_that_was_ended_with_the_subscription_is_no_gap(books: Books) -> None:
    assert len(_found(books)) == 1
    books.put("salesforce", "contract", "k-d1", customer_id="a1", starts_on=BEGAN.date(), ends_on=date(2026, 6, 15))
    assert _found(books) == []


@pytest.mark.parametrize("word", ["Terminated", "cancelled by customer", "EXPIRED"])
def test_a_contract_that_was_called_off_with_the_subscription_is_no_gap(books: Books, word: str) -> None:
    term = {"customer_id": "a1", "starts_on": BEGAN.date(), "ends_on": date(2027, 5, 30)}
    books.put("salesforce", "contract", "k-d1", **term, status=word)
    assert _found(books) == []
    books.put("salesforce", "contract", "k-d1", **term, status="Activated")
    assert len(_found(books)) == 1


def test_what_goes_on_under_another_subscription_is_no_gap(books: Books) -> None:
    assert len(_found(books)) == 1
    bill(books, "s2", order_id="crm:d2", started_at=ENDED, created_at=ENDED)
    assert _found(books) == [], "another deal took over"
    bill(books, "s2", order_id="crm:d2", started_at=BEGAN.replace(year=2025), created_at=BEGAN.replace(year=2025))
    assert len(_found(books)) == 1, "an older contract beside it took nothing over"


def test_a_deal_of_an_account_that_is_gone_counts_for_nobody(books: Books) -> None:
    assert len(_found(books)) == 1
    books.put("salesforce", "customer", "a1", status="inactive", name="A", deleted_at=ENDED)
    assert _found(books) == []


def test_a_deal_of_which_one_subscription_still_runs_is_billed(books: Books) -> None:
    assert len(_found(books)) == 1
    bill(books, "s2")
    assert _found(books) == []


def test_what_ends_later_is_still_planned(books: Books) -> None:
    assert len(_found(books)) == 1
    _ended(books, status="non_renewing", cancelled_at=datetime(2026, 7, 15, tzinfo=UTC))
    assert _found(books) == [], "the term of what still runs is another class's"


def test_sales_has_a_day_to_end_the_contract(books: Books) -> None:
    _ended(books, cancelled_at=datetime(2026, 6, 29, 13, tzinfo=UTC))
    assert _found(books) == [], "23 hours"
    books.through = datetime(2026, 6, 30, 13, tzinfo=UTC)
    # one of 30 days of 500.00
    assert _found(books) == [("F89", "FI", "crm->billing", "LEAK", 1_667)]
