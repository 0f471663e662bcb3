"""Stripe end to end: everything is read, every kind of change arrives, nothing is read twice."""

from datetime import timedelta

import pytest

from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.scene import Scene
from sync_assets_tests.scenarios.stripe_account import PAYERS, account, paid, paid_out, refunded


@pytest.fixture
def scene(play: Play) -> Scene:
    """An account that was read once."""
    scene = play(account)
    scene.read()
    return scene


def test_everything_is_read_and_read_again_without_a_change(play: Play) -> None:
    scene = play(account)
    read = zip(scene.system.streams, scene.read(), strict=True)
    pages = {stream.name: outcome.window.pages for stream, outcome in read if outcome.window}
    # 130 in pages of 100 are 2 pages; the ledger has two more: the payouts, and the entries of the one there is.
    many = dict.fromkeys(("customers", "payment_intents", "charges"), 2)
    assert pages == {**many, "refunds": 1, "disputes": 1, "balance_transactions": 4, "payouts": 1}
    assert scene.differences() == {}
    # 4 x 130, 10 refunds, a dispute, a payout, and 20 entries that say once more by which payout they left
    assert scene.count("raw.version") == 4 * PAYERS + 12 + 20
    scene.clock.advance(minutes=5)
    again = scene.read() + scene.read(mode="full")
    assert [outcome.window.changed for outcome in again if outcome.window] == [0] * 14


def test_new_and_changed_objects_arrive(scene: Scene) -> None:
    scene.clock.advance(days=3)
    paid(scene.vendor, "new")
    refunded(scene.vendor, "050")
    scene.vendor.put("disputes", {"id": "dp_1", "status": "won"})
    scene.vendor.put("customers", {"id": "cus_051", "name": "Renamed"})
    paid_out(scene.vendor, "po_2", ["050", "051"])
    scene.clock.advance(seconds=30)
    scene.read()
    assert scene.differences() == {}
    scene.conform()
    assert scene.copy("payment", "ch_050")["status"] == "refunded"
    assert scene.copy("dispute", "dp_1")["status"] == "won"
    assert scene.copy("customer", "cus_051")["name"] == "Renamed"
    assert scene.copy("settlement", "txn_051")["payout_id"] == "po_2"
    assert scene.copy("settlement", "txn_051")["status"] == "available"


def test_deleted_customers_arrive(scene: Scene) -> None:
    scene.clock.advance(hours=1)
    scene.vendor.delete("customers", "cus_004")
    paid(scene.vendor, "brief")
    scene.vendor.delete("customers", "cus_brief")
    scene.clock.advance(minutes=1)
    scene.read("customers")
    assert scene.differences("customers") == {}
    scene.conform()
    assert "deleted_at" in scene.copy("customer", "cus_004")


def test_a_write_that_becomes_visible_late_is_read_by_the_overlap(scene: Scene) -> None:
    scene.clock.advance(hours=1)
    shown = scene.clock.now() + timedelta(minutes=9)
    scene.vendor.put("charges", {"id": "ch_late", "amount": 1, "currency": "eur"}, visible_at=shown)
    scene.vendor.put("charges", {"id": "ch_003", "description": "late"}, visible_at=shown)
    for minutes in (4, 6):
        scene.clock.advance(minutes=minutes)
        scene.read("charges")
        assert scene.differences("charges") == {}
    assert "ch_late" in scene.vendor.census()["charges"]
    assert scene.count("raw.version", "record_id = 'ch_003'") == 2


def test_many_objects_of_one_second_are_read_across_page_edges(scene: Scene) -> None:
    scene.clock.advance(hours=1)
    for number in range(230):
        scene.vendor.put("charges", {"id": f"ch_import{number}", "amount": 1, "currency": "eur"})
    scene.clock.advance(seconds=30)
    scene.read("charges")
    assert scene.differences("charges") == {}


@pytest.mark.parametrize("known", [False, True])
def test_objects_that_change_and_vanish_while_pages_are_read_are_not_lost(play: Play, *, known: bool) -> None:
    scene = play(account)
    if known:
        scene.read()
        scene.clock.advance(hours=1)
        for number in range(PAYERS):
            scene.vendor.put("customers", {"id": f"cus_{number:03}", "name": "Renamed"})

    def happen(page: int) -> None:
        if page > 12:
            return
        scene.clock.advance(seconds=1)
        scene.vendor.put("customers", {"id": f"cus_{page:03}", "name": f"Moved {page}"})
        scene.vendor.delete("customers", f"cus_{129 - page:03}")
        scene.vendor.delete("customers", f"cus_{29 + page:03}")
        paid(scene.vendor, f"born{page}")

    scene.meanwhile("/v1/", happen)
    scene.read("customers", "charges")
    scene.disturb()
    scene.clock.advance(minutes=2)
    scene.read()
    assert scene.differences() == {}
    scene.conform()
    assert scene.copy("customer", "cus_001")["name"] == "Moved 1"
