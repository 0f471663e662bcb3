"""Whether a reconciliation has something to do: copies that changed since the last one."""

from sync_assets.reconcile.rules import RULES
from sync_assets.store.engine import Store
from sync_assets.store.ledger import changed_through


def pending_changes(store: Store) -> int | None:
    """The newest change that no evaluation has taken; None when there is none."""
    entities = sorted({touch.entity for rule in RULES for touch in rule.touches})
    with store.begin() as connection:
        changes = changed_through(connection, entities)
    newest = [last for taken, last in changes.values() if last > taken]
    return max(newest, default=None)
