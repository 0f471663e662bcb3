"""Rules about the tax of a document: as billing charged it, and as the ERP owes it to the authority.

Not here: documents whose totals differ (copies.py), and the tax ids of customers (masters.py).
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import HOUR_S, Rule, Touch

_IS_LEFT_OUT = """(
    EXISTS (SELECT FROM canonical.document_line own WHERE own.system = e.system AND own.document_id = e.record_id
        AND own.deleted_at IS NULL)
    AND EXISTS (SELECT FROM canonical.invoice o
        JOIN canonical.document_line t ON t.system = o.system AND t.document_id = o.record_id AND t.tax
            AND t.amount_minor <> 0 AND t.deleted_at IS NULL
        WHERE o.system = e.system AND o.customer_id = e.customer_id AND o.record_id <> e.record_id
            AND o.issued_on <= e.issued_on AND o.deleted_at IS NULL AND NOT o.is_void)
)"""
"""An ERP document `e` whose lines are there, and none for tax, while former ones of the same customer have one."""

TAX_DIFFERS = Rule(
    class_="F53",
    title="Another tax in the ERP than was charged",
    role="billing",
    entity="invoice",
    needs=(("billing", "invoice"), ("erp", "invoice"), ("erp", "document_line")),
    hop="billing->erp",
    owner="FI",
    kind=Kind.CASH,
    lag_s=HOUR_S,
    explained_by=("F91", "F49"),
    touches=(
        Touch(role="billing", entity="invoice", root="c.record_id"),
        Touch(role="erp", entity="invoice", root="split_part(c.copy_of, ':', 2)"),
        Touch(
            role="erp",
            entity="document_line",
            root="split_part(e.copy_of, ':', 2)",
            join="JOIN canonical.invoice e ON e.system = c.system AND e.record_id = c.document_id",
        ),
    ),
    select=f"""
        SELECT /*root b*/, b.currency,
            abs(coalesce(b.tax_minor, 0) - owed.minor) AS money_minor,
            greatest(b.finalised_at, e.created_at) AS happened_at,
            coalesce(b.tax_minor, 0) || ' ' || b.currency AS expected, owed.minor || ' ' || e.currency AS found,
            'tax_minor' AS field, /*at e*/,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
                jsonb_build_array(e.system, 'invoice', e.record_id)) AS records
        FROM canonical.invoice b
        JOIN canonical.invoice e ON e.system = ANY(:erp) AND e.copy_of = 'billing:' || b.record_id
            AND e.deleted_at IS NULL AND NOT e.is_void AND e.currency = b.currency AND e.total_minor = b.total_minor
        CROSS JOIN LATERAL (
            SELECT coalesce(-sum(t.amount_minor), 0)::bigint AS minor, count(*) AS lines FROM canonical.document_line t
            WHERE t.system = e.system AND t.document_id = e.record_id AND t.tax AND t.deleted_at IS NULL
        ) owed
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND NOT b.is_void AND b.status <> 'draft'
            AND abs(coalesce(b.tax_minor, 0) - owed.minor) > owed.lines AND (owed.lines > 0 OR {_IS_LEFT_OUT})
    """,
    meaning="What a customer paid as tax and what is declared to the authority differ.",
    wrong_when="an invoice's tax and the tax lines of its ERP copy with the same total are further apart than "
    "rounding; a copy without tax lines counts where former invoices of the customer have them",
    money="the difference between the two taxes",
    sentence="Invoice {root_id} charges {expected} of tax, but {found} is booked as owed; {money} apart.",
    advice="Look which place and rate each side used, correct the wrong one, and check what was declared.",
)
"""Rounding may take one minor unit for each tax line. An ERP that keeps no tax lines shows no tax to compare.

Source: fivetran/dbt_netsuite models/netsuite2.yml (transaction lines: is tax line; raw amounts are debit positive).
"""

RULES = (TAX_DIFFERS,)
