"""Rules about usage that was known in time and did not reach an invoice.

Not here: usage that came late (late_usage.py), or that was billed beyond what was used (counted_usage.py).
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import METERED, SCALE
from sync_assets.reconcile.metering import METERED_BY, ON_INVOICES, TOTAL, UNIT
from sync_assets.reconcile.rule import DAY_S, Rule, Touch

_USED = f"""(
    SELECT {TOTAL} FROM canonical.usage u
    WHERE u.system = ANY(:product) AND u.subscription_id = 'billing:' || {{period}}.subscription_id
        AND u.occurred_at >= {{period}}.starts_at AND u.occurred_at < {{period}}.ends_at
        AND u.meter = metered.meter AND u.stored_at <= b.finalised_at AND u.deleted_at IS NULL
)"""

_OF_INVOICE = "b.system, b.record_id, b.customer_id, b.currency, b.finalised_at"
_ISSUED = """
    b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND NOT b.is_void AND b.status <> 'draft'
"""
_ON_INVOICE = f"""
    SELECT {_OF_INVOICE}, il.subscription_id, il.record_id AS part, il.quantity, il.unit_price, used.quantity AS used
    FROM canonical.invoice b
    JOIN canonical.invoice_line il ON il.system = b.system AND il.invoice_id = b.record_id AND il.deleted_at IS NULL
    JOIN canonical.price pr ON pr.system = il.system AND pr.record_id = il.price_id AND {METERED}
    {METERED_BY.format(period="il")}
    CROSS JOIN LATERAL (SELECT {_USED.format(period="il")} AS quantity) used
    WHERE {_ISSUED}
"""
"""Lines for usage, beside the usage of their period that was known when the invoice became final."""

_LEFT_OFF = f"""
    SELECT {_OF_INVOICE}, term.subscription_id, i.price_id AS part, 0 AS quantity, i.unit_price, used.quantity AS used
    FROM canonical.invoice b
    JOIN canonical.invoice_line turn ON turn.system = b.system AND turn.invoice_id = b.record_id
        AND turn.deleted_at IS NULL
    JOIN canonical.subscription_item i ON i.system = turn.system AND i.subscription_id = turn.subscription_id
        AND i.deleted_at IS NULL AND i.unit_price IS NOT NULL
    JOIN canonical.price pr ON pr.system = i.system AND pr.record_id = i.price_id AND {METERED}
    JOIN LATERAL (
        SELECT former.subscription_id, max(former.starts_at) AS starts_at, turn.starts_at AS ends_at
        FROM canonical.invoice_line former
        WHERE former.system = turn.system AND former.subscription_id = turn.subscription_id
            AND former.price_id = turn.price_id AND former.ends_at = turn.starts_at AND former.deleted_at IS NULL
        GROUP BY former.subscription_id
    ) term ON true
    {METERED_BY.format(period="term")}
    CROSS JOIN LATERAL (SELECT {_USED.format(period="term")} AS quantity) used
    WHERE {_ISSUED}
        AND EXISTS (SELECT FROM canonical.subscription_version n WHERE n.system = i.system
            AND n.subscription_id = i.subscription_id AND n.price_id = i.price_id AND n.valid_from < term.ends_at)
        AND NOT EXISTS (SELECT FROM canonical.invoice_line billed
            JOIN canonical.invoice h ON h.system = billed.system AND h.record_id = billed.invoice_id AND NOT h.is_void
            JOIN canonical.price bp ON bp.system = billed.system AND bp.record_id = billed.price_id
                AND bp.product_id = pr.product_id
            WHERE billed.system = i.system AND billed.subscription_id = i.subscription_id AND billed.deleted_at IS NULL
                AND billed.starts_at < term.ends_at AND billed.ends_at > term.starts_at)
"""
"""Usage of a term that has turned, when no invoice has a line for it. Usage is billed in arrears, as the term turns."""

USAGE_UNBILLED = Rule(
    class_="F34",
    title="Usage was not billed",
    role="billing",
    entity="subscription",
    needs=(("product", "usage"), ("product", "meter"), ("billing", "invoice"), ("billing", "invoice_line")),
    hop="product->billing",
    owner="FI",
    kind=Kind.LEAK,
    lag_s=DAY_S,
    touches=(
        Touch(role="billing", entity="invoice", root="c.record_id"),
        Touch(role="billing", entity="invoice_line", root="c.invoice_id"),
        Touch(role="product", entity="meter", root="il.invoice_id", join=ON_INVOICES),
        Touch(
            role="billing",
            entity="invoice_line",
            root="il.invoice_id",
            join="JOIN canonical.invoice_line il ON il.system = c.system AND il.subscription_id = c.subscription_id "
            "AND il.starts_at >= c.starts_at AND il.starts_at <= c.ends_at",
        ),
        Touch(
            role="product",
            entity="usage",
            root="il.invoice_id",
            join="JOIN canonical.invoice_line il ON il.system = ANY(:billing) "
            "AND il.subscription_id = split_part(c.subscription_id, ':', 2) AND c.occurred_at >= il.starts_at "
            "AND c.occurred_at < il.ends_at",
        ),
        Touch(
            role="product",
            entity="usage",
            root="turn.invoice_id",
            join="JOIN canonical.invoice_line il ON il.system = ANY(:billing) "
            "AND il.subscription_id = split_part(c.subscription_id, ':', 2) AND c.occurred_at >= il.starts_at "
            "AND c.occurred_at < il.ends_at JOIN canonical.invoice_line turn ON turn.system = il.system "
            "AND turn.subscription_id = il.subscription_id AND turn.starts_at = il.ends_at",
        ),
    ),
    select=f"""
        SELECT b.record_id AS root_id, b.system || ':' || b.subscription_id AS entity_id,
            b.system || ':' || b.customer_id AS customer_id, b.currency,
            round((b.used - b.quantity) * b.unit_price * {SCALE.format("b.currency")})::bigint AS money_minor,
            b.finalised_at AS happened_at, trim_scale(b.used)::text AS expected,
            trim_scale(b.quantity)::text AS found, 'quantity' AS field, /*at b*/, b.part,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
                jsonb_build_array(b.system, 'subscription', b.subscription_id)) AS records
        FROM ({_ON_INVOICE} UNION ALL {_LEFT_OFF}) b
        WHERE b.used - b.quantity >= {UNIT.format("b.quantity")}
    """,
    meaning="Usage that was measured did not reach an invoice.",
    wrong_when="the usage of a billed period that was stored before its invoice was final exceeds the quantity on the "
    "invoice by a unit of its last digit or more, counted as its meter counts, or no invoice has a line for it",
    money="the missing quantity times the unit price of the line",
    sentence="Invoice {root_id} bills {found} of usage, but {expected} were used; {money} not billed.",
    advice="Bill the missing usage on the next invoice; look where events were lost on the way to billing.",
)

RULES = (USAGE_UNBILLED,)
