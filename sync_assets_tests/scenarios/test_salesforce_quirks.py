"""Salesforce's oddities met end to end: sessions, allowances, logs that end, bulk jobs, hidden fields, one currency."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sync_assets.model.errors import RetryLaterError
from sync_assets.systems.salesforce import reads
from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.salesforce_org import DEALS, made, org
from sync_assets_tests.scenarios.scene import Scene


def with_quirks(scene: Scene, **changes: object) -> Scene:
    scene.vendor.quirks = replace(scene.vendor.quirks, **changes)
    return scene


def test_a_session_that_dies_every_third_request_is_renewed(play: Play) -> None:
    scene = with_quirks(play(org), expire_tokens_after=3)
    scene.read()
    assert scene.differences() == {}


def test_locators_that_die_at_once_do_not_matter(play: Play) -> None:
    scene = with_quirks(play(org), evict_locators_after=0, open_locators_max=1)
    scene.read()
    assert scene.differences() == {}


def test_reading_stops_before_the_daily_allowance_is_spent_and_goes_on_the_next_day(play: Play) -> None:
    scene = with_quirks(play(org), daily_requests_max=20)
    with pytest.raises(RetryLaterError, match="of 20 requests of the last 24 hours"):
        scene.read()
    # 95 % of 20 are 19: the twentieth answer says so.
    assert len([request for request in scene.server.requests if "/data/" in request.path]) == 20
    with_quirks(scene, daily_requests_max=1000)
    scene.clock.advance(hours=25)
    scene.read()
    assert scene.differences() == {}


@pytest.mark.parametrize("quirk", [{}, {"deleted_ids_max": 0}])
def test_deletions_that_the_log_no_longer_holds_lead_to_a_full_read(play: Play, quirk: dict[str, object]) -> None:
    scene = play(org)
    scene.read("accounts")
    accounts = scene.vendor.census()["accounts"]
    scene.vendor.delete("accounts", accounts[3])
    made(scene.vendor, "accounts", Name="New")
    scene.clock.advance(days=0 if quirk else 20, minutes=10)
    with_quirks(scene, **quirk)
    (outcome,) = scene.read("accounts")
    assert outcome.window is not None
    assert outcome.window.kind == "full"
    # A row that left the recycle bin unseen is for the nightly count to find; all others are there.
    missing, extra = scene.differences("accounts").get("accounts", ([], []))
    assert (missing, extra) == ([], [] if quirk else [accounts[3]])


def test_a_log_that_was_cut_short_leads_to_a_full_read(play: Play) -> None:
    scene = play(org)
    scene.read("accounts")
    scene.clock.advance(hours=2)
    with_quirks(scene, deleted_log_from=scene.clock.now() - timedelta(minutes=5))
    (outcome,) = scene.read("accounts")
    assert outcome.window is not None
    assert outcome.window.kind == "full"
    assert scene.differences("accounts") == {}


@pytest.mark.parametrize("quirk", [{"bulk_polls": 3}, {"bulk_fails": "QUERY_TIMEOUT"}])
def test_a_long_read_over_bulk_gives_the_records_that_rest_gives(
    play: Play, monkeypatch: pytest.MonkeyPatch, quirk: dict[str, object]
) -> None:
    monkeypatch.setattr(reads, "REST_PAGES", 1)
    scene = with_quirks(play(org), bulk_rows_max=10, **quirk)
    scene.read("accounts", "orders", "order_items")
    assert scene.differences("accounts", "orders", "order_items") == {}
    jobs = [request for request in scene.server.requests if "/jobs/query" in request.path]
    assert len(jobs) >= 3
    monkeypatch.undo()
    monkeypatch.setenv("SYNC_SALESFORCE_URL", scene.server.url)


def test_bulk_and_rest_agree_to_the_byte_of_meaning(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = play(org)
    monkeypatch.setattr(reads, "REST_PAGES", 1)
    scene.read("opportunities", "order_items")
    monkeypatch.setattr(reads, "REST_PAGES", 1000)
    scene.read("opportunities", "order_items", mode="full")
    assert scene.count("raw.version") == 2 * DEALS


def test_fields_that_the_user_may_not_see_are_read_as_absent(play: Play) -> None:
    scene = with_quirks(play(org), hidden_fields=frozenset({"Account.Website", "Opportunity.Amount"}))
    scene.read()
    assert scene.differences() == {}
    scene.conform()
    deal = scene.vendor.census()["opportunities"][0]
    assert "amount_minor" not in scene.copy("order", deal)


def test_an_org_of_one_currency_lends_it_to_its_amounts(play: Play) -> None:
    scene = with_quirks(play(org), multi_currency=False)
    scene.read()
    scene.conform()
    deal = scene.copy("order", scene.vendor.census()["opportunities"][0])
    # 120.00 US dollars
    assert (deal["currency"], deal["amount_minor"]) == ("USD", "12000")


def test_rows_that_become_invisible_are_not_taken_for_deleted(play: Play) -> None:
    scene = play(org)
    scene.read("accounts")
    hidden = scene.vendor.census()["accounts"][5]
    with_quirks(scene, hidden_ids=frozenset({hidden}))
    scene.clock.advance(hours=1)
    scene.read("accounts")
    scene.read("accounts", mode="full")
    assert scene.count("raw.head", f"record_id = '{hidden}' AND NOT is_deleted") == 1


def test_a_value_that_changes_without_a_stamp_is_found_by_a_full_read(play: Play) -> None:
    scene = play(org)
    scene.read("opportunities")
    deal = scene.vendor.census()["opportunities"][0]
    scene.clock.advance(hours=2)
    scene.vendor.recalculate("opportunities", {"Id": deal, "Amount": "130.00"})
    scene.clock.advance(minutes=1)
    (outcome,) = scene.read("opportunities", mode="full")
    assert outcome.window is not None
    assert outcome.window.changed == 1
    scene.conform()
    assert scene.copy("order", deal)["amount_minor"] == "13000"
