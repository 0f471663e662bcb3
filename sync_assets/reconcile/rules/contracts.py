"""Rules about what was sold against what is billed: customers, deals, subscriptions, their prices and quantities."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import BILLED, CALLED_OFF, METERED, MONTHS, MONTHS_SOLD, RUNNING, SCALE
from sync_assets.reconcile.rule import DAY_S, HOUR_S, Queue, Rule, Sides, Touch
from sync_assets.store.histories import Told


def _sold_as(order: str) -> str:
    return f"JOIN canonical.subscription s ON s.system = ANY(:billing) AND s.order_id = 'crm:' || {order}"


_TERMS_CHANGED = (
    Touch(role="billing", entity="subscription", root="c.record_id"),
    Touch(role="billing", entity="subscription_item", root="c.subscription_id"),
    Touch(role="crm", entity="order", root="s.record_id", join=_sold_as("c.record_id")),
    Touch(role="crm", entity="order", root="s.record_id", join=_sold_as("c.deal_id")),
    Touch(role="crm", entity="order_line", root="s.record_id", join=_sold_as("c.order_id")),
)
_AGREED = "(l.unit_price * (1 - coalesce(l.discount_percent, 0) / 100))"
_SOLD = f"""
    FROM canonical.subscription s
    JOIN canonical.subscription_item i ON i.system = s.system AND i.subscription_id = s.record_id
        AND i.deleted_at IS NULL
    JOIN canonical.price pr ON pr.system = i.system AND pr.record_id = i.price_id AND NOT {METERED}
    JOIN canonical."order" o ON o.system = ANY(:crm) AND s.order_id = 'crm:' || o.record_id
        AND o.record_id = split_part(s.order_id, ':', 2) AND o.deleted_at IS NULL AND o.status = 'won'
    JOIN LATERAL (
        SELECT min(l.system) AS system, CASE WHEN count(*) = 1 THEN min(l.record_id) END AS record_id,
            sum(l.quantity) AS quantity, sum(l.quantity * {_AGREED}) / nullif(sum(l.quantity), 0) AS unit_price,
            max(l.version_at) AS version_at
        FROM canonical.order_line l
        JOIN canonical.product cp ON cp.system = l.system AND cp.record_id = l.product_id AND cp.sku = pr.product_id
        WHERE l.system = o.system AND l.order_id = o.record_id AND l.deleted_at IS NULL
        HAVING count(*) > 0 AND count(DISTINCT coalesce(l.starts_on, '-infinity')) = 1
    ) l ON true
    LEFT JOIN canonical.customer a ON a.system = o.system AND a.record_id = o.customer_id
    LEFT JOIN canonical.contract k ON k.system = o.system AND k.record_id = o.contract_id AND k.deleted_at IS NULL
    CROSS JOIN LATERAL (
        SELECT max(m.starts_on) AS starts_on FROM canonical."order" m
        WHERE m.system = o.system AND m.deal_id = o.record_id AND m.kind = 'amendment' AND m.deleted_at IS NULL
    ) amended
    WHERE s.system = ANY(:billing) /*roots s*/ AND s.deleted_at IS NULL AND s.status IN {RUNNING}
"""
"""Subscriptions with each item beside what was sold of its product; lines of one product in one deal are one, unless
they begin on different days: those are steps, with rules of their own."""

_WHO_AND_WHEN = f"""/*root s*/, s.currency, /*at s*/,
    i.price_id AS part, l.system AS owner_system, l.record_id AS owner_record_id, s.system AS copy_system,
    s.record_id AS copy_record_id, a.legal_entity, {MONTHS.format("s")} AS period_months,
    s.started_at AS accrues_at, amended.starts_on AS accrues_on, s.term_ends_at AS committed_at,
    k.ends_on + 1 AS committed_on, greatest(l.version_at, i.version_at, amended.starts_on) AS happened_at,
    jsonb_build_array(jsonb_build_array(s.system, 'subscription', s.record_id),
        jsonb_build_array(o.system, 'order', o.record_id)) AS records"""
"""The gap grows from the start or the latest amendment; the contract's last day, else the term's, ends what is
committed. An amendment that begins later parts nothing before."""


def _as_billed(value: str) -> Told:
    """What billing's versions of a subscription say of a price: its events know them from before the first read."""
    return Told(
        entity="subscription_version", value=value, at="v.valid_from", found_by="subscription_id", apart="price_id"
    )


_DISCOUNTED = """(
    SELECT il.amount_minor - il.discount_minor FROM canonical.invoice_line il
    JOIN canonical.invoice b ON b.system = il.system AND b.record_id = il.invoice_id AND b.deleted_at IS NULL
        AND NOT b.is_void AND b.status <> 'draft'
    WHERE il.system = s.system AND il.subscription_id = s.record_id AND il.price_id = i.price_id
        AND il.deleted_at IS NULL AND il.quantity = i.quantity AND il.discount_minor > 0
        AND NOT EXISTS (SELECT FROM canonical.invoice_line later WHERE later.system = il.system
            AND later.subscription_id = il.subscription_id AND later.price_id = il.price_id
            AND later.deleted_at IS NULL AND later.starts_at > il.starts_at)
    ORDER BY b.issued_at DESC, il.record_id LIMIT 1
)"""
"""What the latest invoice asks for an item, when that is less than its price: coupons show on invoices only.

Source: apidocs.chargebee.com/docs/api/subscriptions (coupons), .../invoices (line_items.discount_amount)."""

PRICE_DIFFERS = Rule(
    class_="F12",
    title="Billed at another price than sold",
    explained_by=("F15",),
    role="billing",
    entity="subscription",
    needs=(
        ("crm", "order_line"),
        ("billing", "subscription"),
        ("billing", "subscription_item"),
        ("billing", "invoice_line"),
    ),
    hop="crm->billing",
    owner="RO",
    kind=Kind.LEAK,
    lag_s=HOUR_S,
    touches=(*_TERMS_CHANGED, Touch(role="billing", entity="invoice_line", root="c.subscription_id")),
    sides=Sides(
        owner=Told(entity="order_line", value="round(v.unit_price * (1 - coalesce(v.discount_percent, 0) / 100), 2)"),
        copy=_as_billed("round(v.unit_price, 2)"),
    ),
    is_growing=True,
    select=f"""
        SELECT {_WHO_AND_WHEN},
            round(abs(l.unit_price - i.unit_price) * i.quantity * {SCALE.format("s.currency")})::bigint
                AS per_period_minor,
            round(l.unit_price, 4)::text AS expected, round(i.unit_price, 4)::text AS found, 'unit_price' AS field,
            CASE WHEN l.unit_price > i.unit_price THEN 'LEAK' ELSE 'OVER' END AS kind
        {_SOLD} AND abs(l.unit_price - i.unit_price) * {SCALE.format("s.currency")} >= 1
            AND NOT coalesce(o.uplift_on <= :now AND abs(l.unit_price * (1 + o.uplift_percent / 100) - i.unit_price)
                * {SCALE.format("s.currency")} < 1, false)
            AND NOT coalesce({_DISCOUNTED} = round(l.unit_price * i.quantity * {SCALE.format("s.currency")}), false)
    """,
    meaning="Each invoice of the subscription bills another unit price than the one that was agreed.",
    wrong_when="an item's unit price and the price on the deal's lines of its product, after discount, are a minor "
    "unit or more apart, and no coupon on the latest invoice makes them equal",
    money="the gap per unit times the quantity, for each billing period since the start or the last amendment; LEAK "
    "below the agreed price, OVER above it",
    sentence="Subscription {root_id} is billed at {found} each, but {expected} was agreed; {money} so far.",
    advice="Correct the price in billing, or have the deal amended if the discount was agreed later.",
)

QUANTITY_DIFFERS = Rule(
    class_="F13",
    title="Billed for another quantity than sold",
    role="billing",
    entity="subscription",
    needs=(("crm", "order_line"), ("billing", "subscription"), ("billing", "subscription_item")),
    hop="crm->billing",
    owner="RO",
    kind=Kind.LEAK,
    lag_s=DAY_S,
    touches=_TERMS_CHANGED,
    sides=Sides(owner=Told(entity="order_line", value="v.quantity"), copy=_as_billed("v.quantity")),
    is_growing=True,
    select=f"""
        SELECT {_WHO_AND_WHEN},
            round(abs(l.quantity - i.quantity) * l.unit_price * {SCALE.format("s.currency")})::bigint
                AS per_period_minor,
            trim_scale(l.quantity)::text AS expected, trim_scale(i.quantity)::text AS found, 'quantity' AS field,
            CASE WHEN l.quantity > i.quantity THEN 'LEAK' ELSE 'OVER' END AS kind
        {_SOLD} AND l.quantity <> i.quantity AND l.quantity <> (
            SELECT sum(shared.quantity) FROM canonical.subscription other
            JOIN canonical.subscription_item shared ON shared.system = other.system
                AND shared.subscription_id = other.record_id AND shared.deleted_at IS NULL
            JOIN canonical.price sp ON sp.system = shared.system AND sp.record_id = shared.price_id
                AND sp.product_id = pr.product_id
            WHERE other.system = s.system AND other.order_id = s.order_id AND other.deleted_at IS NULL
                AND other.status IN {RUNNING})
    """,
    meaning="More or fewer units are billed than were sold.",
    wrong_when="an item's quantity is not the sum of the quantities on the deal's lines of its product, nor do the "
    "deal's subscriptions share that sum out among them",
    money="the gap in units times the agreed price, for each billing period since the start or the last amendment; "
    "LEAK when too few are billed, else OVER",
    sentence="Subscription {root_id} is billed for {found}, but {expected} were sold; {money} so far.",
    advice="Change the quantity in billing from the day of the order, and bill or credit the difference.",
)

_SAME_ACCOUNT = 'JOIN canonical."order" o ON o.system = {0}.system AND o.customer_id = {0}.customer_id'
_DEAL = 'JOIN canonical."order" d ON d.system = {0} AND d.record_id = {1} '

_NEAR = 31
"""Days by which two contracts may overlap, or lie apart, and one still follows the other."""

_IS_BILLED_WITH_ANOTHER = f"""NOT EXISTS (
    SELECT FROM (
        SELECT DISTINCT cp.sku FROM canonical.order_line l
        JOIN canonical.product cp ON cp.system = l.system AND cp.record_id = l.product_id
        WHERE l.system = o.system AND l.order_id = o.record_id AND l.deleted_at IS NULL
            AND {MONTHS_SOLD.format(currency="o.currency")} IS NOT NULL
    ) x
    WHERE coalesce((
        SELECT sum(coalesce(i.quantity, 1)) FROM canonical."order" d
        JOIN canonical.subscription s ON s.system = ANY(:billing) AND s.order_id = 'crm:' || d.record_id
            AND s.deleted_at IS NULL AND s.status IN {RUNNING}
        JOIN canonical.subscription_item i ON i.system = s.system AND i.subscription_id = s.record_id
            AND i.deleted_at IS NULL
        JOIN canonical.price pr ON pr.system = i.system AND pr.record_id = i.price_id AND pr.product_id = x.sku
        WHERE d.system = o.system AND d.customer_id = o.customer_id
    ), 0) < (
        SELECT sum(coalesce(l.quantity, 1)) FROM canonical."order" d
        LEFT JOIN canonical.contract dk ON dk.system = d.system AND dk.record_id = d.contract_id
            AND dk.deleted_at IS NULL
        JOIN canonical.order_line l ON l.system = d.system AND l.order_id = d.record_id AND l.deleted_at IS NULL
        JOIN canonical.product cp ON cp.system = l.system AND cp.record_id = l.product_id AND cp.sku = x.sku
        WHERE d.system = o.system AND d.customer_id = o.customer_id AND d.deleted_at IS NULL AND d.kind = 'deal'
            AND d.status = 'won' AND coalesce(dk.starts_on, d.won_on) <= :now AND NOT {CALLED_OFF.format("dk")}
            AND (d.record_id = o.record_id
                OR (coalesce(dk.ends_on > starts.at::date + {_NEAR}, true)
                    AND coalesce(dk.starts_on < k.ends_on - {_NEAR}, true)))
    )
)"""
"""Whether the account's subscriptions, which all name other deals, bill all that is sold to it of a deal's products:
a renewal goes on with the subscription that there is, and more seats are added to it. A deal of which another one takes
the place, before or after, does not count beside it."""

NO_SUBSCRIPTION = Rule(
    class_="F11",
    title="Won deal without subscription",
    role="crm",
    entity="order",
    needs=(("crm", "order"), ("crm", "order_line"), ("billing", "subscription"), ("billing", "subscription_item")),
    hop="crm->billing",
    owner="RO",
    kind=Kind.LEAK,
    lag_s=2 * DAY_S,
    is_on_weekdays=True,
    touches=(
        Touch(role="crm", entity="order", root="c.record_id"),
        Touch(role="crm", entity="order", root="o.record_id", join=_SAME_ACCOUNT.format("c")),
        Touch(
            role="crm",
            entity="order_line",
            root="o.record_id",
            join=_DEAL.format("c.system", "c.order_id") + _SAME_ACCOUNT.format("d"),
        ),
        Touch(role="crm", entity="order_line", root="c.order_id"),
        Touch(role="billing", entity="subscription", root="split_part(c.order_id, ':', 2)"),
        Touch(
            role="billing",
            entity="subscription",
            root="o.record_id",
            join=_DEAL.format("ANY(:crm)", "split_part(c.order_id, ':', 2)") + _SAME_ACCOUNT.format("d"),
        ),
        Touch(
            role="billing",
            entity="subscription_item",
            root="o.record_id",
            join="JOIN canonical.subscription s ON s.system = c.system AND s.record_id = c.subscription_id "
            + _DEAL.format("ANY(:crm)", "split_part(s.order_id, ':', 2)")
            + _SAME_ACCOUNT.format("d"),
        ),
        Touch(role="crm", entity="contract", root="o.record_id", join=_SAME_ACCOUNT.format("c")),
    ),
    queue=Queue(role="billing", entity="subscription", field="order_id", name="crm:{root_id}"),
    is_growing=True,
    select=f"""
        SELECT /*root o*/, o.currency, r.per_period_minor, r.period_months,
            starts.at AS accrues_at, starts.at::date AS accrues_on, coalesce(k.ends_on, o.ends_on) + 1 AS committed_on,
            a.legal_entity, greatest(o.won_at, starts.at) AS happened_at, 'a subscription' AS expected,
            'none' AS found, 'subscription' AS field, (:billing)[1] AS at_system, CAST(NULL AS text) AS at_record_id,
            jsonb_build_array(jsonb_build_array(o.system, 'order', o.record_id)) AS records
        FROM canonical."order" o
        LEFT JOIN canonical.contract k ON k.system = o.system AND k.record_id = o.contract_id
        LEFT JOIN canonical.customer a ON a.system = o.system AND a.record_id = o.customer_id
        CROSS JOIN LATERAL (SELECT coalesce(k.starts_on, o.starts_on, o.won_on)::timestamptz AS at) starts
        CROSS JOIN LATERAL (
            SELECT max({MONTHS.format("pr")}) AS period_months,
                round(sum(l.quantity * {_AGREED} * {SCALE.format("o.currency")}))::bigint AS per_period_minor
            FROM canonical.order_line l
            JOIN canonical.product cp ON cp.system = l.system AND cp.record_id = l.product_id
            JOIN LATERAL (
                SELECT p.period, p.period_unit FROM canonical.price p
                LEFT JOIN canonical.product d ON d.system = p.system AND d.record_id = p.product_id
                WHERE p.system = ANY(:billing) AND p.product_id = cp.sku AND p.currency = o.currency
                    AND NOT coalesce(p.metered, d.metered, false) AND p.period IS NOT NULL
                ORDER BY p.record_id LIMIT 1
            ) pr ON true
            WHERE l.system = o.system AND l.order_id = o.record_id AND l.deleted_at IS NULL
        ) r
        WHERE o.system = ANY(:crm) /*roots o*/ AND o.deleted_at IS NULL AND o.kind = 'deal' AND o.status = 'won'
            AND r.per_period_minor > 0 AND NOT {CALLED_OFF.format("k")}
            AND NOT EXISTS (SELECT FROM canonical.subscription s
                WHERE s.system = ANY(:billing) AND s.order_id = 'crm:' || o.record_id AND s.deleted_at IS NULL)
            AND NOT {_IS_BILLED_WITH_ANOTHER}
    """,
    meaning="A deal was won and its service period has begun, but billing has nothing to invoice.",
    wrong_when="a won deal with recurring lines has no subscription that names it two business days after it was "
    "won or begins, whichever is later, and the account's other subscriptions bill less than was sold to it",
    money="the price per billing period of the recurring lines after discount, times the periods since the start; "
    "what remains of the contract is still to come",
    sentence="Deal {root_id} was won but nothing is billed for it; {money} so far.",
    advice="Set the subscription up in billing from the start of the contract.",
)

_IS_SPLIT = f"""(EXISTS (SELECT FROM canonical.subscription_item i
        WHERE i.system = s.system AND i.subscription_id = s.record_id AND i.deleted_at IS NULL)
    AND NOT EXISTS (
        SELECT FROM canonical.subscription_item i
        JOIN canonical.price pr ON pr.system = i.system AND pr.record_id = i.price_id
        WHERE i.system = s.system AND i.subscription_id = s.record_id AND i.deleted_at IS NULL
            AND (
                SELECT sum(coalesce(every.quantity, 1)) FROM canonical.subscription other
                JOIN canonical.subscription_item every ON every.system = other.system
                    AND every.subscription_id = other.record_id AND every.deleted_at IS NULL
                JOIN canonical.price ep ON ep.system = every.system AND ep.record_id = every.price_id
                    AND ep.product_id = pr.product_id
                WHERE other.system = s.system AND other.order_id = s.order_id AND other.deleted_at IS NULL
                    AND other.status IN {RUNNING}
            ) > coalesce((
                SELECT sum(coalesce(l.quantity, 1)) FROM canonical.order_line l
                JOIN canonical.product cp ON cp.system = l.system AND cp.record_id = l.product_id
                    AND cp.sku = pr.product_id
                WHERE l.system = ANY(:crm) AND l.order_id = split_part(s.order_id, ':', 2) AND l.deleted_at IS NULL
            ), 0)
    ))"""
"""Whether a deal's subscriptions share it out: together they bill no more of any product than was sold."""

BILLED_TWICE_FOR_ONE_DEAL = Rule(
    class_="F20",
    title="Two subscriptions for one deal",
    role="crm",
    entity="subscription",
    needs=(("crm", "order_line"), ("billing", "subscription"), ("billing", "subscription_item")),
    hop="billing",
    owner="RO",
    kind=Kind.OVER,
    lag_s=0,
    touches=(
        Touch(role="crm", entity="order_line", root="c.order_id"),
        Touch(role="billing", entity="subscription", root="split_part(c.order_id, ':', 2)"),
        Touch(
            role="billing",
            entity="subscription_item",
            root="split_part(s.order_id, ':', 2)",
            join="JOIN canonical.subscription s ON s.system = c.system AND s.record_id = c.subscription_id",
        ),
    ),
    is_growing=True,
    select=f"""
        SELECT split_part(s.order_id, ':', 2) AS root_id, s.system || ':' || s.record_id AS entity_id,
            s.system || ':' || s.customer_id AS customer_id, s.currency, {BILLED} AS per_period_minor,
            {MONTHS.format("s")} AS period_months, s.started_at AS accrues_at, s.term_ends_at AS committed_at,
            bc.legal_entity, coalesce(s.created_at, s.started_at) AS happened_at, 'one subscription' AS expected,
            'also ' || first.record_id AS found, 'order_id' AS field, /*at s*/,
            jsonb_build_array(jsonb_build_array(s.system, 'subscription', s.record_id),
                jsonb_build_array(s.system, 'subscription', first.record_id)) AS records
        FROM canonical.subscription s
        JOIN LATERAL (
            SELECT min(f.record_id) AS record_id FROM canonical.subscription f
            WHERE f.system = s.system AND f.order_id = s.order_id AND f.deleted_at IS NULL AND f.status IN {RUNNING}
                AND (coalesce(f.created_at, f.started_at), f.record_id)
                    < (coalesce(s.created_at, s.started_at), s.record_id)
            HAVING count(*) > 0
        ) first ON true
        LEFT JOIN canonical.customer bc ON bc.system = s.system AND bc.record_id = s.customer_id
        WHERE s.system = ANY(:billing) AND s.deleted_at IS NULL AND s.status IN {RUNNING}
            AND s.order_id IS NOT NULL /*order roots s*/
            AND NOT {_IS_SPLIT}
    """,
    meaning="One deal became two subscriptions, and the customer pays both.",
    wrong_when="two running subscriptions name the same deal and together bill more of a product than it sold; the "
    "later one is too many",
    money="what the later subscription bills per period, for each period since it started",
    sentence="Subscription {at_record_id} bills a deal that another one bills already; {money} too much so far.",
    advice="Cancel the later subscription and credit what it billed; look for a retried event.",
)

RULES = (NO_SUBSCRIPTION, PRICE_DIFFERS, QUANTITY_DIFFERS, BILLED_TWICE_FOR_ONE_DEAL)
