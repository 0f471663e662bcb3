"""Rules about time of a subscription that two invoices bill, each as part of a term of its own.

Not here: the same period twice (documents.py), time that no invoice bills (coverage.py).
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import METERED
from sync_assets.reconcile.rule import Rule, Touch

_NONE = "interval '14 hours'"
"""Less than that between the same day in two time zones is no time twice."""

_DAY = "interval '1 day'"

_SAME_PRICE = (
    "JOIN canonical.invoice_line il ON il.system = {0}.system AND il.subscription_id = {0}.subscription_id "
    "AND il.price_id = {0}.price_id"
)
_OF_INVOICE = "JOIN canonical.invoice_line own ON own.system = c.system AND own.invoice_id = {0} "

_FORMER = f"""
    SELECT former.invoice_id, former.ends_at,
        round((il.amount_minor - coalesce(il.discount_minor, 0)) * extract(epoch FROM former.ends_at - il.starts_at)
            / extract(epoch FROM il.ends_at - il.starts_at))::bigint AS twice_minor
    FROM canonical.invoice_line former
    JOIN canonical.invoice h ON h.system = former.system AND h.record_id = former.invoice_id AND NOT h.is_void
        AND h.deleted_at IS NULL AND h.status <> 'draft'
    WHERE former.system = il.system AND former.subscription_id = il.subscription_id AND former.deleted_at IS NULL
        AND former.price_id = il.price_id AND former.invoice_id <> il.invoice_id AND former.amount_minor > 0
        AND NOT coalesce(former.proration, false) AND former.starts_at < il.starts_at - {_NONE}
        AND former.ends_at > il.starts_at + {_NONE} AND former.ends_at < il.ends_at - {_NONE}
    ORDER BY former.ends_at DESC, former.record_id LIMIT 1
"""
"""The line whose term was not over when the line's began, and what of the line's price is for time in both.

What is added within a term ends with the term, and is no other one.
"""

_BEFORE = f"""
    SELECT v.status, v.quantity, v.unit_price FROM canonical.subscription_version v
    WHERE v.system = il.system AND v.subscription_id = il.subscription_id AND v.price_id = il.price_id
        AND v.deleted_at IS NULL AND v.valid_from < il.starts_at - {_DAY}
    ORDER BY v.valid_from DESC, v.known_at DESC, v.record_id DESC LIMIT 1
"""

OVERLAP = Rule(
    class_="F48",
    title="Days that two invoiced periods share",
    role="billing",
    entity="invoice",
    needs=(
        ("billing", "invoice"),
        ("billing", "invoice_line"),
        ("billing", "credit_note"),
        ("billing", "subscription_version"),
    ),
    hop="billing",
    owner="FI",
    kind=Kind.OVER,
    lag_s=0,
    touches=(
        Touch(role="billing", entity="invoice", root="c.record_id"),
        Touch(
            role="billing",
            entity="invoice",
            root="il.invoice_id",
            join=_OF_INVOICE.format("c.record_id") + _SAME_PRICE.format("own"),
        ),
        Touch(role="billing", entity="invoice_line", root="c.invoice_id"),
        Touch(role="billing", entity="invoice_line", root="il.invoice_id", join=_SAME_PRICE.format("c")),
        Touch(role="billing", entity="credit_note", root="c.invoice_id"),
        Touch(
            role="billing",
            entity="credit_note",
            root="il.invoice_id",
            join=_OF_INVOICE.format("c.invoice_id") + _SAME_PRICE.format("own"),
        ),
        Touch(role="billing", entity="subscription_version", root="il.invoice_id", join=_SAME_PRICE.format("c")),
    ),
    select=f"""
        SELECT b.record_id AS root_id, b.system || ':' || il.subscription_id AS entity_id, 'subscription' AS entity,
            b.system || ':' || b.customer_id AS customer_id, b.currency, former.twice_minor AS money_minor,
            coalesce(b.finalised_at, b.issued_at) AS happened_at,
            'a period from ' || former.ends_at::date || ' on' AS expected,
            'one from ' || il.starts_at::date || ' on' AS found, 'lines' AS field, /*at b*/, il.record_id AS part,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
                jsonb_build_array(b.system, 'invoice', former.invoice_id),
                jsonb_build_array(b.system, 'subscription', il.subscription_id)) AS records
        FROM canonical.invoice b
        JOIN canonical.invoice_line il ON il.system = b.system AND il.invoice_id = b.record_id AND il.deleted_at IS NULL
            AND il.amount_minor > 0 AND il.ends_at > il.starts_at AND NOT coalesce(il.proration, false)
        JOIN canonical.price pr ON pr.system = il.system AND pr.record_id = il.price_id AND pr.period IS NOT NULL
            AND NOT {METERED}
        JOIN LATERAL ({_FORMER}) former ON true
        JOIN LATERAL ({_BEFORE}) before ON true
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND NOT b.is_void AND b.status <> 'draft'
            AND NOT EXISTS (SELECT FROM canonical.subscription_version n
                WHERE n.system = il.system AND n.subscription_id = il.subscription_id AND n.price_id = il.price_id
                    AND n.deleted_at IS NULL AND n.valid_from >= il.starts_at - {_DAY}
                    AND n.valid_from <= greatest(b.finalised_at, il.starts_at + {_DAY})
                    AND (n.status, n.quantity, n.unit_price)
                        IS DISTINCT FROM (before.status, before.quantity, before.unit_price))
            AND (SELECT coalesce(sum(n.total_minor), 0) FROM canonical.credit_note n WHERE n.system = b.system
                AND n.invoice_id IN (b.record_id, former.invoice_id) AND NOT n.is_void AND n.deleted_at IS NULL)
                < former.twice_minor
    """,
    meaning="Two invoices bill the same days of a subscription.",
    wrong_when="a line's period begins before that of an earlier one of the same price is over, and ends after it, "
    "though nothing of the subscription changed as it began, and no credit makes good for it",
    money="the share of the days billed twice in the later line, less discount and before tax",
    sentence="Invoice {root_id} bills subscription days that another invoice bills as well: {expected} is right, it "
    "has {found}; {money} too much.",
    advice="Credit the days, and look which boundary of the periods was set wrong.",
)
"""A term that begins anew with a change (an upgrade, a new start after a pause) may overlap the one before."""

RULES = (OVERLAP,)
