"""What is worth an alert and was not told yet. What was told is kept, so that a restart tells nothing twice."""

from collections.abc import Sequence
from datetime import datetime
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


UNJUDGED_S = 2 * 3600 + 600
"""Seconds after which changes that passed their gate should have been judged: two hourly syncs."""

_UNJUDGED = text("""
    SELECT split_part(g.asset, '/', 3) AS entity, min(g.decided_at) AS since FROM sync.gate g
    LEFT JOIN sync.consumed c ON c.consumer = 'reconcile' AND c.entity = split_part(g.asset, '/', 3)
    WHERE g.asset LIKE 'canonical/%' AND g.outcome <> 'blocked' AND split_part(g.asset, '/', 3) = ANY(:entities)
        AND (g.explanation ->> 'through')::bigint > coalesce(c.change_id, 0)
    GROUP BY 1 HAVING min(g.decided_at) < clock_timestamp() - make_interval(secs => :seconds) ORDER BY 1
""")


def unjudged(store: Store, entities: Sequence[str]) -> dict[str, datetime]:
    """Of these entities, those whose copies changed and passed their gate too long ago to be unjudged, since when."""
    with store.begin() as connection:
        rows = connection.execute(_UNJUDGED, {"entities": list(entities), "seconds": UNJUDGED_S})
        return {row.entity: row.since for row in rows}
