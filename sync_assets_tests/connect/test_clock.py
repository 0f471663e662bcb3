"""A wrong Date of one reply, or of all, never moves a watermark past changes that are still to come."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from sync_assets.connect.extract import Outcome, Reading, extract
from sync_assets.connect.settings import Settings
from sync_assets.connect.spec import Stream, System
from sync_assets.http.client import unbounded
from sync_assets.store.engine import Store
from sync_assets.store.streams import stored_ids, stream_states
from sync_assets_tests.connect.ledger_system import NOON, NOTES, Notes, served
from sync_assets_tests.page_server import Answer

DAY, YEAR = timedelta(days=1), timedelta(days=365)


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def system(notes: Notes) -> Iterator[System]:
    with served(notes) as served_system:
        yield served_system


def read(store: Store, system: System, own_at: datetime, stream: Stream = NOTES) -> tuple[Outcome, list[str]]:
    """One run by a machine whose clock shows a time; what was read, and what was doubted."""
    settings = Settings(system="notes", url="http://127.0.0.1", chosen=("API_KEY",), values={})
    reading = Reading(
        system=system,
        stream=stream,
        client=system.open(settings, unbounded),
        run_id="run",
        earliest=NOON - 2 * YEAR,
        own_clock=lambda: own_at,
    )
    return extract(store, reading), reading.doubts


def high_water(store: Store) -> datetime | None:
    (state,) = stream_states(store)
    mark: datetime | None = state["high_water_at"]
    return mark


def ids(store: Store) -> list[str]:
    (state,) = stream_states(store)
    return sorted(stored_ids(store, state["stream_id"])[0])


def dated(instant: datetime) -> Answer:
    return Answer(headers={"Date": format_datetime(instant, usegmt=True)})


@pytest.mark.parametrize("off", [DAY, YEAR, -YEAR], ids=["a day ahead", "a year ahead", "a year behind"])
def test_one_reply_with_a_wrong_date_neither_skips_nor_repeats(
    store: Store, notes: Notes, system: System, off: timedelta
) -> None:
    read(store, system, NOON)
    notes.now += timedelta(hours=1)
    notes.answer_instead[:] = [dated(notes.now + off)]
    outcome, doubts = read(store, system, notes.now)
    assert high_water(store) == notes.now, "the other replies tell the time"
    assert outcome.window is not None
    # one hour and ten minutes of overlap, no more
    assert outcome.window.start_at == NOON - timedelta(minutes=10)
    assert len(doubts) == 1
    notes.now += timedelta(hours=1)
    notes.put("of that day")
    read(store, system, notes.now)
    assert ids(store) == ["of that day"]


def test_a_first_reply_a_year_behind_does_not_end_a_first_read_a_year_early(
    store: Store, notes: Notes, system: System
) -> None:
    notes.put("of today")
    notes.answer_instead[:] = [dated(NOON - YEAR)]
    _, doubts = read(store, system, NOON)
    assert ids(store) == ["of today"]
    assert len(doubts) == 1


def test_a_system_that_tells_no_time_is_read_up_to_ours_less_five_minutes_and_it_is_told(
    store: Store, notes: Notes, system: System
) -> None:
    untold = replace(system, clock=lambda _client: None)
    notes.put("early", seconds=600)
    _, doubts = read(store, untold, NOON)
    assert high_water(store) == NOON - timedelta(minutes=5)
    assert "no readable Date header" in doubts[0]
    notes.put("after the end of that window", seconds=120)
    notes.now += timedelta(hours=1)
    read(store, untold, notes.now)
    assert ids(store) == ["after the end of that window", "early"]


def test_one_reply_without_a_time_is_made_up_for_by_the_next(store: Store, notes: Notes, system: System) -> None:
    told = iter([None, NOON, NOON])
    _, doubts = read(store, replace(system, clock=lambda _client: next(told)), NOON + timedelta(minutes=1))
    assert (high_water(store), doubts) == (NOON, [])


def test_a_system_that_lives_in_the_past_is_believed(store: Store, notes: Notes, system: System) -> None:
    _, doubts = read(store, system, NOON + YEAR)
    assert (high_water(store), doubts) == (NOON, [])


def test_a_clock_that_is_always_ahead_is_read_up_to_and_not_believed(
    store: Store, notes: Notes, system: System
) -> None:
    real = NOON
    notes.now = NOON + YEAR
    _, doubts = read(store, system, real)
    assert high_water(store) == real + timedelta(minutes=5), "our clock and the allowance of five minutes"
    assert "no watermark passes our clock" in doubts[0]
    notes.now = real + timedelta(hours=1)
    notes.put("stamped by a clock put right")
    read(store, system, notes.now)
    assert ids(store) == ["stamped by a clock put right"]


def test_a_system_that_lives_in_the_future_is_read_whole_and_judged_by_its_own_time(
    store: Store, notes: Notes, system: System
) -> None:
    notes.now = NOON + YEAR
    notes.put("early")
    read(store, system, NOON)
    notes.now += 30 * DAY
    notes.put("a month later")
    outcome, _ = read(store, system, NOON + timedelta(minutes=1))
    assert ids(store) == ["a month later", "early"]
    (state,) = stream_states(store)
    assert state["seen_through"] == NOON + YEAR + 30 * DAY
    # ten minutes of overlap
    assert outcome.complete_through == state["complete_through"] == state["seen_through"] - timedelta(minutes=10)
    assert high_water(store) == NOON + timedelta(minutes=6), "the next window still begins by our own clock"


def test_records_of_a_system_ahead_of_our_clock_are_read_at_once(store: Store, notes: Notes, system: System) -> None:
    notes.now = NOON + timedelta(hours=3)
    notes.put("stamped three hours from now", seconds=0)
    read(store, system, NOON)
    assert ids(store) == ["stamped three hours from now"], "ours may be the clock that is wrong"
    assert high_water(store) == NOON + timedelta(minutes=5)


def test_a_snapshot_read_by_a_clock_ahead_does_not_hide_later_changes(
    store: Store, notes: Notes, system: System
) -> None:
    snapshot = replace(NOTES, stamp=None, lateness_s=0)
    notes.now = NOON + YEAR
    notes.put("note", total=100, seconds=365 * 86_400)
    read(store, system, NOON, snapshot)
    notes.now = NOON + timedelta(hours=1)
    notes.put("note", total=200)
    outcome, _ = read(store, system, notes.now, snapshot)
    assert outcome.window is not None
    assert outcome.window.changed == 1


def test_a_page_sent_before_the_end_of_its_window_holds_the_watermark_back(
    store: Store, notes: Notes, system: System
) -> None:
    told = NOON + timedelta(minutes=4)
    notes.answer_instead[:] = [dated(told)]
    read(store, system, NOON + DAY)
    # the clock said 12:04, the page that followed was sent at 12:00
    assert high_water(store) == NOON


def test_a_clock_that_stays_behind_repeats_the_overlap_and_goes_on_when_it_is_right_again(
    store: Store, notes: Notes, system: System
) -> None:
    read(store, system, NOON)
    notes.now = NOON - YEAR
    for _ in range(3):
        outcome, doubts = read(store, system, NOON + timedelta(hours=1))
        assert outcome.window is not None
        assert (outcome.window.start_at, outcome.window.end_at) == (NOON - timedelta(minutes=10), NOON)
        assert len(doubts) == 1
    assert high_water(store) == NOON
    notes.now = NOON + timedelta(hours=2)
    notes.put("afterwards")
    read(store, system, notes.now)
    assert ids(store) == ["afterwards"]
