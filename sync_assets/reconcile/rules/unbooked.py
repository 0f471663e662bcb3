"""The rule about money that came and that the ERP knows nothing of: part payments.

Not here: invoices paid whole (paid_and_open.py), documents that the ERP has without ledger lines (ledger.py), and
refunds of credit notes that it lacks: it then holds the credit as free (loose_ends.py).
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import DAY_S, Queue, Rule, Touch
from sync_assets.reconcile.rules.paid_and_open import CAME_BACK

_COPIED = "JOIN canonical.invoice b ON b.system = ANY(:billing) AND b.record_id = split_part(c.copy_of, ':', 2) "
_PAYMENTS_OF = "JOIN canonical.allocation a ON a.system = {invoice}.system AND a.document_id = {invoice}.record_id"

PART_PAYMENT_UNBOOKED = Rule(
    class_="F75",
    title="Part payment that the ERP never booked",
    role="billing",
    entity="payment",
    needs=(
        ("billing", "payment"),
        ("billing", "allocation"),
        ("billing", "invoice"),
        ("payments", "payment"),
        ("erp", "payment"),
        ("erp", "invoice"),
    ),
    hop="payments->erp",
    owner="FI",
    kind=Kind.MISSTATE,
    lag_s=DAY_S,
    is_cut_off=True,
    explained_by=("F51",),
    queue=Queue(role="erp", entity="payment", field="copy_of", name="billing:{root_id}"),
    touches=(
        Touch(role="billing", entity="payment", root="c.record_id"),
        Touch(role="billing", entity="allocation", root="c.payment_id"),
        Touch(role="billing", entity="invoice", root="a.payment_id", join=_PAYMENTS_OF.format(invoice="c")),
        Touch(
            role="payments",
            entity="payment",
            root="o.record_id",
            join="JOIN canonical.payment o ON o.system = ANY(:billing) "
            "AND o.copy_of IN ('payments:' || c.record_id, 'payments:' || c.intent_id)",
        ),
        Touch(role="erp", entity="payment", root="split_part(c.copy_of, ':', 2)"),
        Touch(
            role="erp",
            entity="invoice",
            root="a.payment_id",
            join=_COPIED + _PAYMENTS_OF.format(invoice="b"),
        ),
    ),
    select=f"""
        SELECT /*root t*/, t.currency, t.amount_minor AS money_minor,
            coalesce(t.settled_at, t.created_at, t.version_at) AS happened_at,
            'a payment over ' || t.amount_minor || ' ' || t.currency AS expected, 'none' AS found,
            'posting' AS field, (:erp)[1] AS at_system, CAST(NULL AS text) AS at_record_id,
            jsonb_build_array(jsonb_build_array(t.system, 'payment', t.record_id),
                jsonb_build_array(t.system, 'invoice', part.document_id)) AS records
        FROM (
            SELECT t.* FROM canonical.payment t
            WHERE t.system = ANY(:billing) /*roots t*/ AND t.deleted_at IS NULL AND t.status = 'succeeded'
                AND NOT EXISTS (SELECT FROM canonical.payment x WHERE x.system = ANY(:erp)
                    AND x.deleted_at IS NULL AND x.copy_of = 'billing:' || t.record_id)
            OFFSET 0
        ) t
        CROSS JOIN LATERAL (
            SELECT min(a.document_id) AS document_id
            FROM canonical.allocation a
            LEFT JOIN canonical.invoice b ON b.system = a.system AND b.record_id = a.document_id
                AND b.deleted_at IS NULL AND b.status = 'open'
            LEFT JOIN canonical.invoice e ON e.system = ANY(:erp) AND e.copy_of = 'billing:' || b.record_id
                AND e.deleted_at IS NULL AND e.status = 'open' AND e.currency = b.currency
            WHERE a.system = t.system AND a.payment_id = t.record_id AND a.deleted_at IS NULL
            HAVING bool_and(coalesce(e.due_minor - b.due_minor >= a.amount_minor, false))
        ) part
        WHERE NOT {CAME_BACK}
    """,
    meaning="Money came that the books do not know of, so the customer seems to owe more.",
    wrong_when="a succeeded payment of open invoices has no copy in the ERP, where each of them is open over that much "
    "more, a day later",
    money="the payment's amount",
    sentence="Payment {root_id} over {money} was made for an invoice, but the ERP never booked it.",
    advice="Post the payment in the ERP against the invoice; look why it was not sent.",
)

RULES = (PART_PAYMENT_UNBOOKED,)
