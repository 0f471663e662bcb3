"""Rows as JSON text: attributes first, columns in the order asked for, parents nested, numbers exact.

Source: REST API Developer Guide, query result (attributes with type and url; a missing parent is null).
"""

from collections.abc import Callable, Sequence
from json.encoder import encode_basestring
from typing import TypeAlias

from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.salesforce.columns import Column
from sync_assets.sandbox.vendors.salesforce.org import Org
from sync_assets.sandbox.vendors.salesforce.query import Result
from sync_assets.sandbox.vendors.salesforce.schema import SObject
from sync_assets.sandbox.vendors.salesforce.values import json_text

Writer: TypeAlias = Callable[[Record], str]


def records_text(org: Org, result: Result, version: str, records: Sequence[Record]) -> str:
    """The records of one batch as the text of a JSON list."""
    if result.aggregated is not None:
        return "[" + json_text({"attributes": {"type": "AggregateResult"}, **result.aggregated}) + "]"
    write = row_writer(org, result.sobject, result.columns, version)
    return "[" + ",".join([write(record) for record in records]) + "]"


def row_writer(org: Org, sobject: SObject, columns: Sequence[Column], version: str) -> Writer:
    """How one row of an object is written with these columns."""
    return _writer(org, sobject, [(column.path, column) for column in columns], version)


def _writer(org: Org, sobject: SObject, columns: list[tuple[tuple[str, ...], Column]], version: str) -> Writer:
    head = f'{{"attributes":{{"type":"{sobject.name}","url":"/services/data/{version}/sobjects/{sobject.name}/'
    parts: dict[str, Writer] = {}
    for path, column in columns:
        if path[0] in parts:
            continue
        if len(path) == 1:
            parts[path[0]] = _leaf(column)
        else:
            below = [(other[1:], each) for other, each in columns if other[0] == path[0] and len(other) > 1]
            parts[path[0]] = _parent(org, column.steps[-(len(path) - 1)], below, version)
    plan = [(f",{encode_basestring(name)}:", write) for name, write in parts.items()]

    def write(row: Record) -> str:
        return f'{head}{row["Id"]}"}}' + "".join([name + part(row) for name, part in plan]) + "}"

    return write


def _leaf(column: Column) -> Writer:
    own = column.own
    return lambda row: json_text(own(row))


def _parent(org: Org, step: tuple[str, str], below: list[tuple[tuple[str, ...], Column]], version: str) -> Writer:
    name, stream = step
    inside = _writer(org, org.objects[stream], below, version)

    def write(row: Record) -> str:
        found = org.rows[stream].get(row.get(name) or "")
        return "null" if found is None else inside(found.record)

    return write
