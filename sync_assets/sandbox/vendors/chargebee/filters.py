"""Chargebee's filter parameters (`status[in]=["a","b"]`, `updated_at[after]=1700000000`) as tests on records.

Source: list operations page of the API reference. Times are whole seconds; `after` and `before` are strict, `between`
includes both ends, `on` is the given second. A record without the attribute passes `is_not` and `not_in` only.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.chargebee.errors import refuse_parameter
from sync_assets.sandbox.vendors.chargebee.resources import OPERATORS, Kind, Resource

_NAME = re.compile(r"([a-z_]+)(?:\[([a-z_]+)\])?\[([a-z_]+)\]\Z")
_TRUTHS = {"true": True, "false": False}
_OLD_TIMES = {
    "start_time": ("occurred_at", "gte"),
    "end_time": ("occurred_at", "lte"),
    "paid_on_after": ("paid_at", "after"),
}
"""Deprecated parameters that are still taken, as the filters they mean."""

Holds = Callable[[Any, Any], bool]

_HOLDS: dict[str, Holds] = {
    "is": lambda value, wanted: bool(value == wanted),
    "is_not": lambda value, wanted: bool(value != wanted),
    "starts_with": lambda value, wanted: isinstance(value, str) and value.startswith(wanted),
    "in": lambda value, wanted: value in wanted,
    "not_in": lambda value, wanted: value not in wanted,
    "is_present": lambda value, wanted: (value is not None) == wanted,
    "on": lambda value, wanted: bool(value == wanted),
    "after": lambda value, wanted: value is not None and value > wanted,
    "gt": lambda value, wanted: value is not None and value > wanted,
    "gte": lambda value, wanted: value is not None and value >= wanted,
    "before": lambda value, wanted: value is not None and value < wanted,
    "lt": lambda value, wanted: value is not None and value < wanted,
    "lte": lambda value, wanted: value is not None and value <= wanted,
    "between": lambda value, wanted: value is not None and wanted[0] <= value <= wanted[1],
}


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One condition on a record."""

    name: str
    operator: str
    wanted: Any

    def holds(self, record: Record) -> bool:
        """Whether the record passes."""
        passes = (_HOLDS[self.operator](value, self.wanted) for value in _values_of(record, self.name))
        return all(passes) if self.operator in ("is_not", "not_in") else any(passes)

    def bounds(self) -> tuple[int | None, int | None]:
        """The closed range of values that can pass, None where open; for times only."""
        shifts = {"after": (1, None), "before": (None, -1), "on": (0, 0), "gte": (0, None), "lte": (None, 0)}
        if self.operator == "between":
            return self.wanted[0], self.wanted[1]
        low, high = shifts.get(self.operator, (None, None))
        return (None if low is None else self.wanted + low), (None if high is None else self.wanted + high)


def read_filter(resource: Resource, name: str, text: str) -> Filter | None:
    """The filter a query parameter asks for; None when it is no filter of this list.

    Raises:
        RefusedError: the operator or the value is not one of this filter's.
    """
    if name in _OLD_TIMES:
        attribute, operator = _OLD_TIMES[name]
        known = attribute in resource.filters
        return Filter(name=attribute, operator=operator, wanted=_whole(name, text)) if known else None
    match = _NAME.match(name)
    if match is None:
        return None
    outer, inner, operator = match.groups()
    attribute = f"{outer}.{inner}" if inner else outer
    kind = resource.filters.get(attribute)
    if kind is None:
        return None
    if operator not in OPERATORS[kind]:
        raise refuse_parameter(name, f"the operator {operator} is not supported")
    return Filter(name=attribute, operator=operator, wanted=_wanted(name, text, kind, operator))


def _wanted(name: str, text: str, kind: Kind, operator: str) -> Any:
    if operator == "is_present" or kind == "flag":
        if text not in _TRUTHS:
            raise refuse_parameter(name, "should be true or false")
        return _TRUTHS[text]
    numeric = kind in ("number", "time")
    if operator not in ("in", "not_in", "between"):
        return _whole(name, text) if numeric else text
    parts = list(_listed(name, text))
    if operator == "between" and len(parts) != 2:
        raise refuse_parameter(name, "should have exactly two values")
    return [_whole(name, part) for part in parts] if numeric else parts


def _listed(name: str, text: str) -> Iterable[str]:
    # The reference writes ["a","b"], its examples [a,b], and the vendor's Python package sends ['a', 'b'].
    if not (text.startswith("[") and text.endswith("]")):
        raise refuse_parameter(name, "wrong format, a list in square brackets is expected")
    return (part.strip().strip("\"'") for part in text[1:-1].split(",") if part.strip())


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise refuse_parameter(name, "wrong format") from None


def _values_of(record: Record, name: str) -> list[Any]:
    # A subscription has one item price per item; it passes when one of them does.
    if name == "item_price_id" and "subscription_items" in record:
        return [item.get("item_price_id") for item in record["subscription_items"]]
    value: Any = record
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return [value]
