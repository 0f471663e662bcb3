"""Defects of repeats: the platform forgets that it has seen an event, and stores what comes under its id as well.

A retry of the same event is billed twice; another event under the same id is one that nobody can count.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import TypeAlias

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.happenings import active_subscription
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer, Subscription
from sync_assets.sandbox.company.usage import UsagePush, plan_event
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell

_PATIENCE = timedelta(seconds=5)
"""How long the gateway waits for an answer before it sends an event again."""

Stored: TypeAlias = Callable[[str, datetime, int], None]
"""What follows when an event is stored a second time: its id, when it happened, its units."""


def plan_repeat(
    company: Company, subscription: Subscription, stored: Stored | None = None, *, more_units: int = 0
) -> None:
    """An event happens now, and soon comes again, perhaps with more units, to a platform that has forgotten it."""
    event_id = f"api-gateway:{plan_event(company, subscription, company.now)}"
    product = company.systems.product

    def retry() -> None:
        first = product.shelf.latest("events", event_id)
        if first is None or first.stamped_at >= company.now:
            company.agenda.at(company.now + _PATIENCE, retry)
            return
        product.forget(event_id)
        data = first.record["data"]
        product.put("events", {**first.record, "data": {**data, "units": data["units"] + more_units}})
        if stored is not None:
            stored(event_id, first.record["time"], data["units"])

    retry()


@defect("F35", "subscription", "PR OVER at product->billing in product")
def counted_again(company: Company, rng: Random, window: Window) -> Customer:
    """The gateway gets no answer in time and sends an event again; the meter counts both copies."""
    customer = begin(company, calm_life(company, rng, window, metered=True))

    def use_now() -> None:
        subscription = active_subscription(customer)
        if subscription is not None:
            plan_repeat(company, subscription, _bill_both(company, subscription))

    # Early in the window: it is billed up to a month later.
    company.agenda.at(window.earliest + timedelta(hours=rng.randrange(20 * 24)), use_now)
    return customer


def _bill_both(company: Company, subscription: Subscription) -> Stored:
    def count(event_id: str, happened_at: datetime, units: int) -> None:
        subscription.usage.append((happened_at, units))

        def report(push: UsagePush, proceed: Act) -> None:
            proceed()
            price = 0 if subscription.metered_item is None else subscription.metered_item.unit_minor
            evidence = (
                record("chargebee", "subscriptions", subscription.id),
                record("chargebee", "usages", push.id),
                record("product", "events", event_id),
            )
            facts = {"money_minor": units * price, "note": f"{units} units of {event_id} counted twice"}
            tell(company, "F35", subscription.customer, evidence, **facts)

        def counts_it(push: UsagePush) -> bool:
            return push.over[0] <= happened_at < push.over[1]

        subscription.customer.deviations["product.push_usage"] = once(company, company.now, report, suits=counts_it)

    return count


@defect("F103", "usage", "DE CONTROL at product in product")
def id_used_again(company: Company, rng: Random, window: Window) -> Customer:
    """A gateway that was set up anew counts its requests from the start: another event arrives under a used id."""
    customer = begin(company, calm_life(company, rng, window, metered=True))

    def use_now() -> None:
        subscription = active_subscription(customer)
        if subscription is not None:
            plan_repeat(company, subscription, reported, more_units=rng.randint(1, 50))

    def reported(event_id: str, _happened_at: datetime, units: int) -> None:
        note = f"{event_id} was stored with {units} units, and again with others"
        tell(company, "F103", customer, (record("product", "events", event_id),), note=note)

    company.agenda.at(window.draw(rng), use_now)
    return customer
