"""Documents with a loose end: drafts that nobody closes, credit without cause, credit without use."""

from datetime import timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import NOON, Books
from sync_assets_tests.reconcile.deals import said


@pytest.fixture
def books(store: Store) -> Books:
    """Copies by hand."""
    return Books(store=store)


def _of(books: Books, class_: str) -> list[dict[str, Any]]:
    books.judge()
    return [row for row in books.breaks() if row["class"] == class_]


def _note(books: Books, name: str = "CN-1", *, days: int = 40, **fields: Any) -> None:
    """A refundable credit note over 30.00 EUR on an invoice, of which nothing is used."""
    known = {"status": "open", "is_void": False, "customer_id": "c1", "currency": "EUR", "kind": "refundable"}
    worth = {"total_minor": 3_000, "available_minor": 3_000, "invoice_id": "1", "reason": "waiver"}
    at = NOON - timedelta(days=days)
    books.put("chargebee", "credit_note", name, **{**known, **worth, "issued_at": at, "version_at": at, **fields})


def _memo(books: Books, **fields: Any) -> None:
    """The ERP's copy of the note, as free as it began."""
    known = {"status": "open", "is_void": False, "is_posted": True, "customer_id": "7", "currency": "EUR"}
    worth = {"total_minor": 3_000, "available_minor": 3_000, "copy_of": "billing:CN-1"}
    books.put("netsuite", "credit_note", "88", **{**known, **worth, **fields})


def test_a_draft_has_a_day_to_be_issued(books: Books) -> None:
    books.invoice("1", status="draft", finalised_at=None, issued_at=NOON - timedelta(hours=23))
    assert _of(books, "F58") == []
    books.through += timedelta(hours=1)
    (found,) = _of(books, "F58")
    # the whole draft: 100.00 and 19.00 of tax
    assert said(found) == ("F58", "FI", "billing", "CASH", 11_900)
    books.invoice("1", status="open")
    assert _of(books, "F58") == []


def test_drafts_that_were_voided_or_are_over_nothing_are_no_break(books: Books) -> None:
    books.invoice("1", status="void", is_void=True, finalised_at=None)
    books.invoice("2", status="draft", total_minor=0, subtotal_minor=0, tax_minor=0, finalised_at=None)
    assert _of(books, "F58") == []


@pytest.mark.parametrize("lacking", [{"reason": None}, {"reason": "  "}, {"invoice_id": None}])
def test_a_credit_that_says_not_what_for_is_given_away(books: Books, lacking: dict[str, Any]) -> None:
    _note(books, days=2, **lacking)
    (found,) = _of(books, "F55")
    assert said(found) == ("F55", "FI", "billing", "LEAK", 3_000)
    _note(books, days=2)
    assert _of(books, "F55") == []


def test_store_credit_needs_no_invoice_but_a_reason(books: Books) -> None:
    _note(books, days=2, kind="store", invoice_id=None)
    assert _of(books, "F55") == []
    _note(books, days=2, kind="store", invoice_id=None, reason=None)
    assert len(_of(books, "F55")) == 1


def test_credit_may_wait_thirty_days_for_its_use(books: Books) -> None:
    _note(books, days=30, issued_at=NOON - timedelta(days=30, hours=-1), available_minor=1_200)
    _memo(books, available_minor=1_200)
    assert _of(books, "F57") == []
    books.through += timedelta(hours=1)
    (found,) = _of(books, "F57")
    # 30.00, of which 18.00 were set off
    assert said(found) == ("F57", "FI", "billing", "CASH", 1_200)
    _note(books, available_minor=0, status="settled")
    _memo(books, available_minor=0)
    assert _of(books, "F57") == []


def test_store_credit_and_void_notes_wait_for_nobody(books: Books) -> None:
    _note(books, "CN-2", kind="store")
    _note(books, "CN-3", status="void", is_void=True)
    assert _of(books, "F57") == []


def test_credit_that_billing_used_is_not_free_in_the_erp(books: Books) -> None:
    _note(books, available_minor=500, version_at=NOON - timedelta(hours=23))
    _note(books, "CN-2", available_minor=0, status="settled")
    _memo(books)
    assert [row for row in _of(books, "F57") if row["kind"] == "MISSTATE"] == []
    books.through += timedelta(hours=1)
    (found,) = [row for row in _of(books, "F57") if row["kind"] == "MISSTATE"]
    # 25.00 of 30.00 were set off in billing, nothing in the ERP
    assert said(found) == ("F57", "FI", "billing->erp", "MISSTATE", 2_500)
    _memo(books, available_minor=500)
    assert [row for row in _of(books, "F57") if row["kind"] == "MISSTATE"] == []
