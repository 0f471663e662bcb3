"""A rule about add-ons that end with their base: judged once a setting names the deal's field with the base deal."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import BILLED, MONTHS, ZONE
from sync_assets.reconcile.rule import HOUR_S, Rule, Touch
from sync_assets.reconcile.rules.commitments import DEAL_CHANGED, SOLD, SUBSCRIBED, SUBSCRIPTION, weigh_terms

_OF_CONTRACT = 'JOIN canonical."order" o ON o.system = c.system AND o.customer_id = c.customer_id '

ENDS_APART = Rule(
    class_="F30",
    title="An add-on ends on another day than its base",
    role="billing",
    entity="subscription",
    needs=(("crm", "order"), ("crm", "contract"), ("billing", "subscription"), ("billing", "subscription_item")),
    hop="crm->billing",
    owner="RO",
    kind=Kind.LEAK,
    lag_s=HOUR_S,
    setting="COTERM_FIELD",
    touches=(
        *DEAL_CHANGED,
        Touch(
            role="crm",
            entity="order",
            root="s.record_id",
            join='JOIN canonical."order" o ON o.system = c.system AND o.customer_id = c.customer_id '
            f"AND o.ends_with = c.record_id {SUBSCRIBED.format('o.record_id')}",
        ),
        Touch(
            role="crm",
            entity="contract",
            root="s.record_id",
            join=f"{_OF_CONTRACT} AND o.ends_with IS NOT NULL {SUBSCRIBED.format('o.record_id')}",
        ),
    ),
    is_growing=True,
    select=f"""
        SELECT {SUBSCRIPTION}, s.currency, {BILLED} AS per_period_minor, {MONTHS.format("s")} AS period_months,
            false AS starts_otherwise, k.starts_on AS sold_from, k.starts_on AS begins_on, base.ends_on AS sold_to,
            k.ends_on AS stops_on, z.zone, :now AS now, e.legal_entity,
            greatest(k.version_at, base.version_at, o.version_at) AS happened_at,
            jsonb_build_array(jsonb_build_array(s.system, 'subscription', s.record_id),
                jsonb_build_array(o.system, 'order', o.record_id), jsonb_build_array(k.system, 'contract', k.record_id),
                jsonb_build_array(base.system, 'contract', base.record_id)) AS records
        {
        SOLD.format(
            joins=f'''
            JOIN canonical.contract k ON k.system = o.system AND k.record_id = o.contract_id AND k.deleted_at IS NULL
            JOIN canonical."order" first ON first.system = o.system AND first.record_id = o.ends_with
                AND first.deleted_at IS NULL AND first.status = 'won' AND first.record_id <> o.record_id
            JOIN canonical.contract base ON base.system = first.system AND base.record_id = first.contract_id
                AND base.deleted_at IS NULL AND base.ends_on <> k.ends_on
            CROSS JOIN LATERAL (SELECT coalesce(s.legal_entity, bc.legal_entity) AS legal_entity) e
            CROSS JOIN LATERAL (SELECT {ZONE.format("e.legal_entity")} AS zone) z
            '''
        )
    }
    """,
    weigh=weigh_terms,
    meaning="An add-on was sold to end together with its base, and their contracts end on different days.",
    wrong_when="the contract of a running subscription's deal ends on another day than that of the won deal whose end "
    "it shares",
    money="the price per billing period times the periods between the two days; LEAK when the add-on ends first, else "
    "OVER",
    sentence="Subscription {root_id} runs {found}, but with its base it would run {expected}; {money} so far.",
    advice="Set the add-on's contract to the end of its base, in the CRM and in billing.",
)
"""Add-ons under the contract of their base end with it. The days between two ends are still to come until they pass."""

RULES = (ENDS_APART,)
