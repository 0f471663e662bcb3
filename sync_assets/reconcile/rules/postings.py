"""Rules about how one document is posted: in the period of its day, on the accounts of what it sells.

Not here: whether it is posted at all and balances (ledger.py), once (posted_twice.py), in the right subsidiary
(subsidiaries.py), and accounts as a whole (control_accounts.py).
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import Rule, Touch

AMOUNT = {
    "invoice": "total_minor",
    "credit_note": "total_minor",
    "payment": "amount_minor",
    "refund": "amount_minor",
}
"""Documents of the subledger, with the column of their amount."""

OWNED_BY = """coalesce((:billing)[1] || ':' || split_part({0}.copy_of, ':', 2), {0}.system || ':' || {0}.record_id)"""
IS_BOOKED = {
    "invoice": "NOT {0}.is_void AND {0}.is_posted IS NOT FALSE",
    "credit_note": "NOT {0}.is_void AND {0}.is_posted IS NOT FALSE",
    "payment": "{0}.status NOT IN ('void', 'failed') AND {0}.is_posted IS NOT FALSE",
    "refund": "{0}.status NOT IN ('void', 'failed') AND {0}.is_posted IS NOT FALSE",
}

HEAD = """
    SELECT e.record_id AS root_id, {entity_id} AS entity_id, e.system || ':' || e.customer_id AS customer_id,
        e.currency, {money} AS money_minor, {happened} AS happened_at, {expected} AS expected, {found} AS found,
        '{field}' AS field, /*at e*/,
        jsonb_build_array(jsonb_build_array(e.system, '{entity}', e.record_id),
            jsonb_build_array((:billing)[1], '{entity}', split_part(e.copy_of, ':', 2)){also}) AS records
    FROM canonical.{entity} e
"""


_PERIOD = "{0}.starts_on <= e.issued_on AND {0}.ends_on >= e.issued_on"


def _wrong_period(entity: str) -> Rule:
    head = HEAD.format(
        entity=entity,
        entity_id=OWNED_BY.format("e"),
        money=f"abs(e.{AMOUNT[entity]})",
        happened="e.version_at",
        expected="coalesce(due.name, due.starts_on::text)",
        found="coalesce(p.name, p.starts_on::text)",
        field="period_id",
        also="",
    )
    return Rule(
        class_="F81",
        title="Posted in the wrong period",
        role="erp",
        entity=entity,
        needs=(("erp", entity), ("erp", "period")),
        hop="erp->ledger",
        owner="FI",
        kind=Kind.MISSTATE,
        lag_s=0,
        touches=(
            Touch(role="erp", entity=entity, root="c.record_id"),
            Touch(
                role="erp",
                entity="period",
                root="e.record_id",
                join=f"JOIN canonical.{entity} e ON e.system = c.system AND e.period_id = c.record_id",
            ),
        ),
        select=f"""{head}
            JOIN canonical.period p ON p.system = e.system AND p.record_id = e.period_id AND NOT ({_PERIOD.format("p")})
            JOIN LATERAL (
                SELECT d.name, d.starts_on, d.ends_on, d.closed_on, d.is_closed, d.is_locked FROM canonical.period d
                WHERE d.system = e.system AND {_PERIOD.format("d")} AND d.deleted_at IS NULL
                    AND NOT coalesce(d.is_quarter, false) AND NOT coalesce(d.is_year, false)
                ORDER BY d.ends_on - d.starts_on, d.record_id LIMIT 1
            ) due ON true
            WHERE e.system = ANY(:erp) /*roots e*/ AND e.deleted_at IS NULL AND {IS_BOOKED[entity].format("e")}
                AND e.{AMOUNT[entity]} <> 0 AND NOT (p.starts_on > due.ends_on AND (
                    coalesce(due.closed_on <= e.created_at::date, due.is_closed OR due.is_locked, false)))
        """,
        meaning="Revenue and receivable stand in a period that the document does not belong to.",
        wrong_when="a document is posted to a period that does not contain its day, unless its own period was closed "
        "by then",
        money="the document's amount",
        sentence="Document {at_record_id} over {money} belongs into period {expected} but is posted in {found}.",
        advice="Move it to the period of its day, or document the accrual if that period is closed by now.",
    )


_ASTRAY = """
    FROM canonical.document_line dl
    JOIN canonical.product it ON it.system = dl.system AND it.record_id = dl.item_id
        AND it.income_account_id IS NOT NULL
    JOIN canonical.posting q ON q.system = dl.system AND q.document_id = dl.document_id AND q.line_id = dl.record_id
        AND q.is_posting AND q.deleted_at IS NULL AND q.account_id <> it.income_account_id
        AND q.account_id IS DISTINCT FROM it.deferral_account_id
    WHERE dl.system = e.system AND dl.document_id = e.record_id AND dl.deleted_at IS NULL
        AND NOT dl.is_main AND NOT dl.tax AND dl.amount_minor <> 0
"""
"""Lines of a document posted elsewhere than to an account of their item; few documents have any."""

_EARLIER = """EXISTS (
    SELECT FROM canonical.posting used
    JOIN canonical.document_line same ON same.system = used.system AND same.record_id = used.line_id
        AND same.item_id = line.item_id AND same.deleted_at IS NULL
    JOIN canonical.{entity} before ON before.system = used.system AND before.record_id = used.document_id
        AND before.issued_on <= e.issued_on AND before.record_id <> e.record_id
    WHERE used.system = e.system AND used.account_id IN (line.income_account_id, line.deferral_account_id)
        AND used.deleted_at IS NULL)"""
"""The item was posted to its accounts by then; before the first such line the map may have been another one."""


def _wrong_account(entity: str) -> Rule:
    head = HEAD.format(
        entity=entity,
        entity_id=OWNED_BY.format("e"),
        money="wrong.minor",
        happened="e.version_at",
        expected="'account ' || wrong.due",
        found="'account ' || wrong.found",
        field="account_id",
        also="",
    )
    return Rule(
        class_="F82",
        title="Posted to an account that is not the item's",
        explained_by=("F76",),
        role="erp",
        entity=entity,
        needs=(("erp", entity), ("erp", "document_line"), ("erp", "posting"), ("erp", "product")),
        hop="erp->ledger",
        owner="FI",
        kind=Kind.MISSTATE,
        lag_s=0,
        touches=(
            Touch(role="erp", entity=entity, root="c.record_id"),
            Touch(role="erp", entity="posting", root="c.document_id"),
            Touch(role="erp", entity="document_line", root="c.document_id"),
        ),
        select=f"""{head}
            CROSS JOIN LATERAL (
                SELECT abs(sum(line.amount_minor)) AS minor, min(coalesce(due.number, due.record_id)) AS due,
                    min(coalesce(a.number, line.account_id)) AS found
                FROM (
                    SELECT DISTINCT ON (dl.record_id) dl.system, dl.item_id, dl.amount_minor, q.account_id,
                        it.income_account_id, it.deferral_account_id
                    {_ASTRAY} ORDER BY dl.record_id, q.book
                ) line
                LEFT JOIN canonical.ledger_account a ON a.system = line.system AND a.record_id = line.account_id
                LEFT JOIN canonical.ledger_account due ON due.system = line.system
                    AND due.record_id = line.income_account_id
                WHERE NOT EXISTS (SELECT FROM canonical.product_history h
                        WHERE h.system = line.system AND h.record_id = line.item_id
                            AND line.account_id IN (h.income_account_id, h.deferral_account_id))
                    AND {_EARLIER.format(entity=entity)}
                HAVING sum(line.amount_minor) <> 0
            ) wrong
            WHERE e.system = ANY(:erp) /*roots e*/ AND e.deleted_at IS NULL AND {IS_BOOKED[entity].format("e")}
                AND EXISTS (SELECT {_ASTRAY})
        """,
        meaning="Revenue stands on an account that is not the one of what was sold.",
        wrong_when="an item's line is posted to an account that never was its own, while earlier lines were",
        money="the lines' amount on the wrong account",
        sentence="Document {at_record_id} posts {money} to {found}, but what it sells belongs on {expected}.",
        advice="Correct the account on the document; look whether somebody chose it by hand or a default stepped in.",
    )


RULES = (
    *(_wrong_period(entity) for entity in ("invoice", "credit_note")),
    *(_wrong_account(entity) for entity in ("invoice", "credit_note")),
)
