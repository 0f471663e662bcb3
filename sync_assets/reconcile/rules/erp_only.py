"""Rules about invoices that stand in the ERP and that billing knows nothing of."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import DAY_S, Queue, Rule, Touch

ABSENT_IN_BILLING = Rule(
    class_="F52",
    title="ERP invoice absent in billing",
    role="erp",
    entity="invoice",
    needs=(("erp", "invoice"), ("erp", "invoice_line"), ("erp", "product"), ("billing", "invoice")),
    hop="billing->erp",
    owner="FI",
    kind=Kind.CONTROL,
    lag_s=DAY_S,
    touches=(
        Touch(role="erp", entity="invoice", root="c.record_id"),
        Touch(role="erp", entity="invoice_line", root="c.invoice_id"),
        Touch(
            role="billing",
            entity="invoice",
            root="e.record_id",
            join="JOIN canonical.invoice e ON e.system = ANY(:erp) AND e.copy_of = 'billing:' || c.record_id",
        ),
    ),
    queue=Queue(role="billing", entity="invoice", field="record_id", name="{named}"),
    select="""
        SELECT /*root e*/, e.currency, e.total_minor AS money_minor,
            split_part(e.copy_of, ':', 2) AS named, e.copy_of IS NOT NULL AS is_absent,
            coalesce(e.issued_at, e.issued_on::timestamp AT TIME ZONE 'UTC', e.version_at) AS happened_at,
            'an invoice of billing' AS expected, coalesce(e.number, e.record_id) || ', sells ' || sold.sku AS found,
            'copy_of' AS field, /*at e*/,
            jsonb_build_array(jsonb_build_array(e.system, 'invoice', e.record_id)) AS records
        FROM canonical.invoice e
        JOIN LATERAL (
            SELECT min(p.sku) AS sku FROM canonical.invoice_line il
            JOIN canonical.product p ON p.system = il.system AND p.record_id = il.product_id
            JOIN canonical.product bp ON bp.system = ANY(:billing) AND bp.sku = p.sku AND bp.deleted_at IS NULL
            WHERE il.system = e.system AND il.invoice_id = e.record_id AND il.deleted_at IS NULL
                AND EXISTS (SELECT FROM canonical.price pr WHERE pr.system = bp.system
                    AND pr.product_id = bp.record_id AND pr.period IS NOT NULL)
        ) sold ON sold.sku IS NOT NULL
        WHERE e.system = ANY(:erp) /*roots e*/ AND e.deleted_at IS NULL AND NOT e.is_void AND e.is_posted
            AND e.total_minor <> 0
            AND NOT EXISTS (SELECT FROM canonical.invoice b WHERE b.system = ANY(:billing)
                AND e.copy_of = 'billing:' || b.record_id AND b.record_id = split_part(e.copy_of, ':', 2)
                AND b.deleted_at IS NULL)
    """,
    meaning="The ERP asks a customer for money that billing knows nothing of.",
    wrong_when="a posted ERP invoice over what billing sells by the period names no invoice of billing, or one that "
    "is not there",
    money="the invoice's total, as exposure",
    sentence="The ERP has invoice {found} over {money}, and billing has none of that number.",
    advice="Ask who wrote it by hand; bill it in billing and void it here, or mark it as no subscription's.",
)
"""Only invoices that sell what billing sells by the period: a company writes other invoices in its ERP, rightly."""

RULES = (ABSENT_IN_BILLING,)
