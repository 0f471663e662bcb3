"""The rule about recurring revenue as the CRM tells it and as the ledger implies it, customer by customer.

Not here: prices, quantities and terms that are billed otherwise than sold; they are steps of the bridge between the
two, and each has a class of its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import chain
from typing import Any

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import AGREED, METERED, MONTHS, RUNNING, SCALE
from sync_assets.reconcile.money import months_later
from sync_assets.reconcile.rule import HOUR_S, Row, Rule, Touch

_YEAR = 12
_TOLERANCE = Fraction(5, 1000)
"""Of the customer's annual revenue, after the bridge. Source: the catalogue of failures."""

_NEARLY = timedelta(days=3)
"""A line that is no shorter than that is over a whole period: months differ in days, and days in hours."""

_STEPS = {
    "sold": "billed otherwise than sold",
    "now": "not yet invoiced as it is now",
    "erp": "not yet in the ERP",
}
"""What explains a difference, in words: each step is judged by classes of its own, or passes with time."""


def weigh_run_rate(rows: Sequence[Row]) -> Iterable[Row]:
    """Customers of whose annual revenue the ledger implies another amount, after all that is explained."""
    for row in rows:
        bridge: dict[str, Fraction] = defaultdict(Fraction)
        for name, amount in chain.from_iterable(map(_bridged, row["items"])):
            bridge[name] += amount
        left = _minor(bridge["left"])
        if abs(left) <= bridge["sum"] * _TOLERANCE or abs(left) <= _YEAR * len(row["items"]):
            continue
        yield {
            **row,
            "money_minor": abs(left),
            "expected": f"{_minor(bridge['sum'])} {row['currency']} a year",
            "found": f"{_minor(bridge['ledger'])} {row['currency']} a year{_told(bridge, row['currency'])}",
            "field": "annual_revenue",
        }


def _bridged(item: dict[str, Any]) -> Iterator[tuple[str, Fraction]]:
    """One item of a subscription from the CRM to the ledger, in minor units a year, step by step."""
    per_year = Fraction(_YEAR, item["months"])
    sold, billed = Fraction(item["sold"]), Fraction(item["billed"])
    invoiced = [(_whole(line, item["months"]), line) for line in item["lines"]]
    booked = [(whole, line) for whole, line in invoiced if line["billed"] and line["booked"] is not None]
    seen = sum((whole for whole, _ in booked), Fraction(0))
    ledger = sum((whole * Fraction(line["booked"], line["billed"]) for whole, line in booked), Fraction(0))
    all_invoiced = sum((whole for whole, _ in invoiced), Fraction(0))
    yield "sum", sold * per_year
    yield "sold", (sold - billed) * per_year
    yield "now", (billed - all_invoiced) * per_year
    yield "erp", (all_invoiced - seen) * per_year
    yield "left", (seen - ledger) * per_year
    yield "ledger", ledger * per_year


def _whole(line: dict[str, Any], months: int) -> Fraction:
    """What a line would be for a whole billing period: a change in mid-term is invoiced for the rest of its term."""
    starts, ends = (datetime.fromisoformat(line[name]) for name in ("starts_at", "ends_at"))
    if months_later(starts, months) - ends < _NEARLY:
        return Fraction(line["net"])
    period = ends - months_later(ends, -months)
    share = Fraction(int(period.total_seconds()), int((ends - starts).total_seconds()))
    return int(line["net"]) * share


def _minor(amount: Fraction) -> int:
    return round(amount)


def _told(bridge: Mapping[str, Fraction], currency: str) -> str:
    steps = [f"{_minor(bridge[name])} {currency} {words}" for name, words in _STEPS.items() if _minor(bridge[name])]
    return f" ({', '.join(steps)})" if steps else ""


_BOOKED = """(
    SELECT CASE WHEN count(*) > 0 THEN coalesce(sum(el.amount_minor) FILTER (WHERE it.sku = pr.product_id), 0) END
    FROM canonical.invoice_line el
    JOIN canonical.product it ON it.system = el.system AND it.record_id = el.product_id
    WHERE el.system = e.system AND el.invoice_id = e.record_id AND el.deleted_at IS NULL
)"""
"""What the ERP booked of an invoice under the item of a price; null where it names no items."""

_TAX_INSIDE = """(coalesce(b.tax_minor, 0) > 0 AND b.total_minor = (
    SELECT sum(y.amount_minor - coalesce(y.discount_minor, 0)) FROM canonical.invoice_line y
    WHERE y.system = b.system AND y.invoice_id = b.record_id AND y.deleted_at IS NULL))"""
"""Whether an invoice's lines hold their tax; the ledger has revenue without it.

Source: apidocs.chargebee.com/docs/api/invoices (price_type `tax_inclusive`).
"""

_LINES = f"""
    SELECT jsonb_agg(jsonb_build_object('net', il.amount_minor - coalesce(il.discount_minor, 0),
            'starts_at', il.starts_at, 'ends_at', il.ends_at, 'billed', whole.minor, 'booked', {_BOOKED})) AS lines,
        max(coalesce(e.created_at, e.version_at)) AS at,
        coalesce(jsonb_agg(jsonb_build_array(b.system, 'invoice', b.record_id)), '[]')
            || coalesce(jsonb_agg(jsonb_build_array(e.system, 'invoice', e.record_id))
                FILTER (WHERE e.record_id IS NOT NULL), '[]') AS records
    FROM canonical.invoice_line il
    JOIN canonical.invoice b ON b.system = il.system AND b.record_id = il.invoice_id AND b.deleted_at IS NULL
        AND NOT b.is_void AND b.status <> 'draft' AND b.currency = s.currency
    CROSS JOIN LATERAL (
        SELECT sum(x.amount_minor - coalesce(x.discount_minor, 0)
            - CASE WHEN {_TAX_INSIDE} THEN coalesce(x.tax_minor, 0) ELSE 0 END)::bigint AS minor
        FROM canonical.invoice_line x
        JOIN canonical.price xp ON xp.system = x.system AND xp.record_id = x.price_id AND xp.product_id = pr.product_id
        WHERE x.system = b.system AND x.invoice_id = b.record_id AND x.deleted_at IS NULL
    ) whole
    LEFT JOIN canonical.invoice e ON e.system = ANY(:erp) AND e.copy_of = 'billing:' || b.record_id
        AND e.deleted_at IS NULL AND NOT e.is_void AND e.is_posted IS NOT FALSE AND e.currency = b.currency
    WHERE il.system = s.system AND il.subscription_id = s.record_id AND il.price_id = i.price_id
        AND il.deleted_at IS NULL AND il.starts_at <= :now AND il.ends_at > :now
"""
"""The invoiced lines of an item that cover the moment, each beside what the ERP made of it."""

_SOLD = f"""
    SELECT round(sum(l.quantity * {AGREED}) * {SCALE.format("s.currency")})::bigint AS minor
    FROM canonical.order_line l
    JOIN canonical.product cp ON cp.system = l.system AND cp.record_id = l.product_id AND cp.sku = pr.product_id
    WHERE l.system = o.system AND l.order_id = o.record_id AND l.deleted_at IS NULL
        AND coalesce(l.starts_on, '-infinity') = (
            SELECT max(coalesce(y.starts_on, '-infinity')) FROM canonical.order_line y
            JOIN canonical.product yp ON yp.system = y.system AND yp.record_id = y.product_id AND yp.sku = cp.sku
            WHERE y.system = l.system AND y.order_id = l.order_id AND y.deleted_at IS NULL
                AND coalesce(y.starts_on <= (:now AT TIME ZONE 'UTC')::date, true))
"""
"""What a deal agreed for an item's product and its billing period, in the step that is in force."""

_OF_CUSTOMER = "JOIN canonical.{0} e ON e.system = c.system AND e.record_id = c.{0}_id"

RUN_RATE = Rule(
    class_="F88",
    title="Annual revenue is not what the ledger implies",
    explained_by=("F50", "F51", "F75", "F76", "F82", "F91", "F17", "F46", "F52"),
    role="billing",
    entity="customer",
    needs=(
        ("crm", "order"),
        ("crm", "order_line"),
        ("billing", "subscription"),
        ("billing", "subscription_item"),
        ("billing", "invoice"),
        ("billing", "invoice_line"),
        ("erp", "invoice"),
        ("erp", "invoice_line"),
        ("erp", "product"),
    ),
    hop="billing->erp",
    owner="RO",
    kind=Kind.CONTROL,
    lag_s=4 * HOUR_S,
    touches=(
        Touch(role="billing", entity="subscription", root="c.customer_id"),
        Touch(
            role="billing", entity="subscription_item", root="e.customer_id", join=_OF_CUSTOMER.format("subscription")
        ),
        Touch(role="billing", entity="invoice", root="c.customer_id"),
        Touch(role="billing", entity="invoice_line", root="e.customer_id", join=_OF_CUSTOMER.format("invoice")),
        Touch(
            role="erp",
            entity="invoice",
            root="b.customer_id",
            join="JOIN canonical.invoice b ON b.system = ANY(:billing) AND b.record_id = split_part(c.copy_of, ':', 2)",
        ),
        Touch(
            role="erp",
            entity="invoice_line",
            root="b.customer_id",
            join="JOIN canonical.invoice e ON e.system = c.system AND e.record_id = c.invoice_id "
            "JOIN canonical.invoice b ON b.system = ANY(:billing) AND b.record_id = split_part(e.copy_of, ':', 2)",
        ),
    ),
    is_growing=True,
    select=f"""
        SELECT k.record_id AS root_id, k.system || ':' || k.record_id AS entity_id,
            k.system || ':' || k.record_id AS customer_id, a.currency, a.currency AS part, a.items,
            a.at AS happened_at, (:erp)[1] AS at_system, CAST(NULL AS text) AS at_record_id,
            jsonb_build_array(jsonb_build_array(k.system, 'customer', k.record_id)) || a.records AS records
        FROM canonical.customer k
        CROSS JOIN LATERAL (
            SELECT s.currency, max(covering.at) AS at,
                jsonb_agg(jsonb_build_object('months', m.months, 'sold', sold.minor, 'billed', i.amount_minor,
                    'lines', coalesce(covering.lines, '[]'))) AS items,
                jsonb_path_query_array(jsonb_agg(covering.records || jsonb_build_array(
                    jsonb_build_array(s.system, 'subscription', s.record_id),
                    jsonb_build_array(o.system, 'order', o.record_id))), '$[*][*]') AS records
            FROM canonical.subscription s
            JOIN canonical."order" o ON o.system = ANY(:crm) AND s.order_id = 'crm:' || o.record_id
                AND o.record_id = split_part(s.order_id, ':', 2) AND o.deleted_at IS NULL AND o.status = 'won'
            JOIN canonical.subscription_item i ON i.system = s.system AND i.subscription_id = s.record_id
                AND i.deleted_at IS NULL AND i.amount_minor IS NOT NULL
            JOIN canonical.price pr ON pr.system = i.system AND pr.record_id = i.price_id AND pr.period IS NOT NULL
                AND NOT {METERED}
            CROSS JOIN LATERAL (SELECT {MONTHS.format("s")} AS months) m
            CROSS JOIN LATERAL ({_SOLD}) sold
            CROSS JOIN LATERAL ({_LINES}) covering
            WHERE s.system = k.system AND s.customer_id = k.record_id AND s.deleted_at IS NULL
                AND s.status IN {RUNNING} AND m.months > 0 AND sold.minor IS NOT NULL AND covering.at IS NOT NULL
            GROUP BY s.currency
        ) a
        WHERE k.system = ANY(:billing) /*roots k*/ AND k.deleted_at IS NULL
    """,
    weigh=weigh_run_rate,
    meaning="The company reports more, or less, recurring revenue of a customer than its books bear out.",
    wrong_when="twelve months of what the ERP booked under recurring items for the invoices in force differ by more "
    "than half a percent from the annual revenue that the CRM agreed, after what is billed otherwise than sold, not "
    "yet invoiced as it is now, or not yet in the ERP",
    money="the annual revenue that stays unexplained, as exposure",
    sentence="Customer {root_id} agreed {expected}, the ledger implies {found}; {money} a year is unexplained.",
    advice="Look under which items the ERP booked the customer's invoices; something recurring is no longer booked so.",
)
"""Usage and whatever is sold once are no part of it, nor is a customer whom no deal was sold to. What is still on its
way is a step of the bridge, so only documents that the ERP has posted are unexplained."""

RULES = (RUN_RATE,)
