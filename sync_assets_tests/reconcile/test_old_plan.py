"""Usage of a period in which its price changed: each event at the price of its own time."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.reconcile.deals import BEGAN, bill, catalogue, said, sell

CHANGED, TURN = BEGAN + timedelta(days=10), BEGAN + timedelta(days=20)
FINAL = TURN + timedelta(hours=6)


@pytest.fixture
def books(store: Store) -> Books:
    """600 calls at 0.05, then 400 after the price became 0.08; no ERP."""
    books = Books(store=store, missing={"erp"})
    catalogue(books, "calls")
    books.put("chargebee", "product", "calls", status="active", sku="calls", metered=True)
    sell(books)
    bill(books, sku="calls")
    _version(books, "v1", "0.05", BEGAN, BEGAN)
    _version(books, "v2", "0.08", CHANGED, CHANGED)
    for name, quantity, at in (("u1", 600, CHANGED - timedelta(seconds=1)), ("u2", 400, CHANGED)):
        books.put(
            "product", "usage", name, event_id=name, source="app", subscription_id="billing:s1", meter="calls",
            quantity=quantity, occurred_at=at, stored_at=at,
        )  # fmt: skip
    return books


def _version(books: Books, name: str, price: str, valid_from: datetime, known_at: datetime) -> None:
    books.put(
        "chargebee", "subscription_version", name, subscription_id="s1", valid_from=valid_from, known_at=known_at,
        price_id="calls-EUR", kind="addon", unit_price=price, currency="EUR", status="active",
    )  # fmt: skip


def _bill(books: Books, *lines: tuple[datetime, datetime, int, int]) -> None:
    total = sum(quantity * cents for _, _, quantity, cents in lines)
    books.invoice("1", total_minor=total, subtotal_minor=total, tax_minor=0, issued_at=TURN, finalised_at=FINAL)
    for number, (starts_at, ends_at, quantity, cents) in enumerate(lines, start=1):
        books.put(
            "chargebee", "invoice_line", f"1-{number}", from_record_id="1", invoice_id="1", subscription_id="s1",
            price_id="calls-EUR", starts_at=starts_at, ends_at=ends_at, amount_minor=quantity * cents, tax_minor=0,
            quantity=quantity, unit_price=f"0.0{cents}", currency="EUR",
        )  # fmt: skip


def _found(books: Books) -> list[dict[str, Any]]:
    books.judge()
    return [row for row in books.breaks() if row["class"] == "F38"]


def test_a_period_billed_at_the_old_price_leaks_what_the_new_one_adds(books: Books) -> None:
    _bill(books, (BEGAN, TURN, 1000, 5))
    (found,) = _found(books)
    # 600 at 0.05 and 400 at 0.08 are 62.00; 1,000 at 0.05 are 50.00
    assert said(found) == ("F38", "RO", "product->billing", "LEAK", 1_200)
    _bill(books, (BEGAN, CHANGED, 600, 5), (CHANGED, TURN, 400, 8))
    assert _found(books) == []


def test_a_period_billed_at_the_new_price_is_too_much_until_it_is_credited(books: Books) -> None:
    _bill(books, (BEGAN, TURN, 1000, 8))
    (found,) = _found(books)
    # 1,000 at 0.08 are 80.00, 18.00 more than 62.00
    assert said(found) == ("F38", "RO", "product->billing", "OVER", 1_800)
    note = {"customer_id": "c1", "invoice_id": "1", "status": "settled", "is_void": False, "currency": "EUR"}
    books.put("chargebee", "credit_note", "n1", total_minor=1_800, **note)
    assert _found(books) == []


def test_a_price_that_was_known_only_later_is_no_fault_of_the_invoice(books: Books) -> None:
    _version(books, "v2", "0.08", CHANGED, FINAL + timedelta(hours=1))
    _bill(books, (BEGAN, TURN, 1000, 5))
    assert _found(books) == []
    _version(books, "v2", "0.08", CHANGED, FINAL)
    assert len(_found(books)) == 1


def test_of_several_states_of_one_second_the_last_one_is_in_force(books: Books) -> None:
    # Billing renews a term and changes its price within a second; the states are told apart by their names alone.
    _bill(books, (BEGAN, CHANGED, 600, 5), (CHANGED, TURN, 400, 8))
    _version(books, "v1-before-v2", "0.09", CHANGED, CHANGED)
    assert _found(books) == []
    _version(books, "v3", "0.09", CHANGED, CHANGED)
    (found,) = _found(books)
    # 400 at 0.09 instead of 0.08
    assert said(found) == ("F38", "RO", "product->billing", "LEAK", 400)


def test_a_price_that_changes_as_the_period_turns_leaves_the_period_alone(books: Books) -> None:
    _version(books, "v2", "0.08", TURN, CHANGED)
    _bill(books, (BEGAN, TURN, 1000, 5))
    assert _found(books) == []


def test_a_quantity_that_is_not_that_of_the_events_is_no_matter_of_the_price(books: Books) -> None:
    _bill(books, (BEGAN, TURN, 900, 5))
    assert _found(books) == []
    assert [row["class"] for row in books.breaks()] == ["F34"]


def test_a_period_billed_at_a_price_that_ended_as_it_began_leaks_what_the_new_one_adds(books: Books) -> None:
    _version(books, "v1", "0.05", BEGAN - timedelta(days=30), BEGAN - timedelta(days=30))
    _version(books, "v2", "0.08", BEGAN, BEGAN)
    _bill(books, (BEGAN, TURN, 1000, 5))
    (found,) = _found(books)
    # 1,000 at 0.08 are 80.00, 30.00 more than at 0.05
    assert said(found) == ("F38", "RO", "product->billing", "LEAK", 3_000)
    _bill(books, (BEGAN, TURN, 1000, 8))
    assert _found(books) == []


def test_a_price_that_no_version_had_is_no_price_of_another_time(books: Books) -> None:
    _version(books, "v1", "0.05", BEGAN - timedelta(days=30), BEGAN - timedelta(days=30))
    _version(books, "v2", "0.08", BEGAN, BEGAN)
    _bill(books, (BEGAN, TURN, 1000, 7))
    assert _found(books) == []
