"""Claims about reading Stripe: lists newest first, changes by events, the ledger and its payouts."""

import json
from typing import Any

import pytest

from sync_assets.connect.digest import digest
from sync_assets.connect.spec import Page, Window
from sync_assets.http.client import Client
from sync_assets.model.errors import ContractError, FeedExpiredError
from sync_assets.systems.stripe.spec import SYSTEM
from sync_assets_tests.page_server import Answer, Asked
from sync_assets_tests.systems.stripe.account import MISSING, NOW, Account, at, event, opened

DAY = 86_400
FIRST = Window(start=None, end=at(NOW), earliest=at(NOW - 1_000_000))
OBJECTS = {
    "customers": "customer",
    "payment_intents": "payment_intent",
    "charges": "charge",
    "refunds": "refund",
    "disputes": "dispute",
    "balance_transactions": "balance_transaction",
    "payouts": "payout",
}


def since(seconds: int) -> Window:
    """The window from so many seconds ago until now."""
    return Window(start=at(NOW - seconds), end=at(NOW), earliest=at(0))


def objects(name: str, count: int, first: int = NOW - 5_000) -> list[dict[str, Any]]:
    """Objects created one second apart."""
    return [{"id": f"x_{n:04}", "object": OBJECTS[name], "created": first + n} for n in range(1, count + 1)]


def pages(client: Client, name: str, window: Window) -> list[Page]:
    """Every page of a stream, each asked for with nothing but the place of the one before."""
    read = [SYSTEM.read(client, SYSTEM.stream(name), window, None)]
    while (place := read[-1].next) is not None:
        read.append(SYSTEM.read(client, SYSTEM.stream(name), window, place))
    return read


def ids(read: list[Page]) -> list[str]:
    return [json.loads(record)["id"] for page in read for record in page.records]


@pytest.mark.parametrize("name", OBJECTS)
def test_a_first_read_returns_every_object_once(name: str) -> None:
    with opened(Account(objects={name: objects(name, 250)}).answer) as (client, server):
        read = pages(client, name, FIRST)
    assert sorted(ids(read)) == [f"x_{n:04}" for n in range(1, 251)]
    # 250 objects at 100 a page; the ledger and the payouts it asks for are one list more.
    assert len([asked for asked in server.asked if asked.path == f"/v1/{name}"]) == 3
    assert all(asked.query["created[lte]"] == str(NOW) for asked in server.asked)


def test_objects_are_the_bytes_that_stripe_sent() -> None:
    body = b'{"object":"list","has_more":false,"data":[ {"id":"c", "rate":1.10,\n "created":1} ]}'
    with opened(lambda _asked: Answer(body=body)) as (client, _):
        (page,) = pages(client, "charges", FIRST)
    assert page.records == [b'{"id":"c", "rate":1.10,\n "created":1}']
    assert page.body == body


def test_a_first_read_goes_back_to_the_start_but_has_all_customers() -> None:
    old = {"id": "old", "created": NOW - 1_000_001}
    edge = {"id": "edge", "created": NOW - 1_000_000}
    held = {name: [{**old, "object": kind}, {**edge, "object": kind}] for name, kind in OBJECTS.items()}
    with opened(Account(objects=held).answer) as (client, _):
        found = {name: ids(pages(client, name, FIRST)) for name in OBJECTS}
    assert found.pop("customers") == ["edge", "old"]
    assert all(names == ["edge"] for names in found.values())


def test_objects_made_while_pages_are_read_hide_no_other() -> None:
    account = Account(objects={"charges": objects("charges", 150)})
    with opened(account.answer) as (client, _):
        first = SYSTEM.read(client, SYSTEM.stream("charges"), FIRST, None)
        account.objects["charges"] += [{**row, "id": f"y{row['id']}"} for row in objects("charges", 20, NOW)]
        rest = SYSTEM.read(client, SYSTEM.stream("charges"), FIRST, first.next)
    assert sorted(ids([first, rest])) == [f"x_{n:04}" for n in range(1, 151)]


def test_a_list_goes_on_when_the_object_of_its_cursor_is_deleted() -> None:
    account = Account(objects={"customers": objects("customers", 250)})
    with opened(account.answer) as (client, _):
        first = SYSTEM.read(client, SYSTEM.stream("customers"), FIRST, None)
        gone = ids([first])[-1]
        account.objects["customers"] = [row for row in account.objects["customers"] if row["id"] != gone]
        read = [first]
        while (place := read[-1].next) is not None:
            read.append(SYSTEM.read(client, SYSTEM.stream("customers"), FIRST, place))
    assert sorted(set(ids(read))) == [f"x_{n:04}" for n in range(1, 251)]


def test_a_read_goes_on_at_any_page_after_a_crash() -> None:
    account = Account(objects={"refunds": objects("refunds", 150)})
    with opened(account.answer) as (client, _):
        first = SYSTEM.read(client, SYSTEM.stream("refunds"), FIRST, None)
    with opened(account.answer) as (client, _):
        second = SYSTEM.read(client, SYSTEM.stream("refunds"), FIRST, first.next)
        again = SYSTEM.read(client, SYSTEM.stream("refunds"), FIRST, first.next)
    assert sorted(ids([first, second])) == [f"x_{n:04}" for n in range(1, 151)]
    assert (again.records, again.next) == (second.records, None)


def charge(name: str, seconds: int, **more: Any) -> dict[str, Any]:
    return {"id": name, "object": "charge", "created": seconds, "amount": 100, **more}


def test_a_change_is_read_as_the_object_stands_and_once() -> None:
    old = charge("ch_old", NOW - 40 * DAY, amount_refunded=100)
    then = charge("ch_old", NOW - 40 * DAY, amount_refunded=0)
    events = [event(f"evt_{n}", "charge.refunded", then, NOW - 5) for n in range(3)]
    with opened(Account(objects={"charges": [old], "events": events}).answer) as (client, server):
        read = pages(client, "charges", since(60))
    assert [json.loads(record)["amount_refunded"] for page in read for record in page.records] == [100]
    assert [asked.path for asked in server.asked].count("/v1/charges/ch_old") == 1


def test_an_object_made_in_the_window_is_listed_and_not_asked_for_again() -> None:
    made = [charge(f"ch_{n}", NOW - 20) for n in range(5)]
    events = [event(f"evt_{n}", "charge.succeeded", row, NOW - 20) for n, row in enumerate(made)]
    with opened(Account(objects={"charges": made, "events": events}).answer) as (client, server):
        assert sorted(ids(pages(client, "charges", since(60)))) == [f"ch_{n}" for n in range(5)]
    assert [asked.path for asked in server.asked] == ["/v1/events", "/v1/charges"]


def test_a_dispute_or_a_refund_changes_its_charge() -> None:
    held = {"charges": [charge("ch_1", NOW - 9 * DAY), charge("ch_2", NOW - 9 * DAY), charge("ch_3", NOW - 9 * DAY)]}
    dispute = {"id": "dp_1", "object": "dispute", "created": NOW - 9, "charge": "ch_1"}
    refund = {"id": "re_1", "object": "refund", "created": NOW - 9, "charge": {"id": "ch_2"}}
    events = [
        event("evt_1", "charge.dispute.created", dispute, NOW - 9),
        event("evt_2", "refund.failed", refund, NOW - 8),
        event("evt_3", "invoice.paid", {"id": "in_1", "object": "invoice", "charge": "ch_3"}, NOW - 8),
    ]
    with opened(Account(objects={**held, "events": events}).answer) as (client, _):
        assert sorted(ids(pages(client, "charges", since(60)))) == ["ch_1", "ch_2"]


def test_both_ends_of_a_window_are_included_and_ties_of_one_second_too() -> None:
    held = [charge(f"ch_{n}", NOW - 3 * DAY) for n in range(4)]
    events = [
        event("evt_0", "charge.updated", held[0], NOW - 61),
        event("evt_1", "charge.updated", held[1], NOW - 60),
        event("evt_2", "charge.updated", held[2], NOW),
        event("evt_3", "charge.updated", held[3], NOW),
    ]
    with opened(Account(objects={"charges": held, "events": events}).answer) as (client, _):
        assert sorted(ids(pages(client, "charges", since(60)))) == ["ch_1", "ch_2", "ch_3"]


def test_a_deleted_customer_is_a_tombstone_dated_by_its_event() -> None:
    stub = {"id": "cus_1", "object": "customer", "created": NOW - 10, "deleted": True}
    events = [
        event("evt_1", "customer.created", {**stub, "deleted": False}, NOW - 10),
        event("evt_2", "customer.deleted", {"id": "cus_1", "object": "customer", "deleted": True}, NOW - 7),
    ]
    with opened(Account(objects={"customers": [stub], "events": events}).answer) as (client, _):
        read = pages(client, "customers", since(60))
    assert ids(read) == []
    assert [(gone.record_id, gone.deleted_at) for page in read for gone in page.deleted] == [("cus_1", at(NOW - 7))]


def test_a_silence_of_more_than_thirty_days_means_reading_everything() -> None:
    with opened(Account(objects={}).answer) as (client, _):
        for name in OBJECTS:
            with pytest.raises(FeedExpiredError):
                pages(client, name, since(31 * DAY))
            assert pages(client, name, since(29 * DAY))


def days(first: int, last: int) -> Window:
    """A second look at what happened from so many days ago to so many days ago."""
    return Window(start=at(NOW - first * DAY), end=at(NOW - last * DAY), earliest=at(0), backfill=True)


def test_days_before_the_feed_are_read_by_creation() -> None:
    held = [charge("ch_then", NOW - 60 * DAY + 5), charge("ch_now", NOW - 5)]
    with opened(Account(objects={"charges": held}).answer) as (client, _):
        assert ids(pages(client, "charges", days(60, 59))) == ["ch_then"]


def test_days_that_begin_before_the_feed_are_read_by_creation_and_by_the_events_that_are_left() -> None:
    held = [charge("ch_made", NOW - 35 * DAY), charge("ch_changed", NOW - 90 * DAY), charge("ch_else", NOW - 90 * DAY)]
    events = [
        event("evt_1", "charge.refunded", held[1], NOW - 29 * DAY),
        event("evt_2", "charge.refunded", held[2], NOW - 27 * DAY),
    ]
    # From 40 to 28 days ago: one charge was made, one older charge changed where events still tell, one changed later.
    with opened(Account(objects={"charges": held, "events": events}).answer) as (client, _):
        assert sorted(ids(pages(client, "charges", days(40, 28)))) == ["ch_changed", "ch_made"]


@pytest.mark.parametrize("name", OBJECTS)
def test_no_past_day_of_any_list_asks_for_a_full_read(name: str) -> None:
    with opened(Account(objects={}).answer) as (client, _):
        assert all(pages(client, name, days(first, first - 1)) for first in (700, 31, 30, 1))


def test_a_read_that_was_left_until_its_events_are_gone_means_reading_everything() -> None:
    left = Window(start=at(NOW - 60 * DAY), end=at(NOW - 59 * DAY), earliest=at(0))
    with opened(Account(objects={}).answer) as (client, _), pytest.raises(FeedExpiredError):
        pages(client, "charges", left)


def entry(name: str, seconds: int, **more: Any) -> dict[str, Any]:
    return {"id": name, "object": "balance_transaction", "created": seconds, "source": f"ch_{name}", **more}


def payout(name: str, seconds: int, *, automatic: bool = True) -> dict[str, Any]:
    return {"id": name, "object": "payout", "created": seconds, "automatic": automatic}


def last_of_each(read: list[Page]) -> dict[str, dict[str, Any]]:
    """The version of each record that a store would keep: highest rank, the later of equal ones."""
    stream, kept = SYSTEM.stream("balance_transactions"), dict[str, tuple[int, dict[str, Any]]]()
    for page in read:
        taken = digest(stream, page, FIRST.end)
        for version in taken.versions:
            record = json.loads(taken.stored[version.start : version.start + version.length])
            if version.rank >= kept.get(version.record_id, (0, {}))[0]:
                kept[version.record_id] = (version.rank, record)
    return {name: record for name, (_, record) in kept.items()}


def test_entries_of_the_ledger_name_the_automatic_payout_that_paid_them() -> None:
    entries = [entry(f"txn_{n:03}", NOW - 4_000 + n) for n in range(230)]
    payouts = [payout(f"po_{n:02}", NOW - 100 + n) for n in range(12)] + [payout("po_m", NOW - 1, automatic=False)]
    paid_out = {"po_03": [row["id"] for row in entries[:150]], "po_11": ["txn_200"], "po_m": ["txn_201"]}
    account = Account(objects={"balance_transactions": entries, "payouts": payouts}, paid_out=paid_out)
    with opened(account.answer) as (client, server):
        kept = last_of_each(pages(client, "balance_transactions", FIRST))
    assert [kept[f"txn_{n:03}"].get("payout") for n in (0, 149, 150, 200, 201)] == [
        "po_03",
        "po_03",
        None,
        "po_11",
        None,
    ]
    assert not [asked for asked in server.asked if asked.query.get("payout") == "po_m"]


def test_a_payout_done_later_is_known_by_its_event() -> None:
    entries = [entry("txn_1", NOW - 3 * DAY)]
    events = [event("evt_1", "payout.reconciliation_completed", payout("po_1", NOW - DAY), NOW - 30)]
    account = Account(objects={"balance_transactions": entries, "events": events}, paid_out={"po_1": ["txn_1"]})
    with opened(account.answer) as (client, _):
        assert last_of_each(pages(client, "balance_transactions", since(60)))["txn_1"]["payout"] == "po_1"


def test_an_entry_listed_again_keeps_its_payout_and_moves_to_a_later_one() -> None:
    entries = [entry("txn_1", NOW - 30)]
    events = [event("evt_1", "payout.created", payout("po_1", NOW - 20), NOW - 20)]
    account = Account(objects={"balance_transactions": entries, "events": events}, paid_out={"po_1": ["txn_1"]})
    with opened(account.answer) as (client, _):
        read = pages(client, "balance_transactions", since(60))
        account.objects["events"] = []
        read += pages(client, "balance_transactions", since(60))
        assert last_of_each(read)["txn_1"]["payout"] == "po_1"
        account.objects["events"] = [event("evt_2", "payout.created", payout("po_2", NOW - 10), NOW - 10)]
        account.paid_out = {"po_2": ["txn_1"]}
        read += pages(client, "balance_transactions", since(60))
    assert last_of_each(read)["txn_1"]["payout"] == "po_2"


def test_entries_of_past_days_are_read_with_the_payouts_made_then() -> None:
    entries = [entry("txn_1", NOW - 63 * DAY), entry("txn_2", NOW - 60 * DAY + 5)]
    payouts = [payout("po_1", NOW - 60 * DAY + 9), payout("po_2", NOW - 57 * DAY)]
    held = {"balance_transactions": entries, "payouts": payouts}
    account = Account(objects=held, paid_out={"po_1": ["txn_1"], "po_2": ["txn_2"]})
    # The events about the payouts are gone; the list still shows the payout of 60 days ago and what it paid out.
    with opened(account.answer) as (client, _):
        kept = last_of_each(pages(client, "balance_transactions", days(60, 59)))
    assert (kept["txn_1"]["payout"], kept["txn_2"].get("payout")) == ("po_1", None)


def test_a_composed_entry_keeps_the_numbers_as_stripe_wrote_them() -> None:
    body = b'{"object":"list","has_more":false,"data":[{"id":"txn_1", "exchange_rate": 1.10, "created":1}]}'

    def answer(asked: Asked) -> Answer:
        if asked.path == "/v1/payouts":
            return Account(objects={"payouts": [payout("po_1", NOW)]}).answer(asked)
        return Answer(body=body)

    with opened(answer) as (client, _):
        read = pages(client, "balance_transactions", FIRST)
    assert b'"exchange_rate":1.10' in read[-1].records[0]


def test_pending_entries_are_listed_again_after_a_midnight() -> None:
    midnight = NOW - NOW % DAY
    entries = [entry("txn_1", midnight - 9 * DAY), entry("txn_2", midnight - 11 * DAY)]
    account = Account(objects={"balance_transactions": entries})
    across = Window(start=at(midnight - 60), end=at(midnight + 60), earliest=at(0))
    after = Window(start=at(midnight + 60), end=at(midnight + 120), earliest=at(0))
    with opened(account.answer) as (client, _):
        assert ids(pages(client, "balance_transactions", across)) == ["txn_1"]
        assert ids(pages(client, "balance_transactions", after)) == []


BAD_LISTS = {
    "a login page": b"<html>",
    "no has_more": b'{"object":"list","data":[]}',
    "no data": b'{"object":"list","has_more":false}',
    "more after nothing": b'{"object":"list","has_more":true,"data":[]}',
    "an error in a 200": b'{"error":{"type":"api_error"}}',
    "more after an object without id": b'{"object":"list","has_more":true,"data":[{"object":"charge"}]}',
    "a cut reply": b'{"object":"list","has_more":false,"data":[',
}


@pytest.mark.parametrize("bad", BAD_LISTS)
def test_a_page_that_is_no_list_moves_nothing(bad: str) -> None:
    with opened(lambda _asked: Answer(body=BAD_LISTS[bad])) as (client, _), pytest.raises(ContractError):
        pages(client, "charges", FIRST)


@pytest.mark.parametrize("ring", [1, 2, 5])
def test_ids_that_repeat_for_ever_stop_the_read(ring: int) -> None:
    turn = iter(range(1_000))

    def circle(_asked: Asked) -> Answer:
        row = {"id": f"ch_{next(turn) % ring}", "created": 1}
        return Answer(body=json.dumps({"has_more": True, "data": [row]}).encode())

    with opened(circle) as (client, server), pytest.raises(ContractError, match="circles"):
        pages(client, "charges", FIRST)
    assert len(server.asked) <= 4 * ring + 4


def test_objects_are_found_by_id_and_absent_ones_left_out() -> None:
    held = [*objects("customers", 2), {"id": "gone", "object": "customer", "created": 1, "deleted": True}]
    with opened(Account(objects={"customers": held}).answer) as (client, _):
        page = SYSTEM.find(client, SYSTEM.stream("customers"), ["x_0001", "never", "gone"])
    assert ids([page]) == ["x_0001"]
    assert [(gone.record_id, gone.deleted_at) for gone in page.deleted] == [("gone", at(NOW))]


def test_the_probe_changes_with_an_event_and_not_without_one() -> None:
    account = Account(objects={"events": [event("evt_1", "charge.updated", {}, NOW)]})
    with opened(account.answer) as (client, server):
        first = SYSTEM.probe(client, None)
        assert SYSTEM.probe(client, first) == first
        account.objects["events"].append(event("evt_0", "payout.paid", {}, NOW))
        assert SYSTEM.probe(client, first) != first
    assert len(server.asked) == 3


def test_the_clock_is_stripes() -> None:
    with opened(Account(objects={}).answer) as (client, _):
        assert SYSTEM.clock(client) == at(NOW)


def test_a_cursor_that_is_refused_for_another_reason_stops_the_read() -> None:
    def refuse(asked: Asked) -> Answer | None:
        body = json.dumps({"error": {**MISSING, "code": "parameter_invalid"}}).encode()
        return Answer(status=400, body=body) if "starting_after" in asked.query else None

    account = Account(objects={"charges": objects("charges", 101)}, before=refuse)
    with opened(account.answer) as (client, _), pytest.raises(ContractError, match="parameter_invalid"):
        pages(client, "charges", FIRST)
