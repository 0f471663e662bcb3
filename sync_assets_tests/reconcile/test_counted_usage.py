"""Usage as billing was told of it against its events: counted twice, counted otherwise, without its last day."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select

from sync_assets.store.engine import Store
from sync_assets.store.tables import current, history
from sync_assets_tests.reconcile.books import NOON, Books
from sync_assets_tests.reconcile.deals import BEGAN, bill, catalogue, said, sell

FIRST, SECOND = BEGAN + timedelta(days=10), BEGAN + timedelta(days=20)
"""Ends of the first two periods, of ten days each."""


@pytest.fixture
def books(store: Store) -> Books:
    """Calls at 0.05; 100 of them billed in a first period; no ERP."""
    books = Books(store=store, missing={"erp"})
    catalogue(books, "calls")
    books.put("chargebee", "product", "calls", status="active", sku="calls", metered=True)
    sell(books)
    bill(books, sku="calls")
    use(books, "u0", 100, BEGAN + timedelta(days=1))
    bill_calls(books, "1", BEGAN, FIRST, 100)
    return books


def use(books: Books, name: str, quantity: int | Decimal, at: Any, stored_at: Any = None) -> None:
    """Calls at a moment, stored at once or later."""
    books.put(
        "product", "usage", name, event_id=name, source="app", subscription_id="billing:s1", meter="calls",
        quantity=quantity, occurred_at=at, stored_at=stored_at or at,
    )  # fmt: skip


def bill_calls(books: Books, invoice: str, starts_at: Any, ends_at: Any, quantity: int) -> None:
    """A final invoice for the calls of a period, six hours after its end."""
    total = quantity * 5
    books.invoice(invoice, total_minor=total, issued_at=ends_at, finalised_at=ends_at + timedelta(hours=6))
    books.put(
        "chargebee", "invoice_line", f"{invoice}-1", from_record_id=invoice, invoice_id=invoice, currency="EUR",
        subscription_id="s1", price_id="calls-EUR", starts_at=starts_at, ends_at=ends_at, tax_minor=0,
        amount_minor=total, quantity=quantity, unit_price="0.05",
    )  # fmt: skip


def _of(books: Books, class_: str) -> list[dict[str, Any]]:
    books.judge()
    return [row for row in books.breaks() if row["class"] == class_]


def _again(books: Books, name: str) -> None:
    """The event as it is, kept as a former copy that was stored an hour before."""
    now, former = current["usage"], history["usage"]
    with books.store.begin() as connection:
        row = dict(connection.execute(select(now).where(now.c.record_id == name)).mappings().one())
        stored_at = row["stored_at"] - timedelta(hours=1)
        connection.execute(insert(former).values({**row, "stored_at": stored_at, "known_to": NOON}))


def test_an_event_that_was_stored_again_and_billed_again_is_too_much(books: Books) -> None:
    use(books, "u1", 1000, FIRST + timedelta(days=1))
    use(books, "u2", 400, FIRST + timedelta(days=2))
    _again(books, "u2")
    bill_calls(books, "2", FIRST, SECOND, 1800)
    (found,) = _of(books, "F35")
    # 1,800 billed, 1,000 and 400 used: 400 at 0.05
    assert said(found) == ("F35", "PR", "product->billing", "OVER", 2_000)
    assert _of(books, "F36") == []
    bill_calls(books, "2", FIRST, SECOND, 1400)
    assert _of(books, "F35") == [], "stored twice and billed once"


def test_a_total_above_its_events_is_too_much_until_it_is_credited(books: Books) -> None:
    use(books, "u1", 1000, FIRST + timedelta(days=1))
    bill_calls(books, "2", FIRST, SECOND, 1300)
    (found,) = _of(books, "F36")
    # 300 at 0.05
    assert said(found) == ("F36", "PR", "product->billing", "OVER", 1_500)
    assert found["entity_id"] == "chargebee:s1"
    assert _of(books, "F35") == []
    note = {"customer_id": "c1", "invoice_id": "2", "status": "settled", "is_void": False, "currency": "EUR"}
    books.put("chargebee", "credit_note", "n1", total_minor=1_500, **note)
    assert _of(books, "F36") == []


def test_a_repeat_explains_no_more_than_it_counts(books: Books) -> None:
    use(books, "u1", 100, FIRST + timedelta(days=1))
    _again(books, "u1")
    bill_calls(books, "2", FIRST, SECOND, 300)
    # 200 too many, of which the repeat would be 100
    assert [row["money_at_risk_minor"] for row in _of(books, "F36")] == [1_000]
    assert _of(books, "F35") == []


def test_late_usage_of_the_period_before_belongs_on_the_next_invoice(books: Books) -> None:
    use(books, "u1", 1000, FIRST + timedelta(days=1))
    use(books, "late", 300, FIRST - timedelta(days=1), FIRST + timedelta(days=1))
    bill_calls(books, "2", FIRST, SECOND, 1300)
    assert _of(books, "F36") == []
    bill_calls(books, "2", FIRST, SECOND, 1301)
    # one call at 0.05
    assert [row["money_at_risk_minor"] for row in _of(books, "F36")] == [5]


def test_a_period_from_before_the_first_event_that_was_read_is_not_judged(books: Books) -> None:
    bill_calls(books, "1", BEGAN, FIRST, 5000)
    assert _of(books, "F36") == []


def test_what_a_meter_does_not_add_up_is_no_excess_of_its_sum(books: Books) -> None:
    books.put("product", "meter", "m1", feature="calls", event_type="calls", name="calls", aggregation="MAX")
    use(books, "u1", 1000, FIRST + timedelta(days=1))
    use(books, "u2", 400, FIRST + timedelta(days=2))
    bill_calls(books, "2", FIRST, SECOND, 1000)
    assert _of(books, "F36") == []
    bill_calls(books, "2", FIRST, SECOND, 1400)
    # 400 beyond the highest at 0.05
    assert [row["money_at_risk_minor"] for row in _of(books, "F36")] == [2_000]


def test_a_unit_that_was_used_in_part_may_be_billed_whole(books: Books) -> None:
    use(books, "u1", Decimal("1000.4"), FIRST + timedelta(days=1))
    bill_calls(books, "2", FIRST, SECOND, 1001)
    assert _of(books, "F36") == []


def test_the_first_period_of_a_new_subscription_is_judged_once_events_of_others_reach_back(books: Books) -> None:
    bill_calls(books, "1", BEGAN, FIRST, 300)
    assert _of(books, "F36") == []
    books.put(
        "product", "usage", "other", event_id="other", source="app", subscription_id="billing:s9", meter="calls",
        quantity=1, occurred_at=BEGAN - timedelta(days=1), stored_at=BEGAN - timedelta(days=1),
    )  # fmt: skip
    bill(books, sku="calls", started_at=BEGAN - timedelta(days=9))
    bill_calls(books, "1", BEGAN, FIRST, 300)
    assert _of(books, "F36") == [], "it began before, and may have been measured elsewhere"
    bill(books, sku="calls")
    # 300 billed, 100 used: 200 at 0.05
    assert [row["money_at_risk_minor"] for row in _of(books, "F36")] == [1_000]


def test_usage_that_is_not_read_through_the_invoice_says_nothing_yet(books: Books) -> None:
    use(books, "u1", 1000, FIRST + timedelta(days=1))
    bill_calls(books, "2", FIRST, SECOND, 1300)
    books.through = SECOND
    assert _of(books, "F36") == []
    books.through = SECOND + timedelta(hours=6)
    assert len(_of(books, "F36")) == 1


ENDED = SECOND + timedelta(hours=15)


def _end(books: Books, quantity: int) -> None:
    bill(books, sku="calls", status="cancelled", cancelled_at=ENDED, ends_at=ENDED)
    use(books, "u1", 1000, FIRST + timedelta(days=1))
    use(books, "u2", 70, SECOND + timedelta(hours=1))
    use(books, "u3", 30, ENDED - timedelta(minutes=1))
    bill_calls(books, "2", FIRST, ENDED, quantity)


def test_usage_of_the_day_of_the_end_that_is_left_off_leaks_its_price(books: Books) -> None:
    _end(books, 1000)
    (found,) = _of(books, "F40")
    # 70 and 30 at 0.05
    assert said(found) == ("F40", "FI", "product->billing", "LEAK", 500)
    (symptom,) = _of(books, "F34")
    assert (symptom["money_at_risk_minor"], symptom["root"]) == (0, False)
    bill_calls(books, "2", FIRST, ENDED, 1100)
    assert _of(books, "F40") == []
    assert _of(books, "F34") == []


def test_other_usage_that_is_missing_is_not_that_of_the_last_day(books: Books) -> None:
    _end(books, 900)
    assert _of(books, "F40") == []
    # 200 at 0.05
    assert [row["money_at_risk_minor"] for row in _of(books, "F34")] == [1_000]


def test_what_comes_after_the_last_invoice_is_late_and_not_dropped(books: Books) -> None:
    _end(books, 1070)
    use(books, "u3", 30, ENDED - timedelta(minutes=1), ENDED + timedelta(hours=7))
    use(books, "u2", 70, FIRST + timedelta(days=2))
    assert _of(books, "F40") == []


def test_a_last_day_is_left_an_hour(books: Books) -> None:
    _end(books, 1000)
    books.through = ENDED + timedelta(hours=6, minutes=59)
    assert _of(books, "F40") == []
    books.through += timedelta(minutes=1)
    assert len(_of(books, "F40")) == 1
