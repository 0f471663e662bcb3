"""Rules that follow from who owns which field: a copy in another system says what its owner says.

Derived from OWNERSHIP, not written by hand: one rule per entity and hop, comparing every field whose words both sides
share. Fields with words of their own (a status, an open amount) are compared by the classes that know what they mean.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sync_assets.model.breaks import Kind
from sync_assets.model.entities import ENTITIES, Type
from sync_assets.model.roles import OWNERSHIP, Ownership
from sync_assets.reconcile.rule import HOUR_S, Rule, Sides, Touch
from sync_assets.reconcile.rules.misapplied import NOT_FAMILY
from sync_assets.store.histories import Told


@dataclass(frozen=True, kw_only=True)
class Held:
    """How a role holds copies of an entity: whose copy it names, the hop it came over, and the kind of money."""

    entity: str
    role: str
    names: str
    hop: str
    kind: Kind


HELD = (
    Held(entity="invoice", role="erp", names="billing", hop="billing->erp", kind=Kind.MISSTATE),
    Held(entity="credit_note", role="erp", names="billing", hop="billing->erp", kind=Kind.MISSTATE),
    Held(entity="payment", role="billing", names="payments", hop="payments->billing", kind=Kind.CASH),
    Held(entity="payment", role="erp", names="billing", hop="payments->erp", kind=Kind.MISSTATE),
    Held(entity="refund", role="billing", names="payments", hop="payments->billing", kind=Kind.CASH),
    Held(entity="refund", role="erp", names="billing", hop="payments->erp", kind=Kind.MISSTATE),
    Held(entity="payout", role="erp", names="payments", hop="payments->erp", kind=Kind.MISSTATE),
)
"""The ERP's payments and refunds name billing's records of them, which name the processor's."""

TOTAL = {"invoice": "total_minor", "credit_note": "total_minor"}
FINAL = {
    "invoice": "coalesce(o.voided_at, o.finalised_at, o.issued_at, o.version_at)",
    "credit_note": "coalesce(o.version_at, o.issued_at)",
    "payment": "coalesce(o.settled_at, o.created_at, o.version_at)",
    "refund": "coalesce(o.refunded_at, o.version_at)",
    "payout": "coalesce(o.created_at, o.version_at)",
}
"""Since when the owner's copy says what it says."""

_INSTANT = "(o.issued_at AT TIME ZONE 'UTC')"
_DAYS = f"c.issued_on NOT BETWEEN ({_INSTANT} - interval '12 hours')::date AND ({_INSTANT} + interval '14 hours')::date"
"""A day differs when it is the instant's day nowhere on earth; what a time zone explains is no difference."""

_UNEQUAL = {
    "is_void": "o.is_void <> c.is_void",
    "currency": "o.currency <> c.currency",
    "total_minor": "o.total_minor <> c.total_minor",
    "amount_minor": "o.amount_minor <> c.amount_minor",
    "tax_minor": "o.tax_minor <> c.tax_minor",
    "issued_on": _DAYS,
    "customer_id": "another.customer_id IS NOT NULL",
}
"""Fields that both sides write alike, the one that weighs most first, and when they differ; null never does."""


_ANOTHER = f"""LEFT JOIN LATERAL (
            SELECT w.customer_id FROM (
                SELECT k.record_id AS customer_id FROM canonical.customer h
                JOIN canonical.customer k ON k.system = ANY(:billing) AND k.deleted_at IS NULL
                    AND k.record_id = split_part(h.copy_of, ':', 2)
                WHERE h.system = c.system AND h.record_id = c.customer_id AND h.deleted_at IS NULL
                    AND h.copy_of <> 'billing:' || o.customer_id
            ) w
            WHERE {NOT_FAMILY}
        ) another ON true"""
"""Billing's customer whom the copy `c` stands with, if that is not whom `o` was billed to, nor of the family."""

_STANDS_WITH = "JOIN canonical.invoice e ON e.system = {0}.system AND e.customer_id = {0}.record_id"
_BILLED_TO = "JOIN canonical.invoice o ON o.system = {0}.system AND o.customer_id = {0}.record_id"
_ERP_CUSTOMER = "JOIN canonical.customer h ON h.system = ANY(:erp) AND h.copy_of = 'billing:' || {0}.record_id "
_OF_ACCOUNT = "JOIN canonical.customer b ON b.system = ANY(:billing) AND b.copy_of = 'crm:' || c.record_id "
_NAMED = "split_part(e.copy_of, ':', 2)"
_HOLDER_CHANGED = (
    Touch(role="erp", entity="customer", root=_NAMED, join=_STANDS_WITH.format("c")),
    Touch(role="billing", entity="customer", root="o.record_id", join=_BILLED_TO.format("c")),
    Touch(role="billing", entity="customer", root=_NAMED, join=_ERP_CUSTOMER.format("c") + _STANDS_WITH.format("h")),
    Touch(role="crm", entity="customer", root="o.record_id", join=_OF_ACCOUNT + _BILLED_TO.format("b")),
    Touch(
        role="crm",
        entity="customer",
        root=_NAMED,
        join=_OF_ACCOUNT + _ERP_CUSTOMER.format("b") + _STANDS_WITH.format("h"),
    ),
)
"""From a customer, of any system that knows who is who, to the invoices that are billed to it or stand with it."""


def _compared(held: Held) -> list[str]:
    """The fields that the role's copy must share, as far as they can be compared."""
    owned = {field for rule in OWNERSHIP if _concerns(rule, held.entity, held.role) for field in rule.fields}
    if not owned:
        raise LookupError(f"OWNERSHIP knows no {held.entity} copied by {held.role}; declare it in model/roles.py.")
    return [field for field in _UNEQUAL if field in owned]


def _concerns(rule: Ownership, entity: str, role: str) -> bool:
    return rule.entity == entity and role in rule.copies


def _shown(row: str, entity: str, field: str) -> str:
    """What a side says of a field, for people; of amounts also whether the document is void."""
    total = TOTAL.get(entity, "amount_minor")
    if field == "issued_on":
        return f"{row}.issued_on::text"
    if field == "customer_id":
        return f"'customer ' || {'another' if row == 'c' else row}.customer_id"
    minor = field if field == "tax_minor" else total
    void = f" || CASE WHEN {row}.is_void THEN ' void' ELSE '' END" if _has(entity, "is_void") else ""
    return f"{row}.{minor} || ' ' || {row}.currency{void}"


def _has(entity: str, field: str) -> bool:
    return field in {each.name for each in ENTITIES[entity].fields}


def _worth(entity: str, field: str) -> str:
    """Minor units that a differing field puts at risk: the gap of an amount, else the whole document.

    A day that stays within its month moves no money between periods.
    """
    total = TOTAL.get(entity, "amount_minor")
    if ENTITIES[entity].field(field).type is Type.MINOR:
        return f"abs(o.{field} - c.{field})"
    if field == "issued_on":
        months = "date_trunc('month', o.issued_on) <> date_trunc('month', c.issued_on)"
        return f"CASE WHEN {months} THEN abs(o.{total}) ELSE 0 END"
    return f"abs(o.{total})"


def _case(fields: list[str], conditions: dict[str, str], then: dict[str, str]) -> str:
    """The value of the first field that differs."""
    whens = " ".join(f"WHEN {conditions[field]} THEN {then[field]}" for field in fields)
    return f"CASE {whens} END"


def joined(held: Held) -> str:
    """The copies `c` of an owner's record `o`: by its id, and payments also by their intent."""
    named = f"'{held.names}:' || o.record_id"
    if held.entity == "payment" and held.names == "payments":
        return f"c.copy_of IN ({named}, '{held.names}:' || o.intent_id)"
    return f"c.copy_of = {named}"


def alive(held: Held) -> str:
    """Records that count: no drafts, no attempts that failed."""
    if _has(held.entity, "is_void"):
        return "o.status <> 'draft' AND c.status <> 'draft'"
    if held.entity == "payout":
        return "c.status <> 'canceled'"
    return "o.status IN ('succeeded', 'refunded') AND c.status IN ('succeeded', 'refunded')"


def _select(held: Held) -> str:
    fields = _compared(held)
    is_held = "customer_id" in fields
    void = "NOT (o.is_void AND c.is_void) AND " if _has(held.entity, "is_void") else ""
    customer = "o.system || ':' || o.customer_id" if _has(held.entity, "customer_id") else "CAST(NULL AS text)"
    which = _case(fields, _UNEQUAL, {field: f"'{field}'" for field in fields})
    worth = {field: _worth(held.entity, field) for field in fields}
    shown = {
        side: _case(fields, _UNEQUAL, {field: _shown(row, held.entity, field) for field in fields})
        for side, row in (("expected", "o"), ("found", "c"))
    }
    return f"""
        SELECT o.record_id AS root_id, o.system || ':' || o.record_id AS entity_id, {customer} AS customer_id,
            o.currency, {_case(fields, _UNEQUAL, worth)} AS money_minor,
            greatest({FINAL[held.entity]}, c.version_at) AS happened_at,
            {shown["expected"]} AS expected, {shown["found"]} AS found,
            {which} AS field, /*at c*/, o.system AS owner_system,
            {f"CASE WHEN {which} <> 'customer_id' THEN o.record_id END" if is_held else "o.record_id"}
                AS owner_record_id, c.system AS copy_system, c.record_id AS copy_record_id,
            jsonb_build_array(jsonb_build_array(o.system, '{held.entity}', o.record_id),
                jsonb_build_array(c.system, '{held.entity}', c.record_id)) AS records
        FROM canonical.{held.entity} o
        JOIN canonical.{held.entity} c ON c.system = ANY(:{held.role}) AND {joined(held)} AND c.deleted_at IS NULL
        {_ANOTHER if is_held else ""}
        WHERE o.system = ANY(:{held.names}) /*roots o*/ AND o.deleted_at IS NULL AND {alive(held)}
            AND {void}({" OR ".join(_UNEQUAL[field] for field in fields)})
    """


def touches(held: Held) -> Iterator[Touch]:
    """Changes of either copy, with the owner's record as the root."""
    yield Touch(role=held.names, entity=held.entity, root="c.record_id")
    yield Touch(role=held.role, entity=held.entity, root="split_part(c.copy_of, ':', 2)")
    if held.entity == "payment" and held.names == "payments":
        yield Touch(
            role=held.role,
            entity=held.entity,
            root="p.record_id",
            join="JOIN canonical.payment p ON p.system = ANY(:payments) "
            "AND p.intent_id = split_part(c.copy_of, ':', 2)",
        )


def _told(held: Held) -> Told:
    """A side's versions. A void document is void since it was voided, a valid one was valid from its first day on."""
    at = "NULL"
    if held.entity == "invoice":
        issued = "coalesce(v.issued_at, CAST(v.issued_on AS timestamptz))"
        at = f"CASE WHEN '{{field}}' = 'is_void' THEN CASE WHEN v.is_void THEN v.voided_at ELSE {issued} END END"
    return Told(entity=held.entity, value="v.{field}", at=at)


def _rule(held: Held) -> Rule:
    entity, is_held = held.entity.replace("_", " "), "customer_id" in _compared(held)
    return Rule(
        class_="F50",
        title=f"{entity.capitalize()} differs between {held.names} and {held.role}",
        explained_by=("F91", "F17", "F49", "F63"),
        role=held.names,
        entity=held.entity,
        needs=(
            (held.names, held.entity),
            (held.role, held.entity),
            *(((held.names, "customer"), (held.role, "customer")) if is_held else ()),
        ),
        hop=held.hop,
        owner="FI",
        kind=held.kind,
        lag_s=HOUR_S,
        touches=(*touches(held), *(_HOLDER_CHANGED if is_held else ())),
        select=_select(held),
        sides=Sides(owner=_told(held), copy=_told(held)),
        meaning="Two systems hold one document and say different things of it, so one of them is acted on wrongly.",
        wrong_when="amount, tax, currency, day or void state of a copy is not that of its owner's record, or an "
        "invoice stands in the ERP with a customer who is not the one it was billed to, nor of that one's family",
        money="the gap of the amount that differs; the whole document where its currency, void state or customer "
        "differs; for a day, the document only when it moves to another month",
        sentence=f"{entity.capitalize()} {{root_id}} says {{expected}} in {held.names} but {{found}} in {held.role}; "
        "{money} off.",
        advice=f"Correct the {held.role} record, or reverse it and send it again from {held.names}.",
    )


RULES: tuple[Rule, ...] = tuple(_rule(held) for held in HELD)
