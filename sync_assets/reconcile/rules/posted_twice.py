"""Rules about what stands in the books twice: a document, its ledger lines, a payment that somebody enters again.

Not here: two invoices of billing for one service (documents.py), and two charges of the processor (charged_twice.py).
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import Rule, Touch
from sync_assets.reconcile.rules.postings import AMOUNT, HEAD, IS_BOOKED, OWNED_BY

_AMOUNT = {**AMOUNT, "payout": "amount_minor"}
_IS_BOOKED = {**IS_BOOKED, "payout": "{0}.status NOT IN ('canceled', 'void', 'failed') AND {0}.is_posted IS NOT FALSE"}
_AT = {"refund": "e.version_at"}
"""Kinds of documents that do not say when they were created."""


def _of_payments(head: str) -> str:
    """A deposit is a copy of the processor's payout, and no customer's."""
    return head.replace(":billing", ":payments").replace("e.system || ':' || e.customer_id", "CAST(NULL AS text)")


def _twice(entity: str) -> Rule:
    noun, owner = ("deposit of a payout", "payments") if entity == "payout" else (entity.replace("_", " "), "billing")
    booked = _IS_BOOKED[entity]
    head = HEAD.format(
        entity=entity,
        entity_id=OWNED_BY.format("e"),
        money=f"abs(e.{_AMOUNT[entity]})",
        happened=_AT.get(entity, "coalesce(e.created_at, e.version_at)"),
        expected="'one document, ' || first.record_id",
        found="'also ' || e.record_id",
        field="copy_of",
        also=f", jsonb_build_array(e.system, '{entity}', first.record_id)",
    )
    return Rule(
        class_="F76",
        title=f"{noun.capitalize()} posted twice",
        role="erp",
        entity=entity,
        needs=(("erp", entity),),
        hop=f"{owner}->erp",
        owner="FI",
        kind=Kind.MISSTATE,
        lag_s=0,
        touches=(
            Touch(role="erp", entity=entity, root="c.record_id"),
            Touch(
                role="erp",
                entity=entity,
                root="other.record_id",
                join=f"JOIN canonical.{entity} other ON other.system = c.system AND other.copy_of = c.copy_of",
            ),
        ),
        select=f"""{_of_payments(head) if owner == "payments" else head}
            CROSS JOIN LATERAL (
                SELECT f.record_id FROM canonical.{entity} f
                WHERE f.system = e.system AND f.copy_of = e.copy_of AND f.deleted_at IS NULL AND {booked.format("f")}
                    AND (length(f.record_id), f.record_id) < (length(e.record_id), e.record_id)
                ORDER BY length(f.record_id), f.record_id LIMIT 1
            ) first
            WHERE e.system = ANY(:erp) /*roots e*/ AND e.deleted_at IS NULL AND e.copy_of IS NOT NULL
                AND {booked.format("e")} AND e.{_AMOUNT[entity]} <> 0
        """,
        meaning="One document was booked twice.",
        wrong_when=f"two booked documents of the ERP name the same record of {owner}; the later one is too many",
        money="the later document's amount",
        sentence=f"The ERP has posted one {noun} twice: {{at_record_id}} over {{money}} repeats it.",
        advice="Reverse the later document; look for a posting whose reply was lost and which was sent again.",
    )


ENTERED_AGAIN = Rule(
    class_="F76",
    title="Payment entered again by hand",
    role="erp",
    entity="payment",
    needs=(("erp", "payment"),),
    hop="payments->erp",
    owner="FI",
    kind=Kind.MISSTATE,
    lag_s=0,
    touches=(
        Touch(role="erp", entity="payment", root="c.record_id"),
        Touch(
            role="erp",
            entity="payment",
            root="other.record_id",
            join="JOIN canonical.payment other ON other.system = c.system AND other.customer_id = c.customer_id "
            "AND other.copy_of IS NULL AND other.amount_minor = c.amount_minor",
        ),
    ),
    select=f"""
        SELECT e.record_id AS root_id, {OWNED_BY.format("first")} AS entity_id,
            e.system || ':' || e.customer_id AS customer_id, e.currency, e.amount_minor AS money_minor,
            coalesce(e.created_at, e.version_at) AS happened_at, 'one payment, ' || first.record_id AS expected,
            'also ' || e.record_id AS found, 'copy_of' AS field, /*at e*/,
            jsonb_build_array(jsonb_build_array(e.system, 'payment', e.record_id),
                jsonb_build_array((:billing)[1], 'payment', split_part(first.copy_of, ':', 2)),
                jsonb_build_array(e.system, 'payment', first.record_id)) AS records
        FROM canonical.payment e
        CROSS JOIN LATERAL (
            SELECT f.system, f.record_id, f.copy_of FROM canonical.payment f
            WHERE f.system = e.system AND f.customer_id = e.customer_id AND f.copy_of IS NOT NULL
                AND f.amount_minor = e.amount_minor AND f.currency = e.currency AND f.settled_on = e.settled_on
                AND f.deleted_at IS NULL AND {IS_BOOKED["payment"].format("f")} AND f.available_minor = 0
            ORDER BY length(f.record_id), f.record_id LIMIT 1
        ) first
        WHERE e.system = ANY(:erp) /*roots e*/ AND e.deleted_at IS NULL AND e.copy_of IS NULL AND e.amount_minor > 0
            AND {IS_BOOKED["payment"].format("e")} AND e.available_minor = e.amount_minor
    """,
    meaning="Somebody entered a payment that the books had already: cash and the customer's credit are too high.",
    wrong_when="a payment that names no record of billing pays nothing, beside one of the same customer, day and "
    "amount that does and is used up",
    money="the payment's amount",
    sentence="Payment {at_record_id} over {money} repeats one of the same customer, day and amount.",
    advice="Reverse the payment that pays nothing; tell who entered it that payments come by themselves.",
)
"""A second payment that came in truly pays an invoice of its own."""

_HEADERS = " UNION ALL ".join(
    f"""SELECT '{entity}' AS entity, e.copy_of, e.customer_id, e.currency, e.{amount} AS minor, e.version_at
        FROM canonical.{entity} e WHERE e.system = b.system AND e.record_id = b.record_id AND e.deleted_at IS NULL
            AND {IS_BOOKED[entity].format("e")} AND e.{amount} <> 0"""
    for entity, amount in AMOUNT.items()
)

LINES_TWICE = Rule(
    class_="F76",
    title="Ledger lines of a document stand there twice",
    role="erp",
    entity="posting",
    needs=(("erp", "posting"), *(("erp", entity) for entity in AMOUNT)),
    hop="erp->ledger",
    owner="FI",
    kind=Kind.MISSTATE,
    lag_s=0,
    touches=(
        Touch(role="erp", entity="posting", root="c.document_id"),
        *(Touch(role="erp", entity=entity, root="c.record_id") for entity in AMOUNT),
    ),
    select=f"""
        SELECT b.record_id AS root_id, h.entity,
            coalesce((:billing)[1] || ':' || split_part(h.copy_of, ':', 2), b.system || ':' || b.record_id)
                AS entity_id,
            b.system || ':' || h.customer_id AS customer_id, h.currency, abs(h.minor) AS money_minor,
            greatest(h.version_at, b.version_at) AS happened_at, (b.lines / 2) || ' ledger lines' AS expected,
            b.lines || ', each of them twice' AS found, 'posting' AS field, /*at b*/,
            jsonb_build_array(jsonb_build_array(b.system, h.entity, b.record_id),
                jsonb_build_array((:billing)[1], h.entity, split_part(h.copy_of, ':', 2)),
                jsonb_build_array(b.system, 'customer', h.customer_id)) AS records
        FROM (
            SELECT g.system, g.record_id, sum(g.lines) AS lines, max(g.version_at) AS version_at
            FROM (
                SELECT b.system, b.record_id, count(*) AS lines, max(b.version_at) AS version_at
                FROM (
                    SELECT p.system, p.document_id AS record_id, p.book, p.account_id, p.version_at,
                        coalesce(p.debit_minor, 0) - coalesce(p.credit_minor, 0) AS minor
                    FROM canonical.posting p WHERE p.is_posting AND p.deleted_at IS NULL
                ) b
                WHERE b.system = ANY(:erp) /*roots b*/ AND b.minor <> 0
                GROUP BY b.system, b.record_id, b.book, b.account_id, b.minor
            ) g
            GROUP BY g.system, g.record_id HAVING bool_and(g.lines % 2 = 0)
        ) b
        CROSS JOIN LATERAL ({_HEADERS}) h
    """,
    meaning="One document stands in the ledger twice, though the subledger has it once.",
    wrong_when="each ledger line of an invoice, credit note, payment or refund has a second one over the same amount "
    "on the same account",
    money="the document's amount",
    sentence="Document {at_record_id} over {money} has {found}, in the ledger.",
    advice="Reverse one of the two sets; look for a posting whose reply was lost and which was sent again.",
)
"""A document has one line on its receivable, whatever repeats among the others: all lines twice are two postings."""

RULES = (*(_twice(entity) for entity in _AMOUNT), ENTERED_AGAIN, LINES_TWICE)
