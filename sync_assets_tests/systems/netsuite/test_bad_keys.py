"""A row whose id cannot be read is set aside alone: the others are read, and nobody is taken for deleted."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from sync_assets.connect.extract import Reading, extract
from sync_assets.model.errors import ContractError
from sync_assets.store.engine import Store
from sync_assets.store.streams import stored_ids, stream_states
from sync_assets.systems.netsuite.login import Suite
from sync_assets.systems.netsuite.spec import SYSTEM
from sync_assets_tests.page_server import Answer, Asked, serving
from sync_assets_tests.systems.netsuite.account import Account, open_suite, page
from sync_assets_tests.systems.netsuite.test_reads import EVERYTHING, invoices, pages
from sync_assets_tests.systems.netsuite.test_whole import LINES, with_lines

BAD_IDS = [("4.5", "type"), ("four", "type"), (None, "missing_field"), (4.5, "type"), ({"id": 4}, "type")]


@contextmanager
def spoiled(account: Account, column: str, was: str, becomes: Any) -> Iterator[Suite]:
    """A client of an account that writes one value of a column otherwise, in every row that has it."""

    def answer(asked: Asked) -> Answer:
        reply = json.loads(account.answer(asked).body)
        for row in reply.get("items", []):
            if row.get(column) == was:
                row[column] = becomes
        return Answer(body=json.dumps(reply).encode())

    with serving(answer) as server:
        yield open_suite(server.url, TIME_ZONE="UTC")


@pytest.mark.parametrize(("becomes", "reason"), BAD_IDS)
@pytest.mark.parametrize("rows_max", [2, 3, 1000])
def test_one_bad_id_is_a_dead_letter_and_costs_no_other_record(
    store: Store, rows_max: int, becomes: Any, reason: str
) -> None:
    account, stream = Account(rows_max=rows_max), SYSTEM.stream("transaction")
    invoices(account, 6)
    earliest = datetime(2024, 1, 1, tzinfo=UTC)
    with spoiled(account, "id", "4", becomes) as client:
        for run in ("first", "second"):
            full = run == "second"
            reading = Reading(system=SYSTEM, stream=stream, client=client, run_id=run, earliest=earliest, full=full)
            extract(store, reading)
    (state,) = stream_states(store)
    assert sorted(stored_ids(store, state["stream_id"])[0]) == ["1", "2", "3", "5", "6"]
    with store.begin() as connection:
        letters = connection.execute(text("SELECT reason, field FROM sync.dead_letter")).all()
    assert [tuple(letter) for letter in letters] == [(reason, "id" if becomes is None else "")]


@pytest.mark.parametrize("rows_max", [5, 1000])
def test_a_line_that_cannot_be_told_apart_leaves_no_document_whole(rows_max: int) -> None:
    account = Account(rows_max=rows_max)
    with_lines(account, {1: 3, 2: 3})
    with spoiled(account, "transaction", "1", "1.0") as client:
        found = pages(client, LINES, EVERYTHING)
    assert "1" not in [document for one in found for document in one.whole]
    assert len(found[0].records) >= 3


def test_a_page_of_nothing_but_bad_ids_that_goes_on_is_refused() -> None:
    with (
        serving(lambda _: page([{"id": "x"}, {"id": "y"}], more=True)) as server,
        pytest.raises(ContractError, match="ends where it began"),
    ):
        SYSTEM.read(open_suite(server.url, TIME_ZONE="UTC"), SYSTEM.stream("term"), EVERYTHING, None)
