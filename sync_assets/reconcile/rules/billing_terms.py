"""Rules about how a deal is billed: in the agreed currency, in the agreed rhythm, with the same time to pay."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import AGREED, BILLED, MONTHS, MONTHS_SOLD, SCALE
from sync_assets.reconcile.rule import HOUR_S, Rule, Touch
from sync_assets.reconcile.rules.commitments import DEAL_CHANGED, SOLD, SUBSCRIBED, SUBSCRIPTION, WITH_DEAL

CURRENCY_DIFFERS = Rule(
    class_="F15",
    title="Billed in another currency than sold",
    role="billing",
    entity="subscription",
    needs=(("crm", "order"), ("crm", "order_line"), ("billing", "subscription"), ("billing", "subscription_item")),
    hop="crm->billing",
    owner="FI",
    kind=Kind.LEAK,
    lag_s=HOUR_S,
    touches=(
        *DEAL_CHANGED,
        Touch(role="crm", entity="order_line", root="s.record_id", join=SUBSCRIBED.format("c.order_id")),
    ),
    is_growing=True,
    select=f"""
        SELECT {SUBSCRIPTION}, o.currency, abs(coalesce(v.sold_minor - v.billed_minor, v.sold_minor))
                AS per_period_minor,
            {MONTHS.format("s")} AS period_months, s.started_at AS accrues_at,
            coalesce(s.legal_entity, bc.legal_entity) AS legal_entity, greatest(o.version_at, s.version_at)
                AS happened_at, o.currency AS expected, s.currency AS found, 'currency' AS field, {WITH_DEAL},
            CASE WHEN v.billed_minor IS NULL THEN 'CONTROL' WHEN v.billed_minor > v.sold_minor THEN 'OVER'
                ELSE 'LEAK' END AS kind
        {
        SOLD.format(
            joins=f'''
            CROSS JOIN LATERAL (
                SELECT max(c.exchange_rate) FILTER (WHERE c.code = o.currency) AS sold,
                    max(c.exchange_rate) FILTER (WHERE c.code = s.currency) AS billed
                FROM canonical.currency c WHERE c.system = ANY(:erp) AND c.deleted_at IS NULL
            ) rate
            CROSS JOIN LATERAL (
                SELECT round({BILLED}::numeric / {SCALE.format("s.currency")} * rate.billed / nullif(rate.sold, 0)
                        * {SCALE.format("o.currency")})::bigint AS billed_minor,
                    (SELECT coalesce(round(sum(l.quantity * {AGREED} * {SCALE.format("o.currency")})), 0)::bigint
                    FROM canonical.order_line l
                    JOIN canonical.product cp ON cp.system = l.system AND cp.record_id = l.product_id
                    WHERE l.system = o.system AND l.order_id = o.record_id AND l.deleted_at IS NULL
                        AND {MONTHS_SOLD.format(currency="s.currency")} IS NOT NULL) AS sold_minor
            ) v
            '''
        )
    } AND o.currency <> s.currency
    """,
    meaning="The customer pays in a currency that was not agreed, so both amounts and exchange risk differ.",
    wrong_when="the subscription's currency is not that of its deal",
    money="what was sold less what is billed at the ERP's rates, for each billing period since the start; without "
    "rates the whole amount, as exposure",
    sentence="Subscription {root_id} is billed in {found}, but sold in {expected}; {money} apart so far.",
    advice="Replace the subscription by one in the agreed currency, and credit what was billed.",
)
"""Both amounts at the rates that the ERP's currencies hold; without an ERP the whole amount is exposed."""

PERIOD_DIFFERS = Rule(
    class_="F16",
    title="Billed in another rhythm than sold",
    role="billing",
    entity="subscription",
    needs=(("crm", "order"), ("crm", "order_line"), ("billing", "subscription"), ("billing", "subscription_item")),
    hop="crm->billing",
    owner="RO",
    kind=Kind.CASH,
    lag_s=HOUR_S,
    touches=(
        *DEAL_CHANGED,
        Touch(role="crm", entity="order_line", root="s.record_id", join=SUBSCRIBED.format("c.order_id")),
    ),
    select=f"""
        SELECT {SUBSCRIPTION}, s.currency, abs(v.sold_minor - {BILLED}) AS money_minor,
            greatest(v.version_at, s.version_at) AS happened_at, v.months || ' months' AS expected,
            {MONTHS.format("s")} || ' months' AS found, 'period' AS field, {WITH_DEAL}
        {
        SOLD.format(
            joins=f'''
            JOIN LATERAL (
                SELECT min(m.months) AS months, max(l.version_at) AS version_at,
                    round(sum(l.quantity * {AGREED} * {SCALE.format("s.currency")}))::bigint AS sold_minor
                FROM canonical.order_line l
                JOIN canonical.product cp ON cp.system = l.system AND cp.record_id = l.product_id
                CROSS JOIN LATERAL (SELECT {MONTHS_SOLD.format(currency="s.currency")} AS months) m
                WHERE l.system = o.system AND l.order_id = o.record_id AND l.deleted_at IS NULL
                    AND m.months IS NOT NULL
                HAVING min(m.months) = max(m.months)
            ) v ON true
            '''
        )
    } AND {MONTHS.format("s")} <> v.months
    """,
    meaning="Invoices come more or less often than agreed, so cash arrives at another time.",
    wrong_when="the billing period of a subscription is not the one its deal's products are priced by",
    money="what the agreed period would bill less what billing's own period bills, once",
    sentence="Subscription {root_id} is billed every {found}, but every {expected} was sold; {money} comes at another "
    "time than agreed.",
    advice="Change the billing period to the agreed one at the next renewal, and bill what is due until then.",
)
"""What of each agreed period is billed at another time. A deal of several rhythms becomes several subscriptions."""

TERMS_DIFFER = Rule(
    class_="F16",
    title="The ERP gives another time to pay than billing",
    role="billing",
    entity="customer",
    needs=(("billing", "customer"), ("erp", "customer"), ("billing", "invoice"), ("erp", "invoice")),
    hop="billing->erp",
    owner="RO",
    kind=Kind.CASH,
    lag_s=HOUR_S,
    touches=(
        Touch(role="billing", entity="customer", root="c.record_id"),
        Touch(role="erp", entity="customer", root="split_part(c.copy_of, ':', 2)"),
        Touch(role="billing", entity="invoice", root="c.customer_id"),
        Touch(
            role="erp",
            entity="invoice",
            root="split_part(e.copy_of, ':', 2)",
            join="JOIN canonical.customer e ON e.system = c.system AND e.record_id = c.customer_id",
        ),
    ),
    select="""
        SELECT b.record_id AS root_id, b.system || ':' || b.record_id AS entity_id,
            b.system || ':' || b.record_id AS customer_id, x.currency, x.currency AS part, x.minor AS money_minor,
            greatest(b.version_at, e.version_at, x.at) AS happened_at, b.payment_terms || ' days to pay' AS expected,
            e.payment_terms || ' days' AS found, 'payment_terms' AS field, /*at e*/,
            jsonb_build_array(jsonb_build_array(b.system, 'customer', b.record_id),
                jsonb_build_array(e.system, 'customer', e.record_id)) || x.invoices AS records
        FROM canonical.customer b
        JOIN canonical.customer e ON e.system = ANY(:erp) AND e.copy_of = 'billing:' || b.record_id
            AND e.deleted_at IS NULL AND e.payment_terms <> b.payment_terms AND e.payment_terms ~ '^[0-9]{1,3}$'
        JOIN LATERAL (
            SELECT i.currency, sum(i.due_minor)::bigint AS minor, max(i.finalised_at) AS at,
                jsonb_agg(jsonb_build_array(i.system, 'invoice', i.record_id) ORDER BY i.record_id) AS invoices
            FROM canonical.invoice i
            JOIN canonical.invoice c ON c.system = e.system AND c.copy_of = 'billing:' || i.record_id
                AND c.deleted_at IS NULL AND NOT c.is_void AND abs(c.due_on - i.due_on) > 1
            WHERE i.system = b.system AND i.customer_id = b.record_id AND i.deleted_at IS NULL AND NOT i.is_void
                AND i.status <> 'draft' AND i.due_minor > 0
            GROUP BY i.currency
        ) x ON true
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND b.payment_terms ~ '^[1-9][0-9]{0,2}$'
    """,
    meaning="The customer is reminded, and cash is expected, at another time than agreed.",
    wrong_when="billing and the ERP both say how many days a customer has to pay, not the same, and invoices that are "
    "open fall due on days that lie more than one apart",
    money="what is due on those invoices, which is expected at another time, per currency",
    sentence="Customer {root_id} has {expected} in billing, but {found} in the ERP; {money} fall due on other days.",
    advice="Set the ERP customer's terms to billing's, and correct the days on which open invoices fall due.",
)
"""No days in billing may mean that nobody entered any. A due day may be told in another time zone.

Source: apidocs.chargebee.com/docs/api/customers (net_term_days, 0 by default).
"""

RULES = (CURRENCY_DIFFERS, PERIOD_DIFFERS, TERMS_DIFFER)
