"""The NetSuite account as the simulated company and the HTTP server see it.

Belongs here: putting and deleting records, what that leaves behind (stamps, deleted records), and who answers
which path.
"""

import time
from datetime import datetime
from itertools import count
from threading import Lock
from typing import Any

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.shelf import Record, Shelf
from sync_assets.sandbox.vendors.netsuite.account import Account, Quirks
from sync_assets.sandbox.vendors.netsuite.defaults import CREATED, KEY_DEFAULTS, TYPES, complete
from sync_assets.sandbox.vendors.netsuite.errors import RefusedError, error, refuse
from sync_assets.sandbox.vendors.netsuite.ledger import Key, Ledger, joined
from sync_assets.sandbox.vendors.netsuite.login import TOKEN_PATH, Login
from sync_assets.sandbox.vendors.netsuite.masters import CENSUS
from sync_assets.sandbox.vendors.netsuite.query_service import QueryService
from sync_assets.sandbox.vendors.netsuite.records import RECORDS, RecordService
from sync_assets.sandbox.vendors.netsuite.schema import Table
from sync_assets.sandbox.wire import Reply, Request

_OWNERS = {
    "transactionline": ("transaction",),
    "transactionaccountingline": ("transaction",),
    "nexttransactionlinelink": ("previousdoc", "nextdoc"),
}
"""Which columns name the transaction that a row belongs to."""

_TRACKED = {"transaction": -30, "customer": -9, "item": -10, "account": -112, "subsidiary": -117, "currency": -122}
_TRACKED |= {"accountingperiod": -105, "term": -199}
"""Tables whose deletions NetSuite tracks, with a record type id; lines and links are not tracked.

Source: Oracle online help, getDeleted. The ids themselves are not documented for SuiteQL."""


class NetSuite:
    """One NetSuite account. Records are put under the census's stream names with SuiteQL's column names."""

    name = "netsuite"

    def __init__(self, *, clock: Clock, seed: int = 0, time_zone: str = "America/Los_Angeles") -> None:
        self.clock = clock
        self.account = Account(seed=seed, time_zone=time_zone)
        self.shelf = Shelf(clock=clock)
        self.ledger = Ledger(account=self.account, shelf=self.shelf)
        self.login = Login(account=self.account)
        self.queries = QueryService(self.ledger)
        self.records = RecordService(self.ledger)
        self._active = 0
        self._active_lock = Lock()
        self._newest: dict[tuple[str, str], Record] = {}
        self._belongings: dict[int, dict[tuple[str, str], None]] = {}
        self._numbers = count(1)

    @property
    def quirks(self) -> Quirks:
        """The oddities of this account; set its attributes to change them."""
        return self.account.quirks

    def settings(self, url: str) -> dict[str, str]:
        """The settings a client needs, for the OAuth 2 login."""
        return self.account.settings(url)

    def token_settings(self, url: str) -> dict[str, str]:
        """The settings a client needs, for the token-based login."""
        return self.account.token_settings(url)

    def put(self, stream: str, record: Record, *, event: str | None = None, visible_at: datetime | None = None) -> None:
        """Create a record, or merge the given columns over the one that has its key.

        Days are `date` or ISO text, instants aware datetimes (text without zone is the account's wall clock), amounts
        Decimal, whole number or text. `event` has no meaning here: NetSuite keeps no change feed.

        Raises:
            ValueError: an unknown stream or column, a value of the wrong kind, a transaction type NetSuite lacks.
        """
        del event
        table = self._table(stream)
        given = {**KEY_DEFAULTS.get(table.name, {}), **{name.lower(): value for name, value in record.items()}}
        key = self._key(table, given)
        record_id = joined(key)
        before = self._newest.get((table.name, record_id))
        if table.name == "nexttransactionlinelink":
            given = {**self._ends(given), **given}
        merged = {**before, **given} if before is not None else complete(table.name, given, record_id)
        self._save(table, key, merged, visible_at)
        self._follow(table, key, merged, visible_at)

    def delete(self, stream: str, record_id: str) -> None:
        """Delete a record for good; a transaction takes its lines and links with it.

        Raises:
            KeyError: no such record exists.
        """
        table = self._table(stream)
        if (table.name, record_id) not in self._newest:
            raise KeyError(f"NetSuite has no {stream} {record_id}.")
        record = self._drop(table, record_id)
        if table.name == "transaction":
            for child, child_id in self._belongings.pop(int(record_id), {}):
                if (child, child_id) in self._newest:
                    self._drop(self._table(child), child_id)
        self._touch(table, record, None)
        self._remember_deletion(table, record)

    def census(self) -> dict[str, list[str]]:
        """Per stream the sorted ids that exist and are visible now."""
        return {stream: self.shelf.ids(stream) for stream in CENSUS}

    def error(self, status: int, code: str = "") -> Reply:
        """An error reply in NetSuite's shape, for faults that interfere."""
        usual = {401: "INVALID_LOGIN", 403: "INSUFFICIENT_PERMISSION", 429: self.quirks.limit_code}
        return error(status, code or usual.get(status, "UNEXPECTED_ERROR"))

    def answer(self, request: Request) -> Reply:
        """The reply to one request."""
        if request.path == TOKEN_PATH:
            return self.login.token(request)
        with self._active_lock:
            self._active += 1
            crowd, limit = self._active, self.quirks.concurrency_limit
        try:
            if limit is not None and crowd > limit:
                return self.error(429)
            self.login.check(request)
            return self._answer(request)
        except RefusedError as refused:
            return refused.reply
        finally:
            with self._active_lock:
                self._active -= 1

    def _answer(self, request: Request) -> Reply:
        if request.path == "/services/rest/query/v1/suiteql":
            time.sleep(self.quirks.query_seconds)
            return self.queries.answer(request)
        if request.path.startswith(RECORDS):
            return self.records.answer(request)
        raise refuse(404, "NOT_FOUND", f"The resource {request.path} does not exist.", o_urlPath=request.path)

    def _table(self, stream: str) -> Table:
        table = self.ledger.table(stream)
        if table is None:
            raise ValueError(f"NetSuite has no table {stream}.")
        return table

    def _key(self, table: Table, record: Record) -> Key:
        if table.name == "customersubsidiaryrelationship" and "id" not in record:
            record["id"] = next(self._numbers)
        missing = [name for name in table.key if record.get(name) in (None, "")]
        if missing:
            raise ValueError(f"A {table.name} needs {', '.join(missing)}.")
        return tuple(record[name] if name == "linktype" else int(record[name]) for name in table.key)

    def _save(self, table: Table, key: Key, record: Record, visible_at: datetime | None) -> None:
        now = self.clock.now()
        created = CREATED.get(table.name)
        if created is not None:
            record.setdefault(created, now)
        if table.stamp:
            record[table.stamp] = now
        row = self.ledger.encode(table.name, record)
        self._newest[table.name, joined(key)] = record
        self.shelf.put(table.name, joined(key), record, visible_at=visible_at)
        self.ledger.write(table.name, key, row, visible_at)

    def _follow(self, table: Table, key: Key, record: Record, visible_at: datetime | None) -> None:
        for column in _OWNERS.get(table.name, ()):
            self._belongings.setdefault(int(record[column]), {})[table.name, joined(key)] = None
        self._touch(table, record, visible_at)
        if table.name == "customer" and record.get("subsidiary"):
            relation = {"id": key[0], "entity": key[0], "subsidiary": record["subsidiary"], "isprimarysub": "T"}
            self.put("customersubsidiaryrelationship", relation, visible_at=visible_at)

    def _ends(self, link: Record) -> Record:
        """Type and date of the two documents a link joins, as far as they are there."""
        found: Record = {}
        for end in ("previous", "next"):
            header = self._newest.get(("transaction", str(int(link[f"{end}doc"]))), {})
            found |= {f"{end}type": header.get("type"), f"{end}date": header.get("trandate")}
        return found

    def _touch(self, table: Table, record: Record, visible_at: datetime | None) -> None:
        if self.quirks.lines_leave_header:
            return
        for column in _OWNERS.get(table.name, ()):
            key: Key = (int(record[column]),)
            header = self._newest.get(("transaction", joined(key)))
            if header is not None and header["lastmodifieddate"] != self.clock.now():
                self._save(self._table("transaction"), key, dict(header), visible_at)

    def _drop(self, table: Table, record_id: str) -> Record:
        record = self._newest.pop((table.name, record_id))
        self.shelf.put(table.name, record_id, record, deleted=True)
        self.ledger.write(table.name, self._key(table, record), None)
        return record

    def _remember_deletion(self, table: Table, record: Record) -> None:
        if table.name not in _TRACKED:
            return
        key: Key = (_TRACKED[table.name], int(record["id"]))
        kind = TYPES.get(str(record.get("type")))
        flags = dict.fromkeys(("iscustomrecord", "iscustomlist", "iscustomtransaction"), "F")
        trace: dict[str, Any] = {
            "recordtypeid": key[0],
            "recordid": key[1],
            "type": kind.title if kind else table.name.capitalize(),
            "name": record.get(table.display),
            "deleteddate": self.clock.now(),
            "deletedby": -5,
            "context": "UIF",
            **flags,
        }
        self.ledger.write("deletedrecord", key, self.ledger.encode("deletedrecord", trace))
