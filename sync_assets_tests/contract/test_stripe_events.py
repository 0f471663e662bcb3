"""The simulated Stripe's event feed: what each change tells, in which version, for how long, through its client."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import stripe
from stripe import InvalidRequestError

from sync_assets_tests.contract.stripe_account import OPENED_S, Account, running_account


@pytest.fixture
def account() -> Iterator[Account]:
    with running_account() as running:
        yield running


def events(account: Account, **params: Any) -> list[Any]:
    return [event.to_dict() for event in account.api.events.list({"limit": 100, **params}).data][::-1]


STEPS: dict[str, list[tuple[dict[str, Any], list[str]]]] = {
    "customers": [
        ({"name": "A"}, ["customer.created"]),
        ({"name": "B"}, ["customer.updated"]),
        ({"name": "B"}, []),
    ],
    "payment_intents": [
        ({"amount": 5}, ["payment_intent.created"]),
        ({"last_payment_error": {"code": "card_declined"}}, ["payment_intent.payment_failed"]),
        ({"status": "requires_action"}, ["payment_intent.requires_action"]),
        ({"status": "processing"}, ["payment_intent.processing"]),
        ({"status": "succeeded"}, ["payment_intent.succeeded"]),
        ({"metadata": {"a": "b"}}, []),
    ],
    "charges": [
        ({"amount": 9, "status": "pending"}, ["charge.pending"]),
        ({"status": "succeeded", "captured": False}, ["charge.succeeded"]),
        ({"captured": True}, ["charge.captured"]),
        ({"description": "x"}, ["charge.updated"]),
        ({"amount_refunded": 4}, ["charge.refunded"]),
    ],
    "refunds": [
        ({"amount": 4, "status": "pending"}, ["refund.created"]),
        ({"status": "failed"}, ["refund.updated", "charge.refund.updated", "refund.failed"]),
    ],
    "disputes": [
        ({"balance_transactions": [{"id": "a"}]}, ["charge.dispute.created", "charge.dispute.funds_withdrawn"]),
        ({"status": "under_review"}, ["charge.dispute.updated"]),
        (
            {"status": "won", "balance_transactions": [{"id": "a"}, {"id": "b"}]},
            ["charge.dispute.funds_reinstated", "charge.dispute.closed"],
        ),
    ],
    "payouts": [
        ({"reconciliation_status": "in_progress"}, ["payout.created"]),
        ({"status": "in_transit"}, ["payout.updated"]),
        ({"status": "paid"}, ["payout.updated", "payout.paid"]),
        ({"reconciliation_status": "completed"}, ["payout.updated", "payout.reconciliation_completed"]),
    ],
    "balance_transactions": [({"amount": 1}, []), ({"status": "pending"}, [])],
}


@pytest.mark.parametrize("stream", STEPS)
def test_each_change_tells_its_events_in_order(account: Account, stream: str) -> None:
    for change, _ in STEPS[stream]:
        account.vendor.put(stream, {"id": "x_1", **change})
    assert account.event_types() == [kind for _, kinds in STEPS[stream] for kind in kinds]


def test_an_update_shows_the_whole_object_and_what_was_there_before(account: Account) -> None:
    account.vendor.put("customers", {"id": "cus_1", "name": "A", "metadata": {"a": "1", "b": "2"}})
    account.clock.advance(seconds=3)
    account.vendor.put("customers", {"id": "cus_1", "name": "B", "metadata": {"a": "1", "b": "3", "c": "4"}})
    created, updated = events(account)
    assert "previous_attributes" not in created["data"]
    assert updated["data"]["object"]["name"] == "B"
    assert updated["data"]["previous_attributes"] == {"name": "A", "metadata": {"b": "2", "c": None}}
    assert (updated["created"], updated["object"], updated["livemode"]) == (OPENED_S + 3, "event", False)


def test_an_event_may_be_named_or_left_out(account: Account) -> None:
    account.vendor.put("charges", {"id": "ch_1"}, event="charge.expired")
    account.vendor.put("charges", {"id": "ch_1", "amount": 7}, event="")
    assert account.event_types() == ["charge.expired"]


def test_events_of_one_second_keep_the_order_in_which_they_happened(account: Account) -> None:
    account.vendor.put("payment_intents", {"id": "pi_1", "status": "succeeded"})
    account.vendor.put("charges", {"id": "ch_1"})
    feed = events(account)
    assert [event["type"] for event in feed] == [
        "payment_intent.created",
        "payment_intent.succeeded",
        "charge.succeeded",
    ]
    assert {event["created"] for event in feed} == {OPENED_S}


def test_the_feed_is_narrowed_by_type_wildcard_and_several_types(account: Account) -> None:
    for stream, object_id in (("customers", "cus_1"), ("charges", "ch_1"), ("refunds", "re_1"), ("customers", "cus_2")):
        account.vendor.put(stream, {"id": object_id})
    assert account.event_types(type="customer.created") == ["customer.created"] * 2
    assert account.event_types(type="c*") == ["customer.created", "charge.succeeded", "customer.created"]
    pair = ["refund.created", "customer.created"]
    assert account.event_types(types=pair) == ["customer.created", "refund.created", "customer.created"]
    first = account.api.events.list({"types": pair, "limit": 2})
    rest = account.api.events.list({"types": pair, "limit": 2, "starting_after": first.data[-1].id})
    assert [event.type for event in rest.data] == ["customer.created"]
    assert (first.has_more, rest.has_more) == (True, False)


@pytest.mark.parametrize("params", [{"type": "a", "types": ["b"]}, {"types": ["a"] * 21}])
def test_type_and_types_exclude_each_other_and_types_has_twenty_at_most(account: Account, params: Any) -> None:
    with pytest.raises(InvalidRequestError):
        account.api.events.list(params)


def test_events_are_shown_for_thirty_days(account: Account) -> None:
    account.put_customers(1)
    account.clock.advance(days=1)
    account.vendor.put("customers", {"id": "cus_00", "name": "Renamed"})
    old, recent = events(account)
    account.clock.advance(days=29, hours=12)
    assert account.event_types() == ["customer.updated"]
    assert account.api.events.retrieve(recent["id"]).type == "customer.updated"
    with pytest.raises(InvalidRequestError) as gone:
        account.api.events.retrieve(old["id"])
    assert (gone.value.http_status, gone.value.code) == (404, "resource_missing")
    with pytest.raises(InvalidRequestError) as lost:
        account.api.events.list({"starting_after": old["id"]})
    assert (lost.value.http_status, lost.value.param) == (400, "starting_after")
    assert account.api.customers.retrieve("cus_00").name == "Renamed"


def test_missed_deliveries_are_found_by_delivery_success(account: Account) -> None:
    account.put_customers(1)
    account.vendor.quirks.webhooks_fail = True
    account.vendor.put("customers", {"id": "cus_00", "name": "Missed"})
    assert account.event_types(delivery_success=False) == ["customer.updated"]
    assert account.event_types(delivery_success=True) == ["customer.created"]
    missed = events(account, delivery_success=False)[0]["id"]
    account.vendor.put("events", {"id": missed, "pending_webhooks": 0})
    assert account.event_types(delivery_success=False) == []


def test_a_webhook_carries_a_signature_that_the_client_accepts(account: Account) -> None:
    account.put_customers(1)
    event_id = events(account)[0]["id"]
    body, headers = account.vendor.signed(event_id)
    signature, secret = headers["Stripe-Signature"], account.vendor.webhook_secret
    no_tolerance = 0  # the sandbox's clock is not the client's
    assert stripe.Webhook.construct_event(body, signature, secret, no_tolerance).id == event_id
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body + b" ", signature, secret, no_tolerance)


def test_quirk_events_keep_the_shape_of_the_version_they_were_made_in(account: Account) -> None:
    account.vendor.put("charges", {"id": "ch_1", "payment_intent": "pi_1", "amount": 9})
    account.vendor.quirks.event_version = "2020-08-27"
    account.vendor.put("payment_intents", {"id": "pi_1", "status": "succeeded", "latest_charge": "ch_1"})
    account.vendor.quirks.event_version = "2024-06-20"
    account.vendor.put("charges", {"id": "ch_1", "description": "later"})
    intent, charge = events(account, type="payment_intent.created")[0], events(account, type="charge.updated")[0]
    assert (intent["api_version"], charge["api_version"]) == ("2020-08-27", "2024-06-20")
    assert "latest_charge" not in intent["data"]["object"]
    assert [row["id"] for row in intent["data"]["object"]["charges"]["data"]] == ["ch_1"]
    assert charge["data"]["object"]["invoice"] is None
    assert "refunds" not in charge["data"]["object"]


def test_quirk_a_write_becomes_visible_late_under_its_early_stamp(account: Account) -> None:
    account.vendor.put("customers", {"id": "cus_1"}, visible_at=account.clock.now() + timedelta(seconds=30))
    account.vendor.quirks.late_visible_s = 10
    account.vendor.put("customers", {"id": "cus_2"})
    assert (account.ids(account.api.customers.list({})), events(account)) == ([], [])
    assert account.vendor.census()["customers"] == []
    account.clock.advance(seconds=10)
    assert account.ids(account.api.customers.list({})) == ["cus_2"]
    account.clock.advance(seconds=20)
    assert account.ids(account.api.customers.list({"created": OPENED_S})) == ["cus_2", "cus_1"]
    assert [event["data"]["object"]["id"] for event in events(account)] == ["cus_1", "cus_2"]
