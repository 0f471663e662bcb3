"""Expressions for what meters make of events: which events a usage price is for, and what they come to.

Belongs here: how a meter counts, as its owner says. Not here: what was billed for it (the rules).
"""

from sync_assets.reconcile.fragments import METERED

_METER = """(
    SELECT CASE WHEN count(*) = 1 THEN min(known.meter) ELSE min(known.meter) FILTER (WHERE known.is_named) END
    FROM (
        SELECT u.meter, EXISTS (SELECT FROM canonical.meter m WHERE m.system = ANY(:product)
            AND m.event_type = u.meter AND pr.product_id IN (m.feature, m.event_type, m.name)) AS is_named
        FROM canonical.usage u
        WHERE u.system = ANY(:product) AND u.subscription_id = 'billing:' || {period}.subscription_id
            AND u.occurred_at >= {period}.starts_at AND u.occurred_at < {period}.ends_at AND u.deleted_at IS NULL
        GROUP BY u.meter
    ) known
)"""
"""The kind of events that a usage price is for: the only one there is, else the one called like the product."""

_AGGREGATION = """(
    SELECT CASE WHEN count(*) = 0 THEN 'SUM'
        WHEN count(DISTINCT known.aggregation) FILTER (WHERE known.is_named) = 1
            THEN min(known.aggregation) FILTER (WHERE known.is_named)
        WHEN count(DISTINCT known.aggregation) = 1 THEN min(known.aggregation) END
    FROM (
        SELECT m.aggregation, pr.product_id IN (m.feature, m.name) AS is_named FROM canonical.meter m
        WHERE m.system = ANY(:product) AND m.event_type = measured.meter AND m.deleted_at IS NULL
    ) known
)"""
"""How the meter of these events counts: as the one called like the product does, else as all of them do, else unknown;
events that nobody described are added up."""

METERED_BY = f"""
    CROSS JOIN LATERAL (SELECT {_METER} AS meter) measured
    CROSS JOIN LATERAL (SELECT measured.meter, {_AGGREGATION} AS aggregation) metered
"""
"""The meter of a usage price `pr` in a `{{period}}` of a subscription, as `metered`."""

EACH = "CASE metered.aggregation WHEN 'SUM' THEN u.quantity WHEN 'COUNT' THEN 1 END"
"""What an event `u` adds; nothing is known of single events where a meter does not add up."""

TOTAL = """CASE
    WHEN metered.aggregation = 'COUNT' THEN count(*)
    WHEN count(*) = 0 AND metered.aggregation = 'SUM' THEN 0
    WHEN metered.aggregation = 'SUM' THEN sum(u.quantity)
    WHEN metered.aggregation = 'MAX' THEN max(u.quantity)
    WHEN metered.aggregation = 'MIN' THEN min(u.quantity)
    WHEN metered.aggregation = 'AVG' THEN avg(u.quantity)
    WHEN metered.aggregation = 'LATEST'
        THEN (array_agg(u.quantity ORDER BY u.occurred_at DESC, u.stored_at DESC, u.record_id DESC))[1]
END"""
"""What events `u` come to; null where they do not tell: no quantity says what is distinct, and none has a highest."""

UNIT = "power(10.0, -scale(trim_scale({0})))"
"""One in the last digit of a quantity: whole units may be billed for parts of them, and that is how it is seen."""

ON_INVOICES = f"""
    JOIN canonical.price pr ON pr.system = ANY(:billing) AND {METERED}
    JOIN canonical.subscription_item i ON i.system = pr.system AND i.price_id = pr.record_id
        AND EXISTS (SELECT FROM canonical.usage u WHERE u.system = c.system
            AND u.subscription_id = 'billing:' || i.subscription_id AND u.meter = c.event_type)
    JOIN canonical.invoice_line il ON il.system = i.system AND il.subscription_id = i.subscription_id
"""
"""From a meter `c` to the lines `il` of subscriptions that are billed for what it may measure."""
