"""The simulated Chargebee's refusals in the vendor's recorded words, and each of its quirks, through its client."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from chargebee import APIError, InvalidRequestError

from sync_assets_tests.contract.chargebee_site import OPENED_S, Site, running_site

# Recorded by airbytehq, source-chargebee unit test responses at 477bcc4c (MIT).
RECORDED_ERRORS: dict[int, dict[str, Any]] = {
    401: {
        "message": "Sorry,authentication failed.The basic authentication header has invalid format.",
        "api_error_code": "api_authentication_failed",
        "error_code": "api_authentication_wrong_format",
        "http_status_code": 401,
    },
    403: {
        "message": "Sorry, authorization failed. The key does not have the required permissions.",
        "api_error_code": "api_authorization_failed",
        "error_code": "api_authorization_failed",
        "http_status_code": 403,
    },
    429: {
        "message": "Sorry, access has been blocked temporarily due to request count exceeding acceptable limits. "
        "Please try after some time.",
        "api_error_code": "api_request_limit_exceeded",
        "error_code": "api_request_limit_exceeded",
        "http_status_code": 429,
    },
    500: {
        "message": "Sorry,Something went wrong when trying to process the request.",
        "api_error_code": "internal_error",
        "error_code": "internal_error",
        "http_status_code": 500,
    },
}


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running


def listed(site: Site, **params: Any) -> list[str]:
    return [row.customer.id for row in site.client.Customer.list({"sort_by": {"asc": "updated_at"}, **params}).list]


@pytest.mark.parametrize("authorization", ["", "Bearer abc"])
def test_a_request_without_basic_authentication_gets_the_recorded_refusal(site: Site, authorization: str) -> None:
    status, body, _ = site.get("/api/v2/customers", authorization=authorization)
    assert status == 401
    assert RECORDED_ERRORS[401].items() <= body.items()


def test_a_wrong_key_is_refused(site: Site) -> None:
    site.client.env.api_key = "wrong"
    with pytest.raises(APIError) as refused:
        site.client.Customer.list({})
    assert (refused.value.http_status_code, refused.value.error_code) == (401, "api_authentication_invalid_key")


@pytest.mark.parametrize("status", sorted(RECORDED_ERRORS))
def test_faults_can_speak_the_vendors_recorded_bodies(site: Site, status: int) -> None:
    site.server.faults.append(lambda _request, _proceed: site.vendor.error(status))
    with pytest.raises(APIError) as refused:
        site.client.Customer.list({})
    shared = {"api_error_code", "http_status_code"}
    assert {key: refused.value.json_obj[key] for key in shared} == {key: RECORDED_ERRORS[status][key] for key in shared}


@pytest.mark.parametrize(
    ("path", "query", "status", "param"),
    [
        ("/api/v2/customers", {"sort_by[asc]": "company"}, 400, "sort_by[asc]"),
        ("/api/v2/customers", {"updated_at[gte]": "1"}, 400, "updated_at[gte]"),
        ("/api/v2/customers", {"updated_at[after]": "yesterday"}, 400, "updated_at[after]"),
        ("/api/v2/customers", {"updated_at[between]": "[1]"}, 400, "updated_at[between]"),
        ("/api/v2/customers", {"id[in]": "c1,c2"}, 400, "id[in]"),
        ("/api/v2/customers", {"colour[is]": "red"}, 400, "colour[is]"),
        ("/api/v2/customers", {"offset": "7"}, 400, "offset"),
        ("/api/v2/items", {"include_deleted": "true"}, 400, "include_deleted"),
        ("/api/v2/invoices/1", {"line_items_limit": "301"}, 400, "line_items_limit"),
        ("/api/v2/customers/nobody", {}, 404, None),
        ("/api/v2/nothing", {}, 404, None),
        ("/api/v1/customers", {}, 404, None),
    ],
)
def test_what_the_reference_does_not_offer_is_refused(
    site: Site, path: str, query: dict[str, str], status: int, param: str | None
) -> None:
    site.vendor.put("invoices", {"id": "1"})
    basic = "Basic " + b64encode(f"{site.vendor.api_key}:".encode()).decode()
    found, body, _ = site.get(path, authorization=basic, **query)
    assert (found, body["http_status_code"], body.get("param")) == (status, status, param)


def test_writing_through_the_api_is_not_offered(site: Site) -> None:
    with pytest.raises(APIError) as refused:
        site.client.Customer.create({"id": "c1"})
    assert refused.value.http_status_code == 405


def test_quirk_some_records_have_no_change_stamp_and_change_filters_drop_them(site: Site) -> None:
    site.vendor.quirks.null_updated_at = 2
    site.put_customers(4)  # every second one: c01 and c03
    assert listed(site, updated_at={"after": 0}) == ["c00", "c02"]
    assert listed(site) == ["c01", "c03", "c00", "c02"]
    site.vendor.put("customers", {"id": "c01", "company": "Changed"})
    assert listed(site, updated_at={"after": 0}) == ["c00", "c02", "c01"]


def test_quirk_a_write_becomes_visible_late_under_its_early_stamp(site: Site) -> None:
    site.vendor.put("customers", {"id": "c1"}, visible_at=site.clock.now() + timedelta(seconds=30))
    site.vendor.quirks.late_visible_s = 10
    site.vendor.put("customers", {"id": "c2"})
    assert (listed(site), site.client.Event.list({}).list, site.vendor.census()["customers"]) == ([], [], [])
    site.clock.advance(seconds=10)
    assert listed(site) == ["c2"]
    site.clock.advance(seconds=20)
    assert listed(site, updated_at={"on": OPENED_S}) == ["c1", "c2"]


def test_quirk_the_vendors_clock_stamps_changes_into_the_past(site: Site) -> None:
    site.vendor.quirks.stamp_skew_s = -3600
    site.put_customers(1)
    assert site.client.Customer.retrieve("c00").customer.updated_at == OPENED_S - 3600


def test_quirk_a_change_leaves_its_stamps_alone(site: Site) -> None:
    site.put_customers(1)
    site.vendor.quirks.repeat_stamps = True
    site.vendor.put("customers", {"id": "c00", "company": "Changed"})
    changed = site.client.Customer.retrieve("c00").customer
    assert (changed.company, changed.updated_at, changed.resource_version) == ("Changed", OPENED_S, OPENED_S * 1000)


def test_quirk_an_offset_expires(site: Site) -> None:
    site.vendor.quirks.offsets_valid_s = 60
    site.put_customers(3)
    page = site.client.Customer.list({"limit": 1})
    site.clock.advance(seconds=60)
    assert listed(site, sort_by={"asc": "created_at"}, offset=page.next_offset) == ["c01", "c02"]
    site.clock.advance(seconds=1)
    with pytest.raises(InvalidRequestError) as refused:
        site.client.Customer.list({"offset": page.next_offset})
    assert refused.value.param == "offset"


def test_quirk_unknown_parameters_are_ignored_and_lines_shown_short(site: Site) -> None:
    site.vendor.quirks.ignore_unknown = True
    site.vendor.quirks.line_items_inline = 1
    site.vendor.put("invoices", {"id": "1", "line_items": [{"id": "a"}, {"id": "b"}]})
    shown = site.client.Invoice.list({"colour": {"is": "red"}}).list[0].invoice
    assert [line.id for line in shown.line_items] == ["a"]


def test_quirk_the_request_limit_answers_429_until_its_window_ends(site: Site) -> None:
    site.vendor.quirks.rate_limit = 2
    site.put_customers(1)
    assert listed(site) == listed(site) == ["c00"]
    with pytest.raises(APIError) as limited:
        site.client.Customer.list({})
    assert RECORDED_ERRORS[429].items() <= limited.value.json_obj.items()
    assert 1 <= int(limited.value.http_headers["Retry-After"]) <= 60
    site.vendor.quirks.rate_window_s = 0
    assert listed(site) == ["c00"]
