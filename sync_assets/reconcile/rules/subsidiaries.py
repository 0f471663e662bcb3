"""Rules about the legal entity that customers and documents belong to, as sold, as billed and as booked.

Only legal entities that the ERP knows by the name that the other system uses for them are compared.
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import HOUR_S, Rule, Touch
from sync_assets.reconcile.rules.masters import BILLED_TO, CUSTOMER_CHANGED, ERP_CUSTOMER
from sync_assets.reconcile.rules.postings import AMOUNT, HEAD, IS_BOOKED, OWNED_BY

_TOUCHES = (
    *CUSTOMER_CHANGED,
    Touch(
        role="billing",
        entity="customer",
        root="b.record_id",
        join="JOIN canonical.customer b ON b.system = c.system AND b.copy_of = c.copy_of",
    ),
    Touch(
        role="erp",
        entity="invoice",
        root="split_part(e.copy_of, ':', 2)",
        join="JOIN canonical.customer e ON e.system = c.system AND e.record_id = c.customer_id",
    ),
)

_IS_KNOWN = """EXISTS (SELECT FROM canonical.legal_entity n WHERE n.system = e.system AND n.copy_of = {0}
    AND n.deleted_at IS NULL)"""

_SOLD_BY = """LEFT JOIN LATERAL (
    SELECT a.version_at, a.legal_entity FROM canonical.customer a
    WHERE a.system = ANY(:crm) AND b.copy_of = 'crm:' || a.record_id AND a.record_id = split_part(b.copy_of, ':', 2)
        AND a.deleted_at IS NULL AND NOT EXISTS (SELECT FROM canonical.customer o
            WHERE o.system = b.system AND o.copy_of = b.copy_of AND o.record_id <> b.record_id
                AND o.legal_entity = a.legal_entity AND o.deleted_at IS NULL)
) a ON true"""
"""The account of a billing customer `b`, unless another customer of it has its legal entity: several may serve one."""


def _wrong_subsidiary(hop: str, due: str, found: str, where: str) -> Rule:
    """`due` is the legal entity that the customer belongs to, `found` the copy that went astray first."""
    return Rule(
        class_="F10",
        title="Customer in the wrong subsidiary of the ERP",
        role="billing",
        entity="customer",
        needs=(("billing", "customer"), ("erp", "customer"), ("erp", "invoice"), ("erp", "legal_entity")),
        hop=hop,
        owner="FI",
        kind=Kind.MISSTATE,
        lag_s=HOUR_S,
        touches=_TOUCHES,
        select=f"""
            SELECT {BILLED_TO}, coalesce(x.currency, b.currency) AS currency, coalesce(x.minor, 0) AS money_minor,
                x.currency AS part, greatest(a.version_at, b.version_at, e.version_at) AS happened_at,
                {due} AS expected, e.legal_entity AS found, 'legal_entity' AS field, /*at {found}*/,
                jsonb_build_array(jsonb_build_array(b.system, 'customer', b.record_id),
                    jsonb_build_array(e.system, 'customer', e.record_id)) AS records
            FROM canonical.customer b {ERP_CUSTOMER} {_SOLD_BY}
            LEFT JOIN LATERAL (
                SELECT i.currency, sum(i.total_minor)::bigint AS minor FROM canonical.invoice i
                WHERE i.system = e.system AND i.customer_id = e.record_id AND i.deleted_at IS NULL AND NOT i.is_void
                    AND coalesce(i.legal_entity, e.legal_entity) <> {due}
                GROUP BY i.currency
            ) x ON true
            WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND e.legal_entity <> {due}
                AND {_IS_KNOWN.format(due)} {where}
        """,
        meaning="Everything that is invoiced to the customer stands in the books of the wrong company.",
        wrong_when="the subsidiary of an ERP customer is not the legal entity of the billing customer that it names, "
        "or both are not that of their account, which no other customer of the account has either",
        money="the totals of the customer's ERP invoices that are not void and stand in the wrong subsidiary, per "
        "currency",
        sentence="Customer {root_id} belongs to {expected}, but the ERP books it in {found}; {money} invoiced there.",
        advice="Move the customer to its subsidiary, and reverse and book again what was posted in the other one.",
    )


def _another_company(entity: str) -> Rule:
    noun = entity.replace("_", " ")
    head = HEAD.format(
        entity=entity,
        entity_id=OWNED_BY.format("e"),
        money=f"abs(e.{AMOUNT[entity]})",
        happened="greatest(o.version_at, e.version_at)",
        expected="o.legal_entity",
        found="e.legal_entity",
        field="legal_entity",
        also="",
    )
    return Rule(
        class_="F82",
        title=f"{noun.capitalize()} in the books of another company",
        role="erp",
        entity=entity,
        needs=(("erp", entity), ("erp", "customer"), ("erp", "legal_entity"), ("billing", entity)),
        hop="billing->erp",
        owner="FI",
        kind=Kind.MISSTATE,
        lag_s=0,
        touches=(
            Touch(role="erp", entity=entity, root="c.record_id"),
            Touch(
                role="billing",
                entity=entity,
                root="e.record_id",
                join=f"JOIN canonical.{entity} e ON e.system = ANY(:erp) AND e.copy_of = 'billing:' || c.record_id",
            ),
            Touch(
                role="erp",
                entity="customer",
                root="e.record_id",
                join=f"JOIN canonical.{entity} e ON e.system = c.system AND e.customer_id = c.record_id",
            ),
        ),
        select=f"""{head}
            JOIN canonical.{entity} o ON o.system = ANY(:billing) AND o.record_id = split_part(e.copy_of, ':', 2)
                AND o.deleted_at IS NULL AND NOT o.is_void
            LEFT JOIN canonical.customer k ON k.system = e.system AND k.record_id = e.customer_id
            WHERE e.system = ANY(:erp) /*roots e*/ AND e.deleted_at IS NULL AND {IS_BOOKED[entity].format("e")}
                AND e.copy_of LIKE 'billing:%' AND e.{AMOUNT[entity]} <> 0 AND e.legal_entity <> o.legal_entity
                AND k.legal_entity IS DISTINCT FROM e.legal_entity AND {_IS_KNOWN.format("o.legal_entity")}
        """,
        meaning="Revenue, receivable and tax of one company stand in the books of another one.",
        wrong_when="an ERP document is in another subsidiary than billing issued it for, and its customer is not",
        money="the document's amount",
        sentence="Document {at_record_id} over {money} was issued for {expected}, but is booked in {found}.",
        advice="Reverse it and book it again in its own subsidiary; look whether a default stepped in.",
    )


RULES = (
    _wrong_subsidiary("billing->erp", "coalesce(b.legal_entity, a.legal_entity)", "e", ""),
    _wrong_subsidiary("crm->billing", "a.legal_entity", "b", "AND b.legal_entity = e.legal_entity"),
    *(_another_company(entity) for entity in ("invoice", "credit_note")),
)
