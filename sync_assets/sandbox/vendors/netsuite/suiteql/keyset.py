"""Recognises the condition that continues a list after a key, which the engine answers faster as one row comparison.

Belongs here: `a > x OR (a = x AND b > y)` and its longer forms. Only the speed changes, never the rows.
"""

from dataclasses import dataclass

from sync_assets.sandbox.vendors.netsuite.suiteql.tree import Binary, Name, Node


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """The columns and values of the key, in order, and the sign of its last step."""

    pairs: tuple[tuple[Node, Node], ...]
    sign: str


def _flat(node: Node, sign: str) -> list[Node]:
    if isinstance(node, Binary) and node.sign == sign:
        return [*_flat(node.left, sign), *_flat(node.right, sign)]
    return [node]


def ladder(node: Node) -> Ladder | None:
    """The key of such a condition; None when the condition is anything else."""
    rungs = [_flat(part, "AND") for part in _flat(node, "OR")]
    last = rungs[-1]
    pairs: list[tuple[Node, Node]] = []
    signs: set[str] = set()
    for height, rung in enumerate(rungs):
        if len(rung) != height + 1:
            return None
        step = rung[-1]
        if not isinstance(step, Binary) or not isinstance(step.left, Name) or step.sign not in _STEPS[height == 0]:
            return None
        signs.add(step.sign.rstrip("=") if rung is last else step.sign)
        if any(
            condition != Binary(sign="=", left=left, right=right)
            for condition, (left, right) in zip(rung, pairs, strict=False)
        ):
            return None
        pairs.append((step.left, step.right))
    if len(signs) != 1 or len(rungs) < 2:
        return None
    final = last[-1]
    return Ladder(pairs=tuple(pairs), sign=final.sign) if isinstance(final, Binary) else None


_STEPS = {True: (">", "<"), False: (">", "<", ">=", "<=")}
