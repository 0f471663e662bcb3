"""Rules about invoices made from terms of a subscription that others had replaced.

Not here: lines that come to something else than their own terms make (expected_lines.py).
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import METERED, SCALE
from sync_assets.reconcile.rule import Rule, Touch

_SAME_PERIOD = (
    "JOIN canonical.invoice_line il ON il.system = c.system AND il.subscription_id = c.subscription_id "
    "AND il.starts_at < c.ends_at AND il.ends_at > c.starts_at"
)

STALE_INVOICE = Rule(
    class_="F17",
    title="Invoiced from the contract before its upgrade",
    explained_by=("F13", "F12"),
    role="billing",
    entity="invoice",
    needs=(("billing", "invoice"), ("billing", "invoice_line"), ("billing", "subscription_version")),
    hop="billing",
    owner="RO",
    kind=Kind.LEAK,
    lag_s=0,
    touches=(
        Touch(role="billing", entity="invoice", root="c.record_id"),
        Touch(role="billing", entity="invoice_line", root="c.invoice_id"),
        Touch(role="billing", entity="invoice_line", root="il.invoice_id", join=_SAME_PERIOD),
        Touch(role="billing", entity="credit_note", root="c.invoice_id"),
        Touch(
            role="billing",
            entity="subscription_version",
            root="il.invoice_id",
            join=(
                "JOIN canonical.invoice_line il ON il.system = c.system AND il.subscription_id = c.subscription_id "
                "AND il.starts_at >= c.valid_from"
            ),
        ),
    ),
    select=f"""
        SELECT /*root b*/, b.currency, abs(gap.minor) AS money_minor,
            b.finalised_at AS happened_at, trim_scale(v.quantity) || ' at ' || trim_scale(v.unit_price) AS expected,
            trim_scale(il.quantity) || ' at ' || trim_scale(il.unit_price) AS found, 'lines' AS field,
            /*at b*/, il.record_id AS part,
            CASE WHEN gap.minor > 0 THEN 'LEAK' ELSE 'OVER' END AS kind,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
                jsonb_build_array(b.system, 'subscription', il.subscription_id)) AS records
        FROM canonical.invoice b
        JOIN canonical.invoice_line il ON il.system = b.system AND il.invoice_id = b.record_id AND il.deleted_at IS NULL
            AND il.subscription_id IS NOT NULL AND NOT coalesce(il.proration, false)
        JOIN LATERAL (
            SELECT n.quantity, n.unit_price, n.price_id, n.valid_from FROM canonical.subscription_version n
            JOIN canonical.price pr ON pr.system = n.system AND pr.record_id = n.price_id AND NOT {METERED}
            WHERE n.system = il.system AND n.subscription_id = il.subscription_id AND n.deleted_at IS NULL
                AND n.valid_from <= il.starts_at AND n.known_at <= b.finalised_at AND n.price_id = il.price_id
            ORDER BY n.valid_from DESC, n.known_at DESC, n.record_id DESC LIMIT 1
        ) v ON (v.quantity, v.unit_price) IS DISTINCT FROM (il.quantity, il.unit_price)
        CROSS JOIN LATERAL (
            SELECT (round(v.quantity * v.unit_price * {SCALE.format("b.currency")}) - il.amount_minor)::bigint AS minor
        ) gap
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND NOT b.is_void AND b.status <> 'draft'
            AND EXISTS (SELECT FROM canonical.subscription_version n WHERE n.system = il.system
                AND n.subscription_id = il.subscription_id AND n.price_id = il.price_id AND n.valid_from <= il.starts_at
                AND (n.quantity, n.unit_price) IS DISTINCT FROM (il.quantity, il.unit_price))
            AND EXISTS (SELECT FROM canonical.subscription_version o WHERE o.system = il.system
                AND o.subscription_id = il.subscription_id AND o.price_id = il.price_id AND o.valid_from < v.valid_from
                AND (o.quantity, o.unit_price) = (il.quantity, il.unit_price))
            AND NOT EXISTS (SELECT FROM canonical.credit_note n WHERE n.system = b.system AND n.invoice_id = b.record_id
                AND NOT n.is_void AND n.deleted_at IS NULL AND n.total_minor >= least(b.total_minor, -gap.minor)
                AND (gap.minor < 0 OR n.total_minor >= b.total_minor))
            AND NOT EXISTS (SELECT FROM canonical.invoice_line t
                JOIN canonical.invoice later ON later.system = t.system AND later.record_id = t.invoice_id
                    AND NOT later.is_void AND later.deleted_at IS NULL
                WHERE t.system = il.system AND t.subscription_id = il.subscription_id AND t.deleted_at IS NULL
                    AND t.invoice_id <> b.record_id AND t.starts_at < il.ends_at AND t.ends_at > il.starts_at
                    AND t.amount_minor = gap.minor)
            AND v.quantity IS DISTINCT FROM il.quantity + (
                SELECT sum(t.quantity) FROM canonical.invoice_line t
                JOIN canonical.invoice former ON former.system = t.system AND former.record_id = t.invoice_id
                    AND NOT former.is_void AND former.deleted_at IS NULL AND former.status <> 'draft'
                WHERE t.system = il.system AND t.subscription_id = il.subscription_id AND t.price_id = il.price_id
                    AND t.deleted_at IS NULL AND t.starts_at < il.starts_at AND t.ends_at > il.starts_at)
    """,
    meaning="An invoice was made from terms that an upgrade had replaced before the invoice was final.",
    wrong_when="a line's price or quantity is that of an earlier version, while a newer one was in force on its first "
    "day and known when the invoice was finalised, and no credit or true-up mends it",
    money="quantity times price of the version in force less the line's amount; LEAK when too little was billed, else "
    "OVER",
    sentence="Invoice {root_id} bills {found} although {expected} was in force; {money} off.",
    advice="Bill or credit the difference, and look why the bill run used the old version.",
)
"""A true-up of the same period, or a credit note that makes good for it, mends the invoice. A line that begins within
a period bills what was added: with what is billed of the period already, it makes the quantity in force."""

RULES = (STALE_INVOICE,)
