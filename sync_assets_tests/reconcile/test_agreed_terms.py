"""Terms that a deal keeps in fields of the company: judged once a setting names them, unknowable until then."""

from datetime import date, timedelta

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.reconcile.deals import BEGAN, bill, catalogue, only, said, sell


@pytest.fixture
def books(store: Store, monkeypatch: pytest.MonkeyPatch) -> Books:
    """10 seats at 50.00 a month from 31 May; no ERP and no product platform."""
    for name in ("UPLIFT_PERCENT", "ACCEPTANCE", "DISCOUNT_LIMIT"):
        monkeypatch.setenv(f"SYNC_SALESFORCE_{name}_FIELD", f"{name}__c")
    books = Books(store=store, missing={"erp", "product"})
    catalogue(books)
    return books


def test_an_increase_that_billing_never_makes_leaks_from_its_day_on(books: Books) -> None:
    sell(books, uplift_on=date(2026, 6, 20), uplift_percent=10)
    bill(books)
    books.judge()
    # 10 seats at 5.00 more: 50.00 a month from 20 June, 10 1/2 of 30 days by noon of the 30th
    assert said(only(books)) == ("F23", "RO", "crm->billing", "LEAK", 1_750)
    bill(books, price=55)
    books.judge()
    assert books.breaks() == [], "the raised price is the agreed one"


def test_an_increase_that_is_still_to_come_is_no_break(books: Books) -> None:
    sell(books, uplift_on=date(2026, 7, 20), uplift_percent=10)
    bill(books)
    books.judge()
    assert books.breaks() == []


def test_what_is_billed_before_acceptance_is_misstated(books: Books) -> None:
    sell(books, accepted_on=date(2026, 6, 10))
    bill(books)
    books.invoice("1", due_minor=0, status="open")
    line = {"amount_minor": 10_000, "tax_minor": 1_900, "currency": "EUR", "quantity": 10, "unit_price": 50}
    span = {"starts_at": BEGAN, "ends_at": BEGAN + timedelta(days=30), "subscription_id": "s1"}
    books.put("chargebee", "invoice_line", "1-1", from_record_id="1", invoice_id="1", **line, **span)
    books.judge()
    # the line of 100.00 begins on 31 May, ten days too early
    assert said(only(books)) == ("F27", "FI", "crm->billing", "MISSTATE", 10_000)
    sell(books, accepted_on=BEGAN.date())
    books.judge()
    assert books.breaks() == []


def test_a_discount_beyond_its_limit_leaks_the_excess(books: Books) -> None:
    sell(books, discount_limit_percent=15)
    discounted = {"order_id": "d1", "product_id": "p-seats", "quantity": 10, "unit_price": 50}
    books.put("salesforce", "order_line", "l-d1", discount_percent=20, **discounted)
    bill(books, price=40)
    books.judge()
    # 5 percent of 500.00 are 25.00 a month, for one of 30 days and 12 hours of the 31 days from 30 June
    assert said(only(books)) == ("F22", "RO", "crm", "LEAK", 2_540)
    sell(books, discount_limit_percent=20)
    books.put("salesforce", "order_line", "l-d1", discount_percent=20, **discounted)
    books.judge()
    assert books.breaks() == []


def test_a_term_without_a_named_field_is_unknowable_and_says_which_setting_to_make(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SYNC_SALESFORCE_UPLIFT_PERCENT_FIELD")
    sell(books, uplift_on=date(2026, 6, 20), uplift_percent=10)
    bill(books)
    done = books.judge()
    assert books.breaks() == []
    assert "SYNC_SALESFORCE_UPLIFT_PERCENT_FIELD" in done.unknowable["F23_subscription_crm_to_billing"]
    monkeypatch.setenv("SYNC_SALESFORCE_UPLIFT_PERCENT_FIELD", "Uplift__c")
    books.judge()
    assert only(books)["class"] == "F23"
