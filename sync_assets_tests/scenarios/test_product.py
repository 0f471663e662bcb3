"""The product platform end to end: everything is read, late and repeated events arrive, nothing is read twice."""

from datetime import timedelta

import pytest

from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.product_platform import EVENTS, platform, used
from sync_assets_tests.scenarios.scene import Scene


@pytest.fixture
def scene(play: Play) -> Scene:
    """A platform that was read once."""
    scene = play(platform)
    scene.read()
    return scene


def test_everything_is_read_and_read_again_without_a_change(play: Play) -> None:
    scene = play(platform)
    pages = [outcome.window.pages for outcome in scene.read() if outcome.window]
    # 230 events in pages of 40 are 6; every list fits into one page, and one without a total ends with an empty one.
    assert pages == [6, 2, 1, 1, 1]
    assert scene.differences() == {}
    # 230 events, 2 meters, 20 each of entitlements, customers and subjects
    assert scene.count("raw.version") == EVENTS + 2 + 60
    scene.clock.advance(minutes=5)
    again = scene.read() + scene.read(mode="full")
    assert [outcome.window.changed for outcome in again if outcome.window] == [0] * 10


def test_new_and_changed_records_arrive(scene: Scene) -> None:
    scene.clock.advance(hours=5)
    used(scene.vendor, "new", seats="2.5")
    scene.vendor.put("meters", {"slug": "seats", "name": "Seats"})
    scene.vendor.put("entitlements", {"subjectKey": "snew", "featureKey": "seats", "type": "boolean"})
    scene.clock.advance(seconds=30)
    scene.read()
    assert scene.differences() == {}
    scene.conform()
    assert scene.copy("usage", "app:new")["quantity"] == "2.5"
    assert scene.rows("name", "canonical.meter", "WHERE feature = 'seats'") == [("Seats",)]


def test_deleted_records_arrive_whether_a_list_still_shows_them_or_not(scene: Scene) -> None:
    scene.clock.advance(hours=1)
    for stream in ("meters", "customers", "entitlements", "subjects"):
        scene.vendor.delete(stream, scene.vendor.census()[stream][1])
    scene.clock.advance(minutes=1)
    scene.read()
    assert scene.differences() == {}


def test_an_event_that_becomes_visible_late_is_read_by_the_overlap(scene: Scene) -> None:
    scene.clock.advance(hours=1)
    used(scene.vendor, "late", visible_at=scene.clock.now() + timedelta(minutes=9), seats=1)
    for minutes in (4, 6):
        scene.clock.advance(minutes=minutes)
        scene.read("events")
        assert scene.differences("events") == {}
    assert "app:late" in scene.vendor.census()["events"]


def test_an_event_of_long_ago_or_ahead_is_read_when_it_comes_in(scene: Scene) -> None:
    scene.clock.advance(hours=1)
    now = scene.clock.now()
    for days in (-200, -40, -1, 2):
        used(scene.vendor, f"of{days}", time=now + timedelta(days=days), seats=1)
    scene.clock.advance(minutes=1)
    scene.read("events")
    assert scene.differences("events") == {}
    scene.conform()
    assert scene.copy("usage", "app:of-40")["occurred_at"] == (now - timedelta(days=40)).isoformat()


def test_many_events_of_one_second_are_read_across_page_edges(scene: Scene) -> None:
    scene.clock.advance(hours=1)
    for number in range(130):
        used(scene.vendor, f"burst{number:03}", seats=1)
    scene.clock.advance(seconds=30)
    scene.read("events")
    assert scene.differences("events") == {}


def test_events_that_come_in_and_records_that_vanish_while_pages_are_read_are_not_lost(play: Play) -> None:
    scene = play(platform)
    for number in range(250):
        scene.vendor.put("customers", {"key": f"many{number:03}", "name": "Many"})

    def happen(page: int) -> None:
        if page > 8:
            return
        scene.clock.advance(seconds=1)
        used(scene.vendor, f"born{page}", seats=1)
        used(scene.vendor, f"backdated{page}", time=scene.clock.now() - timedelta(days=page), seats=1)
        scene.vendor.delete("customers", f"many{page:03}")
        scene.vendor.put("customers", {"key": f"born{page}", "name": "Born"})

    scene.meanwhile("/api/", happen)
    scene.read()
    scene.disturb()
    scene.clock.advance(minutes=2)
    scene.read()
    assert scene.differences() == {}
