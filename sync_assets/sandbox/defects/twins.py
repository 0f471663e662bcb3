"""Benign twins: customers whose records look broken and are right. Nothing may ever be reported about them.

A twin is a calm customer with one oddity; shortly before the history ends the record that shows it is noted down.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any, TypeAlias

from sync_assets.model.breaks import Record
from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.catalogue import DE, JP
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of
from sync_assets.sandbox.company.happenings import (
    active_subscription,
    buy_more,
    correct,
    decline_next,
    discard_draft,
    grant_goodwill,
    last_open,
    last_paid,
    renew_by_deal,
    void_and_replace,
)
from sync_assets.sandbox.company.lives import Happening, begin
from sync_assets.sandbox.company.nouns import Customer, Invoice
from sync_assets.sandbox.defects.registry import Window, calm_life, record
from sync_assets.sandbox.truth import Benign

PlanTwin: TypeAlias = Callable[[Company, Random, Window], Customer]
Pick: TypeAlias = Callable[[Customer], tuple[str, str, str] | None]
"""Finds the record that shows the oddity: (entity, stream of billing, record id)."""


@dataclass(frozen=True, kw_only=True)
class Oddity:
    """One kind of twin: how its life differs, what happens to it, and where to see it."""

    note: str
    pick: Pick
    wishes: dict[str, Any]
    happening: Happening | None = None
    ready: Callable[[Customer], object | None] = active_subscription


def _invoice_that(suits: Callable[[Invoice], object]) -> Pick:
    def pick(customer: Customer) -> tuple[str, str, str] | None:
        return next((("invoice", "invoices", each.id) for each in customer.invoices if suits(each)), None)

    return pick


def _newest_subscription(customer: Customer) -> tuple[str, str, str] | None:
    return ("subscription", "subscriptions", customer.subscriptions[-1].id) if customer.subscriptions else None


def _second_subscription(customer: Customer) -> tuple[str, str, str] | None:
    return _newest_subscription(customer) if len(customer.subscriptions) > 1 else None


def _customer(customer: Customer) -> tuple[str, str, str]:
    return ("customer", "customers", customer.billing_id)


def _other_utc_day(invoice: Invoice) -> bool:
    return invoice.dated_at.date() != day_of(invoice.dated_at, invoice.customer.entity.zone)


ODDITIES: dict[str, Oddity] = {
    "credit_explains_due": Oddity(
        note="less is due than the total, because credit was applied",
        pick=_invoice_that(lambda invoice: invoice.applied_credits),
        wishes={},
        happening=grant_goodwill,
        ready=last_paid,
    ),
    "failed_attempts": Oddity(
        note="failed payment attempts stay in linked_payments beside the one that succeeded",
        pick=_invoice_that(lambda invoice: len(invoice.linked_payments) > 1),
        wishes={},
        happening=decline_next(2),
    ),
    "overlapping_renewal": Oddity(
        note="the renewed subscription starts on the day the old one ends",
        pick=_second_subscription,
        wishes={},
        happening=renew_by_deal,
    ),
    "time_zone_day": Oddity(
        note="the day in the ERP is the legal entity's, one later than the day in UTC",
        pick=_invoice_that(_other_utc_day),
        wishes={"place": (JP, "JPY", "JP")},
    ),
    "zero_invoice": Oddity(
        note="the first month is free; an invoice over nothing is neither paid nor posted",
        pick=_invoice_that(lambda invoice: invoice.total_minor == 0),
        wishes={"self_serve": True, "coupon_percent": 100, "coupon_terms": 1},
    ),
    "self_serve": Oddity(
        note="signed up alone; no account and no deal are expected",
        pick=_customer,
        wishes={"self_serve": True, "metered": True},
    ),
    "short_id": Oddity(
        note="billing holds the CRM's ids in their form of 15 characters",
        pick=_customer,
        wishes={"short_ids": True},
    ),
    "credit_and_rebill": Oddity(
        note="credited in full and billed again for the same term",
        pick=_invoice_that(lambda invoice: invoice.adjustment_notes),
        wishes={"pays_by": "transfer"},
        happening=correct,
        ready=last_open,
    ),
    "two_contracts": Oddity(
        note="two departments, two contracts, two subscriptions",
        pick=_second_subscription,
        wishes={},
        happening=buy_more,
    ),
    "void_in_both": Oddity(
        note="voided in billing and in the ERP, and issued again",
        pick=_invoice_that(lambda invoice: invoice.voided_at),
        wishes={"pays_by": "transfer"},
        happening=void_and_replace,
        ready=last_open,
    ),
    "draft_deleted": Oddity(
        note="an invoice was drawn up by mistake and deleted as a draft",
        pick=lambda customer: ("invoice", "invoices", customer.discarded[-1]) if customer.discarded else None,
        wishes={},
        happening=discard_draft,
    ),
    "paid_by_transfer": Oddity(
        note="paid by bank transfer; the card processor never sees the money",
        pick=_invoice_that(lambda invoice: invoice.status == "paid"),
        wishes={"pays_by": "transfer", "place": (DE, "EUR", "DE")},
    ),
    "late_usage": Oddity(
        note="events arrive hours late or twice, all before the period is billed",
        pick=_newest_subscription,
        wishes={"metered": True},
    ),
}
"""Kind to oddity, for twins of the history; those that are in flight at its end stand in `twins_in_flight`."""


def _plan(kind: str, oddity: Oddity) -> PlanTwin:
    def plan(company: Company, rng: Random, window: Window) -> Customer:
        customer = begin(company, calm_life(company, rng, window, **oddity.wishes))
        if oddity.happening is not None:
            # Early in the window: what it leads to shows a billing period later.
            first_at = window.earliest + timedelta(hours=rng.randrange(20 * 24))
            company.agenda.at(first_at, _attempt(company, customer, oddity))
        company.agenda.at(company.today_at - timedelta(seconds=1), lambda: _note_down(company, kind, customer))
        return customer

    return plan


def _attempt(company: Company, customer: Customer, oddity: Oddity) -> Act:
    def attempt() -> None:
        if oddity.ready(customer) is None:
            company.agenda.at(company.now + timedelta(hours=8), attempt)
        elif oddity.happening is not None:
            oddity.happening(company, customer)

    return attempt


def _note_down(company: Company, kind: str, customer: Customer) -> None:
    oddity = ODDITIES[kind]
    seen = oddity.pick(customer)
    if seen is not None:
        entity, stream, record_id = seen
        spare(company, kind, customer, (entity, record("chargebee", stream, record_id)), note=oddity.note)


def spare(company: Company, kind: str, customer: Customer, seen: tuple[str, Record], *, note: str) -> None:
    """Record something that looks wrong and is right."""
    entity, evidence = seen
    entity_id = f"{evidence.system}:{evidence.record_id}"
    company.spare(
        Benign(
            kind=kind,
            entity=entity,
            entity_id=entity_id,
            records=(evidence,),
            note=note,
            customer=customer.billing_id,
        )
    )


TWINS: dict[str, PlanTwin] = {kind: _plan(kind, oddity) for kind, oddity in ODDITIES.items()}
"""Kind to the function that plans one such customer."""
