"""The tables behind SuiteQL: one in-memory database that holds what a reader may see now.

Belongs here: storing rows, releasing late commits, indexes, the lock. What a row means is told by `schema`; SuiteQL is
translated elsewhere. Writes are gathered and stored at the next read, so putting several 100,000 records stays cheap.
"""

import heapq
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import RLock
from typing import Any, TypeAlias

from sync_assets.sandbox.shelf import Record, Shelf
from sync_assets.sandbox.vendors.netsuite.account import Account
from sync_assets.sandbox.vendors.netsuite.documents import MIRRORS
from sync_assets.sandbox.vendors.netsuite.masters import TABLES
from sync_assets.sandbox.vendors.netsuite.schema import Kind, Table
from sync_assets.sandbox.vendors.netsuite.values import Encoder, Stored, encoder

Row: TypeAlias = dict[str, Stored]
Key: TypeAlias = tuple[int | str, ...]

_AFFINITY = {Kind.DECIMAL: "REAL", Kind.TEXT: "TEXT", Kind.BOOLEAN: "TEXT"}


def joined(key: Key) -> str:
    """The id under which a row of several key columns is counted, e.g. `5914-3`."""
    return "-".join(map(str, key))


def _definition(table: Table, column: str) -> str:
    required = " NOT NULL" if column in table.key or column == table.stamp else ""
    return f'"{column}" {_AFFINITY.get(table.columns[column], "INTEGER")}{required}'


def _create(table: Table) -> Iterator[str]:
    columns = ", ".join(_definition(table, column) for column in table.columns)
    key = ", ".join(f'"{column}"' for column in table.key)
    rowid = "" if len(table.key) == 1 else " WITHOUT ROWID"
    yield f'CREATE TABLE "{table.name}" ({columns}, PRIMARY KEY ({key})){rowid}'
    for number, index in enumerate(table.indexes):
        names = ", ".join(f'"{column}"' for column in index)
        yield f'CREATE INDEX "{table.name}_{number}" ON "{table.name}" ({names})'


@dataclass(kw_only=True)
class Ledger:
    """The account's tables as sqlite sees them; every access goes through `reading`."""

    account: Account
    shelf: Shelf
    tables: dict[str, Table] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)
    _database: sqlite3.Connection = field(init=False)
    _encoders: dict[str, dict[str, Encoder]] = field(default_factory=dict)
    _waiting: dict[tuple[str, Key], Row | None] = field(default_factory=dict)
    _late: list[tuple[datetime, int, str, Key]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._database = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA case_sensitive_like = ON")
        zone = self.account.zone
        for table in TABLES.values():
            self.tables[table.name] = replace(table, columns=dict(table.columns))
            self._encoders[table.name] = {name: encoder(kind, zone) for name, kind in table.columns.items()}
            for statement in _create(table):
                self._database.execute(statement)
        for mirror, table_name in MIRRORS.items():
            self._database.execute(f'CREATE VIEW "{mirror}" AS SELECT * FROM "{table_name}"')  # noqa: S608

    def table(self, name: str) -> Table | None:
        """The table of that name (lower case), mirrors included; None when SuiteQL has no such table."""
        return self.tables.get(MIRRORS.get(name, name))

    def encode(self, stream: str, record: Record) -> Row:
        """The record as a row; a `cust...` field that is new becomes a text column, as a custom field does.

        Raises:
            ValueError: a field NetSuite does not have, or a value that does not fit its column.
        """
        encoders = self._encoders[stream]
        for name in record:
            if name not in encoders:
                self._add_custom(self.tables[stream], name)
        return {name: encoders[name](value) for name, value in record.items()}

    def _add_custom(self, table: Table, name: str) -> None:
        if not (name.startswith("cust") and name.isidentifier()):
            raise ValueError(f"NetSuite's table {table.name} has no column {name}.")
        with self.lock:
            table.columns[name] = Kind.TEXT
            self._encoders[table.name][name] = encoder(Kind.TEXT, self.account.zone)
            self._database.execute(f'ALTER TABLE "{table.name}" ADD COLUMN "{name}" TEXT')

    def write(self, stream: str, key: Key, row: Row | None, visible_at: datetime | None = None) -> None:
        """Let readers see this row (None: no row) now, or what the shelf then shows from `visible_at` on."""
        with self.lock:
            if visible_at is not None and visible_at > self.shelf.clock.now():
                heapq.heappush(self._late, (visible_at, len(self.shelf.versions), stream, key))
            else:
                self._waiting[stream, key] = row

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The database with everything that is visible now, held for this thread alone."""
        with self.lock:
            self._release()
            if self._waiting:
                self._store()
            yield self._database

    def _release(self) -> None:
        now = self.shelf.clock.now()
        while self._late and self._late[0][0] <= now:
            _, _, stream, key = heapq.heappop(self._late)
            record = self.shelf.get(stream, joined(key))
            self._waiting[stream, key] = None if record is None else self.encode(stream, record)

    def _store(self) -> None:
        waiting, self._waiting = self._waiting, {}
        shapes: dict[tuple[str, tuple[str, ...]], list[Sequence[Any]]] = {}
        self._database.execute("BEGIN")
        for (stream, key), row in waiting.items():
            if row is None:
                self._remove(stream, key)
            else:
                shapes.setdefault((stream, tuple(row)), []).append(tuple(row.values()))
        for (stream, names), rows in shapes.items():
            columns = ", ".join(f'"{name}"' for name in names)
            marks = ", ".join("?" * len(names))
            self._database.executemany(f'INSERT OR REPLACE INTO "{stream}" ({columns}) VALUES ({marks})', rows)  # noqa: S608
        self._database.execute("COMMIT")

    def _remove(self, stream: str, key: Key) -> None:
        where = " AND ".join(f'"{name}" = ?' for name in self.tables[stream].key)
        self._database.execute(f'DELETE FROM "{stream}" WHERE {where}', key)  # noqa: S608
