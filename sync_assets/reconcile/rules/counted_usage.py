"""Rules about what billing was told of usage against the events it was counted from: repeats, aggregates, the last day.

What a meter counted is seen where it arrives, as the quantity of an invoice line. Not here: usage that billing has too
little of (usage.py), or that came late (late_usage.py).
"""

from collections.abc import Iterable, Sequence

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import METERED, SCALE, ZONE
from sync_assets.reconcile.metering import EACH, METERED_BY, ON_INVOICES, TOTAL, UNIT
from sync_assets.reconcile.rule import HOUR_S, Row, Rule, Touch

_OF_PERIOD = (
    "JOIN canonical.invoice_line il ON il.system = ANY(:billing) "
    "AND il.subscription_id = split_part(c.subscription_id, ':', 2) AND c.occurred_at < il.ends_at"
)
_SAME_PRICE = (
    "JOIN canonical.invoice_line il ON il.system = {0}.system AND il.subscription_id = {0}.subscription_id "
    "AND il.price_id = {0}.price_id AND il.ends_at > {0}.starts_at"
)
_TOUCHES = (
    Touch(role="billing", entity="invoice", root="c.record_id"),
    Touch(
        role="billing",
        entity="invoice",
        root="il.invoice_id",
        join="JOIN canonical.invoice_line own ON own.system = c.system AND own.invoice_id = c.record_id "
        + _SAME_PRICE.format("own"),
    ),
    Touch(role="billing", entity="invoice_line", root="c.invoice_id"),
    Touch(role="billing", entity="invoice_line", root="il.invoice_id", join=_SAME_PRICE.format("c")),
    Touch(role="billing", entity="credit_note", root="c.invoice_id"),
    Touch(
        role="billing",
        entity="subscription",
        root="il.invoice_id",
        join="JOIN canonical.invoice_line il ON il.system = c.system AND il.subscription_id = c.record_id "
        "AND il.starts_at <= c.started_at + interval '1 hour'",
    ),
    Touch(role="product", entity="usage", root="il.invoice_id", join=_OF_PERIOD),
    Touch(role="product", entity="meter", root="il.invoice_id", join=ON_INVOICES),
)

_EVENTS = """
    FROM canonical.usage u
    WHERE u.system = ANY(:product) AND u.subscription_id = 'billing:' || il.subscription_id
        AND u.meter = metered.meter AND u.deleted_at IS NULL
"""

_FIRST = """(
    metered.meter IS NOT NULL
    AND (SELECT true FROM canonical.subscription s WHERE s.system = il.system AND s.record_id = il.subscription_id
        AND s.started_at >= il.starts_at - interval '1 hour')
    AND (SELECT true FROM canonical.usage u WHERE u.system = ANY(:product) AND u.occurred_at < il.starts_at
        AND u.deleted_at IS NULL LIMIT 1)
)"""
"""The subscription began with the line's period, some of its events are known, and the events of others reach back."""

_EXCESS = f"""
    FROM canonical.invoice b
    JOIN canonical.invoice_line il ON il.system = b.system AND il.invoice_id = b.record_id AND il.deleted_at IS NULL
        AND il.quantity > 0 AND il.starts_at < il.ends_at
    JOIN canonical.price pr ON pr.system = il.system AND pr.record_id = il.price_id AND {METERED}
    CROSS JOIN LATERAL (
        SELECT il.subscription_id, il.starts_at - interval '100 years' AS starts_at, il.ends_at
    ) life
    {METERED_BY.format(period="life")}
    LEFT JOIN LATERAL (
        SELECT max(h.finalised_at) AS final_at FROM canonical.invoice_line former
        JOIN canonical.invoice h ON h.system = former.system AND h.record_id = former.invoice_id AND NOT h.is_void
        WHERE former.system = il.system AND former.subscription_id = il.subscription_id AND former.deleted_at IS NULL
            AND former.price_id = il.price_id AND former.starts_at < il.starts_at
    ) before ON true
    CROSS JOIN LATERAL (
        SELECT (SELECT {TOTAL} {_EVENTS} AND u.occurred_at >= il.starts_at AND u.occurred_at < il.ends_at) AS quantity,
            coalesce(sum({EACH}) FILTER (WHERE u.occurred_at < il.starts_at AND u.stored_at > before.final_at), 0)
                AS came_late,
            coalesce(bool_or(u.occurred_at < il.starts_at), false) AS reaches_back
        {_EVENTS}
    ) known
    CROSS JOIN LATERAL (
        SELECT coalesce(sum({EACH.replace("u.", "former.")}), 0) AS quantity FROM canonical.usage u
        JOIN canonical.usage_history former ON former.system = u.system AND former.record_id = u.record_id
            AND former.stored_at <> u.stored_at AND former.stored_at <= b.finalised_at
        WHERE u.system = ANY(:product) AND u.subscription_id = 'billing:' || il.subscription_id
            AND u.meter = metered.meter AND u.occurred_at >= il.starts_at AND u.occurred_at < il.ends_at
    ) again
    CROSS JOIN LATERAL (
        SELECT beyond.quantity, round(beyond.quantity * il.unit_price * {SCALE.format("b.currency")})::bigint AS minor
        FROM (SELECT il.quantity - known.quantity - known.came_late AS quantity) beyond
    ) excess
    WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND NOT b.is_void AND b.status <> 'draft'
        AND excess.quantity >= {UNIT.format("il.quantity")} AND (known.reaches_back OR {_FIRST})
        AND NOT EXISTS (SELECT FROM canonical.invoice_line part WHERE part.system = il.system
            AND part.subscription_id = il.subscription_id AND part.price_id = il.price_id AND part.deleted_at IS NULL
            AND part.record_id <> il.record_id AND part.starts_at < il.ends_at AND part.ends_at > il.starts_at)
        AND NOT EXISTS (SELECT FROM canonical.credit_note n WHERE n.system = b.system AND n.invoice_id = b.record_id
            AND NOT n.is_void AND n.deleted_at IS NULL AND n.total_minor >= excess.minor)
"""
"""Lines that bill more than was used, in their period or before it and stored since the invoice before was final.

Events are known back to where reading began; a period is only judged when one from before it is known, or anybody's is
and the subscription began with it. Several lines of one period are no excess of one of them.
"""

_COLUMNS = """
    b.record_id AS root_id, b.system || ':' || il.subscription_id AS entity_id,
    b.system || ':' || b.customer_id AS customer_id, b.currency, excess.minor AS money_minor,
    b.finalised_at AS happened_at, trim_scale(known.quantity + known.came_late)::text AS expected,
    trim_scale(il.quantity)::text AS found, 'quantity' AS field, /*at b*/, il.record_id AS part,
    jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
        jsonb_build_array(b.system, 'subscription', il.subscription_id)) AS records
"""
_SELECT = f"SELECT {_COLUMNS}, again.quantity >= excess.quantity AS is_repeated {_EXCESS}"


def _repeated(rows: Sequence[Row]) -> Iterable[Row]:
    """What was delivered again makes up for the excess."""
    return [row for row in rows if row["is_repeated"]]


def _not_repeated(rows: Sequence[Row]) -> Iterable[Row]:
    """Nothing that was delivered again does."""
    return [row for row in rows if not row["is_repeated"]]


_NEEDS = (
    ("product", "usage"),
    ("product", "meter"),
    ("billing", "subscription"),
    ("billing", "invoice"),
    ("billing", "invoice_line"),
)

COUNTED_TWICE = Rule(
    class_="F35",
    title="Usage was counted more than once",
    explained_by=("F46",),
    role="billing",
    entity="subscription",
    needs=_NEEDS,
    hop="product->billing",
    owner="PR",
    kind=Kind.OVER,
    lag_s=0,
    touches=_TOUCHES,
    select=_SELECT,
    weigh=_repeated,
    meaning="Events that were delivered again were counted again, and the customer was billed for them.",
    wrong_when="an invoice bills more usage than its period's events come to, and events of the period that were "
    "stored a second time before the invoice was final are worth that much; a second one with another content is set "
    "aside and told as F103, and what was billed for it as F36",
    money="the quantity beyond the events times the unit price of the line",
    sentence="Invoice {root_id} bills {found} of usage, but distinct events make {expected}; {money} too much.",
    advice="Credit the excess, and let the meter count an event's id once.",
)

COUNTED_OTHERWISE = Rule(
    class_="F36",
    title="The usage that was reported is not what its events add up to",
    explained_by=("F46",),
    role="billing",
    entity="subscription",
    needs=_NEEDS,
    hop="product->billing",
    owner="PR",
    kind=Kind.OVER,
    lag_s=0,
    touches=_TOUCHES,
    select=_SELECT,
    weigh=_not_repeated,
    meaning="The total that reached billing is higher than the events it stands for.",
    wrong_when="an invoice bills more usage than its period's events, and the late ones of before, come to by "
    "the way their meter counts, and no credit makes good for it",
    money="the quantity beyond the events times the unit price of the line",
    sentence="Invoice {root_id} bills {found} of usage, but its events make {expected}; {money} too much.",
    advice="Credit the excess, and let the meter count its periods anew; a total must follow its events down as well.",
)
"""Totals below their events are usage that was not billed (F34): the money leaks there."""

LAST_DAY_DROPPED = Rule(
    class_="F40",
    title="Usage of the last day was not billed",
    explains=("F34",),
    role="billing",
    entity="subscription",
    needs=_NEEDS,
    hop="product->billing",
    owner="FI",
    kind=Kind.LEAK,
    lag_s=HOUR_S,
    touches=(
        Touch(role="billing", entity="subscription", root="c.record_id"),
        Touch(role="billing", entity="invoice_line", root="c.subscription_id"),
        Touch(role="product", entity="meter", root="il.subscription_id", join=ON_INVOICES),
        Touch(
            role="billing",
            entity="invoice",
            root="il.subscription_id",
            join="JOIN canonical.invoice_line il ON il.system = c.system AND il.invoice_id = c.record_id",
        ),
        Touch(
            role="product",
            entity="usage",
            root="s.record_id",
            join="JOIN canonical.subscription s ON s.system = ANY(:billing) AND s.status = 'cancelled' "
            "AND s.record_id = split_part(c.subscription_id, ':', 2)",
        ),
    ),
    select=f"""
        SELECT /*root s*/, s.currency,
            round(known.last_day * il.unit_price * {SCALE.format("s.currency")})::bigint AS money_minor,
            il.finalised_at AS happened_at, trim_scale(known.quantity)::text AS expected,
            trim_scale(il.quantity)::text AS found, 'quantity' AS field, s.system AS at_system,
            il.invoice_id AS at_record_id,
            jsonb_build_array(jsonb_build_array(s.system, 'invoice', il.invoice_id),
                jsonb_build_array(s.system, 'subscription', s.record_id)) AS records
        FROM canonical.subscription s
        LEFT JOIN canonical.customer bc ON bc.system = s.system AND bc.record_id = s.customer_id
        CROSS JOIN LATERAL (SELECT coalesce(s.cancelled_at, s.ends_at, s.version_at) AS at) ended
        CROSS JOIN LATERAL (SELECT {ZONE.format("coalesce(s.legal_entity, bc.legal_entity)")} AS zone) z
        CROSS JOIN LATERAL (
            SELECT date_trunc('day', ended.at AT TIME ZONE z.zone) AT TIME ZONE z.zone AS day_from
        ) d
        JOIN LATERAL (
            SELECT line.subscription_id, line.invoice_id, line.quantity, line.unit_price, line.starts_at, line.ends_at,
                h.finalised_at, line.price_id, line.system
            FROM canonical.invoice_line line
            JOIN canonical.invoice h ON h.system = line.system AND h.record_id = line.invoice_id AND NOT h.is_void
                AND h.deleted_at IS NULL AND h.status <> 'draft'
            JOIN canonical.price pr ON pr.system = line.system AND pr.record_id = line.price_id AND {METERED}
            WHERE line.system = s.system AND line.subscription_id = s.record_id AND line.deleted_at IS NULL
                AND line.starts_at < ended.at AND line.ends_at >= d.day_from
            ORDER BY line.ends_at DESC, line.record_id LIMIT 1
        ) il ON true
        JOIN canonical.price pr ON pr.system = il.system AND pr.record_id = il.price_id
        CROSS JOIN LATERAL (
            SELECT s.record_id AS subscription_id, il.starts_at - interval '100 years' AS starts_at,
                ended.at AS ends_at
        ) life
        {METERED_BY.format(period="life")}
        CROSS JOIN LATERAL (
            SELECT coalesce(sum({EACH}), 0) AS quantity,
                coalesce(sum({EACH}) FILTER (WHERE u.occurred_at >= d.day_from), 0) AS last_day
            {_EVENTS} AND u.occurred_at >= il.starts_at AND u.occurred_at < ended.at
                AND u.stored_at <= il.finalised_at
        ) known
        WHERE s.system = ANY(:billing) /*roots s*/ AND s.deleted_at IS NULL AND s.status = 'cancelled'
            AND known.last_day > 0 AND il.quantity = known.quantity - known.last_day
    """,
    meaning="A subscription ended in the middle of a day, and what was used on that day was left off its last invoice.",
    wrong_when="the last invoice of an ended subscription bills exactly the usage of before its last day in the legal "
    "entity's time zone, and there was usage from that day's start to the end that was stored before the invoice was "
    "final",
    money="the usage of the last day times the unit price of the line",
    sentence="Subscription {root_id} used {expected} until its end, but only {found} was billed, without its last day; "
    "{money} not billed.",
    advice="Bill the last day, and let the last period run to the instant of the end.",
)
"""One that ends as a day begins has no last day of this kind."""

RULES = (COUNTED_TWICE, COUNTED_OTHERWISE, LAST_DAY_DROPPED)
