"""What a query's conditions say about stamp and id, so that an index is asked instead of every row."""

from dataclasses import dataclass
from datetime import datetime

from sync_assets.sandbox.vendors.salesforce.ids import looks_like_id, to_18
from sync_assets.sandbox.vendors.salesforce.literals import unquoted
from sync_assets.sandbox.vendors.salesforce.soql_tree import Both, Condition, Literal, Test
from sync_assets.sandbox.vendors.salesforce.values import stamp


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a query's AND-ed conditions say about stamp and id, so that an index can be asked instead of every row."""

    stamp_low: str = ""
    stamp_high: str = "\U0010ffff"
    id_low: str = ""
    ids: frozenset[str] | None = None


def bounds(condition: Condition | None) -> Bounds:
    """What the conditions that must all hold say about SystemModstamp and Id; read only after `predicate` passed."""
    parts = condition.parts if isinstance(condition, Both) and not condition.any_of else (condition,)
    found = Bounds()
    for part in parts:
        if isinstance(part, Test) and len(part.path) == 1:
            found = _narrowed(found, part)
    return found


def _narrowed(found: Bounds, test: Test) -> Bounds:
    name, literal = test.path[0].lower(), test.values[0]
    if name == "systemmodstamp" and literal.kind == "datetime":
        value = stamp(datetime.fromisoformat(literal.text))
        low = max(found.stamp_low, value) if test.operator in {">", ">=", "="} else found.stamp_low
        high = min(found.stamp_high, value) if test.operator in {"<", "<=", "="} else found.stamp_high
        return Bounds(stamp_low=low, stamp_high=high, id_low=found.id_low, ids=found.ids)
    if name == "id" and literal.kind == "string":
        ids = frozenset(to_18(text) for text in map(_plain, test.values) if looks_like_id(text))
        if test.operator in {"=", "in"}:
            kept = ids if found.ids is None else ids & found.ids
            return Bounds(stamp_low=found.stamp_low, stamp_high=found.stamp_high, id_low=found.id_low, ids=kept)
        if test.operator in {">", ">="} and ids:
            low = max(found.id_low, *ids)
            return Bounds(stamp_low=found.stamp_low, stamp_high=found.stamp_high, id_low=low, ids=found.ids)
    return found


def _plain(literal: Literal) -> str:
    return unquoted(literal.text) if literal.kind == "string" else ""
