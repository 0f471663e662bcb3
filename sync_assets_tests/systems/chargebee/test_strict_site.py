"""Claims about sites that refuse every parameter that their documents do not list, and about limits without a delay."""

import json
from typing import Any

import pytest

from sync_assets.connect.spec import Stream
from sync_assets.model.errors import ContractError, RetryLaterError
from sync_assets.systems.chargebee.audit import rolled
from sync_assets.systems.chargebee.spec import SYSTEM
from sync_assets_tests.page_server import Answer, Asked
from sync_assets_tests.systems.chargebee.site import Site, at, saved, visited
from sync_assets_tests.systems.chargebee.test_reads import FIRST, NOW, ids, pages, rows, since

IDS, TIMES, WORDS = ("is", "in"), ("after", "before"), ("is",)
DOCUMENTED: dict[str, tuple[set[str], dict[str, tuple[str, ...]], bool]] = {
    "customers": ({"created_at", "updated_at"}, {"id": IDS, "created_at": TIMES, "updated_at": TIMES}, True),
    "subscriptions": ({"created_at", "updated_at"}, {"id": IDS, "created_at": TIMES, "updated_at": TIMES}, True),
    "items": ({"name", "id", "updated_at"}, {"id": IDS, "updated_at": TIMES}, False),
    "item_prices": ({"name", "id", "updated_at"}, {"id": IDS, "updated_at": TIMES}, False),
    "invoices": ({"date", "updated_at"}, {"id": IDS, "date": TIMES, "updated_at": TIMES}, True),
    "credit_notes": ({"date"}, {"id": IDS, "date": TIMES, "updated_at": TIMES}, True),
    "transactions": ({"date", "updated_at"}, {"id": IDS, "date": TIMES, "updated_at": TIMES}, True),
    "usages": ({"usage_date"}, {"id": WORDS, "usage_date": TIMES, "updated_at": TIMES}, False),
    "events": ({"occurred_at"}, {"id": IDS, "occurred_at": TIMES, "event_type": WORDS}, False),
}
"""By list: what it can be sorted by, its filters with the operators that we use, and whether it shows deleted records.

Source: apidocs.chargebee.com/docs/api, the page of each list (`sort_by`, Filter Params, `include_deleted`).
"""


def undocumented(asked: Asked, *refused: str) -> str | None:
    """The first parameter that the list's page does not list, by the name that an error gives it."""
    sorts, filters, shows_deleted = DOCUMENTED[asked.path.removeprefix("/api/v2/")]
    for key, value in asked.query.items():
        name, _, operator = key.rstrip("]").partition("[")
        is_listed = {
            "limit": 1 <= int(asked.query.get("limit", 10)) <= 100,
            "offset": True,
            "include_deleted": shows_deleted and value in ("true", "false"),
            "sort_by": operator in ("asc", "desc") and value in sorts,
        }.get(name, operator in filters.get(name, ()))
        if not is_listed or name in refused:
            return name
    return None


def strict(*refused: str) -> Any:
    """A site's first word: a 400 that names the parameter it does not know."""

    def answer(asked: Asked) -> Answer | None:
        param = undocumented(asked, *refused)
        body = {"message": f"{param} is not known", "type": "invalid_request", "api_error_code": "param_wrong_value"}
        return Answer(status=400, body=json.dumps({**body, "param": param}).encode()) if param else None

    return answer


def held() -> list[dict[str, Any]]:
    """A quarter of a thousand records with every time that a list may be asked by."""
    return [{**row, "date": NOW - n, "usage_date": NOW - n, "occurred_at": NOW - n} for n, row in enumerate(rows(250))]


@pytest.mark.parametrize("stream", SYSTEM.streams, ids=lambda stream: stream.name)
def test_every_request_of_a_list_is_one_that_its_page_documents(stream: Stream) -> None:
    site = Site(resources={stream.name: held()}, before=strict())
    with visited(site.answer) as (client, _):
        assert len(set(ids(pages(client, stream.name, FIRST)))) == 250
        assert len(set(ids(pages(client, stream.name, since(600))))) == 250
        assert len(SYSTEM.find(client, stream, ["r0001", "r0002"]).records) == 2
        assert len(rolled(client, stream, at(0), None).sightings) == 100
        SYSTEM.probe(client, None)
        SYSTEM.clock(client)
        assert client.remarks == []


@pytest.mark.parametrize("refused", ["updated_at", "sort_by"])
@pytest.mark.parametrize("name", ["usages", "items", "credit_notes"])
def test_a_list_that_takes_no_change_filter_or_order_is_read_whole_and_told(name: str, refused: str) -> None:
    def answer(asked: Asked) -> Answer | None:
        # A list that refuses our order of a window still has the one of a first read.
        is_first = not any(key.startswith("updated_at") for key in asked.query)
        return None if is_first or name not in asked.path else strict(refused)(asked)

    with visited(Site(resources={name: held()}, before=answer).answer) as (client, _):
        assert len(set(ids(pages(client, name, since(60))))) == 250
    assert client.remarks == [f"{name} cannot be asked for by {refused}; it is read whole each time"]


def test_another_refused_parameter_still_stops_the_list() -> None:
    with (
        visited(Site(resources={"items": held()}, before=strict("limit")).answer) as (client, _),
        pytest.raises(ContractError, match="limit"),
    ):
        pages(client, "items", since(60))


def test_ids_are_looked_up_as_a_compact_list() -> None:
    with visited(Site(resources={"items": held()}).answer) as (client, server):
        SYSTEM.find(client, SYSTEM.stream("items"), ["r0001", "r0002"])
    assert server.asked[0].query["id[in]"] == '["r0001","r0002"]'


def _limited(seconds: float) -> tuple[Any, list[float]]:
    """A site over its limit until its clients have waited so long, and what they waited."""
    waits: list[float] = []
    body = json.dumps(saved("429")).encode()
    return (lambda _asked: Answer(status=429, body=body) if sum(waits) < seconds else None), waits


def test_a_limit_without_a_delay_is_waited_out_for_the_minute_in_which_it_resets() -> None:
    over, waits = _limited(60)
    with visited(Site(resources={"items": held()}, before=over).answer, waits) as (client, _):
        assert len(ids(pages(client, "items", FIRST))) == 250
    assert sum(waits) <= 90


def test_a_limit_that_never_resets_is_left_for_the_next_run() -> None:
    over, waits = _limited(10_000)
    with (
        visited(Site(resources={}, before=over).answer, waits) as (client, _),
        pytest.raises(RetryLaterError),
    ):
        pages(client, "items", FIRST)
