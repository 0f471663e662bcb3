"""Rules about billing's invoices in themselves, and about those that never reached the ERP.

Not here: copies that differ from what they are copies of (copies.py).
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import METERED
from sync_assets.reconcile.rule import HOUR_S, Queue, Rule, Touch

_BILLED = Touch(role="billing", entity="invoice", root="c.record_id")
_BILLED_LINE = Touch(role="billing", entity="invoice_line", root="c.invoice_id")
_POSTED_COPY = Touch(role="erp", entity="invoice", root="split_part(c.copy_of, ':', 2)")

_OF_THE_PERIOD = (
    "JOIN canonical.invoice_line other ON other.system = {line}.system "
    "AND other.subscription_id = {line}.subscription_id AND other.starts_at = {line}.starts_at"
)
_OTHERS = (
    "JOIN canonical.invoice_line il ON il.system = c.system AND il.invoice_id = {invoice} "
    + _OF_THE_PERIOD.replace("{line}", "il")
)
"""Invoices that bill the same period of the same subscription; whichever changes, the later one is looked at."""

_CREDITED = """(
    SELECT coalesce(sum(n.total_minor), 0) FROM canonical.credit_note n
    WHERE n.system = {0}.system AND n.invoice_id = {0}.record_id AND NOT n.is_void AND n.deleted_at IS NULL
)"""
"""What all notes of an invoice come to."""

_ALL_IN_FORCE = f"""(
    other.invoice_id <> il.invoice_id AND other.ends_at > other.starts_at
    AND other.quantity >= (SELECT max(n.quantity) FROM canonical.subscription_version n
        JOIN canonical.price pr ON pr.system = n.system AND pr.record_id = n.price_id AND NOT {METERED}
        WHERE n.system = other.system AND n.subscription_id = other.subscription_id AND n.price_id = other.price_id
            AND n.valid_from < other.ends_at AND n.deleted_at IS NULL)
)"""
"""The other line bills as much as the subscription ever had until then: one more of its period is no addition."""

ABSENT_IN_ERP = Rule(
    class_="F51",
    title="Billing invoice absent in ERP",
    explained_by=(
        "F24",
        "F46",
    ),
    role="billing",
    entity="invoice",
    needs=(("billing", "invoice"), ("erp", "invoice")),
    hop="billing->erp",
    owner="FI",
    kind=Kind.MISSTATE,
    lag_s=4 * HOUR_S,
    touches=(_BILLED, _POSTED_COPY),
    queue=Queue(role="erp", entity="invoice", field="copy_of", name="billing:{root_id}"),
    is_cut_off=True,
    arrivals="""
        SELECT coalesce(b.finalised_at, b.issued_at) AS happened_at, e.created_at AS arrived_at, e.change_id
        FROM canonical.invoice e
        JOIN canonical.invoice b ON b.system = ANY(:billing) AND b.record_id = split_part(e.copy_of, ':', 2)
        WHERE e.system = ANY(:erp) AND e.copy_of LIKE 'billing:%' AND e.created_at IS NOT NULL
            AND e.deleted_at IS NULL AND coalesce(b.finalised_at, b.issued_at) IS NOT NULL
    """,
    select="""
        SELECT /*root b*/, b.currency, b.total_minor AS money_minor, b.legal_entity, b.issued_on AS belongs_on,
            greatest(coalesce(b.finalised_at, b.issued_at, b.version_at), gone.deleted_at) AS happened_at,
            'an ERP invoice over ' || b.total_minor || ' ' || b.currency AS expected, 'none' AS found,
            'posting' AS field, (:erp)[1] AS at_system, CAST(NULL AS text) AS at_record_id,
            CASE WHEN gone.record_id IS NOT NULL THEN jsonb_build_array(gone.system, 'invoice', gone.record_id) END
                AS evidence,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id)) AS records
        FROM canonical.invoice b
        LEFT JOIN LATERAL (
            SELECT e.system, e.record_id, e.deleted_at FROM canonical.invoice e
            WHERE e.system = ANY(:erp) AND e.copy_of = 'billing:' || b.record_id AND e.deleted_at IS NOT NULL
            ORDER BY e.deleted_at DESC LIMIT 1
        ) gone ON true
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND NOT b.is_void
            AND b.status <> 'draft' AND b.total_minor <> 0
            AND NOT EXISTS (SELECT FROM canonical.invoice e
                WHERE e.system = ANY(:erp) AND e.copy_of = 'billing:' || b.record_id AND e.deleted_at IS NULL)
    """,
    meaning="Revenue and receivable of an invoice are missing in the books.",
    wrong_when="an issued invoice that is not void has no document in the ERP four hours after it became final",
    money="the invoice's total",
    sentence="Invoice {root_id} over {money} was issued but never reached the ERP, so the books lack it.",
    advice="Look why the posting failed (closed period, unmapped item, missing customer) and post it again.",
)

LINES_DO_NOT_ADD_UP = Rule(
    class_="F49",
    title="Invoice header is not the sum of its lines",
    role="billing",
    entity="invoice",
    needs=(("billing", "invoice"), ("billing", "invoice_line")),
    hop="billing",
    owner="DE",
    kind=Kind.MISSTATE,
    lag_s=0,
    touches=(_BILLED, _BILLED_LINE),
    select="""
        SELECT /*root b*/, b.currency,
            CASE WHEN sums.is_total_right THEN abs(coalesce(b.tax_minor, 0) - l.tax_minor)
                ELSE abs(b.total_minor - l.net_minor - coalesce(b.tax_minor, 0)) END::bigint AS money_minor,
            greatest(coalesce(b.finalised_at, b.issued_at, b.version_at), l.lost_at) AS happened_at,
            b.version_at AS told_at,
            CASE WHEN sums.is_total_right THEN l.tax_minor || ' ' || b.currency || ' of tax'
                ELSE (l.net_minor + coalesce(b.tax_minor, 0)) || ' ' || b.currency END AS expected,
            CASE WHEN sums.is_total_right THEN coalesce(b.tax_minor, 0) || ' ' || b.currency || ' of tax'
                ELSE b.total_minor || ' ' || b.currency END AS found,
            CASE WHEN sums.is_total_right THEN 'tax_minor' ELSE 'total_minor' END AS field,
            /*at b*/,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id)) AS records
        FROM canonical.invoice b
        CROSS JOIN LATERAL (
            SELECT sum(il.amount_minor) FILTER (WHERE il.deleted_at IS NULL)
                - coalesce(b.discount_minor, sum(il.discount_minor) FILTER (WHERE il.deleted_at IS NULL), 0)
                + coalesce(b.round_off_minor, 0) AS net_minor, max(il.deleted_at) AS lost_at,
                CASE WHEN count(*) = count(il.tax_minor) THEN sum(il.tax_minor)
                    FILTER (WHERE il.deleted_at IS NULL) END AS tax_minor,
                count(*) FILTER (WHERE il.deleted_at IS NULL) AS lines
            FROM canonical.invoice_line il
            WHERE il.system = b.system AND il.invoice_id = b.record_id
        ) l
        CROSS JOIN LATERAL (
            SELECT b.total_minor IN (l.net_minor, l.net_minor + coalesce(b.tax_minor, 0)) AS is_total_right
        ) sums
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND b.status <> 'draft' AND NOT b.is_void
            AND l.net_minor IS NOT NULL
            AND (NOT sums.is_total_right OR abs(coalesce(b.tax_minor, 0) - l.tax_minor) > l.lines)
    """,
    meaning="The total that the customer owes is not what the invoice's own lines say.",
    wrong_when="an issued invoice's total is not its lines less discounts plus tax, or its tax is further from that "
    "of its lines than a minor unit for each; while lines are read less far than the header, nothing is said (F59)",
    money="the difference",
    sentence="Invoice {root_id} totals {found}, but its lines, discounts and tax make {expected}.",
    advice="Compare the invoice's lines with the document sent to the customer; one of the two was changed by hand.",
)
"""F59, lines that are read less far than their header, is no break and has no rule: the catalogue gives it no money
and one cure, to wait. It is this rule's verdict UNKNOWABLE until lines are complete through the header's last change,
as of every rule that needs both. Chargebee shows an invoice and its lines in one record, so that they cannot part;
NetSuite's lines are a stream of their own.
"""

BILLED_TWICE = Rule(
    class_="F46",
    title="The same service is invoiced twice",
    explained_by=("F20",),
    explains=("F47",),
    role="billing",
    entity="invoice",
    needs=(("billing", "invoice"), ("billing", "invoice_line"), ("billing", "credit_note")),
    hop="billing",
    owner="FI",
    kind=Kind.OVER,
    lag_s=0,
    touches=(
        _BILLED_LINE,
        Touch(role="billing", entity="invoice_line", root="other.invoice_id", join=_OF_THE_PERIOD.format(line="c")),
        _BILLED,
        Touch(role="billing", entity="invoice", root="other.invoice_id", join=_OTHERS.format(invoice="c.record_id")),
        Touch(role="billing", entity="credit_note", root="c.invoice_id"),
        Touch(
            role="billing", entity="credit_note", root="other.invoice_id", join=_OTHERS.format(invoice="c.invoice_id")
        ),
        Touch(
            role="billing",
            entity="subscription_version",
            root="il.invoice_id",
            join="JOIN canonical.invoice_line il ON il.system = c.system AND il.subscription_id = c.subscription_id "
            "AND il.price_id = c.price_id AND il.ends_at > c.valid_from",
        ),
    ),
    select=f"""
        SELECT /*root b*/, b.currency,
            CASE WHEN again.is_whole THEN b.total_minor ELSE again.gross_minor END AS money_minor,
            coalesce(b.finalised_at, b.issued_at, b.version_at) AS happened_at,
            'one invoice for the period' AS expected, 'also on ' || again.first_id AS found,
            'lines' AS field, /*at b*/,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
                jsonb_build_array(b.system, 'invoice', again.first_id),
                jsonb_build_array(b.system, 'subscription', again.subscription_id)) AS records
        FROM (
            SELECT b.* FROM canonical.invoice b
            WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND NOT b.is_void
                AND b.status <> 'draft' AND EXISTS (SELECT FROM canonical.invoice_line il
                    JOIN canonical.invoice_line other ON other.system = il.system AND other.price_id = il.price_id
                        AND other.subscription_id = il.subscription_id AND other.starts_at = il.starts_at
                        AND other.record_id <> il.record_id
                    WHERE il.system = b.system AND il.invoice_id = b.record_id AND il.amount_minor > 0)
            OFFSET 0
        ) b
        CROSS JOIN LATERAL (
            SELECT min(former.first_id) AS first_id, min(il.subscription_id) AS subscription_id,
                bool_and(former.first_id IS NOT NULL) AS is_whole,
                sum(il.amount_minor - coalesce(il.discount_minor, 0) + coalesce(il.tax_minor, 0))
                    FILTER (WHERE former.first_id IS NOT NULL) AS gross_minor
            FROM canonical.invoice_line il
            LEFT JOIN LATERAL (
                SELECT min(first.record_id) AS first_id
                FROM canonical.invoice_line other
                JOIN canonical.invoice first ON first.system = other.system AND first.record_id = other.invoice_id
                    AND first.deleted_at IS NULL AND NOT first.is_void AND first.status <> 'draft'
                WHERE other.system = il.system AND other.subscription_id = il.subscription_id
                    AND other.price_id = il.price_id AND other.starts_at = il.starts_at AND other.ends_at = il.ends_at
                    AND other.deleted_at IS NULL AND (other.amount_minor = il.amount_minor OR {_ALL_IN_FORCE})
                    AND (other.invoice_id = il.invoice_id AND other.record_id < il.record_id
                            AND il.ends_at > il.starts_at
                        OR other.invoice_id <> il.invoice_id
                        AND (coalesce(first.finalised_at, first.issued_at), length(first.record_id), first.record_id)
                            < (coalesce(b.finalised_at, b.issued_at), length(b.record_id), b.record_id))
                    AND {_CREDITED.format("first")} < other.amount_minor - coalesce(other.discount_minor, 0)
            ) former ON true
            WHERE il.system = b.system AND il.invoice_id = b.record_id AND il.deleted_at IS NULL
                AND il.amount_minor > 0
                AND {_CREDITED.format("b")} < il.amount_minor - coalesce(il.discount_minor, 0)
        ) again
        WHERE again.first_id IS NOT NULL
    """,
    meaning="The customer is asked twice for the same service.",
    wrong_when="two invoices, or one invoice twice, have a line of the same subscription, price, period and amount, "
    "or the earlier one bills all that was in force in the period, and neither was credited; the later one is too many",
    money="the later invoice's total, or those of its lines that repeat, with tax",
    sentence="Invoice {root_id} bills {money} for a period that has been billed already.",
    advice="Credit the later invoice; look for a retried bill run or a replayed event.",
)

"""`OFFSET 0` keeps what is cheap and leaves little before what is dear, here and in other rules: the planner would join
both as one, and cannot know how little is left."""

RULES = (ABSENT_IN_ERP, LINES_DO_NOT_ADD_UP, BILLED_TWICE)
