"""Rules about what a deal or its amendment names where a company keeps it: the organisation served, the step before.

Judged once a setting names the field of the CRM. Not here: terms that a deal agrees (agreed_terms.py, shared_ends.py).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import METERED, ZONE
from sync_assets.reconcile.money import accrued_minor
from sync_assets.reconcile.rule import HOUR_S, Row, Rule, Touch
from sync_assets.reconcile.rules.commitments import DEAL_CHANGED, SOLD, SUBSCRIPTION, WITH_DEAL

WRONG_ORGANISATION = Rule(
    class_="F7",
    title="Usage or contract counted for another organisation",
    role="billing",
    entity="subscription",
    needs=(("crm", "order"), ("billing", "subscription"), ("billing", "invoice"), ("billing", "invoice_line")),
    hop="product->billing",
    owner="PR",
    kind=Kind.LEAK,
    lag_s=HOUR_S,
    setting="ORGANISATION_FIELD",
    touches=(
        *DEAL_CHANGED,
        Touch(role="billing", entity="invoice_line", root="c.subscription_id"),
        Touch(
            role="billing",
            entity="invoice",
            root="il.subscription_id",
            join="JOIN canonical.invoice_line il ON il.system = c.system AND il.invoice_id = c.record_id",
        ),
    ),
    select=f"""
        SELECT {SUBSCRIPTION}, s.currency, used.minor AS money_minor,
            greatest(o.version_at, s.created_at) AS happened_at,
            o.organisation_id AS expected, s.customer_id AS found, 'customer_id' AS field, {WITH_DEAL}
        {
        SOLD.format(
            joins=f'''
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(il.amount_minor - coalesce(il.discount_minor, 0)), 0)::bigint AS minor
                FROM canonical.invoice_line il
                JOIN canonical.invoice h ON h.system = il.system AND h.record_id = il.invoice_id AND NOT h.is_void
                    AND h.status <> 'draft' AND h.deleted_at IS NULL
                JOIN canonical.price pr ON pr.system = il.system AND pr.record_id = il.price_id AND {METERED}
                WHERE il.system = s.system AND il.subscription_id = s.record_id AND il.deleted_at IS NULL
            ) used
            '''
        )
    } AND o.organisation_id <> s.customer_id
    """,
    meaning="What one organisation used is charged to another.",
    wrong_when="the subscription of a won deal, whose usage counts for its billing customer, belongs to another "
    "customer than the one that the deal names",
    money="the usage billed to the wrong customer, before tax: missing with the right one",
    sentence="Usage of subscription {root_id} counts for {found}, but its deal is for {expected}; {money} so far.",
    advice="Move the subscription to the organisation of the deal, credit its usage here and bill it there.",
)
"""Usage is counted for a subscription and billed to its customer; the deal names the customer that it was sold to."""


def weigh_chain(rows: Sequence[Row]) -> Iterable[Row]:
    """What is wrong with an amendment: the first of what it names, when it begins, and days that nothing covers."""
    for row in rows:
        wrong = _misnamed(row) or _misdated(row)
        if wrong is not None:
            exposed = {"kind": Kind.CONTROL, "money_minor": row["mrr_minor"], "field": "follows_id"}
            yield {**row, **exposed, **wrong}


def _misnamed(row: Row) -> Row | None:
    first = f"the amendment before it, or order {row['amends_id']}"
    if row["follows_id"] is None:
        return {"expected": first, "found": "none"}
    if row["before_id"] is None:
        return {"expected": first, "found": f"{row['follows_id']}, which is none of them"}
    if row["rival_id"] is not None:
        return {"expected": f"one amendment of {row['before_id']}", "found": f"{row['rival_id']} follows it as well"}
    return None


def _misdated(row: Row) -> Row | None:
    begins, before, ends = row["starts_on"], row["before_on"], row["before_ends_on"]
    if begins is None or before is None:
        return None
    if begins < before:
        return {"expected": f"from {before} or later", "found": f"from {begins}", "field": "starts_on"}
    if ends is None or begins <= ends + timedelta(days=1):
        return None
    zone = ZoneInfo(row["zone"])
    first, last = (datetime.combine(day, time(), zone) for day in (ends + timedelta(days=1), begins))
    return {
        "expected": f"from {first:%Y-%m-%d}",
        "found": f"from {begins}",
        "field": "starts_on",
        "kind": Kind.LEAK,
        "money_minor": accrued_minor(row["mrr_minor"], first, last, 1),
    }


_STANDS = "{0}.deleted_at IS NULL AND {0}.status = 'won'"

CHAIN_BROKEN = Rule(
    class_="F18",
    title="A chain of amendments is broken",
    role="crm",
    entity="order",
    needs=(("crm", "order"), ("billing", "subscription")),
    hop="crm->billing",
    owner="RO",
    kind=Kind.LEAK,
    lag_s=HOUR_S,
    setting="AMENDS_FIELD",
    touches=(
        Touch(
            role="crm",
            entity="order",
            root="m.record_id",
            join='JOIN canonical."order" m ON m.system = c.system AND m.customer_id = c.customer_id '
            "AND m.amends_id IN (c.amends_id, c.record_id)",
        ),
        Touch(
            role="billing",
            entity="subscription",
            root="m.record_id",
            join="JOIN canonical.\"order\" m ON m.system = ANY(:crm) AND c.order_id = 'crm:' || m.deal_id "
            "AND m.deal_id = split_part(c.order_id, ':', 2) AND m.kind = 'amendment'",
        ),
    ),
    select=f"""
        SELECT /*root m*/, m.currency, /*at m*/, greatest(m.won_at, m.version_at) AS happened_at,
            m.amends_id, m.follows_id, m.starts_on, coalesce(sold.mrr_minor, 0) AS mrr_minor,
            {ZONE.format("sold.legal_entity")} AS zone, before.record_id AS before_id, before.starts_on AS before_on,
            before.ends_on AS before_ends_on, rival.record_id AS rival_id,
            jsonb_build_array(jsonb_build_array(m.system, 'order', m.record_id),
                jsonb_build_array(m.system, 'order', coalesce(before.record_id, m.amends_id)),
                jsonb_build_array(m.system, 'order', m.deal_id),
                jsonb_build_array(sold.system, 'subscription', sold.record_id)) AS records
        FROM canonical."order" m
        LEFT JOIN LATERAL (
            SELECT p.record_id, p.starts_on, p.ends_on FROM canonical."order" p
            WHERE p.system = m.system AND p.record_id = m.follows_id AND {_STANDS.format("p")}
                AND p.record_id <> m.record_id AND m.amends_id IN (p.record_id, p.amends_id)
        ) before ON true
        LEFT JOIN LATERAL (
            SELECT r.record_id FROM canonical."order" r
            WHERE r.system = m.system AND r.customer_id = m.customer_id AND r.amends_id = m.amends_id
                AND r.follows_id = m.follows_id AND {_STANDS.format("r")}
                AND (coalesce(r.won_at, r.version_at), r.record_id) < (coalesce(m.won_at, m.version_at), m.record_id)
            ORDER BY r.won_at, r.record_id LIMIT 1
        ) rival ON true
        LEFT JOIN LATERAL (
            SELECT s.system, s.record_id, s.mrr_minor, s.legal_entity FROM canonical.subscription s
            WHERE s.system = ANY(:billing) AND s.order_id = 'crm:' || m.deal_id AND s.deleted_at IS NULL
            ORDER BY s.record_id LIMIT 1
        ) sold ON true
        WHERE m.system = ANY(:crm) /*roots m*/ AND m.kind = 'amendment' AND {_STANDS.format("m")}
    """,
    weigh=weigh_chain,
    meaning="Amendments of one contract do not follow each other, so nobody can say what holds when.",
    wrong_when="an amendment names no living order of its chain as the one before it, names one that an earlier "
    "amendment follows already, begins before it, or begins later than the day after its end",
    money="of days that nothing covers, the subscription's monthly revenue for them; else that of a month, as exposure "
    "(CONTROL)",
    sentence="Amendment {root_id} does not follow the one before it: {expected} expected, {found}; {money} at stake.",
    advice="Give the amendment the right predecessor and dates; look whether two people amended at the same time.",
)
"""An amendment takes the place of what was agreed before, so that days that two of them cover are no fault."""

RULES = (WRONG_ORGANISATION, CHAIN_BROKEN)
