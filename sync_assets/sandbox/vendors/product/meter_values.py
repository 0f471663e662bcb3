"""What a meter reads out of an event: its value and its groups, or why it cannot.

Values are numbers or text that is a number, found by a JSONPath of plain names (`$.a.b`).
Source: OpenMeter openmeter/meter/parse.go; Meter model (valueProperty, groupBy).
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sync_assets.sandbox.shelf import Record


def at_path(data: Any, path: str) -> Any:
    """The value at a JSONPath of names, None where there is none."""
    for name in path.removeprefix("$").split("."):
        if name:
            data = data.get(name) if isinstance(data, dict) else None
    return data


def value_of(meter: Record, event: Record) -> Any:
    """The value a meter takes from an event: a decimal, a text for UNIQUE_COUNT, 1 for COUNT.

    Raises:
        ValueError: the event has no value the meter can use, in the vendor's words.
    """
    if meter["aggregation"] == "COUNT":
        return Decimal(1)
    if event.get("data") is None:
        raise ValueError("event data is null and missing value property")
    path = meter.get("valueProperty") or ""
    found = at_path(event["data"], path)
    if found is None:
        raise ValueError(f'event data is missing value property at "{path}"')
    if meter["aggregation"] == "UNIQUE_COUNT":
        return str(found)
    try:
        return Decimal(_NUMBER[type(found)](found))
    except KeyError as wrong:
        raise ValueError("event data value property cannot be parsed") from wrong
    except InvalidOperation as wrong:
        raise ValueError(f"event data value cannot be parsed as float64: {found}") from wrong


_NUMBER: Mapping[type, Callable[[Any], Any]] = {str: str, int: int, Decimal: Decimal}


def groups_of(meter: Record, event: Record) -> dict[str, str]:
    """The meter's groups of an event; one that is missing is an empty text."""
    data = event.get("data")
    found = {name: at_path(data, path) for name, path in (meter.get("groupBy") or {}).items()}
    return {name: "" if value is None else str(value) for name, value in found.items()}


def validation_error(meters: list[Record], event: Record, customer: Record | None) -> str:
    """Why an event counts for nothing, empty where it counts. Source: meterevent/adapter/event.go."""
    found: list[str] = []
    fitting = [meter for meter in meters if meter["eventType"] == event["type"]]
    for meter in fitting:
        try:
            value_of(meter, event)
        except ValueError as wrong:
            found.append(str(wrong))
    if not fitting:
        found.append(f"no meter found for event type: {event['type']}")
    if customer is None:
        found.append(f"no customer found for event subject: {event['subject']}")
    return "\n".join(found)
