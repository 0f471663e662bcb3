"""Conditions over rows: a WHERE tree becomes a predicate, after its columns and values were checked against the org.

Belongs here: how SOQL compares. Texts compare without case, ids in their 18 character form, nulls are equal to null and
unequal to everything else, and an ordering comparison with null is never true.
Source: SOQL and SOSL Reference, comparison operators, LIKE, date formats and quoted string escapes.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.salesforce.columns import Column
from sync_assets.sandbox.vendors.salesforce.errors import invalid_field, malformed
from sync_assets.sandbox.vendors.salesforce.ids import looks_like_id, to_18
from sync_assets.sandbox.vendors.salesforce.soql_tree import Both, Condition, Literal, Not, Path, Test
from sync_assets.sandbox.vendors.salesforce.values import stamp

Predicate: TypeAlias = Callable[[Record], bool]
Find: TypeAlias = Callable[[Path], Column]

_NUMBERS = {"currency", "double", "percent", "int"}
_IDS = {"id", "reference"}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ORDERINGS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a query's AND-ed conditions say about stamp and id, so that an index can be asked instead of every row."""

    stamp_low: str = ""
    stamp_high: str = "\U0010ffff"
    id_low: str = ""
    ids: frozenset[str] | None = None


def unquoted(text: str) -> str:
    """The value of a quoted string.

    Raises:
        RefusalError: MALFORMED_QUERY for an escape SOQL does not know.
    """
    return _ESCAPE.sub(_escaped, text[1:-1])


def _escaped(match: re.Match[str]) -> str:
    sequence = match.group(1)
    if sequence.startswith("u") and len(sequence) == 5:
        return chr(int(sequence[1:], 16))
    if sequence not in _ESCAPES:
        raise malformed(f"Invalid string literal: illegal escape sequence '\\{sequence}'")
    return _ESCAPES[sequence]


def like_pattern(text: str) -> re.Pattern[str]:
    """The pattern of a LIKE text: `%` any characters, `_` one, both escapable by a backslash; case does not count."""
    parts = re.findall(r"\\u[0-9A-Fa-f]{4}|\\.|.", text[1:-1], re.DOTALL)
    wild = {"%": ".*", "_": ".", r"\%": "%", r"\_": "_"}
    return re.compile(
        "".join(wild[part] if part in wild else re.escape(_ESCAPE.sub(_escaped, part)) for part in parts),
        re.IGNORECASE | re.DOTALL,
    )


def _wants(kind: str) -> str:
    if kind in _NUMBERS:
        return "number"
    return kind if kind in {"boolean", "date", "datetime"} else "string"


_SPELLED = {"datetime": "dateTime", "number": "double"}


def literal_value(column: Column, literal: Literal) -> Any:
    """The comparable value of a literal for a column.

    Raises:
        RefusalError: INVALID_FIELD where the literal is not of the column's kind.
    """
    if literal.kind == "null":
        return None
    wanted = _wants(column.kind)
    if literal.kind != wanted:
        quotes = "should be" if wanted == "string" else "should not be"
        raise invalid_field(
            f"value of filter criterion for field '{column.name}' must be of type {_SPELLED.get(wanted, wanted)} and"
            f" {quotes} enclosed in quotes"
        )
    return _READ[wanted](column, literal.text)


def _string(column: Column, text: str) -> str:
    plain = unquoted(text)
    if column.kind not in _IDS:
        return plain.casefold()
    return to_18(plain) if looks_like_id(plain) else plain


def _datetime(_column: Column, text: str) -> str:
    return stamp(datetime.fromisoformat(text))


_READ: Mapping[str, Callable[[Column, str], Any]] = {
    "string": _string,
    "number": lambda _column, text: Decimal(text),
    "boolean": lambda _column, text: text == "true",
    "date": lambda _column, text: text,
    "datetime": _datetime,
}


def predicate(condition: Condition | None, find: Find) -> Predicate:
    """The test a row must pass.

    Raises:
        RefusalError: INVALID_FIELD for an absent column or a value of the wrong kind.
    """
    match condition:
        case None:
            return lambda _row: True
        case Test():
            return _test(condition, find)
        case Not():
            inside = predicate(condition.part, find)
            return lambda row: not inside(row)
        case Both():
            parts = [predicate(part, find) for part in condition.parts]
            return (lambda row: any(part(row) for part in parts)) if condition.any_of else _every(parts)


def _every(parts: list[Predicate]) -> Predicate:
    return lambda row: all(part(row) for part in parts)


def _test(test: Test, find: Find) -> Predicate:
    column = find(test.path)
    read = _comparable(column)
    if test.operator == "like":
        return _like(column, test.values[0], read)
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
    if literal.kind != "string" or _wants(column.kind) != "string":
        raise invalid_field(f"invalid operator on {column.kind} field")
    pattern = like_pattern(literal.text)
    return lambda row: pattern.fullmatch(read(row) or "") is not None


def _comparable(column: Column) -> Callable[[Record], Any]:
    if _wants(column.kind) != "string" or column.kind in _IDS:
        return column.read

    def folded(row: Record) -> Any:
        value = column.read(row)
        return value.casefold() if isinstance(value, str) else value

    return folded


def bounds(condition: Condition | None) -> Bounds:
    """What the conditions that must all hold say about SystemModstamp and Id; read only after `predicate` passed."""
    parts = condition.parts if isinstance(condition, Both) and not condition.any_of else (condition,)
    found = Bounds()
    for part in parts:
        if isinstance(part, Test) and len(part.path) == 1:
            found = _narrowed(found, part)
    return found


def _narrowed(found: Bounds, test: Test) -> Bounds:
    name, literal = test.path[0].lower(), test.values[0]
    if name == "systemmodstamp" and literal.kind == "datetime":
        value = stamp(datetime.fromisoformat(literal.text))
        low = max(found.stamp_low, value) if test.operator in {">", ">=", "="} else found.stamp_low
        high = min(found.stamp_high, value) if test.operator in {"<", "<=", "="} else found.stamp_high
        return Bounds(stamp_low=low, stamp_high=high, id_low=found.id_low, ids=found.ids)
    if name == "id" and literal.kind == "string":
        ids = frozenset(to_18(text) for text in map(_plain, test.values) if looks_like_id(text))
        if test.operator in {"=", "in"}:
            kept = ids if found.ids is None else ids & found.ids
            return Bounds(stamp_low=found.stamp_low, stamp_high=found.stamp_high, id_low=found.id_low, ids=kept)
        if test.operator in {">", ">="} and ids:
            low = max(found.id_low, *ids)
            return Bounds(stamp_low=found.stamp_low, stamp_high=found.stamp_high, id_low=low, ids=found.ids)
    return found


def _plain(literal: Literal) -> str:
    return unquoted(literal.text) if literal.kind == "string" else ""
