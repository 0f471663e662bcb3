"""The simulated product platform lists and changes meters, features, customers and entitlements as OpenMeter does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from corehttp.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError

from sync_assets_tests.contract.product_client import NOON, Setup, running


@pytest.fixture
def setup() -> Iterator[Setup]:
    with running() as made:
        yield made


def put_plan(setup: Setup, subjects: int, **entitlement: Any) -> list[str]:
    """A meter, a feature, and for each subject a customer and an entitlement; returns the entitlements' ids."""
    put = setup.product.put
    put("meters", {"slug": "calls", "eventType": "call", "valueProperty": "$.n", "groupBy": {"route": "$.route"}})
    put("features", {"key": "calls", "name": "Calls", "meterSlug": "calls"})
    for number in range(subjects):
        subject = f"sub_{number:03d}"
        setup.clock.advance(seconds=1)
        put("subjects", {"key": subject})
        put("customers", {"name": f"C {number}", "usageAttribution": {"subjectKeys": [subject]}})
        amount = {"issueAfterReset": Decimal(1000), **entitlement}
        put("entitlements", {"subjectKey": subject, "featureKey": "calls", **amount})
    found = setup.product.shelf.current("entitlements")
    return [version.record_id for version in found]


def test_entitlements_are_listed_by_subject_whole_by_page_or_by_offset(setup: Setup) -> None:
    ids = put_plan(setup, 230)
    pages = [setup.client.entitlements.list(page=number, page_size=100) for number in (1, 2, 3, 4)]
    assert [entry["id"] for page in pages for entry in _items(page)] == ids
    assert [len(_items(page)) for page in pages] == [100, 100, 30, 0]
    assert (pages[0]["totalCount"], pages[0]["page"], pages[0]["pageSize"]) == (230, 1, 100)
    plain = setup.client.entitlements.list(offset=220, limit=50)
    assert [entry["id"] for entry in plain] == ids[220:]
    assert len(setup.client.entitlements.list()) == 100  # a hundred where nothing is asked
    (one,) = setup.client.entitlements.list(subject=["sub_007"], feature=["calls"], entitlement_type=["metered"])
    assert (one["subjectKey"], one["featureKey"], one["issueAfterReset"]) == ("sub_007", "calls", 1000)
    assert setup.client.entitlements.list(page=1, order="DESC")["items"][0]["id"] == ids[-1]
    assert setup.get("v1/entitlements", limit=1001).status_code == 400
    assert setup.get("v1/entitlements", entitlementType="gold").status_code == 400


def _items(page: Any) -> Any:
    return page.items_property if hasattr(page, "items_property") else page["items"]


def test_the_new_list_names_the_customer_and_not_the_subject(setup: Setup) -> None:
    ids = put_plan(setup, 3)
    page = setup.client.entitlements_v2.list(page=1, page_size=2)
    assert (page.total_count, [entry["id"] for entry in _items(page)]) == (3, ids[:2])
    customer = setup.client.customers.list(subject="SUB_002").items_property[0]
    (own,) = _items(setup.client.entitlements_v2.list(customer_ids=[customer.id]))
    assert own["customerId"] == customer.id
    assert "subjectKey" not in own
    assert own["issue"] == {"amount": 1000, "priority": 1}
    setup.product.put("entitlements", {"subjectKey": "stranger", "featureKey": "calls"})
    assert setup.client.entitlements_v2.list().total_count == 3  # its subject belongs to no customer
    assert len(setup.client.entitlements.list()) == 4


def test_periods_and_resets_follow_the_clock(setup: Setup) -> None:
    starts = datetime(2026, 8, 31, 9, 0, tzinfo=UTC)
    (made,) = put_plan(setup, 1, activeFrom=starts, usagePeriod={"interval": "MONTH", "anchor": starts})
    entitlement = setup.client.entitlements.get(made)
    # Monthly from 31 August 09:00: September has no 31st, so the third period begins on 31 October.
    assert entitlement["currentUsagePeriod"] == {"from": "2026-10-31T09:00:00Z", "to": "2026-11-30T09:00:00Z"}
    assert entitlement["lastReset"] == "2026-10-31T09:00:00Z"
    assert entitlement["usagePeriod"]["intervalISO"] == "P1M"
    assert entitlement["measureUsageFrom"] == "2026-08-31T09:00:00Z"
    setup.clock.set(datetime(2026, 12, 1, tzinfo=UTC))
    assert setup.client.entitlements.get(made)["lastReset"] == "2026-11-30T09:00:00Z"


def test_an_edit_moves_updated_at_and_leaves_no_event(setup: Setup) -> None:
    first, second = put_plan(setup, 2)
    setup.clock.advance(hours=1)
    setup.product.put("entitlements", {"id": first, "issueAfterReset": Decimal("250.5")})
    entitlement = setup.client.entitlements.get(first)
    assert (entitlement["issueAfterReset"], entitlement["updatedAt"]) == (250.5, "2026-11-02T13:00:02Z")
    assert entitlement["createdAt"] == "2026-11-02T12:00:01Z"
    assert list(setup.client.events_v2.list()) == []
    assert [entry["id"] for entry in setup.client.entitlements.list(order_by="updatedAt")] == [second, first]
    setup.product.quirks = replace(setup.product.quirks, offset_pages_move=True)
    assert [entry["id"] for entry in setup.client.entitlements.list()] == [second, first]


def test_a_deleted_entitlement_is_gone_from_lists_and_told_by_its_id(setup: Setup) -> None:
    first, second = put_plan(setup, 2)
    setup.product.delete("entitlements", first)
    setup.product.put("entitlements", {"id": second, "activeTo": NOON - timedelta(days=1)})
    assert [entry["id"] for entry in setup.client.entitlements.list()] == [second]
    assert setup.client.entitlements.list(exclude_inactive=True) == []
    assert setup.client.entitlements.get(first)["deletedAt"] == "2026-11-02T12:00:02Z"
    assert setup.product.census()["entitlements"] == [second]
    setup.product.put("entitlements", {"subjectKey": "sub_000", "featureKey": "calls"})
    (again,) = setup.client.entitlements.list(subject=["sub_000"])
    assert again["id"] != first  # a new entitlement is a new record


def test_a_meter_adds_usage_up_by_window_subject_and_group(setup: Setup) -> None:
    put_plan(setup, 2)
    for number, (subject, route, amount) in enumerate(
        (("sub_000", "/a", "0.1"), ("sub_000", "/b", "0.2"), ("sub_001", "/a", 5), ("sub_001", "/a", "x"))
    ):
        happened = NOON - timedelta(hours=number)
        setup.put_event(number, subject=subject, time=happened, data={"n": amount, "route": route})
    query = setup.client.meters.query_json
    assert '"value":5.3' in setup.get("v1/meters/calls/query").text  # 0.1 + 0.2 + 5, and "x" counts for nothing
    by_subject = query("calls", group_by=["subject"]).data
    assert {row.subject: row.value for row in by_subject} == {"sub_000": 0.3, "sub_001": 5}
    hours = query("calls", window_size="HOUR", from_parameter=NOON - timedelta(hours=2), to=NOON, subject=["sub_000"])
    # `to` is exclusive: the event of 12:00 is outside, the one of 11:00 inside.
    assert [(row.value, row.window_start, row.window_end) for row in hours.data] == [
        (0.2, NOON - timedelta(hours=1), NOON)
    ]
    days = query("calls", window_size="DAY", window_time_zone="Europe/Berlin", group_by=["route"]).data
    assert [(row.group_by, row.value) for row in days] == [({"route": "/a"}, 5.1), ({"route": "/b"}, 0.2)]
    assert days[0].window_start == datetime(2026, 11, 1, 23, 0, tzinfo=UTC)
    routed = query("calls", advanced_meter_group_by_filters={"route": {"$eq": "/b"}})
    assert [row.value for row in routed.data] == [0.2]
    posted = setup.client.meters.query("calls", {"subject": ["sub_001"], "filterGroupBy": {"route": ["/a"]}})
    assert [row.value for row in posted.data] == [5]
    with pytest.raises(HttpResponseError, match="invalid group by"):
        query("calls", group_by=["colour"])
    with pytest.raises(HttpResponseError, match="windowSize"):
        query("calls", window_size="WEEK")


def test_meters_count_average_and_find_distinct_values(setup: Setup) -> None:
    for number, amount in enumerate((3, 1, 2, 2)):
        setup.put_event(number, data={"n": amount}, time=NOON + timedelta(minutes=number))
    for kind, value in (("SUM", 8), ("COUNT", 4), ("AVG", 2), ("MIN", 1), ("MAX", 3), ("UNIQUE_COUNT", 3)):
        path = None if kind == "COUNT" else "$.n"
        setup.product.put(
            "meters", {"slug": kind.lower(), "aggregation": kind, "eventType": "call", "valueProperty": path}
        )
        (row,) = setup.client.meters.query_json(kind.lower()).data
        assert row.value == value, kind


def test_what_an_entitlement_is_worth_falls_with_usage(setup: Setup) -> None:
    put_plan(setup, 1, issueAfterReset=Decimal(10))
    customer = setup.client.customers.list().items_property[0]
    for number, (amount, left, overage) in enumerate(((4, 6, 0), (6, 0, 0), (3, 0, 3))):
        setup.put_event(number, subject="sub_000", data={"n": amount})
        setup.clock.advance(minutes=1)
        value = setup.get("v1/subjects/sub_000/entitlements/calls/value").json()
        assert (value["hasAccess"], value["balance"], value["overage"]) == (left > 0, left, overage)
    setup.clock.advance(days=31)
    value = setup.client.customer_entitlement.get_customer_entitlement_value(customer.id, "calls")
    assert (value.has_access, value.balance, value.usage) == (True, 10, 0)


def test_customers_are_paged_filtered_and_deleted_softly(setup: Setup) -> None:
    put_plan(setup, 12)
    setup.product.put("customers", {"key": "acme", "name": "Acme", "primaryEmail": "Ap@Acme.example"})
    page = setup.client.customers.list(page=2, page_size=5)
    assert (page.total_count, len(page.items_property), page.page) == (13, 5, 2)
    (acme,) = setup.client.customers.list(primary_email="ap@acme").items_property
    assert acme.key == "acme"
    setup.product.delete("customers", "acme")
    assert setup.client.customers.list().total_count == 12
    gone = [each for each in setup.client.customers.list(include_deleted=True).items_property if each.deleted_at]
    assert [each.id for each in gone] == [acme.id]
    assert setup.client.customers.get(acme.id).deleted_at is not None
    assert acme.id not in setup.product.census()["customers"]
    assert setup.get("v1/customers", page=0).status_code == 400
    assert setup.get("v1/customers", orderBy="colour").status_code == 400


def test_meters_and_features_show_what_is_deleted_only_when_asked(setup: Setup) -> None:
    put_plan(setup, 0)
    setup.product.put("meters", {"slug": "storage", "eventType": "store", "valueProperty": "$.gb"})
    setup.product.delete("meters", "storage")
    setup.product.delete("features", "calls")
    assert [each.slug for each in setup.client.meters.list()] == ["calls"]
    assert len(setup.client.meters.list(include_deleted=True)) == 2
    assert setup.client.features.list() == []
    (feature,) = setup.client.features.list(include_archived=True, meter_slug=["calls"])
    assert feature["archivedAt"] == "2026-11-02T12:00:00Z"
    paged = setup.client.features.list(page=1, page_size=10, include_archived=True)
    assert paged["totalCount"] == 1


def test_clients_write_and_taken_keys_are_conflicts(setup: Setup) -> None:
    client = setup.client
    meter = client.meters.create({"slug": "calls", "aggregation": "SUM", "eventType": "call", "valueProperty": "$.n"})
    assert client.meters.update(meter.id, {"name": "All calls"}).name == "All calls"
    feature = client.features.create({"key": "calls", "name": "Calls", "meterSlug": "calls"})
    with pytest.raises(ResourceExistsError):
        client.features.create({"key": "calls", "name": "Calls"})
    customer = client.customers.create({"name": "Acme", "key": "acme", "usageAttribution": {"subjectKeys": ["s1"]}})
    changed = client.customers.update("acme", {"name": "Acme AG", "key": "acme"})
    assert (changed.id, changed.name, changed.usage_attribution) == (customer.id, "Acme AG", None)
    client.subjects.upsert([{"key": "s1", "displayName": "First"}, {"key": "s2"}])
    client.subjects.upsert([{"key": "s1", "displayName": "Renamed"}])
    client.subjects.delete("s2")
    assert [(each.key, each.display_name) for each in client.subjects.list()] == [("s1", "Renamed")]
    asked = {"type": "metered", "featureKey": "calls", "issueAfterReset": 5.5, "usagePeriod": {"interval": "MONTH"}}
    made = client.customer_entitlements_v2.post("acme", asked)
    assert (made["customerKey"], made["featureId"], made["issueAfterReset"]) == ("acme", feature.id, 5.5)
    with pytest.raises(ResourceExistsError):
        client.customer_entitlements_v2.post("acme", asked)
    setup.clock.advance(hours=1)
    new = client.customer_entitlements_v2.override("acme", "calls", {**asked, "issueAfterReset": 7})
    assert (new["issueAfterReset"], new["id"] != made["id"]) == (7, True)
    assert client.entitlements.get(made["id"])["activeTo"] == "2026-11-02T13:00:00Z"
    assert [each["id"] for each in _items(client.customer_entitlements_v2.list("acme"))] == [new["id"]]
    client.customer_entitlements_v2.delete("acme", new["id"])
    with pytest.raises(ResourceNotFoundError):
        client.customer_entitlements_v2.get("acme", "calls")
    client.customers.delete("acme")
    with pytest.raises(HttpResponseError, match="missing"):
        client.customers.create({"key": "nameless"})


def test_a_late_resource_shows_when_it_commits(setup: Setup) -> None:
    setup.product.put("customers", {"key": "late", "name": "Late"}, visible_at=NOON + timedelta(seconds=5))
    assert setup.client.customers.list().total_count == 0
    setup.clock.advance(seconds=5)
    assert setup.client.customers.list().total_count == 1
