"""A stored place that can never go on does not stop its stream for good; one that may go on is kept."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from sync_assets.connect.spec import Page, Stream, System, Window
from sync_assets.http.client import NO_DATA_MAX, Client
from sync_assets.model.errors import ContractError, SyncError, UnreachableError
from sync_assets.store.engine import Store
from sync_assets_tests.connect.ledger_system import NOON, Notes, served
from sync_assets_tests.connect.test_extract import _ids, read_notes
from sync_assets_tests.page_server import Answer

GONE = Answer(status=400, body=b'{"error":"cursor expired"}')
FAILED = Answer(status=501)


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def system(notes: Notes) -> Iterator[System]:
    with served(notes) as served_system:
        yield served_system


def stop_after_first_page(store: Store, notes: Notes, system: System, *, full: bool = False) -> None:
    """A run over seven notes that ends after the first of its three pages."""
    for number in range(7):
        notes.put(f"n{number}", seconds=100 - number)
    notes.after_page = lambda: notes.answer_instead.append(FAILED)
    with pytest.raises(UnreachableError):
        read_notes(store, system, "stopped", full=full)
    notes.after_page = lambda: None
    notes.now += timedelta(seconds=10)


def windows(store: Store) -> list[tuple[str, int]]:
    """Kind and pages of every window, in order."""
    query = text("SELECT kind, pages FROM sync.window ORDER BY window_id")
    with store.begin() as connection:
        return [(row.kind, row.pages) for row in connection.execute(query)]


@pytest.mark.parametrize("full", [False, True])
def test_a_place_that_the_vendor_refuses_is_given_up_and_everything_is_read(
    store: Store, notes: Notes, system: System, *, full: bool
) -> None:
    stop_after_first_page(store, notes, system)
    notes.answer_instead.append(GONE)
    outcome = read_notes(store, system, "next", full=full)
    assert outcome.window is not None
    assert windows(store) == [("abandoned", 1), ("full", 3)]
    assert len(_ids(store)) == 7


def test_an_incremental_read_begins_again_as_one(store: Store, notes: Notes, system: System) -> None:
    read_notes(store, system, "first")
    notes.now += timedelta(hours=1)
    stop_after_first_page(store, notes, system)
    notes.answer_instead.append(GONE)
    read_notes(store, system, "next")
    assert windows(store) == [("full", 1), ("abandoned", 1), ("incremental", 3)]
    assert len(_ids(store)) == 7


def test_a_backfill_begins_again_with_its_days(store: Store, notes: Notes, system: System) -> None:
    days = (NOON - timedelta(days=1), NOON)
    for number in range(7):
        notes.put(f"n{number}", seconds=100 - number)
    notes.after_page = lambda: notes.answer_instead.append(FAILED)
    with pytest.raises(UnreachableError):
        read_notes(store, system, "stopped", days=days)
    notes.after_page = lambda: None
    notes.answer_instead.append(GONE)
    outcome = read_notes(store, system, "next", days=days)
    assert outcome.window is not None
    assert (outcome.window.start_at, outcome.window.end_at) == days
    assert len(_ids(store)) == 7


def test_a_place_is_kept_when_the_beginning_is_refused_as_well(store: Store, notes: Notes, system: System) -> None:
    stop_after_first_page(store, notes, system)
    notes.answer_instead += [GONE, GONE]
    with pytest.raises(UnreachableError, match="HTTP 400"):
        read_notes(store, system, "no permission")
    read_notes(store, system, "permission again")
    assert windows(store) == [("full", 3)], "the second run goes on with the second page"


def test_a_vendor_that_refuses_every_second_page_is_asked_a_few_times_a_run(
    store: Store, notes: Notes, system: System
) -> None:
    stop_after_first_page(store, notes, system)
    requests = [0]

    def refuse_next() -> None:
        requests[0] += 1
        notes.answer_instead[:] = [GONE]

    notes.answer_instead[:] = [GONE]
    notes.after_page = refuse_next
    with pytest.raises(SyncError):
        read_notes(store, system, "next")
    # the stored place is refused, the beginning answered; what follows is refused and left for the next run
    assert requests[0] <= 2


def test_a_page_that_cannot_be_trusted_keeps_its_place_unless_all_is_asked_for(
    store: Store, notes: Notes, system: System
) -> None:
    stop_after_first_page(store, notes, system, full=True)
    stays_bad = [Answer(body=b"<html>")] * (NO_DATA_MAX + 1)
    notes.answer_instead += stays_bad
    with pytest.raises(ContractError, match="not JSON"):
        read_notes(store, system, "next")
    assert windows(store) == [("full", 1)]
    notes.answer_instead += stays_bad
    read_notes(store, system, "insist", full=True)
    assert windows(store) == [("abandoned", 1), ("full", 3)]


def test_a_place_in_a_form_of_another_version_is_given_up(store: Store, notes: Notes, system: System) -> None:
    stop_after_first_page(store, notes, system)
    with store.begin() as connection:
        connection.execute(text("UPDATE sync.window SET place = 'page two'"))

    def read(client: Client, stream: Stream, window: Window, place: str | None) -> Page:
        return system.read(client, stream, window, json.dumps(json.loads(place)) if place else None)

    read_notes(store, replace(system, read=read), "next")
    assert windows(store) == [("abandoned", 1), ("full", 3)]
