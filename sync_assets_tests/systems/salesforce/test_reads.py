"""Claims about how Salesforce is paged: nothing lost between equal stamps, restarts anywhere, deletions, probes."""

import json
from datetime import UTC, datetime

import pytest

from sync_assets.model.errors import ContractError, RetryLaterError, UnreachableError
from sync_assets.systems.salesforce import soql
from sync_assets.systems.salesforce.spec import ACCOUNTS, OPPORTUNITIES, ORDER_ITEMS, ORDERS, SYSTEM
from sync_assets_tests.page_server import Answer, Asked
from sync_assets_tests.systems.salesforce.org_server import (
    DATA,
    EVERYTHING,
    RECENT,
    FakeOrg,
    account,
    as_json,
    ids,
    playing,
    read_all,
    refusal,
)


def test_records_with_one_stamp_are_read_once_each_over_many_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soql, "ROWS_MAX", 3)
    org = FakeOrg(records={"Account": [account(number) for number in range(10)]})
    with playing(org) as client:
        pages = read_all(client, ACCOUNTS, EVERYTHING)
    # 10 records of 3 a page: 3 + 3 + 3 + 1.
    assert [len(page.records) for page in pages] == [3, 3, 3, 1]
    assert ids(pages) == [f"001{number:012d}AAA" for number in range(10)]


def test_a_batch_smaller_than_asked_for_is_not_taken_for_the_end() -> None:
    org = FakeOrg(records={"Account": [account(number) for number in range(5)]}, batch=2)
    with playing(org) as client:
        assert len(ids(read_all(client, ACCOUNTS, EVERYTHING))) == 5
    assert not any("0r8" in asked.path for asked in org.server.asked)


def test_reading_goes_on_from_any_page_in_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soql, "ROWS_MAX", 2)
    org = FakeOrg(records={"Account": [account(number) for number in range(6)]})
    with playing(org) as client:
        first = read_all(client, ACCOUNTS, EVERYTHING)
    for position, page in enumerate(first[:-1]):
        with playing(FakeOrg(records=org.records)) as another:
            assert page.next is not None
            rest = [SYSTEM.read(another, ACCOUNTS, EVERYTHING, page.next)]
            while rest[-1].next:
                rest.append(SYSTEM.read(another, ACCOUNTS, EVERYTHING, rest[-1].next))
        assert ids(rest) == ids(first[position + 1 :])


def test_a_window_is_widened_to_whole_seconds_and_holds_both_ends() -> None:
    stamps = ["2026-11-20T09:59:58.000+0000", "2026-11-20T09:59:59.000+0000", "2026-11-20T12:00:01.000+0000"]
    org = FakeOrg(records={"Account": [account(at, stamp) for at, stamp in enumerate(stamps)]})
    with playing(org) as client:
        pages = read_all(client, ACCOUNTS, RECENT)
    # The window is 09:59:59.9 to 12:00:00.25, so 09:59:59 and 12:00:01 are asked for as well, 09:59:58 is not.
    assert ids(pages) == ["001000000000001AAA", "001000000000002AAA"]
    query = next(asked.query["q"] for asked in org.server.asked if asked.path.endswith("/queryAll"))
    assert "SystemModstamp >= 2026-11-20T09:59:59Z AND SystemModstamp <= 2026-11-20T12:00:01Z" in query


def test_records_are_exact_slices_of_the_page() -> None:
    org = FakeOrg(records={"Account": [account(1), account(2)]})
    with playing(org) as client:
        page = SYSTEM.read(client, ACCOUNTS, EVERYTHING, None)
    assert all(raw in page.body for raw in page.records)


def test_fields_the_org_does_not_have_are_not_asked_for_and_the_describe_is_asked_once() -> None:
    org = FakeOrg(records={"Account": [account(1)]}, fields_missing={"Tax_Id__c", "BillingCountryCode"})
    with playing(org) as client:
        SYSTEM.read(client, ACCOUNTS, EVERYTHING, None)
        SYSTEM.read(client, ACCOUNTS, EVERYTHING, None)
    queries = [asked.query["q"] for asked in org.server.asked if asked.path.endswith("/queryAll")]
    assert all("Tax_Id__c" not in query and "Legal_Entity__c" in query for query in queries)
    assert sum(asked.path.endswith("/describe") for asked in org.server.asked) == 1


def test_an_object_without_its_needed_fields_is_not_read() -> None:
    with playing(FakeOrg(fields_missing={"SystemModstamp"})) as client, pytest.raises(ContractError, match="System"):
        SYSTEM.read(client, ACCOUNTS, EVERYTHING, None)


def test_an_object_the_user_may_not_see_names_the_permission() -> None:
    def hidden(asked: Asked) -> Answer | None:
        if asked.path.endswith("/describe"):
            return refusal(404, "NOT_FOUND", "The requested resource does not exist")
        if asked.path.endswith("/queryAll"):
            return refusal(400, "INVALID_TYPE", "sObject type 'Account' is not supported.")
        return None

    with playing(FakeOrg(override=hidden)) as client, pytest.raises(UnreachableError, match="Account"):
        SYSTEM.read(client, ACCOUNTS, EVERYTHING, None)


def test_an_org_that_says_it_does_without_orders_is_not_asked_for_them() -> None:
    org = FakeOrg()
    with playing(org, WITHOUT="Order, OrderItem", CLIENT_SECRET="secret") as client:
        for stream in (ORDERS, ORDER_ITEMS):
            assert SYSTEM.read(client, stream, RECENT, None).next is None
        SYSTEM.probe(client, None)
    assert not any("Order" in asked.query.get("q", asked.path) for asked in org.server.asked)


def _single_currency(asked: Asked) -> Answer | None:
    if asked.path == f"{DATA}/connect/organization":
        return as_json({"features": {"multiCurrency": False, "defaultCurrencyIsoCode": "EUR"}})
    return None


def test_a_single_currency_org_lends_its_currency_to_records_that_name_none() -> None:
    org = FakeOrg(
        records={"Opportunity": [account(1)], "Account": [account(2)]},
        fields_missing={"CurrencyIsoCode"},
        override=_single_currency,
    )
    with playing(org) as client:
        pages = [SYSTEM.read(client, stream, EVERYTHING, None) for stream in (OPPORTUNITIES, ACCOUNTS)]
    assert [json.loads(page.records[0])["CurrencyIsoCode"] for page in pages] == ["EUR", "EUR"]
    assert sum(asked.path.endswith("/organization") for asked in org.server.asked) == 1


def test_an_org_that_does_not_name_its_currency_leaves_it_unknown() -> None:
    org = FakeOrg(records={"Account": [account(2)]}, fields_missing={"CurrencyIsoCode"})
    with playing(org) as client:
        page = SYSTEM.read(client, ACCOUNTS, EVERYTHING, None)
    assert "CurrencyIsoCode" not in json.loads(page.records[0])


def test_rows_out_of_order_stop_the_stream() -> None:
    rows = [account(1, "2026-11-20T10:00:01.000+0000"), account(2)]

    def shuffled(asked: Asked) -> Answer | None:
        if asked.path.endswith("/queryAll"):
            return as_json({"totalSize": 2, "done": True, "records": rows})
        return None

    with playing(FakeOrg(override=shuffled)) as client, pytest.raises(ContractError, match="order"):
        SYSTEM.read(client, ACCOUNTS, EVERYTHING, None)


def test_a_server_that_ignores_the_key_is_not_followed_in_circles() -> None:
    def stuck(asked: Asked) -> Answer | None:
        if asked.path.endswith("/queryAll"):
            return as_json({"totalSize": 9, "done": False, "records": [account(1)]})
        return None

    with playing(FakeOrg(override=stuck)) as client, pytest.raises(ContractError, match="before"):
        read_all(client, ACCOUNTS, EVERYTHING)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>login</html>",
        b'{"totalSize":1,"records":[]}',
        b'{"totalSize":1,"done":true}',
        b'{"totalSize":1,"done":false,"records":[]}',
        b'{"totalSize":3,"done":false,"records":[{"Id":"001"}]}',
        b'{"totalSize":3,"done":false,"records":[{"Id":"0\' OR","SystemModstamp":"2026-11-20T10:00:00.000+0000"}]}',
        b'{"totalSize":3,"done":false,"records":[{"Id":"001","SystemModstamp":"soon"}]}',
        b'[{"errorCode":"X","message":"an error in a 200"}]',
    ],
)
def test_a_page_in_another_shape_than_documented_is_not_trusted(body: bytes) -> None:
    def answer(asked: Asked) -> Answer | None:
        return Answer(body=body) if asked.path.endswith("/queryAll") else None

    with playing(FakeOrg(override=answer)) as client, pytest.raises(ContractError):
        SYSTEM.read(client, ACCOUNTS, EVERYTHING, None)


def test_a_field_that_went_away_is_named() -> None:
    def gone(asked: Asked) -> Answer | None:
        message = (
            "\nSELECT Id,Website FROM\n           ^\nERROR at Row:1\nNo such column 'Website' on entity 'Account'."
        )
        return refusal(400, "INVALID_FIELD", message) if asked.path.endswith("/queryAll") else None

    with playing(FakeOrg(override=gone)) as client, pytest.raises(ContractError, match="Website"):
        SYSTEM.read(client, ACCOUNTS, EVERYTHING, None)


@pytest.mark.parametrize(("status", "code"), [(403, "REQUEST_LIMIT_EXCEEDED"), (400, "LIMIT_EXCEEDED")])
def test_a_spent_allowance_means_later_not_failure(status: int, code: str) -> None:
    def spent(asked: Asked) -> Answer | None:
        return refusal(status, code, "TotalRequests Limit exceeded.") if asked.path.endswith("/queryAll") else None

    with playing(FakeOrg(override=spent)) as client, pytest.raises(RetryLaterError):
        SYSTEM.read(client, ACCOUNTS, EVERYTHING, None)


@pytest.mark.parametrize(("used", "goes_on"), [("9500/10000", True), ("9501/10000", False)])
def test_reading_stops_when_over_95_percent_of_the_daily_requests_are_used(used: str, goes_on: bool) -> None:
    def counted(asked: Asked) -> Answer | None:
        if not asked.path.endswith("/queryAll"):
            return None
        headers = {"Sforce-Limit-Info": f"api-usage={used}"}
        return Answer(body=b'{"totalSize":0,"done":true,"records":[]}', headers=headers)

    with playing(FakeOrg(override=counted)) as client:
        if goes_on:
            assert SYSTEM.read(client, ACCOUNTS, EVERYTHING, None).next is None
        else:
            with pytest.raises(RetryLaterError, match="9501"):
                SYSTEM.read(client, ACCOUNTS, EVERYTHING, None)


@pytest.mark.parametrize(
    ("status", "code"), [(503, "SERVER_UNAVAILABLE"), (500, "UNKNOWN_EXCEPTION"), (400, "QUERY_TIMEOUT")]
)
def test_a_passing_failure_is_asked_again(status: int, code: str) -> None:
    failures = [refusal(status, code, "try again"), Answer(status=502, body=b"<html>")]

    def flaky(asked: Asked) -> Answer | None:
        return failures.pop() if failures and asked.path.endswith("/queryAll") else None

    with playing(FakeOrg(records={"Account": [account(1)]}, override=flaky)) as client:
        assert len(SYSTEM.read(client, ACCOUNTS, EVERYTHING, None).records) == 1


def test_named_records_are_found_with_the_deleted_ones_and_impossible_ids_left_out() -> None:
    org = FakeOrg(records={"Account": [account(1), account(2, IsDeleted=True), account(3)]})
    with playing(org) as client:
        page = SYSTEM.find(client, ACCOUNTS, ["001000000000001AAA", "001000000000002AAA", "x' OR Id != '"])
    assert ids([page]) == ["001000000000001AAA", "001000000000002AAA"]


def test_the_probe_takes_three_requests_and_changes_with_a_change() -> None:
    org = FakeOrg(records={"Account": [account(1)], "Opportunity": [account(2)], "Order": []})
    with playing(org) as client:
        before = SYSTEM.probe(client, None)
        asked_before = len(org.server.asked)
        assert SYSTEM.probe(client, before) == before
        assert len(org.server.asked) - asked_before == 3
        org.records["Opportunity"].append(account(3, "2026-11-20T11:00:00.000+0000"))
        assert SYSTEM.probe(client, before) != before


def test_the_clock_is_the_vendors() -> None:
    with playing(FakeOrg()) as client:
        assert abs((SYSTEM.clock(client) - datetime.now(UTC)).total_seconds()) < 5
