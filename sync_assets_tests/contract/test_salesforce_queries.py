"""The simulated Salesforce understands SOQL as its reference describes it, for the client that others wrote."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simple_salesforce.exceptions import SalesforceMalformedRequest

from sync_assets_tests.contract.salesforce_client import Setup, error_of, put_accounts, running


@pytest.fixture
def setup() -> Iterator[Setup]:
    with running() as made:
        yield made


def refused(client: Any, soql: str) -> dict[str, str]:
    """The one error a query is refused with."""
    with pytest.raises(SalesforceMalformedRequest) as caught:
        client.query(soql)
    return error_of(caught)


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


def test_any_text_is_found_again_by_its_escaped_literal() -> None:
    with running() as made:
        client = made.login()

        @settings(max_examples=80, deadline=None)
        @given(st.text(min_size=1))
        def found_again(name: str) -> None:
            account = made.org.new_id("accounts")
            made.org.put("accounts", {"Id": account, "Name": name})
            literal = name.replace("\\", "\\\\").replace("'", "\\'")
            pattern = literal.replace("%", "\\%").replace("_", "\\_")
            for test in (f"= '{literal}'", f"IN ('nobody', '{literal}')", f"LIKE '{pattern}'"):
                rows = client.query(f"SELECT Id, Name FROM Account WHERE Name {test} AND Id >= '{account}'")["records"]
                assert [(row["Id"], row["Name"]) for row in rows] == [(account, name)], test

        found_again()


def test_paging_by_stamp_and_id_inside_a_window_returns_every_row_once(setup: Setup) -> None:
    ids = put_accounts(setup, 40)
    client = setup.login()
    window = "SystemModstamp >= 2026-11-02T12:00:03Z AND SystemModstamp <= 2026-11-02T12:00:18Z"
    found: list[str] = []
    after = ""
    while True:
        soql = f"SELECT Id, SystemModstamp FROM Account WHERE {window}{after} ORDER BY SystemModstamp, Id LIMIT 7"
        rows = client.query(soql)["records"]
        if not rows:
            break
        found += [row["Id"] for row in rows]
        at, last = rows[-1]["SystemModstamp"].replace("+0000", "Z"), rows[-1]["Id"]
        after = f" AND (SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > '{last}'))"
    # Two accounts of each second: the seconds 3 to 18 hold the 5th to the 36th.
    assert found == ids[4:36]
    by_id = client.query(f"SELECT Id FROM Account WHERE Id > '{ids[36]}' OR Id IN ('{ids[0]}') ORDER BY Id")["records"]
    assert [row["Id"] for row in by_id] == [ids[0], *ids[37:]]


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
