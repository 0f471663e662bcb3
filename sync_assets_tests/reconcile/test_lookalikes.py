"""What a company written by a stranger showed: right things that look wrong, and wrong ones that look right."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sync_assets.reconcile.evaluate import evaluate
from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.reconcile.deals import BEGAN, bill, catalogue, sell
from sync_assets_tests.reconcile.test_payments_given_back import note, refund
from sync_assets_tests.reconcile.test_payments_received import charge, found, paid_invoice, pay

JUNE, UPGRADED, JULY = (datetime(2026, month, day, tzinfo=UTC) for month, day in ((6, 1), (6, 16), (7, 1)))


@pytest.fixture
def books(store: Store) -> Books:
    """Seats at 50.00 a month."""
    books = Books(store=store)
    catalogue(books)
    return books


def line(books: Books, number: str, part: str = "1", **fields: Any) -> None:
    """One untaxed line of June for 10 seats at 50.00 on an invoice of its own."""
    known = {"amount_minor": 50_000, "discount_minor": 0, "tax_minor": 0, "currency": "EUR", "quantity": 10}
    about = {"unit_price": 50, "subscription_id": "s1", "price_id": "seats-EUR", "starts_at": JUNE, "ends_at": JULY}
    row = {**known, **about, **fields}
    books.put("chargebee", "invoice_line", f"{number}-{part}", from_record_id=number, invoice_id=number, **row)


def invoice(books: Books, number: str, total: int, issued: datetime, *, tax: int = 0) -> None:
    """An open invoice over so much."""
    sums = {"tax_minor": tax, "subtotal_minor": total - tax, "total_minor": total}
    books.invoice(number, issued_at=issued, finalised_at=issued, **sums)


@pytest.mark.parametrize(("more", "double"), [(4, []), (6, [("chargebee:s2", "OVER", 30_484, "RO", "billing")])])
def test_a_deal_may_be_shared_out_over_subscriptions_but_not_exceeded(
    books: Books, more: int, double: list[tuple[str, str, int, str, str]]
) -> None:
    sell(books, quantity=10)
    bill(books, quantity=6)
    bill(books, "s2", quantity=more, created_at=BEGAN + timedelta(hours=1))
    # 6 and 4 of 10 seats are right; 6 and 6 are a subscription too many: 6 x 50.00 for a month and 1/62.
    assert found(books, "F20") == double
    # What they share out is no other quantity than was sold.
    assert bool(found(books, "F13")) == bool(double)


def test_a_double_that_begins_later_explains_its_other_term(books: Books) -> None:
    later = BEGAN + timedelta(days=10)
    sell(books)
    bill(books)
    bill(books, "s2", started_at=later, created_at=later)
    books.judge()
    causes = {row["class"]: row["break_id"] for row in books.breaks() if row["root"]}
    (term,) = (row for row in books.breaks() if row["class"] == "F14")
    assert (term["root"], term["money_at_risk_minor"], term["caused_by"]) == (False, 0, causes["F20"])


def test_a_coupon_on_the_invoice_can_make_the_agreed_price(books: Books) -> None:
    sell(books, price=45)
    bill(books)
    # 5.00 for 10 seats over a month and half a day of 31.
    assert [row[2] for row in found(books, "F12")] == [5_081]
    invoice(books, "1", 45_000, JUNE)
    line(books, "1", discount_minor=5_000)
    assert found(books, "F12") == []
    line(books, "1", discount_minor=4_000)
    assert [row[2] for row in found(books, "F12")] == [5_081]


def test_doubled_seats_billed_for_the_rest_of_a_period_are_no_stale_contract(books: Books) -> None:
    for name, since, quantity in (("v1", JUNE - timedelta(days=31), 10), ("v2", UPGRADED, 20)):
        books.put(
            "chargebee", "subscription_version", name, from_record_id="s1", subscription_id="s1", price_id="seats-EUR",
            valid_from=since, known_at=since, status="active", quantity=quantity, unit_price=50,
        )  # fmt: skip
    invoice(books, "1", 50_000, JUNE)
    line(books, "1")
    invoice(books, "2", 25_000, UPGRADED)
    # 10 more seats for 15 of 30 days.
    line(books, "2", amount_minor=25_000, starts_at=UPGRADED)
    assert found(books, "F17") == []
    # A whole period at the old number of seats is: 10 x 50.00 less.
    line(books, "2", starts_at=JULY, ends_at=JULY + timedelta(days=31))
    assert found(books, "F17") == [("chargebee:2", "LEAK", 50_000, "RO", "billing")]


def test_one_position_twice_on_one_invoice_is_billed_twice(books: Books) -> None:
    invoice(books, "1", 100_000, JUNE)
    line(books, "1")
    line(books, "1", "2", starts_at=UPGRADED)
    assert found(books, "F46") == []
    line(books, "1", "2")
    assert found(books, "F46") == [("chargebee:1", "OVER", 50_000, "FI", "billing")]


@pytest.mark.parametrize(("tax", "gap"), [(1, []), (9_500, [("chargebee:1", "MISSTATE", 9_500, "DE", "billing")])])
def test_tax_that_no_line_has_is_no_sum_of_lines(
    books: Books, tax: int, gap: list[tuple[str, str, int, str, str]]
) -> None:
    invoice(books, "1", 50_000 + tax, JUNE, tax=tax)
    line(books, "1")
    # Rounding may take a minor unit for each line, not 95.00.
    assert found(books, "F49") == gap


def test_a_refund_that_billing_records_needs_its_credit_note(books: Books) -> None:
    paid_invoice(books)
    pay(books, "txn_1", 11_900, charge="ch_1")
    charge(books, "ch_1", 11_900)
    refund(books, "stripe", "re_1", 5_000, payment_id="ch_1")
    refund(books, "chargebee", "txn_r", 5_000, payment_id="txn_1", copy_of="payments:re_1")
    # 50.00 went back, and the invoice still counts as paid in full.
    assert found(books, "F67") == [("stripe:re_1", "MISSTATE", 5_000, "FI", "payments->billing")]
    note(books)
    assert found(books, "F67") == []


def test_what_was_paid_too_much_goes_back_without_a_credit_note(books: Books) -> None:
    paid_invoice(books)
    pay(books, "txn_1", 11_900, charge="ch_1")
    charge(books, "ch_1", 16_900)
    books.put(
        "chargebee", "payment", "txn_1", customer_id="c1", status="succeeded", amount_minor=16_900,
        refunded_minor=5_000, currency="EUR", created_at=books.through - timedelta(days=20), copy_of="payments:ch_1",
    )  # fmt: skip
    refund(books, "stripe", "re_1", 5_000, payment_id="ch_1")
    refund(books, "chargebee", "txn_r", 5_000, payment_id="txn_1", copy_of="payments:re_1")
    # 169.00 came for an invoice of 119.00: 50.00 paid for nothing.
    assert found(books, "F67") == []


def test_terms_may_turn_by_utc_where_the_clock_changes(books: Books) -> None:
    # A site in UTC: since 1 March, half past nine; Berlin's clock is an hour on from 29 March. Half of June's 30 days.
    began, ends = (datetime(2026, month, 1, 9, 30, tzinfo=UTC) for month in (3, 7))
    half = datetime(2026, 6, 16, 9, 30, tzinfo=UTC)
    bill(books, order_id=None, origin="self_serve", started_at=began, created_at=began, legal_entity="de")
    for name, since, quantity in (("v1", began, 10), ("v2", half, 12)):
        books.put(
            "chargebee", "subscription_version", name, subscription_id="s1", price_id="seats-EUR", valid_from=since,
            known_at=since, status="active", kind="plan", quantity=quantity, unit_price=50, currency="EUR",
        )  # fmt: skip
    invoice(books, "1", 5_000, half)
    line(books, "1", amount_minor=5_000, quantity=2, starts_at=half, ends_at=ends)
    landscape = replace(books.landscape(), zones={"de": ZoneInfo("Europe/Berlin")})
    evaluate(books.store, landscape, "run")
    assert [row for row in books.breaks() if row["class"] == "F47"] == []
