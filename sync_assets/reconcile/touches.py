"""Which roots the changes since the last evaluation make worth another look, for all rules at once."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from sync_assets.reconcile.landscape import Landscape
from sync_assets.reconcile.rule import Rule, Touch
from sync_assets.store.touched import Changes, touched_roots

Touched: TypeAlias = Mapping[Touch, set[str]]
"""The roots that each touch found."""


def touched(
    connection: Any,
    landscape: Landscape,
    changes: Mapping[str, tuple[int, int]],
    rules: Iterable[Rule],
) -> Touched:
    """The roots of every touch of the rules; `changes` are the change numbers judged and to be judged, by entity."""
    parameters = landscape.parameters()
    touches = dict.fromkeys(touch for rule in rules for touch in rule.touches)
    found: dict[Touch, set[str]] = {touch: set() for touch in touches}
    for role, entity in dict.fromkeys((touch.role, touch.entity) for touch in touches):
        after, through = changes[entity]
        if through > after:
            what = Changes(entity=entity, systems=parameters[role], after=after, through=through)
            alike = [touch for touch in touches if (touch.role, touch.entity) == (role, entity)]
            roots = touched_roots(connection, what, [touch.way for touch in alike], parameters)
            found.update((touch, roots[touch.way]) for touch in alike)
    return found
