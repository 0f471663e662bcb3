"""Rules about money that goes back: refunds that failed or went too far, chargebacks nobody booked or paid twice."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import DAY_S, Rule, Touch

_TRIED_AGAIN = """EXISTS (
    SELECT FROM canonical.refund x
    LEFT JOIN canonical.refund z ON z.system = ANY(:payments) AND z.record_id = split_part(x.copy_of, ':', 2)
    WHERE x.system = r.system AND x.payment_id = r.payment_id AND x.credit_note_id = r.credit_note_id
        AND x.deleted_at IS NULL AND x.record_id <> r.record_id
        AND (x.status = 'succeeded' AND z.status IS DISTINCT FROM 'failed'
            OR (x.refunded_at, x.record_id) > (r.refunded_at, r.record_id))
)"""
"""Another refund of the note went through, or was tried later: then that one says what is owed."""

_OWED = f"""
    SELECT r.record_id AS root_id, n.system || ':' || n.record_id AS entity_id,
        n.system || ':' || n.customer_id AS customer_id, r.currency, {{money}} AS money_minor,
        r.refunded_at AS happened_at, r.amount_minor || ' ' || r.currency || ' given back' AS expected,
        'the refund failed' AS found, 'status' AS field, /*at r*/,
        jsonb_build_array(jsonb_build_array(n.system, 'credit_note', n.record_id),
            jsonb_build_array(r.system, 'refund', r.record_id),
            jsonb_build_array(p.system, 'refund', p.record_id)) AS records
    FROM canonical.refund r
    JOIN canonical.credit_note n ON n.system = r.system AND n.record_id = r.credit_note_id AND n.deleted_at IS NULL
        AND NOT n.is_void AND n.kind = 'refundable'
    LEFT JOIN canonical.refund p ON p.system = ANY(:payments) AND p.record_id = split_part(r.copy_of, ':', 2)
        AND p.deleted_at IS NULL
    WHERE r.system = ANY(:billing) /*roots r*/ AND r.deleted_at IS NULL AND NOT {_TRIED_AGAIN} AND {{condition}}
"""
_OF_ONE_PAYMENT = "JOIN canonical.refund x ON x.system = {0}.system AND x.payment_id = {0}.payment_id"
_OF_NOTE = "JOIN canonical.refund r ON r.system = ANY(:billing) AND r.copy_of = 'payments:' || c.record_id "


def _not_refunded(hop: str, money: str, condition: str) -> Rule:
    return Rule(
        class_="F68",
        title="Credit note to be refunded, but the money never went back",
        role="billing",
        entity="credit_note",
        needs=(("billing", "credit_note"), ("billing", "refund"), ("payments", "refund")),
        hop=hop,
        owner="FI",
        kind=Kind.OVER,
        lag_s=7 * DAY_S,
        touches=(
            Touch(role="billing", entity="refund", root="c.record_id"),
            Touch(role="billing", entity="refund", root="x.record_id", join=_OF_ONE_PAYMENT.format("c")),
            Touch(
                role="billing",
                entity="credit_note",
                root="r.record_id",
                join="JOIN canonical.allocation a ON a.system = c.system AND a.document_id = c.invoice_id "
                "JOIN canonical.refund r ON r.system = c.system AND r.payment_id = a.payment_id "
                "AND r.credit_note_id = c.record_id",
            ),
            Touch(role="payments", entity="refund", root="x.record_id", join=_OF_NOTE + _OF_ONE_PAYMENT.format("r")),
        ),
        select=_OWED.format(money=money, condition=condition),
        meaning="A customer was promised money that never arrived.",
        wrong_when="the refund of a refundable credit note failed, in billing or at the processor, and none after it "
        "went through",
        money="what the refund was to give back, as far as the note still owes it",
        sentence="A refund ({at_record_id}) of {money} was promised by a credit note, but failed; it is still owed.",
        advice="Refund it again, to another account where the old one is closed.",
    )


_TOO_MUCH = """
    SELECT /*root r*/, r.currency, wrong.minor AS money_minor,
        r.refunded_at AS happened_at, wrong.expected, wrong.found, 'amount_minor' AS field,
        /*at r*/,
        jsonb_build_array(jsonb_build_array(r.system, 'refund', r.record_id),
            jsonb_build_array(p.system, 'payment', p.record_id)) AS records
    FROM canonical.refund r
    JOIN canonical.payment p ON p.system = r.system AND p.record_id = r.payment_id AND p.deleted_at IS NULL
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(x.amount_minor) FILTER (WHERE x.status = 'succeeded'), 0)::bigint AS back_minor,
            coalesce(bool_or(x.status = 'succeeded' AND (x.refunded_at, x.record_id) > (r.refunded_at, r.record_id)),
                false) AS is_followed
        FROM canonical.refund x
        WHERE x.system = r.system AND x.payment_id = r.payment_id AND x.deleted_at IS NULL
    ) others
    CROSS JOIN LATERAL (
        SELECT others.back_minor - p.amount_minor AS minor,
            'at most ' || p.amount_minor || ' ' || p.currency || ' given back' AS expected,
            others.back_minor || ' ' || p.currency || ' given back' AS found
        WHERE r.status = 'succeeded' AND others.back_minor > p.amount_minor
        UNION ALL
        SELECT r.amount_minor, 'a refund that arrives', 'the refund failed'
        WHERE r.status = 'failed' AND {is_failed_told}
    ) wrong
    WHERE r.system = ANY(:{role}) /*roots r*/ AND r.deleted_at IS NULL AND NOT others.is_followed
"""
_UNKNOWN_TO_BILLING = """NOT EXISTS (SELECT FROM canonical.refund b
    WHERE b.system = ANY(:billing) AND b.copy_of = 'payments:' || r.record_id AND b.deleted_at IS NULL)"""


def _too_much(role: str, is_failed_told: str, *touches: Touch) -> Rule:
    return Rule(
        class_="F69",
        title="Refund that failed, or more given back than was paid",
        role=role,
        entity="refund",
        needs=((role, "refund"), (role, "payment"), *((touch.role, touch.entity) for touch in touches)),
        hop=role,
        owner="FI",
        kind=Kind.CASH,
        lag_s=DAY_S,
        explained_by=("F68", "F70"),
        touches=(
            Touch(role=role, entity="refund", root="x.record_id", join=_OF_ONE_PAYMENT.format("c")),
            Touch(
                role=role,
                entity="payment",
                root="x.record_id",
                join="JOIN canonical.refund x ON x.system = c.system AND x.payment_id = c.record_id",
            ),
            *touches,
        ),
        select=_TOO_MUCH.format(role=role, is_failed_told=is_failed_told),
        meaning="A refund did not arrive, or more went back than had been paid.",
        wrong_when="the refunds of a payment make more than the payment, or a refund failed at the processor that "
        "billing does not know of",
        money="what exceeds the payment, or the refund that failed",
        sentence="Refund {root_id}: {expected} expected, {found}; {money} off.",
        advice="Ask for what was given back too much; send what failed to another account of the customer.",
    )


RULES = (
    _not_refunded(
        "billing->payments",
        "least(r.amount_minor, coalesce(n.available_minor, r.amount_minor))",
        "r.status = 'failed' AND n.status = 'open' AND coalesce(n.available_minor, r.amount_minor) > 0",
    ),
    _not_refunded("payments->billing", "r.amount_minor", "r.status = 'succeeded' AND p.status IN ('failed', 'void')"),
    _too_much("billing", "false"),
    _too_much(
        "payments",
        _UNKNOWN_TO_BILLING,
        Touch(role="billing", entity="refund", root="split_part(c.copy_of, ':', 2)"),
    ),
)
