"""Running a query: which rows, in which order, how many.

Belongs here: choosing an index, filtering, ordering, limiting and aggregating. How rows are written is in `render`, how
a long answer is handed out in `cursors`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from sync_assets.sandbox.shelf import Record, Version
from sync_assets.sandbox.vendors.salesforce.bounds import Bounds, bounds
from sync_assets.sandbox.vendors.salesforce.columns import Column, find_column, object_named, visible_fields
from sync_assets.sandbox.vendors.salesforce.conditions import predicate
from sync_assets.sandbox.vendors.salesforce.errors import invalid_field
from sync_assets.sandbox.vendors.salesforce.org import Org
from sync_assets.sandbox.vendors.salesforce.schema import SObject
from sync_assets.sandbox.vendors.salesforce.soql_tree import Ordering, Path, Query

_UNORDERED = frozenset({"address", "textarea"})


@dataclass(frozen=True, kw_only=True)
class Result:
    """A query's answer: the columns asked for and the records that matched, frozen at this moment."""

    sobject: SObject
    columns: tuple[Column, ...]
    records: Sequence[Record]
    aggregated: Record | None = None


def run(org: Org, query: Query, *, with_deleted: bool) -> Result:
    """The rows a query means, deleted ones only when asked for.

    Raises:
        RefusalError: INVALID_TYPE, INVALID_FIELD.
    """
    sobject = object_named(org, query.entity)

    def find(path: Path) -> Column:
        return find_column(org, sobject, _unprefixed(path, query, sobject))

    columns = tuple(find(path) for path in query.columns or _every(org, sobject, query.every))
    aggregates = [(each.function, each.alias, find(each.path) if each.path else None) for each in query.aggregates]
    _refuse_twice(columns)
    test = predicate(query.where, find, org.shelf.clock.now())
    order = [(each, find(each.path)) for each in query.order]
    for stream in org.objects:  # a parent that committed in between shows too
        org.settle(stream)
    candidates, sorted_already = _candidates(org, sobject, bounds(query.where), order)
    hidden = org.quirks.hidden_ids
    matching: Iterator[Record] = (
        version.record
        for version in candidates
        if (with_deleted or not version.deleted) and version.record_id not in hidden and test(version.record)
    )
    if not sorted_already:
        matching = iter(_ordered(matching, order))
    end = None if query.limit is None else query.offset + query.limit
    records = list(islice(matching, query.offset, end))
    aggregated = {alias: _AGGREGATE[name](_values(records, column)) for name, alias, column in aggregates if column}
    return Result(sobject=sobject, columns=columns, records=records, aggregated=aggregated or None)


def _values(records: list[Record], column: Column) -> list[Any]:
    return [value for value in map(column.read, records) if value is not None]


_AGGREGATE: dict[str, Callable[[list[Any]], Any]] = {
    "count": len,
    "count_distinct": lambda values: len(set(values)),
    "min": lambda values: min(values, default=None),
    "max": lambda values: max(values, default=None),
    "sum": lambda values: sum(values, Decimal(0)) if values else None,
    "avg": lambda values: sum(values, Decimal(0)) / len(values) if values else None,
}


def _every(org: Org, sobject: SObject, kind: str) -> list[Path]:
    wanted = {"all": (True, False), "standard": (False,), "custom": (True,)}.get(kind, ())
    return [(column.name,) for column in visible_fields(org, sobject) if column.name.endswith("__c") in wanted]


def _unprefixed(path: Path, query: Query, sobject: SObject) -> Path:
    own = {query.alias.lower(), sobject.name.lower()} - {""}
    return path[1:] if len(path) > 1 and path[0].lower() in own else path


def _refuse_twice(columns: tuple[Column, ...]) -> None:
    seen: set[Path] = set()
    for column in columns:
        if column.path in seen:
            raise invalid_field(f"duplicate field selected: {column.name}")
        seen.add(column.path)


def _candidates(
    org: Org, sobject: SObject, limits: Bounds, order: list[tuple[Ordering, Column]]
) -> tuple[Iterator[Version], bool]:
    rows = org.rows[sobject.stream]
    if limits.ids is not None:
        found = (rows.get(record_id) for record_id in sorted(limits.ids))
        return (version for version in found if version is not None), not order
    asked = [(column.path, each.descending) for each, column in order]
    if asked == [(("Id",), False)]:
        return rows.in_id_order(limits.id_low), True
    by_stamp = [(("SystemModstamp",), False), (("Id",), False)]
    in_order = bool(asked) and asked == by_stamp[: len(asked)]
    if in_order or limits.stamp_low or limits.stamp_high != Bounds.stamp_high:
        return rows.in_stamp_order(limits.stamp_low, limits.stamp_high), in_order or not asked
    return rows.in_id_order(limits.id_low), not asked


def _ordered(records: Iterator[Record], order: list[tuple[Ordering, Column]]) -> list[Record]:
    found = list(records)
    for each, column in reversed(order):
        if column.kind in _UNORDERED:
            raise invalid_field(f"field '{column.name}' can not be sorted in a query call")
        found.sort(key=_sort_key(each, column), reverse=each.descending)
    return found


def _sort_key(each: Ordering, column: Column) -> Callable[[Record], Any]:
    null_rank = each.nulls_last is not each.descending

    def key(row: Record) -> Any:
        value = column.read(row)
        if value is None:
            return (null_rank, "")
        return (not null_rank, value.casefold() if isinstance(value, str) and column.kind != "id" else value)

    return key
