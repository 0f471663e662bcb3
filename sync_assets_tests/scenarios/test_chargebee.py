"""Chargebee end to end: everything is read, every kind of change arrives, nothing is read twice."""

from datetime import timedelta

import pytest

from sync_assets_tests.scenarios.chargebee_site import CUSTOMERS, sign_up, site
from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.scene import Scene

KINDS = ("customers", "subscriptions", "invoices", "transactions")


@pytest.fixture
def scene(play: Play) -> Scene:
    """A site that was read once."""
    scene = play(site)
    scene.read()
    return scene


def test_everything_is_read_and_read_again_without_a_change(play: Play) -> None:
    scene = play(site)
    pages = {
        stream.name: outcome.window.pages
        for stream, outcome in zip(scene.system.streams, scene.read(), strict=True)
        if outcome.window
    }
    # 130 records in pages of 100 are 2 pages; 4 x 130 events, the item's, its price's and the note's: 523 in 6 pages.
    assert pages == {
        **dict.fromkeys(KINDS, 2),
        "items": 1,
        "item_prices": 1,
        "credit_notes": 1,
        "usages": 1,
        "events": 6,
    }
    assert scene.differences() == {}
    # 4 x 130 records, an item, a price, a note, 20 usages, 523 events
    assert scene.count("raw.version") == 4 * CUSTOMERS + 3 + 20 + 523
    scene.clock.advance(minutes=5)
    again = scene.read() + scene.read(mode="full")
    assert [outcome.window.changed for outcome in again if outcome.window] == [0] * 18


def test_new_and_changed_records_arrive(scene: Scene) -> None:
    scene.clock.advance(hours=2)
    sign_up(scene.vendor, "new")
    scene.vendor.put("invoices", {"id": "INV-007", "status": "paid", "amount_paid": 1000})
    scene.vendor.put("usages", {"id": "u20", "subscription_id": "snew", "item_price_id": "plan-EUR", "quantity": "7"})
    scene.clock.advance(seconds=30)
    scene.read()
    assert scene.differences() == {}
    scene.conform()
    assert scene.copy("invoice", "INV-007")["paid_minor"] == "1000"
    assert scene.copy("customer", "cnew")["name"] == "Zürich Works new"


def test_deleted_records_arrive_whether_a_list_still_shows_them_or_not(scene: Scene) -> None:
    scene.clock.advance(hours=1)
    scene.vendor.put("item_prices", {"id": "old", "item_id": "plan", "currency_code": "EUR"})
    scene.clock.advance(minutes=1)
    scene.read()
    scene.vendor.delete("invoices", "INV-001")
    scene.vendor.delete("customers", "c002")
    scene.vendor.delete("item_prices", "old")
    scene.clock.advance(minutes=5)
    scene.read()
    assert scene.differences() == {}
    assert {"c002", "s002"}.isdisjoint(scene.vendor.census()["customers"] + scene.vendor.census()["subscriptions"])


def test_a_price_made_again_under_its_old_id_is_there(scene: Scene) -> None:
    scene.clock.advance(hours=1)
    scene.vendor.delete("item_prices", "plan-EUR")
    scene.clock.advance(minutes=5)
    scene.read("item_prices")
    assert scene.differences("item_prices") == {}
    scene.vendor.put("item_prices", {"id": "plan-EUR", "item_id": "plan", "price": 1100, "currency_code": "EUR"})
    scene.clock.advance(minutes=5)
    scene.read("item_prices")
    assert scene.differences("item_prices") == {}
    scene.conform()
    assert scene.copy("price", "plan-EUR")["unit_price"] == "11"


def test_a_record_that_becomes_visible_late_is_read_by_the_overlap(scene: Scene) -> None:
    scene.clock.advance(hours=1)
    shown = scene.clock.now() + timedelta(minutes=9)
    scene.vendor.put("customers", {"id": "late", "company": "Late"}, visible_at=shown)
    for minutes in (4, 6):
        scene.clock.advance(minutes=minutes)
        scene.read("customers", "events")
        assert scene.differences("customers", "events") == {}
    assert "late" in scene.vendor.census()["customers"]


def test_many_records_with_one_stamp_are_read_across_page_edges(scene: Scene) -> None:
    scene.clock.advance(hours=1)
    for number in range(230):
        scene.vendor.put("customers", {"id": f"import{number}", "company": "Imported"})
    scene.clock.advance(seconds=30)
    scene.read("customers", "events")
    assert scene.differences("customers", "events") == {}


@pytest.mark.parametrize("known", [False, True])
def test_records_that_change_and_vanish_while_pages_are_read_are_not_lost(play: Play, *, known: bool) -> None:
    scene = play(site)
    if known:
        scene.read()
        scene.clock.advance(minutes=1)
        for number in range(CUSTOMERS):
            scene.vendor.put("customers", {"id": f"c{number:03}", "company": "Renamed"})
            scene.vendor.put("invoices", {"id": f"INV-{number:03}", "po_number": "1"})
        scene.clock.advance(minutes=1)

    def happen(page: int) -> None:
        scene.clock.advance(seconds=1)
        scene.vendor.put("customers", {"id": f"c{page:03}", "company": f"Moved {page}"})
        scene.vendor.put("invoices", {"id": f"INV-{page:03}", "po_number": f"{page}"})
        scene.vendor.delete("invoices", f"INV-{page + 40:03}")
        scene.vendor.delete("customers", f"c{129 - page:03}")
        sign_up(scene.vendor, f"born{page}")

    scene.meanwhile("limit=100", happen)
    scene.read(*KINDS)
    scene.disturb()
    scene.clock.advance(minutes=2)
    scene.read()
    assert scene.differences() == {}
    scene.conform()
    assert scene.copy("customer", "c001")["name"] == "Moved 1"
