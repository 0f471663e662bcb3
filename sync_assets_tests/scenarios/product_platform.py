"""A small simulated product platform: 230 usage events of twenty subscriptions, in pages of forty."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.vendors.product import Product

EVENTS = 230
PAGE = 40


def platform(clock: Clock) -> Product:
    """A platform with two meters and twenty subscriptions that have an entitlement each; 23 events a minute."""
    vendor = Product(clock=clock, seed=1)
    vendor.quirks = replace(vendor.quirks, events_limit_max=PAGE)
    vendor.put("meters", {"slug": "seats", "eventType": "seat", "aggregation": "SUM", "valueProperty": "$.seats"})
    vendor.put("meters", {"slug": "calls", "eventType": "call", "aggregation": "COUNT"})
    vendor.put("features", {"key": "seats", "meterSlug": "seats"})
    for number in range(20):
        vendor.put("subjects", {"key": f"s{number}"})
        vendor.put("customers", {"key": f"c{number}", "name": f"Zürich Works {number}"})
        entitlement = {"subjectKey": f"s{number}", "featureKey": "seats", "type": "metered", "issueAfterReset": 10}
        vendor.put("entitlements", entitlement)
    for number in range(EVENTS):
        if number % 23 == 0:
            clock.advance(minutes=1)
        used(vendor, f"e{number:03}", seats=number)
    clock.advance(minutes=1)
    return vendor


def used(vendor: Product, name: str, *, visible_at: datetime | None = None, **data: Any) -> None:
    """One event of a seat taken, at the time of its ingestion unless it says another."""
    event: dict[str, Any] = {"id": name, "source": "app", "type": "seat", "subject": "s1", "data": data}
    vendor.put("events", {**event, "time": data.pop("time", None)}, visible_at=visible_at)
