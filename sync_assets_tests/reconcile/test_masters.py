"""One customer in several systems: the same numbers, the right subsidiary, a living account."""

from datetime import date, timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import NOON, Books
from sync_assets_tests.reconcile.deals import bill, catalogue, only, said, sell


@pytest.fixture
def books(store: Store) -> Books:
    """A customer of the German company in CRM, billing and ERP, with an invoice of 119.00 EUR that the ERP holds."""
    books = Books(store=store)
    catalogue(books)
    sell(books)
    bill(books)
    books.put("netsuite", "legal_entity", "1", copy_of="acme_us", country="US")
    books.put("netsuite", "legal_entity", "2", copy_of="acme_de", country="DE")
    books.put("salesforce", "customer", "a1", status="active", tax_id="DE 123", country="DE", deleted_at=None)
    _billed(books)
    _booked(books)
    books.invoice("1", due_minor=11_900)
    books.erp_invoice("900", "1", legal_entity="acme_de")
    return books


def _billed(books: Books, **fields: Any) -> None:
    known = {"status": "active", "copy_of": "crm:a1", "tax_id": "DE123", "legal_name": "Acme GmbH", "country": "DE"}
    books.put("chargebee", "customer", "c1", **{**known, "legal_entity": "acme_de", "currency": "EUR", **fields})


def _booked(books: Books, **fields: Any) -> None:
    known = {"status": "active", "copy_of": "billing:c1", "tax_id": "de-123", "legal_name": "ACME GmbH"}
    books.put("netsuite", "customer", "7", **{**known, "legal_entity": "acme_de", **fields})


def test_copies_that_are_only_written_apart_are_no_break(books: Books) -> None:
    books.judge()
    assert books.breaks() == []


def test_another_tax_id_in_billing_puts_open_invoices_in_doubt(books: Books) -> None:
    _billed(books, tax_id="DE124")
    _booked(books, tax_id="DE124")
    books.judge()
    # one open invoice of 119.00
    assert said(only(books)) == ("F9", "FI", "crm->billing", "CONTROL", 11_900)
    assert "124" not in only(books)["explanation"], "a tax id may be a person's"
    # paid, only its 19.00 of tax rest on the number
    books.invoice("1", due_minor=0, status="paid", paid_minor=11_900)
    books.judge()
    assert [row["money_at_risk_minor"] for row in books.breaks() if row["class"] == "F9"] == [1_900]
    _billed(books)
    _booked(books)
    books.judge()
    assert [row for row in books.breaks() if row["class"] == "F9"] == []


@pytest.mark.parametrize(
    ("fields", "field"), [({"tax_id": "FR9"}, "tax_id"), ({"legal_name": "Other AG"}, "legal_name")]
)
def test_another_name_or_number_in_the_erp_is_a_break_of_that_hop(books: Books, fields: Any, field: str) -> None:
    _booked(books, **fields)
    books.judge()
    assert said(only(books)) == ("F9", "FI", "billing->erp", "CONTROL", 11_900)
    assert only(books)["first_divergence"]["field"] == field


def test_master_data_has_three_days_to_travel(books: Books) -> None:
    _booked(books, tax_id="FR9", version_at=NOON)
    books.judge()
    assert books.breaks() == []
    books.through += timedelta(days=3)
    books.judge()
    assert only(books)["class"] == "F9"


def test_what_is_booked_in_the_wrong_subsidiary_is_misstated(books: Books) -> None:
    _booked(books, legal_entity="acme_us")
    books.erp_invoice("900", "1", legal_entity="acme_us")
    books.judge()
    assert said(only(books)) == ("F10", "FI", "billing->erp", "MISSTATE", 11_900)
    _booked(books)
    books.judge()
    assert books.breaks() == []


def test_a_legal_entity_that_the_erp_does_not_know_is_not_compared(books: Books) -> None:
    _billed(books, legal_entity="be_17")
    books.judge()
    assert books.breaks() == []


@pytest.mark.parametrize("billed", ["acme_us", None])
def test_the_contract_says_whose_customer_it_is_when_billing_has_it_wrong_or_not_at_all(
    books: Books, billed: str | None
) -> None:
    account = {"status": "active", "tax_id": "DE 123", "country": "DE"}
    books.put("salesforce", "customer", "a1", legal_entity="acme_de", **account)
    _billed(books, legal_entity=billed)
    _booked(books, legal_entity="acme_us")
    books.erp_invoice("900", "1", legal_entity="acme_us")
    books.judge()
    # the invoice of 119.00 in the books of the other company
    hop = "crm->billing" if billed else "billing->erp"
    assert said(only(books)) == ("F10", "FI", hop, "MISSTATE", 11_900)
    books.put("salesforce", "customer", "a1", legal_entity=None, **account)
    books.judge()
    assert books.breaks() == []


def test_an_account_may_be_served_by_two_of_our_companies(books: Books) -> None:
    account = {"status": "active", "tax_id": "DE 123", "country": "DE"}
    books.put("salesforce", "customer", "a1", legal_entity="acme_de", **account)
    _billed(books, legal_entity="acme_us")
    _booked(books, legal_entity="acme_us")
    books.erp_invoice("900", "1", legal_entity="acme_us")
    books.put("chargebee", "customer", "c2", status="active", copy_of="crm:a1", legal_entity="acme_de")
    books.judge()
    assert books.breaks() == []


def test_one_invoice_in_the_books_of_another_company_is_misplaced(books: Books) -> None:
    books.invoice("1", due_minor=11_900, legal_entity="acme_de")
    books.judge()
    assert books.breaks() == []
    books.erp_invoice("900", "1", legal_entity="acme_us")
    books.judge()
    # the customer is in its subsidiary: F10 says nothing
    assert said(only(books)) == ("F82", "FI", "billing->erp", "MISSTATE", 11_900)
    assert only(books)["entity_id"] == "chargebee:1"
    books.invoice("1", due_minor=11_900, legal_entity="be_17")
    books.judge()
    assert books.breaks() == [], "the ERP knows no such entity"


@pytest.mark.parametrize(
    ("billed", "booked", "due", "is_wrong"),
    [
        ("30", "60", date(2026, 8, 19), True),
        ("30", "60", date(2026, 7, 21), False),  # whatever the customer's terms are: the day is the agreed one
        ("0", "30", date(2026, 8, 19), False),  # nobody entered terms in billing
        ("30", "Net 60", date(2026, 8, 19), False),  # terms that no number tells
        ("30", "30", date(2026, 8, 19), False),
    ],
)
def test_another_time_to_pay_moves_the_cash_that_is_due(
    books: Books, billed: str, booked: str, due: date, is_wrong: bool
) -> None:
    _billed(books, payment_terms=billed)
    _booked(books, payment_terms=booked)
    books.invoice("1", due_minor=11_900, due_on=date(2026, 7, 20))
    books.erp_invoice("900", "1", legal_entity="acme_de", due_on=due)
    books.judge()
    # the open invoice of 119.00 falls due thirty days later in the ERP
    expected = [("F16", "RO", "billing->erp", "CASH", 11_900)] if is_wrong else []
    assert [said(row) for row in books.breaks()] == expected


def test_an_account_that_is_gone_with_invoices_open_risks_their_cash(books: Books) -> None:
    ended = NOON - timedelta(days=9)
    bill(books, status="cancelled", cancelled_at=ended, ends_at=ended)
    _billed(books)
    books.put("salesforce", "customer", "a1", status="inactive", deleted_at=NOON - timedelta(hours=23))
    books.judge()
    assert books.breaks() == [], "a day to restore it"
    books.through += timedelta(hours=1)
    books.judge()
    assert said(only(books)) == ("F4", "RO", "crm->billing", "CASH", 11_900)
    books.invoice("1", due_minor=0, status="paid", paid_minor=11_900)
    books.judge()
    assert [row for row in books.breaks() if row["class"] == "F4"] == []


def test_a_merge_that_billing_does_not_follow_is_a_control_of_the_monthly_revenue(books: Books) -> None:
    gone = {"status": "inactive", "merged_into": "a2", "tax_id": "DE123", "version_at": NOON}
    books.put("salesforce", "customer", "a1", **gone, deleted_at=NOON)
    books.put("salesforce", "customer", "a2", status="active", tax_id="DE123", country="DE")
    books.judge()
    assert books.breaks() == [], "an hour to follow"
    books.through += timedelta(hours=1)
    books.judge()
    # 10 seats at 50.00 a month
    assert said(only(books)) == ("F5", "DE", "crm->billing", "CONTROL", 50_000)
    _billed(books, copy_of="crm:a2")
    books.judge()
    assert books.breaks() == []


def _doubted(books: Books) -> list[tuple[object, ...]]:
    """Hop, field and money of the breaks over names and numbers."""
    books.judge()
    rows = [row for row in books.breaks() if row["class"] == "F9"]
    return [
        (row["first_divergence"]["hop"], row["first_divergence"]["field"], row["money_at_risk_minor"]) for row in rows
    ]


@pytest.mark.parametrize(("account", "billed"), [("UK", "GB"), ("GB", "XI"), ("EL", "GR")])
def test_a_country_under_another_of_its_codes_is_the_same_country(books: Books, account: str, billed: str) -> None:
    books.put("salesforce", "customer", "a1", status="active", country=account)
    _billed(books, country=billed)
    assert _doubted(books) == []
    _billed(books, country="FR")
    # the open invoice of 119.00
    assert _doubted(books) == [("crm->billing", "country", 11_900)]


def test_what_billing_alone_has_wrong_is_booked_once(books: Books) -> None:
    _billed(books, tax_id="DE124")
    # CRM and ERP agree on DE123: billing is off its owner, the ERP's copy is right
    assert _doubted(books) == [("crm->billing", "tax_id", 11_900)]
    _billed(books)
    _booked(books, tax_id="DE124")
    assert _doubted(books) == [("billing->erp", "tax_id", 11_900)]


BERLIN = {"street": "Lindenstraße 1", "city": "Berlin", "postcode": "10969"}
COLOGNE = {"street": "Domplatz 4", "city": "Köln", "postcode": "50667"}


def test_a_customer_who_moved_in_one_system_only_has_two_addresses(books: Books) -> None:
    books.put("salesforce", "customer", "a1", status="active", country="DE", **COLOGNE)
    _billed(books, **BERLIN)
    _booked(books, **BERLIN)
    assert _doubted(books) == [("crm->billing", "address", 11_900)]
    _billed(books, **COLOGNE)
    assert _doubted(books) == [("billing->erp", "address", 11_900)]
    _booked(books, **COLOGNE)
    assert _doubted(books) == []


@pytest.mark.parametrize(
    "written",
    [
        {"street": "Lindenstr. 1", "city": "BERLIN-Kreuzberg", "postcode": "D-10969"},
        {"street": "Lindenstrasse 1, Hof", "city": "Berlin", "postcode": "10117"},
        {"street": None, "city": "Köln", "postcode": "50667"},
    ],
)
def test_an_address_written_in_another_way_or_in_part_is_no_other_one(books: Books, written: dict[str, Any]) -> None:
    books.put("salesforce", "customer", "a1", status="active", country="DE", **BERLIN)
    _billed(books, **written)
    assert _doubted(books) == []
