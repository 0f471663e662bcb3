"""The simulated Salesforce keeps change stamps, late commits, deletions and merges as the vendor documents them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound

from sync_assets.sandbox.vendors.salesforce.ids import to_18
from sync_assets_tests.contract.salesforce_client import NOON, Setup, running


@pytest.fixture
def setup() -> Iterator[Setup]:
    with running() as made:
        yield made


def put_account(setup: Setup, name: str) -> str:
    """One account of this second."""
    account = setup.org.new_id("accounts")
    setup.org.put("accounts", {"Id": account, "Name": name})
    return account


def rows(client: Any, soql: str, *, deleted: bool = False) -> list[dict[str, Any]]:
    """The records of a query without their attributes."""
    found = client.query_all(soql, include_deleted=deleted)["records"]
    return [{name: value for name, value in row.items() if name != "attributes"} for row in found]


def log(client: Any, start: datetime, end: datetime) -> dict[str, Any]:
    """The get-deleted answer for accounts."""
    found: dict[str, Any] = client.Account.deleted(start, end)
    return found


def test_an_id_has_15_characters_or_18_with_the_right_last_three() -> None:
    # The example of the vendor's article on ids.
    assert to_18("001A0000006Vm9r") == "001A0000006Vm9rIAC"
    assert to_18("001A0000006Vm9rIAC") == "001A0000006Vm9rIAC"
    for wrong in ("001A0000006Vm9rIAD", "001A0000006Vm9", "001A0000006Vm9-"):
        with pytest.raises(ValueError, match="no Salesforce id"):
            to_18(wrong)


def test_a_change_merges_over_the_record_and_moves_its_stamp_in_whole_seconds(setup: Setup) -> None:
    client = setup.login()
    account = put_account(setup, "Acme")
    setup.clock.advance(seconds=90.7)
    setup.org.put("accounts", {"Id": account[:15], "Tax_Id__c": "DE123"})
    row = client.Account.get(account)
    assert (row["Name"], row["Tax_Id__c"], row["CurrencyIsoCode"]) == ("Acme", "DE123", "USD")
    assert (row["CreatedDate"], row["SystemModstamp"]) == (
        "2026-11-02T12:00:00.000+0000",
        "2026-11-02T12:01:30.000+0000",
    )
    setup.clock.advance(seconds=60)
    setup.org.recalculate("accounts", {"Id": account, "Name": "Acme renamed by a formula"})
    row = client.Account.get(account)
    assert (row["Name"], row["SystemModstamp"]) == ("Acme renamed by a formula", "2026-11-02T12:01:30.000+0000")


def test_a_row_that_commits_late_appears_below_stamps_already_read(setup: Setup) -> None:
    client = setup.login()
    late = setup.org.new_id("accounts")
    setup.org.put("accounts", {"Id": late, "Name": "Late"}, visible_at=NOON + timedelta(seconds=30))
    setup.clock.advance(seconds=10)
    early = put_account(setup, "Early")
    soql = "SELECT Id, SystemModstamp FROM Account ORDER BY SystemModstamp, Id"
    assert [row["Id"] for row in rows(client, soql)] == [early]
    assert setup.org.census()["accounts"] == [early]
    covered = client.Account.updated(NOON - timedelta(minutes=5), NOON + timedelta(minutes=5))["latestDateCovered"]
    assert covered == "2026-11-02T12:00:00.000+0000"  # nothing from the late row's stamp on is surely complete
    setup.clock.advance(seconds=20)
    assert [row["Id"] for row in rows(client, soql)] == [late, early]
    window = "WHERE SystemModstamp >= 2026-11-02T12:00:00Z AND SystemModstamp <= 2026-11-02T12:00:05Z"
    assert [row["Id"] for row in rows(client, f"SELECT Id FROM Account {window}")] == [late]
    setup.org.quirks = replace(setup.org.quirks, late_visible_s=5)
    put_account(setup, "Later")
    assert len(rows(client, soql)) == 2
    setup.clock.advance(seconds=5)
    assert len(rows(client, soql)) == 3


def test_a_newer_version_that_commits_first_is_not_overwritten_by_the_late_one(setup: Setup) -> None:
    client = setup.login()
    account = put_account(setup, "first")
    setup.org.put("accounts", {"Id": account, "Name": "second"}, visible_at=NOON + timedelta(seconds=60))
    setup.clock.advance(seconds=10)
    setup.org.put("accounts", {"Id": account, "Name": "third"})
    for _ in range(2):
        assert [row["Name"] for row in rows(client, "SELECT Name FROM Account")] == ["third"]
        setup.clock.advance(seconds=60)


def test_deleted_rows_are_in_query_all_until_the_bin_is_emptied_and_in_the_log_after_that(setup: Setup) -> None:
    client = setup.login()
    kept, binned, purged = (put_account(setup, name) for name in ("kept", "binned", "purged"))
    setup.clock.advance(minutes=3)
    setup.org.delete("accounts", binned)
    setup.org.purge("accounts", purged)
    setup.clock.advance(minutes=3)
    soql = "SELECT Id, IsDeleted FROM Account ORDER BY Id"
    assert rows(client, soql) == [{"Id": kept, "IsDeleted": False}]
    assert rows(client, soql, deleted=True) == [
        {"Id": kept, "IsDeleted": False},
        {"Id": binned, "IsDeleted": True},
    ]
    answer = log(client, NOON, NOON + timedelta(hours=1))
    assert [line["id"] for line in answer["deletedRecords"]] == [binned, purged]
    assert answer["deletedRecords"][0]["deletedDate"] == "2026-11-02T12:03:00.000+0000"
    # The clock stands at 12:06: the answer is complete to there, not to the hour that was asked for.
    assert answer["latestDateCovered"] == "2026-11-02T12:06:00.000+0000"
    assert log(client, NOON + timedelta(minutes=4), NOON + timedelta(hours=1))["deletedRecords"] == []
    assert setup.org.census()["accounts"] == [kept]
    with pytest.raises(SalesforceResourceNotFound, match="ENTITY_IS_DELETED"):
        client.Account.get(binned)
    with pytest.raises(SalesforceResourceNotFound, match="NOT_FOUND"):
        client.Account.get(purged)
    setup.org.undelete("accounts", binned)
    setup.clock.advance(minutes=1)
    assert [line["id"] for line in log(client, NOON, NOON + timedelta(hours=1))["deletedRecords"]] == [purged]


def test_the_bin_and_the_log_reach_back_15_days(setup: Setup) -> None:
    client = setup.login()
    put_account(setup, "kept")
    gone = put_account(setup, "gone")
    setup.org.delete("accounts", gone)
    setup.clock.advance(days=14)
    assert len(rows(client, "SELECT Id FROM Account", deleted=True)) == 2
    setup.clock.advance(days=2)
    client = setup.login()
    assert len(rows(client, "SELECT Id FROM Account", deleted=True)) == 1
    now = setup.clock.now()
    answer = log(client, now - timedelta(days=20), now)
    assert answer["deletedRecords"] == []
    assert answer["earliestDateAvailable"] == "2026-11-03T12:00:00.000+0000"  # 18 November less 15 days


def test_spans_the_log_cannot_answer_are_refused(setup: Setup) -> None:
    client = setup.login()
    for start, end in ((NOON, NOON), (NOON, NOON + timedelta(seconds=50)), (NOON - timedelta(days=31), NOON)):
        with pytest.raises(SalesforceMalformedRequest, match="INVALID_REPLICATION_DATE"):
            log(client, start, end)
    for name in ("one", "two"):
        setup.org.delete("accounts", put_account(setup, name))
    setup.clock.advance(minutes=5)
    span = (NOON - timedelta(hours=1), NOON + timedelta(minutes=4))
    setup.org.quirks = replace(setup.org.quirks, deleted_ids_max=1)
    with pytest.raises(SalesforceMalformedRequest, match="EXCEEDED_ID_LIMIT"):
        log(client, *span)
    purged_to = NOON + timedelta(minutes=2)
    setup.org.quirks = replace(setup.org.quirks, deleted_log_from=purged_to)
    answer = log(client, *span)
    assert (answer["deletedRecords"], answer["earliestDateAvailable"]) == ([], "2026-11-02T12:02:00.000+0000")


def test_a_merge_deletes_the_loser_names_the_winner_and_moves_the_children(setup: Setup) -> None:
    client = setup.login()
    loser, winner = put_account(setup, "Acme Inc"), put_account(setup, "Acme")
    deal, contract = setup.org.new_id("opportunities"), setup.org.new_id("contracts")
    setup.org.put("opportunities", {"Id": deal, "Name": "Deal", "AccountId": loser})
    setup.org.put("contracts", {"Id": contract, "AccountId": loser, "StartDate": "2026-01-31", "ContractTerm": 1})
    setup.clock.advance(minutes=2)
    setup.org.merge(loser, winner)
    assert rows(client, "SELECT Id, MasterRecordId FROM Account WHERE IsDeleted = true", deleted=True) == [
        {"Id": loser, "MasterRecordId": winner}
    ]
    assert rows(client, "SELECT AccountId, SystemModstamp FROM Opportunity") == [
        {"AccountId": winner, "SystemModstamp": "2026-11-02T12:02:00.000+0000"}
    ]
    # One month from 31 January ends the day before 28 February.
    assert rows(client, "SELECT AccountId, EndDate FROM Contract") == [{"AccountId": winner, "EndDate": "2026-02-27"}]


def test_rows_go_to_the_bin_with_their_parent(setup: Setup) -> None:
    client = setup.login()
    account, deal, line = put_account(setup, "Acme"), setup.org.new_id("opportunities"), "00k000000000001AAA"
    setup.org.put("opportunities", {"Id": deal, "AccountId": account, "CurrencyIsoCode": "EUR"})
    prices = {"Quantity": Decimal("2.5"), "UnitPrice": Decimal("19.99"), "Discount": Decimal(10)}
    setup.org.put("opportunity_line_items", {"Id": line, "OpportunityId": deal, **prices})
    # 2.5 x 19.99 = 49.975, less 10 % = 44.9775, rounded to cents 44.98; the line takes the currency of its deal.
    soql = "SELECT TotalPrice, CurrencyIsoCode FROM OpportunityLineItem"
    assert rows(client, soql) == [{"TotalPrice": 44.98, "CurrencyIsoCode": "EUR"}]
    setup.org.delete("accounts", account)
    assert rows(client, soql) == []
    assert {stream: ids for stream, ids in setup.org.census().items() if ids} == {}
    assert len(rows(client, soql, deleted=True)) == 1
    with pytest.raises(KeyError, match="already"):
        setup.org.delete("accounts", account)


def test_a_client_writes_rows_and_is_told_what_it_may_not(setup: Setup) -> None:
    client = setup.login()
    created = client.Account.create({"Name": "New", "AnnualRevenue": 1200.5})
    assert created["success"] is True
    assert client.Account.update(created["id"], {"Credit_Hold__c": True}) == 204
    assert rows(client, "SELECT Name, AnnualRevenue, Credit_Hold__c FROM Account") == [
        {"Name": "New", "AnnualRevenue": 1200.5, "Credit_Hold__c": True}
    ]
    for wrong, code in (
        ({"Nope": 1}, "INVALID_FIELD"),
        ({"SystemModstamp": "2026-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"AnnualRevenue": "a lot"}, "JSON_PARSER_ERROR"),
    ):
        with pytest.raises(SalesforceMalformedRequest, match=code):
            client.Account.update(created["id"], wrong)
    assert client.Account.delete(created["id"]) == 204
    assert rows(client, "SELECT Id FROM Account") == []


def test_put_refuses_what_salesforce_could_not_hold(setup: Setup) -> None:
    account = put_account(setup, "Acme")
    with pytest.raises(KeyError, match="no field Nmae"):
        setup.org.put("accounts", {"Id": account, "Nmae": "Acme"})
    setup.org.put("accounts", {"Id": account, "Renewal_On__c": datetime(2026, 12, 1, tzinfo=UTC)})
    client = setup.login()
    assert rows(client, "SELECT Renewal_On__c FROM Account") == [{"Renewal_On__c": "2026-12-01T00:00:00.000+0000"}]
    setup.org.delete("accounts", account)
    with pytest.raises(ValueError, match="is deleted"):
        setup.org.put("accounts", {"Id": account, "Name": "again"})
