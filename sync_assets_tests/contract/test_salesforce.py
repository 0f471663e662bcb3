"""The simulated Salesforce answers the client that others wrote: logins, queries, paging, refusals."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce as Client
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceError,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from sync_assets_tests.contract.salesforce_client import Setup, running


@pytest.fixture
def setup() -> Iterator[Setup]:
    with running() as made:
        yield made


def put_accounts(setup: Setup, count: int) -> list[str]:
    """So many accounts, two of each second."""
    ids = []
    for number in range(count):
        if number % 2 == 0:
            setup.clock.advance(seconds=1)
        ids.append(setup.org.new_id("accounts"))
        setup.org.put("accounts", {"Id": ids[-1], "Name": f"Acme {number:05d}", "Industry": "Banking"})
    return ids


def error_of(caught: pytest.ExceptionInfo[SalesforceError]) -> dict[str, str]:
    """The one error of a refusal."""
    content: Any = caught.value.content
    (found,) = content
    return dict(found)


def refused(client: Any, soql: str) -> dict[str, str]:
    """The one error a query is refused with."""
    with pytest.raises(SalesforceMalformedRequest) as caught:
        client.query(soql)
    return error_of(caught)


def test_client_credentials_open_a_session_on_the_instance_the_token_names(setup: Setup) -> None:
    client = setup.login()
    assert client.sf_instance == setup.server.url.removeprefix("http://")
    organisation = client.query("SELECT Id, IsSandbox FROM Organization")["records"][0]
    assert organisation["Id"] == setup.org.org.org_id
    wrong = {"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}
    reply = requests.post(f"{setup.server.url}/services/oauth2/token", data=wrong, timeout=10)
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_client")


def test_a_jwt_signed_with_the_orgs_key_logs_in_and_another_key_does_not(setup: Setup) -> None:
    settings = setup.org.jwt_settings(setup.server.url)
    named: dict[str, Any] = {
        "username": settings["SYNC_SALESFORCE_USERNAME"],
        "consumer_key": settings["SYNC_SALESFORCE_CLIENT_ID"],
        "session": setup.session(),
        "version": "66.0",
    }
    client = Client(privatekey=settings["SYNC_SALESFORCE_PRIVATE_KEY"], **named)
    assert client.query("SELECT COUNT() FROM Account")["totalSize"] == 0
    with running(seed=8) as other, pytest.raises(SalesforceAuthenticationFailed, match="invalid assertion"):
        Client(privatekey=other.org.logins.private_key, **named)
    with (
        pytest.raises(SalesforceAuthenticationFailed, match="hasn't approved"),
        pytest.warns(UserWarning, match="self-authorize"),
    ):
        Client(privatekey=settings["SYNC_SALESFORCE_PRIVATE_KEY"], **{**named, "username": "someone@else"})


def test_a_query_of_several_batches_returns_every_row_once_in_order(setup: Setup) -> None:
    ids = put_accounts(setup, 4501)
    client = setup.login()
    seen = len(setup.server.requests)
    rows = list(client.query_all_iter("SELECT Id, Name FROM Account ORDER BY SystemModstamp, Id"))
    assert [row["Id"] for row in rows] == ids
    assert rows[0]["attributes"] == {"type": "Account", "url": f"/services/data/v66.0/sobjects/Account/{ids[0]}"}
    # 4,501 rows in batches of 2,000 are three requests: 2,000 + 2,000 + 501.
    assert len(setup.server.requests) - seen == 3
    first = client.query("SELECT Id FROM Account")
    assert (first["totalSize"], first["done"], first["nextRecordsUrl"][-5:]) == (4501, False, "-2000")


def test_the_batch_size_header_is_honoured_between_200_and_2000(setup: Setup) -> None:
    put_accounts(setup, 650)
    for asked, got in (("250", 250), ("10", 200), ("5000", 650)):
        reply = setup.get("query", {"q": "SELECT Id FROM Account"}, Sforce_Query_Options=f"batchSize={asked}")
        assert len(reply.json()["records"]) == got


def test_conditions_compare_as_soql_does(setup: Setup) -> None:
    names = ["O'Brien & Söhne", "100% Pure_Co", "100x PureXCo", "back\\slash", "ÅNGSTRÖM"]
    for number, name in enumerate(names):
        record = {"Id": setup.org.new_id("accounts"), "Name": name, "AnnualRevenue": Decimal(number) / 4}
        setup.org.put("accounts", {**record, "Site": None if number else "HQ", "NumberOfEmployees": number})
    client = setup.login()

    def found(where: str) -> list[str]:
        return [row["Name"] for row in client.query(f"SELECT Name FROM Account WHERE {where} ORDER BY Id")["records"]]

    assert found(r"Name = 'o\'brien & söhne'") == names[:1]  # texts compare without case
    assert found(r"Name LIKE '100\% pure\_co'") == names[1:2]
    assert found("Name LIKE '100_ Pure_Co'") == names[1:3]
    assert found(r"Name = 'back\\slash'") == names[3:4]
    assert found("Name IN ('ångström', 'nobody')") == names[4:]
    assert found("Site != 'HQ'") == names[1:]  # null is unequal to a text
    assert found("Site = null AND AnnualRevenue >= 0.5") == names[2:]
    assert found("AnnualRevenue > 0.25 AND AnnualRevenue < 1") == names[2:4]  # 0.50 and 0.75
    assert found("NOT (NumberOfEmployees IN (0, 1) OR NumberOfEmployees = 4)") == names[2:4]
    assert found("CreatedDate = TODAY AND SystemModstamp <= 2026-11-02T13:00:00+01:00") == names
    assert found("CreatedDate < 2026-11-02T12:00:00Z") == []


def test_ordering_takes_several_columns_and_puts_nulls_where_it_is_told(setup: Setup) -> None:
    for name, site in (("b", None), ("a", "Z"), ("a", "Y"), ("c", None)):
        setup.org.put("accounts", {"Id": setup.org.new_id("accounts"), "Name": name, "Site": site})
    client = setup.login()

    def order(by: str) -> list[str]:
        rows = client.query(f"SELECT Name, Site FROM Account ORDER BY {by}")["records"]
        return [f"{row['Name']}{row['Site'] or '-'}" for row in rows]

    assert order("Name DESC, Site") == ["c-", "b-", "aY", "aZ"]
    assert order("Site ASC, Name") == ["b-", "c-", "aY", "aZ"]
    assert order("Site DESC NULLS LAST, Name DESC") == ["aZ", "aY", "c-", "b-"]
    assert order("Name, Site LIMIT 2 OFFSET 1") == ["aZ", "b-"]


def test_parents_come_nested_and_a_missing_parent_is_null(setup: Setup) -> None:
    account, deal = setup.org.new_id("accounts"), setup.org.new_id("opportunities")
    setup.org.put("accounts", {"Id": account, "Name": "Acme"})
    setup.org.put("opportunities", {"Id": deal, "Name": "Deal", "AccountId": account[:15], "StageName": "Closed Won"})
    client = setup.login()
    soql = "SELECT Account.Name, account.parent.name, IsWon FROM Opportunity o WHERE o.Account.Name = 'acme'"
    row = client.query(soql)["records"][0]
    assert row["Account"]["Name"] == "Acme"
    assert row["Account"]["attributes"]["type"] == "Account"
    assert row["Account"]["Parent"] is None
    assert row["IsWon"] is True


def test_money_and_quantities_arrive_exactly_as_they_were_put(setup: Setup) -> None:
    amounts = {"19.99": "19.99", "1000": "1000.0", "0.1": "0.1", "12345678.9": "1.23456789E7", "0": "0.0"}
    amounts["123456789012345.67"] = "1.2345678901234567E14"
    for amount in amounts:
        deal = {"Id": setup.org.new_id("opportunities"), "Name": amount, "Amount": Decimal(amount)}
        setup.org.put("opportunities", deal)
    text = setup.get("query", {"q": "SELECT Name, Amount FROM Opportunity ORDER BY Id"}).text
    for amount, written in amounts.items():
        assert f'"Name":"{amount}","Amount":{written}}}' in text
    exact = json.loads(text, parse_float=Decimal)["records"]
    assert [row["Amount"] for row in exact] == [Decimal(amount) for amount in amounts]
    with pytest.raises(TypeError, match="float"):
        setup.org.put("opportunities", {"Id": setup.org.new_id("opportunities"), "Amount": 19.99})


def test_aggregates_count_and_find_extremes(setup: Setup) -> None:
    ids = put_accounts(setup, 5)
    client = setup.login()
    assert client.query("SELECT COUNT() FROM Account WHERE Name > 'acme 00002'") == {
        "totalSize": 2,
        "done": True,
        "records": [],
    }
    row = client.query("SELECT COUNT(Id) n, MAX(SystemModstamp), MIN(Id) lowest FROM Account")["records"][0]
    # Five accounts, two of each second from 12:00:01 on: the last one is of 12:00:03.
    assert (row["n"], row["expr1"], row["lowest"]) == (5, "2026-11-02T12:00:03.000+0000", ids[0])


def test_refused_queries_say_why_in_the_vendors_words(setup: Setup) -> None:
    client = setup.login()
    for soql, code, part in (
        ("SELECT Foo FROM Account", "INVALID_FIELD", "No such column 'Foo' on entity 'Account'"),
        ("SELECT Id, Acount.Name FROM Opportunity", "INVALID_FIELD", "Didn't understand relationship 'Acount'"),
        ("SELECT Id FROM Nope", "INVALID_TYPE", "sObject type 'Nope' is not supported"),
        ("SELECT Id FORM Account", "MALFORMED_QUERY", "unexpected token: 'FORM'"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Account WHERE Id = 'a' AND Id = 'b' OR Id = 'c'", "MALFORMED_QUERY", "'OR'"),
        ("SELECT Id FROM Account WHERE Name = 'O'Brien'", "MALFORMED_QUERY", "unexpected"),
        ("SELECT Id FROM Account WHERE CreatedDate > '2026-01-01'", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Account WHERE Id = 'nonsense'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field"),
        ("SELECT Id FROM Account LIMIT 1 OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
        ("SELECT FIELDS(ALL) FROM Account", "MALFORMED_QUERY", "LIMIT of at most 200"),
    ):
        error = refused(client, soql)
        assert error["errorCode"] == code, soql
        assert part in error["message"], soql


def test_field_level_security_hides_columns_and_rows_without_a_word(setup: Setup) -> None:
    ids = put_accounts(setup, 3)
    hidden = frozenset({"Account.Industry"})
    setup.org.quirks = replace(setup.org.quirks, hidden_fields=hidden, hidden_ids=frozenset({ids[1]}))
    client = setup.login()
    assert [row["Id"] for row in client.query("SELECT Id FROM Account ORDER BY Id")["records"]] == [ids[0], ids[2]]
    assert refused(client, "SELECT Industry FROM Account")["errorCode"] == "INVALID_FIELD"
    assert "Industry" not in {field["name"] for field in client.Account.describe()["fields"]}


def test_describe_names_every_column_with_its_kind(setup: Setup) -> None:
    client = setup.login()
    fields = {field["name"]: field for field in client.OpportunityLineItem.describe()["fields"]}
    assert fields["Quantity"]["type"] == "double"
    assert fields["OpportunityId"]["referenceTo"] == ["Opportunity"]
    assert fields["OpportunityId"]["relationshipName"] == "Opportunity"
    names = [name for name, field in fields.items() if field["type"] != "address"]
    assert client.query(f"SELECT {', '.join(names)} FROM OpportunityLineItem")["totalSize"] == 0
    assert "Account" in {entry["name"] for entry in client.describe()["sobjects"]}
    setup.org.quirks = replace(setup.org.quirks, multi_currency=False)
    assert refused(client, "SELECT CurrencyIsoCode FROM Opportunity")["errorCode"] == "INVALID_FIELD"


def test_an_expired_session_is_refused_and_a_new_login_goes_on(setup: Setup) -> None:
    client = setup.login()
    direct: Any = Client(
        session_id=client.session_id, instance=client.sf_instance, session=setup.session(), version="66.0"
    )
    setup.clock.advance(hours=3)  # sessions die after two idle hours
    with pytest.raises(SalesforceExpiredSession) as caught:
        direct.query("SELECT Id FROM Account")
    assert error_of(caught) == {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
    assert client.query("SELECT Id FROM Account")["done"] is True  # this one logs in again by itself
    setup.org.quirks = replace(setup.org.quirks, expire_tokens_after=1)
    again = setup.login()
    assert again.query("SELECT Id FROM Account")["done"] is True
    with pytest.raises(SalesforceExpiredSession):
        Client(session_id=again.session_id, instance=again.sf_instance, session=setup.session()).limits()


def test_the_daily_quota_is_counted_on_every_reply_and_enforced(setup: Setup) -> None:
    client = setup.login()
    setup.org.quirks = replace(setup.org.quirks, daily_requests_max=3)
    client.query("SELECT Id FROM Account")
    assert client.api_usage["api-usage"].used == 1
    assert client.limits()["DailyApiRequests"] == {"Max": 3, "Remaining": 1}  # this request counts too
    client.query("SELECT Id FROM Account")
    with pytest.raises(SalesforceRefusedRequest) as caught:
        client.query("SELECT Id FROM Account")
    assert error_of(caught)["errorCode"] == "REQUEST_LIMIT_EXCEEDED"
    setup.clock.advance(hours=25)
    assert setup.login().query("SELECT Id FROM Account")["done"] is True


def test_a_locator_dies_by_age_by_eviction_and_by_use(setup: Setup) -> None:
    put_accounts(setup, 650)
    setup.org.quirks = replace(setup.org.quirks, batch_rows_max=200, evict_locators_after=2)
    client = setup.login()

    def dead(url: str) -> bool:
        with pytest.raises(SalesforceMalformedRequest) as caught:
            client.query_more(url, identifier_is_url=True)
        return bool(error_of(caught)["errorCode"] == "INVALID_QUERY_LOCATOR")

    url = client.query("SELECT Id FROM Account")["nextRecordsUrl"]
    for _ in range(2):
        url = client.query_more(url, identifier_is_url=True)["nextRecordsUrl"]
    assert dead(url)  # two more batches were read
    url = client.query("SELECT Id FROM Account")["nextRecordsUrl"]
    setup.org.cursors.evict()
    assert dead(url)
    url = client.query("SELECT Id FROM Account")["nextRecordsUrl"]
    setup.clock.advance(hours=49)  # they live two days
    assert dead(url)


def test_versions_uris_and_unknown_paths_are_refused_as_the_vendor_does(setup: Setup) -> None:
    root = f"{setup.server.url}/services/data"
    listed = requests.get(root, timeout=10).json()
    assert {"label": "Spring '26", "url": "/services/data/v66.0", "version": "66.0"} in listed
    retired = requests.get(f"{root}/v30.0/limits", timeout=10)
    assert (retired.status_code, retired.json()[0]["errorCode"]) == (410, "GONE")
    # 16,384 characters of path and query are allowed; the names alone are longer here.
    wide = setup.get("query", {"q": "SELECT " + ",".join(["Name"] * 4000) + " FROM Account"})
    assert wide.status_code == 414
    client = setup.login()
    with pytest.raises(SalesforceResourceNotFound):
        client.restful("nothing/here")
    assert requests.get(f"{root}/v66.0/limits", timeout=10).json()[0]["errorCode"] == "INVALID_SESSION_ID"
