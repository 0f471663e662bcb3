"""The rule about deferred revenue as a roll-forward of its account: billed ahead, and recognised as it is served.

Not here: journals by hand on the account (control_accounts.py), documents on a wrong one (postings.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.accounts import plays
from sync_assets.reconcile.deferral import Deferred, Due, Run, last_day, not_made_good, usual_due
from sync_assets.reconcile.fragments import ZONE
from sync_assets.reconcile.rule import DAY_S, Row, Rule, Touch

_NAMED = 20
"""Doubtful documents that a break names at most."""


def weigh_runs(rows: Sequence[Row]) -> Iterable[Row]:
    """Runs of a legal entity that recognised another amount than was due, and that no later run made good."""
    for row in rows:
        if any(told["starts_on"] is None for told in row["documents"]):
            continue
        runs = _runs(row)
        due = usual_due([_deferred(told) for told in row["documents"]], runs)
        if due is not None:
            yield from (_told(row, run, one) for run, one in not_made_good(runs, due, but=_untold(row, runs)))


def _deferred(told: dict[str, Any]) -> Deferred:
    return Deferred(
        document_id=told["id"],
        created_at=datetime.fromisoformat(told["created_at"]),
        starts_on=date.fromisoformat(told["starts_on"]),
        ends_on=date.fromisoformat(told["ends_on"]),
        minor=told["minor"],
        is_doubtful=told["is_doubtful"],
    )


def _runs(row: Row) -> list[Run]:
    """The runs by their months, journals of one month together, and closed months after the last that had none."""
    by_month: dict[date, Run] = {}
    for told in sorted(row["runs"], key=lambda told: (told["month"], told["created_at"])):
        month, at = date.fromisoformat(told["month"]), datetime.fromisoformat(told["created_at"])
        before = by_month.get(month, Run(month=month, created_at=at, minor=0, journal_id=told["id"]))
        by_month[month] = replace(before, created_at=max(at, before.created_at), minor=before.minor + told["minor"])
    last = max(by_month)
    left_out = sorted(month for told in row["closed"] if (month := date.fromisoformat(told)) > last)
    return [
        *(by_month[month] for month in sorted(by_month)),
        *(Run(month=month, created_at=row["now"], minor=0) for month in left_out),
    ]


def _untold(row: Row, runs: Sequence[Run]) -> frozenset[date]:
    """Months of runs from which a document was voided later, and of the next: its amounts are gone, nobody can say."""
    months: set[date] = set()
    for told in row["voids"]:
        made, gone = map(datetime.fromisoformat, told)
        between = [run.month for run in runs if made <= run.created_at <= gone]
        after = [run.month for run in runs if run.created_at > gone][:1]
        months.update([*between, *after] if between else [])
    return frozenset(months)


def _told(row: Row, run: Run, due: Due) -> Row:
    system, currency = row["at_system"], row["currency"]
    named = run.journal_id or row["periods"].get(run.month.isoformat())
    entity = "journal" if run.journal_id else "period"
    return {
        **row,
        "entity": entity,
        "entity_id": f"{system}:{named}",
        "part": f"{run.month:%Y-%m}",
        "at_record_id": run.journal_id,
        "money_minor": abs(due.minor - run.minor),
        "happened_at": run.created_at if run.journal_id else datetime.combine(last_day(run.month), row["now"].timetz()),
        "expected": f"{due.minor} {currency} recognised in {run.month:%B %Y}",
        "found": f"{run.minor} {currency}" if run.journal_id else "no run",
        "records": [
            [system, entity, named],
            *([system, "invoice", document_id] for document_id in due.doubtful[:_NAMED]),
        ],
    }


_ON_DEFERRED = f"""
    SELECT DISTINCT ON (x.system, x.line_id) x.system, x.document_id, dl.legal_entity, dl.item_id,
        coalesce(dl.recognition, false) AS is_run,
        (coalesce(x.credit_minor, 0) - coalesce(x.debit_minor, 0))::bigint AS minor
    FROM canonical.ledger_account a
    JOIN canonical.posting x ON x.system = a.system AND x.account_id = a.record_id AND x.is_posting
        AND x.deleted_at IS NULL
    JOIN canonical.document_line dl ON dl.system = x.system AND dl.record_id = x.line_id AND dl.deleted_at IS NULL
    WHERE a.system = ANY(:erp) AND {plays("deferred", "a")} AND dl.legal_entity IN (le.copy_of, le.record_id)
    ORDER BY x.system, x.line_id, x.book
"""
"""Lines of a legal entity on deferred revenue, credit positive, in its own currency and its first book."""

_HEADERS = """
    SELECT e.system, e.record_id, e.created_at, e.is_void, e.version_at, e.copy_of, b.record_id AS billed_id,
        e.total_minor IS DISTINCT FROM b.total_minor AS is_doubtful
    FROM canonical.invoice e
    LEFT JOIN canonical.invoice b ON b.system = ANY(:billing) AND b.record_id = split_part(e.copy_of, ':', 2)
    WHERE e.system = m.system AND e.record_id = m.document_id AND e.deleted_at IS NULL
    UNION ALL
    SELECT e.system, e.record_id, e.created_at, e.is_void, e.version_at, e.copy_of, n.invoice_id,
        abs(e.total_minor) IS DISTINCT FROM n.total_minor
    FROM canonical.credit_note e
    LEFT JOIN canonical.credit_note n ON n.system = ANY(:billing) AND n.record_id = split_part(e.copy_of, ':', 2)
    WHERE e.system = m.system AND e.record_id = m.document_id AND e.deleted_at IS NULL
"""

_SERVED = """
    SELECT (min(il.starts_at) AT TIME ZONE z.zone)::date AS starts_on,
        (max(il.ends_at) AT TIME ZONE z.zone)::date AS ends_on
    FROM canonical.product it
    JOIN canonical.invoice_line il ON il.system = ANY(:billing) AND il.invoice_id = h.billed_id
        AND il.deleted_at IS NULL
    JOIN canonical.price pr ON pr.system = il.system AND pr.record_id = il.price_id AND pr.product_id = it.sku
    WHERE it.system = m.system AND it.record_id = m.item_id
"""
"""The days of service of what a document sells under an item, as billing has them on the invoice it is about."""

ROLL_FORWARD = Rule(
    class_="F83",
    title="Deferred revenue does not roll forward",
    explained_by=("F50", "F75", "F76", "F82", "F91", "F102"),
    role="erp",
    entity="legal_entity",
    needs=(
        ("erp", "legal_entity"),
        ("erp", "journal"),
        ("erp", "document_line"),
        ("erp", "posting"),
        ("erp", "ledger_account"),
        ("erp", "product"),
        ("erp", "invoice"),
        ("erp", "credit_note"),
        ("erp", "period"),
        ("billing", "invoice_line"),
    ),
    hop="erp->ledger",
    owner="FI",
    kind=Kind.MISSTATE,
    lag_s=DAY_S,
    touches=(
        Touch(
            role="erp",
            entity="document_line",
            root="le.record_id",
            join="JOIN canonical.legal_entity le ON c.recognition AND le.system = c.system "
            "AND c.legal_entity IN (le.copy_of, le.record_id)",
        ),
        Touch(
            role="erp",
            entity="posting",
            root="le.record_id",
            join="JOIN canonical.document_line dl ON dl.system = c.system AND dl.record_id = c.line_id "
            "AND dl.recognition JOIN canonical.legal_entity le ON le.system = c.system "
            "AND dl.legal_entity IN (le.copy_of, le.record_id)",
        ),
        Touch(
            role="erp",
            entity="period",
            root="le.record_id",
            join="JOIN canonical.legal_entity le ON c.is_closed AND le.system = c.system",
        ),
    ),
    select=f"""
        SELECT le.record_id AS root_id, CAST(NULL AS text) AS customer_id, le.currency, le.system AS at_system,
            :now AS now, 'recognition' AS field, coalesce(told.documents, '[]') AS documents,
            coalesce(told.voids, '[]') AS voids, made.runs, coalesce(shut.closed, '[]') AS closed,
            coalesce(shut.periods, '{{}}') AS periods
        FROM canonical.legal_entity le
        CROSS JOIN LATERAL (SELECT {ZONE.format("coalesce(le.copy_of, le.record_id)")} AS zone) z
        CROSS JOIN LATERAL (
            SELECT jsonb_agg(jsonb_build_object('id', r.record_id, 'created_at', r.created_at, 'minor', r.minor,
                'month', date_trunc('month', r.issued_on)::date)) AS runs
            FROM (
                SELECT j.record_id, j.issued_on, coalesce(j.created_at, j.version_at) AS created_at,
                    -sum(m.minor)::bigint AS minor
                FROM ({_ON_DEFERRED}) m
                JOIN canonical.journal j ON j.system = m.system AND j.record_id = m.document_id
                    AND j.deleted_at IS NULL AND j.is_posted IS NOT FALSE
                WHERE m.is_run GROUP BY j.record_id, j.issued_on, j.created_at, j.version_at
            ) r
        ) made
        CROSS JOIN LATERAL (
            SELECT jsonb_agg(jsonb_build_object('id', h.record_id, 'minor', m.minor, 'starts_on', d.starts_on,
                    'ends_on', d.ends_on, 'is_doubtful', h.is_doubtful,
                    'created_at', coalesce(h.created_at, h.version_at))) FILTER (WHERE m.minor <> 0) AS documents,
                jsonb_agg(DISTINCT jsonb_build_array(coalesce(h.created_at, h.version_at), h.version_at))
                    FILTER (WHERE h.is_void) AS voids
            FROM ({_ON_DEFERRED}) m
            CROSS JOIN LATERAL ({_HEADERS}) h
            LEFT JOIN LATERAL ({_SERVED}) d ON true
            WHERE NOT m.is_run
        ) told
        CROSS JOIN LATERAL (
            SELECT jsonb_agg(p.starts_on) FILTER (WHERE p.is_closed) AS closed,
                jsonb_object_agg(p.starts_on, p.record_id) AS periods
            FROM canonical.period p WHERE p.system = le.system AND p.deleted_at IS NULL
                AND p.ends_on - p.starts_on < 40 AND p.ends_on < :now::date
        ) shut
        WHERE le.system = ANY(:erp) /*roots le*/ AND le.deleted_at IS NULL AND made.runs IS NOT NULL
    """,
    weigh=weigh_runs,
    meaning="Revenue of a month is not what was served in it, and what is still deferred is wrong from then on.",
    wrong_when="a month's recognition of a legal entity is not what its documents on deferred revenue have due in it, "
    "by the method that explains the most of its runs to the unit, and no later run made it good",
    money="the difference, in the legal entity's currency",
    sentence="Deferred revenue: {expected} expected, {found} found; {money} off.",
    advice="Compare the run with the schedules of the documents; one was left out, counted twice or not changed with "
    "its document.",
)
"""Opening balance plus what was billed less what was recognised makes the closing balance; each month's recognition
is what can be wrong of it when documents and journals are right. Documents without days of service in billing (made in
the ERP alone) have no schedule that can be known: then nothing is said of their legal entity.
"""

RULES = (ROLL_FORWARD,)
