"""The SuiteQL endpoint: one POST, one page.

Belongs here: the request's header and body, running the query, rendering rows. Source: Oracle online help, Executing
SuiteQL Queries Through REST Web Services; values as clients see them (every scalar a JSON string, nulls omitted,
lower-case names, dates in the account's display format).
"""

import re
import sqlite3
from random import Random
from typing import Any

from sync_assets.sandbox.vendors.netsuite.errors import bad_query, refuse
from sync_assets.sandbox.vendors.netsuite.ledger import Ledger
from sync_assets.sandbox.vendors.netsuite.paging import COLLECTION, ROWS_MAX, envelope, page_bounds
from sync_assets.sandbox.vendors.netsuite.schema import Kind
from sync_assets.sandbox.vendors.netsuite.suiteql.engine_functions import register
from sync_assets.sandbox.vendors.netsuite.suiteql.grammar import parse
from sync_assets.sandbox.vendors.netsuite.suiteql.pieces import Facts
from sync_assets.sandbox.vendors.netsuite.suiteql.queries import Compiled, QueryWriter
from sync_assets.sandbox.vendors.netsuite.suiteql.words import UNSUPPORTED
from sync_assets.sandbox.vendors.netsuite.suiteql.zones import wall_in
from sync_assets.sandbox.vendors.netsuite.values import display_date, number_text, wall_seconds
from sync_assets.sandbox.wire import Reply, Request


class QueryService:
    """Answers SuiteQL over one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        with ledger.reading() as database:
            register(database, Random(ledger.account.seed))

    def answer(self, request: Request) -> Reply:
        """One page of a query's rows.

        Raises:
            RefusedError: a missing header, bad parameters or a query SuiteQL cannot run.
        """
        if request.method != "POST":
            raise refuse(405, "INVALID_METHOD", f"Method {request.method} is not allowed. Use POST.")
        if "transient" not in re.split(r"[\s,;]+", request.headers.get("prefer", "").lower()):
            detail = "The required request header 'Prefer' is missing or invalid. Set it to 'transient'."
            raise refuse(400, "INVALID_HEADER", detail, o_errorHeader="Prefer")
        limit, offset = page_bounds(request)
        text = _query_text(request)
        with self.ledger.reading() as database:
            try:
                compiled = self.compile(text)
                total = _count(database, compiled)
                rows = _page(database, compiled, min(limit, self.ledger.account.quirks.page_rows_max), offset)
            except (sqlite3.Error, ValueError, RecursionError):
                raise bad_query(UNSUPPORTED) from None
        items = [self._item(row, compiled) for row in rows]
        return Reply.of(envelope(request, items, limit, offset, total), headers={"Content-Type": COLLECTION})

    def compile(self, text: str) -> Compiled:
        """The query text, ready to run now.

        Raises:
            RefusedError: a query SuiteQL cannot run.
        """
        account = self.ledger.account
        now = self.ledger.shelf.clock.now()
        writer = QueryWriter(
            table=self.ledger.table,
            facts=Facts(
                date_format=account.date_format,
                now=wall_seconds(now, account.zone),
                now_utc=int(now.timestamp()),
                zone=account.time_zone,
            ),
            ties=account.quirks.unstable_order,
            hidden_columns=account.quirks.hidden_columns,
            hidden_tables=account.quirks.hidden_tables,
        )
        return writer.compile(parse(text))

    def _item(self, row: tuple[Any, ...], compiled: Compiled) -> dict[str, Any]:
        item: dict[str, Any] = {"links": []}
        for column, value in zip(compiled.columns, row, strict=False):
            if value is not None:
                item[column.name] = self._rendered(value, column.kind)
        return item

    def _rendered(self, value: Any, kind: Kind | None) -> str:
        if kind is Kind.ZONED:
            value = wall_in(value, self.ledger.account.time_zone)
        if isinstance(value, str):
            return value
        if kind is not None and kind.is_date:
            return display_date(value, self.ledger.account.date_format)
        return number_text(value)


def _query_text(request: Request) -> str:
    try:
        body = request.json()
    except ValueError:
        raise refuse(400, "INVALID_CONTENT", "Error while parsing the request body. It is not valid JSON.") from None
    text = body.get("q") if isinstance(body, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise refuse(
            400, "INVALID_CONTENT", "The request body must contain the query in the field 'q'.", o_errorPath="q"
        )
    return text


def _count(database: sqlite3.Connection, compiled: Compiled) -> int:
    """How many rows the query has, its own OFFSET and FETCH applied; counting stops at 100,000."""
    wanted = ROWS_MAX if compiled.fetch is None else min(compiled.fetch, ROWS_MAX)
    counted = f"SELECT COUNT(*) FROM (SELECT 1 FROM ({compiled.core}) LIMIT ?)"  # noqa: S608
    (found,) = database.execute(counted, (compiled.offset + wanted,)).fetchone()
    return max(0, int(found) - compiled.offset)


def _page(database: sqlite3.Connection, compiled: Compiled, limit: int, offset: int) -> list[tuple[Any, ...]]:
    left = ROWS_MAX - offset if compiled.fetch is None else min(compiled.fetch, ROWS_MAX) - offset
    paged = f"{compiled.core}{compiled.order} LIMIT ? OFFSET ?"
    return database.execute(paged, (max(0, min(limit, left)), compiled.offset + offset)).fetchall()
