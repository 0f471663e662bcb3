"""Rules about the price that usage is billed at: the one of the plan that was in force when it happened."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import METERED, SCALE
from sync_assets.reconcile.metering import EACH, METERED_BY, ON_INVOICES
from sync_assets.reconcile.rule import Rule, Touch

_IN_FORCE = """
    SELECT n.unit_price FROM canonical.subscription_version n
    JOIN canonical.price np ON np.system = n.system AND np.record_id = n.price_id
        AND np.product_id = billed.product_id
    WHERE n.system = b.system AND n.subscription_id = billed.subscription_id AND n.deleted_at IS NULL
        AND n.unit_price IS NOT NULL AND n.valid_from <= {0} AND n.known_at <= b.finalised_at
    ORDER BY n.valid_from DESC, n.known_at DESC, n.record_id DESC LIMIT 1
"""
"""The unit price of a product for usage at an instant, as far as it was known when the invoice was final."""

_CHANGED_WITHIN = f"""
    SELECT FROM canonical.invoice_line il
    JOIN canonical.price pr ON pr.system = il.system AND pr.record_id = il.price_id AND {METERED}
    JOIN canonical.invoice_line last ON last.system = il.system AND last.invoice_id = il.invoice_id
        AND last.subscription_id = il.subscription_id
    JOIN canonical.price lp ON lp.system = last.system AND lp.record_id = last.price_id
        AND lp.product_id = pr.product_id
    JOIN canonical.subscription_version n ON n.system = il.system AND n.subscription_id = il.subscription_id
        AND n.valid_from < last.ends_at AND n.deleted_at IS NULL
        AND (n.valid_from > il.starts_at OR n.price_id = il.price_id AND n.unit_price <> il.unit_price)
    WHERE il.system = b.system AND il.invoice_id = b.record_id AND il.deleted_at IS NULL
"""
"""Anything of the subscription changed in the time whose usage an invoice bills, or its price had been another one."""

OLD_PLAN = Rule(
    class_="F38",
    title="Usage billed at the price of another time",
    role="billing",
    entity="invoice",
    needs=(
        ("product", "usage"),
        ("product", "meter"),
        ("billing", "invoice"),
        ("billing", "invoice_line"),
        ("billing", "subscription_version"),
    ),
    hop="product->billing",
    owner="RO",
    kind=Kind.LEAK,
    lag_s=0,
    touches=(
        Touch(role="billing", entity="invoice", root="c.record_id"),
        Touch(role="billing", entity="invoice_line", root="c.invoice_id"),
        Touch(role="product", entity="meter", root="il.invoice_id", join=ON_INVOICES),
        Touch(role="billing", entity="credit_note", root="c.invoice_id"),
        Touch(
            role="billing",
            entity="subscription_version",
            root="il.invoice_id",
            join="JOIN canonical.invoice_line il ON il.system = c.system AND il.subscription_id = c.subscription_id "
            "AND il.ends_at > c.valid_from",
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
        SELECT /*root b*/, b.currency, abs(gap.minor) AS money_minor, b.finalised_at AS happened_at,
            billed.minor + gap.minor || ' for ' || trim_scale(billed.quantity) AS expected,
            billed.minor || ' for ' || trim_scale(billed.quantity) AS found, 'unit_price' AS field, /*at b*/,
            billed.subscription_id || ' ' || billed.product_id AS part,
            CASE WHEN gap.minor > 0 THEN 'LEAK' ELSE 'OVER' END AS kind,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
                jsonb_build_array(b.system, 'subscription', billed.subscription_id)) AS records
        FROM (
            SELECT b.* FROM canonical.invoice b
            WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND NOT b.is_void
                AND b.status <> 'draft' AND EXISTS ({_CHANGED_WITHIN})
            OFFSET 0
        ) b
        JOIN LATERAL (
            SELECT il.subscription_id, pr.product_id, min(il.starts_at) AS starts_at, max(il.ends_at) AS ends_at,
                sum(il.quantity) AS quantity, sum(il.amount_minor)::bigint AS minor, count(*) AS lines
            FROM canonical.invoice_line il
            JOIN canonical.price pr ON pr.system = il.system AND pr.record_id = il.price_id AND {METERED}
                AND pr.model = 'per_unit'
            WHERE il.system = b.system AND il.invoice_id = b.record_id AND il.deleted_at IS NULL
                AND il.subscription_id IS NOT NULL
            GROUP BY il.subscription_id, pr.product_id
        ) billed ON billed.quantity > 0
        JOIN LATERAL ({_IN_FORCE.format("billed.starts_at")}) first ON true
        JOIN canonical.price pr ON pr.system = b.system AND pr.product_id = billed.product_id
            AND pr.record_id = (SELECT min(p.record_id) FROM canonical.price p WHERE p.system = b.system
                AND p.product_id = billed.product_id)
        {METERED_BY.format(period="billed")}
        CROSS JOIN LATERAL (
            SELECT sum({EACH}) AS quantity, sum({EACH} * price.unit_price) AS amount
            FROM canonical.usage u
            CROSS JOIN LATERAL ({_IN_FORCE.format("u.occurred_at")}) price
            WHERE u.system = ANY(:product) AND u.subscription_id = 'billing:' || billed.subscription_id
                AND u.occurred_at >= billed.starts_at AND u.occurred_at < billed.ends_at
                AND u.meter = metered.meter AND u.stored_at <= b.finalised_at AND u.deleted_at IS NULL
        ) used
        CROSS JOIN LATERAL (
            SELECT round(used.amount * {SCALE.format("b.currency")})::bigint - billed.minor AS minor
        ) gap
        WHERE EXISTS (SELECT FROM canonical.subscription_version n
                JOIN canonical.price np ON np.system = n.system AND np.record_id = n.price_id
                    AND np.product_id = billed.product_id
                WHERE n.system = b.system AND n.subscription_id = billed.subscription_id AND n.deleted_at IS NULL
                    AND n.valid_from < billed.ends_at AND n.known_at <= b.finalised_at
                    AND n.unit_price <> first.unit_price AND (n.valid_from > billed.starts_at
                        OR abs(round(n.unit_price * billed.quantity * {SCALE.format("b.currency")}) - billed.minor)
                            <= billed.lines))
            AND used.quantity = billed.quantity AND abs(gap.minor) > billed.lines
            AND NOT EXISTS (SELECT FROM canonical.credit_note n WHERE n.system = b.system AND n.invoice_id = b.record_id
                AND NOT n.is_void AND n.deleted_at IS NULL AND n.total_minor >= -gap.minor AND gap.minor < 0)
    """,
    meaning="The price of usage changed in a period or before it, and the usage was billed at another time's price.",
    wrong_when="the price of usage changed within a billed period, or the lines are at a price that an earlier version "
    "had, and they are not, but for a minor unit each, the sum of each event times the price in force when it "
    "happened",
    money="events times the prices in force when they happened, less the amount of the lines; LEAK when too little was "
    "billed, else OVER",
    sentence="Invoice {root_id} bills usage at the price of another time; {money} off.",
    advice="Bill or credit the difference, and let usage be rated at the price of its own time.",
)
"""Where the quantity differs from the events it is not the price that is wrong: F34 and F36. Prices in tiers depend on
the whole quantity, so one of them at an instant says nothing. A version known after the invoice was final needs a
true-up and is no fault of the invoice."""

RULES = (OLD_PLAN,)
