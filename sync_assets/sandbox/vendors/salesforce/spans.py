"""Date literals of SOQL that mean a span of days: TODAY, YESTERDAY, TOMORROW, LAST_N_DAYS:n, NEXT_N_DAYS:n.

Days are those of the integration user, whose time zone is UTC here.
Source: SOQL and SOSL Reference, date formats and date literals.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

_DAYS: Mapping[str, Callable[[int], tuple[int, int]]] = {
    "TODAY": lambda _count: (0, 1),
    "YESTERDAY": lambda _count: (-1, 0),
    "TOMORROW": lambda _count: (1, 2),
    "LAST_N_DAYS": lambda count: (-count, 1),
    "NEXT_N_DAYS": lambda count: (1, count + 1),
}

SPAN_TESTS: Mapping[str, Callable[[str, str, str], bool]] = {
    "=": lambda found, first, after: first <= found < after,
    "!=": lambda found, first, after: not first <= found < after,
    "<": lambda found, first, _after: found < first,
    "<=": lambda found, _first, after: found < after,
    ">": lambda found, _first, after: found >= after,
    ">=": lambda found, first, _after: found >= first,
}
"""How an operator compares a value with a span's first instant and the one after its last."""


def span(literal: str, now: datetime) -> tuple[datetime, datetime]:
    """The first midnight of a literal's days and the one after them."""
    name, _, count = literal.upper().partition(":")
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first, after = _DAYS[name](int(count or 0))
    return midnight + timedelta(days=first), midnight + timedelta(days=after)
