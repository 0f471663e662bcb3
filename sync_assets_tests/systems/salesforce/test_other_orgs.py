"""Claims about orgs that are not as ours: other versions, hidden describes, crowded servers, no Bulk, no delete log."""

import json
import re

import pytest

from sync_assets.model.errors import UnreachableError
from sync_assets.systems.salesforce import reads, soql
from sync_assets.systems.salesforce.org import as_org
from sync_assets.systems.salesforce.spec import ACCOUNTS, OPPORTUNITIES, PRODUCT2, SYSTEM
from sync_assets_tests.page_server import Answer, Asked
from sync_assets_tests.systems.salesforce.org_server import (
    DATA,
    EVERYTHING,
    RECENT,
    FakeOrg,
    Override,
    account,
    as_json,
    ids,
    playing,
    read_all,
    refusal,
)


def test_every_instant_in_a_query_is_a_literal_of_whole_seconds_as_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    # Source: SOQL and SOSL Reference, "Date Formats and Date Literals": YYYY-MM-DDThh:mm:ssZ, nothing finer.
    monkeypatch.setattr(soql, "ROWS_MAX", 2)
    org = FakeOrg(records={"Account": [account(number) for number in range(5)]})
    with playing(org) as client:
        read_all(client, ACCOUNTS, EVERYTHING)
    queries = [asked.query["q"] for asked in org.server.asked if asked.path.endswith("/queryAll")]
    literals = [literal for query in queries for literal in re.findall(r"\d{4}-\d\d-\d\dT\S+?(?=[\s)]|$)", query)]
    # Each page asks up to the end; the second and third also name the stamp that they start behind, twice.
    assert len(literals) == 1 + 3 + 3
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", literal) for literal in literals)


def test_a_stamp_with_a_part_of_a_second_is_not_cut_in_the_key() -> None:
    assert soql.stamp_literal("2026-11-20T10:00:00.250+0000") == "2026-11-20T10:00:00.250Z"


def _at_version(version: str, *offered: str) -> Override:
    """An org that answers below one version only, and lists what it offers."""

    def answer(asked: Asked) -> Answer | None:
        if asked.path == "/services/data/":
            return as_json([{"label": "x", "url": f"/services/data/v{one}", "version": one} for one in offered])
        if asked.path.startswith("/services/data/") and not asked.path.startswith(f"/services/data/v{version}/"):
            return refusal(404, "NOT_FOUND", "The requested resource does not exist")
        return None

    return answer


UNNAMED = {"API_VERSION": "", "CLIENT_SECRET": "secret"}
"""Settings in which nobody named a version."""


@pytest.mark.parametrize(
    ("version", "offered"), [("66.0", ("65.0", "66.0")), ("66.0", ("66.0", "68.0")), ("68.0", ("69.0", "68.0"))]
)
def test_an_org_without_our_default_version_is_read_in_the_nearest_one(version: str, offered: tuple[str, ...]) -> None:
    with playing(FakeOrg(override=_at_version(version, *offered)), **UNNAMED) as client:
        SYSTEM.clock(client)
        assert as_org(client).data == f"/services/data/v{version}"
    assert client.remarks == [f"the org has no API version 67.0; {version} is used"]


def test_the_probe_of_an_org_without_our_default_version_finds_the_nearest_one_too() -> None:
    def answer(asked: Asked) -> Answer | None:
        if asked.path == "/services/data/v66.0/queryAll":
            return as_json({"totalSize": 0, "done": True, "records": []})
        return _at_version("66.0", "66.0")(asked)

    with playing(FakeOrg(override=answer), **UNNAMED) as client:
        assert SYSTEM.probe(client, None) == ""


def test_an_org_that_only_lacks_the_limits_is_read_in_our_version() -> None:
    org = FakeOrg(records={"Account": [account(1)]})
    org.override = lambda asked: refusal(404, "NOT_FOUND", "none") if asked.path.endswith("/limits") else None
    with playing(org, **UNNAMED) as client:
        SYSTEM.clock(client)
        assert len(ids(read_all(client, ACCOUNTS, EVERYTHING))) == 1
    assert client.remarks == []


def test_a_version_that_somebody_named_is_never_replaced() -> None:
    org = FakeOrg(override=_at_version("66.0", "66.0"))
    with playing(org) as client:
        SYSTEM.clock(client)
        with pytest.raises(UnreachableError, match="SYNC_SALESFORCE_API_VERSION"):
            read_all(client, ACCOUNTS, EVERYTHING)
        assert as_org(client).data == "/services/data/v67.0"


ADVICE = (
    "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please "
    "reference your WSDL or the describe call for the appropriate names."
)


def _undescribed(*missing: str) -> Override:
    """An org that keeps its describe to itself and lacks some fields; it names the first one of a query."""

    def answer(asked: Asked) -> Answer | None:
        if asked.path.endswith("/describe"):
            return refusal(404, "NOT_FOUND", "The requested resource does not exist")
        names = re.match(r"SELECT (\S+) ", asked.query.get("q", ""))
        for name in names[1].split(",") if names else ():
            if name in missing:
                shown = f"\nSELECT Id,{name} FROM Account\n ^\nERROR at Row:1:Column:11\n"
                return refusal(400, "INVALID_FIELD", f"{shown}No such column '{name}' on entity 'Account'. {ADVICE}")
        return None

    return answer


def test_fields_that_only_queries_show_to_be_missing_are_left_out_one_by_one_and_told() -> None:
    org = FakeOrg(records={"Account": [account(1)]}, override=_undescribed("Tax_Id__c", "BillingStateCode"))
    with playing(org) as client:
        (page,) = read_all(client, ACCOUNTS, EVERYTHING)
        assert ids([SYSTEM.find(client, ACCOUNTS, ["001000000000001AAA"])]) == ids([page])
    assert "Tax_Id__c" not in json.loads(page.records[0])
    assert [remark.split(",")[0] for remark in client.remarks] == [
        "Account has no BillingStateCode",
        "Account has no Tax_Id__c",
    ]
    # Three queries until the page is answered, one for the lookup: what is missing is not asked for again.
    assert sum(asked.path.endswith("/queryAll") for asked in org.server.asked) == 4


def test_a_currency_field_that_only_a_query_shows_to_be_missing_is_a_single_currency_org() -> None:
    def answer(asked: Asked) -> Answer | None:
        if asked.path == f"{DATA}/connect/organization":
            return as_json({"features": {"multiCurrency": False, "defaultCurrencyIsoCode": "EUR"}})
        return _undescribed("CurrencyIsoCode")(asked)

    org = FakeOrg(records={"Opportunity": [account(1)]}, override=answer)
    with playing(org) as client:
        (page,) = read_all(client, OPPORTUNITIES, EVERYTHING)
    assert json.loads(page.records[0])["CurrencyIsoCode"] == "EUR"


def test_too_many_requests_at_once_are_waited_out() -> None:
    # Source: help article 000389067; the daily allowance has the same code and means "later".
    crowded = [
        refusal(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
        refusal(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."),
    ]
    org = FakeOrg(records={"Account": [account(1)]})
    org.override = lambda asked: crowded.pop() if crowded and asked.path.endswith("/queryAll") else None
    with playing(org) as client:
        assert ids(read_all(client, ACCOUNTS, EVERYTHING)) == ["001000000000001AAA"]


def test_a_batch_without_rows_is_passed_over_when_more_follows() -> None:
    # Source: REST API Developer Guide, "Query More Results".
    org = FakeOrg(records={"Account": [account(1), account(2)]})
    follow = f"{DATA}/query/0r8xx0000000001AAA-2000"

    def answer(asked: Asked) -> Answer | None:
        if asked.path == follow:
            return as_json({"totalSize": 2, "done": True, "records": org.records["Account"]})
        if asked.path.endswith("/queryAll"):
            return as_json({"totalSize": 2, "done": False, "nextRecordsUrl": follow, "records": []})
        return None

    org.override = answer
    with playing(org) as client:
        assert ids(read_all(client, ACCOUNTS, EVERYTHING)) == ["001000000000001AAA", "001000000000002AAA"]


def test_an_object_whose_deletions_are_not_logged_is_not_asked_for_its_log() -> None:
    # Source: SOAP API Developer Guide, "getDeleted()": the object must be replicateable.
    def answer(asked: Asked) -> Answer | None:
        if asked.path.endswith("/describe"):
            names = [*PRODUCT2.read["fields"]]
            return as_json({"name": "Product2", "replicateable": False, "fields": [{"name": name} for name in names]})
        if "/deleted/" in asked.path:
            return refusal(400, "INVALID_TYPE_FOR_OPERATION", "entity type Product2 is not replicateable")
        return None

    with playing(FakeOrg(records={"Product2": [account(1)]}, override=answer)) as client:
        assert len(ids(read_all(client, PRODUCT2, RECENT))) == 1


@pytest.mark.parametrize(("status", "code"), [(400, "LIMIT_EXCEEDED"), (400, "INVALIDENTITY"), (403, "API_DISABLED")])
def test_a_query_that_bulk_does_not_take_is_read_over_rest_and_bulk_asked_now_and_then(
    monkeypatch: pytest.MonkeyPatch, status: int, code: str
) -> None:
    monkeypatch.setattr(soql, "ROWS_MAX", 2)
    monkeypatch.setattr(reads, "REST_PAGES", 2)
    org = FakeOrg(records={"Account": [account(number) for number in range(12)]})
    org.override = lambda asked: refusal(status, code, "no") if asked.path.endswith("/jobs/query") else None
    with playing(org) as client:
        assert len(ids(read_all(client, ACCOUNTS, EVERYTHING))) == 12
    # 12 records of 2 a page and the empty last one: Bulk is asked before the third, the fifth and the seventh.
    assert sum(asked.path.endswith("/jobs/query") for asked in org.server.asked) <= 3


def test_a_job_of_another_api_version_is_replaced_by_rest_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    # Source: Bulk API 2.0 Developer Guide, "Get Results for a Query Job": 409 for another version than the job's.
    monkeypatch.setattr(soql, "ROWS_MAX", 2)
    monkeypatch.setattr(reads, "REST_PAGES", 1)
    org = FakeOrg(records={"Account": [account(number) for number in range(6)]})
    org.override = lambda asked: refusal(409, "VERSION", "another version") if asked.path.endswith("/results") else None
    with playing(org) as client:
        place = SYSTEM.read(client, ACCOUNTS, EVERYTHING, None).next
        place = SYSTEM.read(client, ACCOUNTS, EVERYTHING, place).next
        assert "job" in str(place)
        page = SYSTEM.read(client, ACCOUNTS, EVERYTHING, place)
    assert ids([page]) == ["001000000000002AAA", "001000000000003AAA"]


def test_the_share_of_one_app_is_not_taken_for_the_allowance_of_the_org() -> None:
    # Source: REST API Developer Guide, "Limit Info Header": api-usage is the org's, per-app-api-usage one app's quota.
    headers = {"Sforce-Limit-Info": "per-app-api-usage=240/250(appName=sample); api-usage=18/5000"}
    body = b'{"totalSize":0,"done":true,"records":[]}'
    org = FakeOrg(override=lambda asked: Answer(body=body, headers=headers) if "q" in asked.query else None)
    with playing(org) as client:
        assert SYSTEM.read(client, ACCOUNTS, EVERYTHING, None).next is None
