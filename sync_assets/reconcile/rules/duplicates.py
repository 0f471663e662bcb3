"""Rules about customers that are there twice, in a region or across, or whose families cannot be billed."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import BILLED, MONTHS, RUNNING
from sync_assets.reconcile.rule import HOUR_S, Rule, Touch

_ALIKE = (
    "JOIN canonical.customer b ON b.system = {0}.system AND (b.tax_id = {0}.tax_id OR b.copy_of = {0}.copy_of "
    "OR b.record_id = {0}.record_id)"
)
_TOUCHES = (
    Touch(role="billing", entity="customer", root="c.record_id"),
    Touch(role="billing", entity="customer", root="b.record_id", join=_ALIKE.format("c")),
    Touch(
        role="crm",
        entity="customer",
        root="b.record_id",
        join="JOIN canonical.customer own ON own.system = ANY(:billing) AND own.copy_of = 'crm:' || c.record_id "
        + _ALIKE.format("own"),
    ),
    Touch(
        role="billing",
        entity="subscription",
        root="b.record_id",
        join="JOIN canonical.customer own ON own.system = c.system AND own.record_id = c.customer_id "
        + _ALIKE.format("own"),
    ),
    Touch(
        role="billing",
        entity="subscription_item",
        root="b.record_id",
        join="JOIN canonical.subscription s ON s.system = c.system AND s.record_id = c.subscription_id "
        "JOIN canonical.customer own ON own.system = s.system AND own.record_id = s.customer_id "
        + _ALIKE.format("own"),
    ),
)
_NEEDS = (("billing", "customer"), ("billing", "subscription"), ("billing", "subscription_item"))

_RELATED = "({0}.parent_id IN ({1}.record_id, {1}.parent_id) OR {1}.parent_id = {0}.record_id)"
_FAMILY = f"""coalesce({_RELATED.format("b", "d")} OR EXISTS (
    SELECT FROM canonical.customer h
    JOIN canonical.customer k ON k.system = h.system AND k.record_id = split_part(d.copy_of, ':', 2)
    WHERE h.system = ANY(:crm) AND h.record_id = split_part(b.copy_of, ':', 2) AND {_RELATED.format("h", "k")}), false)
"""
"""Customers of billing are parent, child or siblings, in billing or by their accounts in the CRM, which owns that."""

_PLAIN = "nullif(regexp_replace(upper({0}), '[^[:alnum:]]', '', 'g'), '')"
_AT_ONE_PLACE = " AND ".join(
    f"{_PLAIN.format(f'b.{field}')} = {_PLAIN.format(f'd.{field}')}" for field in ("name", "street", "city", "postcode")
)
_PROOF = f"""
    CASE WHEN {_PLAIN.format("d.tax_id")} = {_PLAIN.format("b.tax_id")} THEN 'tax id'
        WHEN (d.tax_id IS NULL OR b.tax_id IS NULL) AND d.copy_of = b.copy_of AND d.domain = b.domain
            AND {_AT_ONE_PLACE} THEN 'name, domain and address' END
"""
"""Why another customer `d` is the company that `b` is: the same number, however it is written, or one account and no
two numbers, but the same name at the same place. Looked for among those of one account, or of one way to write it."""

_TWICE = f"""
    FROM canonical.customer b
    JOIN canonical.subscription s ON s.system = b.system AND s.customer_id = b.record_id AND s.deleted_at IS NULL
        AND s.status IN {RUNNING}
    JOIN LATERAL (
        SELECT d.record_id, min(same.proof) AS proof, bool_or(EXISTS (
                SELECT FROM canonical.subscription_item own
                JOIN canonical.price op ON op.system = own.system AND op.record_id = own.price_id
                JOIN canonical.subscription_item their ON their.system = t.system
                    AND their.subscription_id = t.record_id AND their.deleted_at IS NULL
                JOIN canonical.price tp ON tp.system = their.system AND tp.record_id = their.price_id
                    AND tp.product_id = op.product_id
                WHERE own.system = s.system AND own.subscription_id = s.record_id AND own.deleted_at IS NULL
            )) AS is_double
        FROM canonical.customer d
        CROSS JOIN LATERAL (SELECT {_PROOF} AS proof) same
        JOIN canonical.subscription t ON t.system = d.system AND t.customer_id = d.record_id AND t.deleted_at IS NULL
            AND t.status IN {RUNNING}
            AND (coalesce(t.created_at, t.started_at), t.record_id)
                < (coalesce(s.created_at, s.started_at), s.record_id)
        WHERE d.system = b.system AND (d.tax_id = b.tax_id OR d.copy_of = b.copy_of) AND d.record_id <> b.record_id
            AND d.deleted_at IS NULL AND same.proof IS NOT NULL AND NOT {_FAMILY}
            AND d.legal_entity IS {{same}} DISTINCT FROM b.legal_entity
        GROUP BY d.record_id ORDER BY d.record_id LIMIT 1
    ) first ON true
    WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL
"""
"""Later subscriptions of a customer beside an earlier customer that is the same company and no family."""

_COLUMNS = f"""
    b.record_id AS root_id, b.system || ':' || b.record_id AS entity_id, b.system || ':' || b.record_id AS customer_id,
    s.currency, s.record_id AS part, CASE WHEN first.is_double THEN {BILLED} END AS per_period_minor,
    CASE WHEN first.is_double THEN 'OVER' ELSE 'CONTROL' END AS kind,
    12 * coalesce(s.mrr_minor, 0) AS money_minor, {MONTHS.format("s")} AS period_months, s.started_at AS accrues_at,
    s.term_ends_at AS committed_at, coalesce(s.legal_entity, b.legal_entity) AS legal_entity,
    coalesce(s.created_at, s.started_at) AS happened_at, 'one customer' AS expected,
    'also ' || first.record_id AS found, first.proof, 'tax_id' AS field, /*at b*/,
    jsonb_build_array(jsonb_build_array(b.system, 'customer', b.record_id),
        jsonb_build_array(b.system, 'customer', first.record_id),
        jsonb_build_array(s.system, 'subscription', s.record_id)) AS records
"""

SAME_REGION = Rule(
    class_="F1",
    title="One customer twice in billing",
    role="billing",
    entity="customer",
    needs=_NEEDS,
    hop="billing",
    owner="RO",
    kind=Kind.OVER,
    lag_s=HOUR_S,
    touches=_TOUCHES,
    is_growing=True,
    select=f"SELECT {_COLUMNS} {_TWICE.format(same='NOT')}",
    meaning="One company is two customers in one region, so it is billed twice or out of sight of who serves it.",
    wrong_when="two billing customers of one legal entity have the same tax id, or one account and no two tax ids but "
    "the same name, domain and address; they have no family tie, and both have a running subscription",
    money="what the later subscription bills per period since it started, where both have the same product (OVER); "
    "else a year of its recurring revenue, as exposure (CONTROL)",
    sentence="Customer {root_id} is {found} by its {proof}; {money} is billed twice, or hangs on the double, so far.",
    advice="Merge the two customers, cancel what is subscribed twice and credit it.",
)
"""What both subscribe to is billed twice; other subscriptions of the double are a year of revenue out of sight."""

ACROSS_REGIONS = Rule(
    class_="F2",
    title="One customer billed for one product by two legal entities",
    role="billing",
    entity="customer",
    needs=_NEEDS,
    hop="billing",
    owner="RO",
    kind=Kind.OVER,
    lag_s=HOUR_S,
    touches=_TOUCHES,
    is_growing=True,
    select=f"SELECT {_COLUMNS} {_TWICE.format(same='')} AND first.is_double",
    meaning="Two of our legal entities bill one company for the same product.",
    wrong_when="two billing customers of different legal entities are one company as for F1, have no family tie, and "
    "have running subscriptions to one product",
    money="what the later subscription bills per period, for each period since it started",
    sentence="Customer {root_id} is {found} in another region, with the same product; {money} billed twice so far.",
    advice="Decide which entity serves the customer; if both are right, make their accounts one family in the CRM.",
)

_CHAIN = """(
    WITH RECURSIVE up AS (
        SELECT b.parent_id AS record_id, 1 AS depth
        UNION ALL
        SELECT n.parent_id, up.depth + 1 FROM up
        JOIN canonical.customer n ON n.system = b.system AND n.record_id = up.record_id AND n.deleted_at IS NULL
        WHERE up.depth < 8 AND up.record_id <> b.record_id
    )
    SELECT bool_or(up.record_id = b.record_id) FROM up
)"""
"""Whether the parents of a customer `b` lead back to it."""

BROKEN_HIERARCHY = Rule(
    class_="F6",
    title="Customers hang together in a way that cannot be billed",
    role="billing",
    entity="customer",
    needs=(("billing", "customer"), ("billing", "subscription"), ("crm", "customer")),
    hop="crm->billing",
    owner="RO",
    kind=Kind.CONTROL,
    lag_s=HOUR_S,
    touches=(
        Touch(role="billing", entity="customer", root="c.record_id"),
        Touch(
            role="billing",
            entity="customer",
            root="b.record_id",
            join="JOIN canonical.customer b ON b.system = c.system AND b.parent_id = c.record_id",
        ),
        Touch(
            role="crm",
            entity="customer",
            root="b.record_id",
            join="JOIN canonical.customer b ON b.system = ANY(:billing) AND b.copy_of = 'crm:' || c.record_id",
        ),
        Touch(role="billing", entity="subscription", root="c.customer_id"),
    ),
    select=f"""
        SELECT b.record_id AS root_id, b.system || ':' || b.record_id AS entity_id,
            b.system || ':' || b.record_id AS customer_id, coalesce(m.currency, b.currency) AS currency,
            coalesce(m.minor, 0) AS money_minor, greatest(b.version_at, p.version_at, a.version_at) AS happened_at,
            'a parent of its own kind' AS expected, why.found, 'parent_id' AS field, /*at b*/,
            jsonb_build_array(jsonb_build_array(b.system, 'customer', b.record_id),
                jsonb_build_array(p.system, 'customer', p.record_id)) AS records
        FROM canonical.customer b
        JOIN canonical.customer p ON p.system = b.system AND p.record_id = b.parent_id AND p.deleted_at IS NULL
        LEFT JOIN canonical.customer a ON a.system = ANY(:crm) AND b.copy_of = 'crm:' || a.record_id
            AND a.record_id = split_part(b.copy_of, ':', 2) AND a.deleted_at IS NULL
        CROSS JOIN LATERAL (
            SELECT CASE WHEN {_CHAIN} THEN 'a circle' WHEN p.legal_entity <> b.legal_entity
                    THEN 'a parent of ' || p.legal_entity
                WHEN p.currency <> b.currency THEN 'a parent billed in ' || p.currency
                WHEN 'crm:' || a.parent_id <> p.copy_of THEN 'another parent than in the CRM' END AS found
        ) why
        CROSS JOIN LATERAL (
            SELECT min(s.currency) AS currency, sum(s.mrr_minor)::bigint AS minor FROM canonical.subscription s
            WHERE s.system = b.system AND s.customer_id = b.record_id AND s.deleted_at IS NULL AND s.status IN {RUNNING}
        ) m
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND why.found IS NOT NULL
    """,
    meaning="Parent and child cannot be billed together, so consolidated invoices and volume tiers go wrong.",
    wrong_when="the parents of a billing customer lead back to itself, have another legal entity or currency, or are "
    "not its parents in the CRM",
    money="the monthly recurring revenue of the customer's running subscriptions, which a consolidated invoice would "
    "carry",
    sentence="Customer {root_id} has {found}; {money} a month cannot be put on one invoice with it.",
    advice="Correct the parent in the CRM, and see that billing follows.",
)
"""Worth what the customer's subscriptions would bring to a consolidated invoice each month."""

RULES = (SAME_REGION, ACROSS_REGIONS, BROKEN_HIERARCHY)
