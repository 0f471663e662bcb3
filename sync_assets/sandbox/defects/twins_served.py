"""Twins of service at its edges: access that was given anew, an ended customer's late events, late usage made good."""

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.happenings import active_subscription, leave
from sync_assets.sandbox.company.nouns import Customer
from sync_assets.sandbox.company.provisioning import provide
from sync_assets.sandbox.company.usage import UsagePush, metered_units
from sync_assets.sandbox.defects.served import come_late
from sync_assets.sandbox.defects.twins import Oddity, twins
from sync_assets.sandbox.defects.twins_documents import newest_subscription


def give_anew(company: Company, customer: Customer) -> None:
    """The entitlements end and others take their place at once."""
    subscription = active_subscription(customer)
    if subscription is None:
        return
    for entitlement_id in subscription.entitlements.values():
        company.systems.product.put("entitlements", {"id": entitlement_id, "activeTo": company.now})
    subscription.entitlements.clear()
    provide(company, subscription)


def make_good(company: Company, customer: Customer) -> None:
    """The next period's usage comes late in part, and is reported with that of the period after."""
    reported: list[UsagePush] = []

    def push_late(push: UsagePush, proceed: Act) -> None:
        if reported:
            first = reported[0]
            push.units += metered_units(first.subscription, first.over) - first.units
            customer.deviations.pop("product.push_usage")
        else:
            reported.append(push)
            company.later(customer.rng, (80_000, 90_000), lambda: come_late(company, push))
        proceed()

    customer.deviations["product.push_usage"] = push_late


twins(
    {
        "access_given_anew": Oddity(
            note="the entitlements ended and others took their place",
            pick=newest_subscription,
            wishes={},
            happening=give_anew,
        ),
        "metered_and_gone": Oddity(
            note="the subscription ended, all of its usage is from before the end",
            pick=newest_subscription,
            wishes={"metered": True},
            happening=leave,
        ),
        "late_usage_made_good": Oddity(
            note="usage came after its invoice was final and is on the next one",
            pick=newest_subscription,
            wishes={"metered": True},
            happening=make_good,
        ),
    }
)
