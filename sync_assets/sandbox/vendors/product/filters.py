"""Filters of event lists: JSON objects with one operator each, combined by `$and` and `$or` one level deep.

Source: OpenMeter pkg/filter/filter.go (one operator per filter, complexity 1), client models ListRequestFilter,
FilterString, FilterTime, FilterIDExact.
"""

import json
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sync_assets.sandbox.vendors.product.events import EventRow, second
from sync_assets.sandbox.vendors.product.problems import bad_request
from sync_assets.sandbox.vendors.product.values import instant_of

Check: TypeAlias = Callable[[Any], bool]

_STRINGS = ("id", "source", "subject", "type")
_TIMES = ("time", "ingestedAt")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}


@dataclass(frozen=True, kw_only=True)
class EventFilter:
    """A parsed filter: what each field must pass, the customers asked for, and whether ingestion is asked about."""

    checks: Mapping[str, Check]
    customer_ids: frozenset[str] | None
    ingested_from: datetime | None
    time_from: datetime | None

    @property
    def column(self) -> str:
        """The column the answer is ordered by: ingestion where it is filtered, the event's time otherwise."""
        return "ingested_at" if "ingestedAt" in self.checks else "time"

    @property
    def oldest(self) -> datetime | None:
        """Below this instant of the ordering column nothing can match."""
        return self.ingested_from if self.column == "ingested_at" else self.time_from

    def passes(self, row: EventRow) -> bool:
        """Whether a row passes every check but that of customers."""
        return all(check(_VALUE[name](row)) for name, check in self.checks.items())


_VALUE: Mapping[str, Callable[[EventRow], Any]] = {
    "id": lambda row: row.event["id"],
    "source": lambda row: row.event["source"],
    "subject": lambda row: row.event["subject"],
    "type": lambda row: row.event["type"],
    "time": lambda row: row.time,
    "ingestedAt": lambda row: row.ingested_at,
}


def event_filter(text: str) -> EventFilter:
    """The filter a JSON text means; an empty text filters nothing.

    Raises:
        ProblemError: 400 for anything the vendor's validation refuses.
    """
    asked = _parsed(text)
    checks: dict[str, Check] = {}
    for name, node in asked.items():
        if name in _STRINGS and node:
            checks[name] = string_check(name, node)
        elif name in _TIMES and node:
            checks[name] = _time_check(name, node)
        elif name not in (*_STRINGS, *_TIMES, "customerId"):
            raise bad_request(f'parameter "filter" has an error: unknown field {name!r}')
    if "time" in checks and "ingestedAt" in checks:
        raise bad_request("validate input: time and ingested_at cannot both be set")
    return EventFilter(
        checks=checks,
        customer_ids=_customers(asked.get("customerId")),
        ingested_from=_lowest("ingestedAt", asked.get("ingestedAt")),
        time_from=_lowest("time", asked.get("time")),
    )


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        asked = json.loads(text) if text else {}
    except ValueError as wrong:
        raise bad_request(f'parameter "filter" has an error: {wrong}') from wrong
    if not isinstance(asked, dict):
        raise bad_request('parameter "filter" has an error: no object')
    return asked


def _customers(node: Any) -> frozenset[str] | None:
    if not node:
        return None
    if not isinstance(node, dict) or set(node) != {"$in"} or not isinstance(node["$in"], list):
        raise bad_request("validate input: customer id filter supports only in")
    return frozenset(node["$in"])


def _single(name: str, node: Any) -> tuple[str, Any]:
    if not isinstance(node, dict):
        raise bad_request(f"validate input: {name}: filter is no object")
    given = [(key, value) for key, value in node.items() if value is not None]
    if len(given) != 1:
        raise bad_request(f"validate input: {name}: filter is invalid: multiple operators are set")
    return given[0]


def string_check(name: str, node: Any, depth: int = 1) -> Check:
    """The test of a text filter.

    Raises:
        ProblemError: 400 for an unknown operator, several at once, or nesting too deep.
    """
    key, value = _single(name, node)
    if key in {"$and", "$or"}:
        return _joined(name, key, depth, [string_check(name, part, depth - 1) for part in _parts(name, value, depth)])
    if key in {"$in", "$nin"} and isinstance(value, list):
        return lambda found: (found in value) is (key == "$in")
    if key in _COMPARE:
        return lambda found: _COMPARE[key](found, value)
    if key in {"$eq", "$ne"}:
        return lambda found: (found == value) is (key == "$eq")
    if key in _LIKE:
        pattern, wanted = _like(str(value), ignore_case="ilike" in key), not key.startswith("$n")
        return lambda found: (pattern.fullmatch(found) is not None) is wanted
    raise bad_request(f"validate input: {name}: unknown operator {key}")


_LIKE = frozenset({"$like", "$nlike", "$ilike", "$nilike"})


def _like(text: str, *, ignore_case: bool) -> re.Pattern[str]:
    wild = {"%": ".*", "_": "."}
    pattern = "".join(wild.get(char) or re.escape(char) for char in text)
    return re.compile(pattern, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def _time_check(name: str, node: Any, depth: int = 1) -> Check:
    key, value = _single(name, node)
    if key in {"$and", "$or"}:
        return _joined(name, key, depth, [_time_check(name, part, depth - 1) for part in _parts(name, value, depth)])
    if key not in _COMPARE:
        raise bad_request(f"validate input: {name}: unknown operator {key}")
    limit = second(instant_of(value, name))
    return lambda found: _COMPARE[key](found, limit)


def _parts(name: str, value: Any, depth: int) -> list[Any]:
    if depth <= 0:
        raise bad_request(f"validate input: {name}: filter complexity exceeds maximum allowed depth")
    if not isinstance(value, list):
        raise bad_request(f"validate input: {name}: filters to combine are no list")
    return value


def _joined(_name: str, key: str, _depth: int, checks: list[Check]) -> Check:
    join = all if key == "$and" else any
    return lambda found: join(check(found) for check in checks)


def _lowest(name: str, node: Any) -> datetime | None:
    if not node:
        return None
    key, value = _single(name, node)
    if key in {"$gt", "$gte"}:
        return second(instant_of(value, name))
    if key == "$and":
        found = [low for low in (_lowest(name, part) for part in value) if low is not None]
        return max(found, default=None)
    return None
