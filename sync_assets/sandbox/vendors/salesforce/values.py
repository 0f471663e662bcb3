"""How Salesforce writes values: exact JSON and CSV text of numbers, instants and days, and what `put` accepts.

Money and quantities are exact decimals in major units from `put` to the wire; a float never enters.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from json.encoder import encode_basestring
from types import NoneType
from typing import Any

from sync_assets.sandbox.vendors.salesforce.ids import to_18

_NUMBERS = frozenset({"currency", "double", "percent"})
_PLAIN_BELOW = Decimal(10) ** 7
_PLAIN_FROM = Decimal("0.001")


def stamp(instant: datetime) -> str:
    """An instant as REST writes it: whole seconds, UTC, `.000+0000`.

    Source: primitive data types: dateTime has a precision of one second and is transferred in UTC.
    """
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def number_text(number: Decimal) -> str:
    """A double as Salesforce prints it: `19.99`, `1000.0`, and from ten million on `1.2345678E7`, never rounded.

    Source: help.salesforce.com article 000221617 (values from 8 digits on come in scientific notation).
    """
    size = abs(number)
    if number == 0:
        return "0.0"
    if _PLAIN_FROM <= size < _PLAIN_BELOW:
        text = format(number, "f")
        text = text.rstrip("0") if "." in text else text + "."
        return text + "0" if text.endswith(".") else text
    sign, digits, exponent = number.normalize().as_tuple()
    figures = "".join(map(str, digits))
    power = int(exponent) + len(figures) - 1
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{power}"


def json_text(value: Any) -> str:
    """One value as JSON text, numbers exact."""
    return _WRITTEN[type(value)](value)


def _object_text(value: Mapping[str, Any]) -> str:
    return "{" + ",".join(f"{encode_basestring(key)}:{json_text(part)}" for key, part in value.items()) + "}"


_WRITTEN: Mapping[type, Callable[[Any], str]] = {
    str: encode_basestring,
    NoneType: lambda _none: "null",
    bool: lambda value: "true" if value else "false",
    Decimal: number_text,
    int: str,
    dict: _object_text,
}


def csv_text(value: Any, kind: str) -> str:
    """One value as a quoted CSV cell of a Bulk result; null and empty text look the same.

    Source: Bulk API 2.0 guide, CSV format (instants as `yyyy-MM-ddTHH:mm:ss.SSSZ`).
    """
    if value is None:
        return '""'
    if kind == "datetime":
        return f'"{value.removesuffix("+0000")}Z"'
    if isinstance(value, bool):
        return '"true"' if value else '"false"'
    text = number_text(value) if isinstance(value, Decimal) else str(value)
    return '"' + text.replace('"', '""') + '"'


def _id_text(value: Any) -> Any:
    return to_18(value)


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; money and quantities are Decimal.")
    return Decimal(value)


def _instant(value: Any) -> Any:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return stamp(value)


def _day(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value)


def _text(value: Any) -> Any:
    return value if type(value) is str else str(value)


_STORED: Mapping[str, Callable[[Any], Any]] = {
    "id": _id_text,
    "reference": _id_text,
    **dict.fromkeys(_NUMBERS, _number),
    "datetime": _instant,
    "date": _day,
    "boolean": bool,
    "int": int,
}


def stored(value: Any, kind: str) -> Any:
    """A value as the org keeps it: ids in 18 characters, decimals exact, instants and days as text.

    Raises:
        TypeError: a float for a number.
        ValueError: no id, number or instant where one belongs.
    """
    return None if value is None else _STORED.get(kind, _text)(value)


def kind_of(value: Any) -> str:
    """The kind of a custom field first seen with this value."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | Decimal):
        return "double"
    if isinstance(value, datetime):
        return "datetime"
    return "date" if isinstance(value, date) else "string"
