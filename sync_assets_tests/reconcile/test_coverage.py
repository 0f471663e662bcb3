"""Time that no invoice covers, and credit beyond the invoice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import NOON, Books
from sync_assets_tests.reconcile.deals import bill, catalogue, said

APRIL, MAY, JUNE, JULY = (datetime(2026, month, 1, tzinfo=UTC) for month in (4, 5, 6, 7))


@pytest.fixture
def books(store: Store) -> Books:
    """A subscription of 10 seats at 50.00 EUR a month since April, whose current term is June."""
    books = Books(store=store)
    catalogue(books)
    _run(books)
    _version(books, "v1", APRIL)
    return books


def _run(books: Books, **fields: Any) -> None:
    known = {"started_at": APRIL, "created_at": APRIL, "term_starts_at": JUNE, "term_ends_at": JULY}
    bill(books, **{"order_id": None, "origin": "self_serve", **known, **fields})


def _version(
    books: Books, name: str, valid_from: datetime, *, quantity: int | None = 10, status: str = "active"
) -> None:
    books.put(
        "chargebee", "subscription_version", name, subscription_id="s1", valid_from=valid_from, known_at=valid_from,
        status=status, price_id="seats-EUR", kind="plan", quantity=quantity, unit_price=50, currency="EUR",
    )  # fmt: skip


def _invoice(books: Books, number: str, starts_at: datetime, ends_at: datetime, **fields: Any) -> None:
    books.invoice(number, **{"issued_at": starts_at, "finalised_at": starts_at, **fields})
    books.put(
        "chargebee", "invoice_line", f"{number}-1", from_record_id=number, invoice_id=number, amount_minor=10_000,
        discount_minor=0, tax_minor=1_900, currency="EUR", subscription_id="s1", price_id="seats-EUR", quantity=2,
        unit_price=50, starts_at=starts_at, ends_at=ends_at,
    )  # fmt: skip


def _of(books: Books, *classes: str) -> list[dict[str, Any]]:
    books.judge()
    return [row for row in books.breaks() if row["class"] in classes]


def test_a_whole_period_between_two_invoices_leaks_its_price(books: Books) -> None:
    _invoice(books, "1", APRIL, MAY)
    _invoice(books, "3", JUNE, JULY)
    (found,) = _of(books, "F45", "F48")
    # 10 seats at 50.00 for May, before tax
    assert said(found) == ("F45", "FI", "billing", "LEAK", 50_000)
    _invoice(books, "2", MAY, JUNE)
    assert _of(books, "F45", "F48") == []


def test_a_flat_fee_without_quantity_is_missed_like_any_other(books: Books) -> None:
    _version(books, "v1", APRIL, quantity=None)
    _invoice(books, "1", APRIL, MAY)
    _invoice(books, "3", JUNE, JULY)
    (found,) = _of(books, "F45")
    # once 50.00
    assert found["money_at_risk_minor"] == 5_000


def test_the_price_is_that_of_the_version_in_force_when_the_period_began(books: Books) -> None:
    _version(books, "v2", MAY - timedelta(days=3), quantity=12)
    _version(books, "v3", MAY + timedelta(days=3), quantity=15)
    _invoice(books, "1", APRIL, MAY)
    _invoice(books, "3", JUNE, JULY)
    (found,) = _of(books, "F45")
    # 12 x 50.00
    assert found["money_at_risk_minor"] == 60_000


def test_of_two_states_of_one_second_the_later_one_has_the_price(books: Books) -> None:
    _version(books, "s1/1777300000001/seats-EUR", MAY - timedelta(days=3), quantity=15)
    _version(books, "s1/1777300000000/seats-EUR", MAY - timedelta(days=3), quantity=12)
    _invoice(books, "1", APRIL, MAY)
    _invoice(books, "3", JUNE, JULY)
    (found,) = _of(books, "F45")
    # 15 x 50.00, neither 12 x 50.00 nor both together
    assert found["money_at_risk_minor"] == 75_000


def test_two_periods_at_the_end_are_two_missing_invoices(books: Books) -> None:
    _invoice(books, "1", APRIL, MAY)
    assert [row["money_at_risk_minor"] for row in _of(books, "F45")] == [50_000, 50_000]


def test_a_bill_run_has_a_day(books: Books) -> None:
    books.through = JUNE + timedelta(hours=23)
    _invoice(books, "1", APRIL, MAY)
    _invoice(books, "2", MAY, JUNE)
    assert _of(books, "F45") == []
    books.through += timedelta(hours=1)
    assert len(_of(books, "F45")) == 1, "nothing changed but time"


def test_days_between_two_invoiced_periods_leak_their_share(books: Books) -> None:
    _invoice(books, "1", APRIL, MAY)
    _invoice(books, "2", MAY, JUNE)
    _invoice(books, "3", JUNE + timedelta(days=6), JULY)
    (found,) = _of(books, "F45", "F48")
    # 500.00 x 6 of 30 days
    assert said(found) == ("F48", "FI", "billing", "LEAK", 10_000)
    _invoice(books, "3", JUNE, JULY)
    assert _of(books, "F48") == []


def test_what_was_voided_waived_or_drafted_is_not_missing(books: Books) -> None:
    _invoice(books, "1", APRIL, MAY)
    _invoice(books, "2", MAY, JUNE, status="void", is_void=True)
    _invoice(books, "3", JUNE, JULY, status="draft")
    assert _of(books, "F45", "F48") == []


def test_a_paused_month_is_not_due(books: Books) -> None:
    _version(books, "v2", MAY - timedelta(hours=1), status="paused")
    _version(books, "v3", JUNE, status="active")
    _invoice(books, "1", APRIL, MAY)
    _invoice(books, "3", JUNE, JULY)
    assert _of(books, "F45", "F48") == []


def test_one_that_is_invoiced_when_its_months_are_over_waits_for_their_end(books: Books) -> None:
    _invoice(books, "1", APRIL, MAY, issued_at=MAY, finalised_at=MAY)
    _invoice(books, "2", MAY, JUNE, issued_at=JUNE, finalised_at=JUNE)
    assert _of(books, "F45", "F48") == []


def test_what_was_before_billing_knew_the_subscription_was_invoiced_elsewhere(books: Books) -> None:
    _run(books, created_at=JUNE - timedelta(days=2))
    _invoice(books, "3", JUNE, JULY)
    assert _of(books, "F45", "F48") == []


def test_one_that_was_entered_late_and_never_invoiced_was_never_invoiced_since_it_began(books: Books) -> None:
    _run(books, created_at=APRIL + timedelta(days=4))
    # April, May and June at 10 x 50.00
    assert [row["money_at_risk_minor"] for row in _of(books, "F45")] == [50_000] * 3
    _run(books, created_at=APRIL + timedelta(days=4), term_starts_at=APRIL, term_ends_at=MAY)
    assert _of(books, "F45") == [], "its first term may have been carried over as paid"


def test_one_that_was_carried_over_and_never_invoiced_was_due_with_its_next_term(books: Books) -> None:
    _run(books, created_at=MAY + timedelta(days=4))
    # June alone: who invoiced April and May is not known
    assert [row["money_at_risk_minor"] for row in _of(books, "F45")] == [50_000]


def test_a_flat_fee_is_due_once_whatever_the_quantity(books: Books) -> None:
    books.put(
        "chargebee", "price", "seats-EUR", product_id="seats", currency="EUR", unit_price=50, model="flat", period=1,
        period_unit="month", status="active",
    )  # fmt: skip
    for quantity in (None, 10):
        _version(books, "v1", APRIL, quantity=quantity)
        _invoice(books, "1", APRIL, MAY)
        _invoice(books, "2", MAY, JUNE)
        # 50.00 for June
        assert [row["money_at_risk_minor"] for row in _of(books, "F45")] == [5_000]


def test_seats_added_in_mid_term_leave_no_gap(books: Books) -> None:
    _invoice(books, "1", APRIL, MAY)
    _invoice(books, "2", MAY, JUNE)
    _invoice(books, "3", JUNE, JULY)
    _invoice(books, "4", JUNE + timedelta(days=9), JULY)
    assert _of(books, "F45", "F48") == []


def test_from_the_last_of_february_to_the_last_of_march_is_one_month(books: Books) -> None:
    last_days = [datetime(2026, month, day, tzinfo=UTC) for month, day in ((1, 31), (2, 28), (3, 31), (4, 30))]
    _run(books, started_at=last_days[0], created_at=last_days[0], term_ends_at=last_days[3])
    _version(books, "v0", last_days[0])
    _invoice(books, "1", last_days[0], last_days[1])
    _invoice(books, "3", last_days[2], last_days[3])
    (found,) = _of(books, "F45", "F48")
    assert (found["class"], found["money_at_risk_minor"]) == ("F45", 50_000)


def test_a_period_is_whole_when_it_begins_on_the_last_day_of_a_month(books: Books) -> None:
    edges = [datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 31), (4, 30), (5, 31), (6, 30))]
    _run(books, started_at=edges[0], created_at=edges[0], term_ends_at=edges[3])
    _version(books, "v0", edges[0])
    _invoice(books, "1", edges[0], edges[1])
    _invoice(books, "2", edges[1], edges[2])
    # from 31 May to 30 June
    (found,) = _of(books, "F45", "F48")
    assert (found["class"], found["money_at_risk_minor"]) == ("F45", 50_000)
    assert "2026-05-31 to 2026-06-29" in found["expected"]


def _credit(books: Books, name: str, minor: int, **fields: Any) -> None:
    known = {"status": "settled", "is_void": False, "customer_id": "c1", "currency": "EUR", "kind": "refundable"}
    issued = {"invoice_id": "1", "total_minor": minor, "issued_at": NOON - timedelta(days=2)}
    books.put("chargebee", "credit_note", name, **{**known, **issued, **fields})


def test_what_is_credited_beyond_the_invoice_is_given_away(books: Books) -> None:
    books.invoice("1")
    _credit(books, "CN-1", 7_000)
    assert _of(books, "F56") == []
    _credit(books, "CN-2", 7_000)
    (found,) = _of(books, "F56")
    # 70.00 twice on an invoice over 119.00
    assert said(found) == ("F56", "FI", "billing", "LEAK", 2_100)
    assert found["entity_id"] == "chargebee:1"
    _credit(books, "CN-2", 7_000, is_void=True, status="void")
    assert _of(books, "F56") == []


def test_notes_that_together_are_the_invoice_are_no_break(books: Books) -> None:
    books.invoice("1")
    _credit(books, "CN-1", 5_000)
    _credit(books, "CN-2", 6_900)
    _credit(books, "CN-3", 100, status="draft")
    assert _of(books, "F56") == []


def test_days_that_two_periods_share_are_billed_too_much(books: Books) -> None:
    begins = MAY + timedelta(days=21)
    _invoice(books, "0", APRIL, MAY)
    _invoice(books, "1", MAY, JUNE)
    _invoice(books, "2", begins, JUNE + timedelta(days=21))
    # 22 May to 1 June: 10 of the 31 days from 22 May to 22 June, of 100.00
    (found,) = [row for row in _of(books, "F46", "F47", "F48") if row["kind"] == "OVER"]
    assert said(found) == ("F48", "FI", "billing", "OVER", 3_226)
    assert found["entity_id"] == "chargebee:s1"
    _credit(books, "CN-1", 3_226, invoice_id="2")
    assert [row for row in _of(books, "F48") if row["kind"] == "OVER"] == []


def test_a_term_that_a_change_begins_anew_shares_days_with_the_one_before(books: Books) -> None:
    begins = MAY + timedelta(days=21)
    _invoice(books, "0", APRIL, MAY)
    _invoice(books, "1", MAY, JUNE)
    _invoice(books, "2", begins, JUNE + timedelta(days=21))
    _version(books, "v2", begins, quantity=12)
    assert [row for row in _of(books, "F48") if row["kind"] == "OVER"] == []
    _version(books, "v2", begins)
    assert [row["kind"] for row in _of(books, "F48") if row["kind"] == "OVER"] == ["OVER"], "nothing changed"


def test_what_is_added_in_mid_term_and_hours_of_another_time_zone_are_no_days_twice(books: Books) -> None:
    _invoice(books, "1", MAY, JUNE)
    _invoice(books, "2", MAY + timedelta(days=21), JUNE)
    _invoice(books, "3", JUNE - timedelta(hours=9), JULY - timedelta(hours=9))
    assert [row for row in _of(books, "F48") if row["kind"] == "OVER"] == []
