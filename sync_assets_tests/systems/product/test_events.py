"""Claims about reading usage events: by ingestion time, across server versions, nothing skipped."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from sync_assets.connect.digest import digest
from sync_assets.connect.spec import Window
from sync_assets.model.errors import ContractError, FeedExpiredError, UnreachableError
from sync_assets.systems.product.audit import rolled
from sync_assets.systems.product.spec import EVENTS, SYSTEM
from sync_assets_tests.page_server import Answer, Asked
from sync_assets_tests.systems.product.platform_server import (
    EARLIEST,
    END,
    EVERYTHING,
    FakePlatform,
    as_json,
    event,
    ids,
    meter,
    playing,
    problem,
    read_all,
)

PATH_V1 = "/api/v1/events"
RECENT = Window(start=datetime(2026, 11, 20, 9, 30, 0, 700_000, tzinfo=UTC), end=END, earliest=EARLIEST)


def _stamp(seconds: int) -> str:
    return f"{datetime(2026, 11, 20, 8, tzinfo=UTC) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


def _steady(count: int, *, late_by: int = 0, **more: bool) -> FakePlatform:
    """One event a second, each having happened so many seconds before it came in."""
    events = [event(at, _stamp(at), time=_stamp(at - late_by)) for at in range(count)]
    return FakePlatform(events=events, **more)  # type: ignore[arg-type]


def _names(count: int) -> set[str]:
    return {f"e{at:05d}" for at in range(count)}


def test_a_window_is_asked_for_with_one_operator_per_filter_in_whole_seconds() -> None:
    platform = FakePlatform()
    with playing(platform) as client:
        assert SYSTEM.read(client, EVENTS, RECENT, None).next is None
    asked = platform.server.asked[0]
    # 09:30:00.7 to 12:00:00.4, widened to whole seconds.
    span = [{"$gte": "2026-11-20T09:30:00Z"}, {"$lte": "2026-11-20T12:00:01Z"}]
    assert json.loads(asked.query["filter"]) == {"ingestedAt": {"$and": span}}
    assert (asked.path, asked.query["limit"]) == ("/api/v2/events", "100")


def test_a_first_read_goes_back_to_the_start_that_was_set() -> None:
    platform = FakePlatform(events=[event(1, "2026-10-31T23:59:59Z"), event(2, "2026-11-01T00:00:00Z")])
    with playing(platform) as client:
        assert ids(read_all(client, EVENTS)) == ["e00002"]


@pytest.mark.parametrize("late_by", [0, 3600])
def test_every_event_is_read_through_the_servers_cursors(late_by: int) -> None:
    with playing(_steady(250, late_by=late_by)) as client:
        pages = read_all(client, EVENTS)
    # 100 + 100 + 50, and the empty page by which the server says "end".
    assert [len(page.records) for page in pages] == [100, 100, 50, 0]
    assert set(ids(pages)) == _names(250)


@pytest.mark.parametrize("late_by", [1, 3600])
def test_a_cursor_that_would_skip_events_is_recognised_and_nothing_is_lost(late_by: int) -> None:
    with playing(_steady(250, late_by=late_by, cursor_by_event_time=True)) as client:
        assert set(ids(read_all(client, EVENTS))) == _names(250)


def test_events_of_one_second_are_all_read_from_a_server_whose_cursors_skip() -> None:
    events = [event(at, _stamp(5), time=_stamp(-at)) for at in range(250)]
    with playing(FakePlatform(events=events, cursor_by_event_time=True)) as client:
        assert set(ids(read_all(client, EVENTS))) == _names(250)


NAMINGS: dict[str, Callable[[int], str]] = {
    "rising with time": lambda at: f"e{at:05d}",
    "falling with time": lambda at: f"e{999 - at:05d}",
    "as it comes": lambda at: f"e{at * 7919 % 1009:05d}",
}


@pytest.mark.parametrize("naming", NAMINGS)
@pytest.mark.parametrize("late_by", [0, 1])
@pytest.mark.parametrize("seconds", [1, 250])
def test_a_server_that_lists_by_the_events_own_time_is_read_whole(naming: str, late_by: int, seconds: int) -> None:
    """A bulk load: 250 events of as many seconds come in within one second or one after the other."""
    events = [
        event(
            at,
            _stamp(600 + (at if seconds > 1 else 0)),
            time=_stamp(600 - late_by + (at if seconds > 1 else at - 249)),
            id=NAMINGS[naming](at),
        )
        for at in range(250)
    ]
    platform = FakePlatform(events=events, order_by_event_time=True)
    with playing(platform) as client:
        assert set(ids(read_all(client, EVENTS))) == {NAMINGS[naming](at) for at in range(250)}
    # 3 full pages at best; boxes that are halved cost a few answers each, a circle would cost thousands
    assert sum(asked.path == "/api/v2/events" for asked in platform.server.asked) < 60


@pytest.mark.parametrize("cursor_by_event_time", [False, True])
@pytest.mark.parametrize("has_v2", [False, True])
def test_reading_goes_on_from_any_page_in_another_process(has_v2: bool, cursor_by_event_time: bool) -> None:
    platform = _steady(250, late_by=7, has_v2=has_v2, cursor_by_event_time=cursor_by_event_time)
    with playing(platform) as client:
        whole = read_all(client, EVENTS)
    for position, page in enumerate(whole[:-1]):
        rest, place = [], page.next
        while place is not None:
            with playing(platform) as another:
                rest.append(SYSTEM.read(another, EVENTS, EVERYTHING, place))
            place = rest[-1].next
        assert ids(rest) == ids(whole[position + 1 :])
        if position > 2:
            break


def test_a_server_without_v2_is_read_by_halving_what_is_full() -> None:
    platform = _steady(250, late_by=86_400 * 5, has_v2=False)
    with playing(platform) as client:
        assert set(ids(read_all(client, EVENTS))) == _names(250)
    asked = [asked.query for asked in platform.server.asked if asked.path == "/api/v1/events"]
    # Without `from` the list would hide events that happened more than 72 hours ago.
    assert all(query["from"] == "2026-11-01T00:00:00Z" and query["limit"] == "100" for query in asked)


def test_events_of_one_second_are_halved_by_their_own_time_on_a_server_without_v2() -> None:
    events = [event(at, _stamp(5), time=_stamp(-at)) for at in range(250)]
    with playing(FakePlatform(events=events, has_v2=False)) as client:
        assert set(ids(read_all(client, EVENTS))) == _names(250)


def test_more_events_in_one_second_than_an_answer_holds_are_not_passed_over() -> None:
    events = [event(at, _stamp(5)) for at in range(101)]
    with playing(FakePlatform(events=events, has_v2=False)) as client, pytest.raises(ContractError, match="v2"):
        read_all(client, EVENTS)


def test_a_list_that_reaches_32_days_back_is_asked_for_those() -> None:
    old = Window(start=RECENT.start, end=END, earliest=datetime(2024, 11, 1, tzinfo=UTC))
    events = [event(1, "2026-11-20T10:00:00Z", time="2026-11-01T00:00:00Z")]
    with playing(FakePlatform(events=events, has_v2=False, reach=timedelta(days=32))) as client:
        assert ids(read_all(client, EVENTS, old)) == ["e00001"]


def test_a_window_out_of_the_lists_reach_is_no_longer_incremental() -> None:
    start = datetime(2026, 9, 1, tzinfo=UTC)
    old = Window(start=start, end=END, earliest=start)
    platform = FakePlatform(has_v2=False, reach=timedelta(days=32))
    with playing(platform) as client, pytest.raises(FeedExpiredError):
        read_all(client, EVENTS, old)
    with playing(platform) as client, pytest.raises(ContractError, match="SYNC_PRODUCT_START"):
        read_all(client, EVENTS, Window(start=None, end=END, earliest=start))


@pytest.mark.parametrize(("first", "last", "found"), [(60, 40, []), (40, 20, ["e00002"]), (20, 10, ["e00003"])])
def test_past_days_are_read_again_as_far_as_a_server_without_v2_still_lists_them(
    first: int, last: int, found: list[str]
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    days = {number: f"{now - timedelta(days=number):%Y-%m-%dT%H:%M:%SZ}" for number in range(61)}

    def refuse(asked: Asked) -> Answer | None:
        began = [asked.query[name] for name in ("from", "ingestedAtFrom") if name in asked.query]
        return problem(400, "too old") if asked.path == PATH_V1 and min(began) < days[32] else None

    events = [event(1, days[35], time=days[35]), event(2, days[25], time=days[25]), event(3, days[15], time=days[15])]
    again = Window(
        start=now - timedelta(days=first),
        end=now - timedelta(days=last),
        earliest=now - timedelta(days=700),
        backfill=True,
    )
    platform = FakePlatform(events=events, has_v2=False, override=refuse)
    with playing(platform) as client:
        assert ids(read_all(client, EVENTS, again)) == found


def test_a_refusal_of_past_days_within_reach_is_not_taken_for_their_end() -> None:
    now = datetime.now(UTC)
    again = Window(start=now - timedelta(days=3), end=now, earliest=now - timedelta(days=3), backfill=True)

    def refused(asked: Asked) -> Answer | None:
        return problem(400, "no") if asked.path == PATH_V1 else None

    platform = FakePlatform(has_v2=False, override=refused)
    with playing(platform) as client, pytest.raises(ContractError, match="31 days"):
        read_all(client, EVENTS, again)


def test_a_record_is_the_event_byte_for_byte_with_its_times_and_meters_only() -> None:
    listed = {**event(1), "customerId": "c1", "validationError": "no customer found for event subject"}
    platform = FakePlatform(events=[listed], lists={"meters": [meter()]})
    with playing(platform) as client:
        page = SYSTEM.read(client, EVENTS, EVERYTHING, None)
    (record,) = page.records
    assert json.dumps(listed["event"]).encode() in record
    assert json.loads(record).keys() == {"event", "ingestedAt", "storedAt", "meters"}
    assert json.loads(record)["meters"] == [{"slug": "calls", "aggregation": "SUM", "valueProperty": "$.value"}]


def test_an_event_keeps_the_meters_that_were_there_when_it_came_in() -> None:
    meters = [
        meter("late", createdAt="2026-11-20T10:30:00Z"),
        meter("gone", deletedAt="2026-11-20T09:00:00Z"),
        meter("other", eventType="login"),
        meter("then", deletedAt="2026-11-20T11:00:00Z"),
    ]
    with playing(FakePlatform(events=[event(1)], lists={"meters": meters})) as client:
        page = SYSTEM.read(client, EVENTS, EVERYTHING, None)
    assert [known["slug"] for known in json.loads(page.records[0])["meters"]] == ["then"]


def test_an_event_older_than_all_meters_of_its_type_takes_those_there_are() -> None:
    meters = [meter("late", createdAt="2026-11-20T10:30:00Z"), meter("gone", deletedAt="2026-11-20T09:00:00Z")]
    with playing(FakePlatform(events=[event(1)], lists={"meters": meters})) as client:
        page = SYSTEM.read(client, EVENTS, EVERYTHING, None)
    assert [known["slug"] for known in json.loads(page.records[0])["meters"]] == ["late"]


@pytest.mark.parametrize(("totals", "pages"), [(True, True), (False, True), (False, False)])
def test_meters_are_asked_for_once_in_every_form_of_the_list(totals: bool, pages: bool) -> None:
    meters = [meter(f"m{at:03d}", eventType="call" if at == 149 else "other") for at in range(150)]
    platform = FakePlatform(events=[event(1)], lists={"meters": meters}, totals=totals, pages=pages)
    with playing(platform) as client:
        SYSTEM.read(client, EVENTS, EVERYTHING, None)
        page = SYSTEM.read(client, EVENTS, EVERYTHING, None)
    assert [known["slug"] for known in json.loads(page.records[0])["meters"]] == ["m149"]
    # 100 + 50 of 150; without totals until nothing new comes: 100 + 50 + 0, or 150 + the same 150
    asked = sum(asked.path == "/api/v1/meters" for asked in platform.server.asked)
    assert asked == (2 if totals or not pages else 3)


def test_an_event_that_cannot_be_read_does_not_hold_up_the_others() -> None:
    broken = {"event": {"id": 7}, "ingestedAt": "soon", "storedAt": None}
    with playing(FakePlatform(override=lambda asked: _page([broken, event(1)], asked))) as client:
        assert len(SYSTEM.read(client, EVENTS, EVERYTHING, None).records) == 2


ODD_ITEMS: dict[str, tuple[object, str]] = {
    "an ingestion time that is a number": ({**event(2), "ingestedAt": 1_790_000_000}, "api:e00002"),
    "an ingestion time with decimals": ({**event(2), "ingestedAt": 1.5}, "api:e00002"),
    "an ingestion time in a list": ({**event(2), "ingestedAt": ["2026-11-20T10:00:00Z"]}, "api:e00002"),
    "no event": ({"ingestedAt": "2026-11-20T10:00:00Z"}, ""),
    "null for an event": ({**event(2), "event": None}, ""),
}


@pytest.mark.parametrize("has_v2", [True, False])
@pytest.mark.parametrize("odd", ODD_ITEMS)
def test_an_odd_event_is_set_aside_and_the_others_are_read(odd: str, has_v2: bool) -> None:
    item, name = ODD_ITEMS[odd]

    def answered(asked: Asked) -> Answer | None:
        some = as_json([item, event(1)]) if asked.path == PATH_V1 else None
        return some or (_page([item, event(1)], asked) if has_v2 else None)

    with playing(FakePlatform(override=answered, has_v2=has_v2)) as client:
        taken = digest(EVENTS, SYSTEM.read(client, EVENTS, EVERYTHING, None), END)
    assert [version.record_id for version in taken.versions] == ["api:e00001"]
    assert [letter.record_id for letter in taken.rejected] == [name]


@pytest.mark.parametrize("odd", ODD_ITEMS)
def test_the_auditor_sees_an_event_that_came_in_at_an_odd_time_and_trusts_no_list_with_one_unnamed(odd: str) -> None:
    item, name = ODD_ITEMS[odd]
    with playing(FakePlatform(override=lambda asked: _page([item, event(1)], asked))) as client:
        if not name:
            with pytest.raises(ContractError, match="without an id"):
                rolled(client, EVENTS, EARLIEST, None)
            return
        assert [one.record_id for one in rolled(client, EVENTS, EARLIEST, None).sightings] == [name, "api:e00001"]


def test_an_odd_storing_time_is_left_to_the_mapping() -> None:
    """Nothing is placed by it: the record is landed as it came."""
    with playing(FakePlatform(override=lambda asked: _page([{**event(1), "storedAt": 5}], asked))) as client:
        (record,) = SYSTEM.read(client, EVENTS, EVERYTHING, None).records
    assert json.loads(record)["storedAt"] == 5


def test_events_of_one_second_are_all_read_when_the_last_of_a_page_came_in_at_no_time_that_can_be_read() -> None:
    """The server's cursors skip, and the place that should follow is that of the last event that has one."""
    events = [event(at, _stamp(5), time=_stamp(-at)) for at in range(250)]
    platform = FakePlatform(events=events, cursor_by_event_time=True)

    def spoilt(asked: Asked) -> Answer | None:
        if asked.path != "/api/v2/events" or len(platform.server.asked) < 3:
            return None
        whole = json.loads(platform._events_v2(asked).body)
        for item in whole["items"]:
            item["ingestedAt"] = 7 if item["event"]["id"] == "e00150" else item["ingestedAt"]
        return as_json(whole)

    platform.override = spoilt
    with playing(platform) as client:
        assert set(ids(read_all(client, EVENTS))) == _names(250)


@pytest.mark.parametrize("has_v2", [True, False])
def test_the_probe_lives_with_an_odd_event(has_v2: bool) -> None:
    odd = [{"event": None, "ingestedAt": 7}, {"ingestedAt": "soon"}, event(1)]

    def answered(asked: Asked) -> Answer | None:
        return as_json(odd) if asked.path == PATH_V1 else (_page(odd, asked) if has_v2 else None)

    platform = FakePlatform(override=answered, has_v2=has_v2)
    with playing(platform) as client:
        first = SYSTEM.probe(client, None)
        assert json.loads(first)["since"] == "2026-11-20T10:00:00Z"
        assert SYSTEM.probe(client, first) == first


def _page(items: object, asked: Asked) -> Answer | None:
    return as_json({"items": items, "nextCursor": None}) if asked.path == "/api/v2/events" else None


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"nextCursor":"x"}', b'{"items":null}', b'{"error":"x"}'])
def test_a_page_in_another_shape_than_documented_is_not_trusted(body: bytes) -> None:
    with (
        playing(FakePlatform(override=lambda _asked: Answer(body=body))) as client,
        pytest.raises(ContractError, match="shape"),
    ):
        SYSTEM.read(client, EVENTS, EVERYTHING, None)


def test_a_cursor_that_does_not_move_is_not_followed() -> None:
    def stuck(asked: Asked) -> Answer | None:
        return as_json({"items": [event(1)], "nextCursor": "same"}) if asked.path == "/api/v2/events" else None

    with playing(FakePlatform(override=stuck)) as client, pytest.raises(ContractError, match="move"):
        read_all(client, EVENTS)


def test_a_list_that_is_not_found_while_it_is_read_is_not_read_by_another_that_reaches_less_far_back() -> None:
    platform = _steady(250)
    with playing(platform) as client:
        first = SYSTEM.read(client, EVENTS, EVERYTHING, None)
        platform.override = lambda asked: problem(404, "no route") if asked.path == "/api/v2/events" else None
        with pytest.raises(UnreachableError, match="404"):
            SYSTEM.read(client, EVENTS, EVERYTHING, first.next)
        platform.override = lambda _asked: None
        assert len(ids([SYSTEM.read(client, EVENTS, EVERYTHING, first.next)])) == 100
    assert not [asked for asked in platform.server.asked if asked.path == PATH_V1]


@pytest.mark.parametrize("ring", [2, 3, 7])
def test_cursors_that_run_in_circles_stop_the_read_and_the_lookup(ring: int) -> None:
    def circling(asked: Asked) -> Answer | None:
        here = int(asked.query.get("cursor", "0"))
        return as_json({"items": [event(here)], "nextCursor": str((here + 1) % ring or ring)})

    platform = FakePlatform(lists={"meters": [meter()]})
    platform.override = lambda asked: circling(asked) if asked.path == "/api/v2/events" else None
    with playing(platform) as client:
        with pytest.raises(ContractError, match="circles"):
            read_all(client, EVENTS)
        with pytest.raises(ContractError, match="circles"):
            SYSTEM.find(client, EVENTS, ["api:e00001"])
    assert len(platform.server.asked) <= 2 * (4 * ring + 5)


def test_events_are_found_by_source_and_id_even_where_both_hold_colons() -> None:
    events = [event(1, source="urn:eu:api", id="a:b"), event(2, source="other", id="a:b"), event(3)]
    platform = FakePlatform(events=events)
    with playing(platform) as client:
        page = SYSTEM.find(client, EVENTS, ["urn:eu:api:a:b", "api:e00003", "api:e00004"])
        assert [json.loads(raw)["event"]["source"] for raw in page.records] == ["api", "urn:eu:api"]
    platform.has_v2 = False
    with playing(platform) as client, pytest.raises(ContractError, match="v2"):
        SYSTEM.find(client, EVENTS, ["api:e00003"])


def test_a_refused_key_names_the_settings() -> None:
    with playing(FakePlatform(), key="wrong") as client, pytest.raises(UnreachableError, match="SYNC_PRODUCT_"):
        SYSTEM.read(client, EVENTS, EVERYTHING, None)


def test_a_rate_limit_is_obeyed() -> None:
    busy = [Answer(status=429, headers={"Retry-After": "7"})]
    waits: list[float] = []
    with playing(FakePlatform(events=[event(1)], override=lambda _asked: busy.pop() if busy else None)) as client:
        client.sleep = waits.append
        assert ids(read_all(client, EVENTS)) == ["e00001"]
    assert waits == [7.0]


@pytest.mark.parametrize("has_v2", [True, False])
def test_the_probe_changes_with_an_event_or_an_entitlement_and_only_then(has_v2: bool) -> None:
    platform = FakePlatform(
        events=[event(1, "2026-11-20T09:00:00Z"), event(2)], lists={"entitlements": []}, has_v2=has_v2
    )
    with playing(platform) as client:
        probes = [SYSTEM.probe(client, None)]
        probes.append(SYSTEM.probe(client, probes[-1]))
        requests = len(platform.server.asked)
        assert probes[0] == probes[1]
        platform.events.append(event(3, time="2026-11-19T00:00:00Z"))
        probes.append(SYSTEM.probe(client, probes[-1]))
        assert len(platform.server.asked) - requests <= 3
        platform.lists["entitlements"].append({"id": "ent_1"})
        probes.append(SYSTEM.probe(client, probes[-1]))
    assert len({*probes[1:]}) == 3


def test_the_clock_is_the_platforms() -> None:
    with playing(FakePlatform()) as client:
        assert abs((SYSTEM.clock(client) - datetime.now(UTC)).total_seconds()) < 5


def test_a_failing_platform_is_asked_again() -> None:
    failures = [problem(503, "Service Unavailable"), problem(500, "Internal Server Error")]
    platform = FakePlatform(events=[event(1)], override=lambda _asked: failures.pop() if failures else None)
    with playing(platform) as client:
        assert ids(read_all(client, EVENTS)) == ["e00001"]
