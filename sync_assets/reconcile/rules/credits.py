"""Rules about what billing credits on its own invoices."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import Rule, Touch

_COUNTS = "{0}.deleted_at IS NULL AND NOT {0}.is_void AND {0}.status <> 'draft' AND {0}.currency = b.currency"

_REPEATED = f"""
    SELECT sum(n.total_minor)::bigint AS minor, min(n.total_minor) AS each_minor, min(n.reason) AS reason,
        max(n.issued_at) AS issued_at, max(n.record_id) AS last_id
    FROM canonical.credit_note n
    WHERE noted.count > 1 AND n.system = b.system AND n.invoice_id = b.record_id AND {_COUNTS.format("n")}
        AND lower(n.reason) NOT LIKE 'subscription%'
        AND EXISTS (SELECT FROM canonical.credit_note f
            WHERE f.system = n.system AND f.invoice_id = n.invoice_id AND {_COUNTS.format("f")}
                AND f.reason = n.reason AND f.kind = n.kind AND f.total_minor = n.total_minor
                AND (f.issued_at, f.record_id) < (n.issued_at, n.record_id)
                AND f.issued_at >= n.issued_at - interval '1 day')
"""
"""Notes of an invoice `b` that say what one of the day before says. Credits of a subscription's changes are left out:
two seats given up on one day are two notes of one amount.

Source: apidocs.chargebee.com/docs/api/credit_notes (reason_code subscription_change, subscription_cancellation).
"""

OVER_CREDITED = Rule(
    class_="F56",
    title="More was credited than invoiced, or the same twice",
    role="billing",
    entity="invoice",
    needs=(("billing", "invoice"), ("billing", "credit_note")),
    hop="billing",
    owner="FI",
    kind=Kind.LEAK,
    lag_s=0,
    touches=(
        Touch(role="billing", entity="invoice", root="c.record_id"),
        Touch(role="billing", entity="credit_note", root="c.invoice_id"),
    ),
    select=f"""
        SELECT /*root b*/, b.currency,
            CASE WHEN wrong.is_over THEN noted.total_minor - b.total_minor ELSE again.minor END AS money_minor,
            CASE WHEN wrong.is_over THEN noted.issued_at ELSE again.issued_at END AS happened_at,
            CASE WHEN wrong.is_over THEN 'at most ' || b.total_minor
                ELSE 'one note over ' || again.each_minor || ' for ' || again.reason END AS expected,
            noted.total_minor || ' in ' || noted.count || ' notes' AS found,
            'total_minor' AS field, b.system AS at_system, wrong.last_id AS at_record_id,
            jsonb_build_array(b.system, 'credit_note', wrong.last_id) AS evidence,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
                jsonb_build_array(b.system, 'credit_note', wrong.last_id)) AS records
        FROM canonical.invoice b
        CROSS JOIN LATERAL (
            SELECT sum(n.total_minor)::bigint AS total_minor, count(*) AS count, max(n.issued_at) AS issued_at,
                (array_agg(n.record_id ORDER BY n.issued_at DESC NULLS LAST, n.record_id DESC))[1] AS last_id
            FROM canonical.credit_note n
            WHERE n.system = b.system AND n.invoice_id = b.record_id AND {_COUNTS.format("n")}
        ) noted
        LEFT JOIN LATERAL ({_REPEATED}) again ON true
        CROSS JOIN LATERAL (
            SELECT noted.total_minor > b.total_minor AS is_over,
                CASE WHEN noted.total_minor > b.total_minor THEN noted.last_id ELSE again.last_id END AS last_id
        ) wrong
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL
            AND (wrong.is_over OR again.minor > 0 AND noted.total_minor < b.total_minor)
    """,
    meaning="More was given back on an invoice than it asked for, or than was meant.",
    wrong_when="the credit notes of an invoice that are not void make more than its total, or make less and one says "
    "what another of the day before says: kind, reason and amount",
    money="the notes' sum less the invoice's total, or the notes that repeat another",
    sentence="Invoice {root_id} was credited {found}, but {expected} was to be expected; {money} too much.",
    advice="Void the note too many before it is refunded or used, and look what issued it again.",
)

RULES = (OVER_CREDITED,)
