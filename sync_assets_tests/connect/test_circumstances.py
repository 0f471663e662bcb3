"""What a run made copies with is kept, and what differs from the run before is found; real reads throughout."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from sync_assets.connect.circumstances import circumstances
from sync_assets.connect.conform import conform
from sync_assets.connect.spec import Column, Stream, System
from sync_assets.definitions import SYSTEMS
from sync_assets.store.circumstances import circumstances_changed, note_circumstances, schema_changed
from sync_assets.store.engine import Store
from sync_assets.store.streams import stream_states
from sync_assets_tests.connect.ledger_system import NOTES, Notes, served
from sync_assets_tests.connect.test_extract import read_notes


@pytest.fixture
def notes() -> Notes:
    return Notes(page_size=100)


@pytest.fixture
def system(notes: Notes) -> Iterator[System]:
    with served(notes) as served_system:
        yield served_system


def _copied(store: Store, notes: Notes, system: System, run_id: str, stream: Stream = NOTES) -> dict[str, object]:
    """What a run that finds one more note, an hour later, made copies with otherwise than the run before."""
    notes.now += timedelta(hours=1)
    notes.put(run_id)
    read_notes(store, system, run_id)
    (state,) = stream_states(store)
    assert conform(store, system, stream, stream_id=state["stream_id"], run_id=run_id).versions == 1
    return dict(circumstances_changed(store, "notes", "notes", run_id))


def _paid(system: System) -> tuple[System, Stream]:
    """The system with the total taken from another field."""
    (mapped,) = NOTES.mappings
    columns = (Column(name="total", path="paid", kind="integer"), *mapped.columns[1:])
    stream = replace(NOTES, mappings=(replace(mapped, columns=columns),))
    return replace(system, streams=(stream,)), stream


def test_the_first_run_and_one_that_reads_alike_changed_nothing(store: Store, notes: Notes, system: System) -> None:
    assert _copied(store, notes, system, "first") == {}
    assert _copied(store, notes, system, "second") == {}


def test_another_mapping_is_found_at_the_run_that_first_used_it_and_at_no_other(
    store: Store, notes: Notes, system: System
) -> None:
    _copied(store, notes, system, "first")
    other, stream = _paid(system)
    assert set(_copied(store, notes, other, "second", stream)) == {"mapping"}
    assert _copied(store, notes, other, "third", stream) == {}


def test_another_api_version_is_found_with_what_it_was(
    store: Store, notes: Notes, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    _copied(store, notes, system, "first")
    monkeypatch.setenv("SYNC_NOTES_API_VERSION", "2")
    assert _copied(store, notes, system, "second") == {"api_version": ("1", "2")}


def test_another_connector_and_another_release_are_told_apart(store: Store, notes: Notes, system: System) -> None:
    _copied(store, notes, system, "first")
    # the same notes read by the code in another folder: that of a vendor's connector
    moved = replace(system, read=SYSTEMS[0].read)
    assert circumstances(moved, NOTES).connector != circumstances(system, NOTES).connector
    known = circumstances(system, NOTES)
    with store.begin() as connection:
        (state,) = stream_states(store)
        newer = replace(known, connector="c2", release="r2")
        note_circumstances(connection, state["stream_id"], "second", newer)
    assert circumstances_changed(store, "notes", "notes", "second") == {
        "connector": (known.connector, "c2"),
        "release": (known.release, "r2"),
    }


def test_a_field_that_changes_its_type_is_told_at_the_run_that_read_it(
    store: Store, notes: Notes, system: System
) -> None:
    notes.put("a", remark="text")
    read_notes(store, system, "first")
    notes.now += timedelta(hours=1)
    notes.put("b", remark=7)
    read_notes(store, system, "second")
    assert schema_changed(store, "notes", "notes", "first") == []
    (found,) = schema_changed(store, "notes", "notes", "second")
    assert (found["field"], found["was"], found["became"]) == ("remark", "text", "number/text")
