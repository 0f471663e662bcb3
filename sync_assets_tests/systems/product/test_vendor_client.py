"""Claims that our requests are ones that the vendor's own client, the `openmeter` package, can send."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from openmeter._generated import models
from openmeter._generated.operations import _operations as operations

from sync_assets.systems.product.spec import CUSTOMERS, ENTITLEMENTS, EVENTS, METERS, SYSTEM
from sync_assets_tests.systems.product.platform_server import END, EVERYTHING, FakePlatform, event, meter, playing

NEWEST_FIRST = {"page": 1, "page_size": 1, "order": "DESC", "order_by": "updatedAt"}
OLDEST_FIRST = {"page": 1, "page_size": 100, "order": "ASC", "order_by": "createdAt"}


def sent_by_us(platform: FakePlatform) -> dict[str, set[str]]:
    """Per path, the names of all parameters that the connector sent in one round of everything it does."""
    with playing(platform) as client:
        for stream in SYSTEM.streams:
            SYSTEM.read(client, stream, EVERYTHING, None)
        SYSTEM.probe(client, SYSTEM.probe(client, None))
        SYSTEM.clock(client)
        if platform.has_v2:
            SYSTEM.find(client, EVENTS, ["api:e00001"])
    names: dict[str, set[str]] = {}
    for asked in platform.server.asked:
        names.setdefault(asked.path, set()).update(asked.query)
    return names


def sent_by_client(build: Callable[..., Any], arguments: Mapping[str, Any]) -> tuple[str, set[str]]:
    """The path and parameter names of a request that the vendor's client builds."""
    parts = urlsplit(build(**arguments).url)
    return parts.path, set(parse_qs(parts.query))


@pytest.mark.parametrize(
    ("build", "arguments"),
    [
        (operations.build_events_v2_list_request, {"cursor": "c", "limit": 100, "filter": {"id": {"$in": ["a"]}}}),
        (
            operations.build_events_list_request,
            {"ingested_at_from": END, "ingested_at_to": END, "from_parameter": END, "to": END, "limit": 100},
        ),
        (operations.build_meters_list_request, {**OLDEST_FIRST, "include_deleted": True}),
        (operations.build_customers_list_request, {**OLDEST_FIRST, "include_deleted": True}),
        (operations.build_entitlements_list_request, {**OLDEST_FIRST, **NEWEST_FIRST}),
        (operations.build_subjects_list_request, {}),
    ],
)
def test_every_parameter_we_send_is_one_that_the_vendors_client_sends(
    build: Callable[..., Any], arguments: Mapping[str, Any]
) -> None:
    path, known = sent_by_client(build, arguments)
    sent = {}
    for has_v2 in (True, False):
        platform = FakePlatform(events=[event(1)], lists={"meters": [meter()]}, has_v2=has_v2)
        for asked, names in sent_by_us(platform).items():
            sent[asked] = sent.get(asked, set()) | names
    assert path in sent
    assert sent[path] <= known


def test_our_filter_is_one_that_the_vendors_models_can_say() -> None:
    platform = FakePlatform()
    with playing(platform) as client:
        SYSTEM.read(client, EVENTS, EVERYTHING, None)
    ours = json.loads(platform.server.asked[0].query["filter"])
    bounds = [
        models.FilterTime(gte=EVERYTHING.earliest),
        models.FilterTime(lte=datetime(2026, 11, 20, 12, 0, 1, tzinfo=UTC)),
    ]
    theirs = models.ListRequestFilter(ingested_at=models.FilterTime(and_property=bounds))
    assert ours == theirs.as_dict()


def field_names(model: Any) -> set[str]:
    """The fields of a vendor's model as they stand in JSON; the model knows them once one was made."""
    return {known._rest_name for known in model({})._attr_to_rest_field.values()}


@pytest.mark.parametrize(
    ("model", "stream", "own"),
    [
        (models.IngestedEvent, EVENTS, {"meters"}),
        (models.Meter, METERS, set()),
        (models.EntitlementMetered, ENTITLEMENTS, {"config"}),
        (models.EntitlementStatic, ENTITLEMENTS, {"issueAfterReset"}),
    ],
)
def test_every_column_we_read_is_a_field_of_the_vendors_models(model: Any, stream: Any, own: set[str]) -> None:
    first = {column.path.split(".")[0] for mapped in stream.mappings for column in mapped.columns}
    assert first - own <= field_names(model)


def test_customers_are_listed_in_the_form_with_totals() -> None:
    assert {"items", "totalCount"} <= field_names(models.CustomerPaginatedResponse)
    assert CUSTOMERS.read["paged"]
