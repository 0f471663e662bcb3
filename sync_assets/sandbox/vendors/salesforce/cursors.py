"""Long answers in batches: the query resources, their locators and how locators die.

Source: REST API Developer Guide, query and queryAll (batches of 200 to 2,000 rows by the Sforce-Query-Options header,
nextRecordsUrl), help article 000004410 (locators live two days; a dead one answers INVALID_QUERY_LOCATOR).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf

from sync_assets.sandbox.vendors.salesforce.errors import RefusalError
from sync_assets.sandbox.vendors.salesforce.ids import numbered_id
from sync_assets.sandbox.vendors.salesforce.org import Org
from sync_assets.sandbox.vendors.salesforce.query import Result, run
from sync_assets.sandbox.vendors.salesforce.render import records_text
from sync_assets.sandbox.vendors.salesforce.soql import parse
from sync_assets.sandbox.wire import Reply

_LIVES = timedelta(days=2)
_BATCH_MIN, _BATCH_MAX = 200, 2000
_JSON = {"Content-Type": "application/json;charset=UTF-8"}


@dataclass(kw_only=True)
class _Cursor:
    result: Result
    resource: str
    batch: int
    opened_at: datetime
    reads: int = 0


@dataclass(kw_only=True)
class Cursors:
    """The open query locators of an org."""

    org: Org
    _open: dict[str, _Cursor] = field(default_factory=dict)
    _opened: int = 0

    def first(self, resource: str, version: str, soql: str, headers: Mapping[str, str]) -> Reply:
        """The first batch of a query; `resource` is query or queryAll."""
        query = parse(soql)
        result = run(self.org, query, with_deleted=resource == "queryAll")
        if query.aggregates and result.aggregated is None:
            return _text(f'{{"totalSize":{len(result.records)},"done":true,"records":[]}}')
        if result.aggregated is not None:
            return _text(f'{{"totalSize":1,"done":true,"records":{records_text(self.org, result, version, [])}}}')
        batch = min(_batch_size(headers), self.org.quirks.batch_rows_max)
        cursor = _Cursor(result=result, resource=resource, batch=batch, opened_at=self.org.shelf.clock.now())
        locator = self._keep(cursor) if len(result.records) > batch else ""
        return self._batch(cursor, locator, version, 0)

    def more(self, version: str, locator: str) -> Reply:
        """A further batch.

        Raises:
            RefusalError: INVALID_QUERY_LOCATOR when the locator is unknown, too old or evicted.
        """
        name, _, place = locator.rpartition("-")
        cursor = self._open.get(name)
        if cursor is not None and (cursor.reads >= self._reads_max() or self._is_old(cursor)):
            del self._open[name]
            cursor = None
        if cursor is None or not place.isdigit():
            raise RefusalError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        cursor.reads += 1
        return self._batch(cursor, name, version, int(place))

    def evict(self) -> None:
        """Forget every open locator, as the vendor does when too many are open or after maintenance."""
        self._open.clear()

    def _keep(self, cursor: _Cursor) -> str:
        self._opened += 1
        name = numbered_id("0r8", self.org.pod, self._opened)
        self._open = {known: each for known, each in self._open.items() if not self._is_old(each)}
        self._open[name] = cursor
        open_max = self.org.quirks.open_locators_max
        while open_max is not None and len(self._open) > open_max:
            self._open.pop(next(iter(self._open)))
        return name

    def _reads_max(self) -> float:
        after = self.org.quirks.evict_locators_after
        return inf if after is None else after

    def _is_old(self, cursor: _Cursor) -> bool:
        return self.org.shelf.clock.now() - cursor.opened_at > _LIVES

    def _batch(self, cursor: _Cursor, locator: str, version: str, first: int) -> Reply:
        records = cursor.result.records
        last = min(first + cursor.batch, len(records))
        done = last >= len(records)
        more = "" if done else f'"nextRecordsUrl":"/services/data/{version}/{cursor.resource}/{locator}-{last}",'
        rows = records_text(self.org, cursor.result, version, records[first:last])
        return _text(f'{{"totalSize":{len(records)},"done":{"true" if done else "false"},{more}"records":{rows}}}')


def _batch_size(headers: Mapping[str, str]) -> int:
    asked = re.search(r"batchSize\s*=\s*(\d+)", headers.get("sforce-query-options", ""), re.IGNORECASE)
    return _BATCH_MAX if asked is None else max(_BATCH_MIN, min(_BATCH_MAX, int(asked.group(1))))


def _text(body: str) -> Reply:
    return Reply(body=body.encode("utf-8", "surrogatepass"), headers=_JSON)
