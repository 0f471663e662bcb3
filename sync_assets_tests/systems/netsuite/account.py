"""An account for tests: the vendor's documented query endpoint over tables in memory, its SQL run by a real engine.

Rows come back as documented: lower-case names, every scalar a JSON string, flags "T" and "F", nulls left out.
"""

import csv
import json
import re
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sync_assets.connect.settings import Settings
from sync_assets.http.client import unbounded
from sync_assets.systems.netsuite.login import Suite
from sync_assets.systems.netsuite.spec import SYSTEM
from sync_assets_tests.page_server import Answer, Asked, PageServer, serving

PAGES = Path(__file__).parent / "pages"
SEEDS = {
    "account": "account",
    "accountingperiod": "accounting_period",
    "currency": "currency",
    "customer": "customer",
    "item": "item",
    "subsidiary": "subsidiary",
    "transaction": "transaction",
    "transactionaccountingline": "tran_acct_line",
    "transactionline": "transaction_line",
}
ALSO = {
    "account": "",
    "accountingperiod": "",
    "currency": "",
    "customer": "vatregnumber terms",
    "item": "itemid displayname isinactive externalid",
    "subsidiary": "",
    "transaction": (
        "tranid externalid foreigntotal foreignamountpaid foreignamountunpaid foreignpaymentamountused "
        "foreignpaymentamountunused exchangerate approvalstatus voided lastmodifieddate"
    ),
    "transactionaccountingline": "lastmodifieddate",
    "transactionline": "",
    "term": "id name daysuntilnetdue isinactive",
    "entityaddress": "nkey country state",
    "customersubsidiaryrelationship": "id entity subsidiary isprimarysub",
    "deletedrecord": "recordid type recordtypeid deleteddate name",
}
"""Columns that the exports left out though accounts have them."""

NUMBERS = {"id", "transaction", "transactionline", "accountingbook", "recordid", "entity", "currency", "subsidiary"}
CREDENTIALS = {"CONSUMER_KEY": "ck", "CONSUMER_SECRET": "cs", "TOKEN_ID": "ti", "TOKEN_SECRET": "ts"}


def error(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> Answer:
    """An error in the documented envelope."""
    body = {
        "type": "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.1",
        "title": "Bad Request",
        "status": status,
        "o:errorDetails": [{"detail": detail, "o:errorCode": code}],
    }
    return Answer(status=status, body=json.dumps(body).encode(), headers=dict(headers or {}))


def page(rows: list[dict[str, Any]], *, more: bool = False, total: int | None = None) -> Answer:
    """A page of rows in the documented envelope."""
    body = {
        "links": [],
        "count": len(rows),
        "hasMore": more,
        "items": [{"links": [], **row} for row in rows],
        "offset": 0,
        "totalResults": len(rows) if total is None else total,
    }
    return Answer(body=json.dumps(body).encode())


class Account:
    """Tables and the statements that were run on them. `rows_max` is the vendor's page limit, lower to force pages."""

    def __init__(self, *, zone: str = "UTC", rows_max: int = 1000) -> None:
        self.zone, self.rows_max = ZoneInfo(zone), rows_max
        self.statements: list[str] = []
        self.lacks: set[str] = set()
        self.lock = threading.Lock()
        self.database = sqlite3.connect(":memory:", check_same_thread=False)
        self.database.row_factory = sqlite3.Row
        self.database.create_function("TO_CHAR", 2, _formatted)
        self.database.create_function("TO_DATE", 2, _formatted)
        self.database.execute("CREATE TABLE dual (sysdate TEXT)")
        self.database.execute("INSERT INTO dual VALUES ('')")
        for table, also in ALSO.items():
            columns = list(dict.fromkeys([*_header(table), *also.split()]))
            typed = ", ".join(f'"{name}" {"NUMERIC" if name in NUMBERS else "TEXT"}' for name in columns)
            self.database.execute(f'CREATE TABLE "{table}" ({typed})')

    def add(self, table: str, **row: Any) -> None:
        """One more row."""
        names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
        with self.lock:
            self.database.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(row.values()))

    def change(self, table: str, where: str, **values: Any) -> None:
        """Other values in rows."""
        sets = ", ".join(f'"{name}" = ?' for name in values)
        with self.lock:
            self.database.execute(f'UPDATE "{table}" SET {sets} WHERE {where}', list(values.values()))

    def remove(self, table: str, where: str) -> None:
        """Rows less."""
        with self.lock:
            self.database.execute(f'DELETE FROM "{table}" WHERE {where}')

    def seed(self, table: str) -> list[dict[str, str]]:
        """Fill a table with the rows of the export, each record once."""
        rows = exported(table)
        for row in rows:
            self.add(table, **row)
        return rows

    def answer(self, asked: Asked) -> Answer:
        """The reply to a statement."""
        statement = json.loads(asked.body)["q"]
        limit = min(int(asked.query.get("limit", 1000)), self.rows_max)
        assert asked.headers["prefer"] == "transient"
        self.statements.append(statement)
        for name in self.lacks:
            if re.search(rf"\b{re.escape(name)}\b", statement, re.IGNORECASE):
                return _not_found(name)
        return self._run(statement, limit, int(asked.query["offset"]))

    def _run(self, statement: str, limit: int, offset: int) -> Answer:
        ready = re.sub(r"\btransaction\b", '"transaction"', statement)
        with self.lock:
            now = datetime.now(UTC).astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")
            self.database.execute("UPDATE dual SET sysdate = ?", [now])
            try:
                found = self.database.execute(ready).fetchall()
            except sqlite3.OperationalError as failure:
                return _not_found(str(failure).rpartition(": ")[2].rpartition(".")[2])
        rows = [{key: str(row[key]) for key in row.keys() if row[key] is not None} for row in found]  # noqa: SIM118
        shown = rows[offset : offset + limit]
        return page(shown, more=len(rows) > offset + limit, total=len(rows))

    @contextmanager
    def client(self, **settings: str) -> Iterator[tuple[Suite, PageServer]]:
        """A client of this account, served on loopback."""
        with serving(self.answer) as server:
            yield open_suite(server.url, **settings), server


def open_suite(url: str, **settings: str) -> Suite:
    """A client that never really sleeps."""
    values = {"ACCOUNT": "123456_SB1", **CREDENTIALS, **settings}
    chosen = ("ACCOUNT", "CLIENT_ID") if "CLIENT_ID" in settings else ("ACCOUNT", *CREDENTIALS)
    client = SYSTEM.open(Settings(system="netsuite", url=url, chosen=chosen, values=values), unbounded)
    assert isinstance(client, Suite)
    client.sleep = lambda _seconds: None
    return client


def _formatted(value: str | None, form: str) -> str | None:
    assert form == "YYYY-MM-DD HH24:MI:SS"
    return value


def _not_found(name: str) -> Answer:
    detail = f"Search error occurred: Field '{name}' for record 'x' was not found. Reason: NOT_EXPOSED"
    return error(400, "INVALID_PARAMETER", f"Invalid search query. {detail}")


def _header(table: str) -> list[str]:
    if table not in SEEDS:
        return []
    with (PAGES / f"netsuite2_{SEEDS[table]}_data.csv").open(encoding="utf-8") as file:
        return next(csv.reader(file))


def exported(table: str) -> list[dict[str, str]]:
    """The rows of an export, each record once, hours in two digits as TO_CHAR writes them, nulls left out."""
    with (PAGES / f"netsuite2_{SEEDS[table]}_data.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row.get("_fivetran_active") != "FALSE"]
    keys = (
        ("accountingbook", "transaction", "transactionline") if "transactionline" in rows[0] else ("transaction", "id")
    )
    once = {tuple(row.get(key) for key in keys): row for row in rows}
    return [{name: _two_digits(value) for name, value in row.items() if value} for row in once.values()]


def _two_digits(value: str) -> str:
    return re.sub(r"^(\d{4}-\d\d-\d\d) (\d):", r"\1 0\2:", value)
