"""Rules about time that no invoice covers: a whole billing period, or days between two invoiced periods.

Coverage is that of the subscription, not of each of its items: a lost line is a header that is not its lines' sum.
Usage covers nothing, it is billed for what was.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import METERED, MONTHS, RUNNING, SCALE, STATE, ZONE
from sync_assets.reconcile.money import months_later
from sync_assets.reconcile.rule import DAY_S, Queue, Row, Rule, Touch

_NONE = timedelta(hours=1)
"""Less than that between two periods is how a clock was changed or an instant was rounded, not a gap."""

_MONTH_ENDS = timedelta(days=3)
"""From 28 February to 31 March is one month for a subscription that renews on the last day."""

_SHORT_MONTH = 28

_BILLED = ("active", "non_renewing")


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Time without an invoice: one whole period, or what is left of one."""

    starts_at: datetime
    ends_at: datetime
    minor: int
    is_whole: bool


def gaps(row: Row) -> Iterator[Gap]:
    """What of a subscription's time no invoice covers, each with its price before discount and tax, in minor units."""
    zone = ZoneInfo(row["zone"])
    spans = sorted((_at(start, zone), _at(end, zone)) for start, end, _ in row["spans"])
    for starts_at, ends_at, next_ends_at in _uncovered(row, spans, zone):
        at = starts_at
        while ends_at - at > _NONE:
            next_at = months_later(at, row["period_months"])
            is_whole = next_at <= ends_at + _NONE
            # The rest of the last period stays open until something follows it: a term may end later free of charge.
            if not is_whole and next_ends_at is None:
                break
            if is_whole and at.day >= _SHORT_MONTH and timedelta(0) < ends_at - next_at <= _MONTH_ENDS:
                next_at = ends_at
            until = next_at if is_whole else ends_at
            minor = _price_at(row, at, zone)
            if not is_whole and next_ends_at is not None:
                near = abs(next_ends_at - next_at) <= _MONTH_ENDS
                minor *= _seconds(at, until) / _seconds(at, next_ends_at if near else next_at)
            if minor > 0:
                yield Gap(starts_at=at, ends_at=until, minor=int(minor + Fraction(1, 2)), is_whole=is_whole)
            at = until


def _uncovered(
    row: Row, spans: Sequence[tuple[datetime, datetime]], zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime, datetime | None]]:
    """Spans between the first instant that is billed and the last, with the end of the invoiced period that follows."""
    covered = _first(row, zone)
    if covered is None:
        if not spans:
            return
        covered = spans[0][0]
    for start, end in spans:
        if start > covered:
            yield covered, start, end
        covered = max(covered, end)
    due = row["covered_until"]
    if due is not None and due.astimezone(zone) > covered and not _is_in_arrears(row):
        yield covered, due.astimezone(zone), None


def _first(row: Row, zone: ZoneInfo) -> datetime | None:
    """Since when billing had to invoice; unknown of a subscription that was begun in the past, or carried over.

    One that was never invoiced, though a term has turned since it was entered, was not invoiced from its beginning, if
    it was entered in its first term; else from that turn on.
    """
    if row["started_at"] is None or row["created_at"] is None:
        return None
    begun: datetime = row["started_at"].astimezone(zone)
    entered: datetime = row["created_at"].astimezone(zone)
    if begun >= entered - timedelta(days=1):
        return begun
    return None if row["spans"] else _never(row, begun, entered)


def _never(row: Row, begun: datetime, entered: datetime) -> datetime | None:
    """Since when one that was entered after it began had to be invoiced, which it never was."""
    number = 1
    while (turned := months_later(begun, number * row["period_months"])) < entered:
        number += 1
    if row["covered_until"] is None or row["covered_until"] <= turned:
        return None
    return begun if number == 1 else turned


def _is_in_arrears(row: Row) -> bool:
    """Whether the last period was invoiced when it was over."""
    known = [(_at(end, UTC), issued) for _, end, issued in row["spans"] if issued is not None]
    if not known:
        return False
    end, issued = max(known)
    return _at(issued, UTC) >= end - timedelta(days=1)


def _price_at(row: Row, instant: datetime, zone: ZoneInfo) -> Fraction:
    """Minor units of a whole period in the state in force at an instant; 0 where it is not known or not due."""
    state = [each for each in row["states"] if _at(each[0], zone) <= instant + _NONE]
    if not state:
        return Fraction(0)
    _, status, minor = state[-1]
    return Fraction(0) if status not in _BILLED or minor is None else Fraction(Decimal(minor))


def _seconds(starts_at: datetime, ends_at: datetime) -> Fraction:
    """Seconds that pass, also where clocks are changed in between."""
    return Fraction(int((ends_at.astimezone(UTC) - starts_at.astimezone(UTC)).total_seconds()))


def _at(text: str, zone: tzinfo) -> datetime:
    return datetime.fromisoformat(text).astimezone(zone)


def weigh_missing(rows: Sequence[Row]) -> Iterable[Row]:
    """One row for each whole billing period without invoice."""
    return [_told(row, gap) for row in rows for gap in gaps(row) if gap.is_whole]


def weigh_gaps(rows: Sequence[Row]) -> Iterable[Row]:
    """One row for each span shorter than a period between two invoiced ones."""
    return [_told(row, gap) for row in rows for gap in gaps(row) if not gap.is_whole]


def _told(row: Row, gap: Gap) -> Row:
    first, last = gap.starts_at.date(), (gap.ends_at - timedelta(seconds=1)).date()
    return {
        **row,
        "money_minor": gap.minor,
        "happened_at": gap.starts_at,
        "part": first.isoformat(),
        "expected": f"an invoice for {first} to {last}",
        "found": "none",
        "field": "lines",
        "is_absent": True,
    }


_UNITS = "CASE WHEN pr.model = 'flat' THEN 1 ELSE coalesce(n.quantity, 1) END"
"""How often a price is due: a flat fee once, however many it is for."""

_SELECT = f"""
    SELECT /*root s*/, s.currency, /*at s*/, s.started_at, s.created_at, {MONTHS.format("s")} AS period_months,
        {ZONE.format("coalesce(s.legal_entity, bc.legal_entity)")} AS zone, billed.spans, known.states,
        CASE WHEN s.status IN {RUNNING} THEN s.term_ends_at
            WHEN s.status = 'cancelled' THEN coalesce(s.cancelled_at, s.ends_at) END AS covered_until,
        jsonb_build_array(jsonb_build_array(s.system, 'subscription', s.record_id)) AS records
    FROM canonical.subscription s
    LEFT JOIN canonical.customer bc ON bc.system = s.system AND bc.record_id = s.customer_id
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_agg(jsonb_build_array(il.starts_at, il.ends_at, coalesce(h.issued_at, h.finalised_at))),
            '[]') AS spans
        FROM canonical.invoice_line il
        JOIN canonical.invoice h ON h.system = il.system AND h.record_id = il.invoice_id AND h.deleted_at IS NULL
        JOIN canonical.price pr ON pr.system = il.system AND pr.record_id = il.price_id AND pr.period IS NOT NULL
            AND NOT {METERED}
        WHERE il.system = s.system AND il.subscription_id = s.record_id AND il.deleted_at IS NULL
            AND il.ends_at > il.starts_at
    ) billed
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_agg(jsonb_build_array(each.valid_from, each.status, each.minor::text)
            ORDER BY each.valid_from, each.known_at, each.state), '[]') AS states
        FROM (
            SELECT n.valid_from, n.known_at, {STATE.format("n")} AS state, n.status,
                sum({_UNITS} * n.unit_price) * {SCALE.format("s.currency")} AS minor
            FROM canonical.subscription_version n
            JOIN canonical.price pr ON pr.system = n.system AND pr.record_id = n.price_id AND pr.period IS NOT NULL
                AND NOT {METERED}
            WHERE n.system = s.system AND n.subscription_id = s.record_id AND n.deleted_at IS NULL
            GROUP BY n.valid_from, n.known_at, state, n.status
        ) each
    ) known
    WHERE s.system = ANY(:billing) /*roots s*/ AND s.deleted_at IS NULL AND {MONTHS.format("s")} > 0
"""
_NEEDS = (
    ("billing", "subscription"),
    ("billing", "subscription_version"),
    ("billing", "invoice"),
    ("billing", "invoice_line"),
)
_TOUCHES = (
    Touch(role="billing", entity="subscription", root="c.record_id"),
    Touch(role="billing", entity="subscription_version", root="c.subscription_id"),
    Touch(role="billing", entity="invoice_line", root="c.subscription_id"),
    Touch(
        role="billing",
        entity="invoice",
        root="il.subscription_id",
        join="JOIN canonical.invoice_line il ON il.system = c.system AND il.invoice_id = c.record_id",
    ),
)

INVOICE_MISSING = Rule(
    class_="F45",
    title="A billing period without invoice",
    role="billing",
    entity="subscription",
    needs=_NEEDS,
    hop="billing",
    owner="FI",
    kind=Kind.LEAK,
    lag_s=DAY_S,
    touches=_TOUCHES,
    queue=Queue(role="billing", entity="invoice_line", field="subscription_id", name="{root_id}"),
    select=_SELECT,
    weigh=weigh_missing,
    meaning="A billing period passed and nobody invoiced it.",
    wrong_when="a whole billing period in which a subscription was active is on no invoice, a day after it began, "
    "though the period is due",
    money="quantity times price of the version in force at the period's start, before discount and tax",
    sentence="Nobody invoiced subscription {root_id} for a period: {expected} is missing; {money} not billed.",
    advice="Invoice the period, and look why the bill run passed over the subscription.",
)
"""A voided invoice covers its period: somebody decided so. A draft does as well, it is on its way."""

PERIOD_GAP = Rule(
    class_="F48",
    title="Days between two invoiced periods",
    explained_by=("F45",),
    role="billing",
    entity="subscription",
    needs=_NEEDS,
    hop="billing",
    owner="FI",
    kind=Kind.LEAK,
    lag_s=0,
    touches=_TOUCHES,
    select=_SELECT,
    weigh=weigh_gaps,
    meaning="Days between two invoiced periods are on no invoice.",
    wrong_when="part of a billing period, an hour or more, lies between two invoiced periods of an active subscription",
    money="the share of the days in the price of the period they belong to",
    sentence="Subscription {root_id} ran between two invoiced periods and was not billed: {expected} is missing; "
    "{money} not billed.",
    advice="Bill the days, or note why they were free; look which boundary of the periods was set wrong.",
)

RULES = (INVOICE_MISSING, PERIOD_GAP)
