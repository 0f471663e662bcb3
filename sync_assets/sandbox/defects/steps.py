"""Defects of deals in steps: a step that billing never takes, a discount that outlives its end."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of, midnight, month_later
from sync_assets.sandbox.company.lives import Life, Step, begin
from sync_assets.sandbox.company.nouns import Customer, Subscription
from sync_assets.sandbox.defects.contracts import accrual_of
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, record, tell


def stepped_life(company: Company, rng: Random, window: Window, *, added: int, **wishes: Any) -> Life:
    """A calm customer whose deal has a second step in the window: more seats, or the end of its discount."""
    life = calm_life(company, rng, window, discount_percent=20, **wishes)
    zone = life.entity.zone
    starts_on, from_on = day_of(life.starts_at, zone), day_of(window.earliest, zone) + timedelta(days=1)
    months = next(number for number in range(1, 40) if month_later(starts_on, number) >= from_on)
    seats = life.seats + added
    return replace(life, step=Step(months=months, seats=seats, discount_percent=20 if added else 0))


def _stays(company: Company, rng: Random, window: Window, class_: str, added: int) -> Customer:
    """The step's day comes, and billing goes on as before."""
    customer = begin(company, stepped_life(company, rng, window, added=added))

    def forget(subscription: Subscription, proceed: Act) -> None:
        deal = subscription.deal
        line = None if deal is None else deal.lines[1]
        zone = customer.entity.zone
        if deal is None or line is None or line.starts_on != day_of(subscription.term_start, zone):
            proceed()
            return
        evidence = (
            record("chargebee", "subscriptions", subscription.id),
            record("salesforce", "opportunity_line_items", line.line_id),
            record("salesforce", "opportunities", deal.opportunity_id),
        )
        since = midnight(line.starts_on, zone)
        gap = line.quantity * line.net_minor - subscription.items[0].amount_minor
        accrual = accrual_of(customer, gap, subscription.months, since)
        note = f"the step of {line.starts_on} to {line.quantity} at {line.net_minor} was not taken"
        tell(company, class_, customer, evidence, accrual=accrual, since=since, note=note)

    customer.deviations["billing.step"] = forget
    return customer


@defect("F29", "subscription", "RO LEAK at crm->billing in chargebee", symptoms="F88")
def step_forgotten(company: Company, rng: Random, window: Window) -> Customer:
    """More seats were agreed from a later day on, and nobody raises them."""
    return _stays(company, rng, window, "F29", rng.randint(3, 12))


@defect("F21", "subscription", "RO LEAK at crm->billing in chargebee", symptoms="F88")
def discount_forgotten(company: Company, rng: Random, window: Window) -> Customer:
    """The discount was agreed for the first months only, and billing keeps it."""
    return _stays(company, rng, window, "F21", 0)
