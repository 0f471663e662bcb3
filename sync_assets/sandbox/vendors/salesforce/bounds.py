"""What a query's conditions say about stamp and id, so that an index is asked instead of every row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce

from sync_assets.sandbox.vendors.salesforce.ids import looks_like_id, to_18
from sync_assets.sandbox.vendors.salesforce.literals import unquoted
from sync_assets.sandbox.vendors.salesforce.soql_tree import Both, Condition, Literal, Test
from sync_assets.sandbox.vendors.salesforce.values import stamp

_LAST = "\U0010ffff"


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """A box around every row a condition can match: a closed span of stamps, a lowest id, or a set of ids."""

    stamp_low: str = ""
    stamp_high: str = _LAST
    id_low: str = ""
    ids: frozenset[str] | None = None

    def and_(self, other: "Bounds") -> "Bounds":
        """The box of rows inside both."""
        ids = other.ids if self.ids is None else self.ids if other.ids is None else self.ids & other.ids
        return Bounds(
            stamp_low=max(self.stamp_low, other.stamp_low),
            stamp_high=min(self.stamp_high, other.stamp_high),
            id_low=max(self.id_low, other.id_low),
            ids=ids,
        )

    def or_(self, other: "Bounds") -> "Bounds":
        """A box around the rows of either."""
        return Bounds(
            stamp_low=min(self.stamp_low, other.stamp_low),
            stamp_high=max(self.stamp_high, other.stamp_high),
            id_low=min(self.id_low, other.id_low),
            ids=None if self.ids is None or other.ids is None else self.ids | other.ids,
        )


def bounds(condition: Condition | None) -> Bounds:
    """The box a condition's rows lie in; read only after `predicate` accepted the condition."""
    if isinstance(condition, Both):
        join = Bounds.or_ if condition.any_of else Bounds.and_
        return reduce(join, map(bounds, condition.parts))
    if isinstance(condition, Test) and len(condition.path) == 1:
        box = _BOXES.get(condition.path[0].lower())
        return Bounds() if box is None else box(condition)
    return Bounds()


def _stamp_box(test: Test) -> Bounds:
    literal = test.values[0]
    if literal.kind != "datetime":
        return Bounds()
    value = stamp(datetime.fromisoformat(literal.text))
    low = value if test.operator in {">", ">=", "="} else ""
    return Bounds(stamp_low=low, stamp_high=value if test.operator in {"<", "<=", "="} else _LAST)


def _id_box(test: Test) -> Bounds:
    ids = [to_18(text) for text in map(_plain, test.values) if looks_like_id(text)]
    if test.operator in {"=", "in"}:
        return Bounds(ids=frozenset(ids))
    return Bounds(id_low=ids[0] if ids and test.operator in {">", ">="} else "")


def _plain(literal: Literal) -> str:
    return unquoted(literal.text) if literal.kind == "string" else ""


_BOXES: Mapping[str, Callable[[Test], Bounds]] = {"systemmodstamp": _stamp_box, "id": _id_box}
