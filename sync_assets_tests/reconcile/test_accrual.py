"""What has accrued since a subscription went wrong: whole periods, and the share of the one that runs."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from sync_assets.reconcile.money import accrued_minor, months_later, periods_elapsed
from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import NOON, Books

BERLIN = ZoneInfo("Europe/Berlin")


def _day(month: int, day: int, *, zone: ZoneInfo | None = None) -> datetime:
    return datetime(2026, month, day, tzinfo=zone or UTC)


@pytest.mark.parametrize(
    ("start", "now", "months", "periods"),
    [
        (_day(1, 1), _day(3, 15), 1, 2 + Fraction(14, 31)),
        (_day(1, 31), _day(3, 1), 1, 1 + Fraction(1, 31)),  # 31 January, 28 February, 31 March
        (_day(1, 1), _day(4, 1), 12, Fraction(90, 365)),
        (_day(1, 1), _day(1, 1), 1, Fraction(0)),
        (_day(5, 1), _day(1, 1), 1, Fraction(0)),  # not begun
        # March in Berlin has 31 days less an hour: 743 hours, of which 14 days and the lost hour's 335 have passed
        (_day(3, 28, zone=BERLIN), _day(4, 11, zone=BERLIN), 1, Fraction(335, 743)),
    ],
)
def test_periods_are_counted_in_the_calendar_of_the_entity(
    start: datetime, now: datetime, months: int, periods: Fraction
) -> None:
    assert periods_elapsed(start, now, months) == periods


def test_the_money_is_rounded_once_and_half_up() -> None:
    # 2 periods and 14/31 of 31.00 = 62.00 + 14.00 = 76.00
    assert accrued_minor(3_100, _day(1, 1), _day(3, 15), 1) == 7_600


def test_a_month_later_than_the_31st_is_the_last_of_a_shorter_month() -> None:
    assert months_later(_day(1, 31), 1) == _day(2, 28)


@pytest.fixture
def sold(store: Store) -> Books:
    """A deal of 10 seats at 50.00 EUR a month, won and started a month ago."""
    books = Books(store=store)
    start = NOON - timedelta(days=30)
    books.put("salesforce", "customer", "a1", status="active", name="A")
    books.put(
        "salesforce", "order", "d1", customer_id="a1", kind="deal", status="won", won_at=start, won_on=start.date(),
        starts_on=start.date(), currency="EUR",
    )  # fmt: skip
    books.put("salesforce", "product", "p1", status="active", sku="seats")
    books.put("salesforce", "order_line", "l1", order_id="d1", product_id="p1", quantity=10, unit_price=50)
    books.put("chargebee", "product", "seats", status="active", sku="seats", metered=False)
    books.put(
        "chargebee", "price", "seats-EUR", product_id="seats", currency="EUR", unit_price=50, model="per_unit",
        period=1, period_unit="month", status="active",
    )  # fmt: skip
    return books


def _bill(books: Books, name: str = "s1", *, quantity: int = 10, unit_price: int = 50, order: str = "crm:d1") -> None:
    start = NOON - timedelta(days=30)
    books.put(
        "chargebee", "subscription", name, customer_id="c1", order_id=order, status="active", currency="EUR", period=1,
        period_unit="month", started_at=start, created_at=start, mrr_minor=50_000,
    )  # fmt: skip
    books.put(
        "chargebee", "subscription_item", f"{name}-1", from_record_id=name, subscription_id=name, price_id="seats-EUR",
        kind="plan", quantity=quantity, unit_price=unit_price, amount_minor=quantity * unit_price * 100, currency="EUR",
    )  # fmt: skip


def test_a_deal_that_is_billed_as_sold_is_no_break(sold: Books) -> None:
    _bill(sold)
    sold.put("chargebee", "customer", "c1", status="active", copy_of="crm:a1")
    sold.judge()
    assert sold.breaks() == []


def test_a_won_deal_that_nobody_bills_leaks_what_has_accrued(sold: Books) -> None:
    sold.judge()
    (found,) = sold.breaks()
    assert (found["class"], found["kind"]) == ("F11", "LEAK")
    # 500.00 a month from 31 May 00:00 to 30 June 12:00: 30.5 of 30 days = 1 whole month and half a day of 31
    #   = 500.00 * (1 + 12/744) = 508.06
    assert found["money_at_risk_minor"] == 50_806


def test_seats_that_are_not_billed_leak_their_price(sold: Books) -> None:
    _bill(sold, quantity=8)
    sold.put("chargebee", "customer", "c1", status="active", copy_of="crm:a1")
    sold.judge()
    (found,) = sold.breaks()
    assert (found["class"], found["expected"], found["found"]) == ("F13", "10", "8")
    # 2 seats of 50.00 for the 30 days since 31 May noon, of 30 days to 30 June noon: one whole month
    assert (found["money_at_risk_minor"], found["kind"]) == (10_000, "LEAK")


def test_a_price_above_the_agreed_one_is_billed_too_much(sold: Books) -> None:
    _bill(sold, unit_price=55)
    sold.put("chargebee", "customer", "c1", status="active", copy_of="crm:a1")
    sold.judge()
    (found,) = sold.breaks()
    # 10 seats at 5.00 too much for one month
    assert (found["class"], found["money_at_risk_minor"], found["kind"]) == ("F12", 5_000, "OVER")


def test_a_second_subscription_for_one_deal_is_billed_too_much(sold: Books) -> None:
    _bill(sold)
    _bill(sold, "s2")
    sold.put("chargebee", "customer", "c1", status="active", copy_of="crm:a1")
    sold.judge()
    (found,) = sold.breaks()
    assert (found["class"], found["entity_id"], found["kind"]) == ("F20", "chargebee:s2", "OVER")
    assert found["money_at_risk_minor"] == 50_000


def test_a_billing_customer_without_account_is_a_control_of_its_monthly_revenue(sold: Books) -> None:
    _bill(sold)
    sold.put("chargebee", "customer", "c1", status="active")
    sold.judge()
    (found,) = sold.breaks()
    assert (found["class"], found["money_at_risk_minor"], found["kind"]) == ("F3", 50_000, "CONTROL")


def test_a_self_serve_customer_needs_no_account(sold: Books) -> None:
    _bill(sold)
    sold.put("chargebee", "customer", "c1", status="active", origin="self_serve")
    sold.judge()
    assert sold.breaks() == []
