"""Access in the product: the entitlements of a subscription follow what billing says it holds."""

from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.nouns import Item, Subscription

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
INCLUDED_CALLS = 5000
"""Calls a metered subscription may make per period before the soft limit warns."""


def provide(company: Company, subscription: Subscription) -> None:
    """Give a subscription the entitlements of its items, or bring them up to date."""
    if subscription.status not in ("active", "non_renewing"):
        return
    product, customer = company.systems.product, subscription.customer
    product.put("subjects", {"id": _subject_id(subscription), "key": subscription.id, "displayName": subscription.id})
    keys = [other.id for other in customer.subscriptions]
    product.put("customers", {"key": customer.billing_id, "usageAttribution": {"subjectKeys": keys}})
    for item in subscription.items:
        product.put("entitlements", _entitlement(subscription, item))


def revoke(company: Company, subscription: Subscription) -> None:
    """Take all entitlements of an ended subscription away."""
    for entitlement_id in subscription.entitlements.values():
        company.systems.product.delete("entitlements", entitlement_id)
    subscription.entitlements.clear()


def _subject_id(subscription: Subscription) -> str:
    return f"01S{subscription.id[4:]:0>23}"


def _entitlement(subscription: Subscription, item: Item) -> dict[str, object]:
    feature = item.product.feature
    rng = subscription.customer.rng
    if feature not in subscription.entitlements:
        subscription.entitlements[feature] = "01" + "".join(rng.choices(_ALPHABET, k=24))
    record: dict[str, object] = {
        "id": subscription.entitlements[feature],
        "featureKey": feature,
        "subjectKey": subscription.id,
        "activeFrom": subscription.starts_at,
    }
    if item.product.metered:
        period = {"interval": "MONTH", "anchor": subscription.starts_at}
        limits = {"issueAfterReset": INCLUDED_CALLS, "isSoftLimit": True, "usagePeriod": period}
        return {**record, "type": "metered", **limits, "measureUsageFrom": subscription.starts_at}
    if feature == "seats":
        return {**record, "type": "static", "config": f'{{"seats":{item.quantity}}}'}
    return {**record, "type": "boolean"}
