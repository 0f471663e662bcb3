"""Recognises the condition that continues a list after a key, which the engine answers faster as one row comparison.

Belongs here: `a > x OR (a = x AND b > y)` and its longer forms. Only the speed changes, never the rows.
"""

from dataclasses import dataclass

from sync_assets.sandbox.vendors.netsuite.suiteql.tree import Binary, Name, Node, chain

_LONGEST = 8
"""More columns than any key here has; longer chains of OR are something else."""


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """The columns and values of the key, in order, and the sign of its last step."""

    pairs: tuple[tuple[Node, Node], ...]
    sign: str


def ladder(parts: list[Node]) -> Ladder | None:
    """The key behind conditions joined by OR; None when they are anything else."""
    if not 2 <= len(parts) <= _LONGEST:
        return None
    pairs: list[tuple[Node, Node]] = []
    signs: list[str] = []
    for height, part in enumerate(parts):
        *equal, step = chain(part, "AND")
        if not isinstance(step, Binary) or not isinstance(step.left, Name) or len(equal) != height:
            return None
        if equal != [Binary(sign="=", left=left, right=right) for left, right in pairs]:
            return None
        pairs.append((step.left, step.right))
        signs.append(step.sign)
    if signs[-1][0] not in "<>" or signs[-1] == "<>" or set(signs[:-1]) != {signs[-1][0]}:
        return None
    return Ladder(pairs=tuple(pairs), sign=signs[-1])
