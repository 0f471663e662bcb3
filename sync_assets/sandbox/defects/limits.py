"""A defect of limits: a change of a subscription that the product does not follow."""

from datetime import datetime
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.happenings import Amendment, expand
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer, Subscription
from sync_assets.sandbox.defects.contracts import accrual_of
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, record, tell


@defect("F33", "entitlement", "PR OVER at billing->product in product")
def limit_not_raised(company: Company, rng: Random, window: Window) -> Customer:
    """Seats are added and paid, and the product goes on with what there was."""
    added = rng.randint(3, 9)
    customer = begin(company, calm_life(company, rng, window, happenings=((window.draw(rng), expand(added)),)))
    changed_at: list[datetime] = []

    def note_when(_amendment: Amendment, proceed: Act) -> None:
        changed_at.append(company.now)
        proceed()

    def forget(subscription: Subscription, _proceed: Act) -> None:
        item = subscription.items[0]
        evidence = (
            record("product", "entitlements", subscription.entitlements["seats"]),
            record("chargebee", "subscriptions", subscription.id),
        )
        accrual = accrual_of(customer, added * item.unit_minor, subscription.months, changed_at[0])
        note = f"{item.quantity} sold, {item.quantity - added} allowed"
        tell(company, "F33", customer, evidence, accrual=accrual, since=changed_at[0], note=note)

    customer.deviations["billing.amend"] = note_when
    customer.deviations["product.follow"] = forget
    return customer
