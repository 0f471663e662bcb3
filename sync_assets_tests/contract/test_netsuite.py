"""The simulated NetSuite answers its Python client as NetSuite does: pages, rendering of values, unknown names."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sync_assets.sandbox.vendors.netsuite import NetSuite
from sync_assets_tests.contract.netsuite_account import FULL, SUITEQL, Account, running_account


@pytest.fixture
def account() -> Iterator[Account]:
    with running_account() as running:
        yield running


def test_every_invoice_is_reached_once_through_ordered_pages(account: Account) -> None:
    account.put_invoices(25)
    pages = [account.page("SELECT id FROM transaction ORDER BY id", limit=10, offset=offset) for offset in (0, 10, 20)]
    assert [page["count"] for page in pages] == [10, 10, 5]  # 25 = 10 + 10 + 5
    assert [page["hasMore"] for page in pages] == [True, True, False]
    assert {page["totalResults"] for page in pages} == {25}
    assert [item["id"] for page in pages for item in page["items"]] == [str(n) for n in range(1, 26)]


def test_a_page_links_to_itself_and_to_its_neighbours(account: Account) -> None:
    account.put_invoices(25)
    page = account.page("SELECT id FROM transaction ORDER BY id", limit=10, offset=10)
    targets = {link["rel"]: link["href"].removeprefix(account.server.url) for link in page["links"]}
    assert targets == {
        "first": f"{SUITEQL}?limit=10&offset=0",
        "previous": f"{SUITEQL}?limit=10&offset=0",
        "self": f"{SUITEQL}?limit=10&offset=10",
        "next": f"{SUITEQL}?limit=10&offset=20",
        "last": f"{SUITEQL}?limit=10&offset=20",
    }
    assert page["items"][0]["links"] == []


def test_a_page_has_a_thousand_rows_unless_told(account: Account) -> None:
    account.put_invoices(1001)
    answer = account.query_with(account.bearer())
    assert answer.status == 200
    body = b'{"q": "SELECT id FROM transaction"}'
    headers = {"Authorization": account.bearer(), "Prefer": "respond-async, transient"}
    page = account.send("POST", SUITEQL, headers, body).body
    assert (page["count"], page["totalResults"], page["hasMore"]) == (1000, 1001, True)


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=ten", "limit=10&offset=5", "offset=-1", "page=2"])
def test_bad_paging_is_refused_naming_the_parameter(account: Account, query: str) -> None:
    headers = {"Authorization": account.bearer(), "Prefer": "transient"}
    answer = account.send("POST", f"{SUITEQL}?{query}", headers, b'{"q": "SELECT id FROM customer"}')
    (entry,) = answer.body["o:errorDetails"]
    named = query.rpartition("&")[2].partition("=")[0]
    assert (answer.status, entry["o:errorCode"], entry["o:errorQueryParam"]) == (400, "INVALID_PARAMETER", named)


def test_a_query_without_prefer_transient_is_refused(account: Account) -> None:
    answer = account.query_with(account.bearer(), Prefer="return=minimal")
    (entry,) = answer.body["o:errorDetails"]
    assert (answer.status, entry["o:errorCode"], entry["o:errorHeader"]) == (400, "INVALID_HEADER", "Prefer")


@pytest.mark.parametrize("body", [b"SELECT 1", b"{}", b'{"q": ""}', b'{"q": 7}', b"[]"])
def test_a_body_without_a_query_is_refused(account: Account, body: bytes) -> None:
    answer = account.send("POST", SUITEQL, {"Authorization": account.bearer(), "Prefer": "transient"}, body)
    assert (answer.status, answer.body["o:errorDetails"][0]["o:errorCode"]) == (400, "INVALID_CONTENT")


def test_every_scalar_is_text_and_nulls_are_left_out(account: Account) -> None:
    account.vendor.put(
        "transaction",
        {"id": 7, "type": "CustInvc", "tranid": "INV1001", "foreigntotal": Decimal("120.50"), "posting": True},
    )
    columns = "ID, TranID AS Number_Shown, foreigntotal, posting, memo, 1 + 1, foreigntotal * 3"
    assert account.rows(f"SELECT {columns} FROM Transaction") == [
        # 120.50 x 3 = 361.50; closing zeros are not printed
        {
            "id": "7",
            "number_shown": "INV1001",
            "foreigntotal": "120.5",
            "posting": "T",
            "expr6": "2",
            "expr7": "361.5",
        }
    ]


def test_a_date_without_a_format_shows_the_accounts_display_format_and_no_time(account: Account) -> None:
    account.put_invoices(1, trandate=date(2026, 1, 31))
    account.vendor.put("transaction", {"id": 1, "duedate": "2026-03-02"})
    columns = "trandate, duedate, lastmodifieddate, createddate"
    shown = {"trandate": "1/31/2026", "duedate": "3/2/2026"}
    assert account.rows(f"SELECT {columns} FROM transaction") == [
        {**shown, "lastmodifieddate": "3/9/2026", "createddate": "3/9/2026"}
    ]
    account.vendor.account.date_format = "DD/MM/YYYY"
    assert account.rows("SELECT trandate, duedate FROM transaction") == [
        {"trandate": "31/01/2026", "duedate": "02/03/2026"}
    ]


def test_a_stamp_is_the_wall_clock_of_the_accounts_zone() -> None:
    with running_account("Asia/Tokyo") as account:
        account.put_invoices(1)
        # 2026-03-09 17:00 UTC is 02:00 on the 10th in Tokyo
        assert account.column(f"SELECT TO_CHAR(lastmodifieddate, '{FULL}') FROM transaction") == ["2026-03-10 02:00:00"]
        assert account.value(f"TO_CHAR(SYSDATE, '{FULL}')") == "2026-03-10 02:00:00"


def test_the_hour_that_autumn_repeats_cannot_be_told_apart() -> None:
    before = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)  # 01:30 summer time in Los Angeles, 09:30 UTC is 01:30 again
    with running_account(opened_at=before) as account:
        account.put_invoices(1)
        account.clock.advance(hours=1)
        account.put_invoices(1, first=2)
        shown = account.column(f"SELECT TO_CHAR(lastmodifieddate, '{FULL}') FROM transaction ORDER BY id")
    assert shown == ["2026-11-01 01:30:00", "2026-11-01 01:30:00"]


def test_ids_compare_and_sort_as_numbers(account: Account) -> None:
    account.put_invoices(3, first=9)
    assert account.column("SELECT id FROM transaction WHERE id > '9' ORDER BY id DESC") == ["11", "10"]
    assert account.column("SELECT id FROM transaction WHERE id IN ('9', 11) ORDER BY id") == ["9", "11"]


def test_an_unknown_column_is_named_with_what_is_known(account: Account) -> None:
    status, code, detail = account.refusal("SELECT t.id, foo FROM transaction t JOIN customer c ON c.id = t.entity")
    assert (status, code) == (400, "INVALID_PARAMETER")
    assert detail == (
        "Invalid search query. Detailed unprocessed description follows. Search error occurred: Unknown identifier"
        " 'foo'. Available identifiers are: {t=transaction, c=customer}."
    )


def test_an_unknown_column_of_a_named_table_is_told_as_a_removed_field(account: Account) -> None:
    _, _, detail = account.refusal("SELECT c.foo FROM customer c")
    assert detail.endswith("Field 'foo' for record 'customer' was not found. Reason: REMOVED - Field is removed")


def test_an_unknown_table_is_told_as_a_search_type(account: Account) -> None:
    assert account.refusal("SELECT id FROM invoices")[2].endswith("Invalid search type: invoices.")


@pytest.mark.parametrize("column", ["subsidiary", "total", "balance", "createdfrom"])
def test_columns_that_only_lines_or_the_record_service_have_are_unknown_in_a_header(
    account: Account, column: str
) -> None:
    assert f"Unknown identifier '{column}'" in account.refusal(f"SELECT {column} FROM transaction")[2]


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM customer",
        "UPDATE customer SET entityid = 'x'",
        "INSERT INTO customer (id) VALUES (1)",
        "SELECT id FROM customer; DROP TABLE customer",
        "SELECT id FROM customer LIMIT 5",
        "SELECT id",
        "SELECT id FROM customer WHERE",
        "SELECT id FROM customer WHERE FOO(id) = 1",
        "SELECT id FROM customer WHERE id = 'seven'",
        "SELECT id FROM customer WHERE lastmodifieddate > '2026-03-09T00:00:00Z'",
        "SELECT id FROM transaction t JOIN customer t ON t.id = t.id",
        "SELECT TO_CHAR(lastmodifieddate, 'nonsense') FROM customer",
        "PRAGMA table_info(customer)",
        "SELECT name FROM sqlite_master",
    ],
)
def test_anything_but_a_readable_select_is_refused(account: Account, text: str) -> None:
    account.vendor.put("customer", {"id": 7})
    status, code, _ = account.refusal(text)
    assert (status, code) == (400, "INVALID_PARAMETER")
    assert account.vendor.census()["customer"] == ["7"]


def test_a_query_shows_its_first_hundred_thousand_rows_and_then_says_there_are_no_more(account: Account) -> None:
    account.put_invoices(320)  # 320 x 320 = 102,400 pairs
    text = "SELECT a.id AS left_id, b.id AS right_id FROM transaction a, transaction b ORDER BY a.id, b.id"
    page = account.page(text, offset=99_000)
    assert (page["count"], page["hasMore"], page["totalResults"]) == (1000, False, 100_000)
    answer = account.send(
        "POST",
        f"{SUITEQL}?limit=1000&offset=100000",
        {"Authorization": account.bearer(), "Prefer": "transient"},
        b'{"q": "SELECT id FROM transaction"}',
    )
    assert answer.status == 400


def test_a_list_continues_after_its_key_without_losing_a_row_in_a_crowded_second(account: Account) -> None:
    for second in range(4):
        account.put_invoices(30, first=1 + 30 * second)
        account.clock.advance(seconds=1)
    seen: list[str] = []
    after = ""
    while True:
        text = f"SELECT id, TO_CHAR(lastmodifieddate, '{FULL}') AS stamp FROM transaction {after}"
        rows = account.rows(f"{text} ORDER BY lastmodifieddate, id FETCH FIRST 25 ROWS ONLY")
        if not rows:
            break
        seen += [row["id"] for row in rows]
        at = f"TO_TIMESTAMP('{rows[-1]['stamp']}', '{FULL}')"
        later = f"lastmodifieddate > {at} OR (lastmodifieddate = {at} AND id > {rows[-1]['id']})"
        after = f"WHERE ({later})"
    assert seen == [str(n) for n in range(1, 121)]  # 4 x 30


def test_the_date_header_tells_the_accounts_time(account: Account) -> None:
    account.clock.advance(hours=5)
    assert account.query_with(account.bearer()).headers["Date"] == "Mon, 09 Mar 2026 22:00:00 GMT"


def test_credentials_follow_from_the_seed_and_differ_between_seeds(account: Account) -> None:
    twin, stranger = (NetSuite(clock=account.clock, seed=seed) for seed in (7, 8))
    assert twin.settings("http://x") == account.vendor.settings("http://x")
    assert set(twin.token_settings("")) | set(twin.settings("")) == {
        f"SYNC_NETSUITE_{name}"
        for name in (
            *("URL", "ACCOUNT", "CLIENT_ID", "CERTIFICATE_ID", "PRIVATE_KEY"),
            *("CONSUMER_KEY", "CONSUMER_SECRET", "TOKEN_ID", "TOKEN_SECRET"),
        )
    }
    assert not set(stranger.settings("").values()) & set(twin.settings("http://x").values())
