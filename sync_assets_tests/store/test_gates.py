"""What a gate may take for granted: only a read that is like the ones before it."""

import pytest
from sqlalchemy import insert, text

from sync_assets.definitions import SYSTEMS
from sync_assets.gates.expectations import entity_suite
from sync_assets.model.entities import ENTITIES
from sync_assets.store.engine import Store
from sync_assets.store.gate_warnings import is_wrong
from sync_assets.store.gates import is_as_before
from sync_assets.store.tables import stream, window


def _full_read(store: Store, *, records: int, changed: int = 0, rejected: int = 0) -> int:
    counts = {"records": records, "changed": changed, "rejected": rejected}
    instants = {name: text("now()") for name in ("end_at", "earliest_at", "closed_at")}
    with store.begin() as connection:
        statement = insert(window).values(stream_id=1, kind="full", run_id="r", **counts, **instants)
        return int(connection.execute(statement.returning(window.c.window_id)).scalar_one())


@pytest.fixture
def after_a_read(store: Store) -> Store:
    """A stream that was read in full once: 100 records, all of them new."""
    with store.begin() as connection:
        connection.execute(insert(stream).values(system="ledger", name="notes"))
    _full_read(store, records=100, changed=100)
    return store


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"records": 100}, True),
        ({"records": 101, "changed": 1}, False),
        ({"records": 99}, False),
        ({"records": 100, "rejected": 1}, False),
    ],
)
def test_only_a_read_that_found_the_same_again_needs_no_judging(
    after_a_read: Store, counts: dict[str, int], expected: bool
) -> None:
    assert is_as_before(after_a_read, _full_read(after_a_read, **counts)) is expected


def test_every_expectation_that_warns_can_tell_its_rows_apart() -> None:
    own = [item for system in SYSTEMS for stream in system.streams for item in stream.expectations]
    warning = [item for item in (*(e for name in ENTITIES for e in entity_suite(name)), *own) if item.warns]
    assert [is_wrong(item.kind, item.arguments) for item in warning] == ['"total_minor" <> "lines_minor"']
