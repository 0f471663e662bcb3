"""Rules about the ledger: each posted document of the ERP has a set of ledger lines, and it balances.

Not here: sets that are there twice (posted_twice.py), and lines on a wrong account (postings.py).
"""

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
        e.version_at AS happened_at, 'debits equal credits' AS expected, 'no ledger lines' AS found,
        'posting' AS field, /*at e*/, true AS is_absent,
        CASE WHEN e.is_posted IS FALSE THEN 'the ERP has it as not posted yet' END AS queued,
        jsonb_build_array(jsonb_build_array(e.system, '{entity}', e.record_id)) AS records
    FROM canonical.{entity} e
    WHERE e.system = ANY(:erp) /*roots e*/ AND e.deleted_at IS NULL AND {alive} AND e.{amount} <> 0
        AND NOT EXISTS (SELECT FROM canonical.posting p
            WHERE p.system = e.system AND p.document_id = e.record_id AND p.is_posting AND p.deleted_at IS NULL)
"""

_ALIVE = {
    "invoice": "NOT e.is_void",
    "credit_note": "NOT e.is_void",
    "payment": "e.status NOT IN ('void', 'failed')",
    "refund": "e.status NOT IN ('void', 'failed')",
}
"""Documents that stand. An ERP lets nobody save a journal that does not balance, so journals are not looked at."""


def _missing_posting(entity: str, owner: str, amount: str) -> Rule:
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
        select=_SELECT.format(owner=owner, amount=amount, entity=entity, alive=_ALIVE[entity], day=_DAYS[entity]),
        meaning="A document stands in the ERP without effect on the ledger.",
        wrong_when="a document that is not void has no ledger lines a day later",
        money="the document's amount",
        sentence="Document {at_record_id} over {money} stands in the ERP, but the ledger has {found} for it.",
        advice="Post the pending batch, or repair the account mapping that stopped it.",
    )


_HEADERS = " UNION ALL ".join(
    f"""SELECT '{entity}' AS entity, e.copy_of, e.customer_id, e.currency, e.version_at
        FROM canonical.{entity} e WHERE e.system = b.system AND e.record_id = b.record_id AND e.deleted_at IS NULL
            AND {alive}"""
    for entity, alive in _ALIVE.items()
)

UNBALANCED = Rule(
    class_="F82",
    title="Ledger lines do not balance",
    role="erp",
    entity="posting",
    needs=(("erp", "posting"), *(("erp", entity) for entity in _ALIVE)),
    hop="erp->ledger",
    owner="FI",
    kind=Kind.MISSTATE,
    lag_s=0,
    touches=(
        Touch(role="erp", entity="posting", root="c.document_id"),
        *(Touch(role="erp", entity=entity, root="c.record_id") for entity in _ALIVE),
    ),
    select=f"""
        SELECT b.record_id AS root_id, h.entity,
            coalesce((:billing)[1] || ':' || split_part(h.copy_of, ':', 2), b.system || ':' || b.record_id)
                AS entity_id,
            b.system || ':' || h.customer_id AS customer_id, coalesce(b.currency, h.currency) AS currency,
            abs(b.debits - b.credits)::bigint AS money_minor, greatest(h.version_at, b.version_at) AS happened_at,
            'debits equal credits' AS expected, 'debits ' || b.debits || ', credits ' || b.credits AS found,
            'posting' AS field, /*at b*/,
            jsonb_build_array(jsonb_build_array(b.system, h.entity, b.record_id),
                jsonb_build_array((:billing)[1], h.entity, split_part(h.copy_of, ':', 2)),
                jsonb_build_array(b.system, 'customer', h.customer_id)) AS records
        FROM (
            SELECT DISTINCT ON (b.system, b.record_id) b.system, b.record_id, b.currency, max(b.version_at)
                AS version_at, sum(b.debit_minor) AS debits, sum(b.credit_minor) AS credits
            FROM (
                SELECT p.system, p.document_id AS record_id, p.book, p.currency, p.version_at,
                    coalesce(p.debit_minor, 0) AS debit_minor, coalesce(p.credit_minor, 0) AS credit_minor
                FROM canonical.posting p WHERE p.is_posting AND p.deleted_at IS NULL
            ) b
            WHERE b.system = ANY(:erp) /*roots b*/
            GROUP BY b.system, b.record_id, b.book, b.currency HAVING sum(b.debit_minor) <> sum(b.credit_minor)
            ORDER BY b.system, b.record_id, b.book, b.currency
        ) b
        CROSS JOIN LATERAL ({_HEADERS}) h
    """,
    meaning="A document moves more on one side of the ledger than on the other, so the books do not add up.",
    wrong_when="the debits of a document's ledger lines in one book and currency are not their credits",
    money="the difference between debits and credits, in the ledger's currency",
    sentence="Document {at_record_id} stands in the ledger with {found}; {money} apart.",
    advice="Find the line that is missing or was changed past the document, and post the document again.",
)

RULES = (*(_missing_posting(entity, *facts) for entity, facts in _DOCUMENTS.items()), UNBALANCED)
