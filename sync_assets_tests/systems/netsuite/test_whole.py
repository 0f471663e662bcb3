"""Which documents a page of lines shows whole, so that a line which is not among them is gone."""

from datetime import UTC, datetime

import pytest

from sync_assets.connect.spec import Page
from sync_assets.systems.netsuite import whole
from sync_assets.systems.netsuite.spec import SYSTEM
from sync_assets_tests.systems.netsuite.account import Account
from sync_assets_tests.systems.netsuite.test_reads import EVERYTHING, hour, invoices, pages, records, window

LINES = SYSTEM.stream("transactionline")


def with_lines(account: Account, lines: dict[int, int], *, stamp: str = hour(10)) -> None:
    """Documents with so many lines each, the main line among them."""
    invoices(account, max(lines), stamp=stamp)
    for document, count in lines.items():
        for line in range(1, count):
            account.add("transactionline", id=line, transaction=document, mainline="F")


def shown(found: list[Page]) -> list[tuple[int, list[str]]]:
    """Per page its number of lines and the documents that it has whole."""
    return [(len(page.records), list(page.whole)) for page in found]


def test_a_page_ends_with_a_document_and_has_each_of_its_documents_whole() -> None:
    account = Account(rows_max=5)
    with_lines(account, {1: 3, 2: 3, 3: 2, 4: 1})
    with account.client() as (client, _):
        found = pages(client, LINES, EVERYTHING)
    # five rows are 1, 1, 1, 2, 2; document 2 goes on, so the next page starts with it: 2, 2, 2, 3, 3; then 4
    assert shown(found) == [(3, ["1"]), (3, ["2"]), (3, ["3", "4"])]


def test_a_document_of_many_replies_is_one_page() -> None:
    account = Account(rows_max=2)
    with_lines(account, {1: 7, 2: 1})
    with account.client() as (client, _):
        found = pages(client, LINES, EVERYTHING)
        again = SYSTEM.read(client, LINES, EVERYTHING, None)
    assert shown(found) == [(8, ["1", "2"])]
    assert all(again.body.find(record) >= 0 for record in again.records), "the replies one below the other"


def test_a_document_without_end_is_read_in_parts_and_is_not_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "REPLIES_MAX", 2)
    account = Account(rows_max=2)
    with_lines(account, {1: 7, 2: 1})
    with account.client() as (client, _):
        found = pages(client, LINES, EVERYTHING)
    # four lines of document 1, then its other three with document 2
    assert shown(found) == [(4, []), (4, ["2"])]
    assert len({(one["transaction"], one["id"]) for one in records(found)}) == 8


def test_lines_that_changed_by_themselves_say_nothing_about_their_document() -> None:
    account = Account()
    with_lines(account, {1: 2}, stamp=hour(1))
    account.change("transactionline", "id = 1", linelastmodifieddate=hour(10))
    within = window(datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 1, 11, tzinfo=UTC))
    with account.client(TIME_ZONE="UTC") as (client, _):
        found = pages(client, LINES, within)
    assert [one["id"] for one in records(found)] == ["1"]
    assert [list(page.whole) for page in found] == [[], []]


def test_documents_themselves_are_parts_of_nothing() -> None:
    account = Account(rows_max=2)
    with_lines(account, {1: 1, 2: 1, 3: 1})
    with account.client() as (client, _):
        found = pages(client, SYSTEM.stream("transaction"), EVERYTHING)
    assert [list(page.whole) for page in found] == [[], []]
