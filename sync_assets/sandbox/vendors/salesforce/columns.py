"""Columns as a query names them: found in the org, across parents, and read from a row.

Belongs here: name resolution and field level security. Names are found without case and answered as the org spells
them.
Source: SOQL and SOSL Reference, relationship queries (child to parent, up to five levels).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.salesforce.errors import invalid_field, no_such_column, no_such_object
from sync_assets.sandbox.vendors.salesforce.org import Org
from sync_assets.sandbox.vendors.salesforce.schema import Field, SObject
from sync_assets.sandbox.vendors.salesforce.soql_tree import Path

_LEVELS_MAX = 5
_ADDRESS = ("street", "city", "state", "postalCode", "country")


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column found: its canonical path, kind, and how its value is read from a row of the query's object.

    `steps` are the references followed, each with the stream it leads to; `own` reads the value from the last row.
    """

    path: Path
    kind: str
    read: Callable[[Record], Any]
    steps: tuple[tuple[str, str], ...] = ()
    own: Callable[[Record], Any]

    @property
    def name(self) -> str:
        """As a query would write it, e.g. `Account.Name`."""
        return ".".join(self.path)


def object_named(org: Org, name: str) -> SObject:
    """The object of an API name, whatever its case.

    Raises:
        RefusalError: INVALID_TYPE.
    """
    for sobject in org.objects.values():
        if sobject.name.lower() == name.lower():
            return sobject
    raise no_such_object(name)


def visible_fields(org: Org, sobject: SObject) -> list[Field]:
    """The columns the integration user may see, in the org's order."""
    return [column for column in sobject.fields.values() if not _hidden(org, sobject, column)]


def find_column(org: Org, sobject: SObject, path: Path) -> Column:
    """The column a query's path means, starting from an object.

    Raises:
        RefusalError: INVALID_FIELD where there is no such column or relationship, or security hides it.
    """
    if len(path) > _LEVELS_MAX + 1:
        raise invalid_field("maximum 5 levels of parent relationships in a field path")
    *parents, last = path
    spelled: list[str] = []
    steps: list[tuple[str, str]] = []
    entity = sobject
    for step in parents:
        link = entity.parents.get(step.lower())
        stream = _stream_of(org, link.refers_to) if link else ""
        if link is None or not stream or _hidden(org, entity, link):
            raise invalid_field(f"Didn't understand relationship '{step}' in field path.")
        steps.append((link.name, stream))
        spelled.append(link.relationship)
        entity = org.objects[stream]
    column = entity.by_lower.get(last.lower())
    if column is None or _hidden(org, entity, column):
        raise no_such_column(last, entity.name)
    own = _own(column)
    return Column(
        path=(*spelled, column.name),
        kind=column.kind,
        read=_reader(org, tuple(steps), own),
        steps=tuple(steps),
        own=own,
    )


def _stream_of(org: Org, object_name: str) -> str:
    return next((stream for stream, sobject in org.objects.items() if sobject.name == object_name), "")


def _hidden(org: Org, sobject: SObject, column: Field) -> bool:
    if column.name == "CurrencyIsoCode" and not org.quirks.multi_currency:
        return True
    return f"{sobject.name}.{column.name}" in org.quirks.hidden_fields


def _reader(org: Org, steps: tuple[tuple[str, str], ...], own: Callable[[Record], Any]) -> Callable[[Record], Any]:
    if not steps:
        return own

    def across(row: Record) -> Any:
        for name, stream in steps:
            version = org.rows[stream].get(row.get(name) or "")
            if version is None:
                return None
            row = version.record
        return own(row)

    return across


def _own(column: Field) -> Callable[[Record], Any]:
    name = column.name
    if column.kind == "boolean":
        return lambda row: row.get(name, False)
    if column.kind != "address":
        return lambda row: row.get(name)
    prefix = name.removesuffix("Address")

    def address(row: Record) -> Any:
        parts = {part: row.get(prefix + part[0].upper() + part[1:]) for part in _ADDRESS}
        return parts if any(parts.values()) else None

    return address
