"""What the auditor and the readers found, as breaks: skipped, kept too long, put back, emptied, left, not proven."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from sync_assets.store.audit_findings import WHYS
from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import NOON, Books
from sync_assets_tests.reconcile.deals import said


@pytest.fixture
def books(store: Store) -> Books:
    """Billing's invoices were read; one of 119.00 EUR is there."""
    books = Books(store=store)
    books.invoice("INV7")
    books.erp_invoice("900", "INV7")
    _write(books, "INSERT INTO sync.stream (system, name) VALUES ('chargebee', 'invoices')")
    return books


def _write(books: Books, statement: str, **values: Any) -> None:
    with books.store.begin() as connection:
        connection.execute(text(statement), values)


def _find(books: Books, what: str, why: str = "late_commit", *, confirmed: bool = True, name: str = "INV7") -> None:
    """An audit's finding about an invoice that changed a day ago."""
    statement = """INSERT INTO sync.audit_finding (stream_id, record_id, what, why, source_stamp, run_id, found_at,
        is_confirmed) SELECT stream_id, :name, :what, :why, :at, 'audit', :at, :confirmed FROM sync.stream"""
    at = books.through - timedelta(days=1)
    _write(books, statement, name=name, what=what, why=why, at=at, confirmed=confirmed)


def _found(books: Books, class_: str) -> list[dict[str, Any]]:
    books.judge()
    return [row for row in books.breaks() if row["class"] == class_]


@pytest.mark.parametrize(
    ("class_", "what", "why"),
    [("F96", "missing", "late_commit"), ("F97", "ghost", "deletion_unseen"), ("F98", "stale", "overwritten")],
)
def test_what_an_audit_found_is_a_break_until_the_next_one_agrees(
    books: Books, class_: str, what: str, why: str
) -> None:
    _find(books, what, why)
    (found,) = _found(books, class_)
    assert found["found"] == WHYS[why]
    # the whole document was out of sight: 119.00
    assert said(found) == (class_, "DE", "billing", "CONTROL", 11_900)
    assert (found["entity"], found["entity_id"], found["customer_id"] is None) == ("invoice", "chargebee:INV7", False)
    _write(books, "UPDATE sync.audit_finding SET resolved_at = now()")
    assert _found(books, class_) == []


def test_a_ghost_that_one_audit_saw_is_no_break_yet(books: Books) -> None:
    _find(books, "ghost", confirmed=False)
    assert _found(books, "F97") == []


def test_a_lost_record_of_which_nothing_is_known_is_worth_nothing_yet(books: Books) -> None:
    _find(books, "missing", name="INV8")
    (found,) = _found(books, "F96")
    assert (found["entity"], found["money_at_risk_minor"], found["currency"]) == ("invoices", 0, None)


def test_an_invoice_that_is_missing_in_the_erp_because_it_was_skipped_is_a_symptom(books: Books) -> None:
    books.invoice("INV9")
    assert [row["root"] for row in _found(books, "F51")] == [True]
    _find(books, "missing", name="INV9")
    assert [row["root"] for row in _found(books, "F96")] == [True]
    assert [row["root"] for row in _found(books, "F51")] == [False]


def test_a_field_that_nearly_every_record_had_and_none_has_any_more_is_a_break_for_two_weeks(books: Books) -> None:
    statement = """INSERT INTO sync.schema_finding (stream_id, kind, field, was, became, run_id, found_at)
        SELECT stream_id, 'went_null', 'due_date', 'number', 'null', 'sync', :at FROM sync.stream"""
    _write(books, statement, at=NOON - timedelta(days=1))
    (found,) = _found(books, "F99")
    assert (found["expected"], found["found"], found["owner"]) == ("number", "null", "DE")
    books.through += timedelta(days=14)
    assert _found(books, "F99") == []


def test_a_dead_letter_is_a_break_after_a_day_and_until_it_is_read(books: Books) -> None:
    statement = """INSERT INTO sync.dead_letter (stream_id, record_id, content_hash, entity, reason, page_id, start,
        length, run_id, seen_at) SELECT stream_id, 'INV8', '', '', 'type', 1, 0, 0, 'sync', :at FROM sync.stream"""
    _write(books, statement, at=NOON - timedelta(hours=23))
    assert _found(books, "F103") == []
    books.through += timedelta(hours=2)
    (found,) = _found(books, "F103")
    assert (found["entity_id"], found["found"]) == ("chargebee:INV8", "type")
    _write(books, "UPDATE sync.dead_letter SET resolved_at = now()")
    assert _found(books, "F103") == []


_AUDIT = """INSERT INTO sync.audit (stream_id, run_id, ended_at, source_at, complete_through, plant_found)
    SELECT stream_id, 'audit', now(), :at, :at, :plant_found FROM sync.stream"""


def test_an_auditor_that_overlooked_its_plant_is_a_break_until_it_finds_one(books: Books) -> None:
    _write(books, _AUDIT, at=NOON, plant_found=False)
    (found,) = _found(books, "F104")
    assert found["found"] == "it was not"
    _write(books, _AUDIT, at=NOON, plant_found=True)
    assert _found(books, "F104") == []


def test_an_audit_that_is_two_days_late_is_a_break(books: Books) -> None:
    _write(books, _AUDIT, at=NOON, plant_found=True)
    assert _found(books, "F104") == []
    books.through += timedelta(hours=49)
    assert len(_found(books, "F104")) == 1


def test_a_gate_that_somebody_overrode_is_a_break_while_the_override_lasts(books: Books) -> None:
    statement = """INSERT INTO sync.gate_override (asset, made_by, approver, reason, until)
        VALUES ('canonical/chargebee/invoice', 'ann', 'bob', 'closing', :until)"""
    _write(books, statement, until=NOON.date())
    (found,) = _found(books, "F104")
    assert found["found"].endswith("by ann")
    books.through += timedelta(days=1)
    assert _found(books, "F104") == []


_DECIDE = """INSERT INTO sync.gate (asset, check_name, run_id, outcome, explanation)
    VALUES ('canonical/chargebee/invoice', 'gate', 'sync', :outcome, '{}')"""
_LET_PASS = """INSERT INTO sync.gate_override (asset, made_by, approver, reason, until)
    VALUES ('canonical/chargebee/invoice', 'ann', 'bob', 'closing', :until)"""


def test_what_was_judged_past_a_closed_gate_is_a_break_until_the_gate_opens(books: Books) -> None:
    _write(books, _DECIDE, outcome="passed")
    assert _found(books, "F104") == []
    _write(books, _DECIDE, outcome="blocked")
    (found,) = _found(books, "F104")
    assert said(found) == ("F104", "DE", "billing", "CONTROL", 0)
    assert found["explanation"].startswith("Of invoice: nothing is judged past a closed gate, but it is closed")
    _write(books, _DECIDE, outcome="warned")
    assert _found(books, "F104") == []


def test_a_closed_gate_and_the_override_that_let_it_pass_are_one_break_after_another(books: Books) -> None:
    _write(books, _DECIDE, outcome="blocked")
    (closed,) = _found(books, "F104")
    _write(books, _LET_PASS, until=NOON.date())
    (let_pass,) = _found(books, "F104")
    assert (let_pass["break_id"], let_pass["found"].endswith("by ann")) == (closed["break_id"], True)
    # the override ends with its day, and the gate is as closed as before
    books.through += timedelta(days=1)
    (again,) = _found(books, "F104")
    assert (again["break_id"], again["found"]) == (closed["break_id"], closed["found"])
