"""The organisation that a deal is for, and the step before an amendment: judged once settings name their fields."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.reconcile.deals import BEGAN, bill, catalogue, said, sell

ORGANISATION, AMENDS = "SYNC_SALESFORCE_ORGANISATION_FIELD", "SYNC_SALESFORCE_AMENDS_FIELD"


@pytest.fixture
def books(store: Store, monkeypatch: pytest.MonkeyPatch) -> Books:
    """A deal over 10 seats at 50.00 a month and its subscription; no ERP and no product platform."""
    monkeypatch.setenv(ORGANISATION, "Org__c")
    monkeypatch.setenv(AMENDS, "Before__c")
    books = Books(store=store, missing={"erp", "product"})
    catalogue(books)
    sell(books, organisation_id="c1")
    bill(books)
    return books


def _found(books: Books, class_: str) -> list[tuple[object, ...]]:
    books.judge()
    return [said(row) for row in books.breaks() if row["class"] == class_]


def _use(books: Books, number: str, minor: int, **invoice: Any) -> None:
    """An invoice over usage alone."""
    books.put("chargebee", "price", "calls-EUR", product_id="calls", currency="EUR", model="per_unit", metered=True)
    books.invoice(number, subscription_id="s1", total_minor=minor, tax_minor=0, **invoice)
    books.put(
        "chargebee", "invoice_line", f"{number}-1", from_record_id=number, invoice_id=number, subscription_id="s1",
        price_id="calls-EUR", amount_minor=minor, discount_minor=0, tax_minor=0, currency="EUR",
    )  # fmt: skip


def test_usage_that_counts_for_another_organisation_than_the_deals_is_missing_there(books: Books) -> None:
    _use(books, "1", 7_000)
    _use(books, "2", 500)
    _use(books, "3", 9_900, is_void=True, status="void")
    assert _found(books, "F7") == [], "the deal is for c1, who is billed"
    sell(books, organisation_id="c2")
    # 70.00 and 5.00 of usage; the void invoice charged nobody
    assert _found(books, "F7") == [("F7", "PR", "product->billing", "LEAK", 7_500)]
    sell(books, organisation_id=None)
    assert _found(books, "F7") == [], "a deal that names nobody is for whoever is billed"


def test_without_the_field_of_the_organisation_nothing_is_said(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ORGANISATION)
    sell(books, organisation_id="c2")
    assert ORGANISATION in books.judge().unknowable["F7_subscription_product_to_billing"]
    assert [row for row in books.breaks() if row["class"] == "F7"] == []


def _order(books: Books, name: str, starts_on: date, **fields: Any) -> None:
    known: dict[str, Any] = {"customer_id": "a1", "deal_id": "d1", "status": "won", "currency": "EUR", "kind": "order"}
    known |= {"starts_on": starts_on, "won_at": datetime.combine(starts_on, BEGAN.timetz())}
    books.put("salesforce", "order", name, **{**known, **fields})


def _amend(books: Books, name: str, starts_on: date, follows: str | None, **fields: Any) -> None:
    _order(books, name, starts_on, kind="amendment", amends_id="o1", follows_id=follows, **fields)


FIRST = BEGAN.date()
NEXT = FIRST + timedelta(days=10)


def test_amendments_that_follow_each_other_are_a_chain(books: Books) -> None:
    _order(books, "o1", FIRST, ends_on=FIRST + timedelta(days=364))
    _amend(books, "o2", NEXT, "o1", ends_on=FIRST + timedelta(days=364))
    _amend(books, "o3", NEXT + timedelta(days=5), "o2")
    _amend(books, "o4", NEXT + timedelta(days=5), "o3")
    assert _found(books, "F18") == [], "a later one takes the place of what it overlaps"


@pytest.mark.parametrize(
    ("follows", "starts_on"),
    [
        (None, NEXT),  # names none
        ("o9", NEXT),  # names an order that is not there
        ("x1", NEXT),  # names one of another contract
        ("o1", NEXT + timedelta(days=3)),  # o2 follows o1 already
        ("o2", NEXT - timedelta(days=1)),  # begins before o2
    ],
)
def test_an_amendment_that_does_not_follow_is_exposure(books: Books, follows: str | None, starts_on: date) -> None:
    _order(books, "o1", FIRST)
    _order(books, "x1", FIRST, deal_id="d7")
    _amend(books, "o2", NEXT, "o1")
    _amend(books, "o3", starts_on, follows)
    # 10 seats at 50.00 are 500.00 a month
    assert _found(books, "F18") == [("F18", "RO", "crm->billing", "CONTROL", 50_000)]
    _amend(books, "o3", NEXT + timedelta(days=3), "o2")
    assert _found(books, "F18") == []


def test_days_that_no_amendment_covers_leak(books: Books) -> None:
    _order(books, "o1", FIRST, ends_on=date(2026, 6, 9))
    _amend(books, "o2", date(2026, 6, 10), "o1", ends_on=date(2026, 6, 14))
    assert _found(books, "F18") == []
    _amend(books, "o2", date(2026, 6, 13), "o1", ends_on=date(2026, 6, 14))
    # 10, 11 and 12 June of 30 days: 3/30 of 500.00
    assert _found(books, "F18") == [("F18", "RO", "crm->billing", "LEAK", 5_000)]


def test_an_amendment_that_was_cancelled_is_no_link_and_no_rival(books: Books) -> None:
    _order(books, "o1", FIRST)
    _amend(books, "o2", NEXT, "o1", status="lost")
    _amend(books, "o3", NEXT, "o1")
    assert _found(books, "F18") == []
    _amend(books, "o4", NEXT, "o2")
    assert len(_found(books, "F18")) == 1


def test_without_the_field_of_the_step_before_nothing_is_said(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(AMENDS)
    _order(books, "o1", FIRST)
    _amend(books, "o2", NEXT, None)
    assert AMENDS in books.judge().unknowable["F18_order_crm_to_billing"]
    assert [row for row in books.breaks() if row["class"] == "F18"] == []
