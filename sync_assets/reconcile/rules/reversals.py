"""Rules about what billing took back and the ERP still holds: credits, payments that failed later, bad debts."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import DAY_S, HOUR_S, Queue, Rule, Touch

CREDIT_NOT_IN_ERP = Rule(
    class_="F102",
    title="Credited in billing, not in the ERP",
    role="billing",
    entity="credit_note",
    needs=(("billing", "credit_note"), ("erp", "credit_note"), ("erp", "invoice")),
    hop="billing->erp",
    owner="DE",
    kind=Kind.MISSTATE,
    lag_s=HOUR_S,
    explained_by=("F51", "F75", "F94"),
    queue=Queue(role="erp", entity="credit_note", field="copy_of", name="billing:{root_id}"),
    touches=(
        Touch(role="billing", entity="credit_note", root="c.record_id"),
        Touch(role="erp", entity="credit_note", root="split_part(c.copy_of, ':', 2)"),
    ),
    select="""
        SELECT /*root b*/, b.currency, b.total_minor AS money_minor,
            coalesce(b.issued_at, b.version_at) AS happened_at,
            'a credit memo over ' || b.total_minor || ' ' || b.currency AS expected, 'none' AS found,
            'posting' AS field, (:erp)[1] AS at_system, CAST(NULL AS text) AS at_record_id,
            jsonb_build_array(jsonb_build_array(b.system, 'credit_note', b.record_id),
                jsonb_build_array(b.system, 'invoice', b.invoice_id)) AS records
        FROM canonical.credit_note b
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND NOT b.is_void
            AND b.status <> 'draft' AND b.total_minor <> 0 AND b.reason IS DISTINCT FROM 'write_off'
            AND NOT EXISTS (SELECT FROM canonical.credit_note e
                WHERE e.system = ANY(:erp) AND e.copy_of = 'billing:' || b.record_id AND e.deleted_at IS NULL)
    """,
    meaning="What billing credited still counts as revenue and receivable.",
    wrong_when="a credit note that is issued and no write-off has no copy in the ERP an hour later",
    money="the credit note's total",
    sentence="Credit note {root_id} over {money} was issued in billing, but the ERP still holds the whole amount.",
    advice="Post the credit memo in the ERP; look why the reversal was not sent.",
)
"""A credit note that writes an invoice off is a bad debt. Source: apidocs.chargebee.com/docs/api/credit_notes."""

PAYMENT_STANDS_IN_ERP = Rule(
    class_="F102",
    title="Payment failed or void in billing, standing in the ERP",
    role="billing",
    entity="payment",
    needs=(("billing", "payment"), ("erp", "payment")),
    hop="billing->erp",
    owner="DE",
    kind=Kind.MISSTATE,
    lag_s=HOUR_S,
    touches=(
        Touch(role="billing", entity="payment", root="c.record_id"),
        Touch(role="erp", entity="payment", root="split_part(c.copy_of, ':', 2)"),
    ),
    select="""
        SELECT /*root b*/, b.currency, b.amount_minor AS money_minor,
            coalesce(b.version_at, b.observed_at) AS happened_at, b.status AS expected, e.status AS found,
            'status' AS field, /*at e*/,
            jsonb_build_array(jsonb_build_array(b.system, 'payment', b.record_id),
                jsonb_build_array(e.system, 'payment', e.record_id),
                jsonb_build_array(b.system, 'invoice', b.invoice_id)) AS records
        FROM canonical.payment b
        JOIN canonical.payment e ON e.system = ANY(:erp) AND e.copy_of = 'billing:' || b.record_id
            AND e.deleted_at IS NULL AND e.status IN ('succeeded', 'refunded')
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND b.status IN ('failed', 'void')
    """,
    meaning="A payment that failed still counts in the books, so its invoice looks paid.",
    wrong_when="a payment that is failed or void in billing is a succeeded one in the ERP an hour later",
    money="the payment's amount",
    sentence="Payment {root_id} over {money} is {expected} in billing, but still counts in the ERP.",
    advice="Void the payment in the ERP, so that its invoice is open again.",
)

_LOST = "coalesce(nullif(b.written_off_minor, 0), CASE WHEN b.status = 'uncollectible' THEN b.due_minor END, 0)"

WRITTEN_OFF_ALONE = Rule(
    class_="F94",
    title="Written off in billing, open in the ERP",
    role="billing",
    entity="invoice",
    needs=(("billing", "invoice"), ("erp", "invoice")),
    hop="billing->erp",
    owner="FI",
    kind=Kind.MISSTATE,
    lag_s=7 * DAY_S,
    explained_by=("F50", "F51"),
    touches=(
        Touch(role="billing", entity="invoice", root="c.record_id"),
        Touch(role="erp", entity="invoice", root="split_part(c.copy_of, ':', 2)"),
    ),
    select=f"""
        SELECT /*root b*/, b.currency,
            least({_LOST}, coalesce(e.due_minor, {_LOST})) AS money_minor,
            coalesce(b.paid_at, b.version_at, b.observed_at) AS happened_at,
            {_LOST} || ' ' || b.currency || ' written off' AS expected,
            e.due_minor || ' ' || e.currency || ' open' AS found, 'written_off_minor' AS field,
            /*at e*/,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
                jsonb_build_array(e.system, 'invoice', e.record_id)) AS records
        FROM canonical.invoice b
        JOIN canonical.invoice e ON e.system = ANY(:erp) AND e.copy_of = 'billing:' || b.record_id
            AND e.deleted_at IS NULL AND NOT e.is_void AND e.status = 'open'
            AND e.due_minor > coalesce(CASE WHEN b.status <> 'uncollectible' THEN b.due_minor END, 0)
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND NOT b.is_void AND {_LOST} > 0
    """,
    meaning="Billing gave an amount up that the ERP still expects.",
    wrong_when="an invoice is written off or uncollectible in billing and open in the ERP, seven days later",
    money="what was given up, at most what is open in the ERP",
    sentence="Of invoice {root_id}, {money} was given up in billing, but the ERP still expects it.",
    advice="Write it off in the ERP too, with the approval that billing's write-off had.",
)
"""Five business days for the other side to follow."""

RULES = (CREDIT_NOT_IN_ERP, PAYMENT_STANDS_IN_ERP, WRITTEN_OFF_ALONE)
