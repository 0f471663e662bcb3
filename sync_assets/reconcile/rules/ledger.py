"""Rules about the ledger: each posted document of the ERP has exactly one balanced set of ledger lines."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import DAY_S, Queue, Rule, Touch

_DOCUMENTS = {
    "invoice": ("billing", "total_minor"),
    "credit_note": ("billing", "total_minor"),
    "payment": ("billing", "amount_minor"),
    "refund": ("billing", "amount_minor"),
}
"""Kinds of documents, with the role that owns them and the column of their amount."""

_DAYS = {
    "invoice": "e.legal_entity, e.issued_on",
    "credit_note": "e.legal_entity, e.issued_on",
    "payment": "CAST(NULL AS text) AS legal_entity, e.settled_on",
    "refund": "CAST(NULL AS text) AS legal_entity, CAST(NULL AS date)",
}
"""The legal entity of a document and the day that says which period it belongs to, where the ERP tells them."""

_SELECT = """
    SELECT e.record_id AS root_id, {day} AS belongs_on,
        coalesce((:{owner})[1] || ':' || split_part(e.copy_of, ':', 2), e.system || ':' || e.record_id) AS entity_id,
        e.system || ':' || e.customer_id AS customer_id, e.currency, abs(e.{amount}) AS money_minor,
        e.version_at AS happened_at, 'debits equal credits' AS expected,
        CASE WHEN p.lines = 0 THEN 'no ledger lines'
            ELSE 'debits ' || p.debits || ', credits ' || p.credits END AS found,
        'posting' AS field, /*at e*/, p.lines = 0 AS is_absent,
        CASE WHEN p.lines = 0 AND e.is_posted IS FALSE THEN 'the ERP has it as not posted yet' END AS queued,
        jsonb_build_array(jsonb_build_array(e.system, '{entity}', e.record_id)) AS records
    FROM canonical.{entity} e
    CROSS JOIN LATERAL (
        SELECT count(*) AS lines, coalesce(sum(p.debit_minor), 0) AS debits, coalesce(sum(p.credit_minor), 0) AS credits
        FROM canonical.posting p
        WHERE p.system = e.system AND p.document_id = e.record_id AND p.is_posting AND p.deleted_at IS NULL
    ) p
    WHERE e.system = ANY(:erp) /*roots e*/ AND e.deleted_at IS NULL AND {alive} AND e.{amount} <> 0
        AND (p.lines = 0 OR p.debits <> p.credits)
"""


def _missing_posting(entity: str, owner: str, amount: str) -> Rule:
    alive = "NOT e.is_void" if entity in {"invoice", "credit_note"} else "e.status NOT IN ('void', 'failed')"
    return Rule(
        class_="F75",
        title="Missing ledger posting",
        explained_by=("F51",),
        role="erp",
        entity=entity,
        needs=(("erp", entity), ("erp", "posting")),
        hop="erp->ledger",
        owner="FI",
        kind=Kind.MISSTATE,
        lag_s=DAY_S,
        is_cut_off=True,
        queue=Queue(role="erp", entity="posting", field="document_id", name="{root_id}"),
        touches=(
            Touch(role="erp", entity=entity, root="c.record_id"),
            Touch(role="erp", entity="posting", root="c.document_id"),
        ),
        select=_SELECT.format(owner=owner, amount=amount, entity=entity, alive=alive, day=_DAYS[entity]),
        meaning="A document stands in the ERP without effect on the ledger.",
        wrong_when="a document that is not void has no ledger lines, or debits that are not its credits, a day later",
        money="the document's amount",
        sentence="Document {at_record_id} over {money} stands in the ERP, but the ledger has {found} for it.",
        advice="Post the pending batch, or repair the account mapping that stopped it.",
    )


RULES = tuple(_missing_posting(entity, *facts) for entity, facts in _DOCUMENTS.items())
