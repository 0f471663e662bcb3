"""The record service's `q` filter, said in the storage engine's SQL.

Belongs here: reading `field OPERATOR value` with AND and OR. Days are date-only literals in the account's display
format and mean days of the account's time zone; ISO instants are refused.
Source: Oracle online help, Record Collection Filtering; Airbyte's NetSuite connector for the date literals.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sync_assets.sandbox.vendors.netsuite.errors import RefusedError, refuse
from sync_assets.sandbox.vendors.netsuite.record_types import column_name
from sync_assets.sandbox.vendors.netsuite.schema import Kind, Table
from sync_assets.sandbox.vendors.netsuite.suiteql.date_formats import to_date
from sync_assets.sandbox.vendors.netsuite.suiteql.pieces import DAY_SECONDS, model_of

_WORD = re.compile(r'\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s"]+))')

_DAYS: dict[str, tuple[str, int]] = {
    "ON_OR_AFTER": (">=", 0),
    "AFTER": (">=", 1),
    "BEFORE": ("<", 0),
    "ON_OR_BEFORE": ("<", 1),
}
_TEXTS: dict[str, Callable[[str], tuple[str, str]]] = {
    "IS": lambda text: ("=", text),
    "IS_NOT": lambda text: ("<>", text),
    "CONTAIN": lambda text: ("LIKE", f"%{text}%"),
    "START_WITH": lambda text: ("LIKE", f"{text}%"),
}
_NUMBERS = {"EQUAL": "=", "EQUAL_NOT": "<>", "GREATER": ">", "LESS": "<"}
_NUMBERS |= {"GREATER_OR_EQUAL": ">=", "LESS_OR_EQUAL": "<="}


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Engine SQL and the values for its marks."""

    sql: str
    values: list[Any]


def condition(text: str, table: Table, date_format: str) -> Condition:
    """The rows a `q` filter means.

    Raises:
        RefusedError: 400 for a filter that cannot be read, an unknown field or a date in another format.
    """
    words = [match["bare"] if match["quoted"] is None else match["quoted"] for match in _WORD.finditer(text)]
    parts: list[str] = []
    values: list[Any] = []
    while words:
        taken = 2 if len(words) > 1 and words[1].upper() in ("EMPTY", "EMPTY_NOT") else 3
        sql, found = _one(words[:taken], table, date_format)
        parts.append(sql)
        values += found
        joint, words = words[taken : taken + 1], words[taken + 1 :]
        if joint and joint[0].upper() in ("AND", "OR") and words:
            parts.append(joint[0].upper())
        elif joint:
            raise _unreadable(text)
    if not parts:
        raise _unreadable(text)
    return Condition(sql=" ".join(parts), values=values)


def _unreadable(text: str) -> RefusedError:
    return refuse(400, "INVALID_PARAMETER", f"Invalid search query: {text}.", o_errorQueryParam="q")


def _one(words: list[str], table: Table, date_format: str) -> tuple[str, list[Any]]:
    field, operator, value = words[0], words[1].upper() if len(words) > 1 else "", words[-1]
    column = column_name(field)
    kind = table.columns.get(column)
    if kind is None:
        detail = f"Field '{field}' does not exist or cannot be used in a filter."
        raise refuse(400, "NONEXISTENT_FIELD", detail, o_errorQueryParam="q")
    if operator in ("EMPTY", "EMPTY_NOT"):
        return f'"{column}" IS {"NOT " if operator == "EMPTY_NOT" else ""}NULL', []
    if kind.is_date:
        return _day(column, operator, value, date_format)
    if kind is Kind.BOOLEAN and operator in ("IS", "IS_NOT"):
        return f'"{column}" {"=" if operator == "IS" else "<>"} ?', ["T" if value.lower() == "true" else "F"]
    if kind.is_number and operator in _NUMBERS:
        return f'"{column}" {_NUMBERS[operator]} ?', [value]
    if kind is Kind.TEXT and operator in _TEXTS:
        sign, wanted = _TEXTS[operator](value)
        return f'"{column}" {sign} ?', [wanted]
    raise _unreadable(" ".join(words))


def _day(column: str, operator: str, value: str, date_format: str) -> tuple[str, list[Any]]:
    try:
        day = to_date(value, model_of(date_format))
    except ValueError:
        detail = f"Invalid date value '{value}'. Use the format {date_format}."
        raise refuse(400, "INVALID_PARAMETER", detail, o_errorQueryParam="q") from None
    if operator == "ON":
        return f'"{column}" >= ? AND "{column}" < ?', [day, day + DAY_SECONDS]
    if operator not in _DAYS:
        raise _unreadable(f"{column} {operator} {value}")
    sign, days = _DAYS[operator]
    return f'"{column}" {sign} ?', [day + days * DAY_SECONDS]
