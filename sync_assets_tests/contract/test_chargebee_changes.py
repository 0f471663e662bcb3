"""The simulated Chargebee's changes: its event feed, its deletes, rows that move, through the vendor's client."""

from collections.abc import Iterator
from typing import Any

import pytest
from chargebee import InvalidRequestError

from sync_assets_tests.contract.chargebee_site import OPENED_S, Site, running_site


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running


def events(site: Site, **params: Any) -> list[Any]:
    listed = site.client.Event.list({"limit": 100, "sort_by": {"asc": "occurred_at"}, **params}).list
    return [row.event for row in listed]


def event_types(site: Site) -> list[str]:
    return [event.event_type for event in events(site)]


def listed(site: Site, **params: Any) -> list[str]:
    return [row.customer.id for row in site.client.Customer.list({"sort_by": {"asc": "updated_at"}, **params}).list]


def test_a_change_writes_an_event_with_the_record_as_it_became(site: Site) -> None:
    site.vendor.put("customers", {"id": "c1", "company": "A"})
    site.clock.advance(seconds=5)
    site.vendor.put("subscriptions", {"id": "s1", "customer_id": "c1", "mrr": 100})
    site.vendor.put("subscriptions", {"id": "s1", "mrr": 200})
    created, changed = events(site)[1:]
    assert (created.event_type, created.content["subscription"]["mrr"]) == ("subscription_created", 100)
    assert (changed.event_type, changed.content["subscription"]["mrr"]) == ("subscription_changed", 200)
    assert changed.content["customer"]["company"] == "A"
    assert changed.occurred_at == OPENED_S + 5
    assert changed.content["subscription"]["resource_version"] > created.content["subscription"]["resource_version"]


SUBSCRIPTION_STEPS: list[tuple[dict[str, Any], str]] = [
    ({"status": "in_trial"}, "subscription_created"),
    ({"status": "active"}, "subscription_activated"),
    ({"current_term_start": 1}, "subscription_changed"),
    ({"current_term_start": 2}, "subscription_renewed"),
    ({"has_scheduled_changes": True}, "subscription_changes_scheduled"),
    ({"has_scheduled_changes": False, "current_term_start": 3}, "subscription_scheduled_changes_removed"),
    ({"subscription_items": [{"item_price_id": "p"}], "current_term_start": 4}, "subscription_changed"),
    ({"status": "non_renewing"}, "subscription_cancellation_scheduled"),
    ({"status": "active"}, "subscription_scheduled_cancellation_removed"),
    ({"status": "paused"}, "subscription_paused"),
    ({"status": "active"}, "subscription_resumed"),
    ({"status": "cancelled"}, "subscription_cancelled"),
    ({"status": "active"}, "subscription_reactivated"),
]


def test_each_step_of_a_subscription_has_its_own_event_type(site: Site) -> None:
    for change, _ in SUBSCRIPTION_STEPS:
        site.vendor.put("subscriptions", {"id": "s1", **change})
    site.vendor.delete("subscriptions", "s1")
    assert event_types(site) == [kind for _, kind in SUBSCRIPTION_STEPS] + ["subscription_deleted"]


def test_documents_and_payments_have_their_own_event_types(site: Site) -> None:
    put = site.vendor.put
    put("invoices", {"id": "1", "status": "pending"})
    put("invoices", {"id": "1", "total": 5})
    put("invoices", {"id": "1", "status": "payment_due"})
    put("invoices", {"id": "1", "status": "paid"})
    put("credit_notes", {"id": "n1"})
    put("transactions", {"id": "t1", "status": "in_progress"})
    put("transactions", {"id": "t1", "status": "success", "linked_invoices": [{"invoice_id": "1"}]})
    put("transactions", {"id": "t1", "amount_unused": 3})
    put("transactions", {"id": "t2", "type": "refund"})
    put("transactions", {"id": "t3", "status": "failure"})
    assert event_types(site) == [
        "pending_invoice_created",
        "pending_invoice_updated",
        "invoice_generated",
        "invoice_updated",
        "credit_note_created",
        "payment_initiated",
        "payment_succeeded",
        "transaction_updated",
        "payment_refunded",
        "payment_failed",
    ]
    paid = events(site, event_type={"is": "payment_succeeded"})[0]
    assert paid.content["invoice"]["status"] == "paid"


def test_an_event_may_be_named_or_left_out_and_usages_make_none(site: Site) -> None:
    site.vendor.put("customers", {"id": "c1"}, event="customer_moved_in")
    site.vendor.put("customers", {"id": "c1", "company": "B"}, event="")
    site.vendor.put("usages", {"id": "u1", "subscription_id": "s1"})
    assert event_types(site) == ["customer_moved_in"]


def test_events_are_found_by_time_and_type_and_retrieved(site: Site) -> None:
    site.put_customers(3)
    site.vendor.put("items", {"id": "i1"})
    late = events(site, occurred_at={"after": OPENED_S}, event_type={"in": ["customer_created"]})
    assert [event.content["customer"]["id"] for event in late] == ["c01", "c02"]
    assert events(site, start_time=OPENED_S + 2, end_time=OPENED_S + 2)[0].id == late[1].id
    assert site.client.Event.retrieve(late[0].id).event.event_type == "customer_created"


def test_a_soft_delete_stays_in_lists_that_ask_for_it(site: Site) -> None:
    site.put_customers(2)
    site.vendor.delete("customers", "c00")
    assert listed(site) == ["c01"]
    rows = site.client.Customer.list({"include_deleted": True, "sort_by": {"asc": "updated_at"}}).list
    assert [(row.customer.id, row.customer.deleted) for row in rows] == [("c01", False), ("c00", True)]
    assert rows[1].customer.updated_at == OPENED_S + 2  # a delete is a change: it moves to the end of the list
    with pytest.raises(InvalidRequestError) as gone:
        site.client.Customer.retrieve("c00")
    assert gone.value.http_status_code == 404
    assert events(site)[-1].content["customer"]["deleted"] is True


def test_a_deleted_usage_is_gone_without_an_event_and_a_deleted_item_only_by_status(site: Site) -> None:
    site.vendor.put("usages", {"id": "u1", "subscription_id": "s1"})
    site.vendor.delete("usages", "u1")
    site.vendor.put("items", {"id": "i1"})
    site.vendor.delete("items", "i1")
    assert site.client.Usage.list({}).list == []
    assert site.client.Item.list({}).list == []
    assert [row.item.id for row in site.client.Item.list({"status": {"is": "deleted"}}).list] == ["i1"]
    assert event_types(site) == ["item_created", "item_deleted"]
    with pytest.raises(KeyError):
        site.vendor.delete("usages", "u1")


def test_a_deleted_customer_takes_its_documents_along(site: Site) -> None:
    site.put_customers(2)
    for stream in ("subscriptions", "invoices", "credit_notes", "transactions"):
        site.vendor.put(stream, {"id": "1", "customer_id": "c00"})
        site.vendor.put(stream, {"id": "2", "customer_id": "c01"})
    site.vendor.delete("invoices", "1")
    site.vendor.delete("customers", "c00")
    census = site.vendor.census()
    assert {stream: census[stream] for stream in ("customers", "subscriptions", "invoices", "transactions")} == {
        "customers": ["c01"],
        "subscriptions": ["2"],
        "invoices": ["2"],
        "transactions": ["2"],
    }
    ended = ["invoice_deleted", "customer_deleted"]
    ended += ["subscription_deleted", "credit_note_deleted", "transaction_deleted"]
    assert event_types(site)[-5:] == ended


def test_a_deleted_id_can_be_taken_again(site: Site) -> None:
    site.vendor.put("customers", {"id": "c1", "company": "Old"})
    site.vendor.delete("customers", "c1")
    site.vendor.put("customers", {"id": "c1"})
    again = site.client.Customer.retrieve("c1").customer
    assert again.deleted is False
    assert "company" not in again.raw_data
    assert again.resource_version == OPENED_S * 1000 + 2  # created, deleted, created again within one millisecond
    assert event_types(site) == ["customer_created", "customer_deleted", "customer_created"]


def test_the_census_is_what_exists(site: Site) -> None:
    site.put_customers(2)
    site.vendor.put("usages", {"id": "u1", "subscription_id": "s1"})
    site.vendor.delete("customers", "c00")
    site.vendor.delete("usages", "u1")
    census = site.vendor.census()
    assert (census["customers"], census["usages"], len(census["events"])) == (["c01"], [], 3)


def test_a_row_changed_while_paging_comes_again_and_no_row_is_missed(site: Site) -> None:
    site.put_customers(4)
    first = site.client.Customer.list({"limit": 2, "sort_by": {"asc": "updated_at"}})
    site.vendor.put("customers", {"id": "c00", "company": "Renamed"})
    rest = listed(site, offset=first.next_offset)
    assert [row.customer.id for row in first.list] + rest == ["c00", "c01", "c02", "c03", "c00"]
