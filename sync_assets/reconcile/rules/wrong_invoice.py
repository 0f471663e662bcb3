"""The rule about a payment that settles one invoice in billing and another of the same customer in the ERP.

Not here: payments that stand with another customer (misapplied.py) or lie unused (paid_and_open.py).
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import DAY_S, Rule, Touch

_IN_ERP = "{0}.deleted_at IS NULL AND NOT {0}.is_void AND {0}.currency = b.currency"

_TAKEN = f"""(
    SELECT min(d.record_id) AS document_id FROM canonical.invoice f
    JOIN canonical.invoice d ON d.system = a.system AND d.record_id = split_part(f.copy_of, ':', 2)
        AND d.deleted_at IS NULL AND d.record_id <> b.record_id
    WHERE f.system = e.system AND f.customer_id = e.customer_id AND {_IN_ERP.format("f")}
        AND d.due_minor - f.due_minor = o.amount_minor
    HAVING count(*) = 1
)"""
"""The only other invoice of the customer that the ERP asks less for than billing does, by just the payment's amount."""

_ALLOCATIONS_OF = "JOIN canonical.allocation a ON a.system = ANY(:billing) AND a.document_id = {0}"
_OPEN_BESIDE = (
    "JOIN canonical.invoice e ON e.system = {0}.system AND e.customer_id = {0}.customer_id AND e.status = 'open' "
    + _ALLOCATIONS_OF.format("split_part(e.copy_of, ':', 2)")
)
"""From an invoice, and from one of the ERP to the open ones of its customer, to what pays for them in billing."""

PAYS_ANOTHER_INVOICE = Rule(
    class_="F62",
    title="Payment settles another invoice in the ERP",
    role="billing",
    entity="allocation",
    needs=(
        ("billing", "payment"),
        ("billing", "allocation"),
        ("billing", "invoice"),
        ("erp", "payment"),
        ("erp", "invoice"),
    ),
    hop="payments->erp",
    owner="FI",
    kind=Kind.CASH,
    lag_s=DAY_S,
    touches=(
        Touch(role="billing", entity="allocation", root="c.record_id"),
        Touch(
            role="billing",
            entity="payment",
            root="a.record_id",
            join="JOIN canonical.allocation a ON a.system = c.system AND a.payment_id = c.record_id",
        ),
        Touch(
            role="erp",
            entity="payment",
            root="a.record_id",
            join="JOIN canonical.allocation a ON a.system = ANY(:billing) "
            "AND a.payment_id = split_part(c.copy_of, ':', 2)",
        ),
        Touch(role="billing", entity="invoice", root="a.record_id", join=_ALLOCATIONS_OF.format("c.record_id")),
        Touch(
            role="erp",
            entity="invoice",
            root="a.record_id",
            join=_ALLOCATIONS_OF.format("split_part(c.copy_of, ':', 2)"),
        ),
        Touch(role="erp", entity="invoice", root="a.record_id", join=_OPEN_BESIDE.format("c")),
        Touch(
            role="billing",
            entity="invoice",
            root="a.record_id",
            join="JOIN canonical.invoice f ON f.system = ANY(:erp) AND f.copy_of = 'billing:' || c.record_id "
            + _OPEN_BESIDE.format("f"),
        ),
    ),
    select=f"""
        SELECT a.record_id AS root_id, 'payment' AS entity, o.system || ':' || o.record_id AS entity_id,
            o.system || ':' || o.customer_id AS customer_id, o.currency, o.amount_minor AS money_minor,
            greatest(coalesce(o.settled_at, o.created_at, o.version_at), x.created_at) AS happened_at,
            'invoice ' || b.record_id AS expected, 'invoice ' || taken.document_id AS found, 'document_id' AS field,
            /*at x*/,
            jsonb_build_array(jsonb_build_array(o.system, 'payment', o.record_id),
                jsonb_build_array(x.system, 'payment', x.record_id),
                jsonb_build_array(b.system, 'invoice', b.record_id),
                jsonb_build_array(b.system, 'invoice', taken.document_id)) AS records
        FROM canonical.allocation a
        JOIN canonical.invoice b ON b.system = a.system AND b.record_id = a.document_id AND b.deleted_at IS NULL
        JOIN canonical.invoice e ON e.system = ANY(:erp) AND e.copy_of = 'billing:' || b.record_id
            AND e.status = 'open' AND {_IN_ERP.format("e")} AND e.due_minor > b.due_minor
        JOIN canonical.payment o ON o.system = a.system AND o.record_id = a.payment_id AND o.deleted_at IS NULL
            AND o.status = 'succeeded' AND o.amount_minor = a.amount_minor
            AND o.amount_minor <= e.due_minor - b.due_minor
        JOIN canonical.payment x ON x.system = e.system AND x.copy_of = 'billing:' || o.record_id
            AND x.deleted_at IS NULL AND x.status = 'succeeded' AND x.customer_id = e.customer_id
            AND x.amount_minor = o.amount_minor AND x.available_minor = 0
        CROSS JOIN LATERAL {_TAKEN} taken
        WHERE a.system = ANY(:billing) /*roots a*/ AND a.deleted_at IS NULL
    """,
    meaning="A payment settles another invoice than the customer paid, so one is dunned and the other is not.",
    wrong_when="the ERP has used up a payment and still asks for the invoice that it pays in billing, and asks for "
    "just that much less than billing on one other invoice of the customer, a day later",
    money="the payment's amount",
    sentence="Payment {at_record_id} over {money} was made for {expected}, but the ERP has set it off against {found}.",
    advice="Apply the payment in the ERP to the invoice that it was made for.",
)

RULES = (PAYS_ANOTHER_INVOICE,)
