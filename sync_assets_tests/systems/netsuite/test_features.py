"""Accounts that lack a feature, and users who may not see a table: what is read all the same, and in which currency."""

import json
from typing import Any

import pytest

from sync_assets.model.errors import ContractError, UnreachableError
from sync_assets.systems.netsuite.spec import SYSTEM
from sync_assets_tests.page_server import Answer, Asked, serving
from sync_assets_tests.systems.netsuite.account import Account, error, open_suite
from sync_assets_tests.systems.netsuite.test_reads import EVERYTHING, invoices, pages, records

NO_ONEWORLD = (
    "Invalid search query. Detailed unprocessed description follows. Search error occurred: Unknown identifier "
    "'subsidiary'. Available identifiers are: {transaction=transaction}."
)
"""As an account without OneWorld answered. Source: databrickslabs/lakeflow-community-connectors, NetSuite tests."""


def answered(account: Account, asked: Asked, table: bytes, refusal: Answer) -> Answer:
    """The account's answer, or the refusal where the statement reads the table or a column of that name."""
    return refusal if table in asked.body.lower() else account.answer(asked)


def single_company(*bases: str) -> Account:
    """An account without subsidiaries whose currencies of these codes are its base."""
    account = Account()
    invoices(account, 2)
    for number, code in enumerate(bases, start=10):
        account.add("currency", id=number, symbol=code, name=code, isbasecurrency="T")
    account.add("currency", id=20, symbol="GBP", name="Pound", isbasecurrency="F")
    for document in (1, 2):
        for line in (0, 1):
            account.add(
                "transactionaccountingline",
                transaction=document,
                transactionline=line,
                accountingbook=1,
                account=5,
                amount="120.50" if line == 0 else "-120.50",
                posting="T",
            )
    return account


def ledger(account: Account) -> list[dict[str, Any]]:
    refusal = error(400, "INVALID_PARAMETER", NO_ONEWORLD)
    with serving(lambda asked: answered(account, asked, b"subsidiary", refusal)) as server:
        client = open_suite(server.url, TIME_ZONE="UTC")
        return records(pages(client, SYSTEM.stream("transactionaccountingline"), EVERYTHING))


def test_a_ledger_without_subsidiaries_is_read_whole_in_the_account_s_only_base_currency() -> None:
    found = ledger(single_company("EUR"))
    # two documents with two lines each
    assert [(row["transaction"], row["transactionline"]) for row in found] == [
        ("1", "0"),
        ("1", "1"),
        ("2", "0"),
        ("2", "1"),
    ]
    assert {row["currencycode"] for row in found} == {"EUR"}


def test_of_two_base_currencies_none_is_guessed_and_no_line_comes_twice() -> None:
    found = ledger(single_company("EUR", "USD"))
    assert len(found) == 4
    assert not any("currencycode" in row for row in found)


@pytest.mark.parametrize("stream", ["customer", "transaction", "transactionline"])
def test_an_account_without_oneworld_shows_its_customers_and_documents(stream: str) -> None:
    account = single_company("EUR")
    account.add("customer", id=7, isinactive="F", companyname="Acme")
    refusal = error(400, "INVALID_PARAMETER", NO_ONEWORLD)
    with serving(lambda asked: answered(account, asked, b"subsidiary", refusal)) as server:
        found = pages(open_suite(server.url, TIME_ZONE="UTC"), SYSTEM.stream(stream), EVERYTHING)
    assert len(records(found)) == {"customer": 1, "transaction": 2, "transactionline": 2}[stream]


FORBIDDEN = [
    error(403, "INSUFFICIENT_PERMISSION", "Permission Violation: The subsidiary record is not available to your role."),
    error(403, "INSUFFICIENT_PERMISSION", "You do not have permission to access this resource."),
    error(400, "INVALID_PARAMETER", "Search error occurred: Record 'subsidiary' was not found."),
]
"""One table that our role may not see, as REST services and SuiteQL say it, with its name and without."""


@pytest.mark.parametrize("refusal", FORBIDDEN)
def test_a_table_that_our_role_may_not_see_costs_its_columns_and_no_document(refusal: Answer) -> None:
    account = single_company("EUR")
    with serving(lambda asked: answered(account, asked, b"join subsidiary", refusal)) as server:
        client = open_suite(server.url, TIME_ZONE="UTC")
        found = records(pages(client, SYSTEM.stream("transaction"), EVERYTHING))
        assert [row["id"] for row in found] == ["1", "2"]
        assert {row["subsidiary"] for row in found} == {"3"}
        assert len(SYSTEM.find(client, SYSTEM.stream("transaction"), ["1"]).records) == 1


def test_documents_that_our_role_may_not_see_stop_their_stream_and_say_so() -> None:
    refusal = error(403, "INSUFFICIENT_PERMISSION", "You need Transactions -> Find Transaction.")
    account = single_company("EUR")
    with serving(lambda asked: answered(account, asked, b"from transaction t", refusal)) as server:
        client = open_suite(server.url, TIME_ZONE="UTC")
        with pytest.raises(UnreachableError, match="Find Transaction"):
            SYSTEM.read(client, SYSTEM.stream("transaction"), EVERYTHING, None)
        assert len(SYSTEM.read(client, SYSTEM.stream("currency"), EVERYTHING, None).records) == 3


def test_a_document_s_currency_is_never_left_out() -> None:
    refusal = error(400, "INVALID_PARAMETER", "Search error occurred: Record 'currency' was not found.")
    account = single_company("EUR")
    with (
        serving(lambda asked: answered(account, asked, b"join currency", refusal)) as server,
        pytest.raises(ContractError, match="currency"),
    ):
        SYSTEM.read(open_suite(server.url, TIME_ZONE="UTC"), SYSTEM.stream("transaction"), EVERYTHING, None)


@pytest.mark.parametrize(
    ("stream", "word"),
    [("transaction", "postingperiod"), ("customer", "currency"), ("customer", "terms"), ("account", "acctnumber")],
)
def test_a_column_of_a_feature_that_is_off_costs_no_record(stream: str, word: str) -> None:
    account = single_company("EUR")
    account.add("customer", id=7, isinactive="F", companyname="Acme")
    account.add("account", id=5, accttype="AcctRec", fullname="Receivable", isinactive="F")
    account.lacks = {word}
    with account.client(TIME_ZONE="UTC") as (client, _):
        found = records(pages(client, SYSTEM.stream(stream), EVERYTHING))
    assert len(found) == {"transaction": 2, "customer": 1, "account": 1}[stream]
    assert all(word not in json.dumps(row) for row in found)


def test_a_table_that_the_account_does_without_is_empty_once_a_setting_says_so() -> None:
    refusal = error(400, "INVALID_PARAMETER", NO_ONEWORLD)
    stream = SYSTEM.stream("subsidiary")
    with serving(lambda asked: answered(single_company("EUR"), asked, b"from subsidiary", refusal)) as server:
        with pytest.raises(ContractError, match="name the table in SYNC_NETSUITE_WITHOUT"):
            SYSTEM.read(open_suite(server.url, TIME_ZONE="UTC"), stream, EVERYTHING, None)
        client = open_suite(server.url, TIME_ZONE="UTC", WITHOUT="Subsidiary, accountingbook")
        assert pages(client, stream, EVERYTHING)[-1].records == ()
        assert SYSTEM.audit is not None
        assert SYSTEM.audit(client, stream, EVERYTHING.earliest, None).next is None
