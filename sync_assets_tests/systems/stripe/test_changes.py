"""Claims about what events announce at Stripe: objects fetched by their ids, and events that cannot be read."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from sync_assets.connect.extract import Reading, extract
from sync_assets.http.client import Client
from sync_assets.model.errors import ContractError
from sync_assets.store.engine import Store
from sync_assets.systems.stripe.spec import SYSTEM
from sync_assets_tests.page_server import Answer, Asked
from sync_assets_tests.systems.stripe.account import NOW, Account, at, event, opened
from sync_assets_tests.systems.stripe.test_reads import DAY, FIRST, charge, ids, pages, since

CUSTOMER = {"id": "cus_9", "object": "customer", "created": 5}


def refunded(*more: dict[str, Any]) -> Account:
    """An account with one old charge that was refunded just now, and with further events."""
    old = charge("ch_1", NOW - 9 * DAY)
    told = event("evt_1", "charge.refunded", old, NOW - 30)
    return Account(objects={"charges": [{**old, "amount_refunded": 50}], "events": [told, *more]})


def answered_once(account: Account, body: dict[str, Any]) -> None:
    """The account answers with something else when it is first asked for the charge."""
    others = [body]

    def before(asked: Asked) -> Answer | None:
        return account.json(others.pop()) if others and asked.path == "/v1/charges/ch_1" else None

    account.before = before


@pytest.mark.parametrize("body", [CUSTOMER, {**CUSTOMER, "deleted": True}, charge("ch_2", NOW - DAY)])
def test_an_answer_about_another_object_is_not_taken(body: dict[str, Any]) -> None:
    account = refunded()
    answered_once(account, body)
    with opened(account.answer) as (client, _), pytest.raises(ContractError, match="mixes"):
        pages(client, "charges", since(60))


def test_an_object_of_another_kind_under_the_id_is_not_taken() -> None:
    account = refunded()
    answered_once(account, {**CUSTOMER, "id": "ch_1"})
    with opened(account.answer) as (client, _), pytest.raises(ContractError, match="mixes"):
        SYSTEM.find(client, SYSTEM.stream("charges"), ["ch_1"])


def sync(store: Store, client: Client, run_id: str) -> None:
    reading = Reading(
        system=SYSTEM,
        stream=SYSTEM.stream("charges"),
        client=client,
        run_id=run_id,
        earliest=at(NOW - 90 * DAY),
        own_clock=lambda: at(NOW + 90 * DAY),
    )
    extract(store, reading)


def test_a_refund_whose_charge_was_answered_with_another_object_is_taken_by_the_next_run(store: Store) -> None:
    account = refunded()
    account.now = NOW - 3600
    account.objects["charges"][0] = charge("ch_1", NOW - 9 * DAY)
    with opened(account.answer) as (client, _):
        sync(store, client, "first")
        account.now = NOW
        account.objects["charges"][0] = charge("ch_1", NOW - 9 * DAY, amount_refunded=50)
        answered_once(account, CUSTOMER)
        with pytest.raises(ContractError):
            sync(store, client, "mixed up")
        sync(store, client, "second")
    with store.begin() as connection:
        rows = connection.execute(text("SELECT record_id, count(*) FROM raw.version GROUP BY record_id"))
        # Two versions of the charge: before the refund and after it; nothing of the customer.
        assert {tuple(row) for row in rows} == {("ch_1", 2)}


ODD_EVENTS: dict[str, dict[str, Any]] = {
    "no object": {"data": {"object": None}},
    "no data": {"data": 7},
    "no type": {"type": None},
    "an object without id": {"data": {"object": {"object": "charge", "id": None}}},
    "an object that does not say what it is": {"data": {"object": {"id": "ch_1"}}},
    "a refund whose charge is a number": {"data": {"object": {"object": "refund", "id": "re_1", "charge": 7}}},
}


@pytest.mark.parametrize("kind", ODD_EVENTS)
def test_an_event_that_cannot_be_read_is_remarked_on_and_the_others_are_taken(kind: str) -> None:
    odd = {**event("evt_odd", "charge.refunded", charge("ch_1", NOW - 9 * DAY), NOW - 20), **ODD_EVENTS[kind]}
    with opened(refunded(odd).answer) as (client, _):
        assert ids(pages(client, "charges", since(60))) == ["ch_1"]
    assert [one for one in client.remarks if "evt_odd" in one and "charges" in one]


def test_an_event_whose_object_has_an_odd_creation_is_read_by_the_id_of_the_object() -> None:
    other = charge("ch_2", NOW - 8 * DAY, amount_refunded=70)
    account = refunded(event("evt_2", "charge.refunded", {**other, "created": "2026"}, NOW - 20))
    account.objects["charges"].append(other)
    with opened(account.answer) as (client, _):
        assert sorted(ids(pages(client, "charges", since(60)))) == ["ch_1", "ch_2"]
    assert client.remarks == []


def answering(account: Account, kind: str, rows: list[Any]) -> None:
    """The account answers one list with these rows, behind `starting_after` where that names one of them."""

    def before(asked: Asked) -> Answer | None:
        if asked.path != f"/v1/{kind}":
            return None
        names = [row.get("id") if isinstance(row, dict) else None for row in rows]
        after = asked.query.get("starting_after")
        some = rows[names.index(after) + 1 :] if after else rows
        limit = 2 if kind == "charges" else 100
        return account.json({"object": "list", "has_more": len(some) > limit, "data": some[:limit]})

    account.before = before


def test_an_event_without_its_time_deletes_by_the_end_of_the_window() -> None:
    gone = {"id": "cus_1", "object": "customer", "created": NOW - DAY, "deleted": True}
    account = Account(objects={"customers": [gone]})
    told = event("evt_1", "customer.deleted", gone, NOW - 7)
    answering(account, "events", [{**told, "created": "then"}])
    with opened(account.answer) as (client, _):
        read = pages(client, "customers", since(60))
    assert [(one.record_id, one.deleted_at) for page in read for one in page.deleted] == [("cus_1", at(NOW))]


@pytest.mark.parametrize("odd", [{"created": "2026"}, {"created": None}, {"id": None}, {"id": 7}])
@pytest.mark.parametrize("place", [0, 1, 2, 3, 4])
def test_a_list_goes_on_past_an_odd_object_wherever_it_stands(odd: dict[str, Any], place: int) -> None:
    account = Account(objects={})
    rows = [charge(f"ch_{n}", NOW - n) for n in range(5)]
    rows[place] |= odd
    answering(account, "charges", rows)
    with opened(account.answer) as (client, _):
        read = [json.loads(raw) for page in pages(client, "charges", FIRST) for raw in page.records]
    assert all(row in read for row in rows)


def test_an_object_that_has_no_id_is_set_aside_and_ends_no_read(store: Store) -> None:
    account = Account(objects={})
    answering(account, "charges", [charge("ch_1", NOW - DAY), {"object": "charge", "created": NOW - DAY}, 7])
    with opened(account.answer) as (client, _):
        sync(store, client, "first")
        sync(store, client, "second")
    with store.begin() as connection:
        names = connection.execute(text("SELECT record_id FROM raw.head")).scalars().all()
        reasons = connection.execute(text("SELECT reason FROM sync.dead_letter ORDER BY reason")).scalars().all()
    # The second is read as of the events, and then by the objects created since: what was set aside is not again.
    assert ([*names], [*reasons]) == (["ch_1"], ["missing_field", "type"])


def test_a_cursor_of_an_odd_object_survives_the_deletion_of_its_object() -> None:
    rows = [charge(f"ch_{n:03}", NOW - n) for n in range(150)]
    account = Account(objects={"charges": rows})
    spoilt = [*rows[:99], {**rows[99], "created": None}]
    account.before = lambda asked: (
        account.json({"object": "list", "has_more": True, "data": spoilt})
        if asked.path == "/v1/charges"
        and "starting_after" not in asked.query
        and "created[lte]" in asked.query
        and asked.query["created[lte]"] == str(NOW)
        else None
    )
    with opened(account.answer) as (client, _):
        first = SYSTEM.read(client, SYSTEM.stream("charges"), FIRST, None)
        account.objects["charges"] = [row for row in rows if row["id"] != "ch_099"]
        rest = SYSTEM.read(client, SYSTEM.stream("charges"), FIRST, first.next)
    assert set(ids([first, rest])) == {row["id"] for row in rows}


def test_the_probe_and_the_ledger_take_odd_events_and_payouts_as_they_come() -> None:
    account = Account(objects={})
    answering(account, "events", [{"id": 7, "object": "event"}, 5])
    with opened(account.answer) as (client, _):
        assert SYSTEM.probe(client, None)
    odd = [{"id": ["po_1"], "object": "payout", "automatic": True}, {"id": "po_2", "automatic": "yes"}, 5]
    answering(account, "payouts", odd)
    with opened(account.answer) as (client, server):
        assert ids(pages(client, "balance_transactions", FIRST)) == []
        assert not any("payout" in asked.query for asked in server.asked)
