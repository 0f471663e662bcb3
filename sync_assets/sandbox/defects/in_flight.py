"""Twins that are on their way when somebody looks: final minutes ago and not yet everywhere.

The next system has them minutes after the instant of looking; a checker without patience reports them.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.lives import Life, begin
from sync_assets.sandbox.company.nouns import Customer, Deviation
from sync_assets.sandbox.company.population import PLACES
from sync_assets.sandbox.defects.registry import record
from sync_assets.sandbox.defects.twins import spare

_ISSUED_BEFORE = timedelta(minutes=8)
"""So long before the look invoices become final; the ERP has none before ten minutes have passed."""


def plan_in_flight(company: Company, rng: Random, looks_at: datetime) -> list[Customer]:
    """Three customers with something under way at an instant: an invoice, a payment, a deal."""
    return [
        _invoice_under_way(company, rng, looks_at),
        _payment_under_way(company, rng, looks_at),
        _deal_under_way(company, rng, looks_at),
    ]


def _life(rng: Random, starts_at: datetime, *, self_serve: bool) -> Life:
    entity, currency, country = rng.choice(PLACES)
    return Life(
        starts_at=starts_at,
        entity=entity,
        currency=currency,
        country=country,
        seats=rng.randint(3, 12),
        self_serve=self_serve,
        lead_s=3600,
    )


def _until(company: Company, instant: datetime, step: str, customer: Customer) -> Deviation:
    """A step that waits for an instant, once."""

    def wait(_subject: Any, proceed: Act) -> None:
        del customer.deviations[step]
        company.agenda.at(instant, proceed)

    return wait


def _newcomer(company: Company, rng: Random, looks_at: datetime) -> Customer:
    customer = begin(company, _life(rng, looks_at - timedelta(minutes=40), self_serve=True))
    issue = _until(company, looks_at - _ISSUED_BEFORE, "billing.invoice", customer)
    customer.deviations["billing.invoice"] = issue
    return customer


def _invoice_under_way(company: Company, rng: Random, looks_at: datetime) -> Customer:
    customer = _newcomer(company, rng, looks_at)

    def note_down() -> None:
        seen = ("invoice", record("chargebee", "invoices", customer.invoices[-1].id))
        spare(company, "in_flight", customer, seen, note="final minutes ago, not yet in the ERP")

    company.agenda.at(looks_at - timedelta(seconds=1), note_down)
    return customer


def _payment_under_way(company: Company, rng: Random, looks_at: datetime) -> Customer:
    customer = _newcomer(company, rng, looks_at)
    settled_at = looks_at + timedelta(seconds=rng.randint(20, 90))
    wait = _until(company, settled_at, "billing.payment", customer)

    def charged(payment: Any, proceed: Act) -> None:
        seen = ("payment", record("stripe", "charges", payment.charge_id))
        spare(company, "in_flight", customer, seen, note="charged minutes ago, not yet in billing")
        wait(payment, proceed)

    customer.deviations["billing.payment"] = charged
    return customer


def _deal_under_way(company: Company, rng: Random, looks_at: datetime) -> Customer:
    customer = begin(company, _life(rng, looks_at - timedelta(minutes=5), self_serve=False))
    signed_at = looks_at + timedelta(minutes=rng.randint(5, 15))
    wait: Callable[[Any, Act], None] = _until(company, signed_at, "billing.subscribe", customer)

    def won(deal: Any, proceed: Act) -> None:
        seen = ("order", record("salesforce", "opportunities", deal.opportunity_id))
        spare(company, "in_flight", customer, seen, note="won an hour ago, not yet in billing")
        wait(deal, proceed)

    customer.deviations["billing.subscribe"] = won
    return customer
