"""Rules about money that moved: refunds that billing made no credit of, payouts that are not what they are made of.

Not here: invoices that were paid and are still asked for (paid_and_open.py).
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import DAY_S, Queue, Rule, Touch

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

_REFUNDS_OF = "JOIN canonical.refund r ON r.system = {payment}.system AND r.payment_id = {payment}.record_id"

_IS_COUNTED = """EXISTS (
    SELECT FROM canonical.payment p
    JOIN canonical.payment t ON t.system = ANY(:billing) AND t.deleted_at IS NULL
        AND t.status IN ('succeeded', 'refunded')
        AND t.copy_of IN ('payments:' || p.record_id, 'payments:' || p.intent_id)
    WHERE p.system = r.system AND p.record_id = r.payment_id
)"""
"""Whether billing counts the payment that a refund `r` gave back: what it never took for paid needs no credit."""

REFUND_WITHOUT_CREDIT = Rule(
    class_="F67",
    title="Refund without credit note",
    role="payments",
    entity="refund",
    needs=(
        ("payments", "refund"),
        ("payments", "payment"),
        ("billing", "payment"),
        ("billing", "refund"),
        ("billing", "credit_note"),
        ("billing", "allocation"),
    ),
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
        Touch(role="payments", entity="payment", root="r.record_id", join=_REFUNDS_OF.format(payment="c")),
        Touch(
            role="billing",
            entity="payment",
            root="r.record_id",
            join="JOIN canonical.payment p ON p.system = ANY(:payments) "
            "AND split_part(c.copy_of, ':', 2) IN (p.record_id, p.intent_id) " + _REFUNDS_OF.format(payment="p"),
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
            AND (known.record_id IS NULL AND {_IS_COUNTED} OR known.credit_note_id IS NULL AND {_IS_UNCREDITED})
    """,
    meaning="Money went back without a credit, so revenue and receivables are too high.",
    wrong_when="a refund of what billing counts as paid succeeded at the processor and has no refund in billing a day "
    "later, or one without a credit note although the payment still counts as paid for an invoice that nobody credited",
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

RULES = (REFUND_WITHOUT_CREDIT, PAYOUT_DOES_NOT_ADD_UP)
