"""Defects of usage and access: usage never billed, access never given or left behind, renewals that were lost."""

from datetime import timedelta
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of, midnight
from sync_assets.sandbox.company.happenings import active_subscription, leave
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer, Subscription
from sync_assets.sandbox.company.population import PLACES
from sync_assets.sandbox.company.subscriptions import show
from sync_assets.sandbox.company.usage import UsagePush
from sync_assets.sandbox.defects.contracts import accrual_of
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell


@defect("F31", "entitlement", "PR LEAK at billing->product in product", symptoms="F39")
def zombie(company: Company, rng: Random, window: Window) -> Customer:
    """A subscription ends and its access stays."""
    # A monthly term that is given notice this early is over within the window.
    notice_at = window.earliest - timedelta(days=3)
    customer = begin(company, calm_life(company, rng, window, happenings=((notice_at, leave),)))

    def forget(subscription: Subscription, _proceed: Act) -> None:
        evidence = (
            record("product", "entitlements", subscription.entitlements["seats"]),
            record("chargebee", "subscriptions", subscription.id),
        )
        item = subscription.items[0]
        listed = item.quantity * item.product.prices[customer.currency]
        accrual = accrual_of(customer, listed, subscription.months, subscription.term_end)
        since = subscription.term_end
        tell(company, "F31", customer, evidence, accrual=accrual, since=since, note="access after the end")

    customer.deviations["product.revoke"] = forget
    return customer


@defect("F34", "subscription", "FI LEAK at product->billing in chargebee")
def usage_dropped(company: Company, rng: Random, window: Window) -> Customer:
    """Events of a period are missing from the usage that billing is told about."""
    customer = begin(company, calm_life(company, rng, window, metered=True))
    percent = rng.choice((20, 35, 50))

    def drop(push: UsagePush, proceed: Act) -> None:
        lost = push.units * percent // 100
        push.units -= lost
        proceed()
        subscription = push.subscription
        item = subscription.metered_item
        price = 0 if item is None else item.unit_minor
        evidence = (
            record("chargebee", "subscriptions", subscription.id),
            record("chargebee", "usages", push.id),
        )
        note = f"{lost} of {push.units + lost} units never reported for the period to {push.over[1]:%Y-%m-%d}"
        tell(company, "F34", customer, evidence, money_minor=lost * price, note=note)

    def is_worth(push: UsagePush) -> bool:
        return push.units > 100

    customer.deviations["product.push_usage"] = once(company, window.earliest, drop, suits=is_worth)
    return customer


@defect("F28", "subscription", "PR OVER at billing->product in product", symptoms="F33")
def never_provided(company: Company, rng: Random, window: Window) -> Customer:
    """A year is paid, and the product never hears of it."""
    place = rng.choice(PLACES)
    starts_at = midnight(day_of(window.draw(rng), place[0].zone), place[0].zone)
    customer = begin(company, calm_life(company, rng, window, annual=True, place=place, starts_at=starts_at))

    def forget(subscription: Subscription, _proceed: Act) -> None:
        evidence = (record("chargebee", "subscriptions", subscription.id),)
        facts = {"money_minor": subscription.net_minor, "since": subscription.starts_at}
        tell(company, "F28", customer, evidence, **facts, note="paid for a year, no access")

    customer.deviations["product.provide"] = forget
    return customer


@defect("F25", "subscription", "RO LEAK at crm->billing in chargebee", symptoms="F14 F31 F39 F88")
def renewal_lost(company: Company, rng: Random, window: Window) -> Customer:
    """Somebody sets a subscription not to renew; contract and access go on."""
    flagged_at = window.earliest - timedelta(days=3)
    customer = begin(company, calm_life(company, rng, window, happenings=((flagged_at, stop_renewing),)))

    def forget(subscription: Subscription, _proceed: Act) -> None:
        deal = subscription.deal
        if deal is None:
            return
        evidence = (
            record("chargebee", "subscriptions", subscription.id),
            record("salesforce", "contracts", deal.contract_id),
        )
        since = subscription.term_end
        accrual = accrual_of(customer, subscription.net_minor, subscription.months, since)
        note = f"ended, but the contract runs until {deal.ends_on}"
        tell(company, "F25", customer, evidence, accrual=accrual, since=since, note=note)

    customer.deviations["product.revoke"] = forget
    return customer


def stop_renewing(company: Company, customer: Customer) -> None:
    """The flag goes at the end of the term, without a word to anybody; not with the term that ends the contract."""
    subscription = active_subscription(customer)
    if subscription is None:
        return
    deal, zone = subscription.deal, customer.entity.zone
    if deal is not None and deal.ends_on is not None and deal.ends_on < day_of(subscription.term_end, zone):
        again_at = subscription.term_end + timedelta(hours=1)
        company.agenda.at(again_at, lambda: stop_renewing(company, customer))
    else:
        subscription.ends_on_term, subscription.status = True, "non_renewing"
        show(company, subscription)
