"""Rules about payments in themselves: money that no invoice has used, that somebody else's used, or nobody knows of.

Not here: what payments mean for an invoice (paid_and_open.py, received.py).
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import DAY_S, HOUR_S, Rule, Touch

_BILLED_PAYMENT = Touch(role="billing", entity="payment", root="c.record_id")
_ALLOCATED = Touch(role="billing", entity="allocation", root="c.payment_id")
_AT_PROCESSOR = Touch(
    role="payments",
    entity="payment",
    root="t.record_id",
    join="JOIN canonical.payment t ON t.system = ANY(:billing) "
    "AND t.copy_of IN ('payments:' || c.record_id, 'payments:' || c.intent_id)",
)

OVERPAID = Rule(
    class_="F64",
    title="Overpayment used for nothing",
    role="billing",
    entity="payment",
    needs=(("billing", "payment"), ("billing", "allocation")),
    hop="billing",
    owner="FI",
    kind=Kind.OVER,
    lag_s=7 * DAY_S,
    explained_by=("F65", "F91", "F50"),
    touches=(_BILLED_PAYMENT, _ALLOCATED),
    select="""
        SELECT /*root o*/, o.currency, free.minor AS money_minor,
            coalesce(o.settled_at, o.created_at, o.version_at) AS happened_at,
            'all of ' || o.amount_minor || ' ' || o.currency || ' used' AS expected,
            free.minor || ' ' || o.currency || ' unused' AS found, 'amount_minor' AS field,
            /*at o*/,
            jsonb_build_array(jsonb_build_array(o.system, 'payment', o.record_id),
                jsonb_build_array(o.system, 'invoice', free.document_id)) AS records
        FROM canonical.payment o
        CROSS JOIN LATERAL (
            SELECT (o.amount_minor - coalesce(o.refunded_minor, 0) - coalesce(sum(a.amount_minor), 0))::bigint AS minor,
                min(a.document_id) AS document_id
            FROM canonical.allocation a
            WHERE a.system = o.system AND a.payment_id = o.record_id AND a.deleted_at IS NULL
                AND a.status IS DISTINCT FROM 'failed' AND a.status IS DISTINCT FROM 'reversed'
        ) free
        WHERE o.system = ANY(:billing) /*roots o*/ AND o.deleted_at IS NULL AND o.status = 'succeeded'
            AND free.minor > 0
    """,
    meaning="Money of a customer lies unused: a liability, and invoices that could be paid.",
    wrong_when="part of a succeeded payment is on no invoice and was not given back, seven days later",
    money="the unused part",
    sentence="Of payment {root_id}, {money} was used for no invoice and not given back.",
    advice="Apply it to the customer's open invoices, or refund it.",
)
"""Five business days from when the money came."""

_AT_ONCE = "('card', 'apple_pay', 'google_pay', 'amazon_payments', 'paypal_express_checkout')"
"""Methods whose answer comes at once. Source: apidocs.chargebee.com/docs/api/transactions (payment_method)."""

STATE_UNKNOWN = Rule(
    class_="F66",
    title="Billing does not know what became of a payment",
    role="billing",
    entity="payment",
    needs=(("billing", "payment"), ("payments", "payment")),
    hop="payments->billing",
    owner="FI",
    kind=Kind.CASH,
    lag_s=HOUR_S,
    explained_by=("F60", "F61"),
    touches=(_BILLED_PAYMENT, _AT_PROCESSOR, _ALLOCATED),
    select=f"""
        SELECT /*root o*/, o.currency, o.amount_minor AS money_minor,
            coalesce(p.created_at, o.created_at, o.version_at) AS happened_at,
            coalesce(nullif(p.status, 'pending'), 'succeeded or failed') AS expected, o.status AS found,
            'status' AS field, /*at o*/,
            jsonb_build_array(jsonb_build_array(o.system, 'payment', o.record_id),
                jsonb_build_array(p.system, 'payment', p.record_id),
                jsonb_build_array(o.system, 'invoice', a.document_id)) AS records
        FROM canonical.payment o
        LEFT JOIN LATERAL (
            SELECT q.system, q.record_id, q.status, q.created_at FROM canonical.payment q
            WHERE q.system = ANY(:payments) AND q.deleted_at IS NULL
                AND split_part(o.copy_of, ':', 2) IN (q.record_id, q.intent_id)
            ORDER BY q.created_at DESC, q.record_id LIMIT 1
        ) p ON true
        LEFT JOIN LATERAL (
            SELECT min(l.document_id) AS document_id FROM canonical.allocation l
            WHERE l.system = o.system AND l.payment_id = o.record_id AND l.deleted_at IS NULL
        ) a ON true
        WHERE o.system = ANY(:billing) /*roots o*/ AND o.deleted_at IS NULL AND o.status = 'pending'
            AND (p.status <> 'pending' OR o.method IN {_AT_ONCE})
    """,
    meaning="Billing waits for an answer that was given long ago or will not come, so nobody collects or stops asking.",
    wrong_when="a payment is pending in billing an hour after it was made, and the processor decided it, or it is by a "
    "method that answers at once",
    money="the payment's amount",
    sentence="Billing still waits for payment {root_id} over {money}, which should have succeeded or failed long ago.",
    advice="Ask the processor what became of it, and record that; do not charge again before.",
)

PENDING_TOO_LONG = Rule(
    class_="F66",
    title="Payment under way for too long",
    role="payments",
    entity="payment",
    needs=(("payments", "payment"), ("billing", "payment")),
    hop="payments",
    owner="FI",
    kind=Kind.CASH,
    lag_s=7 * DAY_S,
    touches=(
        Touch(role="payments", entity="payment", root="c.record_id"),
        Touch(
            role="billing",
            entity="payment",
            root="p.record_id",
            join="JOIN canonical.payment p ON p.system = ANY(:payments) "
            "AND split_part(c.copy_of, ':', 2) IN (p.record_id, p.intent_id)",
        ),
    ),
    select=f"""
        SELECT /*root p*/, p.currency, p.amount_minor AS money_minor,
            coalesce(p.created_at, p.version_at, p.observed_at) AS happened_at, 'succeeded or failed' AS expected,
            p.status AS found, 'status' AS field, /*at p*/,
            jsonb_build_array(jsonb_build_array(p.system, 'payment', p.record_id)) AS records
        FROM canonical.payment p
        WHERE p.system = ANY(:payments) /*roots p*/ AND p.deleted_at IS NULL AND p.status = 'pending'
            AND NOT EXISTS (SELECT FROM canonical.payment o WHERE o.system = ANY(:billing) AND o.deleted_at IS NULL
                AND o.copy_of IN ('payments:' || p.record_id, 'payments:' || p.intent_id)
                AND o.status = 'pending' AND o.method IN {_AT_ONCE})
    """,
    meaning="A payment is neither taken nor refused.",
    wrong_when="the processor shows a payment as pending seven days after it was made; one by a method that answers at "
    "once is billing's to ask about after an hour",
    money="the payment's amount",
    sentence="Payment {root_id} over {money} has been under way for more than a week.",
    advice="Ask the bank or the processor; capture or release an amount that is only authorized.",
)

RULES = (OVERPAID, STATE_UNKNOWN, PENDING_TOO_LONG)
