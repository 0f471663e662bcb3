"""Claims about reading Chargebee: windows, pages, places, deletions, and what is asked of the site."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sync_assets.connect.digest import digest
from sync_assets.connect.paging import RESTARTS_MAX, Place
from sync_assets.connect.spec import Page, Window
from sync_assets.http.client import Client
from sync_assets.model.errors import ContractError, RetryLaterError, UnreachableError
from sync_assets.systems.chargebee.audit import rolled
from sync_assets.systems.chargebee.spec import SYSTEM
from sync_assets_tests.page_server import Answer, Asked
from sync_assets_tests.systems.chargebee.site import Site, at, saved, visited

NOW = 1_800_000_000
FIRST = Window(start=None, end=at(NOW), earliest=at(NOW - 1_000_000))


def rows(count: int, **more: Any) -> list[dict[str, Any]]:
    """Records changed one second apart, ending now."""
    return [
        {"id": f"r{n:04}", "created_at": NOW - 5_000 + n, "updated_at": NOW - count + n, "object": "x", **more}
        for n in range(1, count + 1)
    ]


def pages(client: Client, name: str, window: Window) -> list[Page]:
    """Every page of a stream, each asked for with nothing but the place of the one before."""
    read = [SYSTEM.read(client, SYSTEM.stream(name), window, None)]
    while (place := read[-1].next) is not None:
        read.append(SYSTEM.read(client, SYSTEM.stream(name), window, place))
    return read


def ids(read: list[Page]) -> list[str]:
    return [json.loads(record)["id"] for page in read for record in page.records]


def since(seconds: int) -> Window:
    """The window from so many seconds ago until now."""
    return Window(start=at(NOW - seconds), end=at(NOW), earliest=at(0))


@pytest.mark.parametrize("name", [stream.name for stream in SYSTEM.streams])
def test_a_first_read_returns_every_record_once(name: str) -> None:
    held = [{**row, "usage_date": NOW - n, "occurred_at": NOW - n} for n, row in enumerate(rows(250))]
    with visited(Site(resources={name: held}).answer) as (client, server):
        read = pages(client, name, FIRST)
    # 250 records at 100 a page are 3 pages.
    assert len(read) == len(server.asked) == 3
    assert sorted(ids(read)) == sorted(row["id"] for row in held)
    assert all(asked.query["limit"] == "100" for asked in server.asked)


def test_records_are_the_bytes_that_the_site_sent() -> None:
    body = b'{"list":[{"customer":{"id":"c1", "rate":1.10,"name":"\\u00e9"},"card":{}}]}'
    with visited(lambda _asked: Answer(body=body)) as (client, _):
        (page,) = pages(client, "customers", FIRST)
    assert page.body == body
    assert page.records == [b'{"id":"c1", "rate":1.10,"name":"\\u00e9"}']


def test_a_record_without_updated_at_is_read_at_first() -> None:
    untouched = {"id": "old", "created_at": 1}
    with visited(Site(resources={"customers": [untouched]}).answer) as (client, server):
        assert ids(pages(client, "customers", FIRST)) == ["old"]
    assert not [key for asked in server.asked for key in asked.query if key.startswith("updated_at")]


def test_both_ends_of_a_window_are_included() -> None:
    held = [
        {"id": name, "updated_at": NOW + n} for n, name in ((-11, "before"), (-10, "start"), (0, "end"), (1, "after"))
    ]
    with visited(Site(resources={"invoices": held}).answer) as (client, server):
        assert ids(pages(client, "invoices", since(10))) == ["start", "end"]
    # `after` and `before` are strict, so each is one second outside the window.
    assert server.asked[0].query["updated_at[after]"] == str(NOW - 11)
    assert server.asked[0].query["updated_at[before]"] == str(NOW + 1)


def test_a_window_between_two_seconds_is_widened_outward() -> None:
    window = Window(
        start=at(NOW) + timedelta(milliseconds=900), end=at(NOW + 2) + timedelta(milliseconds=100), earliest=at(0)
    )
    held = [{"id": str(n), "updated_at": NOW + n} for n in range(-1, 4)]
    with visited(Site(resources={"items": held}).answer) as (client, _):
        assert ids(pages(client, "items", window)) == ["0", "1", "2"]


def test_a_read_goes_on_at_any_page_after_a_crash() -> None:
    site = Site(resources={"subscriptions": rows(250)})
    with visited(site.answer) as (client, _):
        first = SYSTEM.read(client, SYSTEM.stream("subscriptions"), since(600), None)
    with visited(site.answer) as (client, _):
        second = SYSTEM.read(client, SYSTEM.stream("subscriptions"), since(600), first.next)
        again = SYSTEM.read(client, SYSTEM.stream("subscriptions"), since(600), first.next)
    assert ids([second]) == [f"r{n:04}" for n in range(101, 201)]
    assert (again.body, again.next) == (second.body, second.next)


def test_a_record_that_changes_while_pages_are_read_hides_no_other() -> None:
    held = rows(250)
    site = Site(resources={"customers": held})
    with visited(site.answer) as (client, _):
        first = SYSTEM.read(client, SYSTEM.stream("customers"), since(600), None)
        held[3]["updated_at"] = NOW + 60
        rest = SYSTEM.read(client, SYSTEM.stream("customers"), since(600), first.next)
    assert ids([first, rest]) == [f"r{n:04}" for n in range(1, 201)]


def test_an_offset_that_is_no_longer_accepted_starts_the_list_again() -> None:
    refused = json.dumps({"api_error_code": "invalid_request", "param": "offset", "http_status_code": 400}).encode()
    lost = iter([True, False, False, False])

    def lose_one(asked: Asked) -> Answer | None:
        return Answer(status=400, body=refused) if "offset" in asked.query and next(lost) else None

    with visited(Site(resources={"customers": rows(150)}, before=lose_one).answer) as (client, _):
        read = pages(client, "customers", FIRST)
    assert set(ids(read)) == {f"r{n:04}" for n in range(1, 151)}


def test_an_offset_that_is_never_accepted_stops_the_read() -> None:
    refused = json.dumps({"api_error_code": "invalid_request", "param": "offset"}).encode()

    def lose(asked: Asked) -> Answer | None:
        return Answer(status=400, body=refused) if "offset" in asked.query else None

    with (
        visited(Site(resources={"customers": rows(150)}, before=lose).answer) as (client, server),
        pytest.raises(ContractError, match="offset"),
    ):
        pages(client, "customers", FIRST)
    assert len(server.asked) < 20


def test_a_read_that_lost_its_offsets_often_goes_on_when_the_site_has_recovered() -> None:
    worn = Place(cursor="lost", restarts=RESTARTS_MAX).text()
    refused = json.dumps({"api_error_code": "invalid_request", "param": "offset"}).encode()

    def lose(asked: Asked) -> Answer | None:
        return Answer(status=400, body=refused) if asked.query.get("offset") == "lost" else None

    with visited(Site(resources={"customers": rows(150)}, before=lose).answer) as (client, _):
        first = SYSTEM.read(client, SYSTEM.stream("customers"), FIRST, worn)
        rest = SYSTEM.read(client, SYSTEM.stream("customers"), FIRST, first.next)
    assert ids([first, rest]) == [f"r{n:04}" for n in range(1, 151)]


@pytest.mark.parametrize("ring", [1, 2, 3, 7])
def test_offsets_that_run_in_circles_stop_the_read(ring: int) -> None:
    def circle(asked: Asked) -> Answer:
        here = int(asked.query.get("offset", "0"))
        return Answer(body=json.dumps({"list": [], "next_offset": str((here + 1) % ring or ring)}).encode())

    with visited(circle) as (client, server), pytest.raises(ContractError, match="circles"):
        pages(client, "customers", FIRST)
    assert len(server.asked) <= 4 * ring + 4


BAD_PAGES: dict[str, Answer] = {
    "a login page": Answer(body=b"<html>Sign in</html>", headers={"Content-Type": "text/html"}),
    "no list": Answer(body=b'{"customers":[]}'),
    "an error in a 200": Answer(body=b'{"message":"down","api_error_code":"internal_error"}'),
    "a list of something else": Answer(body=b'{"list":[{"invoice":{"id":"1"}}]}'),
    "a cut reply": Answer(body=b'{"list":[{"customer":{"id":"c1"}}'),
    "nothing": Answer(body=b""),
}


@pytest.mark.parametrize("bad", BAD_PAGES)
def test_a_page_that_is_no_list_moves_nothing(bad: str) -> None:
    with visited(lambda _asked: BAD_PAGES[bad]) as (client, _), pytest.raises(ContractError):
        pages(client, "customers", FIRST)


def test_a_transaction_without_updated_at_is_found_by_its_date() -> None:
    voided: dict[str, Any] = {"id": "auth", "date": NOW - 5}
    paid: dict[str, Any] = {"id": "paid", "date": NOW - 8, "updated_at": NOW - 4}
    with visited(Site(resources={"transactions": [voided, paid]}).answer) as (client, _):
        assert sorted(set(ids(pages(client, "transactions", since(60))))) == ["auth", "paid"]


def test_a_first_read_keeps_the_transactions_of_its_time_and_those_without_date() -> None:
    dated: list[dict[str, Any]] = [{"id": "old", "date": NOW - 2_000_000}, {"id": "new", "date": NOW - 10}]
    held = [*dated, {"id": "undated"}]
    with visited(Site(resources={"transactions": held}).answer) as (client, _):
        assert sorted(ids(pages(client, "transactions", FIRST))) == ["new", "undated"]


@pytest.mark.parametrize(("name", "stamp"), [("events", "occurred_at"), ("usages", "usage_date")])
def test_a_first_read_of_events_and_usages_goes_back_to_the_start(name: str, stamp: str) -> None:
    held = [{"id": str(n), stamp: NOW - n} for n in (-60, 1_000_000, 1_000_001)]
    with visited(Site(resources={name: held}).answer) as (client, _):
        assert sorted(ids(pages(client, name, FIRST))) == ["-60", "1000000"]


def deletion(kind: str, name: str, record_id: str) -> dict[str, Any]:
    return {
        "id": f"ev_{record_id}",
        "event_type": kind,
        "occurred_at": NOW - 7,
        "content": {name: {"id": record_id, "deleted": True}},
    }


def test_an_item_that_vanished_leaves_a_tombstone() -> None:
    site = Site(resources={"items": [], "events": [deletion("item_deleted", "item", "pro")]})
    with visited(site.answer) as (client, _):
        read = pages(client, "items", since(60))
    assert [(gone.record_id, gone.deleted_at) for page in read for gone in page.deleted] == [("pro", at(NOW - 7))]


def test_an_item_that_was_made_again_is_not_deleted() -> None:
    again = {"id": "pro", "updated_at": NOW - 3}
    site = Site(resources={"items": [again], "events": [deletion("item_deleted", "item", "pro")]})
    with visited(site.answer) as (client, _):
        read = pages(client, "items", since(60))
    assert [gone for page in read for gone in page.deleted] == []
    assert set(ids(read)) == {"pro"}


ODD_DELETIONS: dict[str, dict[str, Any]] = {
    "without an id": {"content": {"item": {"object": "item"}}},
    "of nothing": {"content": None},
    "of something else": {"content": {}},
    "without an object": {"content": {"item": "pro"}},
    "of a list": {"content": {"item": {"id": ["pro"]}}},
    "at no time": {"occurred_at": None},
    "at a time that is none": {"occurred_at": "soon"},
}


@pytest.mark.parametrize("odd", ODD_DELETIONS)
def test_a_deletion_that_names_nobody_is_set_aside_and_the_others_arrive(odd: str) -> None:
    bad = {**deletion("item_deleted", "item", "max"), "id": "ev_bad", **ODD_DELETIONS[odd]}
    pages_of_events = {"list": [{"event": bad}, {"event": deletion("item_deleted", "item", "pro")}]}
    site = Site(resources={"items": []})
    site.before = lambda asked: site.json(pages_of_events) if asked.path == "/api/v2/events" else None
    with visited(site.answer) as (client, _):
        read = pages(client, "items", since(60))
    assert [gone.record_id for page in read for gone in page.deleted] == ["pro"]
    taken = digest(SYSTEM.stream("items"), read[-1], at(NOW))
    assert [(letter.record_id, letter.reason) for letter in taken.rejected] == [("", "missing_field")]
    (letter,) = taken.rejected
    assert json.loads(taken.stored[letter.start : letter.start + letter.length])["event"] == bad


def test_a_deletion_names_its_record_by_a_number_too() -> None:
    site = Site(resources={"items": [], "events": [deletion("item_deleted", "item", "x")]})
    site.resources["events"][0]["content"]["item"]["id"] = 7
    with visited(site.answer) as (client, _):
        read = pages(client, "items", since(60))
    assert [gone.record_id for page in read for gone in page.deleted] == ["7"]


def test_nobody_is_deleted_while_a_record_that_stands_cannot_be_told_by_its_id() -> None:
    site = Site(resources={"items": [], "events": [deletion("item_deleted", "item", "pro")]})
    unnamed = {"list": [{"item": {"object": "item", "updated_at": NOW - 3}}]}
    site.before = lambda asked: site.json(unnamed) if "id[in]" in asked.query else None
    with visited(site.answer) as (client, _):
        read = pages(client, "items", since(60))
    assert [gone for page in read for gone in page.deleted] == []


@pytest.mark.parametrize("odd", [None, 5, "ev_1"])
def test_the_probe_and_the_clock_live_with_an_event_that_is_no_object(odd: object) -> None:
    site = Site(resources={})
    site.before = lambda _asked: site.json({"list": [{"event": odd}]})
    with visited(site.answer) as (client, _):
        assert SYSTEM.probe(client, None) == SYSTEM.probe(client, None)
        assert SYSTEM.clock(client) == at(site.now)


def test_an_invoice_that_stays_listed_when_deleted_is_a_record_and_no_tombstone() -> None:
    gone = {"id": "7", "updated_at": NOW - 7, "deleted": True}
    site = Site(resources={"invoices": [gone], "events": [deletion("invoice_deleted", "invoice", "7")]})
    with visited(site.answer) as (client, _):
        read = pages(client, "invoices", since(60))
    assert [page.deleted for page in read] == [(), []]
    assert set(ids(read)) == {"7"}


def test_records_are_found_by_id_in_few_requests() -> None:
    with visited(Site(resources={"customers": rows(120)}).answer) as (client, server):
        page = SYSTEM.find(client, SYSTEM.stream("customers"), [f"r{n:04}" for n in range(1, 121)] + ["gone"])
    # 121 ids at 50 a lookup.
    assert len(server.asked) == 3
    assert len(page.records) == 120
    assert page.next is None


def test_usages_are_found_one_by_one() -> None:
    with visited(Site(resources={"usages": rows(3)}).answer) as (client, server):
        page = SYSTEM.find(client, SYSTEM.stream("usages"), ["r0001", "r0003", "gone"])
    assert [json.loads(record)["id"] for record in page.records] == ["r0001", "r0003"]
    assert [asked.query["id[is]"] for asked in server.asked] == ["r0001", "r0003", "gone"]


def test_the_rest_of_a_long_invoice_is_fetched() -> None:
    lines = [{"id": f"li_{n}", "amount": n} for n in range(250)]
    whole = {"id": "inv 1/a", "updated_at": NOW, "resource_version": 5, "rate": 0.5, "line_items": lines[:100]}

    def part(asked: Asked) -> Answer | None:
        if not asked.path.startswith("/api/v2/invoices/"):
            return None
        assert asked.path == "/api/v2/invoices/inv%201%2Fa"
        start = int(asked.query.get("line_items_offset", "0"))
        assert asked.query["line_items_limit"] == "300"
        invoice = {**whole, "line_items": lines[start : start + 100]}
        more = {"line_items_next_offset": str(start + 100)} if start < 200 else {}
        return Answer(body=json.dumps({"invoice": {**invoice, **more}}).encode())

    listed = {**whole, "line_items_next_offset": "100"}
    with visited(Site(resources={"invoices": [listed]}, before=part).answer) as (client, _):
        (page,) = pages(client, "invoices", FIRST)
    invoice = json.loads(page.records[0])
    assert invoice["line_items"] == lines
    assert "line_items_next_offset" not in invoice
    assert b'"rate":0.5' in page.records[0].replace(b": ", b":")


def test_an_invoice_that_changes_whenever_its_lines_are_read_stops_the_read() -> None:
    versions = iter(range(100))

    def part(asked: Asked) -> Answer | None:
        if not asked.path.startswith("/api/v2/invoices/"):
            return None
        invoice = {"id": "7", "resource_version": next(versions), "line_items": []}
        more = {} if "line_items_offset" in asked.query else {"line_items_next_offset": "x"}
        return Answer(body=json.dumps({"invoice": {**invoice, **more}}).encode())

    listed = {"id": "7", "updated_at": NOW, "line_items": [], "line_items_next_offset": "x"}
    with (
        visited(Site(resources={"invoices": [listed]}, before=part).answer) as (client, _),
        pytest.raises(ContractError, match="changed each time"),
    ):
        pages(client, "invoices", FIRST)


@pytest.mark.parametrize("named", [{}, {"id": None}, {"id": ["7"]}])
def test_a_long_invoice_without_an_id_is_set_aside_and_the_others_are_read(named: dict[str, Any]) -> None:
    short = {**named, "updated_at": NOW, "line_items": [], "line_items_next_offset": "x"}
    body = {"list": [{"invoice": short}, {"invoice": {"id": "8", "updated_at": NOW}}]}
    site = Site(resources={})
    site.before = lambda _asked: site.json(body)
    with visited(site.answer) as (client, _):
        (page,) = pages(client, "invoices", FIRST)
    taken = digest(SYSTEM.stream("invoices"), page, at(NOW))
    assert [version.record_id for version in taken.versions] == ["8"]
    assert [letter.record_id for letter in taken.rejected] == [""]


def test_a_long_invoice_that_was_deleted_meanwhile_is_left_out() -> None:
    listed = {"list": [{"invoice": {"id": "7", "updated_at": NOW, "line_items_next_offset": "x"}}]}
    site = Site(resources={})
    site.before = lambda asked: site.json(listed) if asked.path == "/api/v2/invoices" else None
    with visited(site.answer) as (client, _):
        assert ids(pages(client, "invoices", FIRST)) == []


@pytest.mark.parametrize("body", [b"404 page not found", b"", b"{}", b'{"api_error_code":"site_not_found"}'])
def test_a_long_invoice_is_not_deleted_because_something_else_does_not_find_it(body: bytes) -> None:
    listed = {"id": "7", "updated_at": NOW, "line_items": [], "line_items_next_offset": "x"}
    site = Site(resources={"invoices": [listed]})
    site.before = lambda asked: Answer(status=404, body=body) if asked.path == "/api/v2/invoices/7" else None
    with visited(site.answer) as (client, _), pytest.raises(RetryLaterError, match="not Chargebee"):
        pages(client, "invoices", FIRST)


@pytest.mark.parametrize("ring", [1, 2, 3])
def test_lines_that_run_in_circles_stop_the_read(ring: int) -> None:
    def part(asked: Asked) -> Answer | None:
        if asked.path != "/api/v2/invoices/7":
            return None
        here = int(asked.query.get("line_items_offset", "0"))
        invoice = {"id": "7", "line_items": [], "line_items_next_offset": str((here + 1) % ring or ring)}
        return Answer(body=json.dumps({"invoice": invoice}).encode())

    listed = {"id": "7", "updated_at": NOW, "line_items": [], "line_items_next_offset": "1"}
    with (
        visited(Site(resources={"invoices": [listed]}, before=part).answer) as (client, server),
        pytest.raises(ContractError, match="circles"),
    ):
        pages(client, "invoices", FIRST)
    assert len(server.asked) <= 4 * ring + 5


def test_the_probe_changes_with_an_event_and_not_without_one() -> None:
    events: list[dict[str, Any]] = [{"id": "ev_1", "occurred_at": NOW}]
    with visited(Site(resources={"events": events}).answer) as (client, server):
        first = SYSTEM.probe(client, None)
        assert SYSTEM.probe(client, first) == first
        events.append({"id": "ev_0", "occurred_at": NOW})
        assert SYSTEM.probe(client, first) != first
    assert len(server.asked) == 3


def test_the_clock_is_the_sites() -> None:
    with visited(Site(resources={}).answer) as (client, _):
        assert SYSTEM.clock(client) == at(1_793_613_600)


@pytest.mark.parametrize("odd", ["soon", 1.5, [], 10**30])
def test_the_auditor_sees_a_record_whose_times_are_odd(odd: object) -> None:
    held: list[dict[str, Any]] = [{"id": "t1", "date": odd, "updated_at": odd, "created_at": odd}, {"id": "t2"}]
    site = Site(resources={})
    site.before = lambda _asked: site.json({"list": [{"transaction": row} for row in held]})
    with visited(site.answer) as (client, _):
        roll = rolled(client, SYSTEM.stream("transactions"), at(0), None)
    assert [(one.record_id, one.stamped_at, one.is_due) for one in roll.sightings] == [
        ("t1", None, True),
        ("t2", None, True),
    ]


def test_the_key_is_the_user_of_basic_authentication() -> None:
    with visited(Site(resources={}).answer) as (client, server):
        pages(client, "customers", FIRST)
    # The base64 form of "test_key" and a colon.
    assert server.asked[0].headers["authorization"] == "Basic dGVzdF9rZXk6"


REFUSALS: dict[str, tuple[int, type[Exception], str]] = {
    "401": (401, UnreachableError, "SYNC_CHARGEBEE_API_KEY"),
    "403": (403, UnreachableError, "SYNC_CHARGEBEE_API_KEY may not read"),
    "404": (404, UnreachableError, "SYNC_CHARGEBEE_URL"),
    "400": (400, ContractError, "resource_limit_exhausted"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_says_what_to_look_at(name: str) -> None:
    status, error, words = REFUSALS[name]
    body = json.dumps(saved(name)).encode()
    with (
        visited(lambda _asked: Answer(status=status, body=body)) as (client, server),
        pytest.raises(error, match=words) as raised,
    ):
        pages(client, "customers", FIRST)
    assert "test_key" not in str(raised.value)
    assert len(server.asked) == 1


@pytest.mark.parametrize(("name", "status"), [("429", 429), ("500", 500), ("429", 409), ("500", 503)])
def test_a_site_that_is_busy_is_asked_again(name: str, status: int) -> None:
    busy = iter([True, True, False])

    def refuse_twice(_asked: Asked) -> Answer | None:
        body = json.dumps(saved(name)).encode()
        return Answer(status=status, body=body, headers={"Retry-After": "17"}) if next(busy) else None

    waits: list[float] = []
    with visited(Site(resources={}, before=refuse_twice).answer, waits) as (client, _):
        pages(client, "customers", FIRST)
    assert waits == [17.0, 17.0] or status == 409
    assert len(waits) == 2


def test_a_site_that_stays_busy_is_left_for_later() -> None:
    waits: list[float] = []
    busy: Callable[[Asked], Answer] = lambda _asked: Answer(status=503, body=b"upstream down")  # noqa: E731
    with visited(busy, waits) as (client, _), pytest.raises(RetryLaterError):
        pages(client, "customers", FIRST)
    assert len(waits) == 7
