"""Pages whose very records are known are passed over, and never when one of their records stands otherwise."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from sync_assets.connect import extract
from sync_assets.connect.spec import Page, Stream, System
from sync_assets.store.engine import Store
from sync_assets_tests.connect.ledger_system import NOTES, Notes, served
from sync_assets_tests.connect.test_extract import read_notes


@pytest.fixture
def notes() -> Notes:
    """Eight notes; pages of three make them n0 to n2, n3 to n5, n6 and n7."""
    source = Notes()
    for number in range(8):
        source.put(f"n{number}", seconds=100 - number)
    return source


@pytest.fixture
def system(notes: Notes) -> Iterator[System]:
    with served(notes) as served_system:
        yield served_system


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many records were taken apart, page by page; they are taken apart as ever."""
    counts: list[int] = []
    taken_apart = extract.digest

    def counted(stream: Stream, page: Page, opened_at: object) -> object:
        counts.append(len(page.records))
        return taken_apart(stream, page, opened_at)  # type: ignore[arg-type]

    monkeypatch.setattr(extract, "digest", counted)
    return counts


def _totals(store: Store) -> dict[str, int]:
    """Of each record its number of versions."""
    with store.begin() as connection:
        rows = connection.execute(text("SELECT record_id, count(*) AS n FROM raw.version GROUP BY record_id")).all()
    return {row.record_id: row.n for row in rows}


def _is_gone(store: Store, name: str) -> bool:
    with store.begin() as connection:
        found = text("SELECT is_deleted FROM raw.head WHERE record_id = :name")
        return bool(connection.execute(found, {"name": name}).scalar_one())


def test_a_second_read_of_the_same_records_looks_at_none_of_them(
    store: Store, notes: Notes, system: System, looked_at: list[int]
) -> None:
    read_notes(store, system)
    assert looked_at == [3, 3, 2]
    again = read_notes(store, system, "second", full=True)
    assert looked_at == [3, 3, 2], "nothing was taken apart again"
    assert again.window is not None
    assert (again.window.pages, again.window.records, again.window.changed) == (3, 8, 0)
    assert again.complete_through == notes.now - timedelta(seconds=NOTES.lateness_s)


def test_a_page_with_one_changed_record_is_looked_at_once_and_known_again_after_that(
    store: Store, notes: Notes, system: System, looked_at: list[int]
) -> None:
    read_notes(store, system)
    looked_at.clear()
    # the stamp stays, as with a change that a vendor does not stamp: the page keeps its place
    notes.rows["n4"]["total"] = 250
    read_notes(store, system, "second", full=True)
    assert looked_at == [3]
    assert _totals(store)["n4"] == 2
    read_notes(store, system, "third", full=True)
    assert looked_at == [3]


def test_a_record_that_came_back_as_it_was_is_no_known_one(
    store: Store, notes: Notes, system: System, looked_at: list[int]
) -> None:
    read_notes(store, system)
    notes.rows["n1"]["total"] = 999
    read_notes(store, system, "second", full=True)
    notes.rows["n1"]["total"] = 100
    looked_at.clear()
    read_notes(store, system, "third", full=True)
    # the page of the first read is there word for word, but its n1 was replaced since
    assert looked_at == [3]
    assert _totals(store)["n1"] == 3


def test_a_deleted_record_that_is_listed_again_lives_again(store: Store, notes: Notes, system: System) -> None:
    read_notes(store, system)
    notes.gone["n1"] = notes.now
    row = notes.rows.pop("n1")
    notes.now += timedelta(seconds=5)
    read_notes(store, system, "second")
    assert _is_gone(store, "n1")
    del notes.gone["n1"]
    notes.rows["n1"] = row | {"updated_at": int(notes.now.timestamp()) + 1}
    notes.now += timedelta(seconds=10)
    read_notes(store, system, "third", full=True)
    assert not _is_gone(store, "n1")


def test_a_page_with_a_record_that_cannot_be_read_is_never_known(
    store: Store, notes: Notes, system: System, looked_at: list[int]
) -> None:
    notes.rows["n4"]["total"] = float("nan")
    read_notes(store, system)
    looked_at.clear()
    again = read_notes(store, system, "second", full=True)
    assert looked_at == [3]
    assert again.window is not None
    assert again.window.rejected == 1


def test_records_are_looked_at_again_when_a_stream_reads_them_otherwise(
    store: Store, notes: Notes, system: System, looked_at: list[int]
) -> None:
    for row in notes.rows.values():
        row["revision"] = 7
    read_notes(store, system)
    looked_at.clear()
    read_notes(store, system, "second", full=True, stream=replace(NOTES, version="revision"))
    assert looked_at == [3, 3, 2]


def test_the_envelope_around_known_records_does_not_count(
    store: Store, notes: Notes, system: System, looked_at: list[int]
) -> None:
    read_notes(store, system)
    looked_at.clear()
    notes.spoil = ('"more":', '"asked": "again",  "more":')
    read_notes(store, system, "second", full=True)
    assert looked_at == []
