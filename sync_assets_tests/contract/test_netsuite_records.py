"""The simulated NetSuite's record service: collections of ids, single records, filters by day, the catalog."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from sync_assets_tests.contract.netsuite_account import Account, ran, refused, running_account

RECORDS = "/services/rest/record/v1"


@pytest.fixture
def account() -> Iterator[Account]:
    with running_account() as running:
        put = running.vendor.put
        put("currency", {"id": 1, "name": "Euro", "symbol": "EUR", "exchangerate": "1.0"})
        put("customer", {"id": 7, "companyname": "Acme", "currency": 1, "externalid": "chargebee_customer_1"})
        for number in (101, 102, 103):
            running.put_invoices(1, first=number, entity=7, currency=1, foreigntotal=Decimal("120.50"))
            put(
                "transaction", {"id": number, "trandate": date(2026, 3, 9), "externalid": f"chargebee_invoice_{number}"}
            )
            running.clock.advance(days=1)
        put("transactionline", {"transaction": 101, "id": 0, "foreignamount": "120.50"})
        put("transactionline", {"transaction": 101, "id": 1, "item": 3, "quantity": -2, "foreignamount": "-120.50"})
        put("transactionline", {"transaction": 101, "id": 2, "taxline": "T", "foreignamount": "-20"})
        put("transaction", {"id": 200, "type": "CustCred"})
        yield running


def test_a_collection_gives_ids_and_links_by_pages(account: Account) -> None:
    first = account.read("/record/v1/invoice", limit="2")
    assert [item["id"] for item in first["items"]] == ["101", "102"]
    assert (first["count"], first["totalResults"], first["hasMore"], first["offset"]) == (2, 3, True, 0)
    assert first["items"][0]["links"] == [{"rel": "self", "href": f"{account.server.url}{RECORDS}/invoice/101"}]
    (following,) = [link["href"] for link in first["links"] if link["rel"] == "next"]
    assert following == f"{account.server.url}{RECORDS}/invoice?limit=2&offset=2"
    second = account.read("/record/v1/invoice", limit="2", offset="2")
    assert ([item["id"] for item in second["items"]], second["hasMore"]) == (["103"], False)


def test_a_record_has_typed_fields_references_and_utc_instants(account: Account) -> None:
    invoice = account.read("/record/v1/invoice/102")
    assert (invoice["id"], invoice["tranId"], invoice["externalId"]) == ("102", "INV102", "chargebee_invoice_102")
    assert (invoice["total"], invoice["posting"], invoice["tranDate"]) == (120.5, True, "2026-03-09")
    assert invoice["lastModifiedDate"] == "2026-03-10T17:00:00Z"
    customer = {"id": "7", "links": [{"rel": "self", "href": f"{account.server.url}{RECORDS}/customer/7"}]}
    assert invoice["entity"] == customer
    assert invoice["status"] == {"id": "A", "refName": "Open"}
    assert "items" not in invoice["item"]
    assert "memo" not in invoice


def test_lines_come_only_when_asked_for(account: Account) -> None:
    invoice = account.read("/record/v1/invoice/101", expandSubResources="true")
    assert invoice["item"]["items"] == [{"line": 1, "item": {"id": "3"}, "quantity": 2.0, "amount": 120.5}]


def test_a_record_is_found_by_its_external_id(account: Account) -> None:
    assert account.read("/record/v1/customer/eid:chargebee_customer_1")["companyName"] == "Acme"
    assert account.read("/record/v1/invoice/eid:chargebee_invoice_103")["id"] == "103"


@pytest.mark.parametrize("path", ["invoice/999", "creditMemo/101", "customer/eid:nobody"])
def test_a_missing_record_is_a_404_even_when_another_type_has_its_id(account: Account, path: str) -> None:
    assert refused(account.api.get(f"/record/v1/{path}"))[:2] == (404, "NONEXISTENT_ID")


def test_an_unknown_type_and_an_unknown_path_do_not_exist(account: Account) -> None:
    assert refused(account.api.get("/record/v1/unicorn"))[0] == 404
    assert refused(account.api.get("/somewhere/else"))[0] == 404


def test_the_role_may_not_write(account: Account) -> None:
    assert refused(account.api.post("/record/v1/customer", json={"companyName": "X"}))[:2] == (
        403,
        "INSUFFICIENT_PERMISSION",
    )
    assert refused(account.api.delete("/record/v1/customer/7"))[0] == 403


# 101, 102 and 103 changed on 9, 10 and 11 March at 10:00 in Los Angeles; lines touched 101 again on the 12th
@pytest.mark.parametrize(
    ("filtered", "ids"),
    [
        ('lastModifiedDate ON_OR_AFTER "3/11/2026"', ["101", "103"]),
        ('lastModifiedDate AFTER "3/11/2026"', ["101"]),
        ('lastModifiedDate BEFORE "3/11/2026"', ["102"]),
        ('lastModifiedDate ON_OR_BEFORE "3/11/2026"', ["102", "103"]),
        ('lastModifiedDate ON "3/10/2026"', ["102"]),
        ('tranId IS "INV103"', ["103"]),
        ('tranId START_WITH "INV10" AND id GREATER 101', ["102", "103"]),
        ("id EQUAL 101 OR id EQUAL 103", ["101", "103"]),
        ("memo EMPTY AND id LESS_OR_EQUAL 102", ["101", "102"]),
        ("posting IS false", []),
    ],
)
def test_a_filter_picks_records_by_the_accounts_days(account: Account, filtered: str, ids: list[str]) -> None:
    assert [item["id"] for item in account.read("/record/v1/invoice", q=filtered)["items"]] == ids


def test_a_filter_reads_dates_in_the_accounts_display_format_only(account: Account) -> None:
    account.vendor.account.date_format = "D.M.YYYY"
    page = account.read("/record/v1/invoice", q='lastModifiedDate ON "10.3.2026"')
    assert [item["id"] for item in page["items"]] == ["102"]
    iso = account.api.get("/record/v1/invoice", params={"q": 'lastModifiedDate ON "2026-03-10T00:00:00Z"'})
    assert refused(iso)[:2] == (400, "INVALID_PARAMETER")


@pytest.mark.parametrize(
    ("filtered", "code"),
    [
        ('colour IS "red"', "NONEXISTENT_FIELD"),
        ('tranId RHYMES_WITH "INV"', "INVALID_PARAMETER"),
        ('tranId IS "INV101" XOR id EQUAL 1', "INVALID_PARAMETER"),
        ("tranId", "INVALID_PARAMETER"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused(account: Account, filtered: str, code: str) -> None:
    assert refused(account.api.get("/record/v1/invoice", params={"q": filtered}))[:2] == (400, code)


def test_the_catalog_lists_types_and_describes_one(account: Account) -> None:
    names = {item["name"] for item in account.read("/record/v1/metadata-catalog")["items"]}
    assert {"customer", "invoice", "creditMemo", "customerPayment", "journalEntry", "accountingPeriod"} <= names
    properties = ran(account.api.jsonschema("invoice"))["properties"]
    assert properties["tranId"] == {"type": "string"}
    assert properties["total"] == {"type": "number"}
    api = ran(account.api.openapi(["customer"]))
    assert list(api["components"]["schemas"]) == ["customer"]
