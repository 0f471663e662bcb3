"""Rules about whose money pays whose invoices: a customer's payment belongs to that customer, or to its family.

One class at three places: inside billing, between the processor and billing, and between billing and the ERP.
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import DAY_S, Rule, Touch

NOT_FAMILY = """NOT EXISTS (
    SELECT FROM canonical.customer f
    LEFT JOIN canonical.customer g ON g.system = f.system AND g.record_id = w.customer_id
    WHERE f.system = o.system AND f.record_id = o.customer_id
        AND (f.parent_id IN (w.customer_id, g.parent_id) OR g.parent_id = f.record_id OR f.copy_of = g.copy_of
            OR EXISTS (SELECT FROM canonical.customer h
                JOIN canonical.customer k ON k.system = h.system AND k.record_id = split_part(g.copy_of, ':', 2)
                WHERE h.system = ANY(:crm) AND h.record_id = split_part(f.copy_of, ':', 2)
                    AND (h.parent_id IN (k.record_id, k.parent_id) OR k.parent_id = h.record_id)))
)"""
"""Customers of billing's record `o` and of what it was found with `w` are not one account, parent, child or siblings.

The CRM owns who is whose parent; billing may keep its own hierarchy.
"""

_AT = {
    "billing": """
        SELECT b.customer_id, a.amount_minor, b.system, b.record_id, 'invoice' AS entity, a.document_id
        FROM canonical.allocation a
        JOIN canonical.invoice b ON b.system = a.system AND b.record_id = a.document_id AND b.deleted_at IS NULL
        WHERE a.system = o.system AND a.payment_id = o.record_id AND a.deleted_at IS NULL
    """,
    "payments->billing": """
        SELECT split_part(h.copy_of, ':', 2) AS customer_id, o.amount_minor, p.system, p.record_id,
            'payment' AS entity, o.invoice_id AS document_id
        FROM canonical.payment p
        JOIN canonical.customer h ON h.system = p.system AND h.record_id = p.customer_id AND h.deleted_at IS NULL
            AND h.copy_of IS NOT NULL
        WHERE p.system = ANY(:payments) AND p.deleted_at IS NULL AND p.status IN ('succeeded', 'refunded')
            AND split_part(o.copy_of, ':', 2) IN (p.record_id, p.intent_id)
    """,
    "payments->erp": """
        SELECT split_part(h.copy_of, ':', 2) AS customer_id, o.amount_minor, e.system, e.record_id,
            'payment' AS entity, o.invoice_id AS document_id
        FROM canonical.payment e
        JOIN canonical.customer h ON h.system = e.system AND h.record_id = e.customer_id AND h.deleted_at IS NULL
            AND h.copy_of IS NOT NULL
        WHERE e.system = ANY(:erp) AND e.copy_of = 'billing:' || o.record_id AND e.deleted_at IS NULL
            AND e.status NOT IN ('void', 'failed')
    """,
}
"""By hop, what a payment of billing is found with: the invoice it pays, or another system's copy of it."""

_SELECT = f"""
    SELECT /*root o*/, o.currency, w.amount_minor AS money_minor,
        coalesce(o.settled_at, o.created_at, o.version_at) AS happened_at,
        'customer ' || o.customer_id AS expected, 'customer ' || w.customer_id AS found, 'customer_id' AS field,
        /*at w*/,
        jsonb_build_array(jsonb_build_array(o.system, 'payment', o.record_id),
            jsonb_build_array(w.system, w.entity, w.record_id),
            jsonb_build_array(o.system, 'invoice', w.document_id)) AS records
    FROM canonical.payment o
    CROSS JOIN LATERAL ({{found}}) w
    WHERE o.system = ANY(:billing) /*roots o*/ AND o.deleted_at IS NULL AND o.status IN ('succeeded', 'refunded')
        AND w.customer_id <> o.customer_id AND {NOT_FAMILY}
"""

_PAID_BY = (
    "JOIN canonical.payment p ON p.system = {customer}.system AND p.customer_id = {customer}.record_id "
    "JOIN canonical.payment o ON o.system = ANY(:billing) "
    "AND o.copy_of IN ('payments:' || p.record_id, 'payments:' || p.intent_id)"
)
_BOOKED_TO = "JOIN canonical.payment e ON e.system = {customer}.system AND e.customer_id = {customer}.record_id"
_COPIES = "JOIN canonical.customer h ON h.system = ANY(:{role}) AND h.copy_of = 'billing:' || c.record_id "
"""From a customer to its payments, at the processor and in the ERP; the families are billing's."""

_OWN = (
    Touch(role="billing", entity="payment", root="c.record_id"),
    Touch(
        role="crm",
        entity="customer",
        root="o.record_id",
        join="JOIN canonical.customer b ON b.system = ANY(:billing) AND b.copy_of = 'crm:' || c.record_id "
        "JOIN canonical.payment o ON o.system = b.system AND o.customer_id = b.record_id",
    ),
    Touch(
        role="billing",
        entity="customer",
        root="o.record_id",
        join="JOIN canonical.payment o ON o.system = c.system AND o.customer_id = c.record_id",
    ),
)
_TOUCHES = {
    "billing": (
        Touch(role="billing", entity="allocation", root="c.payment_id"),
        Touch(
            role="billing",
            entity="invoice",
            root="a.payment_id",
            join="JOIN canonical.allocation a ON a.system = c.system AND a.document_id = c.record_id",
        ),
        Touch(
            role="billing",
            entity="customer",
            root="a.payment_id",
            join="JOIN canonical.invoice b ON b.system = c.system AND b.customer_id = c.record_id "
            "JOIN canonical.allocation a ON a.system = b.system AND a.document_id = b.record_id",
        ),
    ),
    "payments->billing": (
        Touch(
            role="payments",
            entity="payment",
            root="o.record_id",
            join="JOIN canonical.payment o ON o.system = ANY(:billing) "
            "AND o.copy_of IN ('payments:' || c.record_id, 'payments:' || c.intent_id)",
        ),
        Touch(role="payments", entity="customer", root="o.record_id", join=_PAID_BY.format(customer="c")),
        Touch(
            role="billing",
            entity="customer",
            root="o.record_id",
            join=_COPIES.format(role="payments") + _PAID_BY.format(customer="h"),
        ),
    ),
    "payments->erp": (
        Touch(role="erp", entity="payment", root="split_part(c.copy_of, ':', 2)"),
        Touch(
            role="erp", entity="customer", root="split_part(e.copy_of, ':', 2)", join=_BOOKED_TO.format(customer="c")
        ),
        Touch(
            role="billing",
            entity="customer",
            root="split_part(e.copy_of, ':', 2)",
            join=_COPIES.format(role="erp") + _BOOKED_TO.format(customer="h"),
        ),
    ),
}
_NEEDS = {
    "billing": (("billing", "allocation"), ("billing", "invoice")),
    "payments->billing": (("payments", "payment"), ("payments", "customer")),
    "payments->erp": (("erp", "payment"), ("erp", "customer")),
}


def _rule(hop: str) -> Rule:
    return Rule(
        class_="F62",
        title="Payment of one customer stands with another",
        role="billing",
        entity="payment",
        needs=(("billing", "payment"), ("billing", "customer"), *_NEEDS[hop]),
        hop=hop,
        owner="FI",
        kind=Kind.CASH,
        lag_s=DAY_S,
        explained_by=("F50",),
        touches=(*_OWN, *_TOUCHES[hop]),
        select=_SELECT.format(found=_AT[hop]),
        meaning="Money of one customer pays for another, so both ledgers are wrong.",
        wrong_when="a payment stands with a customer who is not its payer, nor of the payer's family",
        money="the amount that stands with the wrong customer",
        sentence="Payment {root_id} is of {expected}, but stands with {found} ({at_system}); {money} in wrong hands.",
        advice="Move the payment to the customer who made it; both customers' open amounts are wrong until then.",
    )


RULES = tuple(_rule(hop) for hop in _AT)
