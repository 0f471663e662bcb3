"""The milestones of every deal, from the canonical copies: kept for deals that changed."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text

from sync_assets.store.engine import Store

FOLLOWED = ("order", "subscription", "invoice", "payment", "allocation", "customer")
"""Entities whose changes may move a milestone."""

_CHANGED = text("""
    SELECT bool_or(last > taken) FROM (
        SELECT coalesce((SELECT change_id FROM sync.consumed WHERE consumer = 'milestones' AND entity = e.name), 0)
            AS taken, e.last
        FROM unnest(CAST(:names AS text[]), CAST(:lasts AS bigint[])) AS e (name, last)
    ) marks
""")
_EVALUATE = text("""
    INSERT INTO integrity.quote_to_cash AS q (deal_id, customer_id, account_at, order_accepted_at,
        subscription_active_at, invoice_issued_at, payment_settled_at, posted_at, missing)
    SELECT m.*, CASE WHEN m.account_at IS NULL THEN 'account' WHEN m.order_accepted_at IS NULL THEN 'order accepted'
        WHEN m.subscription_active_at IS NULL THEN 'subscription active'
        WHEN m.invoice_issued_at IS NULL THEN 'invoice issued' WHEN m.posted_at IS NULL THEN 'posted'
        WHEN m.payment_settled_at IS NULL THEN 'payment settled' ELSE '' END
    FROM (
        SELECT o.system || ':' || o.record_id AS deal_id, o.system || ':' || o.customer_id AS customer_id,
            max(a.version_at) AS account_at, max(o.won_at) AS order_accepted_at,
            min(s.started_at) AS subscription_active_at, min(i.issued_at) AS invoice_issued_at,
            min(p.created_at) FILTER (WHERE p.status IN ('succeeded', 'refunded')) AS payment_settled_at,
            min(e.version_at) FILTER (WHERE e.is_posted) AS posted_at
        FROM canonical."order" o
        LEFT JOIN canonical.customer a ON a.system = o.system AND a.record_id = o.customer_id AND a.deleted_at IS NULL
        LEFT JOIN canonical.subscription s ON s.system = ANY(:billing) AND s.order_id = 'crm:' || o.record_id
            AND s.deleted_at IS NULL
        LEFT JOIN canonical.invoice i ON i.system = s.system AND i.subscription_id = s.record_id AND NOT i.is_void
            AND i.deleted_at IS NULL
        LEFT JOIN canonical.invoice e ON e.system = ANY(:erp) AND e.copy_of = 'billing:' || i.record_id
            AND e.deleted_at IS NULL
        LEFT JOIN canonical.allocation l ON l.system = i.system AND l.document_id = i.record_id
        LEFT JOIN canonical.payment p ON p.system = l.system AND p.record_id = l.payment_id
        WHERE o.system = ANY(:crm) AND o.kind = 'deal' AND o.status = 'won' AND o.deleted_at IS NULL
        GROUP BY o.system, o.record_id, o.customer_id
    ) m
    ON CONFLICT (deal_id) DO UPDATE SET customer_id = excluded.customer_id, account_at = excluded.account_at,
        order_accepted_at = excluded.order_accepted_at, subscription_active_at = excluded.subscription_active_at,
        invoice_issued_at = excluded.invoice_issued_at, payment_settled_at = excluded.payment_settled_at,
        posted_at = excluded.posted_at, missing = excluded.missing, evaluated_at = clock_timestamp()
    WHERE (q.account_at, q.order_accepted_at, q.subscription_active_at, q.invoice_issued_at, q.payment_settled_at,
            q.posted_at, q.missing)
        IS DISTINCT FROM (excluded.account_at, excluded.order_accepted_at, excluded.subscription_active_at,
            excluded.invoice_issued_at, excluded.payment_settled_at, excluded.posted_at, excluded.missing)
""")
_TAKEN = text("""
    INSERT INTO sync.consumed (consumer, entity, change_id)
    SELECT 'milestones', name, last FROM unnest(CAST(:names AS text[]), CAST(:lasts AS bigint[])) AS e (name, last)
    ON CONFLICT (consumer, entity) DO UPDATE SET change_id = excluded.change_id
""")
_MISSING = text("SELECT missing, count(*) AS deals FROM integrity.quote_to_cash GROUP BY missing ORDER BY missing")


def evaluate_milestones(store: Store, roles: Mapping[str, Sequence[str]]) -> int:
    """Bring the milestones of every deal up to date when something they rest on changed; returns how many moved."""
    with store.begin() as connection:
        lasts = [
            int(connection.execute(text(f'SELECT coalesce(max(change_id), 0) FROM canonical."{name}"')).scalar_one())
            for name in FOLLOWED
        ]
        marks = {"names": list(FOLLOWED), "lasts": lasts}
        if not connection.execute(_CHANGED, marks).scalar_one():
            return 0
        bound = {role: list(roles.get(role, ())) for role in ("crm", "billing", "erp")}
        moved = connection.execute(_EVALUATE, bound).rowcount
        connection.execute(_TAKEN, marks)
    return int(moved)


def missing_milestones(store: Store) -> dict[str, int]:
    """How many deals lack which milestone first."""
    with store.begin() as connection:
        return {row.missing or "nothing": row.deals for row in connection.execute(_MISSING)}
