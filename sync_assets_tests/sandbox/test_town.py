"""The sandbox as others use it: addresses and settings, one clock, a seed that replays, business that goes on."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import requests

from sync_assets.sandbox.town import Sandbox
from sync_assets_tests.sandbox.towns import NOW, clean_town, rows


def small(seed: int = 9, customers: int = 6) -> Sandbox:
    return Sandbox(seed=seed, customers=customers, now=NOW, defects={}, twins=False)


def test_served_vendors_answer_with_the_settings_it_gives() -> None:
    town = small()
    with pytest.raises(ValueError, match="not started"):
        town.settings()
    town.start()
    try:
        settings = town.settings()
        assert {name.split("_")[1] for name in settings} == {"SALESFORCE", "CHARGEBEE", "STRIPE", "NETSUITE", "PRODUCT"}
        url, key = settings["SYNC_CHARGEBEE_URL"] + "/api/v2/customers", settings["SYNC_CHARGEBEE_API_KEY"]
        reply = requests.get(url, params={"limit": "100"}, auth=(key, ""), timeout=10)
        found = [row["customer"]["id"] for row in reply.json()["list"]]
        assert sorted(found) == town.census()["chargebee"]["customers"]
    finally:
        town.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=10)


def test_the_same_seed_makes_the_same_company() -> None:
    first, second, other = small(), small(), small(seed=10)
    for one, two in zip(first.vendors, second.vendors, strict=True):
        assert [version.record for version in one.shelf.versions] == [version.record for version in two.shelf.versions]
    assert first.census() != other.census()


def test_history_ends_at_the_instant_asked_for() -> None:
    town = small()
    assert town.clock.now() == NOW
    newest = max(version.stamped_at for vendor in town.vendors for version in vendor.shelf.versions)
    assert newest <= NOW
    opened = min(version.stamped_at for vendor in town.vendors for version in vendor.shelf.versions)
    assert NOW - opened > timedelta(days=400)  # fourteen months


def test_without_an_instant_history_ends_a_day_ago_on_the_hour() -> None:
    town = Sandbox(seed=1, customers=1, defects={}, twins=False)
    age = datetime.now(UTC) - town.clock.now()
    assert timedelta(hours=24) <= age < timedelta(hours=25, minutes=1)
    assert town.clock.now().minute == 0


def test_there_are_as_many_customers_as_asked_for() -> None:
    town = clean_town()
    # A child of a family comes with a parent of its own; a deal may still be on its way to billing.
    assert 90 <= len(town.company.customers) <= 95
    assert 86 <= len(rows(town, "chargebee", "customers")) <= len(town.company.customers)


def test_copies_follow_in_the_order_of_the_business() -> None:
    town = clean_town()
    invoiced = {row["id"]: row["generated_at"] for row in rows(town, "chargebee", "invoices")}
    first_posted: dict[str, int] = {}
    for version in town.netsuite.shelf.versions:
        external_id = version.record.get("externalid") or ""
        if version.stream == "transaction" and external_id.startswith("chargebee_invoice_"):
            first_posted.setdefault(external_id[18:], int(version.stamped_at.timestamp()))
    lags = [posted - invoiced[number] for number, posted in first_posted.items()]
    assert min(lags) >= 600  # the ERP is ten minutes behind at least
    # One waits on purpose: its period was closed when it came.
    assert sorted(lags)[-2] <= 3600


def test_business_goes_on_in_the_background_until_stopped() -> None:
    now = (datetime.now(UTC) - timedelta(days=3)).replace(microsecond=0)
    town = Sandbox(seed=2, customers=8, now=now, defects={}, twins=False)
    before = len(town.chargebee.shelf.versions)
    town.live(timedelta(hours=2), every_s=0.01)
    deadline = time.monotonic() + 8
    while len(town.chargebee.shelf.versions) < before + 10 and time.monotonic() < deadline:
        time.sleep(0.02)
    town.stop()
    assert len(town.chargebee.shelf.versions) >= before + 10
    assert now < town.clock.now() <= datetime.now(UTC)
    stood = town.clock.now()
    time.sleep(0.05)
    assert town.clock.now() == stood


def test_sixty_customers_are_made_up_within_seconds() -> None:
    started = time.process_time()
    Sandbox(seed=8, customers=60, now=NOW)
    assert time.process_time() - started < 6
