"""Literals of a query as comparable values: escapes undone, kinds checked against the column.

Source: SOQL and SOSL Reference, quoted string escape sequences, LIKE, date formats; INVALID_FIELD messages of REST.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sync_assets.sandbox.vendors.salesforce.columns import Column
from sync_assets.sandbox.vendors.salesforce.errors import RefusalError, invalid_field, malformed
from sync_assets.sandbox.vendors.salesforce.ids import looks_like_id, to_18
from sync_assets.sandbox.vendors.salesforce.soql_tree import Literal
from sync_assets.sandbox.vendors.salesforce.values import stamp

_NUMBERS = {"currency", "double", "percent", "int"}
IDS = {"id", "reference"}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)


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
        "".join(wild[part] if part in wild else re.escape(_ESCAPE.sub(_escaped, part).casefold()) for part in parts),
        re.IGNORECASE | re.DOTALL,
    )


def wanted_kind(kind: str) -> str:
    """The kind of literal a column of some kind is compared with."""
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
    wanted = wanted_kind(column.kind)
    if literal.kind != wanted:
        quotes = "should be" if wanted == "string" else "should not be"
        raise invalid_field(
            f"value of filter criterion for field '{column.name}' must be of type {_SPELLED.get(wanted, wanted)} and"
            f" {quotes} enclosed in quotes"
        )
    return _READ[wanted](column, literal.text)


def _string(column: Column, text: str) -> str:
    plain = unquoted(text)
    if column.kind not in IDS:
        return plain.casefold()
    if plain and not looks_like_id(plain):
        raise RefusalError(400, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {plain}")
    return to_18(plain) if plain else plain


def _datetime(_column: Column, text: str) -> str:
    return stamp(datetime.fromisoformat(text))


_READ: Mapping[str, Callable[[Column, str], Any]] = {
    "string": _string,
    "number": lambda _column, text: Decimal(text),
    "boolean": lambda _column, text: text == "true",
    "date": lambda _column, text: text,
    "datetime": _datetime,
}
