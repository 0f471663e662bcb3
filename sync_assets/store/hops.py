"""What hop assets publish: the open roots of each class at a hop."""

from typing import Any

from sqlalchemy import text

from sync_assets.store.acts import STANDING
from sync_assets.store.engine import Store

SHOWN = 50
"""Breaks that a check lists; the break list has them all."""

_OPEN = text(f"""
    SELECT class, title, entity_id, expected, found, currency, money_at_risk_minor, kind, diverged_at, opened_at,
        caused_by IS NULL AS is_root, caused_by, break_id, is_accepted, assignee, hop, field, system, records, run_id
    FROM {STANDING} b WHERE closed_at IS NULL AND hop = :hop ORDER BY diverged_at, break_id
""")


def open_at_hop(store: Store, hop: str) -> list[dict[str, Any]]:
    """Every open break at a hop, oldest first."""
    with store.begin() as connection:
        return [dict(row) for row in connection.execute(_OPEN, {"hop": hop}).mappings()]
