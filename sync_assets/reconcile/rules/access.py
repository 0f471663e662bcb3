"""Rules about access against what billing knows of it: paid and never given, given without renewal or after the end."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import BILLED, ENDED, ENDED_AT, LISTED, MONTHS, RUNNING
from sync_assets.reconcile.rule import DAY_S, Queue, Rule, Touch
from sync_assets.reconcile.rules.commitments import SUBSCRIBED

_OF_SUBSCRIPTION = "split_part(c.subscription_id, ':', 2)"

NEVER_PROVIDED = Rule(
    class_="F28",
    title="Paid, but access was never given",
    role="billing",
    entity="subscription",
    needs=(("billing", "subscription"), ("billing", "invoice"), ("product", "entitlement")),
    hop="billing->product",
    owner="PR",
    kind=Kind.OVER,
    lag_s=DAY_S,
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
    queue=Queue(role="product", entity="entitlement", field="subscription_id", name="billing:{root_id}"),
    select=f"""
        SELECT /*root s*/, s.currency, paid.minor AS money_minor,
            paid.at AS happened_at, 'access' AS expected, 'none, ever' AS found, 'status' AS field,
            (:product)[1] AS at_system, CAST(NULL AS text) AS at_record_id,
            jsonb_build_array(jsonb_build_array(s.system, 'subscription', s.record_id),
                jsonb_build_array(s.system, 'invoice', paid.invoice_id)) AS records
        FROM (
            SELECT s.* FROM canonical.subscription s
            WHERE s.system = ANY(:billing) /*roots s*/ AND s.deleted_at IS NULL AND s.status IN {RUNNING}
                AND NOT EXISTS (SELECT FROM canonical.entitlement e WHERE e.system = ANY(:product)
                    AND e.subscription_id = 'billing:' || s.record_id)
                AND EXISTS (SELECT FROM canonical.entitlement x WHERE x.system = ANY(:product))
            OFFSET 0
        ) s
        CROSS JOIN LATERAL (
            SELECT sum(il.amount_minor - coalesce(il.discount_minor, 0))::bigint AS minor,
                min(coalesce(h.paid_at, h.version_at)) AS at, min(h.record_id) AS invoice_id
            FROM canonical.invoice_line il
            JOIN canonical.invoice h ON h.system = il.system AND h.record_id = il.invoice_id AND h.status = 'paid'
                AND NOT h.is_void AND h.deleted_at IS NULL AND h.paid_minor > 0
            WHERE il.system = s.system AND il.subscription_id = s.record_id AND il.deleted_at IS NULL
        ) paid
        WHERE paid.minor > 0
            AND NOT EXISTS (
                SELECT FROM canonical.subscription_item own
                JOIN canonical.price op ON op.system = own.system AND op.record_id = own.price_id
                CROSS JOIN LATERAL (
                    SELECT count(*) AS peers, count(*) FILTER (WHERE EXISTS (
                        SELECT FROM canonical.entitlement e WHERE e.system = ANY(:product)
                            AND e.subscription_id = 'billing:' || p.subscription_id)) AS provided
                    FROM (
                        SELECT pi.subscription_id FROM canonical.price pp
                        JOIN canonical.subscription_item pi ON pi.system = pp.system AND pi.price_id = pp.record_id
                        WHERE pp.system = op.system AND pp.product_id = op.product_id
                            AND pi.subscription_id <> s.record_id
                        LIMIT 20
                    ) p
                ) alike
                WHERE own.system = s.system AND own.subscription_id = s.record_id AND own.deleted_at IS NULL
                    AND alike.peers >= 3 AND alike.provided = 0
            )
    """,
    meaning="A customer paid and has never been able to use what it paid for.",
    wrong_when="a running subscription has paid invoices and never had access a day later, while others of the same "
    "product have",
    money="what was paid for the subscription, before tax: it would have to go back",
    sentence="Subscription {root_id} was paid, but the product never gave access; {money} would have to go back.",
    advice="Give access now, and look why the product never heard of the subscription.",
)
"""A product that several others bought and nobody has access to is a service, rightly without."""

_LIVING = (
    "e.system = ANY(:product) AND e.subscription_id = 'billing:' || s.record_id AND e.deleted_at IS NULL "
    "AND e.status = 'active' AND (e.ends_at IS NULL OR e.ends_at > :now)"
)
RENEWAL_LAPSED = Rule(
    class_="F25",
    title="Not renewed, and service goes on",
    role="billing",
    entity="subscription",
    needs=(("billing", "subscription"), ("crm", "contract"), ("crm", "order"), ("product", "entitlement")),
    hop="crm->billing",
    owner="RO",
    kind=Kind.LEAK,
    lag_s=7 * DAY_S,
    touches=(
        Touch(role="billing", entity="subscription", root="c.record_id"),
        Touch(
            role="billing",
            entity="subscription",
            root="s.record_id",
            join="JOIN canonical.subscription s ON s.system = c.system AND s.customer_id = c.customer_id",
        ),
        Touch(role="product", entity="entitlement", root=_OF_SUBSCRIPTION),
        Touch(
            role="product",
            entity="usage",
            root="s.record_id",
            join=f"JOIN canonical.subscription s ON s.system = ANY(:billing) AND s.record_id = {_OF_SUBSCRIPTION} "
            "AND s.status = 'cancelled'",
        ),
        Touch(role="crm", entity="order", root="s.record_id", join=SUBSCRIBED.format("c.record_id")),
        Touch(
            role="crm",
            entity="contract",
            root="s.record_id",
            join='JOIN canonical."order" o ON o.system = c.system AND o.customer_id = c.customer_id '
            f"AND o.contract_id = c.record_id {SUBSCRIBED.format('o.record_id')}",
        ),
    ),
    is_growing=True,
    select=f"""
        SELECT /*root s*/, s.currency, {BILLED} AS per_period_minor,
            {MONTHS.format("s")} AS period_months, ended.at AS accrues_at, k.ends_on + 1 AS committed_on,
            coalesce(s.legal_entity, bc.legal_entity) AS legal_entity, ended.at AS happened_at,
            'renewed: the contract runs until ' || k.ends_on AS expected, 'ended on ' || ended.at::date AS found,
            'ends_at' AS field, /*at s*/,
            jsonb_build_array(jsonb_build_array(s.system, 'subscription', s.record_id),
                jsonb_build_array(k.system, 'contract', k.record_id)) AS records
        FROM canonical.subscription s
        JOIN canonical."order" o ON o.system = ANY(:crm) AND s.order_id = 'crm:' || o.record_id
            AND o.record_id = split_part(s.order_id, ':', 2) AND o.deleted_at IS NULL
        JOIN canonical.contract k ON k.system = o.system AND k.record_id = o.contract_id AND k.deleted_at IS NULL
        LEFT JOIN canonical.customer bc ON bc.system = s.system AND bc.record_id = s.customer_id
        CROSS JOIN LATERAL (SELECT coalesce(s.cancelled_at, s.ends_at, s.version_at) AS at) ended
        WHERE s.system = ANY(:billing) /*roots s*/ AND s.deleted_at IS NULL AND s.status = 'cancelled'
            AND k.ends_on > (ended.at + interval '1 day')::date
            AND (EXISTS (SELECT FROM canonical.entitlement e WHERE {_LIVING})
                OR EXISTS (SELECT FROM canonical.usage u WHERE u.system = ANY(:product)
                    AND u.subscription_id = 'billing:' || s.record_id AND u.occurred_at >= ended.at
                    AND u.deleted_at IS NULL))
            AND NOT EXISTS (SELECT FROM canonical.subscription n WHERE n.system = s.system
                AND n.customer_id = s.customer_id AND n.record_id <> s.record_id AND n.deleted_at IS NULL
                AND n.status IN {RUNNING} AND (n.order_id = s.order_id
                    OR n.started_at >= ended.at - interval '31 days'))
    """,
    meaning="The subscription ended, but contract and service go on, so nothing is billed for them.",
    wrong_when="a cancelled subscription's contract runs beyond its end, access is active or usage goes on, and no "
    "other subscription followed",
    money="what it billed per period, for each period since its end; what remains of the contract is still to come",
    sentence="Subscription {root_id} {found}, but its contract and its service go on; {money} not billed so far.",
    advice="Renew the subscription from the day it ended, or end contract and access.",
)
"""Where the contract has ended as well, access that goes on is no renewal that was missed."""

_ACCESS = "e.deleted_at IS NULL AND e.status = 'active' AND (e.ends_at IS NULL OR e.ends_at > :now)"

ZOMBIE_ENTITLEMENT = Rule(
    class_="F31",
    title="Access goes on after the subscription ended",
    explained_by=("F25",),
    role="product",
    entity="entitlement",
    needs=(("product", "entitlement"), ("billing", "subscription")),
    hop="billing->product",
    owner="PR",
    kind=Kind.LEAK,
    lag_s=DAY_S,
    touches=(
        Touch(
            role="product",
            entity="entitlement",
            root="e.record_id",
            join="JOIN canonical.entitlement e ON e.system = c.system AND e.subscription_id = c.subscription_id",
        ),
        Touch(
            role="billing",
            entity="subscription",
            root="e.record_id",
            join="JOIN canonical.entitlement e ON e.system = ANY(:product) "
            "AND e.subscription_id = 'billing:' || c.record_id",
        ),
    ),
    is_growing=True,
    select=f"""
        SELECT e.record_id AS root_id, e.system || ':' || e.record_id AS entity_id,
            s.system || ':' || s.customer_id AS customer_id, s.currency, {LISTED} AS per_period_minor,
            {MONTHS.format("s")} AS period_months, ended.at AS accrues_at, bc.legal_entity, ended.at AS happened_at,
            'no access after ' || ended.at::date AS expected, 'active' AS found, 'status' AS field,
            /*at e*/,
            jsonb_build_array(s.system, 'subscription', s.record_id) AS evidence,
            jsonb_build_array(jsonb_build_array(e.system, 'entitlement', e.record_id),
                jsonb_build_array(s.system, 'subscription', s.record_id)) AS records
        FROM canonical.entitlement e
        JOIN canonical.subscription s ON s.system = ANY(:billing) AND e.subscription_id = 'billing:' || s.record_id
            AND s.record_id = split_part(e.subscription_id, ':', 2) AND {ENDED}
        LEFT JOIN canonical.customer bc ON bc.system = s.system AND bc.record_id = s.customer_id
        CROSS JOIN LATERAL (SELECT {ENDED_AT} AS at) ended
        WHERE e.system = ANY(:product) /*roots e*/ AND {_ACCESS}
            AND NOT EXISTS (SELECT FROM canonical.entitlement x
                WHERE x.system = e.system AND x.subscription_id = e.subscription_id AND x.record_id < e.record_id
                    AND {_ACCESS.replace("e.", "x.")})
    """,
    meaning="Somebody uses what is no longer paid for.",
    wrong_when="access is active a day after its subscription ended, or was deleted in billing",
    money="the list price of the subscription's items, for each billing period since it ended",
    sentence="Subscription of entitlement {root_id} ended, but access goes on; {money} given away so far.",
    advice="End the entitlement, or sell the customer a new subscription.",
)
"""One break per subscription, on its first entitlement: the price is that of the whole."""

RULES = (NEVER_PROVIDED, RENEWAL_LAPSED, ZOMBIE_ENTITLEMENT)
