"""Rules about the catalogue: what billing sells has its place in the ERP."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import HOUR_S, Queue, Rule, Touch

_PRODUCT = "JOIN canonical.price pr ON pr.system = ANY(:billing) AND pr.record_id = {0}.price_id"

UNMAPPED_PRODUCT = Rule(
    class_="F24",
    title="A product that the ERP cannot book",
    role="billing",
    entity="product",
    needs=(
        ("billing", "product"),
        ("billing", "invoice"),
        ("billing", "invoice_line"),
        ("erp", "product"),
        ("erp", "invoice"),
    ),
    hop="billing->erp",
    owner="RO",
    kind=Kind.MISSTATE,
    lag_s=4 * HOUR_S,
    touches=(
        Touch(role="billing", entity="product", root="c.record_id"),
        Touch(role="erp", entity="product", root="c.sku"),
        Touch(role="billing", entity="invoice_line", root="pr.product_id", join=_PRODUCT.format("c")),
        Touch(
            role="billing",
            entity="invoice",
            root="pr.product_id",
            join="JOIN canonical.invoice_line il ON il.system = c.system AND il.invoice_id = c.record_id "
            + _PRODUCT.format("il"),
        ),
        Touch(
            role="erp",
            entity="invoice",
            root="pr.product_id",
            join="JOIN canonical.invoice_line il ON il.system = ANY(:billing) "
            "AND il.invoice_id = split_part(c.copy_of, ':', 2) " + _PRODUCT.format("il"),
        ),
    ),
    queue=Queue(role="erp", entity="product", field="sku", name="{sku}"),
    select="""
        SELECT p.record_id AS root_id, p.system || ':' || p.record_id AS entity_id, CAST(NULL AS text) AS customer_id,
            p.sku, items.count = 0 AS is_absent,
            blocked.currency, blocked.currency AS part, blocked.minor AS money_minor, blocked.at AS happened_at,
            'one item in the ERP' AS expected, items.count || ' items' AS found, 'sku' AS field,
            (:erp)[1] AS at_system, CAST(NULL AS text) AS at_record_id,
            jsonb_build_array(jsonb_build_array(p.system, 'product', p.record_id)) || blocked.records AS records
        FROM canonical.product p
        CROSS JOIN LATERAL (
            SELECT count(*) AS count FROM canonical.product e
            WHERE e.system = ANY(:erp) AND e.sku = p.sku AND e.deleted_at IS NULL AND e.status = 'active'
        ) items
        CROSS JOIN LATERAL (
            SELECT f.currency, sum(f.total_minor)::bigint AS minor, min(f.at) AS at,
                jsonb_agg(jsonb_build_array(f.system, 'invoice', f.record_id) ORDER BY f.record_id) AS records
            FROM (
                SELECT DISTINCT b.system, b.record_id, b.currency, b.total_minor,
                    coalesce(b.finalised_at, b.issued_at, b.version_at) AS at
                FROM canonical.price pr
                JOIN canonical.subscription_item i ON i.system = pr.system AND i.price_id = pr.record_id
                JOIN canonical.invoice_line il ON il.system = i.system AND il.subscription_id = i.subscription_id
                    AND il.price_id = pr.record_id AND il.deleted_at IS NULL
                JOIN canonical.invoice b ON b.system = il.system AND b.record_id = il.invoice_id
                    AND b.deleted_at IS NULL AND NOT b.is_void AND b.status <> 'draft' AND b.total_minor <> 0
                WHERE items.count <> 1 AND pr.system = p.system AND pr.product_id = p.record_id
                    AND NOT EXISTS (SELECT FROM canonical.invoice e WHERE e.system = ANY(:erp)
                        AND e.copy_of = 'billing:' || b.record_id AND e.deleted_at IS NULL)
            ) f GROUP BY f.currency
        ) blocked
        WHERE p.system = ANY(:billing) /*roots p*/ AND p.deleted_at IS NULL AND items.count <> 1
    """,
    meaning="Billing sells a product that the ERP has no single item for, so its invoices cannot be booked.",
    wrong_when="the ERP has no active item, or several, under a product's code, and invoices for the product are "
    "missing there",
    money="the totals of the invoices that wait, per currency",
    sentence="Product {root_id} has {found} in the ERP, so invoices over {money} could not be booked.",
    advice="Create the item in the ERP under the product's code, with its revenue account, and post the invoices.",
)
"""One break for a product and currency explains every invoice that waits for its item; the invoices of a product that
has its item are never looked at."""

RULES = (UNMAPPED_PRODUCT,)
