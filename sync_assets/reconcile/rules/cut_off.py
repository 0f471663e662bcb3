"""Rules about documents near midnight of a month's last day: whose day it is decides the period.

Not here: a document that is in another period than its own day (postings.py), and other days that differ (copies.py).
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import ZONE
from sync_assets.reconcile.rule import Rule, Touch
from sync_assets.reconcile.rules.postings import AMOUNT, HEAD, IS_BOOKED, OWNED_BY

_LOCAL = "(({0}.issued_at AT TIME ZONE z.zone)::date)"
_UTC = "(({0}.issued_at AT TIME ZONE 'UTC')::date)"
"""A document's day by billing's instant: in its legal entity's time zone, and in none."""


def _keeps_days(entity: str) -> str:
    """Former documents of the customer all stand in the ERP on their legal entity's day, one at least on no other."""
    local, utc = _LOCAL.format("was"), _UTC.format("was")
    return f"""(
        SELECT bool_and(f.issued_on = {local}) AND count(*) FILTER (WHERE {local} <> {utc}) > 0
        FROM canonical.{entity} f
        JOIN canonical.{entity} was ON was.system = o.system AND was.record_id = split_part(f.copy_of, ':', 2)
            AND was.issued_at < o.issued_at
        WHERE f.system = e.system AND f.customer_id = e.customer_id AND f.legal_entity = e.legal_entity
            AND f.deleted_at IS NULL AND f.copy_of LIKE 'billing:%'
    )"""


def _touches(entity: str) -> tuple[Touch, ...]:
    """Changes of either copy, or of the period that the ERP's stands in."""
    return (
        Touch(role="erp", entity=entity, root="c.record_id"),
        Touch(
            role="billing",
            entity=entity,
            root="e.record_id",
            join=f"JOIN canonical.{entity} e ON e.system = ANY(:erp) AND e.copy_of = 'billing:' || c.record_id",
        ),
        Touch(
            role="erp",
            entity="period",
            root="e.record_id",
            join=f"JOIN canonical.{entity} e ON e.system = c.system AND e.period_id = c.record_id",
        ),
    )


def _on_another_day(entity: str) -> Rule:
    noun, day = entity.replace("_", " "), _LOCAL.format("o")
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
        title=f"{noun.capitalize()} posted in the wrong period by its time zone",
        role="erp",
        entity=entity,
        needs=(("erp", entity), ("erp", "period"), ("billing", entity)),
        hop="billing->erp",
        owner="FI",
        kind=Kind.MISSTATE,
        lag_s=0,
        touches=_touches(entity),
        select=f"""{head}
            JOIN canonical.{entity} o ON o.system = ANY(:billing) AND o.record_id = split_part(e.copy_of, ':', 2)
                AND o.deleted_at IS NULL
            CROSS JOIN LATERAL (SELECT {ZONE.format("e.legal_entity")} AS zone) z
            JOIN canonical.period p ON p.system = e.system AND p.record_id = e.period_id
                AND e.issued_on BETWEEN p.starts_on AND p.ends_on AND {day} NOT BETWEEN p.starts_on AND p.ends_on
            JOIN LATERAL (
                SELECT d.name, d.starts_on, d.ends_on, d.closed_on, d.is_closed, d.is_locked FROM canonical.period d
                WHERE d.system = e.system AND {day} BETWEEN d.starts_on AND d.ends_on AND d.deleted_at IS NULL
                    AND NOT coalesce(d.is_quarter, false) AND NOT coalesce(d.is_year, false)
                ORDER BY d.ends_on - d.starts_on, d.record_id LIMIT 1
            ) due ON true
            WHERE e.system = ANY(:erp) /*roots e*/ AND e.deleted_at IS NULL AND {IS_BOOKED[entity].format("e")}
                AND e.copy_of LIKE 'billing:%' AND abs(e.issued_on - {day}) = 1
                AND e.{AMOUNT[entity]} <> 0 AND NOT (p.starts_on > due.ends_on AND (
                    coalesce(due.closed_on <= e.created_at::date, due.is_closed OR due.is_locked, false)))
                AND {_keeps_days(entity)}
        """,
        meaning="Revenue and receivable of a month's last or first hours stand in the neighbouring month.",
        wrong_when="the day of a document in its legal entity's time zone is in another period than the ERP's day for "
        "it, unless that one was closed by then; former documents of the customer must show that the ERP keeps the "
        "days of that zone",
        money="the document's amount",
        sentence="Document {at_record_id} over {money} belongs into period {expected} by its time in its own zone, "
        "but is posted in {found}.",
        advice="Move it to the period of its day there; look which time zone the sync takes days in.",
    )


RULES = (_on_another_day("invoice"), _on_another_day("credit_note"))
"""Where the ERP keeps the days of another zone throughout, say of the billing site, that is a choice and no mistake."""
