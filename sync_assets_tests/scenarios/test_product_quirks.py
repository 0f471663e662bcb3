"""The platform's oddities met end to end: cursors of the wrong time, repeated events, moving pages, an old version."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sync_assets.sandbox import faults
from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.product_platform import EVENTS, platform, used
from sync_assets_tests.scenarios.scene import Scene


def with_quirks(scene: Scene, **changes: object) -> Scene:
    scene.vendor.quirks = replace(scene.vendor.quirks, **changes)
    return scene


def test_cursors_that_carry_the_events_own_time_lose_no_late_event(play: Play) -> None:
    scene = with_quirks(play(platform), cursor_of_event_time=True, events_limit_max=100)
    for number in range(60):
        used(scene.vendor, f"late{number:02}", time=scene.clock.now() - timedelta(hours=number), seats=1)
    scene.clock.advance(minutes=1)
    scene.read("events")
    assert scene.differences("events") == {}


def test_a_cursor_behind_the_last_page_ends_the_read(play: Play) -> None:
    scene = with_quirks(play(platform), cursor_until_empty=True)
    scene.read("events")
    assert scene.differences("events") == {}
    assert scene.count("raw.version") == EVENTS


def test_an_event_that_the_platform_keeps_twice_is_one_record(play: Play) -> None:
    scene = with_quirks(play(platform), keep_duplicates=True)
    used(scene.vendor, "e007", seats=7)
    scene.clock.advance(minutes=1)
    scene.read("events")
    assert scene.differences("events") == {}
    scene.conform()
    assert scene.count("canonical.usage", "record_id = 'app:e007'") == 1


def test_records_that_move_between_numbered_pages_are_not_lost(play: Play) -> None:
    scene = with_quirks(play(platform), offset_pages_move=True)
    for number in range(250):
        scene.vendor.put("customers", {"key": f"many{number:03}", "name": "Many"})
    scene.clock.advance(minutes=1)

    def happen(page: int) -> None:
        scene.clock.advance(seconds=1)
        scene.vendor.put("customers", {"key": f"many{page:03}", "name": "Moved"})

    scene.meanwhile("/customers", happen)
    scene.read("customers")
    scene.disturb()
    scene.clock.advance(minutes=1)
    scene.read("customers")
    assert scene.differences("customers") == {}


def test_a_platform_without_the_second_version_is_read_through_the_first(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = with_quirks(play(platform), events_limit_max=100)
    scene.disturb(faults.only("/api/v2/", faults.refuse(scene.vendor, 404, "not_found")))
    now = scene.clock.now()
    monkeypatch.setenv("SYNC_PRODUCT_START", f"{now - timedelta(days=20):%Y-%m-%d}")
    scene.read("events")
    assert scene.differences("events") == {}
    scene.clock.advance(hours=1)
    used(scene.vendor, "late", time=now - timedelta(days=5), seats=1)
    scene.clock.advance(minutes=1)
    scene.read("events")
    assert scene.differences("events") == {}


def test_an_event_that_comes_in_a_second_time_after_the_window_of_repetition_is_one_record(play: Play) -> None:
    scene = play(platform)
    scene.read("events")
    scene.clock.advance(days=40)
    used(scene.vendor, "e007", seats=9)
    scene.clock.advance(minutes=1)
    scene.read("events")
    assert scene.differences("events") == {}
    scene.conform()
    assert scene.copy("usage", "app:e007")["quantity"] != "9", "what was counted stays"
    assert [(name, reason) for name, reason, _ in scene.dead_letters()] == [("app:e007", "same_version_diff")]
