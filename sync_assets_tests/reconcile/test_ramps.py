"""Deals in steps: what is in force on a day is billed from that day on."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import NOON, Books
from sync_assets_tests.reconcile.deals import BEGAN, bill, catalogue, only, said, sell

STEP_ON = date(2026, 6, 20)


@pytest.fixture
def books(store: Store) -> Books:
    """10 seats at 50.00 less 20 percent, until the deal's next step."""
    books = Books(store=store)
    catalogue(books)
    sell(books)
    _line(books, "l-d1", discount_percent=20)
    return books


def _line(books: Books, name: str, **fields: Any) -> None:
    known = {"order_id": "d1", "product_id": "p-seats", "quantity": 10, "unit_price": 50}
    books.put("salesforce", "order_line", name, **{**known, **fields})


def test_a_step_that_billing_takes_is_no_break(books: Books) -> None:
    _line(books, "l2", quantity=15, starts_on=STEP_ON)
    bill(books, quantity=15)
    books.judge()
    assert books.breaks() == []


def test_a_step_that_billing_never_takes_leaks_from_its_day_on(books: Books) -> None:
    _line(books, "l2", quantity=15, discount_percent=20, starts_on=STEP_ON)
    bill(books, price=40)
    books.judge()
    # 15 seats at 40.00 instead of 10: 200.00 a month from 20 June, 10 1/2 of 30 days by noon of the 30th
    assert said(only(books)) == ("F29", "RO", "crm->billing", "LEAK", 7_000)
    # the contract ends on 30 May 2027: 11 months and 11 of 31 days of 200.00 in all
    assert only(books)["forward_minor"] == 220_000 + 7_097 - 7_000
    bill(books, price=40, quantity=15)
    books.judge()
    assert books.breaks() == []


def test_a_discount_that_outlives_its_end_leaks_what_it_gives_away(books: Books) -> None:
    _line(books, "l2", starts_on=STEP_ON)
    bill(books, price=40)
    books.judge()
    # 10 seats at 10.00 off: 100.00 a month for 10 1/2 of 30 days
    assert said(only(books)) == ("F21", "RO", "crm->billing", "LEAK", 3_500)
    bill(books)
    books.judge()
    assert books.breaks() == []


def test_a_step_taken_before_its_day_is_billed_too_much(books: Books) -> None:
    _line(books, "l2", quantity=15, discount_percent=20, starts_on=date(2026, 7, 20))
    bill(books, price=40, quantity=15)
    books.judge()
    # 200.00 a month too much since 31 May: one of 30 days, and 12 hours of the 31 days from 30 June
    assert said(only(books)) == ("F29", "RO", "crm->billing", "OVER", 20_323)


def test_a_step_that_is_still_to_come_is_judged_when_its_day_has_passed(books: Books) -> None:
    _line(books, "l2", quantity=15, discount_percent=20, starts_on=NOON.date() + timedelta(days=2))
    bill(books, price=40)
    books.judge()
    assert books.breaks() == []
    books.through = datetime(2026, 7, 2, 23, tzinfo=BEGAN.tzinfo)
    books.judge()
    assert books.breaks() == [], "on its way"
    books.through = datetime(2026, 7, 3, tzinfo=BEGAN.tzinfo)
    books.judge()
    # nothing changed but time: 200.00 a month for 1 of 31 days
    assert said(only(books)) == ("F29", "RO", "crm->billing", "LEAK", 645)
