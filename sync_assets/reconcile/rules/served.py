"""Rules about service at the edges of a subscription: access that ends before what was paid, usage after the end."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import ENDED, ENDED_AT, METERED, RUNNING, SCALE
from sync_assets.reconcile.metering import METERED_BY, ON_INVOICES, TOTAL
from sync_assets.reconcile.rule import HOUR_S, MINUTE_S, Rule, Touch

_OF_SUBSCRIPTION = "split_part(c.subscription_id, ':', 2)"

ACCESS_CUT = Rule(
    class_="F32",
    title="Access ended before what was paid",
    role="billing",
    entity="subscription",
    needs=(("billing", "subscription"), ("billing", "invoice"), ("product", "entitlement")),
    hop="billing->product",
    owner="PR",
    kind=Kind.OVER,
    lag_s=5 * MINUTE_S,
    touches=(
        Touch(role="billing", entity="subscription", root="c.record_id"),
        Touch(role="billing", entity="invoice_line", root="c.subscription_id"),
        Touch(
            role="billing",
            entity="invoice",
            root="il.subscription_id",
            join="JOIN canonical.invoice_line il ON il.system = c.system AND il.invoice_id = c.record_id",
        ),
        Touch(role="product", entity="entitlement", root=_OF_SUBSCRIPTION),
    ),
    select=f"""
        SELECT s.record_id AS root_id, s.system || ':' || s.record_id AS entity_id,
            s.system || ':' || s.customer_id AS customer_id, s.currency, paid.minor AS money_minor,
            cut.at AS happened_at, 'access until ' || paid.until::date AS expected,
            'none since ' || cut.at::date AS found, 'status' AS field, cut.system AS at_system,
            cut.record_id AS at_record_id,
            jsonb_build_array(jsonb_build_array(s.system, 'subscription', s.record_id),
                jsonb_build_array(cut.system, 'entitlement', cut.record_id)) AS records
        FROM canonical.subscription s
        JOIN LATERAL (
            SELECT e.system, e.record_id, least(e.deleted_at, e.ends_at) AS at
            FROM canonical.entitlement e
            WHERE e.system = ANY(:product) AND e.subscription_id = 'billing:' || s.record_id
            ORDER BY least(e.deleted_at, e.ends_at) DESC NULLS FIRST, e.record_id LIMIT 1
        ) cut ON cut.at IS NOT NULL
        CROSS JOIN LATERAL (
            SELECT max(il.ends_at) AS until, round(sum((il.amount_minor - coalesce(il.discount_minor, 0))
                * extract(epoch FROM il.ends_at - greatest(il.starts_at, cut.at))
                / extract(epoch FROM il.ends_at - il.starts_at)))::bigint AS minor
            FROM canonical.invoice_line il
            JOIN canonical.invoice h ON h.system = il.system AND h.record_id = il.invoice_id AND h.status = 'paid'
                AND NOT h.is_void AND h.deleted_at IS NULL AND h.paid_minor > 0
            JOIN canonical.price pr ON pr.system = il.system AND pr.record_id = il.price_id AND NOT {METERED}
            WHERE il.system = s.system AND il.subscription_id = s.record_id AND il.deleted_at IS NULL
                AND il.ends_at > cut.at + interval '1 hour' AND il.ends_at > il.starts_at
        ) paid
        WHERE s.system = ANY(:billing) /*roots s*/ AND s.deleted_at IS NULL AND s.status IN {RUNNING}
            AND paid.minor > 0
    """,
    meaning="A customer paid for a period and lost access before it was over.",
    wrong_when="the last access of a running subscription ended an hour or more before the end of a period that was "
    "paid, and none took its place",
    money="what was paid for the time without access, before tax: it would have to go back",
    sentence="Subscription {root_id} is paid, {expected}, but has {found}; {money} would have to go back.",
    advice="Give access back at once, and look what the product took for the end of the subscription.",
)
"""One feature that ends while others go on is a change of the plan. Unpaid periods may be cut: so says dunning."""

_BILLED_LATER = f"""EXISTS (
    SELECT FROM canonical.invoice_line il
    JOIN canonical.invoice h ON h.system = il.system AND h.record_id = il.invoice_id AND NOT h.is_void
        AND h.deleted_at IS NULL
    JOIN canonical.price pr ON pr.system = il.system AND pr.record_id = il.price_id AND {METERED}
    WHERE il.system = s.system AND il.subscription_id = s.record_id AND il.deleted_at IS NULL
        AND il.starts_at <= u.occurred_at AND il.ends_at > u.occurred_at
)"""

USED_AFTER_END = Rule(
    class_="F39",
    title="Usage after the subscription ended",
    explained_by=("F25", "F31"),
    role="billing",
    entity="subscription",
    needs=(("billing", "subscription"), ("billing", "invoice_line"), ("product", "usage"), ("product", "meter")),
    hop="billing->product",
    owner="PR",
    kind=Kind.LEAK,
    lag_s=HOUR_S,
    touches=(
        Touch(role="billing", entity="subscription", root="c.record_id"),
        Touch(role="billing", entity="subscription_item", root="c.subscription_id"),
        Touch(role="product", entity="meter", root="i.subscription_id", join=ON_INVOICES),
        Touch(role="billing", entity="invoice_line", root="c.subscription_id"),
        Touch(
            role="billing",
            entity="invoice",
            root="il.subscription_id",
            join="JOIN canonical.invoice_line il ON il.system = c.system AND il.invoice_id = c.record_id",
        ),
        Touch(
            role="product",
            entity="usage",
            root="s.record_id",
            join=f"JOIN canonical.subscription s ON s.system = ANY(:billing) AND s.record_id = {_OF_SUBSCRIPTION} "
            f"AND {ENDED}",
        ),
    ),
    select=f"""
        SELECT s.record_id AS root_id, s.system || ':' || s.record_id AS entity_id,
            s.system || ':' || s.customer_id AS customer_id, s.currency, rated.minor AS money_minor,
            used.first_at AS happened_at, 'no usage after ' || ended.at::date AS expected,
            trim_scale(used.quantity)::text AS found, 'quantity' AS field, used.system AS at_system,
            used.record_id AS at_record_id, jsonb_build_array(used.system, 'usage', used.record_id) AS evidence,
            jsonb_build_array(jsonb_build_array(s.system, 'subscription', s.record_id),
                jsonb_build_array(used.system, 'usage', used.record_id)) AS records
        FROM canonical.subscription s
        CROSS JOIN LATERAL (SELECT {ENDED_AT} AS at) ended
        CROSS JOIN LATERAL (
            SELECT min(u.system) AS system, min(u.occurred_at) AS first_at, sum(u.quantity) AS quantity,
                (array_agg(u.record_id ORDER BY u.occurred_at, u.record_id))[1] AS record_id
            FROM canonical.usage u
            WHERE u.system = ANY(:product) AND u.subscription_id = 'billing:' || s.record_id
                AND u.occurred_at >= ended.at + interval '1 hour' AND u.deleted_at IS NULL AND NOT {_BILLED_LATER}
        ) used
        CROSS JOIN LATERAL (
            SELECT s.record_id AS subscription_id, used.first_at AS starts_at,
                ended.at + interval '100 years' AS ends_at
        ) period
        CROSS JOIN LATERAL (
            SELECT coalesce(round(sum(counted.quantity * i.unit_price) * {SCALE.format("s.currency")}), 0)::bigint
                AS minor
            FROM canonical.subscription_item i
            JOIN canonical.price pr ON pr.system = i.system AND pr.record_id = i.price_id AND {METERED}
            {METERED_BY.format(period="period")}
            CROSS JOIN LATERAL (
                SELECT {TOTAL} AS quantity FROM canonical.usage u
                WHERE u.system = ANY(:product) AND u.subscription_id = 'billing:' || s.record_id
                    AND u.meter = metered.meter AND u.occurred_at >= used.first_at AND u.deleted_at IS NULL
                    AND NOT {_BILLED_LATER}
            ) counted
            WHERE i.system = s.system AND i.subscription_id = s.record_id
                AND (i.deleted_at IS NULL OR i.deleted_at = s.deleted_at)
        ) rated
        WHERE s.system = ANY(:billing) /*roots s*/ AND {ENDED}
            AND used.quantity > 0
    """,
    meaning="The product was used after the subscription had ended, and nobody bills it.",
    wrong_when="usage happened an hour or more after its subscription ended, and no invoice bills usage of that time",
    money="the usage times the unit price of the subscription's usage item; none where it never had one",
    sentence="Subscription {root_id} ended, but {found} of usage came after; {money} not billed.",
    advice="Bill the usage or let it go, and take away the keys that still work.",
)
"""Usage of before the end that is only stored later is late, not forbidden."""

RULES = (ACCESS_CUT, USED_AFTER_END)
