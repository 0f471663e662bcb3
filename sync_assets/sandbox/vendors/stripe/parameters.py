"""What a client asks of a Stripe list: paging, date ranges, filters, expansions, checked as the vendor checks them.

Source: pagination page of the API reference (limit 1 to 100, default 10). A limit outside is moved to the nearest
allowed one, a cursor that names nothing is refused before both cursors together are, an unknown filter value finds
nothing: measured on a sandbox account, recorded in public repositories.
"""

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.stripe.errors import refuse
from sync_assets.sandbox.vendors.stripe.resources import Resource

_NAME = re.compile(r"([a-z_]+)(?:\[([a-z_0-9]*)\])?\Z")
_SHIFTS = {"gt": (1, None), "gte": (0, None), "lt": (None, -1), "lte": (None, 0), "": (0, 0)}
_LIMIT_MAX = 100
_TYPES_MAX = 20


@dataclass(kw_only=True)
class Asked:
    """One list request. Ranges are closed, None where open; `types` may hold `*` wildcards when it is a single one.

    Rows created before `shown_since_s` are no longer shown, nor known as cursors.
    """

    limit: int = 10
    starting_after: str = ""
    ending_before: str = ""
    expand: list[str] = field(default_factory=list)
    equals: dict[str, str] = field(default_factory=dict)
    types: list[str] = field(default_factory=list)
    types_param: str = ""
    delivered: bool | None = None
    shown_since_s: int = 0
    _lows: dict[str, int] = field(default_factory=dict)
    _highs: dict[str, int] = field(default_factory=dict)

    def low(self, name: str) -> int | None:
        """The smallest value of an attribute that passes."""
        return self._lows.get(name)

    def high(self, name: str) -> int | None:
        """The largest value of an attribute that passes."""
        return self._highs.get(name)

    def bound(self, name: str, operator: str, value: int) -> None:
        """Narrow the range of an attribute."""
        low, high = _SHIFTS[operator]
        if low is not None:
            self._lows[name] = max(value + low, self._lows.get(name, value + low))
        if high is not None:
            self._highs[name] = min(value + high, self._highs.get(name, value + high))

    def admits(self, record: Record) -> bool:
        """Whether a row passes the date ranges and, for events, the filters on type and delivery."""
        if any(record[name] < low for name, low in self._lows.items()):
            return False
        if any(record[name] > high for name, high in self._highs.items()):
            return False
        if self.types and not any(fnmatchcase(record["type"], wanted) for wanted in self.types):
            return False
        return self.delivered is None or self.delivered == (record["pending_webhooks"] == 0)


def read_query(resource: Resource, query: list[tuple[str, str]], *, is_list: bool) -> Asked:
    """The request a query makes.

    Raises:
        RefusedError: a parameter is unknown or has an impossible value.
    """
    asked = Asked()
    for name, text in query:
        match = _NAME.match(name)
        base, inner = match.groups() if match else ("", None)
        if base == "expand" and inner is not None:
            asked.expand.append(text)
        elif not is_list or not _take(asked, resource, (base, inner), text):
            raise refuse(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)
    return asked


def _take(asked: Asked, resource: Resource, name: tuple[str, str | None], text: str) -> bool:
    base, inner = name
    if base in resource.ranges and (inner is None or inner in _SHIFTS):
        asked.bound(base, inner or "", _whole(text, base if inner is None else f"{base}[{inner}]"))
    elif resource.stream == "events" and base in ("type", "types", "delivery_success"):
        _take_event_filter(asked, base, text)
    elif inner is not None:
        return False
    elif base == "limit":
        asked.limit = min(max(_whole(text, "limit"), 1), _LIMIT_MAX)
    elif base in ("starting_after", "ending_before"):
        setattr(asked, base, text)
    elif base in resource.equals:
        asked.equals[base] = text
    else:
        return False
    return True


def _take_event_filter(asked: Asked, base: str, text: str) -> None:
    if base == "delivery_success":
        if text not in ("true", "false"):
            raise refuse(f"Invalid boolean: {text}", param=base)
        asked.delivered = text == "true"
        return
    asked.types_param = asked.types_param or base
    if asked.types_param != base:
        raise refuse("You may only specify one of these parameters: type, types.", param=base)
    asked.types.append(text)
    if len(asked.types) > _TYPES_MAX:
        raise refuse(f"Array must have at most {_TYPES_MAX} elements.", param="types")


def _whole(text: str, param: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise refuse(f"Invalid integer: {text}", code="parameter_invalid_integer", param=param) from None
