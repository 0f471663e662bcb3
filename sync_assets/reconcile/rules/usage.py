"""Rules about service against what is billed for it: the version in force, usage."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import METERED, SCALE
from sync_assets.reconcile.rule import DAY_S, Rule, Touch

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

METER = """(
    SELECT CASE WHEN count(*) = 1 THEN min(known.meter) ELSE min(known.meter) FILTER (WHERE known.is_named) END
    FROM (
        SELECT u.meter, EXISTS (SELECT FROM canonical.meter m WHERE m.system = ANY(:product)
            AND m.event_type = u.meter AND pr.product_id IN (m.feature, m.event_type, m.name)) AS is_named
        FROM canonical.usage u
        WHERE u.system = ANY(:product) AND u.subscription_id = 'billing:' || {period}.subscription_id
            AND u.occurred_at >= {period}.starts_at AND u.occurred_at < {period}.ends_at AND u.deleted_at IS NULL
        GROUP BY u.meter
    ) known
    WHERE NOT EXISTS (SELECT FROM canonical.meter m WHERE m.system = ANY(:product) AND m.event_type = known.meter
        AND m.aggregation NOT IN ('SUM', 'COUNT'))
)"""
"""The kind of events that a usage price is for: the only one there is, else the one called like the product. Only of
meters that add up: of a highest or a latest value, the sum of the events says nothing."""

WHOLE_UNITS = "({more} >= 1 OR ({more} > 0 AND {billed} <> trunc({billed})))"
"""Whether there is `more` than was `billed`: where whole units are billed, less than one is how they were rounded."""

_USED = """(
    SELECT coalesce(sum(u.quantity), 0) FROM canonical.usage u
    WHERE u.system = ANY(:product) AND u.subscription_id = 'billing:' || {period}.subscription_id
        AND u.occurred_at >= {period}.starts_at AND u.occurred_at < {period}.ends_at
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
    CROSS JOIN LATERAL (SELECT {METER.format(period="il")} AS meter) metered
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
    CROSS JOIN LATERAL (SELECT {METER.format(period="term")} AS meter) metered
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
    needs=(("product", "usage"), ("billing", "invoice"), ("billing", "invoice_line")),
    hop="product->billing",
    owner="FI",
    kind=Kind.LEAK,
    lag_s=DAY_S,
    touches=(
        Touch(role="billing", entity="invoice", root="c.record_id"),
        Touch(role="billing", entity="invoice_line", root="c.invoice_id"),
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
        WHERE {WHOLE_UNITS.format(more="b.used - b.quantity", billed="b.quantity")}
    """,
    meaning="Usage that was measured did not reach an invoice.",
    wrong_when="the usage of a billed period that was stored before its invoice was final exceeds the quantity on the "
    "invoice, or no invoice has a line for it",
    money="the missing quantity times the unit price of the line",
    sentence="Invoice {root_id} bills {found} of usage, but {expected} were used; {money} not billed.",
    advice="Bill the missing usage on the next invoice; look where events were lost on the way to billing.",
)

RULES = (STALE_INVOICE, USAGE_UNBILLED)
