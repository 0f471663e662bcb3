"""Whether a reconciliation has something to do: copies that changed since the last one, or verdicts that fell due."""

from sync_assets.reconcile.rules import RULES
from sync_assets.store.engine import Store
from sync_assets.store.evaluations import changed_through, due_through


def pending_changes(store: Store) -> str | None:
    """What makes a reconciliation due, a name that never comes twice; None when nothing does.

    The newest change that no evaluation has taken, or the instant by which waiting verdicts fell due.
    """
    entities = sorted({touch.entity for rule in RULES for touch in rule.touches})
    with store.begin() as connection:
        changes = changed_through(connection, entities)
        due = due_through(connection)
    newest = max((last for taken, last in changes.values() if last > taken), default=None)
    if newest is not None:
        return str(newest)
    return None if due is None else f"due-{due.isoformat()}"
