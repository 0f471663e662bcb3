"""What is worth an alert and was not told yet. What was told is kept, so that a restart tells nothing twice."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from sync_assets.store.acts import STANDING
from sync_assets.store.engine import Store
from sync_assets.store.integrity_tables import alert

_NEWS = text(f"""
    SELECT news.what || ':' || b.break_id || ':' || b.opened_at AS key, news.what, b.owner, b.class, b.title, b.hop,
        b.entity_id, b.currency, b.money_at_risk_minor, b.opened_at, b.break_id, b.kind, b.field, b.expected, b.found,
        b.system, b.records, b.run_id, b.diverged_at, b.caused_by
    FROM {STANDING} b
    CROSS JOIN LATERAL (
        SELECT 'opened' AS what
        UNION ALL SELECT 'aged' WHERE b.opened_at < clock_timestamp() - make_interval(days => :objective_days)
    ) news
    WHERE b.closed_at IS NULL AND b.caused_by IS NULL AND NOT b.is_accepted
        AND NOT EXISTS (SELECT FROM integrity.alert a
            WHERE a.key = news.what || ':' || b.break_id || ':' || b.opened_at)
    ORDER BY b.owner, news.what DESC, b.money_at_risk_minor DESC, b.break_id
""")
_TOLD = text("SELECT key FROM integrity.alert WHERE key = ANY(:keys)")


def untold_breaks(store: Store, objective_days: int) -> list[dict[str, Any]]:
    """Open roots that nobody was told of, as `opened`, and once older than the objective again, as `aged`."""
    with store.begin() as connection:
        return [dict(row) for row in connection.execute(_NEWS, {"objective_days": objective_days}).mappings()]


def told(store: Store, keys: Sequence[str]) -> set[str]:
    """Those of the keys that were told."""
    with store.begin() as connection:
        return set(connection.execute(_TOLD, {"keys": list(keys)}).scalars())


def keep_told(store: Store, owner: str, keys: Sequence[str]) -> None:
    """Remember what an owner was told."""
    if keys:
        rows = [{"key": key, "owner": owner} for key in keys]
        with store.begin() as connection:
            connection.execute(insert(alert).values(rows).on_conflict_do_nothing())
