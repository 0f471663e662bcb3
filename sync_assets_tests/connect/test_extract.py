"""No record is lost and none is written twice, whatever happens between two pages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from sync_assets.connect.extract import Outcome, Reading, extract
from sync_assets.connect.settings import Settings
from sync_assets.connect.spec import Stream, System
from sync_assets.http.client import unbounded
from sync_assets.model.errors import ContractError, FencedError, RetryLaterError
from sync_assets.store.engine import Store
from sync_assets.store.streams import stored_ids, stream_states
from sync_assets_tests.connect.ledger_system import NOON, NOTES, Notes, served
from sync_assets_tests.page_server import Answer


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def system(notes: Notes) -> Iterator[System]:
    with served(notes) as served_system:
        yield served_system


Days = tuple[datetime, datetime]


def read_notes(
    store: Store,
    system: System,
    run_id: str = "run",
    *,
    full: bool = False,
    days: Days | None = None,
    stream: Stream = NOTES,
) -> Outcome:
    settings = Settings(system="notes", url="http://127.0.0.1", chosen=("API_KEY",), values={})
    client = system.open(settings, unbounded)
    reading = Reading(
        system=system,
        stream=stream,
        client=client,
        run_id=run_id,
        earliest=NOON - timedelta(days=700),
        full=full,
        days=days,
        own_clock=lambda: client.replied_at or NOON,
    )
    return extract(store, reading)


def _ids(store: Store) -> list[str]:
    (state,) = stream_states(store)
    return sorted(stored_ids(store, state["stream_id"])[0])


def _count(store: Store, table: str) -> int:
    with store.begin() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_a_first_read_stores_every_record_and_each_page_once(store: Store, notes: Notes, system: System) -> None:
    for number in range(8):
        notes.put(f"n{number}", seconds=100 - number)
    outcome = read_notes(store, system)
    # 8 records in pages of 3 are 3 pages
    assert outcome.window is not None
    assert (outcome.window.records, outcome.window.changed, outcome.window.pages) == (8, 8, 3)
    assert _ids(store) == [f"n{number}" for number in range(8)]
    assert _count(store, "raw.page") == 3


def test_reading_unchanged_records_again_writes_nothing(store: Store, notes: Notes, system: System) -> None:
    for number in range(8):
        notes.put(f"n{number}", seconds=number)
    read_notes(store, system)
    again = read_notes(store, system, "second", full=True)
    assert again.window is not None
    assert (again.window.records, again.window.changed) == (8, 0)
    assert (_count(store, "raw.version"), _count(store, "raw.page")) == (8, 3)


def test_a_change_that_becomes_visible_late_is_read_by_the_overlap(store: Store, notes: Notes, system: System) -> None:
    notes.put("late", seconds=300)
    notes.invisible.add("late")
    read_notes(store, system)
    assert _ids(store) == []
    notes.invisible.clear()
    notes.now += timedelta(seconds=60)
    read_notes(store, system)
    assert _ids(store) == ["late"]
    (state,) = stream_states(store)
    # stamped 300 s before the first window's end
    assert state["lateness_max_s"] == 300


def test_a_killed_read_goes_on_at_its_page_and_loses_nothing(store: Store, notes: Notes, system: System) -> None:
    for number in range(9):
        notes.put(f"n{number}", seconds=100 - number)
    pages = iter(range(9))

    def die_after_second() -> None:
        if next(pages) == 1:
            notes.answer_instead[:] = [Answer(status=400)]

    notes.after_page = die_after_second
    with pytest.raises(Exception, match="HTTP 400"):
        read_notes(store, system, "first")
    (state,) = stream_states(store)
    assert state["high_water_at"] is None, "the watermark moves with the last page only"
    outcome = read_notes(store, system, "second")
    assert outcome.window is not None
    assert outcome.window.pages == 3
    assert _ids(store) == [f"n{number}" for number in range(9)]


def test_the_frozen_window_reads_records_that_move_while_paging(store: Store, notes: Notes, system: System) -> None:
    for number in range(6):
        notes.put(f"n{number}", seconds=100 - number)

    def touch() -> None:
        notes.now += timedelta(seconds=1)
        notes.put("n0", total=999)

    notes.after_page = touch
    read_notes(store, system)
    notes.after_page = lambda: None
    notes.now += timedelta(seconds=5)
    read_notes(store, system)
    assert _ids(store) == [f"n{number}" for number in range(6)]
    with store.begin() as connection:
        found = connection.execute(text("SELECT count(*) FROM raw.version WHERE record_id = 'n0'")).scalar_one()
    assert found == 2, "both versions of the record that moved are kept"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=b"<html>maintenance</html>", headers={"Content-Type": "text/html"}),
        Answer(body=b'{"notes": [{"id": "a"'),
        Answer(body=b""),
    ],
)
def test_a_page_that_cannot_be_trusted_moves_no_cursor(
    store: Store, notes: Notes, system: System, answer: Answer
) -> None:
    notes.put("a")
    # what is no page is asked for again, twice
    notes.answer_instead[:] = [Answer(headers={"Date": "Tue, 30 Jun 2026 12:00:00 GMT"}), *[answer] * 3]
    with pytest.raises(ContractError):
        read_notes(store, system)
    assert _ids(store) == []
    read_notes(store, system)
    assert _ids(store) == ["a"]


def test_a_rate_limit_is_obeyed_and_the_page_read_again(store: Store, notes: Notes, system: System) -> None:
    notes.put("a")
    busy = Answer(status=429, headers={"Retry-After": "7"})
    notes.answer_instead[:] = [Answer(headers={"Date": "Tue, 30 Jun 2026 12:00:00 GMT"}), busy, busy]
    read_notes(store, system)
    assert _ids(store) == ["a"]


def test_a_system_that_stays_down_keeps_the_window_for_the_next_run(store: Store, notes: Notes, system: System) -> None:
    notes.put("a")
    notes.answer_instead[:] = [Answer(headers={"Date": "Tue, 30 Jun 2026 12:00:00 GMT"})] + [Answer(status=503)] * 7
    with pytest.raises(RetryLaterError):
        read_notes(store, system)
    read_notes(store, system, "later")
    assert _ids(store) == ["a"]
    assert _count(store, "sync.window") == 1


def test_a_second_run_of_the_same_stream_steps_aside(store: Store, notes: Notes, system: System) -> None:
    notes.put("a")
    inner: list[Outcome] = []

    def second_run() -> None:
        notes.after_page = lambda: None
        inner.append(read_notes(store, system, "second"))

    notes.after_page = second_run
    outcome = read_notes(store, system, "first")
    assert inner[0].window is None
    assert outcome.window is not None
    assert outcome.window.changed == 1


def test_a_run_whose_lease_was_taken_over_stops_without_writing(store: Store, notes: Notes, system: System) -> None:
    notes.put("a")

    def take_over() -> None:
        with store.begin() as connection:
            connection.execute(text("UPDATE sync.stream SET fence = fence + 1"))

    notes.after_page = take_over
    with pytest.raises(FencedError):
        read_notes(store, system)
    assert _count(store, "raw.version") == 0


def test_an_expired_change_feed_leads_to_a_full_read(store: Store, notes: Notes, system: System) -> None:
    notes.put("old", seconds=90 * 86_400)
    read_notes(store, system)
    notes.now += timedelta(days=40)
    notes.put("new")
    notes.feed_days = 30
    outcome = read_notes(store, system, "after a long silence")
    assert outcome.window is not None
    assert outcome.window.kind == "full"
    assert _ids(store) == ["new", "old"]


def test_past_days_are_read_again_though_the_change_feed_no_longer_reaches_them(
    store: Store, notes: Notes, system: System
) -> None:
    read_notes(store, system)
    high_water = stream_states(store)[0]["high_water_at"]
    notes.put("old", seconds=90 * 86_400)
    notes.put("new")
    notes.feed_days = 30
    days = (NOON - timedelta(days=91), NOON - timedelta(days=89))
    outcome = read_notes(store, system, "backfill", days=days)
    assert outcome.window is not None
    assert outcome.window.kind == "backfill"
    assert _ids(store) == ["old"]
    assert stream_states(store)[0]["high_water_at"] == high_water, "past days do not move the watermark"


def test_a_deletion_is_a_version_and_the_record_may_come_back(store: Store, notes: Notes, system: System) -> None:
    notes.put("a", seconds=60)
    read_notes(store, system)
    del notes.rows["a"]
    notes.gone["a"] = notes.now
    notes.now += timedelta(seconds=30)
    read_notes(store, system, "deleted")
    read_notes(store, system, "read again")
    assert _ids(store) == []
    assert _count(store, "raw.version") == 2
    notes.gone.clear()
    notes.now += timedelta(seconds=30)
    notes.put("a", total=5)
    read_notes(store, system, "back")
    assert _ids(store) == ["a"]


BAD_ROWS = {
    "not_finite": '{"id": "bad", "updated_at": 1782820000, "total": NaN, "currency": "EUR"}',
    "dup_key": '{"id": "bad", "updated_at": 1782820000, "total": 1, "total": 2, "currency": "EUR"}',
    "depth": '{"id": "bad", "updated_at": 1782820000, "total": ' + "[" * 80 + "]" * 80 + "}",
    "missing_field": '{"updated_at": 1782820000, "total": 1, "currency": "EUR"}',
    "type": '{"id": "bad", "updated_at": "yesterday", "total": 1, "currency": "EUR"}',
    "date": '{"id": "bad", "updated_at": 1782820000000000, "total": 1, "currency": "EUR"}',
}


@pytest.mark.parametrize("reason", BAD_ROWS)
def test_a_record_that_cannot_be_read_is_set_aside_with_its_bytes_and_the_rest_goes_on(
    store: Store, notes: Notes, system: System, reason: str
) -> None:
    good = '{"id": "good", "updated_at": 1782820000, "total": 1, "currency": "EUR"}'
    body = f'{{"notes": [{BAD_ROWS[reason]}, {good}], "more": false}}'.encode()
    notes.answer_instead[:] = [
        Answer(headers={"Date": "Tue, 30 Jun 2026 12:00:00 GMT"}),
        Answer(body=body),
    ]
    raw_read = replace(system, read=_lenient(system))
    outcome = read_notes(store, raw_read)
    assert outcome.window is not None
    assert outcome.window.rejected == 1
    assert _ids(store) == ["good"]
    with store.begin() as connection:
        found = connection.execute(text("SELECT reason, start, length FROM sync.dead_letter")).one()
    assert found.reason == reason
    assert body[found.start : found.start + found.length].decode() == BAD_ROWS[reason]


def _lenient(system: System):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """The same reader for a page whose envelope no strict decoder accepts: it hands the two rows over as they are."""
    from sync_assets.connect.spec import Page

    def read(client, _stream, _window, _place):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        body = client.get("/notes").body
        inner = body[len(b'{"notes": [') : -len(b'], "more": false}')]
        cut = inner.rindex(b', {"id": "good"')
        return Page(body=body, records=[inner[:cut], inner[cut + 2 :]], next=None)

    return read


def test_new_vanished_and_retyped_fields_are_reported_once(store: Store, notes: Notes, system: System) -> None:
    notes.page_size = 100
    for number in range(30):
        notes.put(f"n{number:02}", memo="x", seconds=1000)
    read_notes(store, system)
    notes.now += timedelta(days=1)
    for number in range(30):
        notes.put(f"n{number:02}", total="100", colour="red")
    outcome = read_notes(store, system, "new version")
    found = {(item.kind, item.field) for item in outcome.findings}
    assert found == {("added", "colour"), ("removed", "memo"), ("retyped", "total")}
    assert read_notes(store, system, "again").findings == []


def test_a_field_that_only_our_reading_adds_says_nothing_of_the_vendor(
    store: Store, notes: Notes, system: System
) -> None:
    composing = replace(NOTES, composed=("memo",))
    for number in range(30):
        notes.put(f"n{number:02}", memo="x", seconds=1000)
    read_notes(store, system, stream=composing)
    notes.now += timedelta(days=1)
    for number in range(30):
        notes.put(f"n{number:02}", colour="red")
    found = read_notes(store, system, "later", stream=composing).findings
    assert [(item.kind, item.field) for item in found] == [("added", "colour")]


def test_a_merged_record_keeps_the_name_of_its_winner_though_its_deletion_came_first(
    store: Store, notes: Notes, system: System
) -> None:
    notes.put("loser", seconds=60)
    read_notes(store, system)
    notes.gone["loser"] = notes.now
    notes.now += timedelta(seconds=10)
    notes.rows.clear()
    read_notes(store, system, "tombstone")
    merging = replace(NOTES, merged_into="merged_into")
    notes.gone.clear()
    notes.put("loser", deleted=True, merged_into="winner")
    for run_id in ("merge", "again"):
        notes.now += timedelta(seconds=10)
        read_notes(store, system, run_id, stream=merging)
    with store.begin() as connection:
        found = connection.execute(text("SELECT merged_into FROM raw.version ORDER BY version_id")).scalars().all()
    assert list(found) == [None, None, "winner"], "and reading it again adds nothing"


SNAPSHOT = replace(NOTES, stamp=None)


def test_a_record_that_a_whole_list_no_longer_has_is_deleted_when_its_id_finds_nothing(
    store: Store, notes: Notes, system: System
) -> None:
    for number in range(5):
        notes.put(f"n{number}")
    read_notes(store, system, stream=SNAPSHOT)
    del notes.rows["n3"]
    notes.now += timedelta(minutes=1)
    read_notes(store, system, "second", stream=SNAPSHOT)
    assert _ids(store) == ["n0", "n1", "n2", "n4"]


@pytest.mark.parametrize("text", ["NaN", '"\ud800"', '"\\ud800"'])
def test_a_record_of_a_whole_list_that_cannot_be_read_is_not_taken_for_deleted(
    store: Store, notes: Notes, system: System, text: str
) -> None:
    for number in range(5):
        notes.put(f"n{number}")
    read_notes(store, system, stream=SNAPSHOT)
    notes.now += timedelta(minutes=1)
    notes.spoil = ('"n3"', '"n3","name":' + text)
    read_notes(store, system, "second", stream=SNAPSHOT)
    notes.spoil = ('"n3"', text)
    read_notes(store, system, "third", stream=SNAPSHOT)
    assert len(_ids(store)) == 5
    assert _count(store, "sync.dead_letter") == 2


def test_a_list_that_is_suddenly_empty_deletes_nothing(store: Store, notes: Notes, system: System) -> None:
    for number in range(5):
        notes.put(f"n{number}")
    read_notes(store, system, stream=SNAPSHOT)
    notes.rows.clear()
    notes.now += timedelta(minutes=1)
    read_notes(store, system, "no permission", stream=SNAPSHOT)
    assert len(_ids(store)) == 5


def test_parts_go_with_the_record_they_are_part_of(store: Store, notes: Notes, system: System) -> None:
    parents = replace(NOTES, name="parents")
    for name in ("7", "7-1", "7-2", "77-1"):
        notes.put(name, seconds=60)
    parts = replace(NOTES, part_of="parents")
    read_notes(store, system, stream=parts)
    read_notes(store, system, "parents", stream=parents)
    notes.gone["7"] = notes.now
    for name in ("7", "7-1", "7-2"):
        del notes.rows[name]
    notes.now += timedelta(minutes=1)
    read_notes(store, system, "deleted", stream=parents)
    notes.gone.clear()
    notes.now += timedelta(minutes=1)
    read_notes(store, system, "parts", stream=parts)
    states = {state["name"]: state["stream_id"] for state in stream_states(store)}
    # 7 itself was read into this list too and is no part of 7
    assert sorted(stored_ids(store, states["notes"])[0]) == ["7", "77-1"]


def test_a_cursor_made_of_unreadable_text_moves_nothing(store: Store, notes: Notes, system: System) -> None:
    for number in range(4):
        notes.put(f"n{number}", seconds=100 - number)
    page = b'{"notes":[{"id":"\\udc00","updated_at":1782820700,"total":1,"currency":"EUR"}],"more":true}'
    notes.answer_instead[:] = [Answer(headers={"Date": "Tue, 30 Jun 2026 12:00:00 GMT"}), Answer(body=page)]
    with pytest.raises(ContractError, match="the cursor cannot be read"):
        read_notes(store, system)
    assert _count(store, "raw.page") == 0
    read_notes(store, system)
    assert _ids(store) == ["n0", "n1", "n2", "n3"]
