"""Rules about what a subscription rests on: a deal that was won, and the term that was sold."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import BILLED, MONTHS, RUNNING, ZONE
from sync_assets.reconcile.money import accrued_minor
from sync_assets.reconcile.rule import DAY_S, HOUR_S, Row, Rule, Touch

SUBSCRIBED = "JOIN canonical.subscription s ON s.system = ANY(:billing) AND s.order_id = 'crm:' || {0}"
"""The subscriptions of a deal."""

DEAL_CHANGED = (
    Touch(role="billing", entity="subscription", root="c.record_id"),
    Touch(role="billing", entity="subscription_item", root="c.subscription_id"),
    Touch(role="crm", entity="order", root="s.record_id", join=SUBSCRIBED.format("c.record_id")),
)
SOLD = f"""
    FROM canonical.subscription s
    JOIN canonical."order" o ON o.system = ANY(:crm) AND s.order_id = 'crm:' || o.record_id
        AND o.record_id = split_part(s.order_id, ':', 2) AND o.deleted_at IS NULL AND o.status = 'won'
    LEFT JOIN canonical.customer bc ON bc.system = s.system AND bc.record_id = s.customer_id
    {{joins}}
    WHERE s.system = ANY(:billing) /*roots s*/ AND s.deleted_at IS NULL AND s.status IN {RUNNING}
"""
"""Running subscriptions beside the won deal that they name."""

SUBSCRIPTION = """/*root s*/, /*at s*/"""
WITH_DEAL = """jsonb_build_array(jsonb_build_array(s.system, 'subscription', s.record_id),
    jsonb_build_array(o.system, 'order', o.record_id)) AS records"""

PHANTOM = Rule(
    class_="F19",
    title="Subscription that nobody sold",
    explained_by=("F3",),
    role="billing",
    entity="subscription",
    needs=(("billing", "subscription"), ("billing", "customer"), ("crm", "order")),
    hop="crm->billing",
    owner="RO",
    kind=Kind.CONTROL,
    lag_s=2 * DAY_S,
    touches=(
        Touch(role="billing", entity="subscription", root="c.record_id"),
        Touch(role="crm", entity="order", root="s.record_id", join=SUBSCRIBED.format("c.record_id")),
        Touch(
            role="billing",
            entity="customer",
            root="s.record_id",
            join="JOIN canonical.subscription s ON s.system = c.system AND s.customer_id = c.record_id",
        ),
    ),
    select=f"""
        SELECT {SUBSCRIPTION}, s.currency, coalesce(s.mrr_minor, 0) AS money_minor,
            greatest(s.created_at, s.started_at, o.deleted_at, CASE WHEN o.status <> 'won' THEN o.version_at END)
                AS happened_at,
            'a won deal' AS expected, CASE WHEN s.order_id IS NULL THEN 'none' WHEN o.record_id IS NULL
                THEN 'a deal that the CRM does not know' WHEN o.deleted_at IS NOT NULL THEN 'a deleted deal'
                ELSE 'a deal that is ' || o.status END AS found,
            'order_id' AS field,
            jsonb_build_array(jsonb_build_array(s.system, 'subscription', s.record_id),
                jsonb_build_array(s.system, 'customer', s.customer_id)) AS records
        FROM canonical.subscription s
        LEFT JOIN canonical.customer bc ON bc.system = s.system AND bc.record_id = s.customer_id
        LEFT JOIN canonical."order" o ON o.system = ANY(:crm) AND s.order_id = 'crm:' || o.record_id
            AND o.record_id = split_part(s.order_id, ':', 2)
        WHERE s.system = ANY(:billing) /*roots s*/ AND s.deleted_at IS NULL AND s.status IN {RUNNING}
            AND s.origin IS DISTINCT FROM 'self_serve' AND bc.origin IS DISTINCT FROM 'self_serve'
            AND (o.record_id IS NULL OR o.deleted_at IS NOT NULL OR o.status <> 'won')
    """,
    meaning="A subscription runs that no deal stands behind: a clone, a test, a left-over.",
    wrong_when="a running subscription that no self-serve checkout began names no deal that is won in the CRM",
    money="its monthly recurring revenue, as exposure",
    sentence="Subscription {root_id} runs, but its deal is {found}; {money} a month without anybody who sold it.",
    advice="Find the deal and name it on the subscription, or cancel it if it is a clone, a test or a left-over.",
)
"""Signing up alone needs no deal, whether the subscription says so or its customer does."""


def weigh_terms(rows: Sequence[Row]) -> Iterable[Row]:
    """What the days are worth by which a subscription begins or ends otherwise than sold.

    Days behind us are a fixed sum; those that are still to come, or run now, accrue. From 1 to 11 January of a
    subscription of 310.00 a month: 10 of 31 days, 100.00.
    """
    for row in rows:
        field = "starts_on" if row["starts_otherwise"] else "ends_on"
        sold, billed = (
            (row["sold_from"], row["begins_on"])
            if row["starts_otherwise"]
            else (row["sold_to"] + _DAY_AFTER, row["stops_on"] + _DAY_AFTER)
        )
        is_less = (billed > sold) == row["starts_otherwise"]
        gap = sorted((sold, billed))
        since, until = (datetime.combine(day, time(), ZoneInfo(row["zone"])) for day in gap)
        worth = {"accrues_on": gap[0], "committed_on": gap[1]}
        if until <= row["now"]:
            minor = accrued_minor(row["per_period_minor"], since, until, row["period_months"] or 0)
            worth = {"per_period_minor": None, "money_minor": minor}
        said = {
            "field": field,
            "kind": "LEAK" if is_less else "OVER",
            "expected": f"{row['sold_from']} to {row['sold_to'] or 'open end'}",
            "found": f"{row['begins_on']} to {row['stops_on'] or 'open end'}",
        }
        yield {**row, **said, **worth}


_DAY_AFTER = timedelta(days=1)
_DAY = "({0} AT TIME ZONE z.zone)::date"
_FIRST_DAY = f"""CASE
    WHEN ({{0}} AT TIME ZONE z.zone)::time <> '00:00' AND ({{0}} AT TIME ZONE 'UTC')::date = k.starts_on
        THEN k.starts_on ELSE {_DAY} END"""
"""The day on which billing begins: in the legal entity's zone, or the contract's by UTC, where a site in UTC does so,
unless it begins with a day of the entity."""

_TERMS = SOLD.format(
    joins=f"""
    JOIN canonical.contract k ON k.system = o.system AND k.record_id = o.contract_id AND k.deleted_at IS NULL
        AND k.starts_on IS NOT NULL
    LEFT JOIN canonical.customer a ON a.system = o.system AND a.record_id = o.customer_id
    CROSS JOIN LATERAL (SELECT coalesce(s.legal_entity, bc.legal_entity, a.legal_entity) AS legal_entity) e
    CROSS JOIN LATERAL (SELECT {ZONE.format("e.legal_entity")} AS zone) z
    CROSS JOIN LATERAL (
        SELECT coalesce(s.ends_at, s.contract_ends_at) AT TIME ZONE z.zone AS at
    ) end_at
    CROSS JOIN LATERAL (
        SELECT {_FIRST_DAY.format("s.started_at")} AS begins_on,
            {_FIRST_DAY.format("s.contract_starts_at")} AS contract_from, {_DAY.format(":now")} AS today,
            CASE WHEN s.period_unit = 'year' THEN {_DAY.format("s.term_starts_at")} END AS year_from,
            (end_at.at - interval '1 second')::date AS last_on,
            (end_at.at - (s.started_at AT TIME ZONE z.zone)::time - interval '1 second')::date AS stops_on
    ) d
    """
)
_GOES_ON = """EXISTS (SELECT FROM canonical.contract p WHERE p.system = k.system AND p.customer_id = k.customer_id
        AND p.ends_on = k.starts_on - 1 AND p.deleted_at IS NULL)
    AND (d.begins_on < k.starts_on OR EXISTS (SELECT FROM canonical.subscription n WHERE n.system = s.system
        AND n.customer_id = s.customer_id AND n.record_id <> s.record_id AND n.deleted_at IS NULL
        AND n.started_at < s.started_at AND coalesce(n.cancelled_at, n.ends_at, 'infinity') >= s.started_at))"""
"""A contract that follows on another one, and a subscription that runs since then, or took over from one that did."""

_ROLLED_ON = "(d.contract_from IS NULL AND k.ends_on < d.today AND k.ends_on < d.stops_on)"
"""The contract is over, and billing went on by its own periods until it was given notice."""

TERM_DIFFERS = Rule(
    class_="F14",
    explained_by=("F20",),
    title="Billed for another term than sold",
    role="billing",
    entity="subscription",
    needs=(("crm", "order"), ("crm", "contract"), ("billing", "subscription"), ("billing", "subscription_item")),
    hop="crm->billing",
    owner="RO",
    kind=Kind.LEAK,
    lag_s=HOUR_S,
    touches=(
        *DEAL_CHANGED,
        Touch(
            role="billing",
            entity="subscription",
            root="s.record_id",
            join="JOIN canonical.subscription s ON s.system = c.system AND s.customer_id = c.customer_id",
        ),
        Touch(
            role="crm",
            entity="contract",
            root="s.record_id",
            join='JOIN canonical."order" o ON o.system = c.system AND o.customer_id = c.customer_id '
            + SUBSCRIBED.format("o.record_id"),
        ),
    ),
    is_growing=True,
    select=f"""
        SELECT {SUBSCRIPTION}, s.currency, {BILLED} AS per_period_minor, {MONTHS.format("s")} AS period_months,
            k.starts_on AS sold_from, d.begins_on <> k.starts_on AND d.contract_from IS DISTINCT FROM k.starts_on
                AS starts_otherwise, k.ends_on AS sold_to, d.begins_on, d.stops_on, z.zone, :now AS now,
            e.legal_entity, greatest(k.version_at, s.version_at) AS happened_at,
            jsonb_build_array(jsonb_build_array(s.system, 'subscription', s.record_id),
                jsonb_build_array(o.system, 'order', o.record_id), jsonb_build_array(k.system, 'contract', k.record_id))
                AS records
        {_TERMS} AND (
            (d.begins_on <> k.starts_on AND d.contract_from IS DISTINCT FROM k.starts_on
                AND NOT ({_GOES_ON}))
            OR (k.starts_on IN (d.begins_on, d.contract_from) AND k.ends_on NOT BETWEEN d.stops_on AND d.last_on
                AND k.ends_on >= coalesce(d.contract_from, d.year_from, k.ends_on) AND NOT {_ROLLED_ON})
        )
    """,
    weigh=weigh_terms,
    meaning="The subscription starts or ends on another day than its contract, so days are given away or billed too "
    "much.",
    wrong_when="first or last day of the term, in the legal entity's time zone, is not that of the deal's contract; a "
    "first day may be the contract's in UTC, and an ended contract bounds no later months",
    money="the price per billing period times the periods between the two days; LEAK when the term is shorter than "
    "sold, else OVER",
    sentence="Subscription {root_id} runs {found}, but {expected} was sold; {money} so far.",
    advice="Set the term in billing to the one of the contract, and bill or credit the days between.",
)
"""A contract that follows on another one goes on with the subscription that there is; one whose term is over before
the present one of billing says nothing about it. A term that begins in the middle of a day ends so; its last whole day
counts, or that day. Source: apidocs.chargebee.com/docs/api/subscriptions (`contract_term.contract_end`, a term's last
second; `cancelled_at`)."""

RULES = (PHANTOM, TERM_DIFFERS)
