"""Terms, renewals and accruals follow the calendar of the legal entity."""

from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from sync_assets.sandbox.company.days import (
    elapsed_terms,
    half_up,
    midnight,
    month_later,
    next_midnight,
    term_edge,
)
from sync_assets.sandbox.truth import Accrual

BERLIN, NEW_YORK, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 11, 15), 2, date(2027, 1, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_a_shorter_month(day: date, months: int, later: date) -> None:
    assert month_later(day, months) == later


def test_a_term_ends_at_the_same_local_hour_across_the_change_of_clocks() -> None:
    start = midnight(date(2026, 3, 15), BERLIN)
    assert start == datetime(2026, 3, 14, 23, tzinfo=UTC)  # winter: UTC+1
    assert term_edge(start, 1, BERLIN) == datetime(2026, 4, 14, 22, tzinfo=UTC)  # summer: UTC+2


def test_terms_counted_from_the_first_start_do_not_drift_after_a_short_month() -> None:
    start = midnight(date(2026, 1, 31), NEW_YORK)
    days = [term_edge(start, months, NEW_YORK).astimezone(NEW_YORK).date() for months in (1, 2, 3)]
    assert days == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_the_next_midnight_is_that_of_the_zone() -> None:
    assert next_midnight(datetime(2026, 5, 1, 14, tzinfo=UTC), TOKYO) == datetime(2026, 5, 1, 15, tzinfo=UTC)


def test_elapsed_terms_are_whole_ones_and_the_share_of_the_current() -> None:
    start = datetime(2026, 4, 1, tzinfo=UTC)
    zone = ZoneInfo("UTC")
    # April is whole, of May's 31 days ten have passed.
    assert elapsed_terms(start, datetime(2026, 5, 11, tzinfo=UTC), 1, zone) == 1 + Fraction(10, 31)
    assert elapsed_terms(start, start, 1, zone) == 0
    assert elapsed_terms(start, datetime(2026, 3, 1, tzinfo=UTC), 1, zone) == 0


def test_an_accrued_loss_grows_by_the_second_and_stops_at_its_end() -> None:
    start = datetime(2026, 6, 1, tzinfo=UTC)
    accrual = Accrual(per_period_minor=3000, months=1, since=start, zone=ZoneInfo("UTC"))
    assert accrual.minor(datetime(2026, 6, 16, tzinfo=UTC)) == 1500  # 15 of June's 30 days
    assert accrual.minor(datetime(2026, 7, 1, tzinfo=UTC)) == 3000
    ended = Accrual(
        per_period_minor=3000, months=1, since=start, zone=ZoneInfo("UTC"), until=datetime(2026, 6, 11, tzinfo=UTC)
    )
    assert ended.minor(datetime(2026, 9, 1, tzinfo=UTC)) == 1000  # ten days, however late one looks


@pytest.mark.parametrize(
    ("amount", "rounded"), [(Fraction(5, 2), 3), (Fraction(-5, 2), -3), (Fraction(7, 3), 2), (Fraction(0), 0)]
)
def test_halves_round_away_from_zero(amount: Fraction, rounded: int) -> None:
    assert half_up(amount) == rounded
