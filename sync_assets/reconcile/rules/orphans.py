"""Rules about customers of billing that sales knows nothing of.

Not here: accounts that were closed or merged away (masters.py).
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import RUNNING
from sync_assets.reconcile.rule import DAY_S, Queue, Rule, Touch

ORPHAN_CUSTOMER = Rule(
    class_="F3",
    title="Billing customer without CRM account",
    role="billing",
    entity="customer",
    needs=(("billing", "customer"), ("billing", "subscription"), ("crm", "customer")),
    hop="crm->billing",
    owner="RO",
    kind=Kind.CONTROL,
    lag_s=DAY_S,
    touches=(
        Touch(role="billing", entity="customer", root="c.record_id"),
        Touch(role="billing", entity="subscription", root="c.customer_id"),
        Touch(
            role="crm",
            entity="customer",
            root="b.record_id",
            join="JOIN canonical.customer b ON b.system = ANY(:billing) AND b.copy_of = 'crm:' || c.record_id",
        ),
        Touch(
            role="crm",
            entity="customer",
            root="k.record_id",
            join="JOIN identity.customer k ON k.customer_id = c.system || ':' || c.record_id "
            "AND k.system = ANY(:billing)",
        ),
    ),
    queue=Queue(role="crm", entity="customer", field="record_id", name="{named}"),
    select=f"""
        SELECT b.record_id AS root_id, b.system || ':' || b.record_id AS entity_id,
            b.system || ':' || b.record_id AS customer_id, min(s.currency) AS currency,
            coalesce(sum(s.mrr_minor), 0)::bigint AS money_minor,
            greatest(b.version_at, min(s.created_at), a.deleted_at) AS happened_at, 'a CRM account' AS expected,
            CASE WHEN b.copy_of IS NULL THEN 'no reference' ELSE 'no living account' END AS found,
            'copy_of' AS field, /*at b*/, split_part(b.copy_of, ':', 2) AS named,
            b.copy_of IS NOT NULL AND a.record_id IS NULL AS is_absent,
            CASE WHEN a.deleted_at IS NOT NULL THEN jsonb_build_array(a.system, 'customer', a.record_id) END
                AS evidence,
            jsonb_build_array(jsonb_build_array(b.system, 'customer', b.record_id)) AS records
        FROM canonical.customer b
        JOIN canonical.subscription s ON s.system = b.system AND s.customer_id = b.record_id AND s.deleted_at IS NULL
            AND s.status IN {RUNNING} AND s.origin IS DISTINCT FROM 'self_serve'
        LEFT JOIN canonical.customer a ON a.system = ANY(:crm) AND b.copy_of = 'crm:' || a.record_id
            AND a.record_id = split_part(b.copy_of, ':', 2)
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL
            AND b.origin IS DISTINCT FROM 'self_serve'
            AND (a.record_id IS NULL OR (a.deleted_at IS NOT NULL AND a.merged_into IS NULL))
            AND NOT EXISTS (SELECT FROM identity.customer k
                JOIN canonical.customer linked ON linked.system = split_part(k.customer_id, ':', 1)
                    AND linked.record_id = split_part(k.customer_id, ':', 2) AND linked.deleted_at IS NULL
                WHERE k.system = b.system AND k.record_id = b.record_id AND linked.system = ANY(:crm))
        GROUP BY b.system, b.record_id, a.system, a.record_id
    """,
    meaning="Billing serves a customer whom sales does not know, so nobody renews or upsells it.",
    wrong_when="a running subscription that no self-serve checkout began belongs to a billing customer that names no "
    "living CRM account and is linked to none",
    money="the monthly recurring revenue of the customer's running subscriptions, as exposure",
    sentence="Billing customer {root_id} pays {money} a month, but the CRM has no account for it; nobody renews it.",
    advice="Link the customer to its CRM account, or create the account.",
)

RULES = (ORPHAN_CUSTOMER,)
