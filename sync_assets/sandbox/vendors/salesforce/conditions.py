"""Conditions over rows: a WHERE tree becomes a predicate, after its columns and values were checked against the org.

Belongs here: how SOQL compares. Texts compare without case, ids in their 18 character form, nulls are equal to null and
unequal to everything else, and an ordering comparison with null is never true.
Source: SOQL and SOSL Reference, comparison operators, LIKE, date formats and quoted string escapes.
"""

import operator
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.salesforce.columns import Column
from sync_assets.sandbox.vendors.salesforce.errors import invalid_field
from sync_assets.sandbox.vendors.salesforce.literals import IDS, like_pattern, literal_value, wanted_kind
from sync_assets.sandbox.vendors.salesforce.soql_tree import Both, Condition, Literal, Not, Path, Test
from sync_assets.sandbox.vendors.salesforce.spans import SPAN_TESTS, span
from sync_assets.sandbox.vendors.salesforce.values import stamp

Predicate: TypeAlias = Callable[[Record], bool]
Find: TypeAlias = Callable[[Path], Column]

_ORDERINGS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def predicate(condition: Condition | None, find: Find, now: datetime) -> Predicate:
    """The test a row must pass; `now` says what TODAY means.

    Raises:
        RefusalError: INVALID_FIELD for an absent column or a value of the wrong kind.
    """
    match condition:
        case None:
            return lambda _row: True
        case Test():
            return _test(condition, find, now)
        case Not():
            inside = predicate(condition.part, find, now)
            return lambda row: not inside(row)
        case Both():
            parts = [predicate(part, find, now) for part in condition.parts]
            return (lambda row: any(part(row) for part in parts)) if condition.any_of else _every(parts)


def _every(parts: list[Predicate]) -> Predicate:
    return lambda row: all(part(row) for part in parts)


def _test(test: Test, find: Find, now: datetime) -> Predicate:
    column = find(test.path)
    read = _comparable(column)
    if test.operator == "like":
        return _like(column, test.values[0], read)
    if test.values[0].kind == "span":
        return _in_span(column, test, now)
    values = [literal_value(column, literal) for literal in test.values]
    if test.operator in {"in", "not in"}:
        members, wanted = frozenset(values), test.operator == "in"
        return lambda row: (read(row) in members) is wanted
    value = values[0]
    if test.operator in {"=", "!="}:
        equal = test.operator == "="
        return lambda row: (read(row) == value) is equal
    compare = _ORDERINGS[test.operator]

    def ordered(row: Record) -> bool:
        found = read(row)
        return found is not None and value is not None and compare(found, value)

    return ordered


def _like(column: Column, literal: Literal, read: Callable[[Record], Any]) -> Predicate:
    if literal.kind != "string" or wanted_kind(column.kind) != "string":
        raise invalid_field(f"invalid operator on {column.kind} field")
    pattern = like_pattern(literal.text)

    def like(row: Record) -> bool:
        found = read(row)
        return found is not None and pattern.fullmatch(found) is not None

    return like


def _in_span(column: Column, test: Test, now: datetime) -> Predicate:
    if column.kind not in {"date", "datetime"} or test.operator not in SPAN_TESTS:
        raise invalid_field(f"value of filter criterion for field '{column.name}' must not be a date literal")
    first, after = span(test.values[0].text, now)
    texts = [stamp(day) if column.kind == "datetime" else day.date().isoformat() for day in (first, after)]
    compare = SPAN_TESTS[test.operator]

    def inside(row: Record) -> bool:
        found = column.read(row)
        return found is not None and compare(found, texts[0], texts[1])

    return inside


def _comparable(column: Column) -> Callable[[Record], Any]:
    if wanted_kind(column.kind) != "string" or column.kind in IDS:
        return column.read

    def folded(row: Record) -> Any:
        value = column.read(row)
        return value.casefold() if isinstance(value, str) else value

    return folded
