"""What a line of an invoice should have come to: whole terms, and shares of a term after a change."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.reconcile.deals import bill, catalogue, said

APRIL, MAY, JUNE, JULY = (datetime(2026, month, 1, tzinfo=UTC) for month in (4, 5, 6, 7))
CHANGED = JUNE + timedelta(days=10, hours=6)
LAST_SECOND = timedelta(seconds=1)


def _sold(books: Books, currency: str = "EUR", price: str = "50", **fields: Any) -> None:
    """10 seats at 50.00 a month since April; 12 seats since 11 June, 6 in the morning."""
    catalogue(books, currency=currency)
    known = {"started_at": APRIL, "created_at": APRIL, "term_starts_at": JUNE, "term_ends_at": JULY}
    bill(books, currency=currency, order_id=None, origin="self_serve", **{**known, **fields})
    for name, since, quantity in (("v1", APRIL, 10), ("v2", CHANGED, 12)):
        _version(books, name, since, quantity, unit_price=price, currency=currency)


def _version(books: Books, name: str, since: datetime, quantity: int, **fields: Any) -> None:
    known = {"subscription_id": "s1", "status": "active", "kind": "plan", "unit_price": 50, "currency": "EUR"}
    row = {**known, "valid_from": since, "known_at": since, "quantity": quantity, **fields}
    books.put("chargebee", "subscription_version", name, price_id=f"seats-{row['currency']}", **row)


def _line(books: Books, number: str, minor: int, starts_at: datetime, ends_at: datetime = JULY, **fields: Any) -> None:
    """An invoice of one untaxed line."""
    currency = fields.get("currency", "EUR")
    header = {"tax_minor": 0, "subtotal_minor": minor, "total_minor": minor, "currency": currency}
    books.invoice(number, issued_at=starts_at, finalised_at=starts_at, **header)
    books.put(
        "chargebee", "invoice_line", f"{number}-1", from_record_id=number, invoice_id=number, amount_minor=minor,
        discount_minor=0, tax_minor=0, currency=currency, subscription_id="s1", price_id=f"seats-{currency}",
        starts_at=starts_at, ends_at=ends_at - LAST_SECOND,
    )  # fmt: skip


def _found(books: Books) -> list[dict[str, Any]]:
    books.judge()
    return [row for row in books.breaks() if row["class"] == "F47"]


@pytest.fixture
def books(store: Store) -> Books:
    """The catalogue and a subscription that grows in June."""
    books = Books(store=store)
    _sold(books)
    return books


def test_the_rest_of_a_term_is_charged_to_the_second(books: Books) -> None:
    # 2 seats at 50.00 for 19 3/4 of 30 days: 100.00 x 0.658333 = 65.83
    for minor in (6_582, 6_583, 6_584):
        _line(books, "1", minor, CHANGED)
        assert _found(books) == [], "one unit is what rounding may take"
    _line(books, "1", 6_667, CHANGED)
    (found,) = _found(books)
    # 20 days of 30 were charged: 66.67 instead of 65.83
    assert said(found) == ("F47", "RO", "billing", "OVER", 84)


def test_a_share_that_is_too_small_leaks(books: Books) -> None:
    _line(books, "1", 5_000, CHANGED)
    (found,) = _found(books)
    # 65.83 less 50.00
    assert said(found) == ("F47", "RO", "billing", "LEAK", 1_583)
    _line(books, "2", 1_583, CHANGED)
    assert _found(books) == [], "the rest was billed on another invoice"


def test_what_is_charged_too_much_is_mended_by_a_credit_note(books: Books) -> None:
    _line(books, "1", 10_000, CHANGED)
    assert [row["money_at_risk_minor"] for row in _found(books)] == [10_000 - 6_583]
    books.put(
        "chargebee", "credit_note", "CN-1", status="settled", is_void=False, customer_id="c1", currency="EUR",
        kind="adjustment", invoice_id="1", reason="order_change", total_minor=3_417, issued_at=CHANGED,
    )  # fmt: skip
    assert _found(books) == []


def test_all_of_the_new_may_be_charged_when_the_old_is_credited(books: Books) -> None:
    # 12 seats at 50.00 for 19 3/4 of 30 days
    _line(books, "1", 39_500, CHANGED)
    assert _found(books) == []


def test_where_everything_begins_with_a_day_days_may_be_counted(books: Books) -> None:
    _sold(books, legal_entity="de", started_at=datetime(2026, 3, 1, tzinfo=UTC))
    books.put("netsuite", "legal_entity", "2", copy_of="billing:de", name="de", time_zone="UTC")
    _version(books, "v2", JUNE + timedelta(days=10, hours=15), 12)
    # 2 seats at 50.00 for 20 of 30 days, from the morning of the day on which the change was made
    _line(books, "1", 6_667, JUNE + timedelta(days=10))
    assert _found(books) == []
    # 20 days of a month of 31
    _line(books, "1", 6_452, JUNE + timedelta(days=10))
    assert [row["money_at_risk_minor"] for row in _found(books)] == [215]


@pytest.mark.parametrize(("currency", "price", "right"), [("JPY", "500", 658), ("KWD", "5.125", 6_748)])
def test_currencies_with_no_and_with_three_decimals_have_their_own_minor_units(
    books: Books, currency: str, price: str, right: int
) -> None:
    # 2 x 500 JPY x 0.658333 = 658; 2 x 5.125 KWD x 0.658333 = 6.748 KWD
    _sold(books, currency, price)
    _line(books, "1", right, CHANGED, currency=currency)
    assert _found(books) == []
    _line(books, "1", right - 100, CHANGED, currency=currency)
    assert [row["money_at_risk_minor"] for row in _found(books)] == [100]


def test_a_whole_term_costs_quantity_times_price(books: Books) -> None:
    _line(books, "1", 50_000, MAY, JUNE)
    assert _found(books) == []
    _line(books, "1", 47_500, MAY, JUNE)
    (found,) = _found(books)
    # 10 seats at 50.00 less 475.00
    assert said(found) == ("F47", "RO", "billing", "LEAK", 2_500)


def test_a_price_that_was_agreed_before_is_another_question(books: Books) -> None:
    _version(books, "v0", APRIL - timedelta(days=2), 8)
    _line(books, "1", 40_000, MAY, JUNE)
    assert _found(books) == []


def test_terms_that_are_not_the_subscriptions_and_changes_nobody_saw_are_not_judged(books: Books) -> None:
    _line(books, "1", 7_777, CHANGED, JULY - timedelta(days=3))
    _line(books, "2", 7_777, JUNE + timedelta(days=3))
    assert _found(books) == []


def test_a_change_may_be_read_an_hour_after_its_invoice(books: Books) -> None:
    books.through = CHANGED + timedelta(minutes=59)
    _line(books, "1", 6_667, CHANGED)
    assert _found(books) == []
    books.through += timedelta(minutes=1)
    assert len(_found(books)) == 1
