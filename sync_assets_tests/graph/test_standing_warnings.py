"""A gate's warning through real Dagster runs: it stands while its rows are wrong, whatever else runs in between."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest
from sqlalchemy import text

from sync_assets.connect.assets import GATE, canonical_key, system_assets
from sync_assets.connect.spec import Column, System
from sync_assets.gates.expectations import Expectation
from sync_assets.store.engine import Store
from sync_assets.store.resource import StoreResource
from sync_assets_tests.connect.ledger_system import NOTES, Notes, served

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
"""Great Expectations' own imports use what the standard library has deprecated."""

USED_UP = Expectation(
    kind="ExpectColumnPairValuesToBeEqual",
    arguments={"column_A": "total_minor", "column_B": "allocated_minor", "ignore_row_if": "either_value_is_missing"},
    entity="credit_note",
    warns=True,
)


@dataclass(frozen=True, kw_only=True)
class Running:
    """A source, and the check of its copies after one real run."""

    notes: Notes
    run: Callable[[], dg.AssetCheckEvaluation]


@pytest.fixture
def running(store: Store, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """Notes whose total should be allocated, read by their assets in an instance of the test's own."""
    notes = Notes(now=datetime.now(UTC).replace(microsecond=0))
    monkeypatch.setenv("SYNC_NOTES_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("SYNC_NOTES_API_KEY", "k")
    with served(notes) as served_system, dg.DagsterInstance.ephemeral() as instance:
        assets = system_assets(_with_what_is_used(served_system))

        def run() -> dg.AssetCheckEvaluation:
            notes.now += timedelta(hours=1)
            done = dg.materialize(
                assets,
                instance=instance,
                resources={"store": StoreResource()},
                partition_key=f"{notes.now:%Y-%m-%d}",
            )
            key = canonical_key("notes", "credit_note")
            (found,) = [item for item in done.get_asset_check_evaluations() if item.asset_key == key]
            return found

        yield Running(notes=notes, run=run)


def _with_what_is_used(system: System) -> System:
    (mapped,) = NOTES.mappings
    columns = (*mapped.columns, Column(name="allocated_minor", path="allocated", kind="integer"))

    def to(frame: pd.DataFrame) -> pd.DataFrame:
        return mapped.to(frame).assign(allocated_minor=frame["allocated_minor"])

    stream = replace(NOTES, mappings=(replace(mapped, columns=columns, to=to),), expectations=(USED_UP,))
    return replace(system, streams=(stream,))


def _said(check: dg.AssetCheckEvaluation) -> str:
    return str(check.metadata["still warned of"].value) if "still warned of" in check.metadata else ""


def test_a_warning_stands_through_runs_without_changes_until_its_rows_are_seen_right(
    running: Running, store: Store
) -> None:
    running.notes.put("right", total=100, allocated=100)
    for name in ("one", "two"):
        running.notes.put(name, total=100, allocated=90)
    first = running.run()
    assert (first.passed, first.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert _said(first).startswith("2 rows are not as expected, the first since ")
    # Nothing changed: the same two rows are still wrong.
    idle = running.run()
    assert (idle.passed, idle.metadata["rows looked at"].value) == (False, 0)
    assert _said(idle) == _said(first)
    # Another row changes and is right, one of the two is mended: one is left.
    running.notes.put("three", total=5, allocated=5)
    running.notes.put("one", total=100, allocated=100)
    mixed = running.run()
    assert (mixed.passed, mixed.metadata["rows looked at"].value) == (False, 2)
    assert _said(mixed).startswith("1 row is not as expected, the first since ")
    # The last one goes at its source: nothing is left to warn of.
    running.notes.gone["two"] = running.notes.now
    del running.notes.rows["two"]
    assert running.run().passed
    with store.begin() as connection:
        outcomes = connection.execute(
            text(
                "SELECT outcome FROM sync.gate WHERE asset LIKE 'canonical/%' AND check_name = :name ORDER BY gate_id"
            ),
            {"name": GATE},
        )
        assert outcomes.scalars().all() == ["warned", "warned", "warned", "passed"]
