"""Expressions that several rules share: minor units, billing periods, what is metered, what is running."""

SCALE = "CASE WHEN {0} = ANY(:no_decimals) THEN 1 WHEN {0} = ANY(:three_decimals) THEN 1000 ELSE 100 END"
"""Minor units of one major unit of a currency."""

MONTHS = "CASE {0}.period_unit WHEN 'year' THEN 12 WHEN 'month' THEN 1 END * {0}.period"
"""Months of a billing period; null for days and weeks, which are not sold as terms."""

METERED = (
    "coalesce(pr.metered, (SELECT d.metered FROM canonical.product d WHERE d.system = pr.system "
    "AND d.record_id = pr.product_id), false)"
)
"""Whether a price `pr` is for usage: said by the price, or by its product."""

STATE = "split_part(substr({0}.record_id, length({0}.subscription_id) + 2), '/', 1)"
"""The state of its subscription that a version belongs to, whose id is subscription/state/price: states of one second
follow each other by it."""

RUNNING = "('active', 'non_renewing')"
"""States of a subscription that is being billed."""

CALLED_OFF = "coalesce({0}.status ~* '^(terminat|cancel|expir|ended|void|reject|supersed|replac|inactiv)', false)"
"""Whether a contract no longer binds by its own state, whatever its last day says; the words are each company's own."""

ZONE = "coalesce((SELECT z.name FROM unnest(:zoned, :zones) AS z (entity, name) WHERE z.entity = {0} LIMIT 1), 'UTC')"
"""The name of a legal entity's time zone; UTC for one that no system describes."""

LISTED = f"""(
    SELECT round(coalesce(sum(coalesce(i.quantity, 1) * coalesce(pr.unit_price, i.unit_price)), 0)
        * {SCALE.format("s.currency")})::bigint
    FROM canonical.subscription_item i
    JOIN canonical.price pr ON pr.system = i.system AND pr.record_id = i.price_id AND NOT {METERED}
    WHERE i.system = s.system AND i.subscription_id = s.record_id
        AND (i.deleted_at IS NULL OR i.deleted_at = s.deleted_at)
)"""
"""What one period of a subscription `s` costs at list prices, usage apart; of a deleted one, by what went with it. A
flat fee has no quantity."""

ENDED = "(s.status = 'cancelled' OR s.deleted_at IS NOT NULL)"
"""Whether a subscription `s` is over: ended, or taken out of billing."""

ENDED_AT = (
    "CASE WHEN s.status = 'cancelled' THEN coalesce(s.cancelled_at, s.ends_at, s.version_at) ELSE s.deleted_at END"
)
"""When it was over."""

BILLED = f"""(
    SELECT coalesce(sum(i.amount_minor), 0)::bigint FROM canonical.subscription_item i
    JOIN canonical.price pr ON pr.system = i.system AND pr.record_id = i.price_id AND NOT {METERED}
    WHERE i.system = s.system AND i.subscription_id = s.record_id AND i.deleted_at IS NULL
)"""
"""What one period of a subscription `s` is billed at, usage apart."""

AGREED = "(l.unit_price * (1 - coalesce(l.discount_percent, 0) / 100))"
"""The agreed price of one unit of an order line `l` for one billing period."""

MONTHS_SOLD = f"""(
    SELECT {MONTHS.format("p")} FROM canonical.price p
    LEFT JOIN canonical.product d ON d.system = p.system AND d.record_id = p.product_id
    WHERE p.system = ANY(:billing) AND p.product_id = cp.sku AND p.currency = {{currency}}
        AND NOT coalesce(p.metered, d.metered, false) AND p.period IS NOT NULL
    ORDER BY p.record_id LIMIT 1
)"""
"""Months of the billing period under which the product `cp` of an order line is sold; null for usage and one-offs."""
