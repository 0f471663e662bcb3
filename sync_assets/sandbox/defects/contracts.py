"""Defects between CRM and billing: orphans, deals that never arrive or arrive twice, wrong prices and quantities."""

from datetime import datetime
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of, midnight
from sync_assets.sandbox.company.happenings import Amendment, active_subscription, expand
from sync_assets.sandbox.company.lives import begin, subscribe
from sync_assets.sandbox.company.nouns import Customer, Deal
from sync_assets.sandbox.company.population import PLACES
from sync_assets.sandbox.company.subscriptions import items_of, round_mrr
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, record, tell
from sync_assets.sandbox.truth import Accrual


def accrual_of(customer: Customer, per_period_minor: int, months: int, since: datetime) -> Accrual:
    """A loss per billing period in the customer's own calendar."""
    return Accrual(per_period_minor=per_period_minor, months=months, since=since, zone=customer.entity.zone)


@defect("F3", "customer", "RO CONTROL at crm->billing in salesforce", symptoms="F19")
def orphan(company: Company, rng: Random, window: Window) -> Customer:
    """The CRM account of a paying customer is deleted in a clean-up, or there never was one."""
    by_hand = rng.random() < 0.5
    customer = begin(company, calm_life(company, rng, window, self_serve=by_hand))
    customer.self_serve = False

    def clean_up() -> None:
        subscription = active_subscription(customer)
        if subscription is None:
            return
        if subscription.deal is not None:
            subscription.deal.is_deleted = True
            company.systems.crm.delete("accounts", customer.account_id)
        note = "created by hand in billing, no account" if by_hand else "the account was deleted in the CRM"
        evidence = (
            record("chargebee", "customers", customer.billing_id),
            record("chargebee", "subscriptions", subscription.id),
        )
        since = subscription.starts_at if by_hand else company.now
        tell(company, "F3", customer, evidence, money_minor=round_mrr(subscription), since=since, note=note)

    company.agenda.at(window.draw(rng), clean_up)
    return customer


@defect("F11", "order", "RO LEAK at crm->billing in chargebee", symptoms="F45 F88")
def never_signed(company: Company, rng: Random, window: Window) -> Customer:
    """A won deal is never keyed into billing."""
    place = rng.choice(PLACES)
    starts_at = midnight(day_of(window.draw(rng), place[0].zone), place[0].zone)
    customer = begin(company, calm_life(company, rng, window, place=place, starts_at=starts_at))

    def forget(deal: Deal, _proceed: Act) -> None:
        evidence = (
            record("salesforce", "opportunities", deal.opportunity_id),
            record("salesforce", "contracts", deal.contract_id),
        )
        per_period = sum(line.quantity * line.net_minor for line in deal.lines)
        accrual = accrual_of(customer, per_period, deal.lines[0].product.months, deal.starts_at)
        tell(company, "F11", customer, evidence, accrual=accrual, since=deal.starts_at, note="won, never in billing")

    customer.deviations["billing.subscribe"] = forget
    return customer


@defect("F12", "subscription", "RO LEAK at crm->billing in chargebee", symptoms="F88")
def wrong_price(company: Company, rng: Random, window: Window) -> Customer:
    """Billing is set up with another unit price than the contract has."""
    annual = not window.is_today and rng.random() < 0.3
    customer = begin(company, calm_life(company, rng, window, annual=annual))
    percent = rng.choice((-15, -10, -5, 5, 10))

    def mistype(deal: Deal, _proceed: Act) -> None:
        items = items_of(deal)
        agreed = items[0].unit_minor
        items[0].unit_minor = agreed + agreed * percent // 100
        subscribe(company, deal, items)
        subscription = customer.subscriptions[-1]
        evidence = (
            record("chargebee", "subscriptions", subscription.id),
            record("salesforce", "opportunity_line_items", deal.lines[0].line_id),
        )
        gap = items[0].unit_minor - agreed
        accrual = accrual_of(customer, abs(gap) * items[0].quantity, subscription.months, subscription.starts_at)
        note = f"unit price {items[0].unit_minor} instead of {agreed}"
        kind = "OVER" if gap > 0 else "LEAK"
        since = subscription.starts_at
        tell(company, "F12", customer, evidence, accrual=accrual, since=since, kind=kind, note=note)

    customer.deviations["billing.subscribe"] = mistype
    return customer


@defect("F13", "subscription", "RO LEAK at crm->billing in chargebee", symptoms="F33 F88")
def upsell_in_crm_only(company: Company, rng: Random, window: Window) -> Customer:
    """Seats are added to the contract, and nobody tells billing."""
    added = rng.randint(3, 12)
    happenings = ((window.draw(rng), expand(added)),)
    customer = begin(company, calm_life(company, rng, window, happenings=happenings))

    def forget(amendment: Amendment, _proceed: Act) -> None:
        subscription, deal = amendment.subscription, amendment.deal
        zone = customer.entity.zone
        since = midnight(day_of(amendment.agreed_at, zone), zone)
        evidence = (
            record("chargebee", "subscriptions", subscription.id),
            record("salesforce", "opportunity_line_items", amendment.line.line_id),
            record("salesforce", "opportunities", deal.opportunity_id),
        )
        accrual = accrual_of(customer, added * amendment.line.net_minor, subscription.months, since)
        note = f"{amendment.line.quantity} seats in the contract, {subscription.items[0].quantity} billed"
        tell(company, "F13", customer, evidence, accrual=accrual, since=since, note=note)

    customer.deviations["billing.amend"] = forget
    return customer


@defect("F20", "subscription", "RO OVER at billing in chargebee", symptoms="F88")
def signed_twice(company: Company, rng: Random, window: Window) -> Customer:
    """A retried message creates a second subscription for the same deal."""
    customer = begin(company, calm_life(company, rng, window))

    def repeat(deal: Deal, proceed: Act) -> None:
        proceed()
        company.later(rng, (60, 300), lambda: again(deal))

    def again(deal: Deal) -> None:
        subscribe(company, deal)
        first, second = customer.subscriptions[-2:]
        evidence = (
            record("chargebee", "subscriptions", second.id),
            record("chargebee", "subscriptions", first.id),
            record("salesforce", "opportunities", deal.opportunity_id),
        )
        accrual = accrual_of(customer, second.net_minor, second.months, second.starts_at)
        note = f"second subscription of one deal, beside {first.id}"
        tell(company, "F20", customer, evidence, accrual=accrual, since=second.starts_at, note=note)

    customer.deviations["billing.subscribe"] = repeat
    return customer
