"""What happened around one contract, in every system: the rows from which a trace tells its story.

Belongs here: finding them by the links that copies carry. Not here: words for people (integrity/story).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from sync_assets.store.engine import Store

Roles = Mapping[str, Sequence[str]]
"""Which systems play each role."""


@dataclass(frozen=True, kw_only=True)
class Affair:
    """One affair: the subscriptions, the deals behind them, and the billing invoices that are looked at."""

    subscriptions: tuple[str, ...]
    deals: tuple[str, ...]
    invoices: tuple[str, ...]


_OF_INVOICES = """
    SELECT i.subscription_id FROM canonical.invoice i
    WHERE i.system = ANY(:billing) AND i.record_id = ANY(:ids) AND i.subscription_id IS NOT NULL
"""
_SUBSCRIPTIONS = {
    "invoice": _OF_INVOICES,
    "subscription": "SELECT unnest(:ids)",
    "order": """
        SELECT s.record_id FROM canonical.subscription s WHERE s.system = ANY(:billing) AND s.order_id = ANY(
            SELECT 'crm:' || coalesce(o.deal_id, o.record_id) FROM canonical."order" o
            WHERE o.system = ANY(:crm) AND o.record_id = ANY(:ids))
    """,
}
"""Per entity the subscriptions that records of it are about."""

_DEALS = text("""
    SELECT DISTINCT split_part(order_id, ':', 2) FROM canonical.subscription
    WHERE system = ANY(:billing) AND record_id = ANY(:ids) AND order_id IS NOT NULL
""")

_ORDERS = """
    SELECT coalesce(o.won_at, o.version_at) AS at, o.system, 'order' AS what, o.record_id,
        coalesce(o.number, o.record_id) AS label, o.kind AS detail, l.quantity, l.unit_price,
        o.amount_minor, o.currency
    FROM canonical."order" o LEFT JOIN LATERAL (
        SELECT quantity, unit_price FROM canonical.order_line l
        WHERE l.system = o.system AND l.order_id = o.record_id AND l.deleted_at IS NULL
        ORDER BY l.amount_minor DESC NULLS LAST, l.record_id LIMIT 1) l ON true
    WHERE o.system = ANY(:crm) AND o.deal_id = ANY(:deals) AND o.status = 'won' AND o.deleted_at IS NULL
"""
_VERSIONS = """
    SELECT v.known_at, v.system, 'version', v.subscription_id, v.price_id, v.before, v.quantity, v.unit_price,
        NULL, v.currency
    FROM (SELECT n.*, lag(n.quantity || ' x ' || n.unit_price) OVER (PARTITION BY n.subscription_id, n.price_id
            ORDER BY n.known_at, n.valid_from, n.record_id) AS before
        FROM canonical.subscription_version n
        WHERE n.system = ANY(:billing) AND n.subscription_id = ANY(:subscriptions)) v
    WHERE v.quantity IS NOT NULL AND v.before IS DISTINCT FROM v.quantity || ' x ' || v.unit_price
"""
_INVOICES = """
    SELECT coalesce(i.finalised_at, i.issued_at, first.version_at, i.version_at), i.system,
        CASE WHEN i.copy_of IS NULL THEN 'invoice' ELSE 'posted invoice' END, i.record_id,
        coalesce(i.number, nullif(split_part(i.copy_of, ':', 2), ''), i.record_id), i.status,
        l.quantity, l.unit_price, coalesce(first.total_minor, i.total_minor), i.currency
    FROM canonical.invoice i LEFT JOIN LATERAL (
        SELECT h.version_at, h.total_minor FROM canonical.invoice_history h
        WHERE h.system = i.system AND h.record_id = i.record_id ORDER BY h.version_id LIMIT 1) first ON true
    LEFT JOIN LATERAL (
        SELECT quantity, unit_price FROM canonical.invoice_line l
        WHERE l.system = i.system AND l.invoice_id = i.record_id AND l.deleted_at IS NULL
        ORDER BY l.amount_minor DESC NULLS LAST, l.record_id LIMIT 1) l ON i.copy_of IS NULL
    WHERE ((i.system = ANY(:billing) AND i.record_id = ANY(:invoices))
        OR (i.system = ANY(:erp) AND i.copy_of = ANY(SELECT 'billing:' || unnest(:invoices))))
        AND i.deleted_at IS NULL
"""
_CREDITS = """
    SELECT coalesce(n.issued_at, n.version_at), n.system, 'credit note', n.record_id, coalesce(n.number, n.record_id),
        n.status, NULL, NULL, n.total_minor, n.currency
    FROM canonical.credit_note n
    WHERE n.system = ANY(:billing) AND n.invoice_id = ANY(:invoices) AND NOT n.is_void AND n.deleted_at IS NULL
    UNION ALL
    SELECT n.version_at, n.system, 'manual credit memo', n.record_id, coalesce(n.number, n.record_id), n.status,
        NULL, NULL, n.total_minor, n.currency
    FROM canonical.credit_note n
    WHERE n.system = ANY(:erp) AND n.copy_of IS NULL AND NOT n.is_void AND n.deleted_at IS NULL
        AND EXISTS (SELECT FROM canonical.invoice e WHERE e.system = n.system AND e.customer_id = n.customer_id
            AND e.copy_of = ANY(SELECT 'billing:' || unnest(:invoices)) AND e.currency = n.currency
            AND n.issued_on >= e.issued_on AND n.total_minor <= e.total_minor)
"""
_PAYMENTS = """
    SELECT coalesce(p.settled_at, p.created_at, p.version_at), p.system, 'payment', p.record_id, p.record_id, p.status,
        NULL, NULL, l.amount_minor, p.currency
    FROM canonical.allocation l
    JOIN canonical.payment p ON p.system = l.system AND p.record_id = l.payment_id AND p.deleted_at IS NULL
    WHERE l.system = ANY(:billing) AND l.document_id = ANY(:invoices) AND l.deleted_at IS NULL
"""
_PARTS = (_ORDERS, _VERSIONS, _INVOICES, _CREDITS, _PAYMENTS)
_HAPPENED = f"{' UNION ALL '.join(_PARTS)} ORDER BY 1, 2, 3, 4 LIMIT 200"
_USAGE = text("""
    SELECT max(system) AS system, meter, count(*) AS events, sum(quantity) AS quantity, max(occurred_at) AS at
    FROM canonical.usage WHERE subscription_id = ANY(SELECT 'billing:' || unnest(CAST(:subscriptions AS text[])))
        AND occurred_at >= :after AND occurred_at < :before AND deleted_at IS NULL
    GROUP BY meter ORDER BY meter
""")


def affair_of(store: Store, entity: str, ids: Sequence[str], roles: Roles) -> Affair | None:
    """The affair that records of an entity belong to; None for entities that belong to no contract."""
    if entity not in _SUBSCRIPTIONS:
        return None
    bound: dict[str, Any] = {"ids": list(ids), **_systems(roles)}
    with store.begin() as connection:
        subscriptions = _column(connection, _SUBSCRIPTIONS[entity], bound)
        deals = connection.execute(_DEALS, {**bound, "ids": subscriptions}).scalars().all()
    return Affair(
        subscriptions=tuple(dict.fromkeys(subscriptions)),
        deals=tuple(deals),
        invoices=tuple(ids) if entity == "invoice" else (),
    )


def happened(store: Store, affair: Affair, roles: Roles) -> list[dict[str, Any]]:
    """What happened to the contract and to the invoices that are looked at, oldest first."""
    bound = {**{name: list(ids) for name, ids in vars(affair).items()}, **_systems(roles)}
    with store.begin() as connection:
        return [dict(row) for row in connection.execute(_typed(_HAPPENED), bound).mappings()]


def usage_between(store: Store, affair: Affair, after: datetime, before: datetime) -> list[dict[str, Any]]:
    """Events and quantity per meter that the contract used in a span of time."""
    bound = {"subscriptions": list(affair.subscriptions), "after": after, "before": before}
    with store.begin() as connection:
        return [dict(row) for row in connection.execute(_USAGE, bound).mappings()]


def _column(connection: Connection, select: str, bound: Mapping[str, Any]) -> list[str]:
    wanted = {name: value for name, value in bound.items() if f":{name}" in select}
    return list(connection.execute(_typed(select), wanted).scalars())


_LISTS = ("crm", "billing", "erp", "ids", "deals", "subscriptions", "invoices")


def _typed(select: str) -> Any:
    """The statement with its lists declared as lists of text; an empty one has no type of its own."""
    for name in _LISTS:
        select = select.replace(f"(:{name})", f"(CAST(:{name} AS text[]))")
    return text(select)


def _systems(roles: Roles) -> dict[str, list[str]]:
    return {role: list(roles.get(role, ())) for role in ("crm", "billing", "erp")}
