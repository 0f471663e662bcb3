"""Claims about Stripe from its pages to the store: changes, deletions and payouts arrive and stay."""

from typing import Any

from sqlalchemy import text

from sync_assets.connect.conform import conform
from sync_assets.connect.extract import Reading, extract
from sync_assets.http.client import Client
from sync_assets.store.engine import Store
from sync_assets.store.streams import stream_states
from sync_assets.systems.stripe.spec import SYSTEM
from sync_assets_tests.systems.stripe.account import NOW, Account, at, event, opened

DAY = 86_400


def sync(store: Store, client: Client, run_id: str, name: str) -> None:
    """Read and conform one stream."""
    stream = SYSTEM.stream(name)
    reading = Reading(
        system=SYSTEM,
        stream=stream,
        client=client,
        run_id=run_id,
        earliest=at(NOW - 90 * DAY),
        own_clock=lambda: at(NOW + 90 * DAY),
    )
    extract(store, reading)
    state = next(state for state in stream_states(store) if state["name"] == name)
    conform(store, SYSTEM, stream, stream_id=state["stream_id"], run_id=run_id)


def rows(store: Store, columns: str, entity: str) -> list[tuple[Any, ...]]:
    with store.begin() as connection:
        return [tuple(row) for row in connection.execute(text(f"SELECT {columns} FROM canonical.{entity} ORDER BY 1"))]


def charge(name: str, seconds: int, **more: Any) -> dict[str, Any]:
    plain = {"id": name, "object": "charge", "created": seconds, "amount": 100, "currency": "eur", "captured": True}
    return {**plain, "status": "succeeded", "refunded": False, **more}


def test_a_refund_of_an_old_charge_arrives(store: Store) -> None:
    old = charge("ch_1", NOW - 60 * DAY)
    account = Account(objects={"charges": [old]})
    with opened(account.answer) as (client, _):
        sync(store, client, "first", "charges")
        account.now += 3_600
        account.objects["charges"] = [{**old, "refunded": True, "amount_refunded": 100}]
        account.objects["events"] = [event("evt_1", "charge.refunded", old, NOW + 60)]
        sync(store, client, "second", "charges")
    assert rows(store, "record_id, status, refunded_minor", "payment") == [("ch_1", "refunded", 100)]


def test_a_silence_longer_than_the_feed_loses_no_change(store: Store) -> None:
    old = charge("ch_1", NOW - 30 * DAY)
    account = Account(objects={"charges": [old]})
    with opened(account.answer) as (client, _):
        sync(store, client, "first", "charges")
        account.now += 40 * DAY
        account.objects["charges"] = [{**old, "disputed": True}, charge("ch_2", NOW + 5 * DAY)]
        sync(store, client, "second", "charges")
    assert rows(store, "record_id, is_disputed", "payment") == [("ch_1", True), ("ch_2", False)]


def test_a_deleted_customer_keeps_its_values_and_is_dated(store: Store) -> None:
    customer = {"id": "cus_1", "object": "customer", "created": NOW - DAY, "name": "Acme"}
    account = Account(objects={"customers": [customer]})
    with opened(account.answer) as (client, _):
        sync(store, client, "first", "customers")
        account.now += 600
        account.objects["customers"] = [{**customer, "deleted": True}]
        stub = {"id": "cus_1", "object": "customer", "deleted": True}
        account.objects["events"] = [event("evt_1", "customer.deleted", stub, NOW + 60)]
        sync(store, client, "second", "customers")
    assert rows(store, "record_id, name, deleted_at", "customer") == [("cus_1", "Acme", at(NOW + 60))]


def test_an_entry_learns_its_payout_and_does_not_forget_it(store: Store) -> None:
    plain = {"id": "txn_1", "object": "balance_transaction", "created": NOW - DAY, "type": "charge", "source": "ch_1"}
    entry = {**plain, "amount": 1000, "fee": 59, "net": 941, "currency": "eur", "status": "pending"}
    payout = {"id": "po_1", "object": "payout", "created": NOW + 60, "automatic": True}
    account = Account(objects={"balance_transactions": [entry]})
    with opened(account.answer) as (client, _):
        sync(store, client, "first", "balance_transactions")
        assert rows(store, "record_id, payout_id, status", "settlement") == [("txn_1", None, "pending")]
        account.now += 600
        account.objects["balance_transactions"] = [{**entry, "status": "available"}]
        account.objects["events"] = [event("evt_1", "payout.paid", payout, NOW + 60)]
        account.paid_out = {"po_1": ["txn_1"]}
        sync(store, client, "second", "balance_transactions")
        assert rows(store, "record_id, payout_id, status", "settlement") == [("txn_1", "po_1", "available")]
        # The next read passes a midnight, so the entry is listed again, alone.
        account.now += DAY
        account.objects["events"] = []
        sync(store, client, "third", "balance_transactions")
    assert rows(store, "record_id, payout_id, net_minor", "settlement") == [("txn_1", "po_1", 941)]


def test_reading_twice_without_a_change_writes_nothing(store: Store) -> None:
    account = Account(objects={"charges": [charge(f"ch_{n}", NOW - n) for n in range(120)]})
    with opened(account.answer) as (client, _):
        sync(store, client, "first", "charges")
        before = rows(store, "change_id, record_id", "payment")
        account.now += 60
        sync(store, client, "second", "charges")
    assert len(before) == 120
    assert rows(store, "change_id, record_id", "payment") == before
