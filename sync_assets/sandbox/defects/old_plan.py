"""A defect of rating: the price of usage changes within a term, and the whole term is billed at the new one."""

from datetime import timedelta
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer
from sync_assets.sandbox.company.subscriptions import show
from sync_assets.sandbox.company.usage import UsagePush, metered_units
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell


@defect("F38", "invoice", "RO OVER at product->billing in chargebee")
def rated_at_the_new_price(company: Company, rng: Random, window: Window) -> Customer:
    """A dearer price for usage begins in the middle of a term, and usage of before is billed at it as well."""
    customer = begin(company, calm_life(company, rng, window, metered=True))
    added = rng.randint(1, 3)

    def change_price(push: UsagePush, proceed: Act) -> None:
        proceed()
        subscription = push.subscription
        item = subscription.metered_item
        if item is None or subscription.status != "active":
            return
        begins_at, ends_at = subscription.term_start, subscription.term_end
        changed_at = (begins_at + (ends_at - begins_at) / 2).replace(microsecond=0)

        def raise_price() -> None:
            item.unit_minor += added
            show(company, subscription)

        def count() -> None:
            units = metered_units(subscription, (begins_at, changed_at))
            invoice = next(each for each in customer.invoices if each.dated_at == ends_at)
            evidence = (
                record("chargebee", "invoices", invoice.id),
                record("chargebee", "subscriptions", subscription.id),
            )
            note = f"{units} units of before {changed_at:%Y-%m-%d} at a price that was not in force"
            tell(company, "F38", customer, evidence, money_minor=units * added, note=note)

        company.agenda.at(changed_at, raise_price)
        company.agenda.at(ends_at + timedelta(days=1), count)

    customer.deviations["product.push_usage"] = once(company, window.earliest, change_price)
    return customer
