"""Rules about what was sold against what is billed: deals and subscriptions, prices, quantities, versions, access."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import DAY_S, Rule, Touch

SCALE = "CASE WHEN {0} = ANY(:no_decimals) THEN 1 WHEN {0} = ANY(:three_decimals) THEN 1000 ELSE 100 END"
"""Minor units of one major unit of a currency."""

MONTHS = "CASE {0}.period_unit WHEN 'year' THEN 12 WHEN 'month' THEN 1 END * {0}.period"
"""Months of a billing period; null for days and weeks, which are not sold as terms."""

METERED = (
    "coalesce(pr.metered, (SELECT d.metered FROM canonical.product d WHERE d.system = pr.system "
    "AND d.record_id = pr.product_id), false)"
)
"""Whether a price `pr` is for usage: said by the price, or by its product."""

RUNNING = "('active', 'non_renewing')"
"""States of a subscription that is being billed."""

_SUBSCRIPTION = Touch(role="billing", entity="subscription", root="c.record_id")
_ITEM = Touch(role="billing", entity="subscription_item", root="c.subscription_id")
_DEAL_LINE = Touch(
    role="crm",
    entity="order_line",
    root="s.record_id",
    join="JOIN canonical.subscription s ON s.system = ANY(:billing) AND s.order_id = 'crm:' || c.order_id",
)
_SOLD = f"""
    FROM canonical.subscription s
    JOIN canonical.subscription_item i ON i.system = s.system AND i.subscription_id = s.record_id
        AND i.deleted_at IS NULL
    JOIN canonical.price pr ON pr.system = i.system AND pr.record_id = i.price_id AND NOT {METERED}
    JOIN canonical."order" o ON o.system = ANY(:crm) AND s.order_id = 'crm:' || o.record_id
        AND o.record_id = split_part(s.order_id, ':', 2) AND o.deleted_at IS NULL AND o.status = 'won'
    JOIN canonical.order_line l ON l.system = o.system AND l.order_id = o.record_id AND l.deleted_at IS NULL
    JOIN canonical.product cp ON cp.system = l.system AND cp.record_id = l.product_id AND cp.sku = pr.product_id
    LEFT JOIN canonical.customer a ON a.system = o.system AND a.record_id = o.customer_id
    CROSS JOIN LATERAL (
        SELECT max(m.starts_on) AS starts_on FROM canonical."order" m
        WHERE m.system = o.system AND m.deal_id = o.record_id AND m.kind = 'amendment' AND m.deleted_at IS NULL
    ) amended
    WHERE s.system = ANY(:billing) /*roots s*/ AND s.deleted_at IS NULL AND s.status IN ('active', 'non_renewing')
"""
_AGREED = "(l.unit_price * (1 - coalesce(l.discount_percent, 0) / 100))"
_WHERE_AND_WHO = """s.record_id AS root_id, s.system || ':' || s.record_id AS entity_id,
    s.system || ':' || s.customer_id AS customer_id, s.currency, s.system AS at_system, s.record_id AS at_record_id,
    jsonb_build_array(jsonb_build_array(s.system, 'subscription', s.record_id),
        jsonb_build_array(o.system, 'order', o.record_id)) AS records"""

PRICE_DIFFERS = Rule(
    class_="F12",
    title="Billed at another price than sold",
    role="billing",
    entity="subscription",
    needs=(("crm", "order_line"), ("billing", "subscription"), ("billing", "subscription_item")),
    hop="crm->billing",
    owner="RO",
    kind=Kind.LEAK,
    lag_s=3600,
    touches=(_SUBSCRIPTION, _ITEM, _DEAL_LINE),
    select=f"""
        SELECT {_WHERE_AND_WHO},
            round(abs({_AGREED} - i.unit_price) * i.quantity * {SCALE.format("s.currency")})::bigint
                AS per_period_minor,
            {MONTHS.format("s")} AS period_months, s.started_at AS accrues_at,
            amended.starts_on AS accrues_on, a.legal_entity,
            greatest(l.version_at, i.version_at) AS happened_at, round({_AGREED}, 4)::text AS expected,
            round(i.unit_price, 4)::text AS found, 'unit_price' AS field,
            CASE WHEN {_AGREED} > i.unit_price THEN 'LEAK' ELSE 'OVER' END AS kind
        {_SOLD} AND abs({_AGREED} - i.unit_price) * {SCALE.format("s.currency")} >= 1
    """,
    sentence="Subscription {root_id} is billed at {found} each, but {expected} was agreed; {money} so far.",
    advice="Correct the price in billing, or have the deal amended if the discount was agreed later.",
)

QUANTITY_DIFFERS = Rule(
    class_="F13",
    title="Billed for another quantity than sold",
    role="billing",
    entity="subscription",
    needs=(("crm", "order_line"), ("billing", "subscription"), ("billing", "subscription_item")),
    hop="crm->billing",
    owner="RO",
    kind=Kind.LEAK,
    lag_s=DAY_S,
    touches=(_SUBSCRIPTION, _ITEM, _DEAL_LINE),
    select=f"""
        SELECT {_WHERE_AND_WHO},
            round(abs(l.quantity - i.quantity) * {_AGREED} * {SCALE.format("s.currency")})::bigint
                AS per_period_minor,
            {MONTHS.format("s")} AS period_months, s.started_at AS accrues_at,
            amended.starts_on AS accrues_on, a.legal_entity,
            greatest(l.version_at, i.version_at) AS happened_at, trim_scale(l.quantity)::text AS expected,
            trim_scale(i.quantity)::text AS found, 'quantity' AS field,
            CASE WHEN l.quantity > i.quantity THEN 'LEAK' ELSE 'OVER' END AS kind
        {_SOLD} AND l.quantity <> i.quantity
    """,
    sentence="Subscription {root_id} is billed for {found}, but {expected} were sold; {money} so far.",
    advice="Change the quantity in billing from the day of the order, and bill or credit the difference.",
)

NO_SUBSCRIPTION = Rule(
    class_="F11",
    title="Won deal without subscription",
    role="crm",
    entity="order",
    needs=(("crm", "order"), ("crm", "order_line"), ("billing", "subscription")),
    hop="crm->billing",
    owner="RO",
    kind=Kind.LEAK,
    lag_s=2 * DAY_S,
    touches=(
        Touch(role="crm", entity="order", root="c.record_id"),
        Touch(role="crm", entity="order_line", root="c.order_id"),
        Touch(role="billing", entity="subscription", root="split_part(c.order_id, ':', 2)"),
    ),
    select=f"""
        SELECT o.record_id AS root_id, o.system || ':' || o.record_id AS entity_id,
            o.system || ':' || o.customer_id AS customer_id, o.currency, r.per_period_minor, r.period_months,
            starts.at AS accrues_at, starts.at::date AS accrues_on, a.legal_entity,
            greatest(o.won_at, starts.at) AS happened_at, 'a subscription' AS expected,
            'none' AS found, 'subscription' AS field, (:billing)[1] AS at_system, CAST(NULL AS text) AS at_record_id,
            jsonb_build_array(jsonb_build_array(o.system, 'order', o.record_id)) AS records
        FROM canonical."order" o
        LEFT JOIN canonical.contract k ON k.system = o.system AND k.record_id = o.contract_id
        LEFT JOIN canonical.customer a ON a.system = o.system AND a.record_id = o.customer_id
        CROSS JOIN LATERAL (SELECT coalesce(k.starts_on, o.starts_on, o.won_on)::timestamptz AS at) starts
        CROSS JOIN LATERAL (
            SELECT max({MONTHS.format("pr")}) AS period_months,
                round(sum(l.quantity * {_AGREED} * {SCALE.format("o.currency")}))::bigint AS per_period_minor
            FROM canonical.order_line l
            JOIN canonical.product cp ON cp.system = l.system AND cp.record_id = l.product_id
            JOIN LATERAL (
                SELECT p.period, p.period_unit FROM canonical.price p
                LEFT JOIN canonical.product d ON d.system = p.system AND d.record_id = p.product_id
                WHERE p.system = ANY(:billing) AND p.product_id = cp.sku AND p.currency = o.currency
                    AND NOT coalesce(p.metered, d.metered, false) AND p.period IS NOT NULL
                ORDER BY p.record_id LIMIT 1
            ) pr ON true
            WHERE l.system = o.system AND l.order_id = o.record_id AND l.deleted_at IS NULL
        ) r
        WHERE o.system = ANY(:crm) /*roots o*/ AND o.deleted_at IS NULL AND o.kind = 'deal' AND o.status = 'won'
            AND r.per_period_minor > 0 AND starts.at <= :now
            AND NOT EXISTS (SELECT FROM canonical.subscription s
                WHERE s.system = ANY(:billing) AND s.order_id = 'crm:' || o.record_id AND s.deleted_at IS NULL)
    """,
    sentence="Deal {root_id} was won but nothing is billed for it; {money} so far.",
    advice="Set the subscription up in billing from the start of the contract.",
)

BILLED_TWICE_FOR_ONE_DEAL = Rule(
    class_="F20",
    title="Two subscriptions for one deal",
    role="crm",
    entity="subscription",
    needs=(("billing", "subscription"),),
    hop="billing",
    owner="RO",
    kind=Kind.OVER,
    lag_s=0,
    touches=(Touch(role="billing", entity="subscription", root="split_part(c.order_id, ':', 2)"),),
    select=f"""
        SELECT split_part(s.order_id, ':', 2) AS root_id, s.system || ':' || s.record_id AS entity_id,
            s.system || ':' || s.customer_id AS customer_id, s.currency, m.per_period_minor,
            {MONTHS.format("s")} AS period_months, s.started_at AS accrues_at,
            min(bc.legal_entity) AS legal_entity,
            coalesce(s.created_at, s.started_at) AS happened_at, 'one subscription' AS expected,
            'also ' || min(first.record_id) AS found, 'order_id' AS field, s.system AS at_system,
            s.record_id AS at_record_id,
            jsonb_build_array(jsonb_build_array(s.system, 'subscription', s.record_id),
                jsonb_build_array(s.system, 'subscription', min(first.record_id))) AS records
        FROM canonical.subscription s
        JOIN canonical.subscription first ON first.system = s.system AND first.order_id = s.order_id
            AND first.deleted_at IS NULL AND first.status IN {RUNNING}
            AND (coalesce(first.created_at, first.started_at), first.record_id)
                < (coalesce(s.created_at, s.started_at), s.record_id)
        LEFT JOIN canonical.customer bc ON bc.system = s.system AND bc.record_id = s.customer_id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(i.amount_minor), 0)::bigint AS per_period_minor FROM canonical.subscription_item i
            JOIN canonical.price pr ON pr.system = i.system AND pr.record_id = i.price_id
                AND NOT {METERED}
            WHERE i.system = s.system AND i.subscription_id = s.record_id AND i.deleted_at IS NULL
        ) m
        WHERE s.system = ANY(:billing) AND s.deleted_at IS NULL AND s.status IN {RUNNING}
            AND s.order_id IS NOT NULL /*order roots s*/
        GROUP BY s.system, s.record_id, m.per_period_minor
    """,
    sentence="Subscription {at_record_id} bills a deal that another one bills already; {money} too much so far.",
    advice="Cancel the later subscription and credit what it billed; look for a retried event.",
)

ORPHAN_CUSTOMER = Rule(
    class_="F3",
    title="Billing customer without CRM account",
    role="billing",
    entity="customer",
    needs=(("billing", "customer"), ("billing", "subscription"), ("crm", "customer")),
    hop="crm->billing",
    owner="RO",
    kind=Kind.CONTROL,
    lag_s=DAY_S,
    touches=(
        Touch(role="billing", entity="customer", root="c.record_id"),
        Touch(role="billing", entity="subscription", root="c.customer_id"),
        Touch(
            role="crm",
            entity="customer",
            root="b.record_id",
            join="JOIN canonical.customer b ON b.system = ANY(:billing) AND b.copy_of = 'crm:' || c.record_id",
        ),
    ),
    select=f"""
        SELECT b.record_id AS root_id, b.system || ':' || b.record_id AS entity_id,
            b.system || ':' || b.record_id AS customer_id, min(s.currency) AS currency,
            coalesce(sum(s.mrr_minor), 0)::bigint AS money_minor,
            greatest(b.version_at, min(s.created_at), a.deleted_at) AS happened_at, 'a CRM account' AS expected,
            CASE WHEN b.copy_of IS NULL THEN 'no reference' ELSE 'no living account' END AS found,
            'copy_of' AS field, b.system AS at_system, b.record_id AS at_record_id,
            jsonb_build_array(jsonb_build_array(b.system, 'customer', b.record_id)) AS records
        FROM canonical.customer b
        JOIN canonical.subscription s ON s.system = b.system AND s.customer_id = b.record_id AND s.deleted_at IS NULL
            AND s.status IN {RUNNING} AND s.origin IS DISTINCT FROM 'self_serve'
        LEFT JOIN canonical.customer a ON a.system = ANY(:crm) AND b.copy_of = 'crm:' || a.record_id
            AND a.record_id = split_part(b.copy_of, ':', 2)
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL
            AND b.origin IS DISTINCT FROM 'self_serve'
            AND (a.record_id IS NULL OR (a.deleted_at IS NOT NULL AND a.merged_into IS NULL))
        GROUP BY b.system, b.record_id, a.deleted_at
    """,
    sentence="Billing customer {root_id} pays {money} a month, but the CRM has no account for it; nobody renews it.",
    advice="Link the customer to its CRM account, or create the account.",
)

STALE_INVOICE = Rule(
    class_="F17",
    title="Invoiced from the contract before its upgrade",
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
        SELECT b.record_id AS root_id, b.system || ':' || b.record_id AS entity_id,
            b.system || ':' || b.customer_id AS customer_id, b.currency,
            abs(round(v.quantity * v.unit_price * {SCALE.format("b.currency")}) - il.amount_minor)::bigint
                AS money_minor,
            b.finalised_at AS happened_at, trim_scale(v.quantity) || ' at ' || trim_scale(v.unit_price) AS expected,
            trim_scale(il.quantity) || ' at ' || trim_scale(il.unit_price) AS found, 'lines' AS field,
            b.system AS at_system, b.record_id AS at_record_id,
            CASE WHEN v.quantity * v.unit_price > il.quantity * il.unit_price THEN 'LEAK' ELSE 'OVER' END AS kind,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
                jsonb_build_array(b.system, 'subscription', il.subscription_id)) AS records
        FROM canonical.invoice b
        JOIN canonical.invoice_line il ON il.system = b.system AND il.invoice_id = b.record_id AND il.deleted_at IS NULL
            AND il.subscription_id IS NOT NULL AND NOT coalesce(il.proration, false)
        JOIN LATERAL (
            SELECT n.quantity, n.unit_price, n.price_id, n.valid_from FROM canonical.subscription_version n
            JOIN canonical.price pr ON pr.system = n.system AND pr.record_id = n.price_id
                AND NOT {METERED}
            WHERE n.system = il.system AND n.subscription_id = il.subscription_id AND n.deleted_at IS NULL
                AND n.valid_from <= il.starts_at AND n.known_at <= b.finalised_at AND n.price_id = il.price_id
            ORDER BY n.valid_from DESC, n.known_at DESC LIMIT 1
        ) v ON (v.quantity, v.unit_price) IS DISTINCT FROM (il.quantity, il.unit_price)
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND NOT b.is_void AND b.status <> 'draft'
            AND EXISTS (SELECT FROM canonical.subscription_version o WHERE o.system = il.system
                AND o.subscription_id = il.subscription_id AND o.price_id = il.price_id AND o.valid_from < v.valid_from
                AND (o.quantity, o.unit_price) = (il.quantity, il.unit_price))
    """,
    sentence="Invoice {root_id} bills {found} although {expected} was in force; {money} off.",
    advice="Bill or credit the difference, and look why the bill run used the old version.",
)

ZOMBIE_ENTITLEMENT = Rule(
    class_="F31",
    title="Access goes on after the subscription ended",
    role="product",
    entity="entitlement",
    needs=(("product", "entitlement"), ("billing", "subscription")),
    hop="billing->product",
    owner="PR",
    kind=Kind.LEAK,
    lag_s=DAY_S,
    touches=(
        Touch(role="product", entity="entitlement", root="c.record_id"),
        Touch(
            role="billing",
            entity="subscription",
            root="e.record_id",
            join="JOIN canonical.entitlement e ON e.system = ANY(:product) "
            "AND e.subscription_id = 'billing:' || c.record_id",
        ),
    ),
    select=f"""
        SELECT DISTINCT ON (s.system, s.record_id) e.record_id AS root_id, e.system || ':' || e.record_id AS entity_id,
            s.system || ':' || s.customer_id AS customer_id, s.currency, m.per_period_minor,
            {MONTHS.format("s")} AS period_months, ended.at AS accrues_at, bc.legal_entity, ended.at AS happened_at,
            'no access after ' || ended.at::date AS expected, 'active' AS found, 'status' AS field,
            e.system AS at_system, e.record_id AS at_record_id,
            jsonb_build_array(jsonb_build_array(e.system, 'entitlement', e.record_id),
                jsonb_build_array(s.system, 'subscription', s.record_id)) AS records
        FROM canonical.entitlement e
        JOIN canonical.subscription s ON s.system = ANY(:billing) AND e.subscription_id = 'billing:' || s.record_id
            AND s.record_id = split_part(e.subscription_id, ':', 2) AND s.deleted_at IS NULL AND s.status = 'cancelled'
        LEFT JOIN canonical.customer bc ON bc.system = s.system AND bc.record_id = s.customer_id
        CROSS JOIN LATERAL (SELECT coalesce(s.cancelled_at, s.ends_at, s.version_at) AS at) ended
        CROSS JOIN LATERAL (
            SELECT round(coalesce(sum(i.quantity * coalesce(pr.unit_price, i.unit_price)), 0)
                * {SCALE.format("s.currency")})::bigint AS per_period_minor
            FROM canonical.subscription_item i
            JOIN canonical.price pr ON pr.system = i.system AND pr.record_id = i.price_id AND NOT {METERED}
            WHERE i.system = s.system AND i.subscription_id = s.record_id AND i.deleted_at IS NULL
        ) m
        WHERE e.system = ANY(:product) /*roots e*/ AND e.deleted_at IS NULL AND e.status = 'active'
            AND (e.ends_at IS NULL OR e.ends_at > :now)
        ORDER BY s.system, s.record_id, e.record_id
    """,
    sentence="Subscription of entitlement {root_id} ended, but access goes on; {money} given away so far.",
    advice="End the entitlement, or sell the customer a new subscription.",
)

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
            role="product",
            entity="usage",
            root="il.invoice_id",
            join="JOIN canonical.invoice_line il ON il.system = ANY(:billing) "
            "AND 'billing:' || il.subscription_id = c.subscription_id "
            "AND c.occurred_at >= il.starts_at AND c.occurred_at < il.ends_at",
        ),
    ),
    select=f"""
        SELECT b.record_id AS root_id, il.system || ':' || il.subscription_id AS entity_id,
            b.system || ':' || b.customer_id AS customer_id, b.currency,
            round((u.used - il.quantity) * il.unit_price * {SCALE.format("b.currency")})::bigint AS money_minor,
            b.finalised_at AS happened_at, trim_scale(u.used)::text AS expected,
            trim_scale(il.quantity)::text AS found, 'quantity' AS field, b.system AS at_system,
            b.record_id AS at_record_id,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
                jsonb_build_array(b.system, 'subscription', il.subscription_id)) AS records
        FROM canonical.invoice b
        JOIN canonical.invoice_line il ON il.system = b.system AND il.invoice_id = b.record_id AND il.deleted_at IS NULL
        JOIN canonical.price pr ON pr.system = il.system AND pr.record_id = il.price_id AND {METERED}
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(u.quantity), 0) AS used FROM canonical.usage u
            WHERE u.system = ANY(:product) AND u.subscription_id = 'billing:' || il.subscription_id
                AND u.occurred_at >= il.starts_at AND u.occurred_at < il.ends_at
                AND u.stored_at <= b.finalised_at AND u.deleted_at IS NULL
        ) u
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND NOT b.is_void AND b.status <> 'draft'
            AND u.used > il.quantity
    """,
    sentence="Invoice {root_id} bills {found} of usage, but {expected} were used; {money} not billed.",
    advice="Bill the missing usage on the next invoice; look where events were lost on the way to billing.",
)
