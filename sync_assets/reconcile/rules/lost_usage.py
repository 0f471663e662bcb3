"""Rules about usage that nobody can be billed for: of subjects that billing does not know, and meters that fall silent.

An event of a type that no meter measures is nobody's to bill, so it is no break. Not here: usage of known subscriptions
that did not reach an invoice (usage.py).
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import METERED, RUNNING, SCALE
from sync_assets.reconcile.rule import DAY_S, Rule, Touch

_UNKNOWN = """NOT EXISTS (SELECT FROM canonical.subscription s WHERE s.system = ANY(:billing)
    AND s.record_id = split_part({0}.subscription_id, ':', 2))"""

_LIST_PRICE = f"""
    SELECT pr.currency, pr.unit_price FROM canonical.price pr
    LEFT JOIN canonical.currency base ON base.system = ANY(:erp) AND base.is_base AND base.code = pr.currency
    WHERE pr.system = ANY(:billing) AND pr.deleted_at IS NULL AND {METERED} AND pr.unit_price IS NOT NULL
        AND (pr.product_id IN (SELECT unnest(ARRAY[m.feature, m.event_type, m.name]) FROM canonical.meter m
                WHERE m.system = u.system AND m.event_type = u.meter)
            OR NOT EXISTS (SELECT FROM canonical.price p2
                LEFT JOIN canonical.product d2 ON d2.system = p2.system AND d2.record_id = p2.product_id
                WHERE p2.system = pr.system AND p2.product_id <> pr.product_id AND p2.deleted_at IS NULL
                    AND coalesce(p2.metered, d2.metered, false)))
    ORDER BY base.code IS NULL, pr.currency, pr.record_id LIMIT 1
"""
"""What a unit of the meter costs at list: of the product that is called like it, or of the only one for usage; in the
ERP's base currency where it has one, as nobody knows in which the customer would pay."""

UNATTRIBUTED = Rule(
    class_="F43",
    title="Usage of somebody whom billing does not know",
    role="product",
    entity="usage",
    needs=(("product", "usage"), ("product", "meter"), ("billing", "subscription"), ("billing", "price")),
    hop="product",
    owner="PR",
    kind=Kind.CONTROL,
    lag_s=DAY_S,
    touches=(
        Touch(
            role="product",
            entity="usage",
            root="u.record_id",
            join="JOIN canonical.usage u ON u.system = c.system AND u.subscription_id = c.subscription_id "
            f"AND {_UNKNOWN.format('c')}",
        ),
    ),
    is_growing=True,
    select=f"""
        SELECT u.record_id AS root_id, u.system || ':' || u.record_id AS entity_id, u.subscription_id AS customer_id,
            price.currency, coalesce(round(used.quantity * price.unit_price
                * {SCALE.format("price.currency")}), 0)::bigint AS money_minor,
            u.stored_at AS happened_at, 'a subscription' AS expected, split_part(u.subscription_id, ':', 2) AS found,
            'subscription_id' AS field, /*at u*/, trim_scale(used.quantity)::text AS quantity,
            jsonb_build_array(jsonb_build_array(u.system, 'usage', u.record_id)) AS records
        FROM canonical.usage u
        CROSS JOIN LATERAL (
            SELECT sum(e.quantity) AS quantity FROM canonical.usage e
            WHERE e.system = u.system AND e.subscription_id = u.subscription_id AND e.meter = u.meter
                AND e.deleted_at IS NULL
        ) used
        LEFT JOIN LATERAL ({_LIST_PRICE}) price ON true
        WHERE u.system = ANY(:product) /*roots u*/ AND u.deleted_at IS NULL AND {_UNKNOWN.format("u")}
            AND EXISTS (SELECT FROM canonical.meter m WHERE m.system = u.system AND m.event_type = u.meter)
            AND NOT EXISTS (SELECT FROM canonical.usage e WHERE e.system = u.system
                AND e.subscription_id = u.subscription_id AND e.meter = u.meter AND e.deleted_at IS NULL
                AND (e.occurred_at, e.record_id) < (u.occurred_at, u.record_id))
    """,
    meaning="The product measures usage of a subject that is no subscription of billing, so nobody will be billed.",
    wrong_when="a metered event's subject has been no subscription that billing ever had for a day",
    money="all usage of the subject at list price, as exposure; in the ERP's base currency, as the customer's is not "
    "known",
    sentence="Usage of {quantity} is counted for {found}, which is no subscription; {money} at list price.",
    advice="Find out whose key it is and let it count for their subscription, or switch it off.",
)
"""One break per subject and meter, on its first event. A subscription that ended, or was deleted, is known."""

_EVENTS_ENOUGH = 20
"""Events before the normal distance between two can be told from chance."""

_PAUSES, _SPREADS = 3, 16
"""A silence is so many times the longest pause, and the mean pause and so many times what pauses stray from it.

The first is what a counter that ticks evenly shows soon; the second gives time to those who use it at random. Of these
one in 4,000 is ever that silent with so many events known (200,000 lives of 150 exponential pauses); by the longest
pause alone it were one in 150, 3 / (21 * 22)."""

_METERED_ITEM = f"""EXISTS (
    SELECT FROM canonical.subscription_item i
    JOIN canonical.price pr ON pr.system = i.system AND pr.record_id = i.price_id AND {METERED}
    WHERE i.system = s.system AND i.subscription_id = s.record_id AND i.deleted_at IS NULL
)"""

SILENT = Rule(
    class_="F44",
    title="Usage fell silent",
    explained_by=("F32",),
    role="billing",
    entity="subscription",
    needs=(("product", "usage"), ("billing", "subscription"), ("billing", "invoice_line")),
    hop="product",
    owner="PR",
    kind=Kind.CONTROL,
    lag_s=0,
    touches=(
        Touch(role="billing", entity="subscription", root="c.record_id"),
        Touch(role="billing", entity="subscription_item", root="c.subscription_id"),
        Touch(role="billing", entity="invoice_line", root="c.subscription_id"),
        Touch(role="product", entity="usage", root="split_part(c.subscription_id, ':', 2)"),
    ),
    select=f"""
        SELECT /*root s*/, s.currency, coalesce(billed.minor, 0) AS money_minor,
            known.last_at + known.silence AS happened_at,
            'usage within ' || ceil(extract(epoch FROM known.silence) / 3600) || ' hours' AS expected,
            'none since ' || known.last_at::date AS found, 'quantity' AS field, known.system AS at_system,
            known.record_id AS at_record_id,
            jsonb_build_array(jsonb_build_array(s.system, 'subscription', s.record_id),
                jsonb_build_array(known.system, 'usage', known.record_id)) AS records
        FROM canonical.subscription s
        JOIN LATERAL (
            SELECT min(e.system) AS system, max(e.occurred_at) AS last_at,
                greatest({_PAUSES} * max(e.gap), avg(e.gap)
                    + {_SPREADS} * make_interval(secs => stddev_pop(extract(epoch FROM e.gap)))) AS silence,
                (array_agg(e.record_id ORDER BY e.occurred_at DESC, e.record_id))[1] AS record_id
            FROM (
                SELECT u.system, u.record_id, u.occurred_at,
                    u.occurred_at - lag(u.occurred_at) OVER (ORDER BY u.occurred_at, u.record_id) AS gap
                FROM canonical.usage u
                WHERE u.system = ANY(:product) AND u.subscription_id = 'billing:' || s.record_id
                    AND u.quantity > 0 AND u.deleted_at IS NULL
            ) e
            HAVING count(*) >= {_EVENTS_ENOUGH}
        ) known ON known.silence > interval '0'
        LEFT JOIN LATERAL (
            SELECT il.amount_minor AS minor FROM canonical.invoice_line il
            JOIN canonical.invoice h ON h.system = il.system AND h.record_id = il.invoice_id AND NOT h.is_void
                AND h.deleted_at IS NULL
            JOIN canonical.price pr ON pr.system = il.system AND pr.record_id = il.price_id AND {METERED}
            WHERE il.system = s.system AND il.subscription_id = s.record_id AND il.deleted_at IS NULL
                AND il.amount_minor > 0
            ORDER BY il.starts_at DESC, il.record_id LIMIT 1
        ) billed ON true
        WHERE s.system = ANY(:billing) /*roots s*/ AND s.deleted_at IS NULL AND s.status IN {RUNNING}
            AND {_METERED_ITEM}
    """,
    meaning="A running subscription that is billed by usage sends none any more: a broken counter, or a customer who "
    "left.",
    wrong_when=f"a running subscription with an item for usage, which had at least {_EVENTS_ENOUGH} events, has had "
    f"none for {_PAUSES} times the longest time that ever lay between two of them, and for the mean of these times and "
    f"{_SPREADS} times their standard deviation",
    money="what the last period with usage was billed for it, as exposure",
    sentence="Subscription {root_id} has usage items, but {found}; its last period brought {money}.",
    advice="Ask the customer whether they stopped; if not, mend what counts their usage and bring the events in.",
)
"""Each such subscription waits for the instant at which its silence would be too long."""

RULES = (UNATTRIBUTED, SILENT)
