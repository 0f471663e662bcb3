"""Rules about money that moved: what the payment processor knows against what billing made of it."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import DAY_S, MINUTE_S, Queue, Rule, Touch

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

PAID_BUT_OPEN = Rule(
    class_="F60",
    title="Paid at the processor, open in billing",
    explained_by=("F51", "F75"),
    role="billing",
    entity="invoice",
    needs=(("billing", "invoice"), ("billing", "allocation"), ("payments", "payment")),
    hop="payments->billing",
    owner="FI",
    kind=Kind.CASH,
    lag_s=15 * MINUTE_S,
    touches=(
        Touch(role="billing", entity="invoice", root="c.record_id"),
        Touch(role="billing", entity="allocation", root="c.document_id"),
        *PAYMENTS_OF_INVOICES,
    ),
    select=f"""
        SELECT /*root b*/, b.currency, b.total_minor AS money_minor,
            max(p.created_at) AS happened_at, 'paid' AS expected, b.status AS found, 'status' AS field,
            /*at b*/,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
                jsonb_build_array(min(p.system), 'payment', min(p.record_id)),
                jsonb_build_array(min(t.system), 'payment', min(t.record_id))) AS records
        FROM canonical.invoice b
        JOIN canonical.allocation a ON a.system = b.system AND a.document_id = b.record_id AND a.deleted_at IS NULL
        JOIN canonical.payment t ON t.system = a.system AND t.record_id = a.payment_id AND t.deleted_at IS NULL
        JOIN canonical.payment p ON p.system = ANY(:payments) AND p.deleted_at IS NULL AND {_PAID}
            AND t.copy_of IN ('payments:' || p.record_id, 'payments:' || p.intent_id)
            AND split_part(t.copy_of, ':', 2) IN (p.record_id, p.intent_id)
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND b.status = 'open'
        GROUP BY b.system, b.record_id
        HAVING sum(p.amount_minor) >= b.total_minor - coalesce(b.credited_minor, 0)
    """,
    meaning="The customer has paid and is still asked for the money.",
    wrong_when="payments that succeeded at the processor cover an invoice that billing shows as open",
    money="the invoice's total",
    sentence="Invoice {root_id} over {money} was paid, but billing still shows it as open; the customer may be dunned.",
    advice="Record the payment in billing and stop any dunning; look for a lost event of the processor.",
)

PAID_BUT_OPEN_IN_ERP = Rule(
    class_="F60",
    title="Paid at the processor, open in the ERP",
    explained_by=("F51", "F75"),
    role="billing",
    entity="invoice",
    needs=(("billing", "invoice"), ("billing", "allocation"), ("erp", "invoice"), ("erp", "payment")),
    hop="payments->erp",
    owner="FI",
    kind=Kind.CASH,
    lag_s=DAY_S,
    touches=(
        Touch(role="billing", entity="invoice", root="c.record_id"),
        Touch(role="billing", entity="allocation", root="c.document_id"),
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
    select="""
        SELECT /*root b*/, b.currency, b.total_minor AS money_minor,
            max(coalesce(t.settled_at, t.created_at, b.paid_at)) AS happened_at, 'paid' AS expected,
            e.status AS found, 'status' AS field, /*at e*/, min(t.record_id) AS payment_id, true AS is_absent,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
                jsonb_build_array(e.system, 'invoice', e.record_id),
                jsonb_build_array(min(t.system), 'payment', min(t.record_id))) AS records
        FROM canonical.invoice b
        JOIN canonical.invoice e ON e.system = ANY(:erp) AND e.copy_of = 'billing:' || b.record_id
            AND e.deleted_at IS NULL AND NOT e.is_void AND e.status = 'open'
        JOIN canonical.allocation a ON a.system = b.system AND a.document_id = b.record_id AND a.deleted_at IS NULL
        JOIN canonical.payment t ON t.system = a.system AND t.record_id = a.payment_id AND t.deleted_at IS NULL
            AND t.status = 'succeeded'
            AND NOT EXISTS (SELECT FROM canonical.payment x WHERE x.system = ANY(:erp) AND x.deleted_at IS NULL
                AND x.copy_of = 'billing:' || t.record_id)
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND b.status = 'paid'
        GROUP BY b.system, b.record_id, e.system, e.record_id, e.status
    """,
    meaning="The customer has paid, but the ERP still expects the money.",
    wrong_when="a paid invoice of billing is open in the ERP, and a payment that settled it has no copy there, a day "
    "later",
    money="the invoice's total",
    sentence="Invoice {root_id} over {money} was paid, but the ERP never booked the payment and still expects it.",
    advice="Post the payment in the ERP against the invoice, and stop its dunning.",
)

_IS_UNCREDITED = """(
    SELECT coalesce(bool_and(n.record_id IS NULL), false) AND sum(a.amount_minor) > min(t.amount_minor - r.amount_minor)
    FROM canonical.payment t
    JOIN canonical.allocation a ON a.system = t.system AND a.payment_id = t.record_id AND a.deleted_at IS NULL
        AND a.status IS DISTINCT FROM 'failed' AND a.status IS DISTINCT FROM 'reversed'
    JOIN canonical.invoice b ON b.system = a.system AND b.record_id = a.document_id AND b.deleted_at IS NULL
        AND NOT b.is_void
    LEFT JOIN LATERAL (
        SELECT min(n.record_id) AS record_id FROM canonical.credit_note n
        WHERE n.system = b.system AND n.invoice_id = b.record_id AND NOT n.is_void AND n.deleted_at IS NULL
    ) n ON true
    WHERE t.system = known.system AND t.record_id = known.payment_id
)"""
"""Whether the money that a refund `r` gave back had paid for invoices, none of which has a credit note. What was paid
too much goes back without one."""

REFUND_WITHOUT_CREDIT = Rule(
    class_="F67",
    title="Refund without credit note",
    role="payments",
    entity="refund",
    needs=(("payments", "refund"), ("billing", "refund"), ("billing", "credit_note"), ("billing", "allocation")),
    hop="payments->billing",
    owner="FI",
    kind=Kind.MISSTATE,
    lag_s=DAY_S,
    touches=(
        Touch(role="payments", entity="refund", root="c.record_id"),
        Touch(role="billing", entity="refund", root="split_part(c.copy_of, ':', 2)"),
        Touch(
            role="billing",
            entity="credit_note",
            root="split_part(b.copy_of, ':', 2)",
            join="JOIN canonical.allocation a ON a.system = c.system AND a.document_id = c.invoice_id "
            "JOIN canonical.refund b ON b.system = a.system AND b.payment_id = a.payment_id",
        ),
    ),
    queue=Queue(role="billing", entity="refund", field="copy_of", name="payments:{root_id}"),
    select=f"""
        SELECT /*root r*/, r.currency, r.amount_minor AS money_minor,
            r.refunded_at AS happened_at, 'a credit note and a refund in billing' AS expected,
            coalesce('only refund ' || known.record_id, 'none') AS found,
            'credit_note' AS field, (:billing)[1] AS at_system, known.record_id AS at_record_id,
            (SELECT 'billing has refund ' || w.record_id || ' as pending' FROM canonical.refund w
                WHERE known.record_id IS NULL AND w.system = ANY(:billing) AND w.deleted_at IS NULL
                    AND w.status = 'pending'
                    AND (w.copy_of = 'payments:' || r.record_id OR w.processor_reference = r.record_id)
                ORDER BY w.record_id LIMIT 1) AS queued,
            jsonb_build_array(jsonb_build_array(r.system, 'refund', r.record_id),
                jsonb_build_array(r.system, 'payment', r.payment_id)) AS records
        FROM canonical.refund r
        LEFT JOIN LATERAL (
            SELECT b.system, b.record_id, b.payment_id, b.credit_note_id FROM canonical.refund b
            WHERE b.system = ANY(:billing) AND b.deleted_at IS NULL AND b.status = 'succeeded'
                AND (b.copy_of = 'payments:' || r.record_id OR b.processor_reference = r.record_id)
            ORDER BY b.credit_note_id NULLS LAST, b.record_id LIMIT 1
        ) known ON true
        WHERE r.system = ANY(:payments) /*roots r*/ AND r.deleted_at IS NULL AND r.status = 'succeeded'
            AND (known.record_id IS NULL OR known.credit_note_id IS NULL AND {_IS_UNCREDITED})
    """,
    meaning="Money went back without a credit, so revenue and receivables are too high.",
    wrong_when="a refund that succeeded at the processor has no refund in billing a day later, or one without a "
    "credit note although the payment still counts as paid for an invoice that nobody credited",
    money="the refund's amount",
    sentence="{money} was given back at the processor ({root_id}), but billing knows of no credit for it.",
    advice="Issue the credit note in billing, so that revenue and receivables follow the cash.",
)

PAYOUT_DOES_NOT_ADD_UP = Rule(
    class_="F71",
    title="Payout is not the sum of its entries",
    role="payments",
    entity="payout",
    needs=(("payments", "payout"), ("payments", "settlement")),
    hop="payments",
    owner="FI",
    kind=Kind.CASH,
    lag_s=0,
    touches=(
        Touch(role="payments", entity="payout", root="c.record_id"),
        Touch(role="payments", entity="settlement", root="c.payout_id"),
    ),
    select="""
        WITH oldest AS MATERIALIZED (
            SELECT s.system, (SELECT min(o.created_at) FROM canonical.settlement o WHERE o.system = s.system) AS at
            FROM unnest(:payments) AS s (system)
        )
        SELECT p.record_id AS root_id, p.system || ':' || p.record_id AS entity_id,
            CAST(NULL AS text) AS customer_id, p.currency, abs(p.amount_minor - s.net_minor) AS money_minor,
            coalesce(p.created_at, p.version_at, p.observed_at) AS happened_at,
            s.net_minor || ' ' || p.currency AS expected, p.amount_minor || ' ' || p.currency AS found,
            'amount_minor' AS field, /*at p*/,
            jsonb_build_array(jsonb_build_array(p.system, 'payout', p.record_id)) AS records
        FROM canonical.payout p
        JOIN oldest ON oldest.system = p.system AND oldest.at < p.created_at - interval '7 days'
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(s.net_minor), 0)::bigint AS net_minor FROM canonical.settlement s
            WHERE s.system = p.system AND s.payout_id = p.record_id AND s.deleted_at IS NULL
                AND s.kind NOT LIKE 'payout%%'
        ) s
        WHERE p.system = ANY(:payments) /*roots p*/ AND p.deleted_at IS NULL AND p.automatic
            AND p.status IN ('paid', 'in_transit') AND coalesce(p.reconciliation, 'completed') = 'completed'
            AND s.net_minor <> p.amount_minor
    """.replace("%%", "%"),
    meaning="What reached the bank is not what the processor says it is made of.",
    wrong_when="the net amounts of a payout's balance entries do not make the payout, once the processor has "
    "reconciled it",
    money="the difference",
    sentence="Payout {root_id} brought {found} to the bank, but its payments, refunds and fees make {expected}.",
    advice="Ask the processor for the payout's breakdown; a manual payout or a lost entry is the usual cause.",
)

RULES = (PAID_BUT_OPEN, PAID_BUT_OPEN_IN_ERP, REFUND_WITHOUT_CREDIT, PAYOUT_DOES_NOT_ADD_UP)
