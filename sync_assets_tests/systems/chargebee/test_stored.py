"""Claims about Chargebee from its pages to the store: what changes and vanishes arrives, what was stays known."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from sync_assets.connect.audit import Auditing, audit_stream
from sync_assets.connect.conform import conform
from sync_assets.connect.extract import Reading, extract
from sync_assets.http.client import Client
from sync_assets.store.engine import Store
from sync_assets.store.streams import stream_states
from sync_assets.systems.chargebee.spec import SYSTEM
from sync_assets_tests.systems.chargebee.site import NOW, Site, at, visited

STREAMS = ("subscriptions", "events", "items", "invoices")


def sync(store: Store, client: Client, run_id: str, names: tuple[str, ...] = STREAMS) -> None:
    """Read and conform the streams, in order."""
    for name in names:
        stream = SYSTEM.stream(name)
        reading = Reading(
            system=SYSTEM,
            stream=stream,
            client=client,
            run_id=run_id,
            earliest=at(NOW - 900_000),
            own_clock=lambda: at(NOW + 7_776_000),
        )
        extract(store, reading)
        state = next(state for state in stream_states(store) if state["name"] == name)
        conform(store, SYSTEM, stream, stream_id=state["stream_id"], run_id=run_id)


def rows(store: Store, columns: str, entity: str) -> list[tuple[Any, ...]]:
    with store.begin() as connection:
        return [tuple(row) for row in connection.execute(text(f"SELECT {columns} FROM canonical.{entity} ORDER BY 1"))]


def subscription(price: str, changed: int) -> dict[str, Any]:
    return {
        "id": "s1",
        "customer_id": "c1",
        "status": "active",
        "currency_code": "EUR",
        "created_at": NOW - 5_000,
        "started_at": NOW - 6_000,
        "updated_at": changed,
        "resource_version": changed * 1000,
        "subscription_items": [{"item_price_id": price, "item_type": "plan", "quantity": 2, "unit_price": 500}],
    }


def changed(name: str, state: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": name,
        "event_type": "subscription_changed",
        "occurred_at": state["updated_at"],
        "content": {"subscription": state},
    }


def grown() -> Site:
    """A site whose one subscription was created and then upgraded."""
    first, second = subscription("basic", NOW - 5_000), subscription("pro", NOW - 1_000)
    return Site(
        resources={
            "subscriptions": [second],
            "events": [changed("ev_1", first), changed("ev_2", second)],
            "items": [{"id": "pro", "name": "Pro", "status": "active", "updated_at": NOW - 8_000}],
            "invoices": [],
        }
    )


def versions(store: Store) -> list[tuple[str, datetime, bool]]:
    found = rows(store, "price_id, valid_from, deleted_at IS NULL", "subscription_version")
    return sorted(found, key=lambda row: row[1])


@pytest.mark.parametrize("order", [("subscriptions", "events"), ("events", "subscriptions")])
def test_the_versions_of_a_subscription_are_the_same_in_any_order_of_reading(
    store: Store, order: tuple[str, ...]
) -> None:
    with visited(grown().answer) as (client, _):
        sync(store, client, "first", order)
    # The first is valid from the start of the subscription, the second from the change.
    assert versions(store) == [("basic", at(NOW - 6_000), True), ("pro", at(NOW - 1_000), True)]


def test_former_versions_stay_when_a_subscription_changes_again(store: Store) -> None:
    site = grown()
    with visited(site.answer) as (client, _):
        sync(store, client, "first")
        site.now += 600
        site.resources["subscriptions"] = [subscription("max", NOW + 300)]
        sync(store, client, "second")
    assert versions(store) == [
        ("basic", at(NOW - 6_000), True),
        ("pro", at(NOW - 1_000), True),
        ("max", at(NOW + 300), True),
    ]
    assert rows(store, "price_id, deleted_at IS NULL", "subscription_item") == [("max", True), ("pro", False)]


def test_an_item_that_vanishes_is_marked_deleted(store: Store) -> None:
    site = grown()
    with visited(site.answer) as (client, _):
        sync(store, client, "first")
        site.now += 600
        (item,) = site.resources["items"]
        site.resources["items"] = []
        gone = {"id": "ev_9", "event_type": "item_deleted", "occurred_at": NOW + 100, "content": {"item": item}}
        site.resources["events"].append(gone)
        sync(store, client, "second")
    assert rows(store, "record_id, deleted_at", "product") == [("pro", at(NOW + 100))]


def test_an_item_made_again_under_its_old_id_is_alive(store: Store) -> None:
    site = grown()
    with visited(site.answer) as (client, _):
        sync(store, client, "first")
        (item,) = site.resources["items"]
        site.now += 600
        site.resources["items"] = []
        gone = {"id": "ev_9", "event_type": "item_deleted", "occurred_at": NOW + 100, "content": {"item": item}}
        site.resources["events"].append(gone)
        sync(store, client, "second")
        site.now += 600
        site.resources["items"] = [{**item, "updated_at": NOW + 900}]
        sync(store, client, "third")
    assert rows(store, "record_id, deleted_at", "product") == [("pro", None)]


def test_a_line_taken_off_an_invoice_is_marked_deleted(store: Store) -> None:
    line = {"id": "li_1", "amount": 100, "entity_type": "adhoc"}
    invoice = {"id": "7", "customer_id": "c1", "status": "pending", "currency_code": "EUR", "total": 200, "date": NOW}
    site = grown()
    site.resources["invoices"] = [{**invoice, "updated_at": NOW - 10, "line_items": [line, {**line, "id": "li_2"}]}]
    with visited(site.answer) as (client, _):
        sync(store, client, "first")
        site.now += 600
        site.resources["invoices"] = [{**invoice, "updated_at": NOW + 10, "total": 100, "line_items": [line]}]
        sync(store, client, "second")
    assert rows(store, "record_id, deleted_at IS NULL", "invoice_line") == [("li_1", True), ("li_2", False)]
    assert rows(store, "record_id, total_minor, status", "invoice") == [("7", 100, "draft")]


def test_a_customer_that_no_filter_shows_is_found_by_the_next_audit(store: Store) -> None:
    """Without `updated_at` a record made after the first read is in no window; the auditor asks without a filter."""
    made = [{"id": f"c{n}", "created_at": NOW - 9_000 + n, "updated_at": NOW - 9_000 + n} for n in range(9)]
    site = Site(resources={"customers": made, "events": []})
    stream = SYSTEM.stream("customers")
    with visited(site.answer) as (client, _):
        sync(store, client, "first", ("customers",))
        site.now += 3_600
        made.append({"id": "unstamped", "created_at": NOW + 60})
        sync(store, client, "second", ("customers",))
        site.now += 7_200
        sync(store, client, "third", ("customers",))
        assert "unstamped" not in [name for (name,) in rows(store, "record_id", "customer")]
        found = audit_stream(store, Auditing(system=SYSTEM, stream=stream, client=client, run_id="audit"))
        sync(store, client, "fourth", ("customers",))
    assert found is not None
    assert (found.missing, found.mended) == (1, 1)
    assert "unstamped" in [name for (name,) in rows(store, "record_id", "customer")]
