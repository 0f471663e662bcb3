"""What a gate decided is told until there is something else to look at."""

from typing import Any

import dagster as dg
import pytest

from sync_assets.gates.checks import Plan, gate_check
from sync_assets.gates.expectations import Expectation
from sync_assets.store.engine import Store
from sync_assets.store.resource import StoreResource

KEY = dg.AssetKey(["canonical", "acme", "invoice"])
TWO_ROWS = "SELECT 1 AS n, 'a' AS record_id UNION ALL SELECT 20, 'b'"
SMALL = Expectation(
    kind="ExpectColumnValuesToBeBetween",
    arguments={"column": "n", "max_value": 10},
    advice="Look at what is large.",
    warns=True,
)


@pytest.fixture
def look(store: Store) -> Any:
    """Runs the gate as Dagster does, with a plan; returns what its check says."""

    def run(plan: Plan | None) -> dg.AssetCheckEvaluation:
        @dg.asset(key=KEY)
        def invoice() -> None: ...

        check = gate_check(KEY, "gate", [SMALL], lambda _store: plan)
        done = dg.materialize([invoice, check], resources={"store": StoreResource()})
        (said,) = done.get_asset_check_evaluations()
        return said

    return run


def test_a_warning_stands_while_nothing_changes_and_goes_once_rows_are_right(look: Any) -> None:
    warned = look(Plan(query=TWO_ROWS, rows=2, through=7))
    assert not warned.passed
    for _ in range(2):
        again = look(Plan(query=TWO_ROWS, rows=0, through=7))
        assert not again.passed
        assert again.severity == dg.AssetCheckSeverity.WARN
        assert "unchanged since" in again.metadata
        assert again.metadata["what failed"].records[0].data["how many"] == "1", "one of the two rows was over ten"
    assert look(Plan(query="SELECT 1 AS n, 'a' AS record_id", rows=1, through=9)).passed
    assert look(None).passed


def test_nothing_to_look_at_is_no_warning(look: Any) -> None:
    said = look(None)
    assert said.passed
    assert said.metadata["rows looked at"].value == 0
