"""Rules about billing's documents with a loose end: a draft nobody finishes, a credit without cause or without use.

Not here: documents that the ERP lacks (documents.py, credits.py), and credits beyond their invoice (credits.py).
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import DAY_S, HOUR_S, Rule, Touch

_NOTE = Touch(role="billing", entity="credit_note", root="c.record_id")

DRAFT_STUCK = Rule(
    class_="F58",
    title="An invoice stays a draft",
    role="billing",
    entity="invoice",
    needs=(("billing", "invoice"),),
    hop="billing",
    owner="FI",
    kind=Kind.CASH,
    lag_s=DAY_S,
    touches=(Touch(role="billing", entity="invoice", root="c.record_id"),),
    select="""
        SELECT /*root b*/, b.currency, b.total_minor AS money_minor,
            coalesce(b.issued_at, b.version_at) AS happened_at, 'issued' AS expected, b.status AS found,
            'status' AS field, /*at b*/,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
                jsonb_build_array(b.system, 'subscription', b.subscription_id)) AS records
        FROM canonical.invoice b
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND b.status = 'draft'
            AND b.total_minor <> 0
    """,
    meaning="An invoice was drawn up and nobody asked the customer to pay it.",
    wrong_when="an invoice over more than nothing is still a draft a day after its date",
    money="the invoice's total",
    sentence="Invoice {root_id} over {money} was drawn up but never issued, so the customer was not asked to pay.",
    advice="Close the draft so that it is issued; look what holds it: usage that is awaited, an address, a tax error.",
)
"""A draft may wait a day for usage.

Source: apidocs.chargebee.com/docs/api/invoices (status `pending`: not closed yet, more charges may be added).
"""

CREDIT_WITHOUT_CAUSE = Rule(
    class_="F55",
    title="A credit note without cause",
    role="billing",
    entity="credit_note",
    needs=(("billing", "credit_note"),),
    hop="billing",
    owner="FI",
    kind=Kind.LEAK,
    lag_s=HOUR_S,
    touches=(_NOTE,),
    select="""
        SELECT /*root b*/, b.currency, b.total_minor AS money_minor,
            coalesce(b.issued_at, b.version_at) AS happened_at,
            CASE WHEN lacks.invoice THEN 'the invoice it corrects' ELSE 'a reason' END AS expected, 'none' AS found,
            CASE WHEN lacks.invoice THEN 'invoice_id' ELSE 'reason' END AS field,
            /*at b*/,
            jsonb_build_array(jsonb_build_array(b.system, 'credit_note', b.record_id),
                jsonb_build_array(b.system, 'invoice', b.invoice_id)) AS records
        FROM canonical.credit_note b
        CROSS JOIN LATERAL (
            SELECT b.invoice_id IS NULL AND b.kind IS DISTINCT FROM 'store' AS invoice,
                coalesce(btrim(b.reason), '') = '' AS reason
        ) lacks
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND NOT b.is_void
            AND b.status <> 'draft' AND b.total_minor <> 0 AND (lacks.invoice OR lacks.reason)
    """,
    meaning="Money was given away and nobody can say what for.",
    wrong_when="an issued credit note names no invoice, store credit aside, or no reason",
    money="the credit note's total",
    sentence="Credit note {root_id} gives {money} away, and {expected} is not recorded.",
    advice="Ask who made the note and why; record the cause in a note of its own, or void the credit.",
)
"""Store credit corrects no invoice, its reason is all the cause there is.

Source: apidocs.chargebee.com/docs/api/credit_notes (type, reference_invoice_id and reason codes, all but the type
optional).
"""

CREDIT_UNUSED = Rule(
    class_="F57",
    title="Credit that nobody uses",
    role="billing",
    entity="credit_note",
    needs=(("billing", "credit_note"),),
    hop="billing",
    owner="FI",
    kind=Kind.CASH,
    lag_s=30 * DAY_S,
    explained_by=("F56", "F55", "F68"),
    touches=(_NOTE,),
    select="""
        SELECT /*root b*/, b.currency, b.available_minor AS money_minor,
            coalesce(b.issued_at, b.version_at) AS happened_at,
            'used or paid back' AS expected, b.available_minor || ' ' || b.currency || ' left' AS found,
            'available_minor' AS field, /*at b*/,
            jsonb_build_array(jsonb_build_array(b.system, 'credit_note', b.record_id),
                jsonb_build_array(b.system, 'invoice', b.invoice_id)) AS records
        FROM canonical.credit_note b
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND NOT b.is_void
            AND b.status = 'open' AND b.kind = 'refundable' AND b.available_minor > 0
    """,
    meaning="A customer's credit lies unused: it was to pay an invoice or go back.",
    wrong_when="part of a refundable credit note is neither applied nor refunded 30 days after it was issued",
    money="what is left of the note",
    sentence="Of credit note {root_id}, {money} was neither set off against an invoice nor paid back.",
    advice="Apply the credit to an open invoice of the customer, or refund it.",
)
"""Store credit is bought or granted to be spent whenever its holder likes; no time limit holds for it."""

CREDIT_UNUSED_IN_ERP = Rule(
    class_="F57",
    title="Credit used in billing, free in the ERP",
    role="billing",
    entity="credit_note",
    needs=(("billing", "credit_note"), ("erp", "credit_note")),
    hop="billing->erp",
    owner="FI",
    kind=Kind.MISSTATE,
    lag_s=DAY_S,
    explained_by=("F56", "F51", "F24"),
    touches=(_NOTE, Touch(role="erp", entity="credit_note", root="split_part(c.copy_of, ':', 2)")),
    select="""
        SELECT /*root b*/, b.currency,
            least(e.available_minor, e.total_minor) - b.available_minor AS money_minor,
            greatest(b.issued_at, b.version_at) AS happened_at,
            b.available_minor || ' ' || b.currency || ' free' AS expected,
            e.available_minor || ' ' || e.currency || ' free' AS found, 'available_minor' AS field,
            /*at e*/,
            jsonb_build_array(jsonb_build_array(b.system, 'credit_note', b.record_id),
                jsonb_build_array(e.system, 'credit_note', e.record_id),
                jsonb_build_array(b.system, 'invoice', b.invoice_id)) AS records
        FROM canonical.credit_note b
        JOIN canonical.credit_note e ON e.system = ANY(:erp) AND e.copy_of = 'billing:' || b.record_id
            AND e.deleted_at IS NULL AND NOT e.is_void AND e.currency = b.currency
            AND e.available_minor > b.available_minor
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND NOT b.is_void
            AND b.status IN ('open', 'settled') AND b.total_minor = e.total_minor
    """,
    meaning="Credit that is used up in billing can be used once more in the ERP, and invoices look open there.",
    wrong_when="the ERP's copy of a credit note with the same total has more left than billing's note, a day later",
    money="what the ERP has left beyond billing",
    sentence="Billing has used {money} of credit note {root_id}, which the ERP still holds as free credit.",
    advice="Apply the credit memo in the ERP to the invoice, or to the refund, that billing used it for.",
)
"""Notes of unequal totals are another break's business."""

RULES = (DRAFT_STUCK, CREDIT_WITHOUT_CAUSE, CREDIT_UNUSED, CREDIT_UNUSED_IN_ERP)
