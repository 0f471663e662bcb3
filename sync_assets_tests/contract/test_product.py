"""The simulated product platform keeps and lists usage events as OpenMeter does, for the client that others wrote."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests
from corehttp.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from openmeter import Client
from openmeter.models import Event

from sync_assets_tests.contract.product_client import NOON, Setup, problem_of, running


@pytest.fixture
def setup() -> Iterator[Setup]:
    with running() as made:
        yield made


def between(start: datetime, end: datetime) -> dict[str, Any]:
    """A filter on ingestion: one operator per filter, so both ends need $and."""
    ends = [{"$gte": start.isoformat()}, {"$lt": end.isoformat()}]
    return {"ingestedAt": {"$and": ends}}


def keys(events: Any) -> list[str]:
    """The identities of listed events."""
    return [f"{each.event.source}:{each.event.id}" for each in events]


def test_a_request_without_the_key_is_refused_with_a_problem(setup: Setup) -> None:
    with Client(endpoint=setup.server.url, token="wrong") as stranger, pytest.raises(ClientAuthenticationError):
        stranger.meters.list()
    reply = requests.get(f"{setup.server.url}/api/v1/meters", timeout=10)
    assert reply.status_code == 401
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.json()["title"] == "Unauthorized"
    with pytest.raises(ResourceNotFoundError):
        setup.client.meters.get("nothing")
    assert setup.get("v1/nowhere").status_code == 404
    assert setup.get("v1/events/x/y").json()["type"] == "about:blank"


def test_cursor_pages_return_every_event_once_newest_first(setup: Setup) -> None:
    put = []
    for number in range(250):
        if number % 40 == 0:
            setup.clock.advance(seconds=1)  # forty events share each second, so page edges fall inside one
        put.append(setup.put_event(number))
    seen = len(setup.server.requests)
    assert keys(setup.client.events_v2.list()) == put[::-1]
    # 250 events in pages of 100 are three requests; the third page is not full and ends the list.
    assert len(setup.server.requests) - seen == 3
    assert keys(setup.client.events_v2.list(limit=7)) == put[::-1]
    page = setup.get("v2/events", limit=2).json()
    instant, row = base64.b64decode(page["nextCursor"]).decode().split(",")
    assert (instant, len(row)) == ("2026-11-02T12:00:07Z", 26)


def test_events_are_filtered_by_ingestion_and_by_text(setup: Setup) -> None:
    for number in range(30):
        setup.clock.advance(seconds=10)
        kind, subject = ("call", "token")[number % 2], f"sub_{number % 3}"
        setup.put_event(number, type=kind, subject=subject, time=NOON - timedelta(days=number))
    listed = setup.client.events_v2.list
    # Ingested at 12:00:10, 12:00:20, ...: from 12:01:00 to before 12:02:00 are the 6th to the 11th.
    window = between(NOON + timedelta(minutes=1), NOON + timedelta(minutes=2))
    assert keys(listed(filter=window)) == [f"gateway:e{number:05d}" for number in range(10, 4, -1)]
    assert len(list(listed(filter={"type": {"$eq": "call"}, "subject": {"$in": ["sub_0", "sub_1"]}}))) == 10
    assert len(list(listed(filter={"id": {"$like": "e0001_"}}))) == 10
    assert len(list(listed(filter={"id": {"$nlike": "e0001_"}, "source": {"$ilike": "GATE%"}}))) == 20
    assert len(list(listed(filter={"subject": {"$or": [{"$eq": "sub_0"}, {"$ne": "sub_1"}]}}))) == 20
    assert len(list(listed(filter={"time": {"$gte": (NOON - timedelta(days=4)).isoformat()}}))) == 5


def test_filters_the_vendor_refuses_are_refused(setup: Setup) -> None:
    both = {"$gte": NOON.isoformat(), "$lt": NOON.isoformat()}
    deep = {"$and": [{"$or": [{"$gt": NOON.isoformat()}]}]}
    for wrong, part in (
        ({"ingestedAt": both}, "multiple operators are set"),
        ({"ingestedAt": deep}, "complexity exceeds"),
        ({"ingestedAt": {"$gt": NOON.isoformat()}, "time": {"$gt": NOON.isoformat()}}, "cannot both be set"),
        ({"ingestedAt": {"$gt": "yesterday"}}, "no RFC 3339"),
        ({"customerId": {"$eq": "x"}}, "supports only in"),
        ({"storedAt": {"$gt": NOON.isoformat()}}, "unknown field"),
    ):
        with pytest.raises(HttpResponseError) as caught:
            list(setup.client.events_v2.list(filter=wrong))
        assert problem_of(caught.value)["status"] == 400
        assert part in problem_of(caught.value)["detail"]
    for name, value in (("limit", 101), ("limit", 0), ("limit", "x"), ("cursor", "nonsense"), ("filter", "[")):
        assert setup.get("v2/events", **{name: value}).status_code == 400, name


def test_the_old_list_is_bounded_in_time_and_in_number(setup: Setup) -> None:
    for number in range(120):
        setup.put_event(number, time=NOON - timedelta(hours=number))
    listed = setup.client.events.list
    assert len(listed()) == 73  # the last 72 hours by default, both ends included
    assert len(listed(from_parameter=NOON - timedelta(days=31))) == 100
    recent = listed(from_parameter=NOON - timedelta(hours=5), to=NOON - timedelta(hours=2), subject="ub_", id="e0")
    assert keys(recent) == [f"gateway:e{number:05d}" for number in (2, 3, 4, 5)]
    assert listed(ingested_at_from=NOON + timedelta(seconds=1)) == []
    for wrong in (
        {"from_parameter": NOON - timedelta(days=33)},
        {"ingested_at_from": NOON - timedelta(days=33)},
        {"limit": 101},
        {"from_parameter": NOON, "to": NOON - timedelta(hours=1)},
    ):
        with pytest.raises(HttpResponseError) as caught:
            listed(**wrong)
        assert problem_of(caught.value)["status"] == 400


def test_clients_ingest_one_event_or_a_batch_and_a_bad_one_spoils_its_batch(setup: Setup) -> None:
    ingest = setup.client.events
    named: Any = {"source": "app", "specversion": "1.0", "type": "call", "subject": "sub_9"}
    happened = datetime(2026, 11, 1, 23, 59, 59, 900_000, tzinfo=UTC)
    ingest.ingest_event(Event(id="one", time=happened, data={"n": "3"}, **named))
    ingest.ingest_events([Event(id="two", **named), Event(id="three", **named)])
    assert setup.product.census()["events"] == ["app:one", "app:three", "app:two"]
    first = setup.get("v2/events", filter='{"id":{"$eq":"one"}}').json()["items"][0]
    assert first["event"]["time"] == "2026-11-01T23:59:59Z"  # the store keeps whole seconds
    assert first["event"]["data"] == {"n": "3"}
    with pytest.raises(HttpResponseError, match="subject"):
        ingest.ingest_events([Event(id="four", **named), Event(id="five", **{**named, "subject": ""})])
    assert len(setup.product.census()["events"]) == 3
    with pytest.raises(HttpResponseError, match="invalid content type"):
        ingest.ingest_event(Event(id="six", **named), content_type="text/plain")


def test_an_event_whose_source_and_id_are_known_is_dropped_unless_duplicates_are_kept(setup: Setup) -> None:
    identity = setup.put_event(1, data={"n": 1})
    setup.put_event(1, data={"n": 500})
    setup.put_event(1, source="other")
    (kept,) = [each for each in setup.client.events_v2.list() if each.event.source == "gateway"]
    assert kept.event.data == {"n": 1}
    assert setup.product.census()["events"] == [identity, "other:e00001"]
    setup.product.quirks = replace(setup.product.quirks, keep_duplicates=True)
    setup.put_event(1, data={"n": 500})
    assert keys(setup.client.events_v2.list()).count(identity) == 2
    assert setup.product.census()["events"] == [identity, "other:e00001"]
    setup.product.quirks = replace(setup.product.quirks, keep_duplicates=False)
    setup.clock.advance(days=33)  # the platform remembers 32 days
    setup.put_event(1, data={"n": 9})
    assert keys(setup.client.events_v2.list()).count(identity) == 3


def test_a_late_event_shows_below_ingestions_already_read(setup: Setup) -> None:
    setup.product.put("events", {"id": "late", "source": "s", "type": "call", "subject": "x"}, visible_at=NOON)
    late = {"id": "later", "source": "s", "type": "call", "subject": "x"}
    setup.product.put("events", late, visible_at=NOON + timedelta(seconds=45))
    setup.clock.advance(seconds=30)
    setup.put_event(1)
    window = between(NOON, NOON + timedelta(hours=1))
    assert keys(setup.client.events_v2.list(filter=window)) == ["gateway:e00001", "s:late"]
    setup.clock.advance(seconds=15)
    found = list(setup.client.events_v2.list(filter=window))
    assert keys(found) == ["gateway:e00001", "s:later", "s:late"]
    assert found[1].ingested_at == NOON
    assert found[1].stored_at == NOON + timedelta(seconds=45)
    setup.product.quirks = replace(setup.product.quirks, late_visible_s=60)
    setup.put_event(2)
    assert len(keys(setup.client.events_v2.list())) == 3
    setup.clock.advance(seconds=60)
    assert len(keys(setup.client.events_v2.list())) == 4


def test_the_old_cursor_loses_late_events_between_pages(setup: Setup) -> None:
    for number in range(10):
        setup.clock.advance(seconds=1)
        setup.put_event(number, time=setup.clock.now() - timedelta(hours=number % 2))
    window = between(NOON, NOON + timedelta(hours=1))
    assert len(list(setup.client.events_v2.list(filter=window, limit=2))) == 10
    setup.product.quirks = replace(setup.product.quirks, cursor_of_event_time=True)
    # Ordered by ingestion, but the cursor carries the last event's own time. Every second event is an hour late: pages
    # of two end on a punctual one and lose nothing, pages of three end on a late one, before whose time nothing came.
    assert len(list(setup.client.events_v2.list(filter=window, limit=2))) == 10
    assert len(list(setup.client.events_v2.list(filter=window, limit=3))) == 3


def test_a_cursor_until_the_page_is_empty_asks_for_one_page_more(setup: Setup) -> None:
    for number in range(4):
        setup.put_event(number)
    setup.product.quirks = replace(setup.product.quirks, cursor_until_empty=True, events_limit_max=3)
    seen = len(setup.server.requests)
    assert len(list(setup.client.events_v2.list(limit=50))) == 4
    # Pages of at most three: 3 + 1 + 0.
    assert len(setup.server.requests) - seen == 3


def test_an_event_names_its_customer_and_why_it_counts_for_nothing(setup: Setup) -> None:
    setup.product.put("meters", {"slug": "calls", "eventType": "call", "valueProperty": "$.n"})
    setup.product.put("customers", {"key": "acme", "name": "Acme", "usageAttribution": {"subjectKeys": ["sub_1"]}})
    setup.put_event(1, data={"n": Decimal("0.10")})
    setup.put_event(2, data={"n": "many"})
    setup.put_event(3, subject="nobody", type="other")
    customer = setup.client.customers.get("acme")
    third, second, first = setup.client.events_v2.list()
    assert (first.customer_id, first.validation_error) == (customer.id, None)
    assert "cannot be parsed as float64: many" in second.validation_error
    assert "no meter found for event type: other" in third.validation_error
    assert "no customer found for event subject: nobody" in third.validation_error
    mine = {"customerId": {"$in": [customer.id]}}
    assert keys(setup.client.events_v2.list(filter=mine)) == ["gateway:e00002", "gateway:e00001"]
    assert '"n":0.1}' in setup.get("v2/events").text
    with pytest.raises(TypeError, match="float"):
        setup.put_event(4, data={"n": 0.1})


def test_a_lost_event_is_gone_for_good(setup: Setup) -> None:
    lost, kept = setup.put_event(1), setup.put_event(2)
    setup.product.delete("events", lost)
    assert keys(setup.client.events_v2.list()) == [kept]
    assert setup.product.census()["events"] == [kept]
