"""The simulated Chargebee answers the vendor's own client as the vendor's reference promises: lists and records."""

from collections.abc import Iterator
from typing import Any

import pytest
from chargebee import InvalidRequestError

from sync_assets_tests.contract.chargebee_site import OPENED_S, Site, running_site

# Recorded by airbytehq, source-chargebee unit test responses at 477bcc4c (MIT).
RECORDED_CUSTOMER = {
    "allow_direct_debit": False,
    "auto_collection": "on",
    "card_status": "no_card",
    "created_at": 1517505747,
    "deleted": False,
    "email": "john@test.com",
    "excess_payments": 0,
    "first_name": "John",
    "id": "__test__KyVnHhSBWlC1T2cj",
    "last_name": "Doe",
    "net_term_days": 0,
    "object": "customer",
    "pii_cleared": "active",
    "preferred_currency_code": "USD",
    "promotional_credits": 0,
    "refundable_credits": 0,
    "resource_version": 1517505747000,
    "taxability": "taxable",
    "unbilled_charges": 0,
    "updated_at": 1517505747,
}


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running


def customer_ids(site: Site, **params: Any) -> list[str]:
    return [row.customer.id for row in site.client.Customer.list({"limit": 100, **params}).list]


def test_every_customer_is_reached_once_through_pages(site: Site) -> None:
    site.put_customers(25)
    seen: list[str] = []
    sizes: list[int] = []
    params: dict[str, Any] = {"limit": 10, "sort_by": {"asc": "updated_at"}}
    while True:
        page = site.client.Customer.list(params)
        sizes.append(len(page.list))
        seen += [row.customer.id for row in page.list]
        if page.next_offset is None:
            break
        params["offset"] = page.next_offset
    assert sizes == [10, 10, 5]  # 25 = 10 + 10 + 5
    assert seen == [f"c{number:02d}" for number in range(25)]


def test_pages_of_one_instant_lose_nothing(site: Site) -> None:
    for number in range(7):
        site.vendor.put("customers", {"id": f"c{number}"})
    first = site.client.Customer.list({"limit": 4, "sort_by": {"desc": "updated_at"}})
    rest = site.client.Customer.list({"limit": 4, "sort_by": {"desc": "updated_at"}, "offset": first.next_offset})
    assert [row.customer.id for row in first.list] == ["c6", "c5", "c4", "c3"]
    assert [row.customer.id for row in rest.list] == ["c2", "c1", "c0"]
    assert rest.next_offset is None


def test_the_offset_is_the_sort_value_in_milliseconds_and_an_internal_id(site: Site) -> None:
    site.put_customers(3)
    page = site.client.Customer.list({"limit": 1, "sort_by": {"asc": "created_at"}})
    assert page.next_offset.startswith(f'["{OPENED_S}000","')


def test_a_page_has_ten_rows_unless_told_and_starts_with_the_oldest(site: Site) -> None:
    site.put_customers(12)
    ids = [row.customer.id for row in site.client.Customer.list({}).list]
    assert ids == [f"c{number:02d}" for number in range(10)]


def test_items_start_with_the_newest_and_sort_by_name(site: Site) -> None:
    for name in ("b", "c", "a"):
        site.vendor.put("items", {"id": name, "name": f"Item {name}"})
    assert [row.item.id for row in site.client.Item.list({}).list] == ["a", "c", "b"]
    by_name = site.client.Item.list({"sort_by": {"asc": "name"}, "limit": 2})
    assert [row.item.id for row in by_name.list] == ["a", "b"]
    rest = site.client.Item.list({"sort_by": {"asc": "name"}, "limit": 2, "offset": by_name.next_offset})
    assert [row.item.id for row in rest.list] == ["c"]


@pytest.mark.parametrize("limit", [0, 101])
def test_a_limit_outside_one_to_a_hundred_is_refused(site: Site, limit: int) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        site.client.Customer.list({"limit": limit})
    assert (refused.value.http_status_code, refused.value.param) == (400, "limit")


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("after", OPENED_S + 2, ["c03", "c04"]),  # strictly later
        ("before", OPENED_S + 2, ["c00", "c01"]),  # strictly earlier
        ("on", OPENED_S + 2, ["c02"]),
        ("between", [OPENED_S + 1, OPENED_S + 3], ["c01", "c02", "c03"]),  # both ends count
        ("is_present", True, ["c00", "c01", "c02", "c03", "c04"]),
    ],
)
@pytest.mark.parametrize("sort", ["updated_at", "created_at"])
def test_time_filters_keep_the_documented_bounds(
    site: Site, operator: str, value: Any, expected: list[str], sort: str
) -> None:
    site.put_customers(5)
    assert customer_ids(site, updated_at={operator: value}, sort_by={"asc": sort}) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"id": {"is": "c01"}}, ["c01"]),
        ({"id": {"in": ["c03", "c00", "gone"]}}, ["c00", "c03"]),
        ({"id": {"is_not": "c01"}}, ["c00", "c02", "c03"]),
        ({"id": {"starts_with": "c0"}, "company": {"not_in": ["Company 0", "Company 1"]}}, ["c02", "c03"]),
        ({"relationship": {"parent_id": {"is": "c00"}}}, ["c02"]),
        ({"email": {"is_present": False}}, ["c00", "c01", "c02", "c03"]),
    ],
)
def test_customers_are_found_by_their_attributes(site: Site, filters: dict[str, Any], expected: list[str]) -> None:
    site.put_customers(4)
    site.vendor.put("customers", {"id": "c02", "relationship": {"parent_id": "c00"}})
    assert customer_ids(site, **filters) == expected


def test_invoices_are_found_by_status_amount_customer_and_day(site: Site) -> None:
    for number, status in enumerate(("paid", "payment_due", "voided")):
        owner = "c1" if number else "c0"
        site.vendor.put("invoices", {"id": str(number), "status": status, "total": 100 * number, "customer_id": owner})
        site.clock.advance(days=1)

    def ids(**filters: Any) -> list[str]:
        return [row.invoice.id for row in site.client.Invoice.list({"sort_by": {"asc": "date"}, **filters}).list]

    assert ids(status={"in": ["paid", "voided"]}) == ["0", "2"]
    assert ids(total={"gte": 100}, status={"is_not": "voided"}) == ["1"]
    assert ids(total={"between": [0, 100]}) == ["0", "1"]
    assert ids(customer_id={"is": "c1"}) == ["1", "2"]
    assert ids(date={"after": OPENED_S}) == ["1", "2"]
    assert ids(recurring={"is": False}) == []


def test_a_subscription_comes_with_its_customer_and_is_found_by_any_of_its_prices(site: Site) -> None:
    site.vendor.put("customers", {"id": "c1"})
    items = [{"item_price_id": "plan-USD", "quantity": 2}, {"item_price_id": "seat-USD", "quantity": 5}]
    site.vendor.put("subscriptions", {"id": "s1", "customer_id": "c1", "subscription_items": items})
    found = site.client.Subscription.list({"item_price_id": {"is": "seat-USD"}}).list
    assert [(row.subscription.id, row.customer.id) for row in found] == [("s1", "c1")]
    assert found[0].subscription.subscription_items[1].object == "subscription_item"
    retrieved = site.client.Subscription.retrieve("s1")
    assert (retrieved.subscription.status, retrieved.customer.id) == ("active", "c1")
    assert site.client.Subscription.list({"item_price_id": {"is": "other"}}).list == []


def test_a_recorded_customer_comes_back_as_recorded_but_for_the_stamps(site: Site) -> None:
    site.vendor.put("customers", RECORDED_CUSTOMER)
    shown = site.client.Customer.retrieve("__test__KyVnHhSBWlC1T2cj").customer.raw_data
    stamps = {"updated_at": OPENED_S, "resource_version": OPENED_S * 1000, "channel": "web"}
    assert shown == RECORDED_CUSTOMER | stamps


def test_nulls_are_left_out_and_custom_fields_are_flat(site: Site) -> None:
    site.vendor.put("customers", {"id": "c1", "company": "A", "email": None, "cf_salesforce_account_id": "001A"})
    site.vendor.put("customers", {"id": "c1", "company": None, "billing_address": {"city": "Bonn", "zip": None}})
    shown = site.client.Customer.retrieve("c1").customer.raw_data
    assert shown["cf_salesforce_account_id"] == "001A"
    assert shown["billing_address"] == {"city": "Bonn"}
    assert {"company", "email"}.isdisjoint(shown)


def test_the_version_grows_with_every_change_even_within_one_millisecond(site: Site) -> None:
    versions = []
    for name in ("A", "B", "C"):
        site.vendor.put("customers", {"id": "c1", "company": name})
        versions.append(site.client.Customer.retrieve("c1").customer.resource_version)
    assert versions == [OPENED_S * 1000, OPENED_S * 1000 + 1, OPENED_S * 1000 + 2]


def test_amounts_that_follow_from_others_are_filled_in(site: Site) -> None:
    amounts = {"total": 80000, "amount_paid": 77000, "credits_applied": 3000}
    site.vendor.put("invoices", {"id": "1", **amounts})
    site.vendor.put("invoices", {"id": "2", **amounts, "amount_due": 5})
    site.vendor.put("credit_notes", {"id": "n1", "type": "refundable", "total": 900, "amount_allocated": 200})
    assert site.client.Invoice.retrieve("1").invoice.amount_due == 0  # 80000 - 77000 - 3000
    assert site.client.Invoice.retrieve("2").invoice.amount_due == 5  # as given: a wrong copy stays wrong
    assert site.client.CreditNote.retrieve("n1").credit_note.amount_available == 700  # 900 - 200


def test_line_items_beyond_the_first_hundred_are_paged_on_their_invoice(site: Site) -> None:
    lines = [{"id": f"li{number:03d}", "amount": 1} for number in range(250)]
    site.vendor.put("invoices", {"id": "1", "line_items": lines})
    listed = site.client.Invoice.list({}).list[0].invoice
    assert len(listed.line_items) == 100
    seen = [line.id for line in listed.line_items]
    offset = listed.line_items_next_offset
    second = site.client.Invoice.retrieve("1", {"line_items_limit": 120, "line_items_offset": offset}).invoice
    seen += [line.id for line in second.line_items]
    offset = second.line_items_next_offset
    third = site.client.Invoice.retrieve("1", {"line_items_offset": offset}).invoice
    seen += [line.id for line in third.line_items]
    assert seen == [line["id"] for line in lines]  # 250 = 100 + 120 + 30
    assert "line_items_next_offset" not in third.raw_data


def test_a_usage_is_retrieved_under_its_subscription_and_sorted_by_its_day(site: Site) -> None:
    for number in (2, 1):
        usage = {"id": f"u{number}", "subscription_id": "s1", "usage_date": OPENED_S + number, "quantity": "1.5"}
        site.vendor.put("usages", usage)
    listed = site.client.Usage.list({"sort_by": {"asc": "usage_date"}, "subscription_id": {"is": "s1"}}).list
    assert [row.usage.id for row in listed] == ["u1", "u2"]
    assert site.client.Usage.retrieve("s1", {"id": "u1"}).usage.quantity == "1.5"
    with pytest.raises(InvalidRequestError):
        site.client.Usage.retrieve("s2", {"id": "u1"})


def test_the_configuration_names_the_product_catalogue(site: Site) -> None:
    configurations = site.client.Configuration.list().configurations
    assert [(one.domain, one.product_catalog_version) for one in configurations] == [("sandbox7-test", "v2")]


def test_the_settings_are_what_a_client_needs(site: Site) -> None:
    settings = site.vendor.settings(site.server.url)
    assert settings == {"SYNC_CHARGEBEE_URL": site.server.url, "SYNC_CHARGEBEE_API_KEY": site.vendor.api_key}
