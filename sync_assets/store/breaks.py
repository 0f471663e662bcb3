"""Reading the ledger of breaks."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from sync_assets.store.acts import STANDING
from sync_assets.store.engine import Store


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which breaks are wanted; None means any."""

    owner: str | None = None
    class_: str | None = None
    verdict: str | None = None
    customer: str | None = None
    closed: bool = False


_LIST = text(f"""
    SELECT * FROM {STANDING} b
    WHERE (CAST(:owner AS text) IS NULL OR owner = :owner) AND (CAST(:class_ AS text) IS NULL OR class = :class_)
        AND (CAST(:verdict AS text) IS NULL OR verdict = :verdict)
        AND (CAST(:customer AS text) IS NULL OR customer_id = :customer OR customer_id LIKE '%:' || :customer
            OR EXISTS (SELECT FROM identity.customer c WHERE c.customer_id = b.customer_id
                AND :customer IN (c.record_id, c.system || ':' || c.record_id)))
        AND (closed_at IS NOT NULL) = :closed
    ORDER BY caused_by IS NOT NULL, money_at_risk_minor DESC, diverged_at, break_id
""")
_ROOTS = text(f"SELECT count(*) FROM {STANDING} b WHERE closed_at IS NULL AND caused_by IS NULL AND NOT is_accepted")
_ABOUT = text(f"""
    SELECT * FROM {STANDING} b
    WHERE break_id IN (
        SELECT break_id FROM integrity.breaks WHERE entity_id = ANY(:ids)
        UNION ALL
        SELECT r.break_id FROM integrity.break_record r
        JOIN unnest(CAST(:systems AS text[]), CAST(:record_ids AS text[])) w (system, record_id)
            USING (system, record_id)
    )
    ORDER BY diverged_at, break_id
""")


def list_breaks(store: Store, wanted: Filter) -> list[dict[str, Any]]:
    """The ledger's rows, roots with most money first."""
    with store.begin() as connection:
        return [dict(row) for row in connection.execute(_LIST, vars(wanted)).mappings()]


def count_open_roots(store: Store) -> int:
    """How many root breaks are open and not accepted."""
    with store.begin() as connection:
        return int(connection.execute(_ROOTS).scalar_one())


def breaks_about(store: Store, ids: list[str]) -> list[dict[str, Any]]:
    """Open and closed breaks that name one of these `system:record_id`s."""
    systems, _, record_ids = zip(*(name.partition(":") for name in ids), strict=True) if ids else ((), (), ())
    bound = {"ids": ids, "systems": list(systems), "record_ids": list(record_ids)}
    with store.begin() as connection:
        return [dict(row) for row in connection.execute(_ABOUT, bound).mappings()]
