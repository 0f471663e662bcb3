"""Raw versions become typed copies once; what cannot be typed is set aside, what changed keeps its history."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from sync_assets.connect.conform import Conformed, conform
from sync_assets.connect.spec import System
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


def _sync(store: Store, system: System, run_id: str = "run") -> Conformed:
    read_notes(store, system, run_id)
    (state,) = stream_states(store)
    return conform(store, system, NOTES, stream_id=state["stream_id"], run_id=run_id)


def _copies(store: Store) -> dict[str, int]:
    with store.begin() as connection:
        rows = connection.execute(
            text("SELECT record_id, total_minor FROM canonical.credit_note WHERE deleted_at IS NULL")
        )
        return {row.record_id: row.total_minor for row in rows}


def test_every_record_becomes_a_copy_with_its_stamp_and_run(store: Store, notes: Notes, system: System) -> None:
    notes.put("a", total=100)
    notes.put("b", total=250)
    done = _sync(store, system)
    assert done.changed["credit_note"] == 2
    assert _copies(store) == {"a": 100, "b": 250}


def test_conforming_again_changes_nothing(store: Store, notes: Notes, system: System) -> None:
    notes.put("a")
    _sync(store, system)
    assert _sync(store, system).versions == 0


def test_a_new_version_that_means_the_same_leaves_the_copy_alone(store: Store, notes: Notes, system: System) -> None:
    notes.put("a", total=100)
    _sync(store, system)
    notes.now += timedelta(hours=1)
    notes.put("a", total=100, remark="nothing that we map")
    done = _sync(store, system)
    assert (done.versions, done.changed["credit_note"]) == (1, 0)


def test_a_replaced_copy_is_kept_with_the_time_it_was_known(store: Store, notes: Notes, system: System) -> None:
    notes.put("a", total=100)
    _sync(store, system, "first")
    notes.now += timedelta(hours=1)
    notes.put("a", total=120)
    _sync(store, system, "second")
    assert _copies(store) == {"a": 120}
    with store.begin() as connection:
        former = connection.execute(
            text("SELECT total_minor, run_id, known_to FROM canonical.credit_note_history")
        ).one()
    assert (former.total_minor, former.run_id, former.known_to) == (100, "first", notes.now)


def test_a_deleted_record_is_marked_and_its_copy_kept(store: Store, notes: Notes, system: System) -> None:
    notes.put("a")
    _sync(store, system)
    del notes.rows["a"]
    notes.gone["a"] = notes.now
    notes.now += timedelta(minutes=1)
    _sync(store, system)
    assert _copies(store) == {}
    with store.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM canonical.credit_note")).scalar_one() == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"total": "many"}, "type"),
        ({"total": 1.5}, "type"),
        ({"total": None}, "missing_field"),
        ({"total": 10**19}, "number_size"),
        ({"currency": "EURO"}, "currency"),
        ({"currency": "eur"}, "currency"),
    ],
)
def test_a_row_that_cannot_be_typed_is_set_aside_and_comes_back_when_mended(
    store: Store, notes: Notes, system: System, row: dict[str, object], reason: str
) -> None:
    notes.put("bad", **{"total": 1, **row})
    notes.put("good", total=7)
    done = _sync(store, system)
    assert done.rejected["credit_note"] == 1
    assert _copies(store) == {"good": 7}
    with store.begin() as connection:
        letter = connection.execute(text("SELECT record_id, reason, resolved_at FROM sync.dead_letter")).one()
    assert (letter.record_id, letter.reason, letter.resolved_at) == ("bad", reason, None)
    notes.now += timedelta(minutes=5)
    notes.put("bad", total=3)
    _sync(store, system)
    assert _copies(store) == {"good": 7, "bad": 3}
    with store.begin() as connection:
        open_letters = connection.execute(
            text("SELECT count(*) FROM sync.dead_letter WHERE resolved_at IS NULL")
        ).scalar_one()
    assert open_letters == 0


def test_a_nul_character_in_a_text_is_made_visible(store: Store, notes: Notes, system: System) -> None:
    notes.put("a\x00b")
    _sync(store, system)
    with store.begin() as connection:
        assert connection.execute(text("SELECT customer_id FROM canonical.credit_note")).scalar_one() == "a\\u0000b"
