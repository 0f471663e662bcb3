"""Of which classes nothing can be said, and what each needs: unread systems, unnamed fields, awaited facts."""

from collections.abc import Mapping

from sync_assets.reconcile.awaited import awaited_needs
from sync_assets.reconcile.rules import RULES
from sync_assets.store.engine import Store
from sync_assets.store.evaluations import unknowable_rules


def unknowable_classes(store: Store) -> dict[str, str]:
    """By class, in order, what must be there before it can be judged at all of its hops."""
    class_of = {rule.name: rule.class_ for rule in RULES}
    with store.begin() as connection:
        lacking = unknowable_rules(connection)
    found = {class_of[name]: what for name, what in lacking.items() if name in class_of}
    return dict(sorted({**awaited_needs(), **found}.items(), key=lambda item: int(item[0][1:])))


def in_a_line(classes: Mapping[str, str]) -> str:
    """What a person reads under the list of breaks."""
    return f"Unknowable: {', '.join(classes)}. docs/classes.md says what each of them needs."
