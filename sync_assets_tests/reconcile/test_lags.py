"""How long copies may take: set, learned up to the default, ended by a period's close. Nothing under way is broken."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sync_assets.model.errors import SettingError
from sync_assets.reconcile.lags import Closing, Lateness, due_at, lag_of, lags_set, weekdays_later
from sync_assets.reconcile.rules.documents import ABSENT_IN_ERP
from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books

HOUR = timedelta(hours=1)


@pytest.fixture
def books(store: Store) -> Books:
    return Books(store=store)


def test_a_setting_names_a_span_for_one_class_and_wins_over_the_list() -> None:
    assert lags_set({"SYNC_LAGS": "F51=7200, F13=2d", "SYNC_LAG_F51": "90m"}) == {"F51": 5_400, "F13": 172_800}
    assert lags_set({}) == {}


@pytest.mark.parametrize(
    ("name", "value"), [("SYNC_LAG_F51", "soon"), ("SYNC_LAG_F51", "-1h"), ("SYNC_LAGS", "51=2"), ("SYNC_LAGS", "F51")]
)
def test_a_lag_that_is_no_span_of_time_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        lags_set({name: value})


@pytest.mark.parametrize(
    ("p99_s", "count", "seconds", "because"),
    [
        (1_000, 100, 1_800, "measured"),  # 16 minutes and 40 seconds, rounded up to quarters of an hour: 30 minutes
        (1, 100, 900, "measured"),  # never under a quarter
        (1_000, 99, 14_400, "default"),  # too few to say
        (90_000, 500, 14_400, "the cap"),  # a slow company gets no more than the contract: four hours
    ],
)
def test_measured_lateness_shortens_a_lag_and_never_lengthens_it(
    p99_s: int, count: int, seconds: int, because: str
) -> None:
    lag = lag_of(ABSENT_IN_ERP, None, Lateness(p99_s=p99_s, count=count))
    assert lag.seconds == seconds
    assert because in lag.because
    assert lag_of(ABSENT_IN_ERP, 99_999, Lateness(p99_s=p99_s, count=count)).seconds == 99_999, "what is set holds"


def test_a_closed_period_ends_patience_in_the_entitys_own_calendar() -> None:
    june = Closing(first=date(2026, 6, 1), last=date(2026, 6, 30), closed_on=None)
    # 1 July 03:00 UTC is still 30 June, 23:00, in New York; the period ended there at 04:00 UTC
    at = datetime(2026, 7, 1, 3, tzinfo=UTC)
    assert due_at(at, 4 * 3600, None, [june], ZoneInfo("America/New_York")) == at + HOUR
    assert due_at(at, 4 * 3600, None, [june], ZoneInfo("UTC")) == at + 4 * HOUR, "July's, and July is open"
    assert due_at(at, 4 * 3600, date(2026, 6, 30), [june], ZoneInfo("UTC")) == at, "late, for a day that is closed"
    closed_later = Closing(first=june.first, last=june.last, closed_on=date(2026, 7, 3))
    assert due_at(at, 4 * 3600, date(2026, 6, 30), [closed_later], ZoneInfo("UTC")) == at + 4 * HOUR


@pytest.mark.parametrize(
    ("start", "due"),
    [
        (datetime(2026, 6, 24, 10, tzinfo=UTC), datetime(2026, 6, 26, 10, tzinfo=UTC)),  # Wednesday to Friday
        (datetime(2026, 6, 26, 16, tzinfo=UTC), datetime(2026, 6, 30, 16, tzinfo=UTC)),  # Friday to Tuesday
        (datetime(2026, 6, 27, 9, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)),  # Saturday: all of Monday and Tuesday
    ],
)
def test_two_business_days_pass_over_a_weekend(start: datetime, due: datetime) -> None:
    assert weekdays_later(start, 48 * 3600, ZoneInfo("UTC")) == due


def test_a_weekend_is_that_of_the_entity() -> None:
    # Saturday 03:00 UTC is Friday, 20:00, in Los Angeles: four hours before the weekend, then twenty.
    start = datetime(2026, 6, 27, 3, tzinfo=UTC)
    assert weekdays_later(start, 24 * 3600, ZoneInfo("America/Los_Angeles")) == datetime(2026, 6, 30, 3, tzinfo=UTC)


def _arrived(books: Books, number: int, after: timedelta) -> None:
    issued = books.through - timedelta(days=2)
    books.invoice(f"old{number}", issued_at=issued, finalised_at=issued)
    books.erp_invoice(f"e{number}", f"old{number}", created_at=issued + after)


def test_where_copies_always_came_within_the_hour_the_fifth_quarter_is_too_late(books: Books) -> None:
    for number in range(100):
        _arrived(books, number, timedelta(minutes=50))
    books.invoice("1042", issued_at=books.through, finalised_at=books.through)
    books.judge()
    assert books.breaks() == []
    # 50 minutes, rounded up to quarters: an hour, though the default is four
    books.through += timedelta(minutes=59)
    books.judge()
    assert books.breaks() == []
    books.through += timedelta(minutes=1)
    books.judge()
    assert [(row["class"], row["entity_id"]) for row in books.breaks()] == [("F51", "chargebee:1042")]


def test_a_setting_makes_a_class_wait_longer_than_what_was_measured(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNC_LAG_F51", "2d")
    books.lags = lags_set()
    books.invoice("1042", issued_at=books.through, finalised_at=books.through)
    books.through += timedelta(hours=47)
    books.judge()
    assert books.breaks() == []
    books.through += HOUR
    books.judge()
    assert [row["class"] for row in books.breaks()] == ["F51"]


def test_what_waited_is_broken_once_its_period_is_closed(books: Books) -> None:
    issued = books.through - HOUR
    books.invoice("1042", issued_at=issued, finalised_at=issued, issued_on=issued.date() - timedelta(days=30))
    books.judge()
    assert books.breaks() == []
    # the invoice belongs to 31 May: once May is closed, nothing of it is under way
    books.closings = (Closing(first=date(2026, 5, 1), last=date(2026, 5, 31), closed_on=date(2026, 6, 5)),)
    books.judge()
    assert [row["class"] for row in books.breaks()] == ["F51"], "though its four hours are not over"
