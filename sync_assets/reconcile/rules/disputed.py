"""Rules about chargebacks: that the books know of them, and that nobody is paid back twice."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import DAY_S, Queue, Rule, Touch

_STANDS = "d.status IN ('needs_response', 'under_review', 'lost')"
"""Disputes whose money is gone: not won, and not a mere inquiry. Source: docs.stripe.com/api/disputes/object."""

_OPENED = "coalesce(d.opened_at, d.version_at, d.observed_at)"

PAID_BACK_TWICE = Rule(
    class_="F70",
    title="Refunded and charged back",
    role="payments",
    entity="dispute",
    needs=(("payments", "dispute"), ("payments", "refund"), ("payments", "payment")),
    hop="payments",
    owner="FI",
    kind=Kind.CASH,
    lag_s=DAY_S,
    touches=(
        Touch(role="payments", entity="dispute", root="c.record_id"),
        Touch(
            role="payments",
            entity="refund",
            root="d.record_id",
            join="JOIN canonical.dispute d ON d.system = c.system AND d.payment_id = c.payment_id",
        ),
        Touch(
            role="payments",
            entity="payment",
            root="d.record_id",
            join="JOIN canonical.dispute d ON d.system = c.system AND d.payment_id = c.record_id",
        ),
    ),
    select=f"""
        SELECT d.record_id AS root_id, d.system || ':' || d.record_id AS entity_id,
            p.system || ':' || p.customer_id AS customer_id, d.currency,
            least(d.amount_minor, back.minor + d.amount_minor - p.amount_minor) AS money_minor,
            greatest({_OPENED}, back.at) AS happened_at,
            'at most ' || p.amount_minor || ' ' || p.currency || ' given back' AS expected,
            (back.minor + d.amount_minor) || ' ' || d.currency || ' given back' AS found, 'amount_minor' AS field,
            /*at d*/,
            jsonb_build_array(jsonb_build_array(d.system, 'dispute', d.record_id),
                jsonb_build_array(p.system, 'payment', p.record_id),
                jsonb_build_array(d.system, 'refund', back.refund_id)) AS records
        FROM canonical.dispute d
        JOIN canonical.payment p ON p.system = d.system AND p.record_id = d.payment_id AND p.deleted_at IS NULL
        CROSS JOIN LATERAL (
            SELECT sum(r.amount_minor)::bigint AS minor, max(r.refunded_at) AS at, max(r.record_id) AS refund_id
            FROM canonical.refund r
            WHERE r.system = d.system AND r.payment_id = d.payment_id AND r.status = 'succeeded'
                AND r.deleted_at IS NULL
        ) back
        WHERE d.system = ANY(:payments) /*roots d*/ AND d.deleted_at IS NULL AND {_STANDS}
            AND back.minor + d.amount_minor > p.amount_minor
    """,
    meaning="A payment was refunded, and the bank took it back as well.",
    wrong_when="refunds and a dispute that stands make more than the payment",
    money="what exceeds the payment, at most the disputed amount",
    sentence="Payment of dispute {root_id} was refunded and charged back as well; {money} went back twice.",
    advice="Answer the dispute with the proof of the refund before its evidence is due.",
)

_AMOUNTS = "d.amount_minor, d.amount_minor + d.cost_minor"
"""What a booking of the dispute may be over: the amount alone, or with the dispute's fee."""

_OF_ANOTHER = """EXISTS (
    SELECT FROM canonical.customer k
    JOIN canonical.customer h ON h.system = d.system AND h.record_id = d.customer_id AND h.copy_of <> k.copy_of
    LEFT JOIN canonical.customer own ON own.system = k.system AND own.copy_of = h.copy_of AND own.deleted_at IS NULL
    WHERE k.system = j.system AND k.record_id = j.customer_id AND own.parent_id IS DISTINCT FROM k.record_id
)"""
"""The journal `j` names a customer, who is neither the one whose payment was disputed nor that one's parent."""

_NAMES_ANOTHER = """EXISTS (
    SELECT FROM canonical.dispute z
    WHERE z.system = d.system AND z.record_id <> d.record_id AND strpos(j.words, z.record_id) > 0
        AND strpos(j.words, d.record_id) = 0
)"""
"""The journal `j` names a dispute, and not this one."""

_DEPOSITED = f"""EXISTS (
    SELECT FROM canonical.settlement s
    JOIN canonical.payout e ON e.system = ANY(:erp) AND e.copy_of = 'payments:' || s.payout_id AND e.deleted_at IS NULL
    JOIN canonical.document_line l ON l.system = e.system AND l.document_id = e.record_id AND l.deleted_at IS NULL
        AND coalesce(l.currency, e.currency) = d.currency AND abs(l.amount_minor) IN ({_AMOUNTS})
    WHERE s.system = d.system AND s.source_id = d.record_id AND s.deleted_at IS NULL
)"""
_UNDONE = """EXISTS (
    SELECT FROM canonical.payment t
    JOIN canonical.payment e ON e.system = ANY(:erp) AND e.copy_of = 'billing:' || t.record_id
        AND (e.status IN ('void', 'failed') OR EXISTS (SELECT FROM canonical.refund r
            JOIN canonical.refund b ON b.system = e.system AND b.copy_of = 'billing:' || r.record_id
                AND b.deleted_at IS NULL AND b.status = 'succeeded'
            WHERE r.system = t.system AND r.payment_id = t.record_id AND r.deleted_at IS NULL))
    WHERE t.system = ANY(:billing) AND t.deleted_at IS NULL
        AND t.copy_of IN ('payments:' || d.payment_id, 'payments:' || d.intent_id)
)"""
"""The ERP knows of a dispute by a deposit's line over its amount in its currency, by a void payment, or by a refund of
billing."""

_JOURNALS = f"""
    WITH gone AS MATERIALIZED (
        SELECT d.* FROM (
            SELECT d.system, d.record_id, d.payment_id, d.currency, d.amount_minor, {_OPENED} AS opened_at,
                {_OPENED}::date - 1 AS booked_from, {_OPENED}::date + 45 AS booked_until,
                (SELECT coalesce(sum(s.fee_minor), 0)::bigint FROM canonical.settlement s WHERE s.system = d.system
                    AND s.source_id = d.record_id AND s.deleted_at IS NULL AND s.amount_minor < 0) AS cost_minor,
                p.customer_id, p.intent_id, p.record_id AS known_payment_id
            FROM canonical.dispute d
            LEFT JOIN canonical.payment p ON p.system = d.system AND p.record_id = d.payment_id
            WHERE d.system = ANY(:payments) /*roots d*/ AND d.deleted_at IS NULL AND {_STANDS}
        ) d
        WHERE NOT ({_DEPOSITED} OR {_UNDONE})
    ), journal AS MATERIALIZED (
        SELECT j.system, j.customer_id, concat_ws(' ', j.external_id, j.memo) AS words, j.issued_on, m.starts_on,
            m.ends_on, abs(l.amount_minor) AS minor, coalesce(l.currency, j.currency) AS currency
        FROM canonical.period m
        JOIN canonical.journal j ON j.system = m.system AND j.period_id = m.record_id AND j.deleted_at IS NULL
            AND coalesce(j.is_posted, false)
        JOIN canonical.document_line l ON l.system = j.system AND l.document_id = j.record_id AND l.deleted_at IS NULL
            AND NOT coalesce(l.recognition, false)
        WHERE m.system = ANY(:erp)
            AND EXISTS (SELECT FROM gone WHERE m.ends_on >= booked_from AND m.starts_on <= booked_until)
            AND (coalesce(l.currency, j.currency), abs(l.amount_minor)) IN (
                SELECT d.currency, over.minor FROM gone d CROSS JOIN LATERAL unnest(ARRAY[{_AMOUNTS}]) AS over (minor))
    )
"""
"""Disputes whose money is gone, and the lines of journals over their amounts, each journal looked at once however many
disputes there are. A journal that recognises revenue is about no dispute."""

NOT_BOOKED = Rule(
    class_="F70",
    title="Chargeback not booked",
    role="payments",
    entity="dispute",
    needs=(
        ("payments", "dispute"),
        ("payments", "payment"),
        ("payments", "settlement"),
        ("payments", "customer"),
        ("erp", "customer"),
        ("erp", "journal"),
        ("erp", "document_line"),
        ("erp", "payout"),
    ),
    hop="payments->erp",
    owner="FI",
    kind=Kind.MISSTATE,
    lag_s=DAY_S,
    is_growing=True,
    touches=(
        Touch(role="payments", entity="dispute", root="c.record_id"),
        Touch(role="payments", entity="settlement", root="c.source_id"),
        Touch(
            role="payments",
            entity="payment",
            root="d.record_id",
            join="JOIN canonical.dispute d ON d.system = c.system AND d.payment_id = c.record_id",
        ),
    ),
    queue=Queue(role="erp", entity="journal"),
    select=f"""
        {_JOURNALS}
        SELECT d.record_id AS root_id, d.system || ':' || d.record_id AS entity_id,
            d.system || ':' || d.customer_id AS customer_id, d.currency, d.amount_minor + d.cost_minor AS money_minor,
            d.opened_at AS happened_at, 'a booking over ' || d.amount_minor || ' ' || d.currency AS expected,
            'none' AS found, 'posting' AS field, (:erp)[1] AS at_system, CAST(NULL AS text) AS at_record_id,
            jsonb_build_array(jsonb_build_array(d.system, 'dispute', d.record_id),
                jsonb_build_array(d.system, 'payment', d.known_payment_id)) AS records
        FROM gone d
        WHERE NOT EXISTS (SELECT FROM journal j
            WHERE j.currency = d.currency AND j.minor IN ({_AMOUNTS}) AND j.issued_on >= d.booked_from
                AND j.ends_on >= d.booked_from AND j.starts_on <= d.booked_until AND NOT {_OF_ANOTHER}
                AND NOT {_NAMES_ANOTHER})
    """,
    meaning="A bank took money back and the books still count it.",
    wrong_when="a dispute whose money is gone has no journal or deposit line over its amount in its currency, no void "
    "payment and no refund in the ERP a day later; a journal of another customer, or that names another dispute, is "
    "not its booking",
    money="the disputed amount and the dispute's fee",
    sentence="Dispute {root_id} took {money} with its fee, but the books know nothing of it.",
    advice="Book the chargeback, reopen what the customer owes, and answer it before its evidence is due.",
)
"""What the ERP books is looked for again while the break is open: few bookings name their dispute."""

RULES = (PAID_BACK_TWICE, NOT_BOOKED)
