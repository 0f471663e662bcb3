"""Twins of counting: a last day that is billed, a term without usage after which it comes again."""

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.catalogue import DE
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.happenings import leave
from sync_assets.sandbox.company.nouns import Customer, Subscription
from sync_assets.sandbox.defects.twins import Oddity, twins
from sync_assets.sandbox.defects.twins_documents import newest_subscription


def pause(_company: Company, customer: Customer) -> None:
    """The next term passes without any usage; in the one after it everything is as before."""
    paused: list[Subscription] = []

    def use_later(subscription: Subscription, proceed: Act) -> None:
        if paused:
            customer.deviations.pop("product.use")
            proceed()
        paused.append(subscription)

    customer.deviations["product.use"] = use_later


twins(
    {
        "usage_came_back": Oddity(
            note="a term without usage, then usage as before",
            pick=newest_subscription,
            wishes={"metered": True},
            happening=pause,
        ),
        "self_serve_and_gone": Oddity(
            note="the subscription ended and its usage is billed to the end",
            pick=newest_subscription,
            wishes={"metered": True, "self_serve": True, "place": (DE, "EUR", "DE")},
            happening=leave,
        ),
    }
)
