"""Rules about what a line of an invoice should have come to: whole terms, and the rest of a term after a change.

Not here: lines of a version no longer in force (stale_terms.py), missing ones (coverage.py), repeats (documents.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from sync_assets.model.breaks import Kind
from sync_assets.model.money import exponent
from sync_assets.reconcile.fragments import METERED, MONTHS, SCALE, ZONE
from sync_assets.reconcile.money import months_later
from sync_assets.reconcile.rule import HOUR_S, Row, Rule, Touch

_NEAR = timedelta(hours=1)
"""So far apart a vendor may stamp a change and the line that bills it; a span's last second is within it too."""

_TOLERANCE = 1
"""Minor units that rounding may take on a share of a term. A whole term leaves nothing to round but its fraction."""


@dataclass(frozen=True, kw_only=True)
class State:
    """One item as the subscription had it since an instant, and what a whole term of it costs in minor units."""

    since: datetime
    minor: Fraction


@dataclass(frozen=True, kw_only=True)
class Span:
    """The time of a line, and the term that it lies in."""

    starts_at: datetime
    term_starts_at: datetime
    term_ends_at: datetime

    @property
    def is_whole(self) -> bool:
        """Whether the line is for all of the term."""
        return self.starts_at - self.term_starts_at <= _NEAR

    def shares(self) -> Iterator[Fraction]:
        """What of the term is left, to the second, and in days where everything begins with a day.

        Source: chargebee.com/docs/2.0/proration.html (billing mode: to the millisecond by default, or to the day, and
        then every term and change begins at midnight).
        """
        edges = (self.starts_at, self.term_starts_at, self.term_ends_at)
        starts, begins, ends = (int(edge.astimezone(UTC).timestamp()) for edge in edges)
        yield Fraction(ends - starts, ends - begins)
        if all(edge.time() == time() for edge in edges):
            starts, begins, ends = (edge.date().toordinal() for edge in edges)
            yield Fraction(ends - starts, ends - begins)


def weigh(rows: Sequence[Row]) -> Iterable[Row]:
    """The lines that come to something else than their subscription's versions make of them."""
    for row in rows:
        rightful = expected(row)
        amount = row["amount_minor"]
        if not rightful or any(abs(amount - minor) < 1 + _TOLERANCE * is_share for minor, is_share in rightful):
            continue
        first = int(rightful[0][0] + Fraction(1, 2))
        if not _is_mended(row, first - amount):
            yield {
                **row,
                "money_minor": abs(first - amount),
                "kind": Kind.LEAK if first > amount else Kind.OVER,
                "expected": f"{first} {row['currency']}",
                "found": f"{amount} {row['currency']}",
            }


def expected(row: Row) -> list[tuple[Fraction, bool]]:
    """What a line may rightly come to, the likeliest first, each with whether it is a share of a term.

    Nothing where the term is not one of the subscription's own, or no version tells.
    """
    zones = dict.fromkeys((row["zone"], "UTC"))
    return [found for zone in zones for found in _expected(row, ZoneInfo(zone))]


def _expected(row: Row, zone: ZoneInfo) -> list[tuple[Fraction, bool]]:
    """The same by the terms of one time zone; a billing site keeps one of its own, its company's or UTC.

    Source: apidocs.chargebee.com/docs/api/invoices (site_details_at_creation.timezone).
    """
    span = _span(row, zone)
    states = [_state(each, row, zone) for each in row["states"]]
    if span is None:
        return []
    if span.is_whole:
        until = (row["happened_at"] or span.starts_at).astimezone(zone) + _NEAR
        known = [state.minor for state in states if state.since <= until]
        return [(minor, False) for minor in reversed(known)]
    return [
        (minor * share, True)
        for at, state in enumerate(states)
        if _begins_with(state, span)
        for minor in _charged(state, states[at - 1] if at else None)
        for share in span.shares()
    ]


def _span(row: Row, zone: ZoneInfo) -> Span | None:
    """The line's term, counted from the subscription's start; None for one that does not end with it."""
    anchor, starts, ends = (row[name].astimezone(zone) for name in ("started_at", "starts_at", "ends_at"))
    months = row["period_months"]
    count = ((ends.year - anchor.year) * 12 + ends.month - anchor.month) // months
    for number in (count, count + 1):
        edge = months_later(anchor, number * months)
        before = months_later(anchor, (number - 1) * months)
        if number > 0 and abs(edge - ends) <= _NEAR and starts >= before - _NEAR and starts < edge:
            return Span(starts_at=starts, term_starts_at=before, term_ends_at=edge)
    return None


def _state(each: Sequence[str], row: Row, zone: ZoneInfo) -> State:
    since, quantity, unit_price = each
    units = Fraction(1) if row["model"] == "flat" else Fraction(Decimal(quantity))
    minor = units * Fraction(Decimal(unit_price)) * 10 ** exponent(row["currency"])
    return State(since=datetime.fromisoformat(since).astimezone(zone), minor=minor)


def _begins_with(state: State, span: Span) -> bool:
    """Whether the span begins with the state: at its instant, or on its day where spans begin with a day."""
    on_the_day = span.starts_at.time() == time() and state.since.date() == span.starts_at.date()
    return on_the_day or abs(state.since - span.starts_at) <= _NEAR


def _charged(state: State, former: State | None) -> Iterator[Fraction]:
    """What a change charges for a whole term: what was added, or all of the new, the old being credited."""
    if former is not None and state.minor > former.minor:
        yield state.minor - former.minor
    yield state.minor


def _is_mended(row: Row, missing: int) -> bool:
    """Whether the rest was billed on another line of the same time, or what is too much was credited."""
    return missing in row["others"] if missing > 0 else row["credited_minor"] >= -missing


_LINES = "JOIN canonical.invoice_line il ON il.system = c.system AND il.subscription_id = "

_WHOLE_AT_ITS_PRICE = f"""
    SELECT FROM canonical.subscription_version v
    WHERE v.system = il.system AND v.subscription_id = il.subscription_id AND v.price_id = il.price_id
        AND v.deleted_at IS NULL AND v.valid_from <= coalesce(b.finalised_at, b.issued_at, il.starts_at)
        AND il.ends_at >= il.starts_at + make_interval(months => {MONTHS.format("pr")}::int) - interval '1 hour'
        AND il.amount_minor = round(v.unit_price * CASE WHEN pr.model = 'flat' THEN 1 ELSE v.quantity END
            * {SCALE.format("b.currency")})
"""
"""As long as a term, and at a price that was known by then: right by either time zone, as nearly every line is."""

WRONG_PRO_RATA = Rule(
    class_="F47",
    title="A line that is not its share of the term",
    role="billing",
    entity="invoice",
    needs=(
        ("billing", "invoice"),
        ("billing", "invoice_line"),
        ("billing", "subscription"),
        ("billing", "subscription_version"),
        ("billing", "credit_note"),
    ),
    hop="billing",
    owner="RO",
    kind=Kind.LEAK,
    lag_s=HOUR_S,
    touches=(
        Touch(role="billing", entity="invoice", root="c.record_id"),
        Touch(role="billing", entity="invoice_line", root="c.invoice_id"),
        Touch(
            role="billing",
            entity="invoice_line",
            root="il.invoice_id",
            join=f"{_LINES} c.subscription_id AND il.starts_at < c.ends_at AND il.ends_at > c.starts_at",
        ),
        Touch(role="billing", entity="credit_note", root="c.invoice_id"),
        Touch(role="billing", entity="subscription", root="il.invoice_id", join=f"{_LINES} c.record_id"),
        Touch(role="billing", entity="subscription_version", root="il.invoice_id", join=f"{_LINES} c.subscription_id"),
    ),
    select=f"""
        SELECT /*root b*/, b.currency,
            coalesce(b.finalised_at, b.issued_at) AS happened_at, 'lines' AS field,
            /*at b*/, il.record_id AS part,
            il.amount_minor, il.starts_at, il.ends_at, s.started_at, {MONTHS.format("pr")} AS period_months, pr.model,
            {ZONE.format("coalesce(b.legal_entity, s.legal_entity)")} AS zone,
            (SELECT coalesce(jsonb_agg(jsonb_build_array(v.valid_from, v.quantity::text, v.unit_price::text)
                ORDER BY v.valid_from, v.known_at, v.record_id), '[]') FROM canonical.subscription_version v
                WHERE v.system = il.system AND v.subscription_id = il.subscription_id AND v.price_id = il.price_id
                    AND v.deleted_at IS NULL AND v.unit_price IS NOT NULL
                    AND (v.quantity IS NOT NULL OR pr.model = 'flat')
            ) AS states,
            (SELECT coalesce(jsonb_agg(t.amount_minor), '[]') FROM canonical.invoice_line t
                JOIN canonical.invoice h ON h.system = t.system AND h.record_id = t.invoice_id
                    AND NOT h.is_void AND h.deleted_at IS NULL AND h.status <> 'draft'
                WHERE t.system = il.system AND t.subscription_id = il.subscription_id AND t.deleted_at IS NULL
                    AND t.record_id <> il.record_id AND t.starts_at < il.ends_at AND t.ends_at > il.starts_at
            ) AS others,
            (SELECT coalesce(sum(n.total_minor), 0)::bigint FROM canonical.credit_note n WHERE n.system = b.system
                AND n.invoice_id = b.record_id AND NOT n.is_void AND n.deleted_at IS NULL) AS credited_minor,
            jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
                jsonb_build_array(b.system, 'subscription', il.subscription_id)) AS records
        FROM canonical.invoice b
        JOIN canonical.invoice_line il ON il.system = b.system AND il.invoice_id = b.record_id AND il.deleted_at IS NULL
            AND il.amount_minor > 0 AND il.starts_at IS NOT NULL AND il.ends_at > il.starts_at
        JOIN canonical.subscription s ON s.system = il.system AND s.record_id = il.subscription_id
            AND s.deleted_at IS NULL AND s.started_at IS NOT NULL
        JOIN canonical.price pr ON pr.system = il.system AND pr.record_id = il.price_id
            AND pr.model IN ('flat', 'per_unit') AND {MONTHS.format("pr")} > 0 AND NOT {METERED}
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND NOT b.is_void AND b.status <> 'draft'
            AND NOT EXISTS ({_WHOLE_AT_ITS_PRICE})
    """,
    weigh=weigh,
    meaning="A line's amount is not what price, quantity and the time it covers make, so the customer pays too much "
    "or too little.",
    wrong_when="a line for a whole term, or for the rest of one after a change, is more than rounding away from every "
    "amount that the subscription's versions allow, and no other line or credit makes up for it",
    money="the likeliest rightful amount less the line's; LEAK when too little was billed, else OVER",
    sentence="A line of invoice {root_id} comes to {found}; by the subscription's history it is {expected}, "
    "{money} off.",
    advice="Bill or credit the difference; look by which count of days, or which price, the line was drawn up.",
)
"""A whole term at a price that was once agreed is right here: whether it still is, is another class's question.

Discounts are no part of a line's amount.
"""

RULES = (WRONG_PRO_RATA,)
