"""A twin of limits: a number in the product that is no quantity of anything sold."""

from datetime import UTC, datetime

from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.happenings import active_subscription
from sync_assets.sandbox.company.nouns import Customer
from sync_assets.sandbox.defects.twins import Oddity, twins
from sync_assets.sandbox.defects.twins_documents import newest_subscription


def allow_regions(company: Company, customer: Customer) -> None:
    """Access to so many regions comes with every plan, whatever its seats."""
    subscription = active_subscription(customer)
    if subscription is None:
        return
    begins_at: datetime = company.now.astimezone(UTC)
    entitlement = {"id": f"01REGIONS{customer.number:017d}", "featureKey": "regions", "subjectKey": subscription.id}
    static = {"type": "static", "config": '{"regions":3}', "activeFrom": begins_at}
    company.systems.product.put("entitlements", {**entitlement, **static})
    subscription.entitlements["regions"] = entitlement["id"]


twins(
    {
        "a_limit_of_something_else": Oddity(
            note="a number in the product that no item of the subscription has",
            pick=newest_subscription,
            wishes={},
            happening=allow_regions,
        ),
    }
)
