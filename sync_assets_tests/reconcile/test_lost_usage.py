"""Usage that nobody is billed for: of subjects that billing does not know, and of counters that fall silent."""

from datetime import timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import NOON, Books
from sync_assets_tests.reconcile.deals import BEGAN, bill, catalogue, said, sell


@pytest.fixture
def books(store: Store) -> Books:
    """Calls at 0.05 EUR, counted by a meter; no ERP."""
    books = Books(store=store, missing={"erp"})
    catalogue(books, "calls")
    books.put("chargebee", "product", "calls", status="active", sku="calls", metered=True)
    books.put("chargebee", "price", "calls-EUR", product_id="calls", currency="EUR", unit_price="0.05",
        model="per_unit", metered=True, status="active")  # fmt: skip
    books.put("product", "meter", "m1", feature="calls", event_type="calls", aggregation="SUM", name="calls")
    sell(books)
    bill(books, sku="calls")
    return books


def _use(books: Books, name: str, quantity: int, at: Any, of: str = "s1/calls") -> None:
    subject, _, meter = of.partition("/")
    books.put(
        "product", "usage", name, event_id=name, source="app", subscription_id=f"billing:{subject}",
        meter=meter or "calls", quantity=quantity, occurred_at=at, stored_at=at,
    )  # fmt: skip


def _of(books: Books, class_: str) -> list[dict[str, Any]]:
    books.judge()
    return [row for row in books.breaks() if row["class"] == class_]


def test_usage_of_an_unknown_subject_is_exposed_at_list_price_until_it_is_known(books: Books) -> None:
    first = NOON - timedelta(days=3)
    _use(books, "u2", 500, first + timedelta(hours=1), "ghost")
    _use(books, "u1", 1000, first, "ghost")
    (found,) = _of(books, "F43")
    # 1,500 at 0.05, on the first event
    assert said(found) == ("F43", "PR", "product", "CONTROL", 7_500)
    assert (found["entity_id"], found["currency"]) == ("product:u1", "EUR")
    _use(books, "u3", 100, first + timedelta(hours=2), "ghost")
    # 1,600 at 0.05
    assert [row["money_at_risk_minor"] for row in _of(books, "F43")] == [8_000]
    bill(books, "ghost", sku="calls")
    assert _of(books, "F43") == []


def test_an_earlier_event_of_the_same_subject_takes_the_place_of_the_first(books: Books) -> None:
    _use(books, "u2", 500, NOON - timedelta(days=3), "ghost")
    assert [row["entity_id"] for row in _of(books, "F43")] == ["product:u2"]
    _use(books, "u1", 500, NOON - timedelta(days=4), "ghost")
    assert [row["entity_id"] for row in _of(books, "F43")] == ["product:u1"]


def test_usage_of_a_subscription_that_ended_or_is_new_or_that_no_meter_counts_is_known(books: Books) -> None:
    bill(books, "gone", sku="calls", status="cancelled", cancelled_at=NOON - timedelta(days=9))
    _use(books, "u1", 500, NOON - timedelta(days=3), "gone")
    _use(books, "u2", 500, NOON - timedelta(hours=23), "new")
    _use(books, "u3", 1, NOON - timedelta(days=3), "visitor/login")
    assert _of(books, "F43") == []
    books.through += timedelta(hours=1)
    assert [row["entity_id"] for row in _of(books, "F43")] == ["product:u2"], "a day is over"


def _weeks(books: Books, events: int = 20) -> None:
    """An event every six hours from the beginning on, but for a pause of twelve after the fifth."""
    for number in range(events):
        pause = timedelta(hours=6) if number >= 5 else timedelta(0)
        _use(books, f"u{number}", 10, BEGAN + timedelta(hours=6 * number) + pause)


def _bill_calls(books: Books) -> None:
    books.invoice("1", total_minor=1_000, finalised_at=BEGAN + timedelta(days=10))
    books.put(
        "chargebee", "invoice_line", "1-1", from_record_id="1", invoice_id="1", subscription_id="s1", currency="EUR",
        price_id="calls-EUR", starts_at=BEGAN, ends_at=BEGAN + timedelta(days=10), amount_minor=1_000, quantity=200,
        unit_price="0.05", tax_minor=0,
    )  # fmt: skip


def test_a_silence_of_three_times_the_longest_pause_is_told_when_it_is_reached(books: Books) -> None:
    _weeks(books)
    _bill_calls(books)
    # the last of 20: 20 * 6 hours after the beginning; the longest pause of 12 hours, thrice: 36. The mean of 18 pauses
    # of 6 hours and one of 12 is 6.3, they stray 1.3 from it, and 6.3 + 16 * 1.3 is less
    silent_at = BEGAN + timedelta(hours=20 * 6 + 36)
    books.through = silent_at - timedelta(minutes=1)
    assert _of(books, "F44") == []
    books.through = silent_at
    (found,) = _of(books, "F44")
    # what the last period with usage was billed
    assert said(found) == ("F44", "PR", "product", "CONTROL", 1_000)
    _use(books, "back", 10, silent_at)
    assert _of(books, "F44") == []


def test_a_customer_who_pauses_unevenly_is_silent_later(books: Books) -> None:
    # ten pauses of 2 hours and ten of 10: the mean is 6, they stray 4 from it, and 6 + 16 * 4 are 70 hours
    for number in range(21):
        _use(books, f"u{number}", 10, BEGAN + timedelta(hours=12 * (number // 2) + 2 * (number % 2)))
    _bill_calls(books)
    books.through = BEGAN + timedelta(hours=120 + 69)
    assert _of(books, "F44") == []
    books.through += timedelta(hours=1)
    assert len(_of(books, "F44")) == 1


def test_few_events_an_ended_subscription_and_one_without_usage_items_are_no_silence(books: Books) -> None:
    _weeks(books, 19)
    assert _of(books, "F44") == []
    _weeks(books)
    assert len(_of(books, "F44")) == 1
    bill(books, sku="calls", status="cancelled", cancelled_at=NOON - timedelta(days=9))
    assert _of(books, "F44") == []
    catalogue(books)
    bill(books)
    assert _of(books, "F44") == []
