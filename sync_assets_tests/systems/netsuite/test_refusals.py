"""Refusals that pass cost no column, and refusals that last cost none without a word."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from sync_assets.connect.extract import Outcome, Reading, extract
from sync_assets.store.engine import Store
from sync_assets.systems.netsuite.login import Suite
from sync_assets.systems.netsuite.spec import SYSTEM
from sync_assets_tests.page_server import Answer, Asked, serving
from sync_assets_tests.systems.netsuite.account import Account, error, open_suite
from sync_assets_tests.systems.netsuite.test_reads import EVERYTHING, invoices, records

REFUSALS = [
    error(400, "USER_ERROR", "An unexpected error occurred."),
    error(400, "INVALID_PARAMETER", "Invalid search query. Search error occurred on the state of memo: try again."),
    error(403, "INSUFFICIENT_PERMISSION", "Permission Violation: You need a higher permission level."),
]
"""Refusals that name no part for sure, though one speaks of words that are names of columns."""


@contextmanager
def refused(account: Account, refusal: Answer, which: Callable[[int, Asked], bool]) -> Iterator[Suite]:
    """A client of an account that refuses some of the statements on documents, told apart by their number from 1."""
    seen: list[Asked] = []

    def answer(asked: Asked) -> Answer:
        if b"FROM transaction t" not in asked.body:
            return account.answer(asked)
        seen.append(asked)
        return refusal if which(len(seen), asked) else account.answer(asked)

    with serving(answer) as server:
        yield open_suite(server.url, TIME_ZONE="UTC")


def first_page(client: Suite) -> list[dict[str, Any]]:
    return records([SYSTEM.read(client, SYSTEM.stream("transaction"), EVERYTHING, None)])


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_that_passes_costs_no_column(refusal: Answer) -> None:
    account = Account()
    invoices(account, 2)
    with refused(account, refusal, lambda number, _: number == 1) as client:
        found = first_page(client)
    assert [row["subsidiaryexternalid"] for row in found] == ["emea", "emea"]
    assert client.remarks == []


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_that_passes_while_parts_are_left_out_costs_no_column(refusal: Answer) -> None:
    account = Account()
    invoices(account, 2)
    # refused as a whole twice and without its first part; what is left out next is answered, and then the whole too
    with refused(account, refusal, lambda number, _: number <= 3) as client:
        found = first_page(client)
    assert [row["subsidiaryexternalid"] for row in found] == ["emea", "emea"]
    assert client.remarks == []


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_that_lasts_costs_its_columns_and_is_remarked_on_every_page(refusal: Answer) -> None:
    account = Account(rows_max=2)
    invoices(account, 3)
    stream = SYSTEM.stream("transaction")
    with refused(account, refusal, lambda _, asked: b"JOIN subsidiary" in asked.body) as client:
        page = SYSTEM.read(client, stream, EVERYTHING, None)
        said = list(client.remarks)
        client.remarks.clear()
        rest = SYSTEM.read(client, stream, EVERYTHING, page.next)
    assert [row["id"] for row in records([page, rest])] == ["1", "2", "3"]
    # a run that goes on at the second page says so as well
    assert said == client.remarks
    assert "subsidiaryexternalid" in said[0]
    assert "subsidiaryexternalid" in page.left_out


def test_a_column_that_the_account_names_is_remarked_too() -> None:
    account = Account()
    invoices(account, 1)
    account.lacks = {"voided"}
    with account.client(TIME_ZONE="UTC") as (client, _):
        first_page(client)
    assert client.remarks == ["transaction has no voided, or our user may not see it; it is read as empty"]


def wall(seconds: int) -> str:
    return f"{datetime.now(UTC) + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}"


def read_documents(store: Store, client: Suite, run_id: str) -> Outcome:
    stream = SYSTEM.stream("transaction")
    reading = Reading(system=SYSTEM, stream=stream, client=client, run_id=run_id, earliest=EVERYTHING.earliest)
    return extract(store, reading)


def test_a_known_value_is_not_lost_without_a_finding(store: Store) -> None:
    account = Account()
    invoices(account, 2, stamp=wall(-9000))
    with account.client(TIME_ZONE="UTC") as (client, _):
        read_documents(store, client, "first")
    account.change("transaction", "id = 1", foreigntotal="9", lastmodifieddate=wall(-60))
    with refused(account, REFUSALS[2], lambda _, asked: b"JOIN subsidiary" in asked.body) as client:
        found = read_documents(store, client, "forbidden")
    # a single record is evidence enough where the account refused the column
    assert [(one.kind, one.field) for one in found.findings] == [("removed", "subsidiaryexternalid")]
    with store.begin() as connection:
        kept = connection.execute(text("SELECT field FROM sync.schema_finding WHERE kind = 'removed'")).scalars().all()
    assert kept == ["subsidiaryexternalid"]
