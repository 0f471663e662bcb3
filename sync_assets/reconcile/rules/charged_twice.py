"""Rules about money taken from a customer more than once for the same thing."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import MINUTE_S, Rule, Touch

_KNOWN_AS = """
    JOIN canonical.payment p ON p.system = ANY(:payments)
        AND split_part(t.copy_of, ':', 2) IN (p.record_id, p.intent_id)
"""
_SAME_DAY = "interval '1 day'"

_AGAIN = f"""
    SELECT a.document_id, 'payments:' || f.record_id AS first_id, p.amount_minor AS extra_minor
    FROM canonical.payment f
    JOIN canonical.payment t ON t.system = ANY(:billing) AND t.deleted_at IS NULL
        AND t.copy_of IN ('payments:' || f.record_id, 'payments:' || f.intent_id)
    JOIN canonical.allocation a ON a.system = t.system AND a.payment_id = t.record_id AND a.deleted_at IS NULL
    WHERE f.system = p.system AND f.customer_id = p.customer_id AND f.currency = p.currency
        AND f.amount_minor = p.amount_minor AND f.status IN ('succeeded', 'refunded') AND f.deleted_at IS NULL
        AND (f.created_at, f.record_id) < (p.created_at, p.record_id)
        AND f.created_at >= p.created_at - {_SAME_DAY}
        AND NOT EXISTS (SELECT FROM canonical.payment x WHERE x.system = ANY(:billing) AND x.deleted_at IS NULL
            AND x.copy_of IN ('payments:' || p.record_id, 'payments:' || p.intent_id))
"""
"""A charge that billing knows nothing of, a day or less after one of the same amount that paid an invoice."""

_SAME_INTENT = """
    SELECT a.document_id, 'payments:' || f.record_id AS first_id, p.amount_minor AS extra_minor
    FROM canonical.payment f
    JOIN canonical.payment t ON t.system = ANY(:billing) AND t.deleted_at IS NULL
        AND t.copy_of IN ('payments:' || f.record_id, 'payments:' || f.intent_id)
    JOIN canonical.allocation a ON a.system = t.system AND a.payment_id = t.record_id AND a.deleted_at IS NULL
    WHERE f.system = p.system AND f.intent_id = p.intent_id AND f.currency = p.currency
        AND f.amount_minor = p.amount_minor AND f.status IN ('succeeded', 'refunded') AND f.deleted_at IS NULL
        AND (f.created_at, f.record_id) < (p.created_at, p.record_id)
        AND NOT EXISTS (SELECT FROM canonical.payment x WHERE x.system = ANY(:billing) AND x.deleted_at IS NULL
            AND x.copy_of = 'payments:' || p.record_id)
"""
"""A charge for what was wished for once, however much later than the one that paid an invoice."""

_BOTH_BOOKED = """
    SELECT a.document_id, former.first_id, least(p.amount_minor, former.sum_minor + a.amount_minor
        - b.total_minor + coalesce(b.credited_minor, 0)) AS extra_minor
    FROM canonical.payment t
    JOIN canonical.allocation a ON a.system = t.system AND a.payment_id = t.record_id AND a.deleted_at IS NULL
    JOIN canonical.invoice b ON b.system = a.system AND b.record_id = a.document_id
    CROSS JOIN LATERAL (
        SELECT min(w.copy_of) AS first_id, sum(o.amount_minor)::bigint AS sum_minor FROM canonical.allocation o
        JOIN canonical.payment w ON w.system = o.system AND w.record_id = o.payment_id AND w.deleted_at IS NULL
            AND w.status = 'succeeded' AND (w.created_at, w.record_id) < (t.created_at, t.record_id)
        WHERE o.system = a.system AND o.document_id = a.document_id AND o.deleted_at IS NULL
    ) former
    WHERE t.system = ANY(:billing) AND t.deleted_at IS NULL AND t.status = 'succeeded'
        AND t.copy_of IN ('payments:' || p.record_id, 'payments:' || p.intent_id)
        AND former.sum_minor + a.amount_minor > b.total_minor - coalesce(b.credited_minor, 0)
"""
"""Both stand on one invoice in billing, and together exceed it."""

_UNKNOWN_TO_BILLING = """
    SELECT p.* FROM canonical.payment p
    WHERE p.system = ANY(:payments) /*roots p*/ AND p.deleted_at IS NULL AND p.status = 'succeeded'
        AND NOT EXISTS (SELECT FROM canonical.payment x WHERE x.system = ANY(:billing) AND x.deleted_at IS NULL
            AND x.copy_of = 'payments:' || p.record_id)
        AND NOT EXISTS (SELECT FROM canonical.payment x WHERE x.system = ANY(:billing) AND x.deleted_at IS NULL
            AND x.copy_of = 'payments:' || p.intent_id)
"""
_ON_A_SHARED_INVOICE = """
    SELECT p.* FROM canonical.payment p
    WHERE p.system = ANY(:payments) /*roots p*/ AND p.deleted_at IS NULL AND p.status = 'succeeded'
        AND EXISTS (SELECT FROM canonical.payment t
            JOIN canonical.allocation a ON a.system = t.system AND a.payment_id = t.record_id AND a.deleted_at IS NULL
            JOIN canonical.allocation o ON o.system = a.system AND o.document_id = a.document_id
                AND o.payment_id <> a.payment_id AND o.deleted_at IS NULL
            WHERE t.system = ANY(:billing) AND t.deleted_at IS NULL AND t.copy_of = 'payments:' || p.{name})
"""
_OF_A_SHARED_INTENT = """
    SELECT p.* FROM canonical.payment p
    WHERE p.system = ANY(:payments) /*roots p*/ AND p.deleted_at IS NULL AND p.status = 'succeeded'
        AND EXISTS (SELECT FROM canonical.payment f WHERE f.system = p.system AND f.intent_id = p.intent_id
            AND f.record_id <> p.record_id AND f.status IN ('succeeded', 'refunded'))
"""
_SUSPECTS = " UNION ".join(
    [
        _UNKNOWN_TO_BILLING,
        _OF_A_SHARED_INTENT,
        *(_ON_A_SHARED_INVOICE.format(name=name) for name in ("record_id", "intent_id")),
    ]
)
"""Charges that may be a second one; nearly all are known, and alone on their invoice."""

CHARGED_TWICE = Rule(
    class_="F65",
    title="Charged twice",
    role="payments",
    entity="payment",
    needs=(("payments", "payment"), ("billing", "payment"), ("billing", "allocation"), ("billing", "invoice")),
    hop="billing->payments",
    owner="FI",
    kind=Kind.OVER,
    lag_s=15 * MINUTE_S,
    touches=(
        Touch(role="payments", entity="payment", root="c.record_id"),
        Touch(
            role="payments",
            entity="payment",
            root="p.record_id",
            join="JOIN canonical.payment p ON p.system = c.system AND p.customer_id = c.customer_id "
            f"AND p.created_at >= c.created_at AND p.created_at <= c.created_at + {_SAME_DAY}",
        ),
        Touch(
            role="payments",
            entity="payment",
            root="p.record_id",
            join="JOIN canonical.payment p ON p.system = c.system AND p.intent_id = c.intent_id",
        ),
        Touch(
            role="billing",
            entity="payment",
            root="w.record_id",
            join=_KNOWN_AS.replace("t.copy_of", "c.copy_of")
            + "JOIN canonical.payment w ON w.system = p.system AND w.intent_id = p.intent_id",
        ),
        Touch(
            role="billing",
            entity="payment",
            root="k.record_id",
            join=_KNOWN_AS.replace("t.copy_of", "c.copy_of")
            + f"""JOIN canonical.payment k ON k.system = p.system AND k.customer_id = p.customer_id
                AND k.created_at >= p.created_at AND k.created_at <= p.created_at + {_SAME_DAY}""",
        ),
        Touch(
            role="billing",
            entity="allocation",
            root="p.record_id",
            join="JOIN canonical.allocation a ON a.system = c.system AND a.document_id = c.document_id "
            f"JOIN canonical.payment t ON t.system = a.system AND t.record_id = a.payment_id {_KNOWN_AS}",
        ),
        Touch(
            role="billing",
            entity="invoice",
            root="p.record_id",
            join="JOIN canonical.allocation a ON a.system = c.system AND a.document_id = c.record_id "
            f"JOIN canonical.payment t ON t.system = a.system AND t.record_id = a.payment_id {_KNOWN_AS}",
        ),
    ),
    select=f"""
        SELECT /*root p*/, p.currency,
            twice.extra_minor - coalesce(p.refunded_minor, 0) AS money_minor, p.created_at AS happened_at,
            'one charge for invoice ' || twice.document_id AS expected,
            'also ' || split_part(twice.first_id, ':', 2) AS found, 'amount_minor' AS field,
            /*at p*/,
            jsonb_build_array(jsonb_build_array(p.system, 'payment', p.record_id),
                jsonb_build_array(p.system, 'payment', split_part(twice.first_id, ':', 2)),
                jsonb_build_array((:billing)[1], 'invoice', twice.document_id)) AS records
        FROM ({_SUSPECTS}) p
        CROSS JOIN LATERAL (
            SELECT * FROM ({_AGAIN} UNION ALL {_SAME_INTENT} UNION ALL {_BOTH_BOOKED}) each
            ORDER BY document_id, first_id LIMIT 1
        ) twice
        WHERE twice.extra_minor > coalesce(p.refunded_minor, 0)
    """,
    meaning="The customer was charged again for what was paid.",
    wrong_when="two succeeded payments stand on one invoice and exceed it, or the processor has a second one of the "
    "same amount that billing does not know, within a day or for the same payment intent",
    money="what exceeds the invoice, less what was refunded",
    sentence="The customer was charged twice for the same invoice; {money} ({root_id}) must go back.",
    advice="Refund the second charge, and have retries carry the same idempotency key.",
)

RULES = (CHARGED_TWICE,)
