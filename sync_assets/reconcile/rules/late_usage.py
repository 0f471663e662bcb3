"""Rules about usage that is known only when the invoice of its period is final."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import METERED, SCALE
from sync_assets.reconcile.metering import EACH, METERED_BY, ON_INVOICES, UNIT
from sync_assets.reconcile.rule import DAY_S, Rule, Touch

_EARLIER = (
    "JOIN canonical.invoice_line il ON il.system = c.system AND il.subscription_id = c.subscription_id "
    "AND il.price_id = c.price_id AND il.starts_at <= c.ends_at"
)

_SAME_CUSTOMER = "JOIN canonical.invoice h ON h.system = {0}.system AND h.customer_id = {0}.customer_id"

_OTHERS = """
    SELECT more.record_id, more.starts_at, more.ends_at, more.quantity, more.subscription_id, h.finalised_at
    FROM canonical.invoice_line more
    JOIN canonical.invoice h ON h.system = more.system AND h.record_id = more.invoice_id AND NOT h.is_void
        AND h.deleted_at IS NULL AND h.status <> 'draft'
    WHERE more.system = il.system AND more.subscription_id = il.subscription_id AND more.price_id = il.price_id
        AND more.deleted_at IS NULL AND h.record_id <> b.record_id AND h.finalised_at > b.finalised_at
"""
"""Later lines for usage at the same price: where what came late should be."""

_ONCE = "('adhoc', 'charge')"
"""Kinds of lines that are charged once."""

_MADE_GOOD = f"""
    SELECT coalesce(sum(CASE WHEN other.starts_at < il.ends_at AND other.ends_at > il.starts_at THEN other.quantity
        ELSE greatest(other.quantity - (
            SELECT coalesce(sum({EACH}), 0) FROM canonical.usage u
            WHERE u.system = ANY(:product) AND u.subscription_id = 'billing:' || other.subscription_id
                AND u.occurred_at >= other.starts_at AND u.occurred_at < other.ends_at AND u.meter = metered.meter
                AND u.stored_at <= other.finalised_at AND u.deleted_at IS NULL
        ), 0) END), 0) AS quantity,
        min(other.finalised_at) FILTER (WHERE other.finalised_at >= late.stored_at) AS next_at
    FROM ({_OTHERS}) other
"""
"""Usage on later invoices beyond their own period's, and when the first invoice after the late usage was final."""

_CHARGED = f"""
    SELECT coalesce(sum(charge.amount_minor) / nullif(il.unit_price * {SCALE.format("b.currency")}, 0), 0) AS quantity
    FROM canonical.invoice h
    JOIN canonical.invoice_line charge ON charge.system = h.system AND charge.invoice_id = h.record_id
        AND charge.deleted_at IS NULL AND charge.kind IN {_ONCE} AND charge.amount_minor > 0
        AND coalesce(charge.subscription_id, il.subscription_id) = il.subscription_id
    WHERE h.system = b.system AND h.customer_id = b.customer_id AND NOT h.is_void AND h.deleted_at IS NULL
        AND h.status <> 'draft' AND h.finalised_at >= late.first_at
        AND (charge.starts_at < il.ends_at AND charge.ends_at > il.starts_at OR charge.amount_minor
            = round((late.quantity - good.quantity) * il.unit_price * {SCALE.format("b.currency")}))
"""
"""What people charged for it by hand: for the same time, or exactly what is missing."""

LATE_USAGE = Rule(
    class_="F37",
    title="Late usage that no later invoice made good",
    role="billing",
    entity="invoice",
    needs=(("product", "usage"), ("product", "meter"), ("billing", "invoice"), ("billing", "invoice_line")),
    hop="product->billing",
    owner="FI",
    kind=Kind.LEAK,
    lag_s=DAY_S,
    touches=(
        Touch(role="billing", entity="invoice", root="c.record_id"),
        Touch(role="billing", entity="invoice_line", root="c.invoice_id"),
        Touch(role="product", entity="meter", root="il.invoice_id", join=ON_INVOICES),
        Touch(role="billing", entity="invoice_line", root="il.invoice_id", join=_EARLIER),
        Touch(
            role="billing",
            entity="invoice",
            root="il.invoice_id",
            join="JOIN canonical.invoice_line own ON own.system = c.system AND own.invoice_id = c.record_id "
            + _EARLIER.replace("c.", "own."),
        ),
        Touch(
            role="billing",
            entity="invoice_line",
            root="h.record_id",
            join="JOIN canonical.invoice own ON own.system = c.system AND own.record_id = c.invoice_id "
            f"AND c.kind IN {_ONCE} {_SAME_CUSTOMER.format('own')}",
        ),
        Touch(
            role="billing",
            entity="invoice",
            root="h.record_id",
            join="JOIN canonical.invoice_line own ON own.system = c.system AND own.invoice_id = c.record_id "
            f"AND own.kind IN {_ONCE} {_SAME_CUSTOMER.format('c')}",
        ),
        Touch(
            role="product",
            entity="usage",
            root="il.invoice_id",
            join="JOIN canonical.invoice_line il ON il.system = ANY(:billing) "
            "AND il.subscription_id = split_part(c.subscription_id, ':', 2) AND c.occurred_at >= il.starts_at "
            "AND c.occurred_at < il.ends_at",
        ),
    ),
    select=f"""
        SELECT b.record_id AS root_id, b.system || ':' || b.record_id AS entity_id,
            b.system || ':' || b.customer_id AS customer_id, b.currency,
            round((late.quantity - billed.quantity) * il.unit_price * {SCALE.format("b.currency")})::bigint
                AS money_minor,
            coalesce(good.next_at, late.stored_at + (il.ends_at - il.starts_at)) AS happened_at,
            trim_scale(late.quantity)::text AS expected, trim_scale(billed.quantity)::text AS found,
            'quantity' AS field,
            b.system AS at_system, b.record_id AS at_record_id, il.record_id AS part,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
                jsonb_build_array(b.system, 'subscription', il.subscription_id)) AS records
        FROM canonical.invoice b
        JOIN canonical.invoice_line il ON il.system = b.system AND il.invoice_id = b.record_id AND il.deleted_at IS NULL
        JOIN canonical.price pr ON pr.system = il.system AND pr.record_id = il.price_id AND {METERED}
        {METERED_BY.format(period="il")}
        CROSS JOIN LATERAL (
            SELECT sum({EACH}) AS quantity, max(u.stored_at) AS stored_at,
                min(u.stored_at) AS first_at FROM canonical.usage u
            WHERE u.system = ANY(:product) AND u.subscription_id = 'billing:' || il.subscription_id
                AND u.occurred_at >= il.starts_at AND u.occurred_at < il.ends_at AND u.meter = metered.meter
                AND u.stored_at > b.finalised_at AND u.deleted_at IS NULL
            HAVING sum({EACH}) > 0
        ) late
        CROSS JOIN LATERAL ({_MADE_GOOD}) good
        CROSS JOIN LATERAL ({_CHARGED}) charged
        CROSS JOIN LATERAL (SELECT good.quantity + charged.quantity AS quantity) billed
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND NOT b.is_void AND b.status <> 'draft'
            AND late.quantity - billed.quantity >= {UNIT.format("il.quantity")}
    """,
    meaning="Usage came to light after its invoice was final, and the invoices that followed left it out as well.",
    wrong_when="usage of a billed period was stored after its invoice was final, and a day after the next invoice (or "
    "after one more period) no later invoice has that much beyond its own period's usage, or charges for it",
    money="what is left of the late usage times the unit price of the line",
    sentence="Usage of {expected} came after invoice {root_id} was final, {found} of it was billed since; "
    "{money} not billed.",
    advice="Bill the late usage with the next invoice; look why it came late.",
)

RULES = (LATE_USAGE,)
