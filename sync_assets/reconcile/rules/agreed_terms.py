"""Rules about terms that only some companies keep on their deals: uplifts, acceptance, limits of discounts.

Each can be judged once a setting names the field of the CRM's deal that holds the term.
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import AGREED, METERED, MONTHS, MONTHS_SOLD, SCALE
from sync_assets.reconcile.rule import HOUR_S, Rule, Touch
from sync_assets.reconcile.rules.commitments import DEAL_CHANGED, SOLD, SUBSCRIBED, SUBSCRIPTION, WITH_DEAL

_LINES_CHANGED = Touch(role="crm", entity="order_line", root="s.record_id", join=SUBSCRIBED.format("c.order_id"))

UPLIFT_MISSED = Rule(
    class_="F23",
    title="An agreed price increase was not made",
    role="billing",
    entity="subscription",
    needs=(("crm", "order"), ("crm", "order_line"), ("billing", "subscription"), ("billing", "subscription_item")),
    hop="crm->billing",
    owner="RO",
    kind=Kind.LEAK,
    lag_s=HOUR_S,
    setting="UPLIFT_PERCENT_FIELD",
    touches=(*DEAL_CHANGED, _LINES_CHANGED),
    is_growing=True,
    select=f"""
        SELECT {SUBSCRIPTION}, s.currency, i.price_id AS part,
            round((due.price - i.unit_price) * i.quantity * {SCALE.format("s.currency")})::bigint AS per_period_minor,
            {MONTHS.format("s")} AS period_months, o.uplift_on AS accrues_on, s.term_ends_at AS committed_at,
            coalesce(s.legal_entity, bc.legal_entity) AS legal_entity,
            greatest(o.uplift_on::timestamp AT TIME ZONE 'UTC', o.version_at) AS happened_at,
            round(due.price, 4)::text AS expected, round(i.unit_price, 4)::text AS found, 'unit_price' AS field,
            {WITH_DEAL}
        {
        SOLD.format(
            joins=f'''
            JOIN canonical.subscription_item i ON i.system = s.system AND i.subscription_id = s.record_id
                AND i.deleted_at IS NULL
            JOIN canonical.price pr ON pr.system = i.system AND pr.record_id = i.price_id AND NOT {METERED}
            JOIN LATERAL (
                SELECT sum(l.quantity * {AGREED}) / nullif(sum(l.quantity), 0) * (1 + o.uplift_percent / 100) AS price
                FROM canonical.order_line l
                JOIN canonical.product cp ON cp.system = l.system AND cp.record_id = l.product_id
                    AND cp.sku = pr.product_id
                WHERE l.system = o.system AND l.order_id = o.record_id AND l.deleted_at IS NULL
            ) due ON due.price > i.unit_price
            '''
        )
    } AND o.uplift_on IS NOT NULL AND o.uplift_percent > 0
            AND (due.price - i.unit_price) * {SCALE.format("s.currency")} >= 1
    """,
    meaning="The contract raises the price on a day, and billing goes on with the old one.",
    wrong_when="the day of a deal's increase has come, and an item's unit price is below the agreed one with it",
    money="the increase per unit times the quantity, for each billing period since its day",
    sentence="Subscription {root_id} still bills {found} each; since {accrues_on} it is {expected}; {money} so far.",
    advice="Raise the price in billing from the day of the increase, and bill what was missed.",
)

BEFORE_ACCEPTANCE = Rule(
    class_="F27",
    title="Billed before the customer accepted",
    role="billing",
    entity="subscription",
    needs=(("crm", "order"), ("billing", "subscription"), ("billing", "invoice"), ("billing", "invoice_line")),
    hop="crm->billing",
    owner="FI",
    kind=Kind.MISSTATE,
    lag_s=HOUR_S,
    setting="ACCEPTANCE_FIELD",
    touches=(
        *DEAL_CHANGED,
        Touch(role="billing", entity="invoice_line", root="c.subscription_id"),
        Touch(
            role="billing",
            entity="invoice",
            root="il.subscription_id",
            join="JOIN canonical.invoice_line il ON il.system = c.system AND il.invoice_id = c.record_id",
        ),
    ),
    select=f"""
        SELECT {SUBSCRIPTION}, s.currency, early.minor AS money_minor, greatest(o.version_at, early.at) AS happened_at,
            'service from ' || o.accepted_on AS expected, 'billed from ' || early.starts_on AS found,
            'accepted_on' AS field, {WITH_DEAL}
        {
        SOLD.format(
            joins='''
            JOIN LATERAL (
                SELECT sum(il.amount_minor - coalesce(il.discount_minor, 0))::bigint AS minor,
                    min(il.starts_at)::date AS starts_on, max(coalesce(h.finalised_at, h.issued_at)) AS at
                FROM canonical.invoice_line il
                JOIN canonical.invoice h ON h.system = il.system AND h.record_id = il.invoice_id AND NOT h.is_void
                    AND h.status <> 'draft' AND h.deleted_at IS NULL
                WHERE il.system = s.system AND il.subscription_id = s.record_id AND il.deleted_at IS NULL
                    AND il.starts_at < o.accepted_on::timestamp AT TIME ZONE 'UTC' - interval '14 hours'
            ) early ON early.minor > 0
            '''
        )
    }
    """,
    meaning="Revenue was billed for days on which the customer had not accepted what was delivered.",
    wrong_when="a deal has a day of acceptance, and invoiced lines of its subscription begin before it",
    money="the lines that begin too early, before tax",
    sentence="Subscription {root_id} is {found}, though {expected} was accepted; {money} are recognised too early.",
    advice="Move the start to the day of acceptance, and credit what was billed before it.",
)
"""A line begins before a day when it does so in every time zone."""

DISCOUNT_TOO_HIGH = Rule(
    class_="F22",
    title="A discount beyond what was allowed",
    role="crm",
    entity="order",
    needs=(("crm", "order"), ("crm", "order_line"), ("billing", "price")),
    hop="crm",
    owner="RO",
    kind=Kind.LEAK,
    lag_s=HOUR_S,
    setting="DISCOUNT_LIMIT_FIELD",
    touches=(
        Touch(role="crm", entity="order", root="c.record_id"),
        Touch(role="crm", entity="order_line", root="c.order_id"),
    ),
    is_growing=True,
    select=f"""
        SELECT /*root o*/, o.currency, given.per_period_minor, given.period_months,
            coalesce(k.starts_on, o.won_on) AS accrues_on, k.ends_on + 1 AS committed_on,
            greatest(o.won_at, given.version_at) AS happened_at,
            'at most ' || trim_scale(o.discount_limit_percent) || ' %' AS expected,
            trim_scale(given.percent) || ' %' AS found, 'discount_percent' AS field, /*at o*/,
            jsonb_build_array(jsonb_build_array(o.system, 'order', o.record_id)) AS records
        FROM canonical."order" o
        LEFT JOIN canonical.contract k ON k.system = o.system AND k.record_id = o.contract_id AND k.deleted_at IS NULL
        CROSS JOIN LATERAL (
            SELECT max(l.discount_percent) AS percent, max(l.version_at) AS version_at, max(m.months) AS period_months,
                round(sum(l.quantity * l.unit_price * (l.discount_percent - o.discount_limit_percent) / 100
                    * {SCALE.format("o.currency")}))::bigint AS per_period_minor
            FROM canonical.order_line l
            JOIN canonical.product cp ON cp.system = l.system AND cp.record_id = l.product_id
            CROSS JOIN LATERAL (SELECT {MONTHS_SOLD.format(currency="o.currency")} AS months) m
            WHERE l.system = o.system AND l.order_id = o.record_id AND l.deleted_at IS NULL
                AND l.discount_percent > o.discount_limit_percent AND m.months IS NOT NULL
        ) given
        WHERE o.system = ANY(:crm) /*roots o*/ AND o.deleted_at IS NULL AND o.kind = 'deal' AND o.status = 'won'
            AND given.per_period_minor > 0
    """,
    meaning="More was given away than anybody approved.",
    wrong_when="a line of a won deal has a higher discount than the limit on the deal",
    money="what the lines give beyond the limit, for each billing period since the start of the contract",
    sentence="Deal {root_id} gives {found} where {expected} was allowed; {money} so far.",
    advice="Have the discount approved and the limit raised, or correct price and subscription.",
)

RULES = (UPLIFT_MISSED, BEFORE_ACCEPTANCE, DISCOUNT_TOO_HIGH)
