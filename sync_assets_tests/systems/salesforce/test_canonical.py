"""Claims about what Salesforce records mean: records of real orgs, then each rule on a record made for it."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sync_assets.connect.spec import Page, Stream
from sync_assets.systems.salesforce.canonical_documents import end_of_term
from sync_assets.systems.salesforce.spec import (
    ACCOUNTS,
    CONTRACTS,
    OPPORTUNITIES,
    OPPORTUNITY_LINE_ITEMS,
    ORDER_ITEMS,
    ORDERS,
    PRICEBOOK_ENTRIES,
    PRODUCT2,
)
from sync_assets_tests.systems.conformed import outcome_of_page

PAGES = Path(__file__).parent / "pages"
STAMPS = {"IsDeleted": False, "SystemModstamp": "2026-11-20T10:00:00.000+0000"}
FLAGS = {"true": True, "false": False}
ENCODER = msgspec.json.Encoder(decimal_format="number")


def outcome(stream: Stream, entity: str, records: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[Any]]:
    """The copies of records as a page of them gives, and what was set aside."""
    bodies = [ENCODER.encode(record) for record in records]
    return outcome_of_page(stream, entity, Page(body=b"\n".join(bodies), records=bodies, next=None))


def copies(stream: Stream, entity: str, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The copies of records of which none is set aside."""
    rows, rejected = outcome(stream, entity, records)
    assert rejected == []
    return rows


def one(stream: Stream, entity: str, **values: Any) -> dict[str, Any]:
    """The copy of one record."""
    (row,) = copies(stream, entity, [{"Id": "006000000000001AAA", **STAMPS, **values}])
    return row


def exported(stream: Stream, file: str) -> list[dict[str, Any]]:
    """The records of an export, in the types and under the names of the API."""
    with (PAGES / f"sf_{file}_data.csv").open(encoding="utf-8") as lines:
        return [_record(stream, row) for row in csv.DictReader(lines)]


def _record(stream: Stream, row: dict[str, str]) -> dict[str, Any]:
    plain = {name.replace("_", ""): text for name, text in row.items()}
    fields = stream.read["fields"]
    record = {name: _value(kind, plain.get(name.lower().replace("__c", "c"), "")) for name, kind in fields.items()}
    return {**STAMPS, **{name: value for name, value in record.items() if value is not None}}


def _value(kind: str, text: str) -> Any:
    if not text:
        return None
    if kind == "flag":
        return FLAGS[text.lower()]
    if kind == "number":
        return Decimal(text)
    if kind == "instant":
        return text[:19].replace(" ", "T") + ".000+0000"
    return text[:10] if text[10:11] == " " and text[:4].isdigit() else text


@pytest.mark.parametrize(
    ("stream", "file", "entity", "count"),
    [
        (ACCOUNTS, "account", "customer", 10),
        (OPPORTUNITIES, "opportunity", "order", 10),
        (OPPORTUNITY_LINE_ITEMS, "opportunity_line_item", "order_line", 10),
        (ORDERS, "order", "order", 10),
        (PRODUCT2, "product_2", "product", 2),
    ],
)
def test_every_record_of_real_orgs_becomes_a_copy(stream: Stream, file: str, entity: str, count: int) -> None:
    assert len(copies(stream, entity, exported(stream, file))) == count


def test_a_won_deal_of_a_real_org_is_won() -> None:
    deal = copies(OPPORTUNITIES, "order", exported(OPPORTUNITIES, "opportunity"))[0]
    assert (deal["kind"], deal["status"], deal["won_on"]) == ("deal", "won", date(2018, 12, 19))
    # That org has one currency and does not say which: the amount stays unknown instead of guessed.
    assert "amount_minor" not in deal


def test_an_activated_order_of_a_real_org_is_won() -> None:
    order = copies(ORDERS, "order", exported(ORDERS, "order"))[0]
    assert (order["status"], order["number"], order["customer_id"]) == ("won", "5392", "0011G00000gY0y4QAC")


def test_an_account_is_a_customer_with_its_tax_id_country_and_parent() -> None:
    customer = one(
        ACCOUNTS,
        "customer",
        Name="Acme GmbH",
        ParentId="0015500000Xyy06",
        Website="https://www.Acme.example:443/de?x=1",
        BillingCountry="Germany",
        BillingCountryCode="DE",
        BillingState="Berlin",
        CurrencyIsoCode="EUR",
        Tax_Id__c="DE123456789",
        Legal_Entity__c="EU",
    )
    expected = {
        "name": "Acme GmbH",
        "parent_id": "0015500000Xyy06AAB",
        "domain": "acme.example",
        "country": "DE",
        "region": "Berlin",
        "currency": "EUR",
        "tax_id": "DE123456789",
        "legal_entity": "EU",
        "status": "active",
    }
    assert expected.items() <= customer.items()


@pytest.mark.parametrize(
    ("website", "domain"),
    [("acme.example", "acme.example"), ("WWW.ACME.EXAMPLE/", "acme.example"), ("n/a", None), ("", None)],
)
def test_a_domain_is_read_out_of_what_people_type(website: str, domain: str | None) -> None:
    assert one(ACCOUNTS, "customer", Name="A", Website=website).get("domain") == domain


def test_the_loser_of_a_merge_points_to_the_winner() -> None:
    loser = one(ACCOUNTS, "customer", Name="A", IsDeleted=True, MasterRecordId="0015500000Xyy06AAB")
    assert (loser["status"], loser["merged_into"]) == ("inactive", "0015500000Xyy06AAB")
    assert loser["deleted_at"] == datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("closed", "won", "status"), [(False, False, "open"), (True, True, "won"), (True, False, "lost")]
)
def test_a_deal_is_open_won_or_lost_by_its_flags(closed: bool, won: bool, status: str) -> None:
    deal = one(OPPORTUNITIES, "order", IsClosed=closed, IsWon=won, CloseDate="2026-11-20", StageName="Anything")
    assert deal["status"] == status
    assert ("won_on" in deal, "won_at" in deal) == (won, won)


def test_a_deal_was_won_when_its_stage_changed_else_at_the_start_of_its_close_date() -> None:
    won = {"IsClosed": True, "IsWon": True, "CloseDate": "2026-11-20"}
    exact = one(OPPORTUNITIES, "order", LastStageChangeDate="2026-11-19T16:30:00.000+0000", **won)
    assert exact["won_at"] == datetime(2026, 11, 19, 16, 30, tzinfo=UTC)
    assert one(OPPORTUNITIES, "order", **won)["won_at"] == datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    # 1,200.50 EUR is 120,050 cents; yen have no decimals; dinars have three.
    [("1200.50", "EUR", 120_050), ("1.2005E3", "EUR", 120_050), ("12000.0", "JPY", 12_000), ("1.005", "KWD", 1_005)],
)
def test_an_amount_becomes_minor_units_of_its_currency(amount: str, currency: str, minor: int) -> None:
    deal = one(OPPORTUNITIES, "order", IsClosed=False, IsWon=False, Amount=Decimal(amount), CurrencyIsoCode=currency)
    assert deal["amount_minor"] == minor


def test_an_amount_that_does_not_fit_its_currency_is_set_aside() -> None:
    deal = {"Id": "006000000000001AAA", **STAMPS, "Amount": Decimal("12.5"), "CurrencyIsoCode": "JPY"}
    assert outcome(OPPORTUNITIES, "order", [deal]) == ([], [("money_scale", "")])


def test_an_order_that_changes_another_is_an_amendment_of_it() -> None:
    order = one(
        ORDERS,
        "order",
        AccountId="0015500000Xyy06AAB",
        OpportunityId="006q000000HddohAAB",
        OriginalOrderId="8011G000000XFeO",
        Status="Signed",
        StatusCode="Activated",
        ActivatedDate="2026-11-20T09:00:00.000+0000",
        EffectiveDate="2026-12-01",
        EndDate="2027-11-30",
        TotalAmount=Decimal("100.00"),
        CurrencyIsoCode="EUR",
    )
    expected = {
        "kind": "amendment",
        "amends_id": "8011G000000XFeOQAW",
        "deal_id": "006q000000HddohAAB",
        "status": "won",
        "won_at": datetime(2026, 11, 20, 9, tzinfo=UTC),
        "starts_on": date(2026, 12, 1),
        "ends_on": date(2027, 11, 30),
        "amount_minor": 10_000,
    }
    assert expected.items() <= order.items()


@pytest.mark.parametrize(("code", "status"), [("Draft", "open"), ("Canceled", "lost"), ("Expired", "lost")])
def test_an_order_has_the_status_of_its_code(code: str, status: str) -> None:
    assert one(ORDERS, "order", StatusCode=code, Status="whatever")["status"] == status


def test_an_order_in_a_status_that_no_document_lists_is_set_aside() -> None:
    order = {"Id": "801000000000001AAA", **STAMPS, "StatusCode": "Hibernating"}
    assert outcome(ORDERS, "order", [order]) == ([], [("unknown_enum", "")])


def test_a_contract_ends_when_it_says_else_with_its_term() -> None:
    contract = {"AccountId": "0015500000Xyy06AAB", "StartDate": "2026-01-01", "Status": "Activated"}
    assert one(CONTRACTS, "contract", EndDate="2026-06-30", ContractTerm=12, **contract)["ends_on"] == date(2026, 6, 30)
    assert one(CONTRACTS, "contract", ContractTerm=12, **contract)["ends_on"] == date(2026, 12, 31)
    assert "ends_on" not in one(CONTRACTS, "contract", **contract)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 15), 1, date(2026, 2, 14)),
        (date(2026, 11, 1), 2, date(2026, 12, 31)),
        # A term from 31 January would start again on 28 February, so it ends the day before.
        (date(2026, 1, 31), 1, date(2026, 2, 27)),
        (date(2024, 2, 29), 12, date(2025, 2, 27)),
    ],
)
def test_a_term_ends_the_day_before_it_would_start_again(start: date, months: int, end: date) -> None:
    assert end_of_term(start, months) == end


def test_a_contract_without_a_customer_is_set_aside() -> None:
    rows, rejected = outcome(CONTRACTS, "contract", [{"Id": "800000000000001AAA", **STAMPS}])
    assert (rows, [reason for reason, _ in rejected]) == ([], ["missing_field"])


def test_lines_of_deals_and_orders_keep_their_own_columns() -> None:
    line = {"Product2Id": "01t1G000002Uf3M", "Quantity": Decimal("50.0"), "UnitPrice": Decimal("761.86")}
    money = {"TotalPrice": Decimal("38093.00"), "CurrencyIsoCode": "USD", "ServiceDate": "2026-12-01"}
    sold = one(
        OPPORTUNITY_LINE_ITEMS,
        "order_line",
        OpportunityId="0061G00000HhviAQAR",
        ProductCode="pro",
        Discount=5,
        **line,
        **money,
    )
    # 50 x 761.86 = 38,093.00.
    expected = {
        "order_id": "0061G00000HhviAQAR",
        "product_id": "01t1G000002Uf3MQAS",
        "sku": "pro",
        "quantity": "50.0",
        "unit_price": "761.86",
        "discount_percent": "5",
        "amount_minor": 3_809_300,
        "starts_on": date(2026, 12, 1),
    }
    assert expected.items() <= sold.items()
    ordered = one(ORDER_ITEMS, "order_line", OrderId="8011G000000XFeOQAW", EndDate="2027-11-30", **line, **money)
    assert (ordered["order_id"], ordered["ends_on"]) == ("8011G000000XFeOQAW", date(2027, 11, 30))


def test_products_and_prices_are_active_or_archived() -> None:
    product = one(PRODUCT2, "product", Name="Pro", ProductCode="pro", IsActive=True)
    assert (product["sku"], product["name"], product["status"]) == ("pro", "Pro", "active")
    price = one(
        PRICEBOOK_ENTRIES,
        "price",
        Product2Id="01t1G000002Uf3MQAS",
        UnitPrice=Decimal("0.0125"),
        CurrencyIsoCode="EUR",
        IsActive=False,
    )
    assert (price["unit_price"], price["model"], price["status"]) == ("0.0125", "per_unit", "archived")
