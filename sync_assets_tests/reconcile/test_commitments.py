"""What a subscription rests on: its deal, its term, its currency, its rhythm."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sync_assets.reconcile.evaluate import evaluate
from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import NOON, Books
from sync_assets_tests.reconcile.deals import BEGAN, bill, catalogue, only, said, sell

DAY = timedelta(days=1)


@pytest.fixture
def books(store: Store) -> Books:
    books = Books(store=store)
    catalogue(books)
    sell(books)
    return books


def test_a_subscription_as_it_was_sold_is_no_break(books: Books) -> None:
    bill(books, contract_starts_at=BEGAN, contract_ends_at=BEGAN + timedelta(days=365, seconds=-1))
    books.judge()
    assert books.breaks() == []


def test_a_subscription_that_nobody_sold_is_a_control_of_its_monthly_revenue(books: Books) -> None:
    bill(books)
    bill(books, "s2", quantity=3, order_id=None)
    books.judge()
    # 3 seats at 50.00 a month
    assert said(only(books)) == ("F19", "RO", "crm->billing", "CONTROL", 15_000)
    bill(books, "s2", quantity=3, order_id=None, origin="self_serve")
    books.judge()
    assert books.breaks() == [], "bought alone"


def test_a_new_subscription_has_two_days_to_get_its_deal(books: Books) -> None:
    bill(books)
    bill(books, "s2", order_id=None, created_at=NOON, started_at=NOON)
    books.judge()
    assert books.breaks() == []
    books.through += timedelta(days=2)
    books.judge()
    assert only(books)["entity_id"] == "chargebee:s2"


@pytest.mark.parametrize(
    ("status", "gone", "found"),
    [("won", NOON - timedelta(days=3), "a deleted deal"), ("lost", None, "a deal that is lost")],
)
def test_a_deal_that_was_lost_or_deleted_sold_nothing(books: Books, status: str, gone: object, found: str) -> None:
    sell(books, status=status, deleted_at=gone)
    bill(books)
    books.judge()
    assert (only(books)["class"], only(books)["found"]) == ("F19", found)
    sell(books, deleted_at=None)
    books.judge()
    assert books.breaks() == []


def test_days_that_are_never_billed_leak_their_share_of_the_period(books: Books) -> None:
    bill(books, started_at=BEGAN + timedelta(days=10))
    books.judge()
    # From 31 May to 10 June: 10 of the 30 days to 30 June of 500.00
    assert said(only(books)) == ("F14", "RO", "crm->billing", "LEAK", 16_667)
    assert only(books)["expected"] == "2026-05-31 to 2027-05-30"
    bill(books)
    books.judge()
    assert books.breaks() == []


def test_billing_before_the_contract_begins_is_too_much(books: Books) -> None:
    bill(books, started_at=BEGAN - timedelta(days=6))
    books.judge()
    # From 25 to 31 May: 6 of 31 days of 500.00
    assert said(only(books)) == ("F14", "RO", "crm->billing", "OVER", 9_677)


def test_an_end_that_is_still_to_come_costs_nothing_yet(books: Books) -> None:
    bill(books, contract_starts_at=BEGAN, contract_ends_at=BEGAN + timedelta(days=334, seconds=-1))
    books.judge()
    found = only(books)
    # Billing ends on 29 April 2027, the contract on 30 May: one month of 30 April to 30 May, and a day of 31
    assert (found["class"], found["kind"], found["money_at_risk_minor"]) == ("F14", "LEAK", 0)
    assert found["forward_minor"] == 51_613


def test_a_contract_that_renewed_itself_is_no_break_and_none_when_its_end_is_scheduled(books: Books) -> None:
    # Sold for the year that ended on 30 May; billing renewed it for another year, and the customer gave notice.
    begins = BEGAN - timedelta(days=365)
    sell(books)
    books.put("salesforce", "contract", "k-d1", customer_id="a1", starts_on=begins.date(), ends_on=BEGAN.date() - DAY)
    ends = BEGAN + timedelta(days=365)
    bill(
        books, started_at=begins, contract_starts_at=BEGAN, contract_ends_at=ends - timedelta(seconds=1),
        ends_at=ends, status="non_renewing",
    )  # fmt: skip
    books.judge()
    assert books.breaks() == []


def test_a_contract_that_follows_another_goes_on_with_its_subscription(books: Books) -> None:
    bill(books, started_at=BEGAN - timedelta(days=365), created_at=BEGAN - timedelta(days=365))
    books.put(
        "salesforce", "contract", "k0", customer_id="a1", starts_on=BEGAN.date() - timedelta(days=365),
        ends_on=BEGAN.date() - timedelta(days=1),
    )  # fmt: skip
    books.judge()
    assert books.breaks() == []


def test_a_day_of_the_legal_entity_is_no_other_day(books: Books) -> None:
    # Midnight of 31 May in Tokyo is 15:00 of the day before in UTC.
    landscape = replace(books.landscape(), zones={"jp": ZoneInfo("Asia/Tokyo")})
    bill(books, started_at=BEGAN - timedelta(hours=9), legal_entity="jp")
    evaluate(books.store, landscape, "run")
    assert books.breaks() == []
    bill(books, started_at=BEGAN - timedelta(hours=10), legal_entity="jp")
    evaluate(books.store, landscape, "run")
    assert only(books)["found"].startswith("2026-05-30")


def _judge_in(books: Books, zone: str) -> None:
    evaluate(books.store, replace(books.landscape(), zones={"us": ZoneInfo(zone)}), "run")


def test_a_site_in_utc_begins_the_contracts_day_in_utc(books: Books) -> None:
    # Midnight of 31 May in UTC is 17:00 of the day before in Los Angeles.
    bill(books, legal_entity="us")
    _judge_in(books, "America/Los_Angeles")
    assert books.breaks() == []
    # Midnight of 1 June in Los Angeles is no hour of 31 May there; the first of 30 days of 500.00.
    bill(books, legal_entity="us", started_at=BEGAN + timedelta(days=1, hours=7))
    _judge_in(books, "America/Los_Angeles")
    assert said(only(books)) == ("F14", "RO", "crm->billing", "LEAK", 1_667)


def test_a_day_that_the_entity_begins_is_no_day_of_utc(books: Books) -> None:
    # Midnight of 1 June in Tokyo is 15:00 of 31 May in UTC: a day late by a deliberate clock. 1 of 30 days of 500.00.
    bill(books, legal_entity="us", started_at=BEGAN + timedelta(hours=15))
    _judge_in(books, "Asia/Tokyo")
    assert said(only(books)) == ("F14", "RO", "crm->billing", "LEAK", 1_667)


def test_months_that_follow_an_ended_contract_may_be_given_notice(books: Books) -> None:
    begins, ends = datetime(2025, 6, 10, tzinfo=UTC), datetime(2026, 7, 10, tzinfo=UTC)
    term = {"customer_id": "a1", "starts_on": begins.date()}
    books.put("salesforce", "contract", "k-d1", **term, ends_on=date(2026, 6, 9))
    bill(books, started_at=begins, created_at=begins, status="non_renewing", ends_at=ends, cancelled_at=ends)
    books.judge()
    assert books.breaks() == []
    # A contract that still runs, to 8 July, ends a day before billing does.
    books.put("salesforce", "contract", "k-d1", **term, ends_on=date(2026, 7, 8))
    books.judge()
    assert (only(books)["class"], only(books)["kind"], only(books)["money_at_risk_minor"]) == ("F14", "OVER", 0)


def test_a_renewal_whose_subscription_begins_late_leaks_the_days_between(books: Books) -> None:
    late = BEGAN + timedelta(days=20)
    books.put(
        "salesforce", "contract", "k0", customer_id="a1", starts_on=BEGAN.date() - timedelta(days=365),
        ends_on=BEGAN.date() - timedelta(days=1),
    )  # fmt: skip
    bill(books, started_at=late, created_at=late)
    books.judge()
    # 20 of the 30 days from 31 May of 500.00
    assert said(only(books)) == ("F14", "RO", "crm->billing", "LEAK", 33_333)
    # The year before was billed until the new subscription took over: no day is missing.
    year_before = {"order_id": "crm:d0", "started_at": BEGAN - timedelta(days=365), "status": "cancelled"}
    bill(books, "s0", **year_before, cancelled_at=late)
    books.judge()
    assert books.breaks() == []
    bill(books, "s0", **year_before, cancelled_at=BEGAN)
    books.judge()
    assert said(only(books))[0] == "F14"


def test_another_currency_costs_the_difference_at_the_rates_of_the_erp(books: Books) -> None:
    catalogue(books, currency="USD")
    books.put("netsuite", "currency", "1", code="USD", exchange_rate=1)
    books.put("netsuite", "currency", "4", code="EUR", exchange_rate=1.25)
    bill(books, currency="USD")
    books.judge()
    # 500.00 USD are 400.00 EUR: 100.00 EUR a month, for a month to 30 June and 12 hours of 31 days = 1.61
    assert said(only(books)) == ("F15", "FI", "crm->billing", "LEAK", 10_161)
    assert only(books)["currency"] == "EUR"


def test_another_currency_without_rates_exposes_the_whole_amount(books: Books) -> None:
    bill(books, currency="USD")
    books.judge()
    assert (only(books)["class"], only(books)["kind"]) == ("F15", "CONTROL")


def test_a_year_billed_by_the_month_comes_later_than_agreed(books: Books) -> None:
    catalogue(books, "seats-year", price=600, unit="year")
    sell(books, sku="seats-year", price=600)
    bill(books)
    books.judge()
    # 10 seats at 600.00 in advance, of which a month brings 500.00
    assert said(only(books)) == ("F16", "RO", "crm->billing", "CASH", 550_000)
    assert (only(books)["expected"], only(books)["found"]) == ("12 months", "1 months")
    bill(books, sku="seats-year", price=600, period_unit="year")
    books.judge()
    assert books.breaks() == []
