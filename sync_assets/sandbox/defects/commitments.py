"""Defects of what a subscription rests on: no deal, another term, another currency, another rhythm than sold."""

from datetime import timedelta
from fractions import Fraction
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.catalogue import DE, SEATS_MONTHLY
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of, half_up, midnight
from sync_assets.sandbox.company.happenings import active_subscription
from sync_assets.sandbox.company.lives import begin, subscribe
from sync_assets.sandbox.company.nouns import Customer, Deal, Item
from sync_assets.sandbox.company.population import PLACES
from sync_assets.sandbox.company.rates import exchange_rate
from sync_assets.sandbox.company.subscriptions import create, items_of, round_mrr
from sync_assets.sandbox.company.terms import enter
from sync_assets.sandbox.defects.contracts import accrual_of
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, record, tell
from sync_assets.sandbox.truth import Accrual


@defect("F19", "subscription", "RO CONTROL at crm->billing in chargebee", symptoms="F88")
def phantom(company: Company, rng: Random, window: Window) -> Customer:
    """Somebody clones a subscription in billing, and nothing was sold."""
    customer = begin(company, calm_life(company, rng, window))
    seats = rng.randint(2, 9)

    def clone() -> None:
        first = active_subscription(customer)
        if first is None:
            return
        item = first.items[0]
        copy = Item(product=item.product, quantity=seats, unit_minor=item.unit_minor)
        second = create(company, customer, [copy], deal=None, starts_at=company.now)
        enter(company, second)
        evidence = (
            record("chargebee", "subscriptions", second.id),
            record("chargebee", "customers", customer.billing_id),
        )
        note = f"a clone of {first.id} that nobody ordered"
        tell(company, "F19", customer, evidence, money_minor=round_mrr(second), note=note)

    company.agenda.at(window.draw(rng), clone)
    return customer


@defect("F14", "subscription", "RO LEAK at crm->billing in chargebee", symptoms="F48 F88")
def started_late(company: Company, rng: Random, window: Window) -> Customer:
    """Billing begins days after the contract does."""
    place = rng.choice(PLACES)
    zone = place[0].zone
    late = timedelta(days=rng.randint(2, 12))
    latest = window.latest - late
    starts_at = midnight(day_of(min(window.draw(rng), latest), zone), zone)
    customer = begin(company, calm_life(company, rng, window, place=place, starts_at=starts_at))

    def postpone(deal: Deal, _proceed: Act) -> None:
        agreed_at = deal.starts_at
        deal.starts_at = midnight(day_of(agreed_at, zone) + late, zone)
        subscribe(company, deal)
        subscription = customer.subscriptions[-1]
        evidence = (
            record("chargebee", "subscriptions", subscription.id),
            record("salesforce", "contracts", deal.contract_id),
            record("salesforce", "opportunities", deal.opportunity_id),
        )
        accrual = Accrual(
            per_period_minor=subscription.net_minor,
            months=subscription.months,
            since=agreed_at,
            zone=zone,
            until=deal.starts_at,
        )
        note = f"billed {late.days} days later than agreed"
        tell(company, "F14", customer, evidence, accrual=accrual, since=agreed_at, note=note)

    customer.deviations["billing.subscribe"] = postpone
    return customer


@defect("F15", "subscription", "FI LEAK at crm->billing in chargebee", symptoms="F12 F88")
def wrong_currency(company: Company, rng: Random, window: Window) -> Customer:
    """A deal in pounds is billed in the seller's euro, at the same figures."""
    customer = begin(company, calm_life(company, rng, window, place=(DE, "GBP", "GB")))

    def set_up(deal: Deal, _proceed: Act) -> None:
        customer.currency = "EUR"
        preferred = {"id": customer.billing_id, "preferred_currency_code": "EUR"}
        company.systems.billing.put("customers", preferred)
        subscribe(company, deal)
        subscription = customer.subscriptions[-1]
        evidence = (
            record("chargebee", "subscriptions", subscription.id),
            record("salesforce", "opportunities", deal.opportunity_id),
        )
        # The ERP's currencies hold the rates of the day the company was founded.
        founded_on = company.opens_at.date()
        euro, pound = (exchange_rate(code, "USD", founded_on) for code in ("EUR", "GBP"))
        agreed = sum(line.quantity * line.net_minor for line in deal.lines)
        gap = agreed - half_up(Fraction(subscription.net_minor) * Fraction(euro) / Fraction(pound))
        accrual = accrual_of(customer, gap, subscription.months, subscription.starts_at)
        facts = {"currency": "GBP", "since": subscription.starts_at, "note": "sold in GBP, billed in EUR"}
        tell(company, "F15", customer, evidence, accrual=accrual, **facts)

    customer.deviations["billing.subscribe"] = set_up
    return customer


@defect("F16", "subscription", "RO CASH at crm->billing in chargebee", symptoms="F12 F88")
def billed_by_the_month(company: Company, rng: Random, window: Window) -> Customer:
    """A year is sold, payable in advance; billing takes a twelfth of it each month."""
    customer = begin(company, calm_life(company, rng, window, annual=True))

    def split(deal: Deal, _proceed: Act) -> None:
        yearly = items_of(deal)[0]
        monthly = yearly.unit_minor // 12
        subscribe(company, deal, [Item(product=SEATS_MONTHLY, quantity=yearly.quantity, unit_minor=monthly)])
        subscription = customer.subscriptions[-1]
        evidence = (
            record("chargebee", "subscriptions", subscription.id),
            record("salesforce", "opportunity_line_items", deal.lines[0].line_id),
            record("salesforce", "opportunities", deal.opportunity_id),
        )
        later = yearly.quantity * (yearly.unit_minor - monthly)
        note = f"{subscription.net_minor} a month instead of {yearly.amount_minor} a year"
        since = subscription.starts_at
        tell(company, "F16", customer, evidence, money_minor=later, since=since, note=note)

    customer.deviations["billing.subscribe"] = split
    return customer
