"""Rules about how a deal is billed: in the agreed currency, in the agreed rhythm."""

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

RULES = (CURRENCY_DIFFERS, PERIOD_DIFFERS)
