"""What happens in the simulated NetSuite shows as it does in NetSuite: stamps, deletions, late commits, quirks."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sync_assets_tests.contract.netsuite_account import FULL, OPENED_AT, Account, client, ran, running_account, told

STAMPS = f"SELECT id, TO_CHAR(lastmodifieddate, '{FULL}') AS stamp FROM transaction ORDER BY id"


@pytest.fixture
def account() -> Iterator[Account]:
    with running_account() as running:
        yield running


def test_a_change_stamps_the_record_and_keeps_what_it_does_not_name(account: Account) -> None:
    account.put_invoices(1, memo="first", foreigntotal="10")
    account.clock.advance(seconds=5)
    account.vendor.put("transaction", {"id": "1", "memo": None, "Status": "B"})
    columns = f"memo, status, foreigntotal, TO_CHAR(createddate, '{FULL}') c, TO_CHAR(lastmodifieddate, '{FULL}') m"
    assert account.rows(f"SELECT {columns} FROM transaction") == [
        {"status": "B", "foreigntotal": "10", "c": "2026-03-09 10:00:00", "m": "2026-03-09 10:00:05"}
    ]


def test_a_type_brings_its_names_along(account: Account) -> None:
    for number, kind in enumerate(("CustInvc", "CustCred", "CustPymt", "CustRfnd", "Deposit", "Journal"), start=1):
        account.vendor.put("transaction", {"id": number, "type": kind, "tranid": f"N{number}"})
    account.vendor.put("transaction", {"id": 7, "type": "SalesOrd"})
    rows = account.rows("SELECT recordtype, abbrevtype, trandisplayname, posting FROM transaction ORDER BY id")
    assert [row["recordtype"] for row in rows[:6]] == [
        "invoice",
        "creditmemo",
        "customerpayment",
        "customerrefund",
        "deposit",
        "journalentry",
    ]
    assert rows[1]["trandisplayname"] == "Credit Memo #N2"
    assert [row["posting"] for row in rows] == ["T"] * 6 + ["F"]


def test_lines_are_keyed_by_transaction_and_line_and_ledger_lines_by_book_too(account: Account) -> None:
    account.put_invoices(1)
    for line in (0, 1):
        account.vendor.put("transactionline", {"transaction": 1, "id": line, "foreignamount": Decimal(5 - 10 * line)})
        for book in (1, 2):
            key = {"transaction": 1, "transactionline": line, "accountingbook": book}
            account.vendor.put("transactionaccountingline", {**key, "account": 3, "debit": 5})
    census = account.vendor.census()
    assert census["transactionline"] == ["1-0", "1-1"]
    assert census["transactionaccountingline"] == ["1-0-1", "1-0-2", "1-1-1", "1-1-2"]
    assert account.column("SELECT mainline FROM transactionline ORDER BY id") == ["T", "F"]
    # 4 lines of 5 each: a reader who ignores the book counts 20 instead of 10
    by_book = "SELECT SUM(amount) FROM transactionaccountingline GROUP BY accountingbook ORDER BY accountingbook"
    assert account.column(by_book) == ["10", "10"]


def test_a_changed_line_touches_its_document_unless_the_account_is_odd(account: Account) -> None:
    account.put_invoices(1)
    account.clock.advance(seconds=60)
    account.vendor.put("transactionline", {"transaction": 1, "id": 0, "memo": "a"})
    assert account.rows(STAMPS) == [{"id": "1", "stamp": "2026-03-09 10:01:00"}]
    account.vendor.quirks.lines_leave_header = True
    account.clock.advance(seconds=60)
    account.vendor.put("transactionline", {"transaction": 1, "id": 0, "memo": "b"})
    account.vendor.put("transactionaccountingline", {"transaction": 1, "transactionline": 0, "account": 9})
    assert account.rows(STAMPS) == [{"id": "1", "stamp": "2026-03-09 10:01:00"}]
    for table, stamp in (
        ("transactionline", "linelastmodifieddate"),
        ("transactionaccountingline", "lastmodifieddate"),
    ):
        assert account.column(f"SELECT TO_CHAR({stamp}, 'HH24:MI:SS') FROM {table}") == ["10:02:00"]


def test_a_payment_application_shows_from_both_ends(account: Account) -> None:
    account.put_invoices(1)
    account.vendor.put("transaction", {"id": 50, "type": "CustPymt"})
    account.clock.advance(seconds=9)
    account.vendor.put("nexttransactionlinelink", {"previousdoc": 1, "nextdoc": 50, "foreignamount": "25.00"})
    for table in ("nexttransactionlinelink", "previoustransactionlinelink"):
        columns = "previousdoc, previousline, previoustype, nextdoc, nextline, nexttype, linktype, foreignamount"
        assert account.rows(f"SELECT {columns} FROM {table}") == [
            {
                "previousdoc": "1",
                "previousline": "0",
                "previoustype": "CustInvc",
                "nextdoc": "50",
                "nextline": "0",
                "nexttype": "CustPymt",
                "linktype": "Payment",
                "foreignamount": "25",
            }
        ]
    assert [row["stamp"] for row in account.rows(STAMPS)] == ["2026-03-09 10:00:09"] * 2


def test_a_customer_belongs_to_its_subsidiary_by_a_relationship(account: Account) -> None:
    account.vendor.put("customer", {"id": 7, "companyname": "Acme", "subsidiary": 3})
    columns = "entity, subsidiary, isprimarysub"
    assert account.rows(f"SELECT {columns} FROM customersubsidiaryrelationship") == [
        {"entity": "7", "subsidiary": "3", "isprimarysub": "T"}
    ]
    assert account.column("SELECT subsidiary FROM customer") == ["3"]


def test_a_deleted_document_is_gone_with_its_lines_and_remembered(account: Account) -> None:
    account.put_invoices(2)
    for number in (1, 2):
        account.vendor.put("transactionline", {"transaction": number, "id": 0})
    account.vendor.put("nexttransactionlinelink", {"previousdoc": 1, "nextdoc": 2})
    account.clock.advance(seconds=30)
    account.vendor.delete("transaction", "1")
    assert account.column("SELECT id FROM transaction") == ["2"]
    assert account.column("SELECT transaction FROM transactionline") == ["2"]
    assert account.rows("SELECT nextdoc FROM nexttransactionlinelink") == []
    assert account.vendor.census()["transaction"] == ["2"]
    columns = f"recordid, type, name, TO_CHAR(deleteddate, '{FULL}') AS at"
    assert account.rows(f"SELECT {columns} FROM deletedrecord WHERE deleteddate >= TRUNC(SYSDATE)") == [
        {"recordid": "1", "type": "Invoice", "name": "Invoice #INV1", "at": "2026-03-09 10:00:30"}
    ]


def test_a_deleted_line_leaves_no_trace_but_its_document(account: Account) -> None:
    account.put_invoices(1)
    account.vendor.put("transactionline", {"transaction": 1, "id": 1})
    account.clock.advance(seconds=3)
    account.vendor.delete("transactionline", "1-1")
    assert account.rows("SELECT id FROM transactionline") == []
    assert account.rows("SELECT recordid FROM deletedrecord") == []
    assert account.rows(STAMPS)[0]["stamp"] == "2026-03-09 10:00:03"


def test_what_does_not_exist_cannot_be_deleted(account: Account) -> None:
    with pytest.raises(KeyError, match="no customer 7"):
        account.vendor.delete("customer", "7")


def test_a_late_commit_is_stamped_at_once_and_seen_later(account: Account) -> None:
    account.put_invoices(1, memo="old")
    later = OPENED_AT + timedelta(seconds=40)
    account.clock.advance(seconds=10)
    account.vendor.put("transaction", {"id": 1, "memo": "new"}, visible_at=later)
    account.vendor.put("transaction", {"id": 2, "type": "CustInvc"}, visible_at=later)
    assert account.rows("SELECT id, memo FROM transaction") == [{"id": "1", "memo": "old"}]
    assert account.vendor.census()["transaction"] == ["1"]
    account.clock.set(later)
    rows = account.rows(f"SELECT id, memo, TO_CHAR(lastmodifieddate, '{FULL}') s FROM transaction ORDER BY id")
    assert rows == [{"id": "1", "memo": "new", "s": "2026-03-09 10:00:10"}, {"id": "2", "s": "2026-03-09 10:00:10"}]
    assert account.vendor.census()["transaction"] == ["1", "2"]


def test_a_later_change_is_not_undone_by_an_earlier_one_that_commits_late(account: Account) -> None:
    account.put_invoices(1, memo="a")
    account.vendor.put("transaction", {"id": 1, "memo": "b"}, visible_at=OPENED_AT + timedelta(seconds=60))
    account.vendor.put("transaction", {"id": 1, "memo": "c"})
    account.clock.advance(seconds=90)
    assert account.column("SELECT memo FROM transaction") == ["c"]


def test_rows_without_an_order_come_in_another_order_each_time(account: Account) -> None:
    account.put_invoices(60)
    for text in ("SELECT id FROM transaction", "SELECT id FROM transaction ORDER BY lastmodifieddate"):
        first, second = account.column(text), account.column(text)
        assert first != second
        assert sorted(first) == sorted(second)
    pages = [account.page("SELECT id FROM transaction", limit=20, offset=offset)["items"] for offset in (0, 20, 40)]
    assert len({item["id"] for page in pages for item in page}) < 60  # some twice, so some never
    account.vendor.quirks.unstable_order = False
    assert account.column("SELECT id FROM transaction") == [str(number) for number in range(1, 61)]


@pytest.mark.parametrize("code", ["CONCURRENCY_LIMIT_EXCEEDED", "SSS_REQUEST_LIMIT_EXCEEDED"])
def test_one_request_too_many_at_a_time_is_refused_without_a_time_to_wait(account: Account, code: str) -> None:
    quirks = account.vendor.quirks
    quirks.concurrency_limit, quirks.limit_code, quirks.query_seconds = 2, code, 0.4
    ask: dict[str, Any] = {"headers": {"Prefer": "transient"}, "json": {"q": "SELECT dummy FROM dual"}}

    async def three_at_once() -> list[Any]:
        clients = [client(account.vendor, account.server.url) for _ in range(3)]
        return await asyncio.gather(*(api.request("POST", "/query/v1/suiteql", **ask) for api in clients))

    answers = ran(three_at_once())
    assert sorted(answer.status_code for answer in answers) == [200, 200, 429]
    (refusal,) = [answer for answer in answers if answer.status_code == 429]
    assert told(refusal.json())[0] == code
    assert "Retry-After" not in refusal.headers
    assert account.rows("SELECT dummy FROM dual") == [{"dummy": "X"}]  # the crowd is gone


def test_a_fault_gets_the_vendors_own_error_shape(account: Account) -> None:
    reply = account.vendor.error(429)
    account.server.faults.append(lambda _request, _proceed: reply)
    answer = account.query_with(account.vendor.account.secret("x"))
    assert (answer.status, told(answer.body)[0]) == (429, "CONCURRENCY_LIMIT_EXCEEDED")
    assert account.vendor.error(401).status == 401
    assert account.vendor.error(500).status == 500


def test_a_role_may_not_see_a_table_or_a_column(account: Account) -> None:
    account.vendor.quirks.hidden_tables = frozenset({"deletedrecord"})
    account.vendor.quirks.hidden_columns = frozenset({"transaction.externalid"})
    assert account.refusal("SELECT recordid FROM deletedrecord")[2].endswith("Record 'deletedrecord' was not found.")
    assert "Unknown identifier 'externalid'" in account.refusal("SELECT externalid FROM transaction")[2]


def test_a_custom_field_becomes_a_column(account: Account) -> None:
    account.put_invoices(1)
    account.vendor.put("transaction", {"id": 1, "custbody_chargebee_id": "inv_1"})
    assert account.column("SELECT custbody_chargebee_id FROM transaction") == ["inv_1"]


@pytest.mark.parametrize(
    ("stream", "record", "message"),
    [
        ("transaction", {"id": 1, "type": "Unheard"}, "no type NetSuite knows"),
        ("transaction", {"id": 1}, "no type NetSuite knows"),
        ("transaction", {"type": "CustInvc"}, "needs id"),
        ("transaction", {"id": 1, "type": "CustInvc", "foreigntotal": 1.5}, "no exact number"),
        ("transaction", {"id": 1, "type": "CustInvc", "posting": "yes"}, "neither T nor F"),
        ("customer", {"id": 1, "colour": "red"}, "has no column colour"),
        ("invoices", {"id": 1}, "has no table invoices"),
    ],
)
def test_what_netsuite_could_not_hold_is_not_put(
    account: Account, stream: str, record: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        account.vendor.put(stream, record)


def test_a_stamp_given_with_a_zone_is_shown_in_the_accounts(account: Account) -> None:
    at = datetime(2026, 1, 15, 20, 30, tzinfo=UTC)  # 12:30 in Los Angeles, winter time
    account.vendor.put("accountingperiod", {"id": 1, "periodname": "Dec 2025", "closedondate": at})
    assert account.column("SELECT TO_CHAR(closedondate, 'YYYY-MM-DD HH24:MI') FROM accountingperiod") == [
        "2026-01-15 12:30"
    ]
