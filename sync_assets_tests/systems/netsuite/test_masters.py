"""What customers and the tables that documents refer to become."""

from datetime import date
from typing import Any

import pytest

from sync_assets.model.entities import ENTITIES
from sync_assets.systems.netsuite.spec import SYSTEM
from sync_assets_tests.systems.conformed import copies, outcome
from sync_assets_tests.systems.netsuite.account import SEEDS, exported


def customer(**fields: Any) -> dict[str, Any]:
    (row,) = copies(
        SYSTEM.stream("customer"), "customer", [{"id": "12", "lastmodifieddate": "2026-01-31 09:30:00", **fields}]
    )
    return row


def test_a_customer_keeps_what_the_books_know_of_it() -> None:
    row = customer(
        externalid="chargebee_customer_c_1",
        entityid="CUST12",
        companyname="Acme GmbH",
        email="ap@acme.example",
        url="https://www.Acme.example/about",
        parent="12",
        currencycode="EUR",
        country="DE",
        vatregnumber="DE123456789",
        isinactive="F",
        termdays="30",
        termname="Net 30",
        subsidiary="3",
    )
    wanted = {
        "copy_of": "billing:c_1",
        "name": "Acme GmbH",
        "domain": "acme.example",
        "currency": "EUR",
        "country": "DE",
        "tax_id": "DE123456789",
        "payment_terms": "30",
        "legal_entity": "3",
        "status": "active",
    }
    assert {name: row[name] for name in wanted} == wanted
    assert "parent_id" not in row


@pytest.mark.parametrize(
    ("fields", "hold"),
    [
        ({"oncredithold": "T", "creditholdoverride": "AUTO"}, True),
        ({"oncredithold": "F", "creditholdoverride": "ON"}, True),
        ({"oncredithold": "T", "creditholdoverride": "OFF"}, False),
        ({"creditholdoverride": "ON"}, True),
        ({}, None),
    ],
)
def test_a_hold_switched_by_hand_wins_over_the_credit_limit(fields: dict[str, str], hold: bool | None) -> None:
    assert customer(**fields).get("credit_hold") is hold


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"firstname": "Ada", "lastname": "King"}, "Ada King"),
        ({"lastname": "King"}, "King"),
        ({"altname": "Analytical"}, "Analytical"),
        ({"entityid": "CUST12"}, "CUST12"),
    ],
)
def test_a_customer_without_a_company_is_called_by_the_next_best_name(fields: dict[str, str], name: str) -> None:
    assert customer(**fields)["name"] == name


def only(table: str, entity: str, **fields: str) -> dict[str, Any]:
    (row,) = copies(SYSTEM.stream(table), entity, [fields])
    return row


def test_a_subsidiary_is_the_legal_entity_that_its_external_id_names() -> None:
    fields = {"name": "EMEA", "legalname": "Acme B.V.", "currencycode": "EUR", "parent": "1"}
    row = only("subsidiary", "legal_entity", id="3", externalid="emea", **fields)
    assert (row["copy_of"], row["name"], row["currency"], row["parent_id"]) == ("emea", "Acme B.V.", "EUR", "1")
    assert only("subsidiary", "legal_entity", id="3", **fields)["copy_of"] == "3"


def test_a_period_has_its_days_and_says_whether_it_is_closed() -> None:
    days = {
        "startdate": "2026-01-01 00:00:00",
        "enddate": "2026-01-31 00:00:00",
        "closedondate": "2026-02-05 00:00:00",
    }
    row = only("accountingperiod", "period", id="5", periodname="Jan 2026", closed="T", alllocked="F", **days)
    assert (row["starts_on"], row["ends_on"], row["closed_on"]) == (
        date(2026, 1, 1),
        date(2026, 1, 31),
        date(2026, 2, 5),
    )
    assert (row["is_closed"], row["is_locked"]) == (True, False)
    row = only("accountingperiod", "period", id="5", closed="F", alllocked="F", arlocked="T", **days)
    assert (row["is_closed"], row["is_locked"]) == (False, True)


def test_accounts_items_terms_and_currencies_keep_the_words_of_the_books() -> None:
    account = only("account", "ledger_account", id="9", acctnumber="1200", accttype="AcctRec", isinactive="F")
    item = only("item", "product", id="44", itemid="pro-USD-Monthly", isinactive="T")
    term = only("term", "term", id="2", name="Net 30", daysuntilnetdue="30")
    currency = only("currency", "currency", id="1", symbol="USD", name="US Dollar", isbasecurrency="T")
    assert (account["kind"], account["number"], account["is_inactive"]) == ("AcctRec", "1200", False)
    assert (item["sku"], item["name"], item["status"]) == ("pro-USD-Monthly", "pro-USD-Monthly", "archived")
    assert (term["days"], currency["code"], currency["is_base"]) == (30, "USD", True)


CODES = {"1": "USD", "2": "GBP", "3": "CAD", "4": "EUR"}


@pytest.mark.parametrize("table", SEEDS)
def test_every_record_that_others_exported_becomes_a_copy(table: str) -> None:
    """The exports lack amounts, codes of currencies and item codes; what they hold is read as it is."""
    stream = SYSTEM.stream(table)
    stamp = {"lastmodifieddate": "2026-01-31 09:30:00"}
    rows = [
        {**stamp, "type": "CustInvc", "currencycode": CODES[row.get("currency", "1")], **row} for row in exported(table)
    ]
    for mapped in stream.mappings:
        made, rejects = outcome(stream, mapped.entity, rows)
        assert rejects == []
        assert mapped.entity in ("invoice", "credit_note", "payment", "refund", "payout") or len(made) == len(rows)
        names = {field.name for field in ENTITIES[mapped.entity].fields}
        assert all({*row} & names for row in made)
