"""How the platform writes values: exact numbers, instants of RFC 3339, and what it reads back.

Quantities are decimals or integers from `put` to the wire; a float never enters.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from json.encoder import encode_basestring
from types import NoneType
from typing import Any

from sync_assets.sandbox.vendors.product.problems import bad_request
from sync_assets.sandbox.wire import Reply


def instant_text(instant: datetime) -> str:
    """An instant as the platform prints it: UTC, no trailing zeros of a second."""
    text = instant.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00")
    return text.rstrip("0").rstrip(".") + "Z"


def instant_of(text: str, name: str) -> datetime:
    """The instant an RFC 3339 text means.

    Raises:
        ProblemError: 400 where it is none.
    """
    try:
        instant = datetime.fromisoformat(text.replace(" ", "+"))
    except (ValueError, AttributeError) as wrong:
        raise bad_request(f'parameter "{name}" has an error: {text!r} is no RFC 3339 date-time') from wrong
    if instant.tzinfo is None:
        raise bad_request(f'parameter "{name}" has an error: {text!r} has no time zone')
    return instant.astimezone(UTC)


def number_text(number: Decimal) -> str:
    """A number without exponent and without needless zeros: `1000`, `19.99`."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def json_text(value: Any) -> str:
    """A value as JSON text, numbers exact.

    Raises:
        KeyError: a type the platform has no text for, e.g. a float.
    """
    return _WRITTEN[type(value)](value)


def _object_text(value: Mapping[str, Any]) -> str:
    return "{" + ",".join([f"{encode_basestring(key)}:{json_text(part)}" for key, part in value.items()]) + "}"


_WRITTEN: Mapping[type, Callable[[Any], str]] = {
    str: encode_basestring,
    NoneType: lambda _none: "null",
    bool: lambda value: "true" if value else "false",
    int: str,
    Decimal: number_text,
    dict: _object_text,
    list: lambda value: "[" + ",".join(map(json_text, value)) + "]",
    tuple: lambda value: "[" + ",".join(map(json_text, value)) + "]",
    datetime: lambda value: f'"{instant_text(value)}"',
    date: lambda value: f'"{value.isoformat()}"',
}


def answer(payload: Any, status: int = 200) -> Reply:
    """A JSON reply with exact numbers."""
    body = json_text(payload).encode("utf-8", "surrogatepass")
    return Reply(status=status, body=body, headers={"Content-Type": "application/json"})
