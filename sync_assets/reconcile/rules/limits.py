"""Rules about limits in the product against the quantities that are sold.

Only limits that state a quantity of the subscription can be judged from what billing shows: no field of a plan says
how much usage a metered entitlement should allow, or what another number in a configuration stands for.
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import METERED, MONTHS, RUNNING, SCALE
from sync_assets.reconcile.rule import HOUR_S, Rule, Touch

_OF_SUBSCRIPTION = "JOIN canonical.entitlement e ON e.system = ANY(:product) AND e.subscription_id = 'billing:' || {0}"

_SOLD = f"""
    SELECT i.price_id, i.quantity, i.unit_price FROM canonical.subscription_item i
    JOIN canonical.price pr ON pr.system = i.system AND pr.record_id = i.price_id AND NOT {METERED}
    WHERE i.system = s.system AND i.subscription_id = s.record_id AND i.deleted_at IS NULL
"""

_SINCE = """
    SELECT v.valid_from, greatest(v.valid_from, v.known_at) AS happened_at FROM canonical.subscription_version v
    WHERE v.system = s.system AND v.subscription_id = s.record_id AND v.price_id = i.price_id
        AND v.quantity = i.quantity AND v.deleted_at IS NULL
        AND v.valid_from > (SELECT max(former.valid_from) FROM canonical.subscription_version former
            WHERE former.system = s.system AND former.subscription_id = s.record_id AND former.price_id = i.price_id
                AND former.quantity = e."limit" AND former.deleted_at IS NULL)
    ORDER BY v.valid_from LIMIT 1
"""
"""When the quantity in force took the place of the one that the limit states."""

LIMIT_DIFFERS = Rule(
    class_="F33",
    title="The product allows another quantity than is sold",
    explained_by=("F13",),
    role="product",
    entity="entitlement",
    needs=(
        ("product", "entitlement"),
        ("billing", "subscription"),
        ("billing", "subscription_item"),
        ("billing", "subscription_version"),
    ),
    hop="billing->product",
    owner="PR",
    kind=Kind.LEAK,
    lag_s=HOUR_S,
    touches=(
        Touch(role="product", entity="entitlement", root="c.record_id"),
        Touch(role="billing", entity="subscription", root="e.record_id", join=_OF_SUBSCRIPTION.format("c.record_id")),
        Touch(
            role="billing",
            entity="subscription_item",
            root="e.record_id",
            join=_OF_SUBSCRIPTION.format("c.subscription_id"),
        ),
        Touch(
            role="billing",
            entity="subscription_version",
            root="e.record_id",
            join=_OF_SUBSCRIPTION.format("c.subscription_id"),
        ),
    ),
    is_growing=True,
    select=f"""
        SELECT e.record_id AS root_id, e.system || ':' || e.record_id AS entity_id,
            s.system || ':' || s.customer_id AS customer_id, s.currency,
            round(abs(e."limit" - i.quantity) * i.unit_price * {SCALE.format("s.currency")})::bigint
                AS per_period_minor,
            {MONTHS.format("s")} AS period_months, v.valid_from AS accrues_at,
            coalesce(s.legal_entity, bc.legal_entity) AS legal_entity, v.happened_at,
            trim_scale(i.quantity)::text AS expected, trim_scale(e."limit")::text AS found, 'limit' AS field,
            CASE WHEN e."limit" > i.quantity THEN 'LEAK' ELSE 'OVER' END AS kind, /*at e*/,
            jsonb_build_array(s.system, 'subscription', s.record_id) AS evidence,
            jsonb_build_array(jsonb_build_array(e.system, 'entitlement', e.record_id),
                jsonb_build_array(s.system, 'subscription', s.record_id)) AS records
        FROM canonical.entitlement e
        JOIN canonical.subscription s ON s.system = ANY(:billing) AND e.subscription_id = 'billing:' || s.record_id
            AND s.record_id = split_part(e.subscription_id, ':', 2) AND s.deleted_at IS NULL AND s.status IN {RUNNING}
        LEFT JOIN canonical.customer bc ON bc.system = s.system AND bc.record_id = s.customer_id
        JOIN LATERAL ({_SOLD}) i ON i.quantity <> e."limit"
        JOIN LATERAL ({_SINCE}) v ON true
        WHERE e.system = ANY(:product) /*roots e*/ AND e.deleted_at IS NULL AND e.status = 'active'
            AND e.kind = 'static' AND (e.ends_at IS NULL OR e.ends_at > :now)
            AND NOT EXISTS (SELECT FROM ({_SOLD}) same WHERE same.quantity = e."limit")
    """,
    meaning="A change of the subscription did not reach the product, which still allows what was sold before.",
    wrong_when="the limit of active access is none of the quantities of its running subscription, but one that an "
    "item had before it changed",
    money="the units between limit and quantity times the unit price, for each billing period since the change; LEAK "
    "when more is allowed than paid, else OVER",
    sentence="Entitlement {root_id} allows {found}, but {expected} are sold; {money} so far.",
    advice="Set the entitlement to the quantity in force, and look why the change did not arrive.",
)

RULES = (LIMIT_DIFFERS,)
