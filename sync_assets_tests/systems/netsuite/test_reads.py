"""Reading an account: pages, windows, restarts, features it lacks."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync_assets.connect.digest import digest
from sync_assets.connect.spec import Page, Stream, Window
from sync_assets.http.client import Client
from sync_assets.model.errors import ContractError
from sync_assets.systems.netsuite.spec import SYSTEM
from sync_assets_tests.page_server import Answer, serving
from sync_assets_tests.systems.netsuite.account import SEEDS, Account, open_suite, page

EVERYTHING = Window(start=None, end=datetime(2026, 6, 1, tzinfo=UTC), earliest=datetime(2010, 1, 1, tzinfo=UTC))


def hour(number: int, day: int = 1) -> str:
    return f"2026-03-{day:02} {number:02}:00:00"


def window(start: datetime, end: datetime) -> Window:
    return Window(start=start, end=end, earliest=EVERYTHING.earliest)


def pages(client: Client, stream: Stream, within: Window) -> list[Page]:
    found, place = [], None
    while True:
        found.append(SYSTEM.read(client, stream, within, place))
        place = found[-1].next
        if place is None:
            return found


def records(found: Sequence[Page]) -> list[dict[str, Any]]:
    return [json.loads(record) for page in found for record in page.records]


def invoices(account: Account, count: int, *, stamp: str = hour(10)) -> None:
    account.add("currency", id=1, symbol="USD", name="US Dollar")
    account.add("subsidiary", id=3, name="Acme EMEA", externalid="emea", currency=1)
    for number in range(1, count + 1):
        account.add(
            "transaction",
            id=number,
            type="CustInvc",
            tranid=f"INV{number}",
            status="A",
            entity=7,
            currency=1,
            foreigntotal="120.5",
            trandate="2026-02-28 00:00:00",
            posting="T",
            postingperiod=12,
            lastmodifieddate=stamp,
        )
        account.add("transactionline", id=0, transaction=number, mainline="T", taxline="F", subsidiary=3)


def test_a_first_read_pages_by_id_and_ends_only_when_the_vendor_says_so() -> None:
    account = Account(rows_max=4)
    invoices(account, 10)
    with account.client() as (client, server):
        found = pages(client, SYSTEM.stream("transaction"), EVERYTHING)
    # 10 rows in pages of 4: 4 + 4 + 2
    assert [len(page.records) for page in found] == [4, 4, 2]
    assert [record["id"] for record in records(found)] == [str(number) for number in range(1, 11)]
    asked = [request for request in server.asked if b"SYSDATE" not in request.body]
    assert {(request.query["limit"], request.query["offset"]) for request in asked} == {("1000", "0")}


def test_records_are_exact_slices_of_the_page() -> None:
    account = Account()
    invoices(account, 3)
    stream = SYSTEM.stream("transaction")
    with account.client() as (client, _):
        found = SYSTEM.read(client, stream, EVERYTHING, None)
    assert all(record in found.body for record in found.records)
    taken = digest(stream, found, EVERYTHING.end)
    assert [version.record_id for version in taken.versions] == ["1", "2", "3"]
    assert taken.versions[0].stamped_at == datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_any_page_can_be_read_again_by_another_process() -> None:
    account = Account(rows_max=4)
    invoices(account, 10)
    stream = SYSTEM.stream("transaction")
    with account.client() as (client, server):
        first = SYSTEM.read(client, stream, EVERYTHING, None)
        once = SYSTEM.read(client, stream, EVERYTHING, first.next)
        again = SYSTEM.read(open_suite(server.url), stream, EVERYTHING, first.next)
    assert (once.records, once.next) == (again.records, again.next)


def test_a_header_carries_the_currency_code_and_its_main_line_s_subsidiary() -> None:
    account = Account()
    invoices(account, 1)
    with account.client() as (client, _):
        (record,) = records(pages(client, SYSTEM.stream("transaction"), EVERYTHING))
    assert (record["currencycode"], record["subsidiary"], record["subsidiaryexternalid"]) == ("USD", "3", "emea")


def test_a_second_main_line_does_not_repeat_its_document() -> None:
    account = Account(rows_max=2)
    invoices(account, 3)
    account.add("transactionline", id=9, transaction=2, mainline="T", subsidiary=3)
    with account.client() as (client, _):
        found = records(pages(client, SYSTEM.stream("transaction"), EVERYTHING))
    assert [record["id"] for record in found] == ["1", "2", "3"]


def test_a_window_holds_both_of_its_ends_and_nothing_beyond() -> None:
    account = Account()
    for number in (8, 9, 10, 11, 12):
        account.add("customer", id=number, entityid=f"C{number}", isinactive="F", lastmodifieddate=hour(number))
    within = window(datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 1, 11, tzinfo=UTC))
    with account.client(TIME_ZONE="UTC") as (client, _):
        found = records(pages(client, SYSTEM.stream("customer"), within))
    assert [record["id"] for record in found] == ["9", "10", "11"]


def test_a_line_is_read_when_its_header_changed_and_when_only_itself_did() -> None:
    account = Account()
    invoices(account, 2, stamp=hour(1))
    account.change("transaction", "id = 1", lastmodifieddate=hour(10))
    account.add("transactionline", id=1, transaction=2, mainline="F", linelastmodifieddate=hour(10))
    within = window(datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 1, 11, tzinfo=UTC))
    with account.client(TIME_ZONE="UTC") as (client, _):
        found = pages(client, SYSTEM.stream("transactionline"), within)
    lines = [(record["transaction"], record["id"], record["lastmodifieddate"]) for record in records(found)]
    # document 1 moved at 10h, its line has no stamp; document 2 moved at 1h, its line 1 at 10h
    assert lines == [("1", "0", hour(10)), ("2", "1", hour(10))]


def test_ledger_lines_go_back_to_the_first_day_only() -> None:
    account = Account()
    invoices(account, 2)
    account.change("transaction", "id = 1", trandate="2023-12-31 00:00:00")
    for number in (1, 2):
        account.add("transactionaccountingline", transaction=number, transactionline=0, accountingbook=1, posting="T")
    bounded = Window(start=None, end=EVERYTHING.end, earliest=datetime(2024, 1, 1, tzinfo=UTC))
    with account.client() as (client, _):
        found = pages(client, SYSTEM.stream("transactionaccountingline"), bounded)
    assert [record["transaction"] for record in records(found)] == ["2"]


def test_keys_of_three_parts_page_without_loss() -> None:
    account = Account(rows_max=2)
    invoices(account, 2)
    wanted = [(document, line, book) for document in (1, 2) for line in (0, 1) for book in (1, 2)]
    for document, line, book in wanted:
        account.add(
            "transactionaccountingline", transaction=document, transactionline=line, accountingbook=book, posting="T"
        )
    stream = SYSTEM.stream("transactionaccountingline")
    with account.client() as (client, _):
        found = pages(client, stream, EVERYTHING)
    names = [version.record_id for page in found for version in digest(stream, page, EVERYTHING.end).versions]
    assert names == [f"{document}-{line}-{book}" for document, line, book in wanted]


@pytest.mark.parametrize("table", SEEDS)
def test_every_record_that_others_exported_is_read(table: str) -> None:
    account = Account(rows_max=2)
    exported = account.seed(table)
    for row in exported if table in ("transactionline", "transactionaccountingline") else ():
        account.add("transaction", id=row["transaction"], type="CustInvc", lastmodifieddate=hour(1), trandate=hour(0))
    stream = SYSTEM.stream(table)
    with account.client() as (client, _):
        found = pages(client, stream, EVERYTHING)
    versions = [version for page in found for version in digest(stream, page, EVERYTHING.end).versions]
    assert {version.record_id for version in versions} == {"-".join(row[key] for key in stream.key) for row in exported}


def test_a_feature_that_the_account_lacks_is_left_out_and_the_rest_read() -> None:
    account = Account(rows_max=2)
    invoices(account, 3)
    account.lacks = {"m.subsidiary", "voided"}
    with account.client() as (client, _):
        found = records(pages(client, SYSTEM.stream("transaction"), EVERYTHING))
    assert [record["id"] for record in found] == ["1", "2", "3"]
    assert "subsidiary" not in found[0]
    # subsidiaries are left out before the column that leads to them, then `voided`, all on the first page: 3 + 2 pages
    assert len([statement for statement in account.statements if "FROM transaction" in statement]) == 5


def test_a_missing_column_that_matters_stops_the_stream_and_is_named() -> None:
    account = Account()
    account.lacks = {"foreigntotal"}
    with account.client() as (client, _), pytest.raises(ContractError, match="foreigntotal"):
        SYSTEM.read(client, SYSTEM.stream("transaction"), EVERYTHING, None)


def test_ledger_lines_without_their_own_stamp_follow_their_document() -> None:
    account = Account()
    invoices(account, 2, stamp=hour(10))
    account.change("transaction", "id = 1", lastmodifieddate=hour(1))
    for number in (1, 2):
        account.add("transactionaccountingline", transaction=number, transactionline=0, accountingbook=1, posting="T")
    account.lacks = {"tal.lastmodifieddate"}
    within = window(datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 1, 11, tzinfo=UTC))
    with account.client(TIME_ZONE="UTC") as (client, _):
        found = records(pages(client, SYSTEM.stream("transactionaccountingline"), within))
    assert [(record["transaction"], record["lastmodifieddate"]) for record in found] == [("2", hour(10))]


def test_rows_out_of_order_are_refused() -> None:
    rows = [{"id": "5"}, {"id": "3"}]
    with serving(lambda _: page(rows, more=True)) as server, pytest.raises(ContractError, match="out of order"):
        SYSTEM.read(open_suite(server.url, TIME_ZONE="UTC"), SYSTEM.stream("term"), EVERYTHING, None)


def test_a_page_that_does_not_move_on_is_refused() -> None:
    with serving(lambda _: page([{"id": "5"}], more=True)) as server:
        client, stream = open_suite(server.url, TIME_ZONE="UTC"), SYSTEM.stream("term")
        first = SYSTEM.read(client, stream, EVERYTHING, None)
        with pytest.raises(ContractError, match="ends where it began"):
            SYSTEM.read(client, stream, EVERYTHING, first.next)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Login</html>",
        b"",
        b'{"items": []}',
        b'{"hasMore": false}',
        b'{"items": [], "hasMore": true}',
        b'{"items": [{"id": "1"}], "hasMore": "false"}',
        b'{"items": [{"id": "1"}, "hasMore": fal',
        # array cut, envelope whole: fewer rows than counted, or than there are in all though none follow
        b'{"count": 2, "totalResults": 2, "hasMore": false, "items": [{"id": "1"}]}',
        b'{"count": 3, "totalResults": 9, "hasMore": true, "items": [{"id": "1"}, {"id": "2"}]}',
        b'{"count": 1, "totalResults": 2, "hasMore": false, "items": [{"id": "1"}]}',
        b'{"totalResults": 2, "hasMore": false, "items": []}',
        b'{"title": "Bad Request", "o:errorDetails": [{"detail": "no", "o:errorCode": "USER_ERROR"}]}',
    ],
)
def test_a_reply_that_is_no_page_of_rows_moves_nothing(body: bytes) -> None:
    with serving(lambda _: Answer(body=body)) as server, pytest.raises(ContractError):
        SYSTEM.read(open_suite(server.url, TIME_ZONE="UTC"), SYSTEM.stream("term"), EVERYTHING, None)


def test_named_records_are_found_and_others_are_absent() -> None:
    account = Account()
    invoices(account, 3)
    with account.client(TIME_ZONE="UTC") as (client, _):
        headers = SYSTEM.find(client, SYSTEM.stream("transaction"), ["3", "1", "99", "x' OR 1=1"])
        lines = SYSTEM.find(client, SYSTEM.stream("transactionline"), ["2-0", "2-1", "2"])
    assert [json.loads(record)["id"] for record in headers.records] == ["1", "3"]
    assert [json.loads(record)["transaction"] for record in lines.records] == ["2"]


def test_the_probe_changes_with_a_document_a_line_and_a_customer_and_costs_three_requests() -> None:
    account = Account()
    invoices(account, 2)
    with account.client() as (client, server):
        texts = [SYSTEM.probe(client, None)]
        assert len(server.asked) == 3
        account.change("transaction", "id = 1", lastmodifieddate=hour(11))
        texts.append(SYSTEM.probe(client, texts[-1]))
        account.change("transactionline", '"transaction" = 1', linelastmodifieddate=hour(11))
        texts.append(SYSTEM.probe(client, texts[-1]))
        account.add("customer", id=7, lastmodifieddate=hour(1))
        texts.append(SYSTEM.probe(client, texts[-1]))
        assert SYSTEM.probe(client, texts[-1]) == texts[-1]
    assert len(set(texts)) == 4


def test_the_clock_is_the_vendor_s_date() -> None:
    account = Account(zone="Asia/Kolkata")
    with account.client() as (client, server):
        now = SYSTEM.clock(client)
    assert len(server.asked) == 1
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)
