"""The simulated NetSuite runs SuiteQL as Oracle's dialect says: functions, dates, joins, nulls, row limits."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sync_assets_tests.contract.netsuite_account import FULL, SUITEQL, Account, running_account


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """Two currencies, three customers, four documents with lines; nobody changes them."""
    with running_account() as running:
        put = running.vendor.put
        put("currency", {"id": 1, "name": "US Dollar", "symbol": "USD"})
        put("currency", {"id": 2, "name": "Euro", "symbol": "EUR"})
        put("term", {"id": 5, "name": "Net 30", "daysuntilnetdue": 30})
        put("accountingperiod", {"id": 90, "periodname": "Mar 2026", "startdate": "2026-03-01", "closed": "T"})
        for number, name in ((7, "Acme"), (8, "Bolt"), (9, "Core")):
            put("customer", {"id": number, "companyname": name, "currency": 1 + number % 2, "terms": 5})
        for number, kind, customer, amount in (
            (101, "CustInvc", 7, "100.10"),
            (102, "CustInvc", 7, "200.20"),
            (103, "CustInvc", 8, "300.30"),
            (104, "CustCred", 7, "-50.05"),
        ):
            fields = {"type": kind, "entity": customer, "foreigntotal": Decimal(amount), "currency": 1}
            put("transaction", {"id": number, **fields, "trandate": date(2026, 3, number - 100), "postingperiod": 90})
            put("transactionline", {"transaction": number, "id": 0, "foreignamount": Decimal(amount)})
            put("transactionline", {"transaction": number, "id": 1, "foreignamount": -Decimal(amount), "item": 3})
        put("transaction", {"id": 104, "memo": "goodwill", "status": "B"})
        yield running


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        # numbers: Oracle divides exactly, and 0.1 + 0.2 is 0.3
        ("7 / 2", "3.5"),
        ("0.1 + 0.2", "0.3"),
        ("-2 * 3 + 10 / 4", "-3.5"),
        ("1 / 0", None),
        ("ABS(-4.25)", "4.25"),
        ("ROUND(2.675, 2)", "2.68"),
        ("ROUND(-2.5)", "-3"),
        ("ROUND(1250, -2)", "1300"),
        ("TRUNC(-9.99)", "-9"),
        ("TRUNC(9.876, 2)", "9.87"),
        ("CEIL(1.2) || '/' || FLOOR(-1.2)", "2/-2"),
        ("MOD(17, 5)", "2"),
        ("MOD(-5.5, 2)", "-1.5"),
        ("SIGN(-3)", "-1"),
        ("GREATEST(3, 9, 4)", "9"),
        ("LEAST(3, 9, 4)", "3"),
        ("TO_NUMBER('12.50')", "12.5"),
        ("TO_CHAR(1234567.5, 'FM999,999,990.00')", "1,234,567.50"),
        ("CAST('42' AS INTEGER) + 1", "43"),
        ("CAST(2.5 AS INTEGER)", "3"),
        ("CAST(12.5 AS VARCHAR2(20)) || '!'", "12.5!"),
        # text: empty is null, null joins as nothing, LIKE minds the case
        ("'a' || NULL || 'b'", "ab"),
        ("'' || NULL", None),
        ("NVL('', 'empty')", "empty"),
        ("LENGTH('')", None),
        ("UPPER('net') || LOWER('SUITE')", "NETsuite"),
        ("SUBSTR('chargebee_invoice_12', -2)", "12"),
        ("SUBSTR('chargebee', 1, 6)", "charge"),
        ("INSTR('INV:12', ':')", "4"),
        ("INSTR('a:b:c', ':', 3)", "4"),
        ("INITCAP('net suite')", "Net Suite"),
        ("TRANSLATE('1.234,50', '.,', ',.')", "1,234.50"),
        ("CHR(65) || ASCII('B')", "A66"),
        ("REGEXP_REPLACE('chargebee_invoice_12', '^.*_', '')", "12"),
        ("REGEXP_SUBSTR('INV-0042', '[0-9]+') || '@' || REGEXP_INSTR('INV-0042', '[0-9]')", "0042@5"),
        ("ORA_HASH('x', 0)", "0"),
        ("POWER(2, 10)", "1024"),
        ("BITAND(6, 3)", "2"),
        ("LPAD(7, 3, '0') || RPAD('a', 3) || '|'", "007a  |"),
        ("REPLACE('Invoice : Open', 'Invoice : ', '')", "Open"),
        ("TRIM('  x ')", "x"),
        ("CONCAT('a', 'b')", "ab"),
        ("'it''s'", "it's"),
        ("CASE WHEN 'Acme' LIKE 'a%' THEN 'same' ELSE 'other' END", "other"),
        ("CASE WHEN '50%' LIKE '50\\%' ESCAPE '\\' THEN 'yes' END", "yes"),
        # choice
        ("NVL(NULL, 5)", "5"),
        ("NVL2(NULL, 'given', 'absent')", "absent"),
        ("COALESCE(NULL, NULL, 'third')", "third"),
        ("DECODE(2, 1, 'one', 2, 'two', 'many')", "two"),
        ("DECODE(NULL, NULL, 'null', 'other')", "null"),
        ("DECODE(9, 1, 'one')", None),
        ("NULLIF(4, 4)", None),
        ("CASE 3 WHEN 1 THEN 'a' WHEN 3 THEN 'c' END", "c"),
        ("CASE WHEN NULL = NULL THEN 'equal' ELSE 'unknown' END", "unknown"),
    ],
)
def test_an_expression_has_oracles_value(account: Account, expression: str, value: Any) -> None:
    assert account.value(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("TO_CHAR(SYSDATE, 'YYYY-MM-DD HH24:MI:SS')", "2026-03-09 10:00:00"),
        ("TO_CHAR(CURRENT_TIMESTAMP, 'HH12:MI AM')", "10:00 AM"),
        ("TO_CHAR(SYSDATE, 'DS TS')", "3/9/2026 10:00:00 AM"),
        ("TO_CHAR(SYSDATE, 'FMMonth DD, YYYY')", "March 9, 2026"),
        ("TO_CHAR(SYSDATE, 'DY MON-RR Q')", "MON MAR-26 1"),
        ('TO_CHAR(SYSDATE, \'YYYY-MM-DD"T"HH24:MI:SS"Z"\')', "2026-03-09T10:00:00Z"),
        ("TO_CHAR(SYSDATE, 'Day') || '|'", "Monday   |"),
        ("TO_CHAR(SYSDATE, 'DDD IW SSSSS')", "068 11 36000"),
        ("TO_CHAR(TO_DATE('9-MAR-2026', 'DD-MON-YYYY'), 'YYYYMMDD')", "20260309"),
        ("TO_CHAR(TO_DATE('20260309', 'YYYYMMDD'), 'YYYY-MM-DD HH24:MI')", "2026-03-09 00:00"),
        ("TO_CHAR(TO_TIMESTAMP('3/9/2026 11:05:07 PM', 'MM/DD/YYYY HH:MI:SS AM'), 'HH24:MI:SS')", "23:05:07"),
        ("TO_CHAR(TO_TIMESTAMP('2026-03-09 01:02:03.456', 'YYYY-MM-DD HH24:MI:SS.FF'), 'SS.FF3')", "03.000"),
        ("TO_DATE('2026-03-09 17:00:00', 'YYYY-MM-DD HH24:MI:SS')", "3/9/2026"),
        ("TO_CHAR(DATE '2026-02-28' + 1, 'MM-DD')", "03-01"),
        ("TO_CHAR(TIMESTAMP '2026-03-09 10:00:00' + 1/24, 'HH24:MI')", "11:00"),
        ("TO_CHAR(SYSDATE - 0.5, 'YYYY-MM-DD HH24')", "2026-03-08 22"),
        ("DATE '2026-03-09' - DATE '2026-02-27'", "10"),
        ("SYSDATE - TRUNC(SYSDATE)", "0.416666666666667"),  # 10 h of 24
        ("TO_CHAR(TRUNC(SYSDATE), 'HH24:MI')", "00:00"),
        ("TO_CHAR(TRUNC(SYSDATE, 'MM'), 'YYYY-MM-DD')", "2026-03-01"),
        ("TO_CHAR(TRUNC(SYSDATE, 'Q'), 'YYYY-MM-DD')", "2026-01-01"),
        ("TO_CHAR(TRUNC(SYSDATE, 'YYYY'), 'YYYY-MM-DD')", "2026-01-01"),
        ("TO_CHAR(TRUNC(DATE '2026-03-11', 'IW'), 'YYYY-MM-DD')", "2026-03-09"),
        ("TO_CHAR(ADD_MONTHS(DATE '2026-01-31', 1), 'YYYY-MM-DD')", "2026-02-28"),
        ("TO_CHAR(ADD_MONTHS(DATE '2026-02-28', 1), 'YYYY-MM-DD')", "2026-03-31"),  # last day stays last day
        ("TO_CHAR(LAST_DAY(DATE '2026-02-03'), 'YYYY-MM-DD')", "2026-02-28"),
        ("EXTRACT(MONTH FROM SYSDATE)", "3"),
        ("CASE WHEN DATE '2026-03-09' >= '3/9/2026' THEN 'read' END", "read"),
        ("MONTHS_BETWEEN(DATE '2026-03-31', DATE '2026-02-28')", "1"),  # last day to last day
        ("MONTHS_BETWEEN(DATE '2026-03-10', DATE '2026-03-09') * 31", "1"),
        ("TO_CHAR(NEXT_DAY(DATE '2026-03-09', 'MONDAY'), 'MM-DD')", "03-16"),
    ],
)
def test_a_date_expression_has_oracles_value(account: Account, expression: str, value: Any) -> None:
    assert account.value(expression) == value


# On 9 March 2026 Los Angeles is seven hours behind UTC (summer time began on the 8th), in January eight
@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("TO_CHAR(CURRENT_TIMESTAMP, 'HH24:MI TZH:TZM TZR TZD')", "10:00 -07:00 America/Los_Angeles PDT"),
        ("TO_CHAR(SYS_EXTRACT_UTC(SYSTIMESTAMP), 'YYYY-MM-DD HH24:MI:SS')", "2026-03-09 17:00:00"),
        ("(CAST(SYS_EXTRACT_UTC(CURRENT_TIMESTAMP) AS DATE) - SYSDATE) * 24", "7"),
        ("TO_CHAR(SYS_EXTRACT_UTC(CAST(DATE '2026-01-15' AS TIMESTAMP)), 'HH24:MI')", "08:00"),
        ("TO_CHAR(SYS_EXTRACT_UTC(FROM_TZ(TIMESTAMP '2026-01-15 09:00:00', 'Europe/Berlin')), 'HH24:MI')", "08:00"),
        ("TO_CHAR(FROM_TZ(TIMESTAMP '2026-01-15 09:00:00', '+05:30') AT TIME ZONE 'UTC', 'HH24:MI TZR')", "03:30 UTC"),
        ("TO_CHAR(FROM_TZ(TIMESTAMP '2026-11-01 01:30:00', 'America/Los_Angeles'), 'TZH:TZM')", "-08:00"),
        ("TO_CHAR(CAST(SYSDATE AS TIMESTAMP WITH TIME ZONE), 'TZH')", "-07"),
        ("TZ_OFFSET('Europe/Berlin')", "+01:00"),
        ("TO_CHAR(NEW_TIME(DATE '2026-01-15', 'PST', 'GMT'), 'HH24:MI')", "08:00"),
        ("TO_TIMESTAMP_TZ('2026-03-10 03:00 +00:00', 'YYYY-MM-DD HH24:MI TZH:TZM')", "3/9/2026"),
        ("TO_CHAR(TO_TIMESTAMP_TZ('2026-03-09 09:00 Asia/Tokyo', 'YYYY-MM-DD HH24:MI TZR'), 'TZH')", "+09"),
        (
            "CASE WHEN SYSDATE = TO_TIMESTAMP_TZ('2026-03-09 17', 'YYYY-MM-DD HH24') THEN 'same' ELSE 'later' END",
            "later",
        ),
    ],
)
def test_an_expression_with_a_time_zone_has_oracles_value(account: Account, expression: str, value: str) -> None:
    assert account.value(expression) == value


@pytest.mark.parametrize(
    "expression",
    [
        "FROM_TZ(TIMESTAMP '2026-03-08 02:30:00', 'America/Los_Angeles')",  # spring leaves that hour out
        "FROM_TZ(TIMESTAMP '2026-01-15 09:00:00', 'Mars/Olympus')",
        "TO_CHAR(SYSDATE, 'TZH')",  # a date has no zone
        "NEW_TIME(SYSDATE, 'PST', 'CET')",
        "LISTAGG(dummy, ',')",
        "SUBSTRING('abc', 1)",
        "LEFT('abc', 1)",
        "CEILING(1.5)",
    ],
)
def test_what_oracle_or_suiteql_lack_is_refused(account: Account, expression: str) -> None:
    assert account.refusal(f"SELECT {expression} AS x FROM dual")[:2] == (400, "INVALID_PARAMETER")


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ("foreigntotal > 100.10", [102, 103]),
        ("foreigntotal BETWEEN 100.10 AND 200.20", [101, 102]),
        ("NOT foreigntotal < 0 AND type <> 'CustCred'", [101, 102, 103]),
        ("type IN ('CustCred', 'CustPymt')", [104]),
        ("type NOT IN ('CustCred')", [101, 102, 103]),
        ("memo IS NULL", [101, 102, 103]),
        ("memo IS NOT NULL", [104]),
        ("memo = ''", []),
        ("memo <> 'goodwill'", []),
        ("memo LIKE 'good%' OR id = 101", [101, 104]),
        ("trandate = TO_DATE('2026-03-02', 'YYYY-MM-DD')", [102]),
        ("trandate >= '3/3/2026'", [103, 104]),
        ("TO_CHAR(trandate, 'YYYY-MM-DD') = '2026-03-01'", [101]),
        ("trandate < SYSDATE - 6", [101, 102, 103]),  # before 2026-03-03 10:00
        ("posting = 'T' AND voided = 'F'", [101, 102, 103, 104]),
        ("BUILTIN.CF(status) = 'CustCred:B'", [104]),
        ("entity IN (SELECT id FROM customer WHERE companyname LIKE 'B%')", [103]),
        ("EXISTS (SELECT 1 FROM customer c WHERE c.id = entity AND c.entityid = 'Bolt')", [103]),
        ("(entity, currency) IN ((8, 1), (9, 1))", [103]),
        (
            "id < 102 AND (SELECT COUNT(*) FROM transactionline l WHERE l.transaction = transaction.id) = 2",
            [101],
        ),
        ("id > 101 OR (id = 101 AND entity > 7)", [102, 103, 104]),
        ("id < 103 OR (id = 103 AND entity <= 8)", [101, 102, 103]),
    ],
)
def test_a_condition_picks_the_rows_oracle_picks(account: Account, condition: str, ids: list[int]) -> None:
    found = account.column(f"SELECT id FROM transaction WHERE {condition} ORDER BY id")
    assert found == [str(number) for number in ids]


def test_a_condition_may_be_long_but_a_list_has_a_thousand_members_at_most(account: Account) -> None:
    long = " OR ".join(f"(id = {number} AND currency = 1)" for number in range(5000, 0, -1))
    assert account.column(f"SELECT id FROM transaction WHERE {long} ORDER BY id") == ["101", "102", "103", "104"]
    thousand = ", ".join(str(number) for number in range(103, 1103))
    assert account.column(f"SELECT id FROM transaction WHERE id IN ({thousand}) ORDER BY id") == ["103", "104"]
    assert account.refusal(f"SELECT id FROM transaction WHERE id IN (1, {thousand})")[0] == 400
    assert account.refusal(f"SELECT {'(' * 5000}id{')' * 5000} FROM transaction")[0] == 400


def test_sums_of_decimals_are_exact(account: Account) -> None:
    text = "SELECT type, SUM(foreigntotal) AS total, COUNT(*) AS n, AVG(foreigntotal), MIN(trandate), MAX(id)"
    assert account.column("SELECT MEDIAN(foreigntotal) FROM transaction") == ["150.15"]  # between 100.10 and 200.20
    assert account.column("SELECT APPROX_COUNT_DISTINCT(entity) FROM transaction") == ["2"]
    rows = account.rows(f"{text} FROM transaction GROUP BY type HAVING COUNT(*) > 1")
    # 100.10 + 200.20 + 300.30 = 600.60; a third of it is 200.20
    whole = {"type": "CustInvc", "total": "600.6", "n": "3", "expr4": "200.2", "expr5": "3/1/2026", "expr6": "103"}
    assert rows == [whole]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("SELECT t.entity, COUNT(*) FROM transaction t GROUP BY entity", 200),
        ("SELECT BUILTIN.DF(entity), SUM(foreigntotal) / COUNT(*) FROM transaction GROUP BY entity", 200),
        ("SELECT TRUNC(trandate, 'MM'), 'all', MAX(id) FROM transaction GROUP BY TRUNC(trandate, 'MM')", 200),
        ("SELECT COUNT(*), (SELECT MAX(id) FROM customer) FROM transaction", 200),
        ("SELECT entity, tranid, COUNT(*) FROM transaction GROUP BY entity", 400),
        ("SELECT entity, COUNT(*) FROM transaction", 400),
        ("SELECT * FROM transaction GROUP BY entity", 400),
        ("SELECT UPPER(memo) FROM transaction HAVING COUNT(*) > 1", 400),
    ],
)
def test_a_grouped_query_selects_what_its_groups_share(account: Account, text: str, status: int) -> None:
    body = json.dumps({"q": text}).encode()
    headers = {"Authorization": account.bearer(), "Prefer": "transient"}
    assert account.send("POST", SUITEQL, headers, body).status == status


def test_a_sum_over_many_small_amounts_gains_nothing() -> None:
    with running_account() as many:
        many.put_invoices(1000, foreigntotal="0.1")
        assert many.column("SELECT SUM(foreigntotal) FROM transaction") == ["100"]
        assert many.column("SELECT SUM(foreigntotal * 3) FROM transaction") == ["300"]


def test_joins_in_both_notations_find_the_same_rows(account: Account) -> None:
    columns = "SELECT c.entityid, t.id FROM"
    ansi = (
        f"{columns} customer c LEFT OUTER JOIN transaction t ON t.entity = c.id AND t.type = 'CustCred' ORDER BY c.id"
    )
    oracle = f"{columns} customer c, transaction t WHERE c.id = t.entity(+) AND t.type(+) = 'CustCred' ORDER BY c.id"
    wanted = [{"entityid": "Acme", "id": "104"}, {"entityid": "Bolt"}, {"entityid": "Core"}]
    assert account.rows(ansi) == wanted
    assert account.rows(oracle) == wanted


def test_the_two_join_notations_cannot_be_mixed(account: Account) -> None:
    mixed = "customer c JOIN currency y ON y.id = c.currency, transaction t WHERE c.id = t.entity(+)"
    assert account.refusal(f"SELECT c.id FROM {mixed}")[0] == 400


def test_inner_and_full_joins_meet_their_rows(account: Account) -> None:
    joined = "transaction t JOIN transactionline l ON l.transaction = t.id AND l.mainline = 'F'"
    assert account.column(f"SELECT SUM(l.foreignamount) FROM {joined} WHERE t.type = 'CustInvc'") == ["-600.6"]
    full = "transaction t FULL OUTER JOIN customer c ON c.id = t.entity"
    assert account.column(f"SELECT COUNT(*) FROM {full}") == ["5"]  # four documents and the customer without any


def test_built_in_functions_show_what_the_screen_shows(account: Account) -> None:
    shown = "BUILTIN.DF(entity) AS customer, BUILTIN.DF(currency) AS currency, BUILTIN.DF(postingperiod) AS period"
    codes = (
        "BUILTIN.DF(type) AS type, BUILTIN.DF(status) AS status, BUILTIN.CF(status) AS code, BUILTIN.DF(posting) AS p"
    )
    assert account.rows(f"SELECT {shown}, {codes} FROM transaction WHERE id = 104") == [
        {
            "customer": "Acme",
            "currency": "US Dollar",
            "period": "Mar 2026",
            "type": "Credit Memo",
            "status": "Credit Memo : Fully Applied",
            "code": "CustCred:B",
            "p": "Yes",
        }
    ]


def test_nulls_sort_last_upwards_and_first_downwards(account: Account) -> None:
    assert account.column("SELECT id FROM transaction ORDER BY memo, id") == ["104", "101", "102", "103"]
    assert account.column("SELECT id FROM transaction ORDER BY memo DESC, id") == ["101", "102", "103", "104"]
    assert account.column("SELECT id FROM transaction ORDER BY memo NULLS FIRST, id DESC")[:2] == ["103", "102"]


def test_order_by_takes_positions_aliases_and_expressions(account: Account) -> None:
    assert account.column("SELECT id, foreigntotal AS amount FROM transaction ORDER BY 2 DESC")[0] == "103"
    assert account.column("SELECT id, foreigntotal AS amount FROM transaction ORDER BY amount")[0] == "104"
    assert account.column("SELECT id FROM transaction ORDER BY ABS(foreigntotal)")[0] == "104"


def test_fetch_and_offset_limit_the_ordered_rows(account: Account) -> None:
    assert account.column("SELECT id FROM transaction ORDER BY id FETCH FIRST 2 ROWS ONLY") == ["101", "102"]
    assert account.column("SELECT id FROM transaction ORDER BY id OFFSET 3 ROWS FETCH NEXT 5 ROWS ONLY") == ["104"]
    page = account.page("SELECT id FROM transaction ORDER BY id FETCH FIRST 3 ROWS ONLY", limit=2, offset=2)
    assert ([row["id"] for row in page["items"]], page["totalResults"], page["hasMore"]) == (["103"], 3, False)
    assert account.column("SELECT TOP 1 id FROM transaction ORDER BY id DESC") == ["104"]


def test_rownum_limits_before_the_order_and_pages_through_a_nested_query(account: Account) -> None:
    ordered = "SELECT id, trandate FROM transaction ORDER BY id DESC"
    paged = f"SELECT * FROM (SELECT ROWNUM AS rn, a.id FROM ({ordered}) a WHERE ROWNUM <= 3) WHERE rn > 1"
    assert account.rows(f"{paged} ORDER BY rn") == [{"rn": "2", "id": "103"}, {"rn": "3", "id": "102"}]
    assert len(account.rows("SELECT id FROM transaction WHERE ROWNUM < 3 ORDER BY foreigntotal")) == 2
    assert account.rows("SELECT id FROM transaction WHERE ROWNUM > 1") == []


def test_set_operators_combine_queries(account: Account) -> None:
    customers, payers = "SELECT id FROM customer", "SELECT entity FROM transaction"
    assert account.column(f"{customers} MINUS {payers} ORDER BY 1") == ["9"]
    assert account.column(f"{customers} INTERSECT {payers} ORDER BY id") == ["7", "8"]
    assert len(account.rows(f"{customers} UNION ALL {payers}")) == 7
    assert account.column(f"{customers} UNION {payers} ORDER BY id DESC") == ["9", "8", "7"]


def test_named_queries_and_windows_work(account: Account) -> None:
    named = "WITH invoices AS (SELECT id, entity, foreigntotal FROM transaction WHERE type = 'CustInvc')"
    ranked = "ROW_NUMBER() OVER (PARTITION BY entity ORDER BY foreigntotal DESC) AS place"
    rows = account.rows(f"{named} SELECT id, {ranked}, SUM(foreigntotal) OVER (PARTITION BY entity) AS s FROM invoices")
    assert sorted((row["id"], row["place"], row["s"]) for row in rows) == [
        ("101", "2", "300.3"),
        ("102", "1", "300.3"),
        ("103", "1", "300.3"),
    ]


def test_distinct_and_case_and_star(account: Account) -> None:
    kinds = "SELECT DISTINCT CASE type WHEN 'CustInvc' THEN 'invoice' ELSE 'credit' END AS kind FROM transaction"
    assert sorted(account.column(kinds)) == ["credit", "invoice"]
    (currency,) = account.rows("SELECT y.* FROM currency y WHERE symbol = 'EUR'")
    assert currency["name"] == "Euro"
    assert currency["lastmodifieddate"] == "3/9/2026"
    rows = account.rows(
        "SELECT t.id, l.id FROM transaction t JOIN transactionline l ON l.transaction = t.id AND l.id = 1"
    )
    assert {(row["id"], row["id_0"]) for row in rows} == {(str(number), "1") for number in range(101, 105)}


def test_column_names_come_back_in_lower_case_and_comments_are_skipped(account: Account) -> None:
    text = 'SELECT /* the key */ ID AS "Number", EntityId -- the name\nFROM Customer WHERE Id = 7'
    assert account.rows(text) == [{"number": "7", "entityid": "Acme"}]


def test_a_text_of_a_stamp_sorts_as_the_stamp(account: Account) -> None:
    text = f"SELECT id, TO_CHAR(lastmodifieddate, '{FULL}') AS lastmodifieddate FROM transaction"
    assert account.column(f"{text} ORDER BY lastmodifieddate, id") == ["101", "102", "103", "104"]
