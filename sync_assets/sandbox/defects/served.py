"""Defects of service at its edges: access cut before its end, usage after the end, usage that comes too late."""

from datetime import timedelta
from fractions import Fraction
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of, half_up, midnight, unix
from sync_assets.sandbox.company.happenings import active_subscription, leave
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer, Subscription
from sync_assets.sandbox.company.population import PLACES
from sync_assets.sandbox.company.terms import give_notice
from sync_assets.sandbox.company.usage import UsagePush, metered_units, plan_event
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell


@defect("F32", "subscription", "PR OVER at billing->product in product")
def cut_at_notice(company: Company, rng: Random, window: Window) -> Customer:
    """A customer gives notice to the end of a paid year, and the product ends access the same day."""
    place = rng.choice(PLACES)
    starts_at = midnight(day_of(window.earliest - timedelta(days=rng.randint(40, 150)), place[0].zone), place[0].zone)
    life = calm_life(company, rng, window, annual=True, place=place, starts_at=starts_at)
    customer = begin(company, life)

    def cut() -> None:
        subscription = active_subscription(customer)
        if subscription is None:
            return
        give_notice(company, subscription)
        at = company.now.replace(microsecond=0)
        for entitlement_id in subscription.entitlements.values():
            company.systems.product.put("entitlements", {"id": entitlement_id, "activeTo": at})
        begins, ends = subscription.term_start, subscription.term_end
        share = Fraction(unix(ends) - unix(at), unix(ends) - unix(begins))
        evidence = (
            record("chargebee", "subscriptions", subscription.id),
            record("product", "entitlements", subscription.entitlements["seats"]),
        )
        facts = {"money_minor": half_up(subscription.net_minor * share), "since": at}
        tell(company, "F32", customer, evidence, **facts, note=f"paid until {ends:%Y-%m-%d}, access ended with notice")

    company.agenda.at(window.draw(rng), cut)
    return customer


@defect("F39", "subscription", "PR LEAK at billing->product in product")
def used_after_end(company: Company, rng: Random, window: Window) -> Customer:
    """A subscription ends, its access is taken away, and a key of its goes on working for days."""
    notice_at = window.earliest - timedelta(days=3)
    life = calm_life(company, rng, window, metered=True, happenings=((notice_at, leave),))
    customer = begin(company, life)

    def leave_a_key(subscription: Subscription, proceed: Act) -> None:
        proceed()
        first_at = subscription.term_end + timedelta(hours=rng.randint(2, 20))
        ids = [plan_event(company, subscription, first_at + timedelta(hours=7 * number)) for number in range(4)]

        def count() -> None:
            item = subscription.metered_item
            price = 0 if item is None else item.unit_minor
            units = metered_units(subscription, (subscription.term_end, company.now))
            evidence = (
                record("chargebee", "subscriptions", subscription.id),
                record("product", "events", f"api-gateway:{ids[0]}"),
            )
            facts = {"money_minor": units * price, "since": first_at}
            tell(company, "F39", customer, evidence, **facts, note=f"{units} units after the end")

        company.agenda.at(first_at + timedelta(hours=30), count)

    customer.deviations["product.revoke"] = leave_a_key
    return customer


def come_late(company: Company, push: UsagePush) -> None:
    """Two events of a period are delivered a day after its usage was reported."""
    for part in (3, 4):
        at = push.over[0] + (push.over[1] - push.over[0]) * part / 5
        plan_event(company, push.subscription, at.replace(microsecond=0))


@defect("F37", "invoice", "FI LEAK at product->billing in chargebee")
def never_made_good(company: Company, rng: Random, window: Window) -> Customer:
    """Events of a period are delivered after its invoice, and no invoice after that has them."""
    customer = begin(company, calm_life(company, rng, window, metered=True))

    def deliver_late(push: UsagePush, proceed: Act) -> None:
        proceed()
        known, item = push.units, push.subscription.metered_item
        company.agenda.at(company.now + timedelta(days=1), lambda: come_late(company, push))

        def count() -> None:
            late = metered_units(push.subscription, push.over) - known
            invoice = next(each for each in customer.invoices if each.dated_at == push.over[1])
            evidence = (
                record("chargebee", "invoices", invoice.id),
                record("chargebee", "subscriptions", push.subscription.id),
            )
            price = 0 if item is None else item.unit_minor
            note = f"{late} units came after the invoice was final"
            tell(company, "F37", customer, evidence, money_minor=late * price, note=note)

        company.agenda.at(company.now + timedelta(days=2), count)

    def is_worth(push: UsagePush) -> bool:
        return push.units > 100

    customer.deviations["product.push_usage"] = once(company, window.earliest, deliver_late, suits=is_worth)
    return customer
