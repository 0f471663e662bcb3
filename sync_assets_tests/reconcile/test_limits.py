"""What the product allows against what is sold: a quantity that changed and was not followed."""

from datetime import timedelta

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import NOON, Books
from sync_assets_tests.reconcile.deals import BEGAN, bill, catalogue, only, said, sell

CHANGED = NOON - timedelta(hours=12)
"""Midnight, thirty days after the beginning."""


@pytest.fixture
def books(store: Store) -> Books:
    """Ten seats at 50.00 a month, all of them allowed; no ERP."""
    books = Books(store=store, missing={"erp"})
    catalogue(books)
    sell(books)
    bill(books)
    _version(books, "v1", 10, BEGAN)
    _allow(books, 10)
    return books


def _version(books: Books, name: str, quantity: int, at: object) -> None:
    books.put(
        "chargebee", "subscription_version", name, subscription_id="s1", valid_from=at, known_at=at,
        price_id="seats-EUR", kind="plan", quantity=quantity, unit_price=50, currency="EUR", status="active",
    )  # fmt: skip


def _allow(books: Books, limit: int, feature: str = "seats") -> None:
    books.put(
        "product", "entitlement", f"e-{feature}", subscription_id="billing:s1", feature=feature, kind="static",
        limit=limit, status="active", starts_at=BEGAN,
    )  # fmt: skip


def _sell(books: Books, quantity: int) -> None:
    sell(books, quantity=quantity)
    bill(books, quantity=quantity)
    _version(books, "v2", quantity, CHANGED)


def test_a_quantity_that_the_product_did_not_follow_is_paid_and_not_allowed(books: Books) -> None:
    _sell(books, 15)
    books.through = CHANGED + timedelta(minutes=59)
    books.judge()
    assert books.breaks() == [], "on its way"
    books.through = CHANGED + timedelta(days=15)
    books.judge()
    # five seats at 50.00 a month, 15 of the 30 days from 30 June to 30 July
    assert said(only(books)) == ("F33", "PR", "billing->product", "OVER", 12_500)
    assert only(books)["entity_id"] == "product:e-seats"
    _allow(books, 15)
    books.judge()
    assert books.breaks() == []


def test_what_is_allowed_beyond_what_is_sold_leaks(books: Books) -> None:
    _sell(books, 4)
    books.through = CHANGED + timedelta(days=15)
    books.judge()
    # six seats at 50.00 a month, half a month
    assert said(only(books)) == ("F33", "PR", "billing->product", "LEAK", 15_000)


def test_a_number_that_never_was_a_quantity_is_no_limit_of_it(books: Books) -> None:
    _allow(books, 3, "regions")
    _sell(books, 15)
    _allow(books, 15)
    books.through = CHANGED + timedelta(days=15)
    books.judge()
    assert books.breaks() == []


def test_access_that_ends_says_nothing_about_a_limit(books: Books) -> None:
    _sell(books, 15)
    books.through = CHANGED + timedelta(days=15)
    books.judge()
    assert only(books)["class"] == "F33"
    _allow(books, 15, "seats-new")
    books.put("product", "entitlement", "e-seats", subscription_id="billing:s1", feature="seats", kind="static",
        limit=10, status="active", starts_at=BEGAN, ends_at=CHANGED)  # fmt: skip
    books.judge()
    assert books.breaks() == []
