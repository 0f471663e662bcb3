"""Deleted records: found in the vendor's list, told apart by kind, and done without where there is no list."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sync_assets.connect.spec import Tombstone, Window
from sync_assets.model.errors import ContractError, SyncError
from sync_assets.systems.netsuite.spec import SYSTEM
from sync_assets_tests.page_server import Answer, Asked, serving
from sync_assets_tests.systems.netsuite.account import Account, error, open_suite, page
from sync_assets_tests.systems.netsuite.test_reads import EVERYTHING, pages

NINE, ELEVEN = datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 1, 11, tzinfo=UTC)
WITHIN = Window(start=NINE, end=ELEVEN, earliest=EVERYTHING.earliest)
TEN = "2026-03-01 10:00:00"


def gone(account: Account, stream: str, within: Window = WITHIN) -> list[Tombstone]:
    with account.client(TIME_ZONE="UTC") as (client, _):
        return [tombstone for page in pages(client, SYSTEM.stream(stream), within) for tombstone in page.deleted]


def deleted(account: Account, number: int, **fields: Any) -> None:
    account.add("deletedrecord", **{"recordid": number, "deleteddate": TEN, **fields})


def test_deletions_of_the_window_are_tombstones_of_their_own_kind() -> None:
    account = Account()
    deleted(account, 1, type="invoice", recordtypeid="-30")
    deleted(account, 2, type="Credit Memo")
    deleted(account, 3, type="CustPymt")
    deleted(account, 4, recordtypeid="-30")
    deleted(account, 5, type="customer", recordtypeid="-2")
    deleted(account, 6, type="employee")
    deleted(account, 7, type="invoice", deleteddate="2026-03-01 08:59:59")
    deleted(account, 8, type="invoice", deleteddate="2026-03-01 11:00:01")
    tombstones = gone(account, "transaction")
    assert [tombstone.record_id for tombstone in tombstones] == ["1", "2", "3", "4"]
    assert tombstones[0].deleted_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert [tombstone.record_id for tombstone in gone(account, "customer")] == ["5"]


def test_a_long_list_of_deletions_is_read_to_its_end() -> None:
    account = Account(rows_max=3)
    for number in range(1, 11):
        deleted(account, number, type="invoice")
    # the id at the end of a page may have a second entry, of another kind, on the next
    deleted(account, 3, type="customer")
    assert {tombstone.record_id for tombstone in gone(account, "transaction")} == {str(n) for n in range(1, 11)}
    assert [tombstone.record_id for tombstone in gone(account, "customer")] == ["3"]


def test_a_first_read_asks_for_no_deletions() -> None:
    account = Account()
    deleted(account, 1, type="invoice")
    assert gone(account, "transaction", EVERYTHING) == []
    assert not any("deletedrecord" in statement for statement in account.statements)


@pytest.mark.parametrize("lacking", [{"deletedrecord"}, {"recordid"}, {"type", "recordtypeid"}])
def test_an_account_without_the_list_is_read_without_tombstones(lacking: set[str]) -> None:
    account = Account()
    account.add("customer", id=1, isinactive="F", lastmodifieddate=TEN)
    deleted(account, 5, type="customer", recordtypeid="-2")
    account.lacks = {f"d.{name}" if name != "deletedrecord" else name for name in lacking}
    with account.client(TIME_ZONE="UTC") as (client, _):
        found = pages(client, SYSTEM.stream("customer"), WITHIN)
    assert "deletedrecord" in client.remarks[-1]
    assert sum(len(page.records) for page in found) == 1
    assert [tombstone for page in found for tombstone in page.deleted] == []


@pytest.mark.parametrize("lacking", ["d.type", "d.recordtypeid"])
def test_one_of_the_two_ways_to_name_a_kind_is_enough(lacking: str) -> None:
    account = Account()
    deleted(account, 5, type="customer", recordtypeid="-2")
    account.lacks = {lacking}
    assert [tombstone.record_id for tombstone in gone(account, "customer")] == ["5"]


def test_a_role_without_the_right_to_deletions_is_read_without_tombstones() -> None:
    def answer(asked: Asked) -> Answer:
        if b"deletedrecord" in asked.body:
            return error(403, "INSUFFICIENT_PERMISSION", "You need the Deleted Records permission.")
        return page([])

    with serving(answer) as server:
        client = open_suite(server.url, TIME_ZONE="UTC")
        found = pages(client, SYSTEM.stream("customer"), WITHIN)
    assert [tombstone for one in found for tombstone in one.deleted] == []
    assert "Deleted Records" in client.remarks[0]


UNSAID = [
    error(400, "USER_ERROR", "An unexpected error occurred."),
    error(403, "INSUFFICIENT_PERMISSION", "Permission Violation: You need a higher permission level."),
]
"""Refusals that say nothing of the list of deletions."""


@pytest.mark.parametrize("refusal", UNSAID)
def test_a_refusal_that_does_not_speak_of_the_list_closes_no_window(refusal: Answer) -> None:
    account = Account()
    deleted(account, 5, type="customer")
    stream, left = SYSTEM.stream("customer"), [refusal] * 3

    def answer(asked: Asked) -> Answer:
        return left.pop() if left and b"deletedrecord" in asked.body else account.answer(asked)

    with serving(answer) as server:
        client = open_suite(server.url, TIME_ZONE="UTC")
        place = SYSTEM.read(client, stream, WITHIN, None).next
        # as it is, once more, and less its optional columns: then the run ends
        with pytest.raises(SyncError):
            SYSTEM.read(client, stream, WITHIN, place)
        found = SYSTEM.read(client, stream, WITHIN, place)
    assert [tombstone.record_id for tombstone in found.deleted] == ["5"]


@pytest.mark.parametrize("refusal", UNSAID)
def test_an_account_that_is_said_to_have_no_list_of_deletions_is_not_asked_for_it(refusal: Answer) -> None:
    account = Account()

    def answer(asked: Asked) -> Answer:
        return refusal if b"deletedrecord" in asked.body else account.answer(asked)

    with serving(answer) as server:
        client = open_suite(server.url, TIME_ZONE="UTC", WITHOUT="deletedrecord")
        assert pages(client, SYSTEM.stream("customer"), WITHIN)[-1].deleted == ()


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "customer", "deleteddate": TEN},
        {"recordid": "5", "type": "customer"},
        {"recordid": "5", "type": "customer", "deleteddate": "soon"},
    ],
)
def test_a_deletion_without_its_record_or_its_time_is_refused(entry: dict[str, str]) -> None:
    def answer(asked: Asked) -> Answer:
        return page([{"type": "customer", **entry}] if b"deletedrecord" in asked.body else [])

    with serving(answer) as server, pytest.raises(ContractError):
        pages(open_suite(server.url, TIME_ZONE="UTC"), SYSTEM.stream("customer"), WITHIN)


@pytest.mark.parametrize("ids", [["5", "4"], ["5", "5"]])
def test_a_list_of_deletions_that_runs_in_circles_is_refused(ids: list[str]) -> None:
    def answer(asked: Asked) -> Answer:
        entries = [{"recordid": number, "type": "customer", "deleteddate": TEN} for number in ids]
        return page(entries, more=True) if b"deletedrecord" in asked.body else page([])

    with serving(answer) as server, pytest.raises(ContractError, match="deletedrecord"):
        pages(open_suite(server.url, TIME_ZONE="UTC"), SYSTEM.stream("customer"), WITHIN)
