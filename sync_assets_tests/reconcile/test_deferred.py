"""Deferred revenue rolls forward: each month's run recognises what its documents have due in it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.reconcile.deals import said

YEAR = 120_000
"""1,200.00 EUR from 10 January to 10 January: 100.00 a month."""


@pytest.fixture
def books(store: Store) -> Books:
    """A year paid in advance, recognised from January to May; the ERP's months are closed until then."""
    books = Books(store=store, missing={"crm", "payments", "product"})
    books.put("netsuite", "legal_entity", "2", copy_of="de", name="DE", currency="EUR", country="DE")
    books.put("netsuite", "ledger_account", "32", number="2400", name="Deferred", kind="DeferRevenue")
    books.put("netsuite", "product", "7", sku="year", status="active", deferral_account_id="32")
    price = {"product_id": "year", "currency": "EUR", "unit_price": 1_200, "model": "per_unit", "period": 1}
    books.put("chargebee", "price", "year-EUR", **price, period_unit="year")
    for month in range(1, 7):
        first = date(2026, month, 1)
        last = date(2026, month + 1, 1) - timedelta(days=1)
        books.put("netsuite", "period", f"20260{month}", starts_on=first, ends_on=last, is_closed=month < 6)
    year(books, "1")
    for month in range(1, 6):
        run(books, month, 10_000)
    return books


def _line(books: Books, document: str, minor: int, **fields: Any) -> None:
    """A line of a document on deferred revenue; credits are negative in the document, positive here."""
    known = {"document_id": document, "amount_minor": -minor, "currency": "EUR", "legal_entity": "de", "tax": False}
    books.put("netsuite", "document_line", f"{document}-1", from_record_id=document, **known, **fields)
    side = {"credit_minor": max(minor, 0), "debit_minor": max(-minor, 0)}
    books.put(
        "netsuite", "posting", f"{document}-1-1", from_record_id=document, document_id=document,
        line_id=f"{document}-1", book="1", account_id="32", is_posting=True, **side,
    )  # fmt: skip


def year(books: Books, number: str, minor: int = YEAR, *, on: datetime = datetime(2026, 1, 10, tzinfo=UTC)) -> None:
    """An invoice over a year from 10 January, in billing and in the ERP."""
    books.invoice(number, total_minor=minor, subtotal_minor=minor, tax_minor=0)
    books.put(
        "chargebee", "invoice_line", f"{number}-1", from_record_id=number, invoice_id=number, price_id="year-EUR",
        starts_at=datetime(2026, 1, 10, tzinfo=UTC), ends_at=datetime(2027, 1, 10, tzinfo=UTC), amount_minor=minor,
        discount_minor=0, tax_minor=0, currency="EUR",
    )  # fmt: skip
    books.erp_invoice(f"9{number}", number, total_minor=minor, created_at=on)
    _line(books, f"9{number}", minor, item_id="7")


def run(books: Books, month: int, minor: int) -> None:
    """The recognition of a month, on its 28th."""
    on = datetime(2026, month, 28, 20, tzinfo=UTC)
    known = {"kind": "Journal", "is_posted": True, "currency": "EUR", "legal_entity": "de"}
    books.put("netsuite", "journal", f"j{month}", **known, issued_on=on.date(), created_at=on)
    _line(books, f"j{month}", -minor, recognition=True)


def _found(books: Books) -> list[tuple[object, ...]]:
    books.judge()
    return [(row["entity_id"], *said(row)[3:]) for row in books.breaks() if row["class"] == "F83"]


def test_what_is_recognised_as_it_is_served_rolls_forward(books: Books) -> None:
    assert _found(books) == []


@pytest.mark.parametrize(("recognised", "apart"), [(7_000, 3_000), (22_500, 12_500)])
def test_a_run_over_another_amount_is_off_by_the_difference(books: Books, recognised: int, apart: int) -> None:
    run(books, 4, recognised)
    assert _found(books) == [("netsuite:j4", "MISSTATE", apart)]
    (found,) = [row for row in books.breaks() if row["class"] == "F83"]
    assert (found["owner"], found["first_divergence"]["hop"]) == ("FI", "erp->ledger")
    assert found["expected"] == "10000 EUR recognised in April 2026"
    run(books, 4, 10_000)
    assert _found(books) == [], "the journal was corrected"


def test_a_year_from_the_first_of_a_month_has_twelve_months(books: Books) -> None:
    year(books, "2", 24_000)
    for month in range(1, 6):
        run(books, month, 12_000)
    books.put(
        "chargebee", "invoice_line", "2-1", from_record_id="2", invoice_id="2", price_id="year-EUR",
        starts_at=datetime(2026, 1, 1, tzinfo=UTC), ends_at=datetime(2027, 1, 1, tzinfo=UTC),
        amount_minor=24_000, discount_minor=0, tax_minor=0, currency="EUR",
    )  # fmt: skip
    assert _found(books) == []
    run(books, 4, 11_500)
    # 100.00 and 20.00 a month were due
    assert _found(books) == [("netsuite:j4", "MISSTATE", 500)]


def test_what_a_later_run_makes_good_is_no_break(books: Books) -> None:
    run(books, 3, 4_000)
    assert _found(books) == [("netsuite:j3", "MISSTATE", 6_000)]
    run(books, 4, 16_000)
    assert _found(books) == []


def test_a_credit_is_recognised_no_more_and_what_was_is_taken_back(books: Books) -> None:
    # a credit of 120.00 on 15 March: 20.00 of January and February are taken back with March's 10.00
    credited = {"invoice_id": "1", "customer_id": "c1", "status": "settled", "is_void": False, "currency": "EUR"}
    books.put("chargebee", "credit_note", "cn1", **credited, total_minor=12_000)
    known = {"customer_id": "7", "status": "settled", "is_void": False, "is_posted": True, "currency": "EUR"}
    made = datetime(2026, 3, 15, tzinfo=UTC)
    books.put("netsuite", "credit_note", "80", **known, copy_of="billing:cn1", total_minor=12_000, created_at=made)
    _line(books, "80", -12_000, item_id="7")
    books.judge(full=True)
    wrong = {row["entity_id"]: row["money_at_risk_minor"] for row in books.breaks() if row["class"] == "F83"}
    # the schedule goes on as before: 30.00 too much in March, 10.00 in April and in May
    assert wrong == {"netsuite:j3": 3_000, "netsuite:j4": 1_000, "netsuite:j5": 1_000}
    for month, minor in ((3, 7_000), (4, 9_000), (5, 9_000)):
        run(books, month, minor)
    assert _found(books) == []


def test_a_month_that_was_closed_without_a_run_lacks_all_of_it(books: Books) -> None:
    books.put(
        "netsuite", "period", "202606", starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 29), is_closed=True
    )  # fmt: skip
    books.judge()
    # the day on which the month ended counts, and a day of lag
    books.through += timedelta(days=1)
    assert _found(books) == [("netsuite:202606", "MISSTATE", 10_000)]
    run(books, 6, 10_000)
    assert _found(books) == []


def test_an_unusual_method_is_not_called_wrong(books: Books) -> None:
    for month, minor in enumerate((30_000, 20_000, 10_000, 30_000, 30_000), start=1):
        run(books, month, minor)
    assert _found(books) == [], "front-loaded: not a method that is known"


def test_a_document_without_days_of_service_leaves_nothing_to_say(books: Books) -> None:
    run(books, 4, 7_000)
    assert len(_found(books)) == 1
    books.erp_invoice("95", "5", copy_of=None, created_at=datetime(2026, 2, 1, tzinfo=UTC))
    _line(books, "95", 5_000, item_id="7")
    books.judge(full=True)
    assert [row for row in books.breaks() if row["class"] == "F83"] == []


def test_a_document_that_was_voided_after_a_run_is_not_reckoned_up(books: Books) -> None:
    made, voided = datetime(2026, 4, 10, tzinfo=UTC), datetime(2026, 5, 10, tzinfo=UTC)
    year(books, "2", 24_000, on=made)
    # 100.00 as ever, and 20.00 of each of the four months
    run(books, 4, 18_000)
    assert _found(books) == [("netsuite:j5", "MISSTATE", 2_000)], "20.00 more are due in May"
    books.erp_invoice("92", "2", is_void=True, total_minor=0, status="void", created_at=made, version_at=voided)
    _line(books, "92", 0, item_id="7")
    # what was recognised of it is taken back: 100.00 less 80.00
    run(books, 5, 2_000)
    assert _found(books) == []
    run(books, 6, 9_000)
    assert _found(books) == [("netsuite:j6", "MISSTATE", 1_000)], "from then on all is known again"
