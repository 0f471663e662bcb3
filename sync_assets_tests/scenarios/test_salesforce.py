"""Salesforce end to end: everything is read, every kind of change arrives, nothing is read twice."""

from datetime import timedelta

import pytest

from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.salesforce_org import DEALS, made, org
from sync_assets_tests.scenarios.scene import Scene


@pytest.fixture
def scene(play: Play) -> Scene:
    """An org that was read once."""
    scene = play(org)
    scene.read()
    return scene


def test_everything_is_read_and_read_again_without_a_change(play: Play) -> None:
    scene = play(org)
    pages = [outcome.window.pages for outcome in scene.read() if outcome.window]
    # 45 records in pages of 20 are 3 pages; the catalogue's three streams have one record each.
    assert pages == [3, 3, 3, 1, 1, 1, 3, 3, 3]
    assert scene.differences() == {}
    # 6 streams of 45 and 3 of one
    assert scene.count("raw.version") == 6 * DEALS + 3
    scene.clock.advance(minutes=5)
    again = scene.read() + scene.read(mode="full")
    assert [outcome.window.changed for outcome in again if outcome.window] == [0] * 18
    assert scene.count("raw.version") == 6 * DEALS + 3


def test_new_and_changed_records_arrive(scene: Scene) -> None:
    vendor, accounts = scene.vendor, scene.vendor.census()["accounts"]
    scene.clock.advance(hours=3)
    added = made(vendor, "accounts", Name="New")
    vendor.put("accounts", {"Id": accounts[7], "Name": "Renamed"})
    scene.clock.advance(seconds=30)
    (outcome,) = scene.read("accounts")
    assert outcome.window is not None
    assert outcome.window.changed == 2
    scene.conform()
    assert scene.copy("customer", added)["name"] == "New"
    assert scene.copy("customer", accounts[7])["name"] == "Renamed"
    assert scene.differences() == {}


def test_deleted_purged_merged_and_undeleted_records_arrive(scene: Scene) -> None:
    vendor, accounts = scene.vendor, scene.vendor.census()["accounts"]
    scene.clock.advance(hours=1)
    vendor.delete("accounts", accounts[0])
    vendor.purge("contracts", vendor.census()["contracts"][4])
    vendor.merge(accounts[2], accounts[3])
    scene.clock.advance(minutes=5)
    scene.read()
    assert scene.differences() == {}
    scene.conform()
    assert scene.copy("customer", accounts[2])["merged_into"] == accounts[3]
    vendor.undelete("accounts", accounts[0])
    scene.clock.advance(minutes=5)
    scene.read()
    assert scene.differences() == {}
    assert accounts[0] in vendor.census()["accounts"]


def test_a_record_deleted_and_undeleted_between_two_reads_stays(scene: Scene) -> None:
    account = scene.vendor.census()["accounts"][0]
    scene.clock.advance(hours=1)
    scene.vendor.delete("accounts", account)
    scene.clock.advance(minutes=3)
    scene.vendor.undelete("accounts", account)
    scene.clock.advance(minutes=3)
    scene.read("accounts")
    assert scene.differences("accounts") == {}


def test_a_row_that_commits_late_is_read_by_the_overlap(scene: Scene) -> None:
    vendor = scene.vendor
    scene.clock.advance(hours=1)
    late = vendor.new_id("accounts")
    vendor.put("accounts", {"Id": late, "Name": "Late"}, visible_at=scene.clock.now() + timedelta(minutes=9))
    scene.clock.advance(minutes=4)
    scene.read("accounts")
    assert (scene.differences("accounts"), scene.count("raw.head", f"record_id = '{late}'")) == ({}, 0)
    scene.clock.advance(minutes=6)
    scene.read("accounts")
    assert (scene.differences("accounts"), scene.count("raw.head", f"record_id = '{late}'")) == ({}, 1)


def test_a_deletion_that_commits_late_is_read(scene: Scene) -> None:
    contract = scene.vendor.census()["contracts"][4]
    scene.clock.advance(hours=1)
    scene.vendor.delete("contracts", contract, visible_at=scene.clock.now() + timedelta(minutes=9))
    for minutes in (4, 6):
        scene.clock.advance(minutes=minutes)
        scene.read("contracts")
        assert scene.differences("contracts") == {}
    assert contract not in scene.vendor.census()["contracts"]


def test_many_rows_with_one_stamp_are_read_across_page_edges(scene: Scene) -> None:
    scene.clock.advance(hours=1)
    for number in range(70):
        made(scene.vendor, "accounts", Name=f"Imported {number}")
    scene.clock.advance(seconds=30)
    (outcome,) = scene.read("accounts")
    assert outcome.window is not None
    assert outcome.window.changed == 70
    assert scene.differences("accounts") == {}


def test_records_that_change_and_vanish_while_pages_are_read_are_not_lost(play: Play) -> None:
    scene = play(org)
    accounts = scene.vendor.census()["accounts"]

    def happen(page: int) -> None:
        scene.clock.advance(seconds=1)
        scene.vendor.put("accounts", {"Id": accounts[-page], "Name": f"Moved {page}"})
        scene.vendor.put("accounts", {"Id": accounts[page], "Name": f"Moved {page}"})
        scene.vendor.delete("accounts", accounts[page + 10])
        made(scene.vendor, "accounts", Name=f"Born {page}")

    scene.meanwhile("queryAll", happen)
    scene.read("accounts")
    scene.disturb()
    scene.clock.advance(minutes=2)
    scene.read("accounts")
    assert scene.differences("accounts") == {}
    scene.conform()
    assert scene.copy("customer", accounts[1])["name"] == "Moved 1"
