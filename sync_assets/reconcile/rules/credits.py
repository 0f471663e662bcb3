"""Rules about what billing credits on its own invoices."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import Rule, Touch

OVER_CREDITED = Rule(
    class_="F56",
    title="More was credited than invoiced",
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
    select="""
        SELECT /*root b*/, b.currency,
            noted.total_minor - b.total_minor AS money_minor, noted.issued_at AS happened_at,
            'at most ' || b.total_minor AS expected, noted.total_minor || ' in ' || noted.count || ' notes' AS found,
            'total_minor' AS field, b.system AS at_system, noted.last_id AS at_record_id,
            jsonb_build_array(b.system, 'credit_note', noted.last_id) AS evidence,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
                jsonb_build_array(b.system, 'credit_note', noted.last_id)) AS records
        FROM canonical.invoice b
        CROSS JOIN LATERAL (
            SELECT sum(n.total_minor)::bigint AS total_minor, count(*) AS count, max(n.issued_at) AS issued_at,
                (array_agg(n.record_id ORDER BY n.issued_at DESC NULLS LAST, n.record_id DESC))[1] AS last_id
            FROM canonical.credit_note n
            WHERE n.system = b.system AND n.invoice_id = b.record_id AND n.deleted_at IS NULL AND NOT n.is_void
                AND n.status <> 'draft' AND n.currency = b.currency
        ) noted
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND noted.total_minor > b.total_minor
    """,
    meaning="More was given back on an invoice than it asked for.",
    wrong_when="the credit notes of an invoice that are not void make more than its total",
    money="the notes' sum less the invoice's total",
    sentence="Invoice {root_id} was credited {found}, {money} more than it says.",
    advice="Void the note too many before it is refunded or used, and look what issued it again.",
)

RULES = (OVER_CREDITED,)
