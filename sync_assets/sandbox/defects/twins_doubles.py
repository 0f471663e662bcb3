"""Twins of doubles and catalogues: companies that only share a name, an item that nobody was ever invoiced for."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from sync_assets.sandbox.company.catalogue import DE, SUPPORT_ANNUAL, US
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer
from sync_assets.sandbox.company.population import Place
from sync_assets.sandbox.defects.registry import Window, calm_life, record
from sync_assets.sandbox.defects.twins import TWINS, Oddity, PlanTwin, spare, twins
from sync_assets.sandbox.defects.twins_documents import the_customer

_AT_HOME: Place = (US, "USD", "US")
_ABROAD: Place = (DE, "EUR", "DE")


def archive_an_item(company: Company, customer: Customer) -> None:
    """Billing keeps an old item that nobody sells and the ERP never had."""
    item_id = f"legacy-{customer.number}"
    item = {"id": item_id, "name": "Legacy support", "type": SUPPORT_ANNUAL.kind, "metered": False}
    company.systems.billing.put("items", {**item, "item_family_id": "fernway", "status": "active"})


twins(
    {
        "item_never_sold": Oddity(
            note="an item stands in billing's catalogue that the ERP does not know; nobody was invoiced for it",
            pick=the_customer,
            wishes={},
            happening=archive_an_item,
        ),
    }
)


def _named_alike(kind: str, places: tuple[Place, Place], note: str) -> PlanTwin:
    """Two customers of one name, each with a tax id, a domain and contracts of its own."""

    def plan(company: Company, rng: Random, window: Window) -> Customer:
        first, second = (begin(company, calm_life(company, rng, window, place=place)) for place in places)
        name = first.profile.name
        second.profile = replace(second.profile, name=name, legal_name=f"{name} {places[1][2]}")

        def note_down() -> None:
            spare(company, kind, second, ("customer", record("chargebee", "customers", second.billing_id)), note=note)

        company.agenda.at(company.today_at - timedelta(seconds=1), note_down)
        return second

    return plan


TWINS.update(
    namesake=_named_alike("namesake", (_AT_HOME, _AT_HOME), "another company of the same name in the same region"),
    group_in_two_regions=_named_alike(
        "group_in_two_regions", (_AT_HOME, _ABROAD), "two companies of a group, each billed by the entity of its region"
    ),
)
