"""Claims about lists that show the present only: complete in every documented form, or started over."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync_assets.connect.digest import digest
from sync_assets.connect.spec import Stream
from sync_assets.http.client import Client
from sync_assets.model.errors import ContractError, UnreachableError
from sync_assets.systems.product.audit import rolled
from sync_assets.systems.product.spec import CUSTOMERS, ENTITLEMENTS, METERS, SUBJECTS, SYSTEM
from sync_assets_tests.page_server import Answer, Asked
from sync_assets_tests.systems.product.platform_server import (
    EVERYTHING,
    FakePlatform,
    Item,
    as_json,
    ids,
    playing,
    problem,
    read_all,
)


def items(count: int, **more: Any) -> list[Item]:
    return [{"id": f"i{at:03d}", "createdAt": "2026-01-01T00:00:00Z", **more} for at in range(count)]


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200, 250])
@pytest.mark.parametrize(("totals", "pages"), [(True, True), (False, True), (False, False)])
@pytest.mark.parametrize("stream", [METERS, ENTITLEMENTS, CUSTOMERS, SUBJECTS], ids=lambda stream: stream.name)
def test_a_list_is_read_whole_in_every_documented_form(stream: Stream, totals: bool, pages: bool, count: int) -> None:
    platform = FakePlatform(lists={stream.name: items(count)}, totals=totals, pages=pages)
    with playing(platform) as client:
        read = ids(read_all(client, stream), ("id",))
    assert sorted(set(read)) == [item["id"] for item in platform.lists[stream.name]]


@pytest.mark.parametrize("count", [0, 49, 50, 51, 100, 130])
@pytest.mark.parametrize("totals", [True, False])
@pytest.mark.parametrize("stream", [METERS, ENTITLEMENTS, CUSTOMERS], ids=lambda stream: stream.name)
def test_a_platform_that_gives_smaller_pages_than_asked_for_is_read_whole(
    stream: Stream, totals: bool, count: int
) -> None:
    platform = FakePlatform(lists={stream.name: items(count)}, totals=totals, page_max=50)
    everyone = [item["id"] for item in platform.lists[stream.name]]
    with playing(platform) as client:
        read = ids(read_all(client, stream), ("id",))
        audited = sightings(client, stream)
    assert sorted(read) == everyone
    assert sorted(audited) == everyone


def sightings(client: Client, stream: Stream) -> list[str]:
    """The ids that the auditor sees."""
    found, place = [], None
    while True:
        roll = rolled(client, stream, EVERYTHING.earliest, place)
        found += [one.record_id for one in roll.sightings]
        if (place := roll.next) is None:
            return found


@pytest.mark.parametrize(("totals", "pages"), [(True, True), (False, True), (False, False)])
def test_the_auditor_sees_every_item_once_in_every_documented_form(totals: bool, pages: bool) -> None:
    platform = FakePlatform(lists={"meters": items(250)}, totals=totals, pages=pages)
    with playing(platform) as client:
        assert sorted(sightings(client, METERS)) == [item["id"] for item in platform.lists["meters"]]


def test_the_auditor_sees_an_item_whose_times_are_odd() -> None:
    odd = [{"id": "i001", "createdAt": 5, "updatedAt": "soon"}, {"id": 7}]
    with playing(FakePlatform(lists={"meters": odd})) as client:
        assert sorted(sightings(client, METERS)) == ["7", "i001"]


@pytest.mark.parametrize("nobody", [{}, {"id": None}, {"id": ["i001"]}])
def test_the_auditor_trusts_no_list_with_an_item_that_cannot_be_named(nobody: Item) -> None:
    with (
        playing(FakePlatform(lists={"meters": [nobody, *items(1)]})) as client,
        pytest.raises(ContractError, match="without an id"),
    ):
        sightings(client, METERS)


def test_a_page_of_another_size_than_those_before_starts_the_list_over() -> None:
    """The first answer is one that was meant for a question after a single item, as a mixed-up cache would give it."""
    platform = FakePlatform(lists={"customers": items(230)})
    platform.override = lambda asked: platform.list_of("customers", asked, 1) if first_time(platform, asked) else None
    with playing(platform) as client:
        read = ids(read_all(client, CUSTOMERS), ("id",))
    assert set(read) == {item["id"] for item in platform.lists["customers"]}


def first_time(platform: FakePlatform, asked: Asked) -> bool:
    return sum(each.path == asked.path for each in platform.server.asked) == 1


def test_a_page_that_says_it_is_another_is_refused() -> None:
    another = {"items": items(3), "totalCount": 3, "page": 2, "pageSize": 100}
    with (
        playing(FakePlatform(override=lambda _asked: as_json(another))) as client,
        pytest.raises(ContractError, match="page 2 of customers when asked for 1"),
    ):
        SYSTEM.read(client, CUSTOMERS, EVERYTHING, None)


@pytest.mark.parametrize("status", [403, 404])
def test_a_platform_that_does_not_show_its_customers_tells_its_time_and_its_other_lists(status: int) -> None:
    platform = FakePlatform(lists={"entitlements": items(2)})
    platform.override = lambda asked: problem(status, "No") if asked.path == "/api/v1/customers" else None
    with playing(platform) as client:
        assert abs(SYSTEM.clock(client) - datetime.now(UTC)) < timedelta(seconds=5)
        assert len(SYSTEM.read(client, ENTITLEMENTS, EVERYTHING, None).records) == 2
        with pytest.raises(UnreachableError, match="customers"):
            SYSTEM.read(client, CUSTOMERS, EVERYTHING, None)


def test_only_documented_parameters_are_sent() -> None:
    platform = FakePlatform()
    with playing(platform) as client:
        for stream in (METERS, ENTITLEMENTS, CUSTOMERS, SUBJECTS):
            SYSTEM.read(client, stream, EVERYTHING, None)
    ordered = {"page": "1", "pageSize": "100", "orderBy": "createdAt", "order": "ASC"}
    assert {asked.path: asked.query for asked in platform.server.asked} == {
        "/api/v1/meters": {**ordered, "includeDeleted": "true"},
        "/api/v1/entitlements": ordered,
        "/api/v1/customers": {**ordered, "includeDeleted": "true"},
        "/api/v1/subjects": {},
    }


def test_records_are_exact_slices_of_the_page() -> None:
    with playing(FakePlatform(lists={"customers": items(3)})) as client:
        page = SYSTEM.read(client, CUSTOMERS, EVERYTHING, None)
    assert all(raw in page.body for raw in page.records)


def test_a_deletion_while_reading_starts_the_list_over() -> None:
    platform = FakePlatform(lists={"customers": items(150)})
    with playing(platform) as client:
        first = SYSTEM.read(client, CUSTOMERS, EVERYTHING, None)
        # Item 0 goes, so item 100 moves to the first page, which was read already.
        del platform.lists["customers"][0]
        pages = [SYSTEM.read(client, CUSTOMERS, EVERYTHING, first.next)]
        while pages[-1].next:
            pages.append(SYSTEM.read(client, CUSTOMERS, EVERYTHING, pages[-1].next))
    assert "i100" in ids(pages, ("id",))
    assert set(ids(pages[1:], ("id",))) == {item["id"] for item in platform.lists["customers"]}


@pytest.mark.parametrize("gone", [0, 99, 100, 199])
@pytest.mark.parametrize("after", [1, 2, 3])
def test_an_item_deleted_in_the_moment_in_which_another_is_made_hides_no_third(after: int, gone: int) -> None:
    """The total is the same before and after, so that it does not tell that items slipped over the borders of pages."""
    platform = FakePlatform(lists={"entitlements": items(250)})
    asked: list[Asked] = []

    def change(request: Asked) -> None:
        asked.append(request)
        if len(asked) == after + 1:
            del platform.lists["entitlements"][gone]
            platform.lists["entitlements"].append({"id": "made", "createdAt": "2026-11-20T12:00:00Z"})

    platform.override = change  # type: ignore[assignment]
    with playing(platform) as client:
        read = set(ids(read_all(client, ENTITLEMENTS), ("id",)))
    # What was made while the list was read is the next read's; what was deleted may be among the items or not.
    assert {item["id"] for item in platform.lists["entitlements"]} - read <= {"made"}
    assert len(asked) == 4


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (1, 1), (100, 1), (101, 3), (250, 4), (300, 4)])
def test_one_page_costs_one_request_and_several_cost_one_more_than_there_are(count: int, requests: int) -> None:
    platform = FakePlatform(lists={"customers": items(count)})
    with playing(platform) as client:
        read_all(client, CUSTOMERS)
    assert len(platform.server.asked) == requests


@pytest.mark.parametrize("told", [{}, {"pageSize": 100}])
def test_a_platform_that_gives_the_same_page_for_every_number_is_not_taken_for_read(told: dict[str, int]) -> None:
    same = {"items": items(250)[:100], "totalCount": 250, **told}
    with (
        playing(FakePlatform(override=lambda _asked: as_json(same))) as client,
        pytest.raises(ContractError, match="faster"),
    ):
        read_all(client, CUSTOMERS)


def test_a_list_that_was_being_read_forward_is_read_to_its_end() -> None:
    """An earlier release stored a place on the way from the first page to the last."""
    platform = FakePlatform(lists={"customers": items(250)})
    place = json.dumps({"page": 3, "seen": 200, "total": 250, "size": 100, "first": None, "starts": 1})
    with playing(platform) as client:
        pages = [SYSTEM.read(client, CUSTOMERS, EVERYTHING, place)]
        while pages[-1].next:
            pages.append(SYSTEM.read(client, CUSTOMERS, EVERYTHING, pages[-1].next))
    assert set(ids(pages, ("id",))) == {item["id"] for item in platform.lists["customers"]}


def test_a_list_that_never_stands_still_is_left_for_the_next_run() -> None:
    totals = iter(range(500, 0, -1))

    def shrinking(asked: Asked) -> Answer | None:
        page = int(asked.query["page"])
        return as_json({"items": items(100), "totalCount": next(totals), "page": page, "pageSize": 100})

    with playing(FakePlatform(override=shrinking)) as client, pytest.raises(ContractError, match="faster"):
        read_all(client, CUSTOMERS)


def test_a_total_that_is_never_reached_is_not_taken_for_the_end() -> None:
    def short(asked: Asked) -> Answer | None:
        some = items(100) if asked.query["page"] == "1" else []
        return as_json({"items": some, "totalCount": 150, "page": int(asked.query["page"]), "pageSize": 100})

    with playing(FakePlatform(override=short)) as client, pytest.raises(ContractError):
        read_all(client, CUSTOMERS)


def test_an_item_with_a_deletion_time_is_a_deletion() -> None:
    gone = {"id": "i900", "deletedAt": "2026-11-19T08:00:00Z"}
    with playing(FakePlatform(lists={"meters": [*items(1), gone]})) as client:
        page = SYSTEM.read(client, METERS, EVERYTHING, None)
    assert ids([page], ("id",)) == ["i000"]
    assert [(one.record_id, one.deleted_at.isoformat()) for one in page.deleted] == [
        ("i900", "2026-11-19T08:00:00+00:00")
    ]


@pytest.mark.parametrize("odd", ["soon", 5, ["2026-11-19T08:00:00Z"], "2026-11-19T08:00:00"])
def test_an_item_deleted_at_a_time_that_is_none_is_set_aside_and_the_others_are_read(odd: object) -> None:
    with playing(FakePlatform(lists={"meters": [*items(1), {"id": "i900", "deletedAt": odd}]})) as client:
        page = SYSTEM.read(client, METERS, EVERYTHING, None)
    taken = digest(METERS, page, EVERYTHING.end)
    assert [version.record_id for version in taken.versions] == ["i000"]
    assert [letter.reason for letter in taken.rejected] == ["missing_field"]


def test_an_item_with_the_year_one_as_its_deletion_lives() -> None:
    with playing(FakePlatform(lists={"meters": items(1, deletedAt="0001-01-01T00:00:00Z")})) as client:
        page = SYSTEM.read(client, METERS, EVERYTHING, None)
    assert (ids([page], ("id",)), page.deleted) == (["i000"], [])


def test_named_items_are_found_and_absent_ones_left_out() -> None:
    with playing(FakePlatform(lists={"entitlements": items(3)})) as client:
        page = SYSTEM.find(client, ENTITLEMENTS, ["i001", "i009"])
    assert [json.loads(raw)["id"] for raw in page.records] == ["i001"]


@pytest.mark.parametrize("body", [b"<html>", b'{"items":[]}', b'{"totalCount":1}', b"null"])
def test_a_list_in_another_shape_than_documented_is_not_trusted(body: bytes) -> None:
    with (
        playing(FakePlatform(override=lambda _asked: Answer(body=body))) as client,
        pytest.raises(ContractError, match="shape"),
    ):
        SYSTEM.read(client, CUSTOMERS, EVERYTHING, None)
