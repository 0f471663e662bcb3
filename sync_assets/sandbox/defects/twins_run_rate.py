"""Twins of recurring revenue: what is invoiced is not what was agreed at first sight, and all of it is explained."""

from datetime import timedelta
from random import Random

from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.happenings import active_subscription, expand
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer
from sync_assets.sandbox.defects.registry import Window, calm_life, record
from sync_assets.sandbox.defects.twins import TWINS, spare

_AGO = timedelta(days=6)


def _raised_lately(company: Company, rng: Random, window: Window) -> Customer:
    """Seats were added days ago: one invoice in force is over the old number, one over a part of a term."""
    customer = begin(company, calm_life(company, rng, window))
    more = expand(rng.randint(2, 9))
    company.agenda.at(company.today_at - _AGO, lambda: more(company, customer))

    def note_down() -> None:
        subscription = active_subscription(customer)
        if subscription is not None:
            seen = record("chargebee", "subscriptions", subscription.id)
            spare(
                company, "raised_lately", customer, ("subscription", seen), note="two invoices make up what is agreed"
            )

    company.agenda.at(company.today_at - timedelta(seconds=1), note_down)
    return customer


TWINS["raised_lately"] = _raised_lately
