"""The tax that was charged is the tax that is owed."""

from datetime import date, timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import NOON, Books
from sync_assets_tests.reconcile.deals import said


@pytest.fixture
def books(store: Store) -> Books:
    """An invoice over 100.00 EUR and 19.00 EUR of tax in billing, and its copy in the ERP."""
    books = Books(store=store)
    books.invoice("1")
    books.erp_invoice("7", "1", created_at=NOON - timedelta(days=10))
    return books


def _tax(books: Books, line: int, minor: int, **fields: Any) -> None:
    """A tax line of the ERP's copy, signed as a credit."""
    row = {"document_id": "7", "amount_minor": -minor, "currency": "EUR", "tax": True, "is_main": False}
    books.put("netsuite", "document_line", f"7-{line}", from_record_id=f"7-{line}", **{**row, **fields})


def _found(books: Books) -> list[dict[str, Any]]:
    books.judge()
    return [row for row in books.breaks() if row["class"] == "F53"]


def test_tax_taken_at_another_rate_is_owed_wrongly(books: Books) -> None:
    _tax(books, 2, 778)
    (found,) = _found(books)
    # 7 % out of 119.00 is 7.78; 19.00 were charged
    assert said(found) == ("F53", "FI", "billing->erp", "CASH", 1_122)
    _tax(books, 2, 1_900)
    assert _found(books) == []


def test_each_tax_line_may_be_rounded(books: Books) -> None:
    _tax(books, 2, 1_100)
    _tax(books, 3, 798)
    assert _found(books) == [], "two lines, two minor units"
    _tax(books, 3, 797)
    assert [row["money_at_risk_minor"] for row in _found(books)] == [3]


def test_other_lines_no_tax_lines_and_other_totals_say_nothing_of_tax(books: Books) -> None:
    _tax(books, 2, 500, tax=False)
    assert _found(books) == []
    _tax(books, 2, 500)
    books.erp_invoice("7", "1", total_minor=10_500)
    assert _found(books) == []


def test_a_copy_without_tax_owes_none_where_former_ones_of_the_customer_owe_it(books: Books) -> None:
    books.erp_invoice("7", "1", issued_on=date(2026, 6, 20))
    _tax(books, 1, 11_900, tax=False)
    assert _found(books) == [], "an ERP may keep no tax lines"
    books.invoice("2")
    books.erp_invoice("8", "2", issued_on=date(2026, 5, 20))
    _tax(books, 12, 1_900, document_id="8")
    books.judge(full=True)
    (found,) = _found(books)
    # 19.00 charged, nothing owed
    assert said(found) == ("F53", "FI", "billing->erp", "CASH", 1_900)
    assert found["entity_id"] == "chargebee:1"
    books.invoice("1", tax_minor=0)
    assert _found(books) == [], "exempt on both sides"


def test_a_posting_has_an_hour_to_be_completed(books: Books) -> None:
    books.erp_invoice("7", "1", created_at=NOON - timedelta(minutes=59))
    _tax(books, 2, 778)
    assert _found(books) == []
    books.through += timedelta(minutes=1)
    assert len(_found(books)) == 1
