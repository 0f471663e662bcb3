"""What of a year paid in advance belongs to which month, and to which run."""

from datetime import UTC, date, datetime

from sync_assets.reconcile.deferral import Deferred, Run, by_days, by_months, by_months_after, due_by_run, usual_due

MARCH, APRIL, MAY = (date(2026, month, 1) for month in (3, 4, 5))


def _deferred(minor: int, starts_on: date, ends_on: date, *, on: int = 1) -> Deferred:
    made = datetime(2026, 3, on, tzinfo=UTC)
    return Deferred(document_id="1", created_at=made, starts_on=starts_on, ends_on=ends_on, minor=minor)


def _run(month: date, minor: int, *, on: int = 28) -> Run:
    return Run(month=month, created_at=datetime(2026, month.month, on, tzinfo=UTC), minor=minor, journal_id="j")


def test_equal_parts_begin_with_the_month_of_service_and_the_last_has_the_rest() -> None:
    parts = dict(by_months(_deferred(100, date(2026, 3, 20), date(2026, 6, 20))))
    assert parts == {MARCH: 33, APRIL: 33, MAY: 34}
    assert dict(by_months(_deferred(-100, MARCH, date(2026, 6, 1)))) == {MARCH: -33, APRIL: -33, MAY: -34}


def test_a_company_may_begin_with_the_month_after() -> None:
    parts = dict(by_months_after(_deferred(100, date(2026, 3, 20), date(2026, 5, 20))))
    assert parts == {APRIL: 50, MAY: 50}
    assert dict(by_months_after(_deferred(100, MARCH, MAY))) == {MARCH: 50, APRIL: 50}


def test_days_of_each_month_share_what_they_are_of_the_whole() -> None:
    # 12 days of March, 30 of April and 19 of May: 61
    parts = dict(by_days(_deferred(6_100, date(2026, 3, 20), date(2026, 5, 20))))
    assert parts == {MARCH: 1_200, APRIL: 3_000, MAY: 1_900}


def test_a_document_that_a_run_did_not_know_is_caught_up_by_the_next() -> None:
    runs = [_run(MARCH, 0, on=10), _run(APRIL, 0), _run(MAY, 0)]
    due = due_by_run([_deferred(300, MARCH, date(2026, 6, 1), on=11)], runs, by_months)
    assert [each.minor for each in due] == [0, 200, 100]


def test_the_method_is_the_one_that_the_runs_bear_out() -> None:
    documents = [_deferred(6_100, date(2026, 3, 20), date(2026, 5, 20))]
    by_day = usual_due(documents, [_run(MARCH, 1_200), _run(APRIL, 3_000), _run(MAY, 5)])
    assert by_day is not None
    assert [each.minor for each in by_day] == [1_200, 3_000, 1_900]
    assert usual_due(documents, [_run(MARCH, 17), _run(APRIL, 4), _run(MAY, 99)]) is None, "no method that is known"
