"""Rules about invoices that were paid and are still asked for, in billing or in the ERP.

Not here: invoices that billing calls paid although no money came, or only a part of it (received.py).
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import DAY_S, MINUTE_S, Queue, Rule, Touch

_A_RETRY = "interval '1 day'"
"""Within this a second charge of one amount is taken for the first one again."""

_PAID = "p.status = 'succeeded' AND NOT coalesce(p.is_disputed, false)"

PAYMENTS_OF_INVOICES = (
    Touch(
        role="billing",
        entity="payment",
        root="a.document_id",
        join="JOIN canonical.allocation a ON a.system = c.system AND a.payment_id = c.record_id",
    ),
    Touch(
        role="payments",
        entity="payment",
        root="a.document_id",
        join=(
            "JOIN canonical.payment t ON t.system = ANY(:billing) "
            "AND t.copy_of IN ('payments:' || c.record_id, 'payments:' || c.intent_id) "
            "JOIN canonical.allocation a ON a.system = t.system AND a.payment_id = t.record_id"
        ),
    ),
)
"""From payments, billing's and the processor's, to the invoices that they are allocated to."""

_KNOWN = f"""
    SELECT max(p.created_at) AS at, min(p.system) AS processor, min(p.record_id) AS charge_id,
        min(t.record_id) AS payment_id
    FROM canonical.allocation a
    JOIN canonical.payment t ON t.system = a.system AND t.record_id = a.payment_id AND t.deleted_at IS NULL
    JOIN canonical.payment p ON p.system = ANY(:payments) AND p.deleted_at IS NULL AND {_PAID}
        AND split_part(t.copy_of, ':', 2) IN (p.record_id, p.intent_id)
    WHERE a.system = b.system AND a.document_id = b.record_id AND a.deleted_at IS NULL
    HAVING sum(least(a.amount_minor, p.amount_minor) - coalesce(p.refunded_minor, 0))
        >= b.total_minor - coalesce(b.credited_minor, 0)
"""
"""What payments that billing recorded for an invoice `b` brought, less what went back, where it covers the invoice."""

_UNHEARD_OF = f"""
    SELECT max(p.created_at) AS at, min(p.system) AS processor, min(p.record_id) AS charge_id,
        CAST(NULL AS text) AS payment_id
    FROM canonical.customer h
    JOIN canonical.payment p ON p.system = h.system AND p.customer_id = h.record_id AND p.deleted_at IS NULL AND {_PAID}
        AND p.amount_minor = b.due_minor AND p.currency = b.currency AND coalesce(p.refunded_minor, 0) = 0
        AND p.created_at >= coalesce(b.finalised_at, b.issued_at)
    WHERE h.system = ANY(:payments) AND h.copy_of = 'billing:' || b.customer_id AND h.deleted_at IS NULL
        AND b.due_minor > 0
        AND NOT EXISTS (SELECT FROM canonical.payment x WHERE x.system = ANY(:billing) AND x.deleted_at IS NULL
            AND x.copy_of IN ('payments:' || p.record_id, 'payments:' || p.intent_id))
        AND NOT EXISTS (SELECT FROM canonical.payment f WHERE f.system = p.system AND f.customer_id = p.customer_id
            AND f.amount_minor = p.amount_minor AND f.currency = p.currency AND f.record_id <> p.record_id
            AND f.status IN ('succeeded', 'refunded') AND f.deleted_at IS NULL
            AND (f.intent_id = p.intent_id OR f.created_at BETWEEN p.created_at - {_A_RETRY} AND p.created_at))
        AND NOT EXISTS (SELECT FROM canonical.invoice o WHERE o.system = b.system AND o.customer_id = b.customer_id
            AND o.status = 'open' AND o.due_minor = b.due_minor AND o.currency = b.currency
            AND o.record_id <> b.record_id AND o.deleted_at IS NULL)
    HAVING count(*) = 1
"""
"""The one charge of the customer that billing knows nothing of, over just what is due on the only such invoice. A
second charge of one amount within a day is charged_twice.py's business."""

_OPEN_OF = (
    "JOIN canonical.invoice o ON o.system = ANY(:billing) AND o.customer_id = {customer_id} AND o.status = 'open'"
)
_OPEN_OF_PAYER = (
    "JOIN canonical.customer h ON h.system = {payment}.system AND h.record_id = {payment}.customer_id "
    + _OPEN_OF.format(customer_id="split_part(h.copy_of, ':', 2)")
)
"""From a customer, and from a charge, to the customer's open invoices."""

PAID_BUT_OPEN = Rule(
    class_="F60",
    title="Paid at the processor, open in billing",
    explained_by=("F51", "F75"),
    role="billing",
    entity="invoice",
    needs=(
        ("billing", "invoice"),
        ("billing", "allocation"),
        ("billing", "payment"),
        ("payments", "payment"),
        ("payments", "customer"),
    ),
    hop="payments->billing",
    owner="FI",
    kind=Kind.CASH,
    lag_s=15 * MINUTE_S,
    touches=(
        Touch(role="billing", entity="invoice", root="c.record_id"),
        Touch(role="billing", entity="allocation", root="c.document_id"),
        *PAYMENTS_OF_INVOICES,
        Touch(role="billing", entity="invoice", root="o.record_id", join=_OPEN_OF.format(customer_id="c.customer_id")),
        Touch(role="payments", entity="payment", root="o.record_id", join=_OPEN_OF_PAYER.format(payment="c")),
        Touch(
            role="payments",
            entity="customer",
            root="o.record_id",
            join=_OPEN_OF.format(customer_id="split_part(c.copy_of, ':', 2)"),
        ),
        Touch(
            role="billing",
            entity="payment",
            root="o.record_id",
            join="JOIN canonical.payment p ON p.system = ANY(:payments) "
            "AND split_part(c.copy_of, ':', 2) IN (p.record_id, p.intent_id) " + _OPEN_OF_PAYER.format(payment="p"),
        ),
    ),
    select=f"""
        SELECT /*root b*/, b.currency, b.total_minor AS money_minor,
            paid.at AS happened_at, 'paid' AS expected, b.status AS found, 'status' AS field,
            /*at b*/,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
                jsonb_build_array(paid.processor, 'payment', paid.charge_id),
                jsonb_build_array(b.system, 'payment', paid.payment_id)) AS records
        FROM canonical.invoice b
        CROSS JOIN LATERAL (
            SELECT * FROM ({_KNOWN} UNION ALL {_UNHEARD_OF}) each ORDER BY payment_id LIMIT 1
        ) paid
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND b.status = 'open'
    """,
    meaning="The customer has paid and is still asked for the money.",
    wrong_when="what payments that succeeded at the processor brought for an invoice, less what went back, covers it, "
    "or a charge that billing knows nothing of is over just what is due on the customer's only such invoice, and "
    "billing shows the invoice as open",
    money="the invoice's total",
    sentence="Invoice {root_id} over {money} was paid, but billing still shows it as open; the customer may be dunned.",
    advice="Record the payment in billing and stop any dunning; look for a lost event of the processor.",
)

CAME_BACK = """EXISTS (
    SELECT FROM canonical.payment p
    WHERE p.system = ANY(:payments) AND p.deleted_at IS NULL
        AND split_part(t.copy_of, ':', 2) IN (p.record_id, p.intent_id)
    HAVING bool_and(p.status NOT IN ('succeeded', 'refunded'))
)"""
"""The processor knows billing's payment `t` and that it failed, or has no answer yet: the ERP does well to wait."""

PAID_BUT_OPEN_IN_ERP = Rule(
    class_="F60",
    title="Paid at the processor, open in the ERP",
    explained_by=("F61", "F51", "F75"),
    role="billing",
    entity="invoice",
    needs=(
        ("billing", "invoice"),
        ("billing", "allocation"),
        ("payments", "payment"),
        ("erp", "invoice"),
        ("erp", "payment"),
    ),
    hop="payments->erp",
    owner="FI",
    kind=Kind.CASH,
    lag_s=DAY_S,
    touches=(
        Touch(role="billing", entity="invoice", root="c.record_id"),
        Touch(role="billing", entity="allocation", root="c.document_id"),
        *PAYMENTS_OF_INVOICES,
        Touch(role="erp", entity="invoice", root="split_part(c.copy_of, ':', 2)"),
        Touch(
            role="erp",
            entity="payment",
            root="a.document_id",
            join=(
                "JOIN canonical.allocation a ON a.system = ANY(:billing) "
                "AND a.payment_id = split_part(c.copy_of, ':', 2)"
            ),
        ),
    ),
    queue=Queue(role="erp", entity="payment", field="copy_of", name="billing:{payment_id}"),
    select=f"""
        SELECT /*root b*/, b.currency, b.total_minor AS money_minor,
            greatest(max(coalesce(t.settled_at, t.created_at, b.paid_at)), max(held.created_at)) AS happened_at,
            'paid' AS expected, e.status AS found, 'status' AS field, /*at e*/,
            coalesce(min(t.record_id) FILTER (WHERE held.count = 0), min(t.record_id)) AS payment_id,
            bool_or(held.count = 0) AS is_absent,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
                jsonb_build_array(e.system, 'invoice', e.record_id),
                jsonb_build_array(min(t.system), 'payment', min(t.record_id))) AS records
        FROM canonical.invoice b
        JOIN canonical.invoice e ON e.system = ANY(:erp) AND e.copy_of = 'billing:' || b.record_id
            AND e.deleted_at IS NULL AND NOT e.is_void AND e.status = 'open'
        JOIN canonical.allocation a ON a.system = b.system AND a.document_id = b.record_id AND a.deleted_at IS NULL
        JOIN canonical.payment t ON t.system = a.system AND t.record_id = a.payment_id AND t.deleted_at IS NULL
            AND t.status = 'succeeded' AND NOT {CAME_BACK}
        CROSS JOIN LATERAL (
            SELECT count(*) AS count, max(x.created_at) AS created_at,
                sum(x.available_minor) FILTER (WHERE x.status = 'succeeded' AND x.customer_id = e.customer_id)
                    AS unused_minor
            FROM canonical.payment x
            WHERE x.system = ANY(:erp) AND x.deleted_at IS NULL AND x.copy_of = 'billing:' || t.record_id
        ) held
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND b.status = 'paid'
            AND (held.count = 0 OR a.amount_minor <= held.unused_minor AND a.amount_minor <= e.due_minor)
        GROUP BY b.system, b.record_id, e.system, e.record_id, e.status
    """,
    meaning="The customer has paid, but the ERP still expects the money.",
    wrong_when="a paid invoice of billing is open in the ERP, and a payment that settled it and did not come back at "
    "the processor has no copy there, or one that lies unused with the same customer, a day later",
    money="the invoice's total",
    sentence="Invoice {root_id} over {money} was paid, but the ERP has not set the payment off against it and still "
    "expects it.",
    advice="Post the payment in the ERP, apply it to the invoice, and stop its dunning.",
)

RULES = (PAID_BUT_OPEN, PAID_BUT_OPEN_IN_ERP)
