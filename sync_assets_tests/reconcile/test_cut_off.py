"""Whose midnight ends a month: the legal entity's."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sync_assets.reconcile.evaluate import evaluate
from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books

MAY, JUNE = "202605", "202606"
ZONES = {"de": ZoneInfo("Europe/Berlin"), "us": ZoneInfo("America/New_York")}


@pytest.fixture
def books(store: Store) -> Books:
    """Two months, and a company in Germany and one in New York."""
    books = Books(store=store)
    for period, start, end in ((MAY, (5, 1), (5, 31)), (JUNE, (6, 1), (6, 30))):
        books.put("netsuite", "period", period, name=period, starts_on=date(2026, *start), ends_on=date(2026, *end))
    return books


def post(books: Books, number: str, at: datetime, on: date, entity: str = "de") -> None:
    """An invoice of 119.00, and its copy that the ERP posts on a day, in that day's month."""
    books.invoice(number, issued_at=at, finalised_at=at)
    period = MAY if on.month < 6 else JUNE
    books.erp_invoice(f"9{number}", number, issued_on=on, period_id=period, legal_entity=entity)


def found(books: Books) -> list[tuple[Any, ...]]:
    landscape = replace(books.landscape(), zones=ZONES)
    evaluate(books.store, landscape, "run", full=True)
    rows = [row for row in books.breaks() if row["class"] == "F81"]
    return [
        (row["entity_id"], row["first_divergence"]["hop"], row["expected"], row["found"], row["money_at_risk_minor"])
        for row in rows
    ]


BERLIN_NIGHT = datetime(2026, 5, 31, 22, 30, tzinfo=UTC)
"""Half past midnight of 1 June in Berlin."""
NEW_YORK_NIGHT = datetime(2026, 6, 1, 3, tzinfo=UTC)
"""Eleven at night of 31 May in New York."""


def test_the_first_half_hour_of_june_in_berlin_is_june(books: Books) -> None:
    post(books, "1", datetime(2026, 4, 30, 22, 30, tzinfo=UTC), date(2026, 5, 1))
    post(books, "2", BERLIN_NIGHT, date(2026, 5, 31))
    assert found(books) == [("chargebee:2", "billing->erp", JUNE, MAY, 11_900)]
    post(books, "2", BERLIN_NIGHT, date(2026, 6, 1))
    assert found(books) == []


def test_the_last_hour_of_may_in_new_york_is_may(books: Books) -> None:
    post(books, "1", datetime(2026, 5, 11, 3, tzinfo=UTC), date(2026, 5, 10), "us")
    post(books, "2", NEW_YORK_NIGHT, date(2026, 6, 1), "us")
    assert found(books) == [("chargebee:2", "billing->erp", MAY, JUNE, 11_900)]
    closed = {"starts_on": date(2026, 5, 1), "ends_on": date(2026, 5, 31), "is_closed": True, "name": MAY}
    books.put("netsuite", "period", MAY, **closed)
    assert found(books) == [], "May was closed"


def test_an_erp_that_keeps_another_zones_days_throughout_posts_nothing_wrongly(books: Books) -> None:
    post(books, "2", BERLIN_NIGHT, date(2026, 5, 31))
    assert found(books) == [], "nothing shows yet which days it keeps"
    post(books, "1", datetime(2026, 4, 30, 22, 30, tzinfo=UTC), date(2026, 4, 30))
    assert found(books) == []
