"""Add-ons that end with their base: judged once a setting names the field, unknowable until then."""

from datetime import date, timedelta

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.reconcile.deals import BEGAN, bill, catalogue, only, said, sell

NAME = "SYNC_SALESFORCE_COTERM_FIELD"


@pytest.fixture
def books(store: Store, monkeypatch: pytest.MonkeyPatch) -> Books:
    """A base, and an add-on of 10 seats at 50.00 a month whose deal names it; no ERP and no product platform."""
    monkeypatch.setenv(NAME, "Base__c")
    books = Books(store=store, missing={"erp", "product"})
    catalogue(books)
    sell(books, "d0")
    bill(books, "s0", order_id="crm:d0")
    sell(books, ends_with="d0")
    bill(books)
    return books


def _end(books: Books, deal: str, on: date) -> None:
    books.put("salesforce", "contract", f"k-{deal}", customer_id="a1", starts_on=BEGAN.date(), ends_on=on)


def _found(books: Books) -> list[tuple[object, ...]]:
    books.judge()
    return [said(row) for row in books.breaks() if row["class"] == "F30"]


def test_an_add_on_that_ended_before_its_base_leaks_the_days_between(books: Books) -> None:
    assert _found(books) == [], "both end after a year"
    _end(books, "d1", date(2026, 6, 9))
    _end(books, "d0", date(2026, 6, 24))
    # 500.00 a month of 30 days from 10 June, for 15 days
    assert _found(books) == [("F30", "RO", "crm->billing", "LEAK", 25_000)]
    _end(books, "d0", date(2026, 6, 9))
    assert _found(books) == [], "the base ends as the add-on does"


def test_an_add_on_that_runs_on_is_billed_too_much(books: Books) -> None:
    _end(books, "d1", date(2026, 6, 24))
    _end(books, "d0", date(2026, 6, 9))
    assert _found(books) == [("F30", "RO", "crm->billing", "OVER", 25_000)]


def test_a_deal_that_names_no_base_or_a_lost_one_ends_as_it_likes(books: Books) -> None:
    _end(books, "d0", BEGAN.date() + timedelta(days=200))
    assert len(_found(books)) == 1
    books.put("salesforce", "order", "d0", customer_id="a1", kind="deal", status="lost", contract_id="k-d0")
    assert _found(books) == []
    sell(books, "d0")
    _end(books, "d0", BEGAN.date() + timedelta(days=200))
    assert len(_found(books)) == 1
    sell(books, ends_with=None)
    assert _found(books) == []


def test_without_a_named_field_nothing_is_said(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME)
    _end(books, "d0", date(2026, 6, 24))
    done = books.judge()
    assert NAME in done.unknowable["F30_subscription_crm_to_billing"]
    assert [row for row in books.breaks() if row["class"] == "F30"] == []
    monkeypatch.setenv(NAME, "Base__c")
    books.judge()
    assert only(books)["class"] == "F30"
