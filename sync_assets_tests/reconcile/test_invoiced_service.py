"""What an invoice bills against the service it is for: once, from the version in force, with all usage."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.reconcile.deals import bill, only, said

FROM, TO = datetime(2026, 5, 20, tzinfo=UTC), datetime(2026, 6, 20, tzinfo=UTC)
FINAL = datetime(2026, 6, 20, 12, tzinfo=UTC)


@pytest.fixture
def books(store: Store) -> Books:
    """Seats at 10.00 a month and calls at 0.05 each, on one subscription; no ERP."""
    books = Books(store=store, missing={"erp"})
    books.put("chargebee", "product", "seats", sku="seats", status="active", metered=False)
    books.put("chargebee", "product", "calls", sku="calls", status="active", metered=True)
    priced = {"currency": "EUR", "period": 1, "period_unit": "month", "status": "active", "model": "per_unit"}
    books.put("chargebee", "price", "seats-EUR", product_id="seats", unit_price=10, **priced)
    books.put("chargebee", "price", "calls-EUR", product_id="calls", unit_price="0.05", metered=True, **priced)
    return books


def _invoice(books: Books, number: str, **line: Any) -> None:
    """An invoice of 119.00 with one line of 10 seats, and 19.00 of tax."""
    total = line.get("amount_minor", 10_000) + 1_900
    books.invoice(number, issued_at=FINAL, finalised_at=FINAL, total_minor=total)
    _line(books, number, **line)


def _line(books: Books, number: str, **line: Any) -> None:
    """10 seats at 10.00 for a month, unless the line says otherwise."""
    known = {"subscription_id": "s1", "price_id": "seats-EUR", "quantity": 10, "unit_price": 10, "proration": False}
    period = {"starts_at": FROM, "ends_at": TO, "amount_minor": 10_000, "tax_minor": 1_900, "currency": "EUR"}
    books.put(
        "chargebee", "invoice_line", f"{number}-1", from_record_id=number, invoice_id=number,
        **{**known, **period, **line},
    )  # fmt: skip


def test_a_period_that_two_invoices_bill_is_billed_too_much_by_the_later_one(books: Books) -> None:
    _invoice(books, "1")
    books.judge()
    assert books.breaks() == []
    _invoice(books, "2")
    books.judge()
    # the whole second invoice of 119.00
    assert said(only(books)) == ("F46", "FI", "billing", "OVER", 11_900)
    assert only(books)["entity_id"] == "chargebee:2"
    credited = {"invoice_id": "2", "is_void": False, "status": "settled", "reason": "duplicate", "currency": "EUR"}
    books.put("chargebee", "credit_note", "n1", customer_id="c1", total_minor=6_000, **credited)
    books.judge()
    assert said(only(books)) == ("F46", "FI", "billing", "OVER", 11_900), "half of it is credited"
    books.put("chargebee", "credit_note", "n2", customer_id="c1", total_minor=5_900, **credited)
    books.judge()
    assert books.breaks() == [], "60.00 and 59.00 are all of it"


def _note(books: Books, name: str, total_minor: int) -> None:
    known = {"invoice_id": "2", "is_void": False, "status": "settled", "reason": "duplicate", "currency": "EUR"}
    books.put("chargebee", "credit_note", name, customer_id="c1", total_minor=total_minor, **known)


def test_a_repeat_that_two_notes_credit_is_made_good(books: Books) -> None:
    _invoice(books, "1")
    _invoice(books, "2")
    _note(books, "n1", 5_950)
    books.judge()
    assert [row["class"] for row in books.breaks()] == ["F46"]
    _note(books, "n2", 5_950)
    books.judge()
    assert books.breaks() == []


def test_a_repeat_is_credited_less_its_discount(books: Books) -> None:
    # 100.00 less 30.00, and 13.30 of tax
    known = {"discount_minor": 3_000, "total_minor": 8_330, "tax_minor": 1_330, "issued_at": FINAL}
    for number in "12":
        _invoice(books, number, discount_minor=3_000, tax_minor=1_330)
        books.invoice(number, finalised_at=FINAL, **known)
        _line(books, number, discount_minor=3_000, tax_minor=1_330)
    _note(books, "n1", 8_330)
    books.judge()
    assert books.breaks() == []


def _version(books: Books, name: str, quantity: int) -> None:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    books.put(
        "chargebee", "subscription_version", name, from_record_id="s1", subscription_id="s1", price_id="seats-EUR",
        valid_from=at, known_at=at, status="active", quantity=quantity, unit_price=10,
    )  # fmt: skip


def test_a_period_that_is_billed_again_for_fewer_seats_is_billed_twice(books: Books) -> None:
    _invoice(books, "1")
    _invoice(books, "2", quantity=9, amount_minor=9_000)
    books.judge()
    assert books.breaks() == [], "no version tells that nothing was added"
    _version(books, "v1", 10)
    books.judge()
    # all of 90.00 and 19.00 of tax
    assert said(only(books)) == ("F46", "FI", "billing", "OVER", 10_900)


def test_seats_added_on_the_first_day_are_no_second_invoice_of_the_period(books: Books) -> None:
    _version(books, "v1", 19)
    _invoice(books, "1")
    _invoice(books, "2", quantity=9, amount_minor=9_000)
    books.judge()
    assert [row["class"] for row in books.breaks()] == []


def test_an_invoice_from_the_terms_before_an_upgrade_leaks_the_difference(books: Books) -> None:
    for name, quantity, day in (("v1", 10, 1), ("v2", 15, 15)):
        at = datetime(2026, 5, day, tzinfo=UTC)
        books.put(
            "chargebee", "subscription_version", name, from_record_id="s1", subscription_id="s1",
            price_id="seats-EUR", valid_from=at, known_at=at, status="active", quantity=quantity, unit_price=10,
        )  # fmt: skip
    _invoice(books, "1")
    books.judge()
    # 15 seats at 10.00 were in force from 15 May, 10 are billed: 50.00 too little
    assert said(only(books)) == ("F17", "RO", "billing", "LEAK", 5_000)
    _invoice(books, "1", quantity=15, amount_minor=15_000)
    books.judge()
    assert books.breaks() == []


def test_usage_known_in_time_and_left_off_the_invoice_leaks_its_price(books: Books) -> None:
    for name, quantity in (("e1", 700), ("e2", 300)):
        at = datetime(2026, 6, 1, tzinfo=UTC)
        books.put(
            "product", "usage", name, event_id=name, source="app", subscription_id="billing:s1",
            meter="calls", quantity=quantity, occurred_at=at,
            stored_at=at,
        )  # fmt: skip
    _invoice(books, "1", price_id="calls-EUR", quantity=700, unit_price="0.05", amount_minor=3_500)
    books.judge()
    # 1,000 calls were made and 700 billed: 300 at 0.05
    assert said(only(books)) == ("F34", "FI", "product->billing", "LEAK", 1_500)
    _invoice(books, "1", price_id="calls-EUR", quantity=1000, unit_price="0.05", amount_minor=5_000)
    books.judge()
    assert books.breaks() == []


def _meter(books: Books, aggregation: str, *quantities: float) -> None:
    """Calls on one day in June, an hour apart, and how their meter counts them."""
    books.put("product", "meter", "m1", feature="calls", event_type="calls", name="calls", aggregation=aggregation)
    for number, quantity in enumerate(quantities):
        at = datetime(2026, 6, 1, number, tzinfo=UTC)
        books.put(
            "product", "usage", f"u{number}", event_id=f"u{number}", source="app", subscription_id="billing:s1",
            meter="calls", quantity=quantity, occurred_at=at, stored_at=at,
        )  # fmt: skip


def _bill_calls(books: Books, quantity: int) -> list[tuple[object, object]]:
    """Class and money of what is said when so many calls are billed at 0.05."""
    amount = quantity * 5
    _invoice(books, "1", price_id="calls-EUR", quantity=quantity, unit_price="0.05", amount_minor=amount)
    books.judge()
    said = [(row["class"], row["money_at_risk_minor"]) for row in books.breaks()]
    return [each for each in said if each[0] in ("F34", "F35", "F36")]


@pytest.mark.parametrize(
    ("aggregation", "rightful", "short"),
    # events of 5, 8 and 7: their sum, their number, the highest, the lowest, the last; at 0.05 each
    [("SUM", 20, 50), ("COUNT", 3, 5), ("MAX", 8, 15), ("MIN", 5, 10), ("LATEST", 7, 10)],
)
def test_usage_is_counted_as_its_meter_counts(books: Books, aggregation: str, rightful: int, short: int) -> None:
    _meter(books, aggregation, 5, 8, 7)
    assert _bill_calls(books, rightful) == []
    assert _bill_calls(books, rightful - short // 5) == [("F34", short)]


def test_a_meter_that_changes_its_way_of_counting_is_judged_anew(books: Books) -> None:
    bill(books, sku="calls", order_id=None, origin="self_serve")
    _meter(books, "MAX", 5, 8, 7)
    assert ("F34", 60) not in _bill_calls(books, 8)
    _meter(books, "SUM")
    books.judge()
    # 20 used, 8 billed: 12 at 0.05
    assert [row["money_at_risk_minor"] for row in books.breaks() if row["class"] == "F34"] == [60]


def test_what_is_distinct_cannot_be_counted_from_quantities(books: Books) -> None:
    _meter(books, "UNIQUE_COUNT", 5, 8, 7)
    assert _bill_calls(books, 2) == []


def test_parts_of_a_unit_need_not_be_billed(books: Books) -> None:
    _meter(books, "SUM", 100.4)
    assert _bill_calls(books, 100) == []
    # one whole unit at 0.05, and what is part of it
    assert _bill_calls(books, 99) == [("F34", 7)]
