"""Claims about what events, meters and entitlements mean."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from sync_assets.connect.spec import Page, Stream
from sync_assets.systems.product.canonical import path_of
from sync_assets.systems.product.spec import ENTITLEMENTS, EVENTS, METERS
from sync_assets_tests.systems.conformed import outcome_of_page
from sync_assets_tests.systems.product.platform_server import event, meter


def outcome(stream: Stream, entity: str, record: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """The copies of one record, and why it was set aside."""
    body = msgspec.json.encode(record)
    rows, rejected = outcome_of_page(stream, entity, Page(body=body, records=[body], next=None))
    return rows, [reason for reason, _ in rejected]


def one(stream: Stream, entity: str, record: Any) -> dict[str, Any]:
    """The copy of one record."""
    (row,), rejected = outcome(stream, entity, record)
    assert rejected == []
    return row


def usage(data: Any, *meters: tuple[str, str | None]) -> dict[str, Any]:
    """The usage of an event under meters of an aggregation and a value property."""
    known = [{"slug": "m", "aggregation": kind, "valueProperty": path} for kind, path in meters]
    return one(EVENTS, "usage", {**event(1, data=data), "meters": known})


def test_an_event_is_usage_of_billings_subscription_at_its_own_time() -> None:
    late = event(1, "2026-11-20T10:00:00Z", time="2026-11-01T23:59:59.900Z")
    row = one(EVENTS, "usage", {**late, "storedAt": "2026-11-20T10:00:07Z", "meters": []})
    expected = {
        "record_id": "api:e00001",
        "event_id": "e00001",
        "source": "api",
        "subscription_id": "billing:sub_1",
        "meter": "call",
        "quantity": "1",
        "occurred_at": datetime(2026, 11, 1, 23, 59, 59, 900_000, tzinfo=UTC),
        "stored_at": datetime(2026, 11, 20, 10, 0, 7, tzinfo=UTC),
    }
    assert expected.items() <= row.items()


def test_an_event_without_a_time_happened_when_it_came_in() -> None:
    row = one(EVENTS, "usage", {**event(1, time=None), "meters": []})
    assert row["occurred_at"] == datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "meters", "quantity"),
    [
        ({"tokens": 10, "ms": 250}, [("SUM", "$.tokens")], "10"),
        ({"tokens": "10.50"}, [("SUM", "$.tokens")], "10.50"),
        ({"usage": {"total-tokens": 7}}, [("MAX", "$.usage['total-tokens']")], "7"),
        ({"tokens": 10, "ms": 250}, [("SUM", "$.tokens"), ("COUNT", None)], "10"),
        ({"tokens": 10}, [("COUNT", None)], "1"),
        ({"tokens": 10}, [("COUNT", "$.tokens")], "1"),
        ({"tokens": 10, "ms": 10}, [("SUM", "$.tokens"), ("AVG", "$.ms")], "10"),
        ({"tokens": 10, "ms": 250}, [("SUM", "$.tokens"), ("AVG", "$.ms")], None),
        ({"user": "u1"}, [("UNIQUE_COUNT", "$.user")], None),
        ({"tokens": "many"}, [("SUM", "$.tokens")], None),
        ({"tokens": True}, [("SUM", "$.tokens")], None),
        ({"tokens": 10}, [("SUM", "$.*")], None),
        ({}, [("SUM", "$.tokens")], None),
        (None, [("SUM", "$.tokens")], None),
    ],
)
def test_an_event_measures_what_the_meters_of_its_type_read(data: Any, meters: Any, quantity: str | None) -> None:
    assert usage(data, *meters).get("quantity") == quantity


@pytest.mark.parametrize(
    ("data", "quantity"),
    [
        ({"value": "3", "other": 4}, "3"),
        ({"quantity": 5, "other": 4}, "5"),
        ({"calls": "3", "route": "/v1"}, "3"),
        ({"calls": 3, "bytes": 4}, None),
        ({"route": "/v1"}, None),
    ],
)
def test_without_meters_the_usual_property_or_the_only_number_counts(data: Any, quantity: str | None) -> None:
    assert usage(data).get("quantity") == quantity


@pytest.mark.parametrize(
    ("expression", "path"),
    [
        ("$.a", ("a",)),
        ("$.a.b_c", ("a", "b_c")),
        ('$["a b"].c', ("a b", "c")),
        ("$", None),
        ("$.a[0]", None),
        ("$..a", None),
        ("a", None),
        (None, None),
    ],
)
def test_plain_paths_are_understood_and_others_are_not_guessed(expression: str | None, path: Any) -> None:
    assert path_of(expression) == path


@pytest.mark.parametrize("missing", ["id", "source", "type", "subject"])
def test_an_event_that_lacks_what_every_event_has_is_set_aside(missing: str) -> None:
    broken = {**event(1), "meters": []}
    del broken["event"][missing]
    assert outcome(EVENTS, "usage", broken) == ([], ["missing_field"])


def test_a_meter_says_what_it_measures() -> None:
    row = one(METERS, "meter", meter("calls", aggregation="sum"))
    expected = {"feature": "calls", "event_type": "call", "aggregation": "SUM", "value_property": "$.value"}
    assert expected.items() <= row.items()


def entitlement(**more: Any) -> dict[str, Any]:
    own = {"id": "ent_1", "subjectKey": "sub_1", "featureKey": "calls", "type": "metered", "issueAfterReset": 1000.5}
    return {**own, "activeFrom": "2025-01-01T00:00:00Z", "createdAt": "2025-01-01T00:00:00Z", **more}


def test_a_metered_entitlement_has_the_amount_issued_per_period_as_its_limit() -> None:
    row = one(ENTITLEMENTS, "entitlement", entitlement())
    expected = {
        "subscription_id": "billing:sub_1",
        "feature": "calls",
        "kind": "metered",
        "limit": "1000.5",
        "status": "active",
        "starts_at": datetime(2025, 1, 1, tzinfo=UTC),
    }
    assert expected.items() <= row.items()


# The records are seen on 2 January 2026.
@pytest.mark.parametrize(
    ("ends", "status"),
    [(None, "active"), ("2026-01-03T00:00:00Z", "active"), ("2026-01-01T00:00:00Z", "inactive")],
)
def test_an_entitlement_is_inactive_once_its_end_has_passed(ends: str | None, status: str) -> None:
    assert one(ENTITLEMENTS, "entitlement", entitlement(activeTo=ends))["status"] == status


@pytest.mark.parametrize("kind", ["boolean", "static"])
def test_an_entitlement_that_is_not_metered_has_no_limit(kind: str) -> None:
    row = one(ENTITLEMENTS, "entitlement", entitlement(type=kind))
    assert (row["kind"], row.get("limit")) == (kind, None)


@pytest.mark.parametrize(
    ("config", "limit"),
    [
        ('{"seats":12}', "12"),
        ('{"seats":2.5,"tier":"gold","sso":true}', "2.5"),
        ('{"seats":12,"regions":3}', None),
        ("[12]", None),
        ("twelve", None),
        ('{"seats":NaN}', None),
    ],
)
def test_a_static_entitlement_has_the_only_number_of_its_configuration_as_its_limit(
    config: str, limit: str | None
) -> None:
    assert one(ENTITLEMENTS, "entitlement", entitlement(type="static", config=config)).get("limit") == limit


def test_an_entitlement_of_an_unknown_kind_is_set_aside() -> None:
    assert outcome(ENTITLEMENTS, "entitlement", entitlement(type="quantum")) == ([], ["unknown_enum"])
