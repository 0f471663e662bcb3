"""What a gate says of rows that are not as expected: what was expected in words, how many, which, and no value."""

import dagster as dg
import pytest

from sync_assets.gates.checks import Plan, decide
from sync_assets.gates.expectations import Expectation
from sync_assets.store.engine import Store

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ROWS = """
    SELECT 'inv_' || i AS record_id, CASE WHEN i > 18 THEN 'weird' ELSE 'paid' END AS status,
        CASE WHEN i = 7 THEN NULL ELSE 'EUR' END AS currency, 100 AS total, 100 + i / 20 AS lines
    FROM generate_series(1, 20) i
"""
SUITE = (
    Expectation(kind="ExpectColumnValuesToBeInSet", arguments={"column": "status", "value_set": ["open", "paid"]}),
    Expectation(kind="ExpectColumnValuesToNotBeNull", arguments={"column": "currency"}),
    Expectation(
        kind="ExpectColumnPairValuesToBeEqual", arguments={"column_A": "total", "column_B": "lines"}, warns=True
    ),
)


def test_every_row_that_fails_is_named_whatever_was_expected_of_it(store: Store) -> None:
    plan = Plan(query=ROWS, rows=20, whole=ROWS)
    decision, _ = decide(store, dg.AssetKey(["canonical", "erp", "invoice"]), "gate", SUITE, plan, "run-1")
    told = [(row["expected"], row["found"], row["which"], row["blocks"]) for row in decision.explanation["failed"]]
    assert told == [
        ("status is one of open, paid", "2 of 20 rows", "inv_19, inv_20", "yes"),
        ("every row has its currency", "1 of 20 rows", "inv_7", "yes"),
        ("total equals lines", "1 of 20 rows", "inv_20", "no"),
    ]
    assert "weird" not in str(decision.explanation)
