"""Defects of counting: totals above their events, a last day left off, usage of nobody, counters that fall silent."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.catalogue import API_CALLS, CURRENCIES
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of, midnight
from sync_assets.sandbox.company.happenings import active_subscription, leave
from sync_assets.sandbox.company.lives import Life, begin
from sync_assets.sandbox.company.nouns import Customer, Subscription
from sync_assets.sandbox.company.population import PLACES
from sync_assets.sandbox.company.usage import UsagePush, metered_units, plan_event
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell


@defect("F36", "subscription", "PR OVER at product->billing in product")
def counted_too_high(company: Company, rng: Random, window: Window) -> Customer:
    """The total of a period that is reported to billing is higher than its events."""
    customer = begin(company, calm_life(company, rng, window, metered=True))
    percent = rng.choice((10, 25, 40))

    def raise_total(push: UsagePush, proceed: Act) -> None:
        added = push.units * percent // 100
        push.units += added
        proceed()
        subscription = push.subscription
        price = 0 if subscription.metered_item is None else subscription.metered_item.unit_minor
        evidence = (record("chargebee", "subscriptions", subscription.id), record("chargebee", "usages", push.id))
        note = f"{push.units} reported, {push.units - added} used until {push.over[1]:%Y-%m-%d}"
        tell(company, "F36", customer, evidence, money_minor=added * price, note=note)

    def is_worth(push: UsagePush) -> bool:
        return push.units > 100

    customer.deviations["product.push_usage"] = once(company, window.earliest, raise_total, suits=is_worth)
    return customer


def midday_life(company: Company, rng: Random, window: Window) -> Life:
    """A self-serve customer with usage whose terms turn in the afternoon; it gives notice before the window opens."""
    place = rng.choice(PLACES)
    first_day = midnight(day_of(window.earliest - timedelta(days=rng.randint(50, 100)), place[0].zone), place[0].zone)
    notice_at = window.earliest - timedelta(days=3)
    wishes = {"self_serve": True, "metered": True, "discount_percent": 0, "place": place}
    return calm_life(
        company,
        rng,
        window,
        starts_at=first_day + timedelta(hours=15),
        happenings=((notice_at, leave_using),),
        **wishes,
    )


def leave_using(company: Company, customer: Customer) -> None:
    """The customer gives notice and works until the last minute."""
    subscription = active_subscription(customer)
    leave(company, customer)
    if subscription is not None:
        for hours in (2, 5, 9):
            plan_event(company, subscription, subscription.term_end - timedelta(hours=hours))


@defect("F40", "subscription", "FI LEAK at product->billing in chargebee", symptoms="F34")
def last_day_dropped(company: Company, rng: Random, window: Window) -> Customer:
    """The last period of usage is cut where the day of its end begins."""
    customer = begin(company, midday_life(company, rng, window))

    def cut(push: UsagePush, proceed: Act) -> None:
        subscription, ends_at = push.subscription, push.over[1]
        if subscription.status != "cancelled":
            proceed()
            return
        zone = customer.entity.zone
        lost = metered_units(subscription, (midnight(day_of(ends_at, zone), zone), ends_at))
        push.units -= lost
        proceed()
        price = 0 if subscription.metered_item is None else subscription.metered_item.unit_minor
        evidence = (record("chargebee", "subscriptions", subscription.id), record("chargebee", "usages", push.id))
        tell(company, "F40", customer, evidence, money_minor=lost * price, note=f"{lost} units of the last day lost")

    customer.deviations["product.push_usage"] = cut
    return customer


@defect("F43", "usage", "PR CONTROL at product in product")
def used_by_nobody(company: Company, rng: Random, window: Window) -> Customer:
    """A key is handed out for a subject that is no subscription, and used for two days."""
    customer = begin(company, calm_life(company, rng, window, metered=True))

    def hand_out() -> None:
        known = active_subscription(customer)
        if known is None:
            return
        nobody: Subscription = replace(known, id=f"{known.id}-copy", usage=[])
        ids = [plan_event(company, nobody, company.now + timedelta(hours=11 * number)) for number in range(5)]

        def count() -> None:
            units = sum(units for _, units in nobody.usage)
            currency = next(iter(CURRENCIES))
            facts = {"money_minor": units * API_CALLS.prices[currency], "currency": currency}
            evidence = (record("product", "events", f"api-gateway:{ids[0]}"),)
            tell(company, "F43", customer, evidence, **facts, note=f"{units} units of {nobody.id}")

        company.agenda.at(company.now + timedelta(hours=50), count)

    company.agenda.at(window.draw(rng), hand_out)
    return customer


@defect("F44", "subscription", "PR CONTROL at product in product")
def fallen_silent(company: Company, rng: Random, window: Window) -> Customer:
    """An update of the customer's software sends no more events, and the subscription goes on."""
    place = rng.choice(PLACES)
    # A silence shows once it is several times as long as any pause was.
    begins_at = window.earliest - timedelta(days=45)
    first_day = midnight(day_of(begins_at - timedelta(days=rng.randint(100, 130)), place[0].zone), place[0].zone)
    customer = begin(company, calm_life(company, rng, window, metered=True, place=place, starts_at=first_day))
    told: list[Subscription] = []

    def send_none(subscription: Subscription, proceed: Act) -> None:
        if company.now < begins_at:
            proceed()
        elif not told:
            told.append(subscription)
            # By then the usage of the term before is billed.
            company.agenda.at(company.now + timedelta(days=1), lambda: tell_of(subscription))

    def tell_of(subscription: Subscription) -> None:
        billed = [line for invoice in customer.invoices for line in invoice.lines if line.product.metered]
        evidence = (record("chargebee", "subscriptions", subscription.id),)
        facts = {"money_minor": billed[-1].amount_minor, "since": subscription.usage[-1][0]}
        tell(company, "F44", customer, evidence, **facts, note="no usage any more")

    customer.deviations["product.use"] = send_none
    return customer
