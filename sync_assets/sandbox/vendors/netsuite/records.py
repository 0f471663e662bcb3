"""The record service, read-only: collections of ids, single records, a small metadata catalog.

Belongs here: what `GET /services/rest/record/v1/...` answers. The role of this account's integrations may read only:
writing a document would mean posting it, and the sandbox does no accounting.
Source: Oracle online help, REST Web Services (collection paging, expandSubResources, eid:), REST API Browser.
"""

import sqlite3
from typing import Any

from sync_assets.sandbox.vendors.netsuite.defaults import TYPES
from sync_assets.sandbox.vendors.netsuite.errors import refuse
from sync_assets.sandbox.vendors.netsuite.ledger import Ledger
from sync_assets.sandbox.vendors.netsuite.paging import COLLECTION, envelope, page_bounds
from sync_assets.sandbox.vendors.netsuite.record_filters import condition
from sync_assets.sandbox.vendors.netsuite.record_types import RECORD_TYPES, RecordType, field_name
from sync_assets.sandbox.vendors.netsuite.schema import Kind, Table
from sync_assets.sandbox.vendors.netsuite.suiteql.date_formats import to_char
from sync_assets.sandbox.vendors.netsuite.suiteql.display import TABLE_OF
from sync_assets.sandbox.vendors.netsuite.suiteql.pieces import select
from sync_assets.sandbox.vendors.netsuite.values import as_utc
from sync_assets.sandbox.wire import Reply, Request

RECORDS = "/services/rest/record/v1/"
_SINGULAR = 'application/vnd.oracle.resource+json; type=singular; charset="UTF-8"'
_SCHEMA_TYPES = {Kind.INTEGER: "integer", Kind.DECIMAL: "number", Kind.BOOLEAN: "boolean"}


class RecordService:
    """Answers the record service over one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def answer(self, request: Request) -> Reply:
        """A collection, a record or the catalog.

        Raises:
            RefusedError: an unknown type or record, bad parameters, any attempt to write.
        """
        name, _, record_id = request.path.removeprefix(RECORDS).strip("/").partition("/")
        if name == "metadata-catalog":
            return self._catalog(request, record_id)
        record_type = self._type(name, request)
        if request.method != "GET":
            raise refuse(403, "INSUFFICIENT_PERMISSION")
        if record_id:
            return self._single(request, record_type, record_id)
        return self._collection(request, record_type)

    def _type(self, name: str, request: Request) -> RecordType:
        record_type = RECORD_TYPES.get(name.lower())
        if record_type is None:
            raise refuse(404, "NOT_FOUND", f"Record type '{name}' does not exist.", o_urlPath=request.path)
        return record_type

    def _collection(self, request: Request, record_type: RecordType) -> Reply:
        limit, offset = page_bounds(request, "q")
        where, values = _picked(record_type)
        text = request.arg("q")
        if text:
            wanted = condition(text, self._table(record_type), self.ledger.account.date_format)
            where, values = f"{where} AND ({wanted.sql})", [*values, *wanted.values]
        source = f'"{record_type.table}" WHERE {where}'
        with self.ledger.reading() as database:
            (total,) = database.execute(select("COUNT(*)", source), values).fetchone()
            page = select('"id"', f'{source} ORDER BY "id" LIMIT ? OFFSET ?')
            rows = database.execute(page, [*values, limit, offset]).fetchall()
        base = f"{request.base_url}{RECORDS}{record_type.name}"
        items = [{"links": [{"rel": "self", "href": f"{base}/{row[0]}"}], "id": str(row[0])} for row in rows]
        return Reply.of(envelope(request, items, limit, offset, total), headers={"Content-Type": COLLECTION})

    def _single(self, request: Request, record_type: RecordType, record_id: str) -> Reply:
        where, values = _picked(record_type)
        column = "externalid" if record_id.startswith("eid:") else "id"
        source = f'"{record_type.table}" WHERE {where} AND "{column}" = ?'
        with self.ledger.reading() as database:
            cursor = database.execute(select("*", source), [*values, record_id.removeprefix("eid:")])
            row = _as_dict(cursor)
            if row is None:
                raise refuse(404, "NONEXISTENT_ID", o_urlPath=request.path)
            record = self._record(request, self._table(record_type), row)
            if record_type.has_lines:
                link = {"rel": "self", "href": f"{request.base_url}{request.path}/item"}
                expand = request.arg("expandSubResources") == "true"
                lines = _lines(database, row["id"]) if expand else {}
                record["item"] = {"links": [link], **lines}
                record["status"] = _status(row)
        own = {"rel": "self", "href": f"{request.base_url}{RECORDS}{record_type.name}/{row['id']}"}
        return Reply.of({"links": [own], **record}, headers={"Content-Type": _SINGULAR})

    def _table(self, record_type: RecordType) -> Table:
        return self.ledger.tables[record_type.table]

    def _record(self, request: Request, table: Table, row: dict[str, Any]) -> dict[str, Any]:
        record: dict[str, Any] = {"id": str(row["id"])}
        for column, kind in table.columns.items():
            name = field_name(column)
            if name and row[column] is not None:
                record[name] = _reference(request, column, row[column]) or self._value(kind, row[column])
        return record

    def _value(self, kind: Kind, value: Any) -> Any:
        if kind is Kind.BOOLEAN:
            return value == "T"
        if kind is Kind.DAY:
            return to_char(value, "YYYY-MM-DD")
        if kind is Kind.MOMENT:
            return as_utc(value, self.ledger.account.zone).strftime("%Y-%m-%dT%H:%M:%SZ")
        return value

    def _catalog(self, request: Request, name: str) -> Reply:
        if name:
            return _media(self._schema(self._type(name, request)), "application/schema+json")
        wanted = [part for part in request.arg("select").split(",") if part]
        types = [self._type(part, request) for part in wanted] or list(RECORD_TYPES.values())
        if "swagger" in request.headers.get("accept", ""):
            schemas = {record_type.name: self._schema(record_type) for record_type in types}
            paths = {f"/{record_type.name}": {"get": {"tags": [record_type.name]}} for record_type in types}
            info = {"title": "NetSuite REST Record API", "version": "v1"}
            api = {"openapi": "3.0.1", "info": info, "paths": paths, "components": {"schemas": schemas}}
            return _media(api, "application/swagger+json")
        base = f"{request.base_url}{RECORDS}metadata-catalog"
        items = [{"name": kind.name, "links": [{"rel": "canonical", "href": f"{base}/{kind.name}"}]} for kind in types]
        return Reply.of({"items": items, "links": [{"rel": "self", "href": base}]})

    def _schema(self, record_type: RecordType) -> dict[str, Any]:
        columns = self._table(record_type).columns
        fields = {field_name(column): kind for column, kind in columns.items() if field_name(column)}
        properties = {name: {"type": _SCHEMA_TYPES.get(kind, "string")} for name, kind in fields.items()}
        return {"type": "object", "properties": {"id": {"type": "string"}, **properties}}


def _picked(record_type: RecordType) -> tuple[str, list[Any]]:
    if not record_type.column:
        return "1 = 1", []
    return f'"{record_type.column}" IN ({", ".join("?" * len(record_type.values))})', list(record_type.values)


def _as_dict(cursor: sqlite3.Cursor) -> dict[str, Any] | None:
    row = cursor.fetchone()
    return None if row is None else dict(zip((column[0] for column in cursor.description), row, strict=True))


def _reference(request: Request, column: str, record_id: int) -> dict[str, Any] | None:
    """A field that refers to another record; None for any other field."""
    record_type = RECORD_TYPES.get(TABLE_OF.get(column, ""))
    if record_type is None:
        return None
    href = f"{request.base_url}{RECORDS}{record_type.name}/{record_id}"
    return {"links": [{"rel": "self", "href": href}], "id": str(record_id)}


def _lines(database: sqlite3.Connection, transaction: int) -> dict[str, Any]:
    """The item sublist; its amounts are positive whatever side of the ledger the line is on."""
    source = "transactionline WHERE \"transaction\" = ? AND mainline = 'F' AND taxline = 'F' ORDER BY id"
    columns = '"id", "item", "quantity", "rate", "foreignamount", "memo"'
    items = []
    for line, item, quantity, rate, amount, memo in database.execute(select(columns, source), [transaction]):
        entry = {"line": line, "item": item and {"id": str(item)}, "quantity": quantity and abs(quantity), "rate": rate}
        entry |= {"amount": amount and abs(amount), "description": memo}
        items.append({name: value for name, value in entry.items() if value is not None})
    return {"items": items, "totalResults": len(items), "count": len(items), "hasMore": False, "offset": 0}


def _status(row: dict[str, Any]) -> dict[str, str]:
    kind = TYPES[row["type"]]
    return {"id": row["status"], "refName": kind.statuses.get(row["status"], row["status"])}


def _media(payload: dict[str, Any], media: str) -> Reply:
    return Reply.of(payload, headers={"Content-Type": media})
