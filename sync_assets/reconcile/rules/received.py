"""Rules about invoices that billing calls paid: whether the money came, and all of it.

Not here: money that came and is still asked for (paid_and_open.py), that came twice (charged_twice.py), or for nothing
(unapplied.py).
"""

from collections.abc import Callable, Iterable, Sequence

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import DAY_S, Row, Rule, Touch
from sync_assets.reconcile.rules.paid_and_open import PAYMENTS_OF_INVOICES

_AT_PROCESSOR = """(
    SELECT q.system, q.record_id, q.status, q.amount_minor, q.currency FROM canonical.payment q
    WHERE q.system = ANY(:payments) AND q.deleted_at IS NULL
        AND split_part(t.copy_of, ':', 2) IN (q.record_id, q.intent_id)
    ORDER BY q.status IN ('succeeded', 'refunded', 'pending') DESC, q.record_id LIMIT 1
)"""
"""The processor's own record of billing's payment `t`, by its id or intent; of an intent's attempts the good one."""

_WAS_SERVED = """EXISTS (
    SELECT FROM canonical.customer h
    JOIN canonical.payment o ON o.system = h.system AND o.customer_id = h.record_id AND o.created_at < t.created_at
    WHERE h.system = ANY(:payments) AND h.copy_of = 'billing:' || t.customer_id
        AND split_part(split_part(t.copy_of, ':', 2), '_', 1)
            IN (split_part(o.record_id, '_', 1), split_part(o.intent_id, '_', 1))
)"""
"""The processor served this customer before, under ids that begin alike: what it does not know of never was. Others may
have another processor, or pay through one this time."""

_CAME = f"""CASE
    WHEN t.copy_of IS NULL OR p.status = 'pending' OR p.currency <> t.currency THEN a.amount_minor
    WHEN p.status IN ('succeeded', 'refunded')
        THEN a.amount_minor - CASE WHEN a.is_last THEN greatest(0, t.amount_minor - p.amount_minor) ELSE 0 END
    WHEN p.record_id IS NULL AND NOT {_WAS_SERVED} THEN a.amount_minor
    ELSE 0 END"""
"""What a payment brought for an invoice: as billing says where there is no processor, or it is under way there.

What is short of a payment is short on the last of its invoices.
"""

_OWED = "b.total_minor - coalesce(b.credited_minor, 0) - coalesce(b.written_off_minor, 0)"
_WANTED = f"CASE WHEN b.due_minor = 0 AND b.paid_minor > 0 THEN least({_OWED}, b.paid_minor) ELSE {_OWED} END"
"""What money had to come: where nothing is due any more, no more than billing says came; taxes may be withheld.

Source: apidocs.chargebee.com/docs/api/invoices (linked_taxes_withheld).
"""

_PLAINLY_PAID = """EXISTS (
    SELECT FROM canonical.allocation l
    JOIN canonical.payment t ON t.system = l.system AND t.record_id = l.payment_id AND t.deleted_at IS NULL
        AND t.status = 'succeeded'
    JOIN canonical.payment p ON p.system = ANY(:payments) AND p.deleted_at IS NULL AND p.status = 'succeeded'
        AND p.{name} = split_part(t.copy_of, ':', 2) AND p.currency = t.currency AND p.amount_minor >= t.amount_minor
    WHERE l.system = b.system AND l.document_id = b.record_id AND l.deleted_at IS NULL
        AND l.amount_minor >= b.total_minor
)"""
"""Whether one payment that stands at the processor pays it all, so that nothing has to be added up: nearly always."""

_PAID_OTHERWISE = """EXISTS (
    SELECT FROM canonical.allocation l
    JOIN canonical.payment t ON t.system = l.system AND t.record_id = l.payment_id AND t.deleted_at IS NULL
        AND t.status IN ('succeeded', 'refunded') AND t.copy_of IS NULL
    WHERE l.system = b.system AND l.document_id = b.record_id AND l.deleted_at IS NULL
        AND l.amount_minor >= b.total_minor
)"""
"""Whether one payment that no processor made pays it all: nobody but billing knows of it."""

_SELECT = f"""
    WITH oldest AS MATERIALIZED (
        SELECT s.system, (SELECT min(o.created_at) FROM canonical.payment o WHERE o.system = s.system) AS paid_at
        FROM unnest(:billing) AS s (system)
    )
    SELECT /*root b*/, b.currency, r.wanted_minor - r.came_minor AS money_minor,
        coalesce(b.paid_at, b.version_at, b.observed_at) AS happened_at,
        r.wanted_minor || ' ' || b.currency || ' received' AS expected,
        r.came_minor || ' ' || b.currency || ' received' AS found, 'status' AS field,
        /*at b*/, r.wanted_minor, r.booked_minor, r.came_minor,
        jsonb_build_array(jsonb_build_array(b.system, 'invoice', b.record_id),
            jsonb_build_array(b.system, 'payment', r.payment_id),
            jsonb_build_array(r.processor, 'payment', r.charge_id)) AS records
    FROM (
        SELECT b.* FROM canonical.invoice b
        JOIN oldest ON oldest.system = b.system AND oldest.paid_at < coalesce(b.finalised_at, b.issued_at)
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND b.status = 'paid'
            AND NOT {_PLAINLY_PAID.format(name="record_id")} AND NOT {_PLAINLY_PAID.format(name="intent_id")}
            AND NOT {_PAID_OTHERWISE}
        OFFSET 0
    ) b
    CROSS JOIN LATERAL (
        SELECT {_WANTED} AS wanted_minor,
            coalesce(sum(a.amount_minor), 0)::bigint AS booked_minor,
            coalesce(sum(greatest(0, {_CAME})), 0)::bigint AS came_minor,
            min(t.record_id) AS payment_id, min(p.system) AS processor, min(p.record_id) AS charge_id
        FROM (
            SELECT l.system, l.payment_id, l.amount_minor, NOT EXISTS (SELECT FROM canonical.allocation z
                WHERE z.system = l.system AND z.payment_id = l.payment_id AND z.deleted_at IS NULL
                    AND z.record_id > l.record_id) AS is_last
            FROM canonical.allocation l
            WHERE l.system = b.system AND l.document_id = b.record_id AND l.deleted_at IS NULL
        ) a
        JOIN canonical.payment t ON t.system = a.system AND t.record_id = a.payment_id AND t.deleted_at IS NULL
            AND t.status IN ('succeeded', 'refunded')
        LEFT JOIN LATERAL {_AT_PROCESSOR} p ON true
    ) r
    WHERE r.came_minor < r.wanted_minor
"""
"""Invoices older than the oldest payment that was read say nothing: what paid them may be older still."""

_TOUCHES = (
    Touch(role="billing", entity="invoice", root="c.record_id"),
    Touch(role="billing", entity="allocation", root="c.document_id"),
    Touch(
        role="billing",
        entity="allocation",
        root="a.document_id",
        join="JOIN canonical.allocation a ON a.system = c.system AND a.payment_id = c.payment_id",
    ),
    *PAYMENTS_OF_INVOICES,
)

_AT_BILLING = (("billing", "invoice"), ("billing", "allocation"), ("billing", "payment"))
_AT_BOTH = (*_AT_BILLING, ("payments", "payment"), ("payments", "customer"))

_WORDS = {
    "F61": (
        "Marked as paid, but no money came",
        7 * DAY_S,
        "Invoice {root_id} is marked as paid, but no money came for it; {money} are owed.",
        "Open the invoice again and collect it; look for a payment that failed after it was recorded.",
        "An invoice counts as paid, but no money came for it.",
        "nothing that was received, credited or written off stands behind an invoice marked as paid, seven days later",
        "what the invoice still had to bring",
    ),
    "F63": (
        "Part of the money taken for all of it",
        DAY_S,
        "Invoice {root_id} is marked as paid, but {found} where {expected} was due; {money} are owed.",
        "Correct the recorded payment and collect the rest, or write it off where the policy allows.",
        "An invoice counts as paid, though only part of the money came.",
        "what was received for a paid invoice is less than its total after credits and write-offs",
        "what is missing",
    ),
}
"""Title, lag, sentence, advice, meaning, when it is wrong, money.

A bank takes five business days to return a payment; what came is counted at once."""


def _lost_at_processor(rows: Sequence[Row]) -> Iterable[Row]:
    """Nothing came of what billing recorded."""
    return [row for row in rows if row["came_minor"] == 0 and row["booked_minor"] > 0]


def _never_booked(rows: Sequence[Row]) -> Iterable[Row]:
    """Billing itself recorded nothing."""
    return [row for row in rows if row["booked_minor"] == 0]


def _less_than_booked(rows: Sequence[Row]) -> Iterable[Row]:
    """Less came than the whole that billing recorded."""
    return [row for row in rows if row["came_minor"] > 0 and row["booked_minor"] >= row["wanted_minor"]]


def _too_little_booked(rows: Sequence[Row]) -> Iterable[Row]:
    """Billing itself recorded less than the whole."""
    return [row for row in rows if row["came_minor"] > 0 and row["booked_minor"] < row["wanted_minor"]]


def _rule(class_: str, hop: str, weigh: Callable[[Sequence[Row]], Iterable[Row]]) -> Rule:
    title, lag_s, sentence, advice, meaning, wrong_when, money = _WORDS[class_]
    return Rule(
        class_=class_,
        title=title,
        explained_by=("F91", "F49", "F94") if class_ == "F61" else ("F91", "F49", "F60", "F94"),
        role="billing",
        entity="invoice",
        needs=_AT_BILLING if hop == "billing" else _AT_BOTH,
        hop=hop,
        owner="FI",
        kind=Kind.CASH,
        lag_s=lag_s,
        touches=_TOUCHES,
        select=_SELECT,
        weigh=weigh,
        meaning=meaning,
        wrong_when=wrong_when,
        money=money,
        sentence=sentence,
        advice=advice,
    )


RULES = (
    _rule("F61", "payments->billing", _lost_at_processor),
    _rule("F61", "billing", _never_booked),
    _rule("F63", "payments->billing", _less_than_booked),
    _rule("F63", "billing", _too_little_booked),
)
