"""Rules about deals in steps: each step of quantity, price or discount is billed from its day on.

Lines of one product in one deal that begin on different days are steps; the newest one that has begun is in force.
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import AGREED, METERED, MONTHS, RUNNING, SCALE, ZONE
from sync_assets.reconcile.rule import DAY_S, Rule, Touch
from sync_assets.reconcile.rules.commitments import DEAL_CHANGED, SUBSCRIBED

_STEPS = f"""
    FROM canonical.subscription s
    JOIN canonical."order" o ON o.system = ANY(:crm) AND s.order_id = 'crm:' || o.record_id
        AND o.record_id = split_part(s.order_id, ':', 2) AND o.deleted_at IS NULL AND o.status = 'won'
    JOIN canonical.subscription_item i ON i.system = s.system AND i.subscription_id = s.record_id
        AND i.deleted_at IS NULL
    JOIN canonical.price pr ON pr.system = i.system AND pr.record_id = i.price_id AND NOT {METERED}
    LEFT JOIN canonical.customer bc ON bc.system = s.system AND bc.record_id = s.customer_id
    LEFT JOIN canonical.customer a ON a.system = o.system AND a.record_id = o.customer_id
    LEFT JOIN canonical.contract k ON k.system = o.system AND k.record_id = o.contract_id AND k.deleted_at IS NULL
    CROSS JOIN LATERAL (SELECT coalesce(s.legal_entity, bc.legal_entity, a.legal_entity) AS legal_entity) e
    CROSS JOIN LATERAL (SELECT {ZONE.format("e.legal_entity")} AS zone) z
    JOIN LATERAL (
        SELECT stepped.*, lag(stepped.agreed) OVER days AS agreed_before, lag(stepped.quantity) OVER days
                AS quantity_before, lag(stepped.listed) OVER days AS listed_before,
            lag(stepped.starts_on) OVER days AS before_on, lead(stepped.starts_on) OVER days AS next_on
        FROM (
            SELECT l.starts_on, sum(l.quantity) AS quantity, max(l.version_at) AS version_at, min(l.system) AS system,
                CASE WHEN count(*) = 1 THEN min(l.record_id) END AS record_id,
                sum(l.quantity * l.unit_price) / nullif(sum(l.quantity), 0) AS listed,
                sum(l.quantity * {AGREED}) / nullif(sum(l.quantity), 0) AS agreed
            FROM canonical.order_line l
            JOIN canonical.product cp ON cp.system = l.system AND cp.record_id = l.product_id
                AND cp.sku = pr.product_id
            WHERE l.system = o.system AND l.order_id = o.record_id AND l.deleted_at IS NULL
            GROUP BY l.starts_on
        ) stepped
        WINDOW days AS (ORDER BY stepped.starts_on NULLS FIRST)
    ) t ON t.before_on IS NOT NULL OR t.next_on IS NOT NULL OR t.quantity_before IS NOT NULL
    CROSS JOIN LATERAL (SELECT (:now AT TIME ZONE z.zone)::date AS today) d
    WHERE s.system = ANY(:billing) /*roots s*/ AND s.deleted_at IS NULL AND s.status IN {RUNNING}
        AND (t.next_on IS NULL OR t.next_on > d.today)
        AND (coalesce(t.starts_on, d.today) <= d.today OR coalesce(t.before_on, d.today) <= d.today)
        AND (t.quantity <> i.quantity OR abs(t.agreed - i.unit_price) * {SCALE.format("s.currency")} >= 1)
"""
"""Items beside the step in force, and the one that comes next: it waits for its day."""

_ENDED_DISCOUNT = """(t.quantity = t.quantity_before AND t.listed = t.listed_before AND t.agreed > t.agreed_before
    AND t.agreed_before = i.unit_price AND t.quantity = i.quantity)"""
"""A step that only takes a discount away, and a price that still has it."""

_COLUMNS = f"""
    /*root s*/,
    s.currency, /*at s*/, i.price_id || ' ' || coalesce(t.starts_on::text, '')
        AS part, e.legal_entity, {MONTHS.format("s")} AS period_months,
    round(abs(t.quantity * t.agreed - i.quantity * i.unit_price) * {SCALE.format("s.currency")})::bigint
        AS per_period_minor,
    coalesce(t.starts_on, (s.started_at AT TIME ZONE z.zone)::date) AS accrues_on,
    coalesce(t.next_on, k.ends_on + 1) AS committed_on,
    greatest(t.starts_on::timestamp AT TIME ZONE z.zone, t.version_at) AS happened_at,
    trim_scale(t.quantity) || ' at ' || trim_scale(round(t.agreed, 4)) AS expected,
    trim_scale(i.quantity) || ' at ' || trim_scale(round(i.unit_price, 4)) AS found,
    CASE WHEN t.quantity * t.agreed > i.quantity * i.unit_price THEN 'LEAK' ELSE 'OVER' END AS kind,
    jsonb_build_array(jsonb_build_array(s.system, 'subscription', s.record_id),
        jsonb_build_array(o.system, 'order', o.record_id), jsonb_build_array(t.system, 'order_line', t.record_id))
        AS records
"""
_TOUCHES = (
    *DEAL_CHANGED,
    Touch(role="crm", entity="order_line", root="s.record_id", join=SUBSCRIBED.format("c.order_id")),
)
_NEEDS = (("crm", "order"), ("crm", "order_line"), ("billing", "subscription"), ("billing", "subscription_item"))

STEP_NOT_TAKEN = Rule(
    class_="F29",
    title="A step of the deal was not followed",
    explained_by=("F15",),
    role="billing",
    entity="subscription",
    needs=_NEEDS,
    hop="crm->billing",
    owner="RO",
    kind=Kind.LEAK,
    lag_s=DAY_S,
    touches=_TOUCHES,
    is_growing=True,
    select=f"SELECT {_COLUMNS}, 'step' AS field {_STEPS} AND NOT coalesce({_ENDED_DISCOUNT}, false)",
    meaning="The deal steps up or down on a day, and the subscription did not follow.",
    wrong_when="price or quantity of an item is not that of the deal's step in force",
    money="the step's price times quantity less what is billed, for each billing period since the step's day; LEAK or "
    "OVER by its direction",
    sentence="Subscription {root_id} bills {found}, but the deal's step from {accrues_on} says {expected}; {money} so "
    "far.",
    advice="Change the subscription to the step in force, and bill or credit the difference since its day.",
)

DISCOUNT_GOES_ON = Rule(
    class_="F21",
    title="Discount goes on past its end",
    explained_by=("F15",),
    role="billing",
    entity="subscription",
    needs=_NEEDS,
    hop="crm->billing",
    owner="RO",
    kind=Kind.LEAK,
    lag_s=DAY_S,
    touches=_TOUCHES,
    is_growing=True,
    select=f"SELECT {_COLUMNS}, 'discount' AS field {_STEPS} AND {_ENDED_DISCOUNT}",
    meaning="A discount that was to end is still given.",
    wrong_when="the deal's step in force only takes a discount away, and the subscription's price still has it",
    money="price without discount less the price billed, times the quantity, for each billing period since the step's "
    "day",
    sentence="Subscription {root_id} still bills {found}, but its discount ended on {accrues_on}: {expected}; {money} "
    "given away so far.",
    advice="Take the discount off the subscription, and bill what it gave away since its end.",
)

RULES = (STEP_NOT_TAKEN, DISCOUNT_GOES_ON)
