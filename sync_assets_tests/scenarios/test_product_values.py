"""What the product platform says, as copies: hand-written numbers through HTTP, the store and the mappings."""

from datetime import UTC, datetime

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.vendors.product import Product
from sync_assets_tests.scenarios.conftest import Play

USED_AT = datetime(2026, 4, 30, 23, 59, 59, tzinfo=UTC)
METERS = {"slug": "tokens", "eventType": "prompt", "aggregation": "SUM", "valueProperty": "$.usage.tokens"}


def platform(clock: Clock) -> Product:
    """Two meters, an event of each, and an entitlement with an allowance of 500."""
    vendor = Product(clock=clock, seed=2)
    vendor.put("meters", METERS)
    vendor.put("meters", {"slug": "calls", "eventType": "call", "aggregation": "COUNT", "name": "Calls"})
    vendor.put("features", {"key": "tokens", "meterSlug": "tokens"})
    allowance = {"subjectKey": "s1", "featureKey": "tokens", "type": "metered", "issueAfterReset": 500}
    vendor.put("entitlements", {"id": "ent-1", **allowance})
    vendor.put("entitlements", {"id": "ent-2", "subjectKey": "s2", "featureKey": "tokens", "type": "boolean"})
    measured = {"usage": {"tokens": "1234567890123.25"}}
    event = {"source": "app", "subject": "s1", "time": USED_AT}
    vendor.put("events", {"id": "e1", "type": "prompt", "data": measured, **event})
    vendor.put("events", {"id": "a:b", "type": "call", "data": {"path": "/x"}, **event})
    clock.advance(minutes=1)
    return vendor


def test_copies_have_the_values_that_were_typed_in(play: Play) -> None:
    scene = play(platform)
    scene.read()
    scene.conform()
    expected: dict[tuple[str, str], dict[str, str | None]] = {
        ("usage", "app:e1"): {
            "event_id": "e1",
            "source": "app",
            "subscription_id": "billing:s1",
            "meter": "prompt",
            "quantity": "1234567890123.25",
            "occurred_at": "2026-04-30T23:59:59+00:00",
        },
        # A meter that counts takes every event for one.
        ("usage", "app:a:b"): {"event_id": "a:b", "meter": "call", "quantity": "1"},
        ("entitlement", "ent-1"): {
            "subscription_id": "billing:s1",
            "feature": "tokens",
            "kind": "metered",
            "limit": "500",
            "status": "active",
        },
        ("entitlement", "ent-2"): {"subscription_id": "billing:s2", "kind": "boolean", "limit": None},
    }
    copies = {named: scene.copy(*named) for named in expected}
    assert {named: {name: copies[named].get(name) for name in expected[named]} for named in expected} == expected
    columns = "feature, event_type, aggregation, value_property, name"
    assert scene.rows(columns, "canonical.meter") == [
        ("calls", "call", "COUNT", None, "Calls"),
        ("tokens", "prompt", "SUM", "$.usage.tokens", "tokens"),
    ]
