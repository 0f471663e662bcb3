"""The rule about what was booked, what was billed of it and what is still planned: together they make the contract.

Not here: periods that were not invoiced though the subscription ran (coverage.py), prices and quantities
(contracts.py), terms of what still runs (commitments.py); they are steps of the same bridge with their own classes.
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import AGREED, CALLED_OFF, MONTHS_SOLD, SCALE, ZONE
from sync_assets.reconcile.rule import DAY_S, Rule, Touch

_OF_DEAL = "s.system = ANY(:billing) AND s.order_id = 'crm:' || o.record_id AND s.deleted_at IS NULL"

_ENDED = f"""
    SELECT min(s.system) AS system, max(s.record_id) AS record_id, max(s.customer_id) AS customer_id,
        max(coalesce(s.cancelled_at, s.ends_at)) AS at, max(s.legal_entity) AS legal_entity,
        jsonb_agg(jsonb_build_array(s.system, 'subscription', s.record_id)) AS records
    FROM canonical.subscription s WHERE {_OF_DEAL}
    HAVING bool_and(s.status = 'cancelled' AND coalesce(s.cancelled_at, s.ends_at) IS NOT NULL)
"""
"""When billing stopped for a deal: none of its subscriptions is to be invoiced any more."""

_AGREED = f"""
    SELECT max(m.months) AS months,
        round(sum(l.quantity * {AGREED} * {SCALE.format("o.currency")}))::bigint AS minor
    FROM canonical.order_line l
    JOIN canonical.product cp ON cp.system = l.system AND cp.record_id = l.product_id
    CROSS JOIN LATERAL (SELECT {MONTHS_SOLD.format(currency="o.currency")} AS months) m
    WHERE l.system = o.system AND l.order_id = o.record_id AND l.deleted_at IS NULL AND m.months IS NOT NULL
        AND coalesce(l.starts_on, '-infinity') = (SELECT max(coalesce(y.starts_on, '-infinity'))
            FROM canonical.order_line y WHERE y.system = l.system AND y.order_id = l.order_id
                AND y.product_id = l.product_id AND y.deleted_at IS NULL)
"""
"""What one billing period of a deal was agreed at, in its last step."""

_FOLLOWED = """EXISTS (
    SELECT FROM canonical.subscription n WHERE n.system = ended.system AND n.customer_id = ended.customer_id
        AND n.deleted_at IS NULL AND n.order_id IS DISTINCT FROM 'crm:' || o.record_id
        AND abs(extract(epoch FROM n.started_at - ended.at)) <= 31 * 86400)"""
"""Another subscription of the customer took over when this one stopped: what was booked goes on there."""

NOT_BILLED_TO_THE_END = Rule(
    class_="F89",
    title="Booked, and neither billed nor planned to be",
    explained_by=("F25", "F14", "F20", "F5"),
    role="crm",
    entity="order",
    needs=(
        ("crm", "order"),
        ("crm", "order_line"),
        ("crm", "contract"),
        ("crm", "customer"),
        ("billing", "subscription"),
    ),
    hop="crm->billing",
    owner="FI",
    kind=Kind.LEAK,
    lag_s=DAY_S,
    touches=(
        Touch(role="crm", entity="order", root="c.record_id"),
        Touch(role="crm", entity="order_line", root="c.order_id"),
        Touch(role="billing", entity="subscription", root="split_part(c.order_id, ':', 2)"),
        Touch(
            role="billing",
            entity="subscription",
            root="split_part(s.order_id, ':', 2)",
            join="JOIN canonical.subscription s ON s.system = c.system AND s.customer_id = c.customer_id",
        ),
        Touch(
            role="crm",
            entity="customer",
            root="o.record_id",
            join='JOIN canonical."order" o ON o.system = c.system AND o.customer_id = c.record_id',
        ),
        Touch(
            role="crm",
            entity="contract",
            root="o.record_id",
            join='JOIN canonical."order" o ON o.system = c.system AND o.customer_id = c.customer_id '
            "AND o.contract_id = c.record_id",
        ),
    ),
    is_growing=True,
    select=f"""
        SELECT /*root o*/, o.currency, agreed.minor AS per_period_minor, agreed.months AS period_months,
            ended.at AS accrues_at, k.ends_on + 1 AS committed_on, e.legal_entity,
            greatest(o.won_at, ended.at) AS happened_at, 'billed until ' || k.ends_on AS expected,
            'nothing planned after ' || last.day AS found, 'ends_on' AS field,
            ended.system AS at_system, ended.record_id AS at_record_id,
            jsonb_build_array(jsonb_build_array(o.system, 'order', o.record_id),
                jsonb_build_array(k.system, 'contract', k.record_id)) || ended.records AS records
        FROM canonical."order" o
        JOIN canonical.contract k ON k.system = o.system AND k.record_id = o.contract_id AND k.deleted_at IS NULL
        LEFT JOIN canonical.customer a ON a.system = o.system AND a.record_id = o.customer_id
        CROSS JOIN LATERAL ({_ENDED}) ended
        CROSS JOIN LATERAL ({_AGREED}) agreed
        CROSS JOIN LATERAL (SELECT coalesce(ended.legal_entity, a.legal_entity) AS legal_entity) e
        CROSS JOIN LATERAL (SELECT {ZONE.format("e.legal_entity")} AS zone) z
        CROSS JOIN LATERAL (SELECT (ended.at AT TIME ZONE z.zone - interval '1 second')::date AS day) last
        WHERE o.system = ANY(:crm) /*roots o*/ AND o.deleted_at IS NULL AND o.kind = 'deal' AND o.status = 'won'
            AND a.deleted_at IS NULL AND NOT {CALLED_OFF.format("k")}
            AND ended.at <= :now AND k.ends_on > last.day AND agreed.minor > 0 AND NOT {_FOLLOWED}
    """,
    meaning="Sales counts a contract that billing has ended: what was booked will never be invoiced.",
    wrong_when="every subscription of a won deal was cancelled before the last day of its contract, none took over, "
    "and the contract's own state says nothing of an end",
    money="the agreed price per billing period for the time since billing stopped; what remains of the contract is "
    "still to come",
    sentence="Deal {root_id} should be {expected}, but there is {found}; {money} of it so far is neither billed nor "
    "planned.",
    advice="Reactivate the subscription, or have the contract ended in the CRM on the day that was agreed.",
)
"""Total contract value less what was billed and what is planned. The revenue side needs schedules: see F83 and F84."""

RULES = (NOT_BILLED_TO_THE_END,)
