"""Rules about exchange rates in the ledger: what a document is worth at its rate, what two days' rates gain or lose.

Not here: decimals of a currency (exponents.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from sync_assets.model.breaks import Kind
from sync_assets.model.errors import RejectError
from sync_assets.model.money import from_minor, round_minor
from sync_assets.reconcile.fragments import SCALE
from sync_assets.reconcile.rule import DAY_S, Row, Rule, Touch

_SETTLED = """FROM canonical.allocation a
    JOIN canonical.invoice i ON i.system = p.system AND i.copy_of = 'billing:' || a.document_id
        AND i.deleted_at IS NULL AND NOT i.is_void
    WHERE a.system = ANY(:billing) AND a.payment_id = split_part(p.copy_of, ':', 2)
        AND a.document_kind = 'invoice' AND a.deleted_at IS NULL AND coalesce(a.status, 'applied') = 'applied'"""
"""What a payment settles, as billing allocated it, and the ERP's copies of those invoices."""

_PAID_BY = """JOIN canonical.allocation a ON a.system = ANY(:billing) AND a.document_id = split_part(c.copy_of, ':', 2)
    JOIN canonical.payment p ON p.system = c.system AND p.copy_of = 'billing:' || a.payment_id"""


def missing_gains(rows: Sequence[Row]) -> Iterator[Row]:
    """Payments at another rate than their invoices, for which the ledger shows no gain or loss, or another one.

    Each row settles one invoice or more; `settled` lists (amount in minor units, rate of the invoice). 1,000.00 GBP
    invoiced at 1.16 and received at 1.18 gain 20.00 EUR. Less than a minor unit for each invoice is rounding. Another
    gain is told only where the invoices make up the payment, so that nothing else can be in it.
    """
    for row in rows:
        try:
            gain = _gain(row)
        except RejectError:
            continue
        off = abs(gain - row["gain_minor"])
        is_whole = sum(int(amount) for amount, _ in row["settled"]) == row["amount_minor"]
        if off > len(row["settled"]) + row["gains"] and (is_whole or not row["gains"]):
            yield {**row, "money_minor": off, "expected": _named(gain, row), "found": _named(row["gain_minor"], row)}


def _named(gain: int, row: Row) -> str:
    word = "gain" if gain > 0 else "loss"
    return f"a {word} of {abs(gain)} {row['currency']}" if gain else "none"


def _gain(row: Row) -> int:
    """Minor units of the entity's currency that the receivable was worth less than what came in for it."""
    parts: Iterable[tuple[int, Decimal]] = ((int(amount), Decimal(rate)) for amount, rate in row["settled"])
    return sum(
        _in_base(amount, row["exchange_rate"], row) - _in_base(amount, invoiced, row) for amount, invoiced in parts
    )


def _in_base(minor: int, rate: Decimal, row: Row) -> int:
    return round_minor(from_minor(minor, row["paid_in"]) * rate, row["currency"])


_IS_GAIN = "coalesce(dl.amount_minor, 0) = 0 AND q.debit_minor IS DISTINCT FROM q.credit_minor"
"""A line of the ledger over nothing in the payment's currency."""

NO_REALISED_GAIN = Rule(
    class_="F92",
    title="Realised exchange gain or loss is missing",
    role="erp",
    entity="payment",
    needs=(
        ("erp", "payment"),
        ("erp", "invoice"),
        ("erp", "posting"),
        ("erp", "document_line"),
        ("billing", "allocation"),
    ),
    hop="erp->ledger",
    owner="FI",
    kind=Kind.MISSTATE,
    lag_s=DAY_S,
    touches=(
        Touch(role="erp", entity="payment", root="c.record_id"),
        Touch(role="erp", entity="posting", root="c.document_id"),
        Touch(role="erp", entity="document_line", root="c.document_id"),
        Touch(role="erp", entity="invoice", root="p.record_id", join=_PAID_BY),
        Touch(
            role="billing",
            entity="allocation",
            root="p.record_id",
            join="JOIN canonical.payment p ON p.system = ANY(:erp) AND p.copy_of = 'billing:' || c.payment_id",
        ),
    ),
    select=f"""
        SELECT p.record_id AS root_id, (:billing)[1] || ':' || split_part(p.copy_of, ':', 2) AS entity_id,
            p.system || ':' || p.customer_id AS customer_id, booked.currency, p.currency AS paid_in, p.exchange_rate,
            settled.parts AS settled, p.amount_minor, booked.gains, booked.gain_minor, p.version_at AS happened_at,
            'gain' AS field, /*at p*/,
            jsonb_build_array(jsonb_build_array(p.system, 'payment', p.record_id),
                jsonb_build_array((:billing)[1], 'payment', split_part(p.copy_of, ':', 2))) || settled.invoices
                AS records
        FROM canonical.payment p
        CROSS JOIN LATERAL (
            SELECT jsonb_agg(jsonb_build_array(a.amount_minor, i.exchange_rate::text)) AS parts,
                jsonb_agg(jsonb_build_array(i.system, 'invoice', i.record_id)) AS invoices
            {_SETTLED}
            HAVING bool_and(i.exchange_rate IS NOT NULL AND i.currency = p.currency)
                AND bool_or(i.exchange_rate <> p.exchange_rate)
        ) settled
        CROSS JOIN LATERAL (
            SELECT min(q.currency) AS currency, count(*) AS lines,
                count(*) FILTER (WHERE {_IS_GAIN}) AS gains,
                coalesce(sum(coalesce(q.credit_minor, 0) - coalesce(q.debit_minor, 0)) FILTER (WHERE {_IS_GAIN}), 0)
                    ::bigint AS gain_minor
            FROM canonical.posting q
            LEFT JOIN canonical.document_line dl ON dl.system = q.system AND dl.record_id = q.line_id
            WHERE q.system = p.system AND q.document_id = p.record_id AND q.is_posting AND q.deleted_at IS NULL
        ) booked
        WHERE p.system = ANY(:erp) /*roots p*/ AND p.deleted_at IS NULL AND p.copy_of IS NOT NULL
            AND p.status = 'succeeded' AND p.exchange_rate IS NOT NULL AND coalesce(p.available_minor, 0) = 0
            AND booked.lines > 0 AND booked.currency <> p.currency
    """,
    weigh=missing_gains,
    meaning="A payment came at another rate than its invoice, and the gain or loss is in no account.",
    wrong_when="payment and invoices have different rates, nothing is left open, and the payment's ledger lines show "
    "no exchange gain or loss; or another one, where the invoices make up the payment",
    money="the paid amounts at the payment's rate less those at the invoices' rates and less the gain that is booked, "
    "in the legal entity's currency",
    sentence="Payment {at_record_id} came in at another rate than its invoice: {expected} is due, booked is {found}.",
    advice="Book the realised gain or loss; the receivable keeps what it was invoiced at.",
)

_AT_ITS_RATE = (
    f"round(dl.amount_minor / {SCALE.format('e.currency')}::numeric * e.exchange_rate * {SCALE.format('q.currency')})"
)


def _another_rate(entity: str) -> Rule:
    noun = entity.replace("_", " ")
    return Rule(
        class_="F90",
        title=f"{noun.capitalize()} is booked at another rate than it shows",
        explained_by=("F75",),
        role="erp",
        entity=entity,
        needs=(("erp", entity), ("erp", "posting"), ("erp", "document_line")),
        hop="erp->ledger",
        owner="FI",
        kind=Kind.MISSTATE,
        lag_s=0,
        touches=(
            Touch(role="erp", entity=entity, root="c.record_id"),
            Touch(role="erp", entity="posting", root="c.document_id"),
            Touch(role="erp", entity="document_line", root="c.document_id"),
        ),
        select=f"""
            SELECT e.record_id AS root_id,
                coalesce((:billing)[1] || ':' || split_part(e.copy_of, ':', 2), e.system || ':' || e.record_id)
                    AS entity_id,
                e.system || ':' || e.customer_id AS customer_id, w.currency,
                abs(w.booked - w.due)::bigint AS money_minor, e.version_at AS happened_at,
                abs(w.due)::bigint || ' ' || w.currency AS expected, abs(w.booked) || ' ' || w.currency AS found,
                trim_scale(e.exchange_rate)::text AS rate,
                'exchange_rate' AS field, /*at e*/,
                jsonb_build_array(jsonb_build_array(e.system, '{entity}', e.record_id),
                    jsonb_build_array((:billing)[1], '{entity}', split_part(e.copy_of, ':', 2))) AS records
            FROM canonical.{entity} e
            CROSS JOIN LATERAL (
                SELECT min(q.currency) AS currency, sum(q.minor) AS booked, sum({_AT_ITS_RATE}) AS due,
                    count(*) AS lines
                FROM canonical.document_line dl
                JOIN LATERAL (
                    SELECT p.currency, coalesce(p.debit_minor, 0) - coalesce(p.credit_minor, 0) AS minor
                    FROM canonical.posting p
                    WHERE p.system = dl.system AND p.document_id = dl.document_id AND p.line_id = dl.record_id
                        AND p.is_posting AND p.deleted_at IS NULL
                    ORDER BY p.book LIMIT 1
                ) q ON true
                WHERE dl.system = e.system AND dl.document_id = e.record_id AND dl.deleted_at IS NULL
                    AND NOT dl.is_main AND dl.amount_minor <> 0
            ) w
            WHERE e.system = ANY(:erp) /*roots e*/ AND e.deleted_at IS NULL AND NOT e.is_void
                AND e.is_posted IS NOT FALSE AND e.exchange_rate IS NOT NULL AND w.currency <> e.currency
                AND abs(w.booked - w.due) > w.lines
                AND EXISTS (SELECT FROM canonical.posting p WHERE p.system = e.system AND p.document_id = e.record_id
                    AND p.currency <> e.currency)
        """,
        meaning="A document in a foreign currency is worth another amount in the books than its own rate says.",
        wrong_when="the booked amounts differ from the lines at the document's rate by more than a minor unit for "
        "each line",
        money="the difference, in the legal entity's currency",
        sentence=f"{noun.capitalize()} {{at_record_id}} at rate {{rate}} is worth {{expected}}, but {{found}} "
        "is booked; {money} off.",
        advice="Book the document again at its rate, or correct the rate if another source is agreed.",
    )


RULES = (NO_REALISED_GAIN, _another_rate("invoice"), _another_rate("credit_note"))
"""A document's rate is compared with what is booked at it; which rate was right that day no system shows by default."""
