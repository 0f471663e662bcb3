"""Lines that a page leaves out: no living one is buried for good, and no buried one comes back by an older copy."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from sync_assets.connect.extract import Reading, extract
from sync_assets.model.errors import ContractError
from sync_assets.store.engine import Store
from sync_assets.systems.netsuite.spec import SYSTEM
from sync_assets_tests.page_server import Answer, Asked, serving
from sync_assets_tests.systems.netsuite.account import Account, open_suite, page
from sync_assets_tests.systems.netsuite.test_reads import EVERYTHING
from sync_assets_tests.systems.netsuite.test_whole import LINES, with_lines

Row = dict[str, str]
Which = Callable[[Row], bool]


def wall(seconds: int) -> str:
    return f"{datetime.now(UTC) + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}"


def is_line(document: int, line: int) -> Which:
    return lambda row: (row.get("transaction"), row["id"]) == (str(document), str(line))


@contextmanager
def leaving_out(account: Account, which: Which, *, also_by_id: bool = False) -> Iterator[str]:
    """An account that leaves lines out of its pages, its own counts included, and out of lookups where said."""

    def answer(asked: Asked) -> Answer:
        reply = account.answer(asked)
        if b"FROM transactionline tl" not in asked.body or (not also_by_id and b"tl.id =" in asked.body):
            return reply
        rows = [row for row in json.loads(reply.body)["items"] if not which(row)]
        return page([{name: value for name, value in row.items() if name != "links"} for row in rows])

    with serving(answer) as server:
        yield server.url


def read_lines(store: Store, url: str, run_id: str, *, full: bool = False) -> None:
    client = open_suite(url, TIME_ZONE="UTC")
    earliest = EVERYTHING.earliest
    reading = Reading(system=SYSTEM, stream=LINES, client=client, run_id=run_id, earliest=earliest, full=full)
    extract(store, reading)


def read_well(store: Store, account: Account, run_id: str, *, full: bool = False) -> None:
    with serving(account.answer) as server:
        read_lines(store, server.url, run_id, full=full)


def dead(store: Store) -> list[str]:
    with store.begin() as connection:
        return list(connection.execute(text("SELECT record_id FROM raw.head WHERE is_deleted ORDER BY 1")).scalars())


def newest(store: Store, record_id: str) -> datetime:
    """The change stamp of the newest version of a line."""
    statement = text(
        "SELECT v.stamped_at FROM raw.head h JOIN raw.version v USING (version_id) WHERE h.record_id = :id"
    )
    with store.begin() as connection:
        found: datetime = connection.execute(statement, {"id": record_id}).scalar_one()
    return found


@pytest.fixture
def account(store: Store) -> Account:
    """An account of three documents with three lines each, read once; then every document changes."""
    found = Account()
    with_lines(found, {1: 3, 2: 3, 3: 3}, stamp=wall(-9000))
    read_well(store, found, "first")
    found.change("transaction", "1 = 1", lastmodifieddate=wall(-60))
    return found


def test_a_page_cut_within_its_array_buries_nobody(store: Store, account: Account) -> None:
    def answer(asked: Asked) -> Answer:
        reply = json.loads(account.answer(asked).body)
        is_lines = b"FROM transactionline tl" in asked.body
        return Answer(body=json.dumps({**reply, "items": reply["items"][: 7 if is_lines else None]}).encode())

    with serving(answer) as server, pytest.raises(ContractError, match="9 rows on a page, 9 in all, and sent 7"):
        read_lines(store, server.url, "cut")
    assert dead(store) == []
    read_well(store, account, "well")
    assert dead(store) == []


def test_a_line_that_a_page_leaves_out_is_asked_for_by_its_id_and_taken_from_there(
    store: Store, account: Account
) -> None:
    with leaving_out(account, is_line(3, 2)) as url:
        read_lines(store, url, "left out")
    assert dead(store) == []
    # its newest version is read all the same: documents changed a minute ago
    assert datetime.now(UTC) - newest(store, "3-2") < timedelta(minutes=30)


@pytest.mark.parametrize("full", [False, True])
def test_a_line_buried_by_mistake_stands_again_when_it_is_read(store: Store, account: Account, full: bool) -> None:
    with leaving_out(account, is_line(3, 2), also_by_id=True) as url:
        read_lines(store, url, "left out")
    assert dead(store) == ["3-2"]
    read_well(store, account, "well", full=full)
    assert dead(store) == []


def test_a_line_that_left_its_document_is_not_brought_back_by_an_older_copy(store: Store, account: Account) -> None:
    older = Account()
    with_lines(older, {1: 3, 2: 3, 3: 3}, stamp=wall(-9000))
    account.remove("transactionline", '"transaction" = 3 AND id = 2')
    read_well(store, account, "removed")
    assert dead(store) == ["3-2"]
    read_well(store, older, "stale", full=True)
    assert dead(store) == ["3-2"]
