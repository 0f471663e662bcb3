"""Service at the edges of a subscription: access cut before its end, usage after the end, usage that comes too late."""

from datetime import timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import NOON, Books
from sync_assets_tests.reconcile.deals import BEGAN, bill, catalogue, said, sell

ENDED = NOON - timedelta(days=10)
TURN = BEGAN + timedelta(days=20)


@pytest.fixture
def books(store: Store) -> Books:
    """Seats at 50.00 and calls at 0.05; no ERP."""
    books = Books(store=store, missing={"erp"})
    catalogue(books)
    catalogue(books, "calls")
    books.put("chargebee", "product", "calls", status="active", sku="calls", metered=True)
    sell(books)
    return books


def _line(books: Books, invoice: str, sku: str, starts_at: Any, ends_at: Any, **line: Any) -> None:
    books.put(
        "chargebee", "invoice_line", f"{invoice}-{sku}", from_record_id=invoice, invoice_id=invoice, currency="EUR",
        subscription_id="s1", starts_at=starts_at, ends_at=ends_at, tax_minor=0,
        **{"price_id": f"{sku}-EUR", **line},
    )  # fmt: skip


def _use(books: Books, name: str, quantity: int, at: Any, stored_at: Any = None) -> None:
    books.put(
        "product", "usage", name, event_id=name, source="app", subscription_id="billing:s1", meter="calls",
        quantity=quantity, occurred_at=at, stored_at=stored_at or at,
    )  # fmt: skip


def _of(books: Books, class_: str) -> list[dict[str, Any]]:
    books.judge()
    return [row for row in books.breaks() if row["class"] == class_]


def _access(books: Books, name: str, **fields: Any) -> None:
    known = {"subscription_id": "billing:s1", "feature": "seats", "status": "active"}
    books.put("product", "entitlement", name, **{**known, **fields})


def _pay(books: Books, **fields: Any) -> None:
    books.invoice("1", **{"status": "paid", "paid_minor": 40_000, "total_minor": 40_000, **fields})
    ends_at = BEGAN + timedelta(days=40) - timedelta(seconds=1)
    _line(books, "1", "seats", BEGAN, ends_at, amount_minor=40_000, quantity=10, unit_price=40)


def test_access_that_ends_in_a_paid_period_is_owed_back_for_the_rest(books: Books) -> None:
    bill(books)
    _pay(books)
    _access(books, "e1", ends_at=BEGAN + timedelta(days=25))
    (found,) = _of(books, "F32")
    # 400.00 for 40 days; 15 of them without access
    assert said(found) == ("F32", "PR", "billing->product", "OVER", 15_000)
    _access(books, "e2")
    assert _of(books, "F32") == []


def test_access_that_was_taken_away_from_who_did_not_pay_is_not_owed(books: Books) -> None:
    bill(books)
    _pay(books, status="open", paid_minor=0)
    _access(books, "e1", deleted_at=BEGAN + timedelta(days=25))
    assert _of(books, "F32") == []
    _pay(books)
    assert len(_of(books, "F32")) == 1


def test_access_that_will_end_too_early_is_cut_when_it_does(books: Books) -> None:
    bill(books)
    _pay(books)
    _access(books, "e1", ends_at=NOON + timedelta(hours=1))
    assert _of(books, "F32") == []
    books.through += timedelta(hours=1, minutes=5)
    assert len(_of(books, "F32")) == 1


def _end(books: Books) -> None:
    bill(books, sku="calls", status="cancelled", cancelled_at=ENDED, ends_at=ENDED)
    books.put(
        "chargebee", "subscription_item", "s1-1", from_record_id="s1", subscription_id="s1", price_id="calls-EUR",
        kind="addon", unit_price="0.05", currency="EUR",
    )  # fmt: skip
    books.put("salesforce", "contract", "k-d1", customer_id="a1", starts_on=BEGAN.date(), ends_on=ENDED.date())


def test_usage_after_the_end_leaks_its_price_until_it_is_billed(books: Books) -> None:
    _end(books)
    _use(books, "u1", 100, ENDED - timedelta(hours=1), NOON)
    _use(books, "u2", 10, ENDED + timedelta(minutes=59))
    assert _of(books, "F39") == [], "late, and as it ended"
    _use(books, "u3", 1000, ENDED + timedelta(hours=2))
    _use(books, "u4", 500, ENDED + timedelta(days=2))
    (found,) = _of(books, "F39")
    # 1,500 at 0.05
    assert said(found) == ("F39", "PR", "billing->product", "LEAK", 7_500)
    books.invoice("9", total_minor=7_500, finalised_at=NOON)
    until = ENDED + timedelta(days=3)
    _line(books, "9", "calls", ENDED, until, amount_minor=7_500, quantity=1500, unit_price="0.05")
    assert _of(books, "F39") == []


def test_usage_after_the_end_waits_an_hour(books: Books) -> None:
    _end(books)
    _use(books, "u1", 100, NOON - timedelta(minutes=59))
    assert _of(books, "F39") == []
    books.through += timedelta(minutes=1)
    assert len(_of(books, "F39")) == 1


def _bill_calls(books: Books, invoice: str, starts_at: Any, ends_at: Any, quantity: int) -> None:
    total = quantity * 5
    books.invoice(invoice, total_minor=total, issued_at=ends_at, finalised_at=ends_at + timedelta(hours=6))
    _line(books, invoice, "calls", starts_at, ends_at, amount_minor=total, quantity=quantity, unit_price="0.05")


def test_late_usage_that_the_next_invoice_leaves_out_leaks_its_price(books: Books) -> None:
    bill(books)
    end = TURN + timedelta(days=7)
    _use(books, "u1", 1000, BEGAN + timedelta(days=1))
    _use(books, "u2", 400, BEGAN + timedelta(days=2), TURN + timedelta(days=1))
    _use(books, "u3", 200, TURN + timedelta(days=3))
    _bill_calls(books, "1", BEGAN, TURN, 1000)
    assert _of(books, "F37") == [], "the next invoice may have it"
    _bill_calls(books, "2", TURN, end, 200)
    (found,) = _of(books, "F37")
    # 400 at 0.05
    assert said(found) == ("F37", "FI", "product->billing", "LEAK", 2_000)
    assert found["entity_id"] == "chargebee:1"
    _bill_calls(books, "2", TURN, end, 500)
    # 300 of 400 made good
    assert [row["money_at_risk_minor"] for row in _of(books, "F37")] == [500]
    _bill_calls(books, "2", TURN, end, 600)
    assert _of(books, "F37") == []


def test_late_usage_on_an_invoice_of_its_own_is_made_good(books: Books) -> None:
    bill(books)
    _use(books, "u1", 400, BEGAN + timedelta(days=2), TURN + timedelta(days=1))
    _bill_calls(books, "1", BEGAN, TURN, 0)
    books.invoice("2", total_minor=2_000, finalised_at=TURN + timedelta(days=2))
    _line(books, "2", "calls", BEGAN, TURN, amount_minor=2_000, quantity=400, unit_price="0.05")
    assert _of(books, "F37") == []


def test_late_usage_that_somebody_charges_by_hand_is_made_good(books: Books) -> None:
    bill(books)
    _use(books, "u1", 1000, BEGAN + timedelta(days=1))
    _use(books, "u2", 400, BEGAN + timedelta(days=2), TURN + timedelta(days=1))
    _bill_calls(books, "1", BEGAN, TURN, 1000)
    _bill_calls(books, "2", TURN, TURN + timedelta(days=7), 0)
    assert len(_of(books, "F37")) == 1
    books.invoice("3", total_minor=1_500, finalised_at=TURN + timedelta(days=2))
    charge = {"kind": "adhoc", "price_id": None, "quantity": 1, "unit_price": 15}
    _line(books, "3", "hand", TURN, TURN, **{**charge, "amount_minor": 1_500})
    # 15.00 for something else, and 20.00 are missing
    assert [row["money_at_risk_minor"] for row in _of(books, "F37")] == [2_000]
    _line(books, "3", "hand", BEGAN, TURN, **{**charge, "amount_minor": 1_500})
    # 15.00 for the same time
    assert [row["money_at_risk_minor"] for row in _of(books, "F37")] == [500]
    _line(books, "3", "hand", TURN, TURN, **{**charge, "unit_price": 20, "amount_minor": 2_000})
    assert _of(books, "F37") == []
