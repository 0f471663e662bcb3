"""A header that was read further than its lines is judged when they have caught up (F59)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from sync_assets.reconcile.evaluate import evaluate
from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books

LINES = ("chargebee", "invoice_line")


@pytest.fixture
def books(store: Store) -> Books:
    """An invoice of ten days ago that was raised by 10.00 an hour ago: 119.00 in its lines, 129.00 in its header."""
    books = Books(store=store, missing={"erp", "crm", "payments", "product"})
    books.invoice("1042", total_minor=12_900, version_at=books.through - timedelta(hours=1))
    return books


def _judged(books: Books, lines_through: datetime) -> Mapping[str, str]:
    """The open break, or what waits, once lines are read through an instant and everything else is."""
    known = books.landscape()
    behind = replace(known, complete_through={**known.complete_through, LINES: lines_through})
    evaluate(books.store, behind, "run")
    with books.store.begin() as connection:
        waiting = connection.execute(text("SELECT 'waiting', verdict FROM integrity.waiting WHERE rule LIKE 'F49%'"))
        found = {str(name): str(verdict) for name, verdict in waiting}
    return found | {row["class"]: row["verdict"] for row in books.breaks() if row["class"] == "F49"}


def test_lines_that_are_behind_their_header_are_waited_for(books: Books) -> None:
    assert _judged(books, books.through - timedelta(hours=2)) == {"waiting": "UNKNOWABLE"}
    assert _judged(books, books.through - timedelta(minutes=61)) == {"waiting": "UNKNOWABLE"}
    assert _judged(books, books.through - timedelta(minutes=60)) == {"F49": "BROKEN"}


def test_lines_that_came_after_their_header_leave_nothing_to_say(books: Books) -> None:
    assert _judged(books, books.through - timedelta(hours=2)) == {"waiting": "UNKNOWABLE"}
    books.put(
        "chargebee", "invoice_line", "1042-1", from_record_id="1042", invoice_id="1042", amount_minor=11_000,
        discount_minor=0, tax_minor=1_900, currency="EUR",
    )  # fmt: skip
    assert _judged(books, books.through) == {}
