"""Rules about accounts that a subledger controls: what stands on them is what its documents say, and nothing else.

Not here: how one document is posted (postings.py).
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.accounts import plays
from sync_assets.reconcile.rule import DAY_S, Rule, Touch

_OPEN = {
    "invoice": "e.due_minor",
    "credit_note": "-e.available_minor",
    "payment": "-e.available_minor",
    "refund": "0",
}
"""What each kind of document leaves open in the subledger, receivable positive. A refund is used up at once."""

_COUNTED = {"invoice": "NOT e.is_void", "credit_note": "NOT e.is_void", "payment": "true", "refund": "true"}

_DOCUMENTS = " UNION ALL ".join(
    f"""SELECT '{entity}' AS entity, e.record_id, e.currency, {left}::bigint AS open_minor, e.version_at
        FROM canonical.{entity} e WHERE e.system = k.system AND e.customer_id = k.record_id AND e.deleted_at IS NULL
            AND e.is_posted IS NOT FALSE AND {_COUNTED[entity]}"""
    for entity, left in _OPEN.items()
)

_RECEIVABLE = plays("receivable", "a")

_ON_RECEIVABLE = f"""
    SELECT sum(dl.amount_minor) AS minor FROM canonical.document_line dl
    WHERE dl.system = k.system AND dl.document_id = d.record_id AND dl.deleted_at IS NULL
        AND EXISTS (SELECT FROM canonical.posting p
            JOIN canonical.ledger_account a ON a.system = p.system AND a.record_id = p.account_id AND {_RECEIVABLE}
            WHERE p.system = dl.system AND p.document_id = dl.document_id AND p.line_id = dl.record_id
                AND p.is_posting AND p.deleted_at IS NULL)
"""
"""What a document put on receivable accounts, in its own currency. Source: NetSuite account types (`AcctRec`)."""

_ASTRAY = """(
    SELECT jsonb_agg(jsonb_build_array(e.system, 'payment', e.record_id))
    FROM (
        SELECT e.system, e.record_id, e.customer_id, e.copy_of FROM canonical.payment e
        WHERE e.system = k.system AND e.customer_id = k.record_id AND e.deleted_at IS NULL
        UNION
        SELECT e.system, e.record_id, e.customer_id, e.copy_of FROM canonical.payment o
        JOIN canonical.payment e ON e.system = k.system AND e.copy_of = 'billing:' || o.record_id
            AND e.deleted_at IS NULL
        WHERE o.system = ANY(:billing) AND o.customer_id = split_part(k.copy_of, ':', 2)
    ) e
    JOIN canonical.payment o ON o.system = ANY(:billing) AND o.record_id = split_part(e.copy_of, ':', 2)
    WHERE (e.customer_id = k.record_id) <> (o.customer_id = split_part(k.copy_of, ':', 2))
)"""
"""Payments that stand with this customer and belong to another one, or the other way round: they explain it (F62)."""

_CUSTOMER_OF = "JOIN canonical.{0} e ON e.system = c.system AND e.record_id = c.document_id"

SUBLEDGER_IS_NOT_THE_LEDGER = Rule(
    class_="F80",
    title="Open items are not the receivable in the ledger",
    explained_by=("F75", "F62", "F76", "F82"),
    role="erp",
    entity="customer",
    needs=(
        ("erp", "customer"),
        *(("erp", entity) for entity in _OPEN),
        ("erp", "document_line"),
        ("erp", "posting"),
        ("erp", "ledger_account"),
        ("erp", "journal"),
    ),
    hop="erp->ledger",
    owner="FI",
    kind=Kind.MISSTATE,
    lag_s=DAY_S,
    touches=(
        *(Touch(role="erp", entity=entity, root="c.customer_id") for entity in (*_OPEN, "journal")),
        *(
            Touch(role="erp", entity=lines, root="e.customer_id", join=_CUSTOMER_OF.format(entity))
            for lines in ("posting", "document_line")
            for entity in _OPEN
        ),
        Touch(role="erp", entity="customer", root="c.record_id"),
        Touch(role="erp", entity="customer", root="c.parent_id"),
    ),
    select=f"""
        SELECT k.record_id AS root_id,
            coalesce((:billing)[1] || ':' || split_part(k.copy_of, ':', 2), k.system || ':' || k.record_id)
                AS entity_id,
            k.system || ':' || k.record_id AS customer_id, t.currency, t.currency AS part,
            abs(t.booked_minor - t.open_minor) AS money_minor, t.version_at AS happened_at,
            t.open_minor || ' ' || t.currency || ' open' AS expected,
            t.booked_minor || ' ' || t.currency || ' receivable' AS found, 'receivable' AS field,
            /*at k*/,
            jsonb_build_array(jsonb_build_array(k.system, 'customer', k.record_id),
                jsonb_build_array((:billing)[1], 'customer', split_part(k.copy_of, ':', 2))) || t.off
                || coalesce({_ASTRAY}, '[]'::jsonb) AS records
        FROM canonical.customer k
        CROSS JOIN LATERAL (
            SELECT w.currency, sum(w.open_minor) AS open_minor, sum(w.booked_minor) AS booked_minor,
                min(w.version_at) FILTER (WHERE w.version_at > w.agreed_at OR w.agreed_at IS NULL) AS version_at,
                coalesce(jsonb_agg(jsonb_build_array(k.system, w.entity, w.record_id)) FILTER (WHERE w.is_unbooked),
                    '[]'::jsonb) AS off
            FROM (
                SELECT s.*, max(s.version_at) FILTER (WHERE s.apart_minor = 0) OVER (PARTITION BY s.currency)
                    AS agreed_at
                FROM (
                    SELECT d.*, coalesce(l.minor, 0) AS booked_minor, l.minor IS NULL AS is_unbooked,
                        sum(coalesce(l.minor, 0) - d.open_minor) OVER (PARTITION BY d.currency ORDER BY d.version_at)
                            AS apart_minor
                    FROM ({_DOCUMENTS}) d
                    CROSS JOIN LATERAL ({_ON_RECEIVABLE}) l
                ) s
            ) w
            GROUP BY w.currency HAVING bool_and(w.open_minor IS NOT NULL)
        ) t
        WHERE k.system = ANY(:erp) /*roots k*/ AND k.deleted_at IS NULL AND t.booked_minor <> t.open_minor
            AND NOT EXISTS (SELECT FROM canonical.journal j
                JOIN canonical.posting p ON p.system = j.system AND p.document_id = j.record_id AND p.deleted_at IS NULL
                JOIN canonical.ledger_account a ON a.system = p.system AND a.record_id = p.account_id
                    AND {_RECEIVABLE}
                WHERE j.system = k.system AND j.customer_id = k.record_id AND j.deleted_at IS NULL)
            AND k.parent_id IS NULL AND NOT EXISTS (SELECT FROM canonical.customer child
                WHERE child.system = k.system AND child.parent_id = k.record_id AND child.deleted_at IS NULL)
    """,
    meaning="What customers owe is one amount in the open items and another in the ledger.",
    wrong_when="a customer's open invoices less credits and payments that are not used differ from what its documents "
    "put on receivable accounts",
    money="the difference, per currency",
    sentence="Open items of customer {at_record_id} make {expected}, but the ledger has {found}; {money} off.",
    advice="Compare the customer's documents with the receivable account; one was settled without being booked.",
)
"""Judged by customer, so that the cost follows what changed: all customers of an entity make its control account.

A document of another kind on the customer's receivable (a deposit, a journal) has open items that are not read here;
nothing is said about such a customer, nor about a family, whose members may settle each other's invoices. Open items
and receivable parted after the last change through which they agreed.
"""

_CONTROLLED = f"({_RECEIVABLE} OR {plays('deferred', 'a')})"

_GIVEN_UP = "coalesce(nullif(b.written_off_minor, 0), CASE WHEN b.status = 'uncollectible' THEN b.due_minor END)"
_JOURNALS_OF = """JOIN canonical.customer k ON k.system = ANY(:erp) AND k.copy_of = 'billing:' || c.customer_id
    JOIN canonical.journal j ON j.system = k.system AND j.customer_id = k.record_id"""
"""What billing gave up, the ERP writes off by a journal: that one repeats a document and is none by hand."""

_WRITTEN_OFF = f"""(
    SELECT sum({_GIVEN_UP}) FROM canonical.customer k
    JOIN canonical.invoice b ON b.system = ANY(:billing) AND b.customer_id = split_part(k.copy_of, ':', 2)
        AND b.deleted_at IS NULL AND b.currency = j.currency
    WHERE k.system = j.system AND k.record_id = j.customer_id
)"""
"""All that billing gave up of what the journal's customer owed: a journal may write off several invoices, or parts."""

_OPENED = "coalesce({0}.opened_at, {0}.version_at, {0}.observed_at)::date"
_CHARGED_BACK = f"""EXISTS (
    SELECT FROM canonical.dispute d
    LEFT JOIN canonical.payment p ON p.system = d.system AND p.record_id = d.payment_id
    LEFT JOIN canonical.customer h ON h.system = p.system AND h.record_id = p.customer_id
    LEFT JOIN canonical.customer k ON k.system = j.system AND k.record_id = j.customer_id
    WHERE d.system = ANY(:payments) AND d.deleted_at IS NULL AND d.currency = j.currency
        AND w.minor BETWEEN d.amount_minor AND d.amount_minor + (SELECT coalesce(sum(s.fee_minor), 0)
            FROM canonical.settlement s WHERE s.system = d.system AND s.source_id = d.record_id)
        AND {_OPENED.format("d")} BETWEEN j.issued_on - 45 AND j.issued_on + 1 AND coalesce(h.copy_of = k.copy_of, true)
)"""
"""The journal books a dispute, won or lost, as it must where a receivable opens again (F70)."""

BY_HAND = Rule(
    class_="F95",
    title="Manual journal on an account that a subledger controls",
    role="erp",
    entity="journal",
    needs=(
        ("erp", "journal"),
        ("erp", "document_line"),
        ("erp", "posting"),
        ("erp", "ledger_account"),
        ("erp", "customer"),
        ("billing", "invoice"),
    ),
    hop="erp",
    owner="FI",
    kind=Kind.CONTROL,
    lag_s=DAY_S,
    touches=(
        Touch(role="erp", entity="journal", root="c.record_id"),
        Touch(role="erp", entity="posting", root="c.document_id"),
        Touch(role="erp", entity="document_line", root="c.document_id"),
        Touch(role="billing", entity="invoice", root="j.record_id", join=_JOURNALS_OF),
        Touch(
            role="payments",
            entity="dispute",
            root="j.record_id",
            join="JOIN canonical.journal j ON j.system = ANY(:erp) AND j.currency = c.currency "
            f"AND {_OPENED.format('c')} BETWEEN j.issued_on - 45 AND j.issued_on + 1",
        ),
        Touch(
            role="erp",
            entity="customer",
            root="j.record_id",
            join="JOIN canonical.journal j ON j.system = c.system AND j.customer_id = c.record_id",
        ),
    ),
    select=f"""
        SELECT /*root j*/, j.currency, w.minor AS money_minor,
            j.version_at AS happened_at, 'documents only' AS expected,
            'journal ' || coalesce(j.number, j.record_id) || ' on ' || w.account AS found, 'account_id' AS field,
            /*at j*/,
            jsonb_build_array(jsonb_build_array(j.system, 'journal', j.record_id),
                jsonb_build_array(j.system, 'customer', j.customer_id)) AS records
        FROM canonical.journal j
        CROSS JOIN LATERAL (
            SELECT greatest(sum(dl.amount_minor) FILTER (WHERE dl.amount_minor > 0),
                    -sum(dl.amount_minor) FILTER (WHERE dl.amount_minor < 0)) AS minor, min(touched.name) AS account
            FROM canonical.document_line dl
            CROSS JOIN LATERAL (
                SELECT coalesce(a.number || ' ' || a.name, a.record_id) AS name FROM canonical.posting p
                JOIN canonical.ledger_account a ON a.system = p.system AND a.record_id = p.account_id
                    AND {_CONTROLLED}
                WHERE p.system = dl.system AND p.document_id = dl.document_id AND p.line_id = dl.record_id
                    AND p.is_posting AND p.deleted_at IS NULL
                ORDER BY p.book LIMIT 1
            ) touched
            WHERE dl.system = j.system AND dl.document_id = j.record_id AND dl.deleted_at IS NULL
                AND NOT coalesce(dl.recognition, false)
        ) w
        WHERE j.system = ANY(:erp) /*roots j*/ AND j.deleted_at IS NULL AND j.kind = 'Journal'
            AND j.external_id IS NULL AND j.is_posted IS NOT FALSE AND w.minor IS NOT NULL
            AND NOT coalesce(w.minor <= {_WRITTEN_OFF}, false) AND NOT {_CHARGED_BACK}
    """,
    meaning="Somebody moved by hand what only documents may move, so subledger and ledger part.",
    wrong_when="a posted journal without a reference touches receivable or deferred revenue, recognises no revenue, "
    "is over more than billing gave up of what its customer owed, and books no dispute over its amount",
    money="the larger of the journal's debits and credits on those accounts, as exposure",
    sentence="Journal {at_record_id} moves {money} on an account that only documents may move ({found}).",
    advice="Reverse the journal and correct the document it was meant to repair.",
)
"""Revenue recognition and integrations write journals too: their lines are marked, or they carry an external id.

Source: NetSuite, transactionline.isrevrectransaction.
"""

RULES = (SUBLEDGER_IS_NOT_THE_LEDGER, BY_HAND)
