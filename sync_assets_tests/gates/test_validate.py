"""A suite on a query: what does not hold, with counts; nothing of it stays in the database or in memory."""

import pytest
from sqlalchemy import text

from sync_assets.gates.expectations import Expectation
from sync_assets.gates.validate import validate
from sync_assets.store.engine import Store, locate

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
"""Great Expectations' own imports use what the standard library has deprecated."""

ROWS = "SELECT i AS record_id, CASE WHEN mod(i, 4) = 0 THEN NULL ELSE i END AS total FROM generate_series(1, 20) i"
PRESENT = Expectation(kind="ExpectColumnValuesToNotBeNull", arguments={"column": "total"})
UNIQUE = Expectation(kind="ExpectColumnValuesToBeUnique", arguments={"column": "record_id"})


def _url() -> str:
    return locate().ours.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)


@pytest.mark.usefixtures("store")
def test_only_what_does_not_hold_is_returned_with_its_count() -> None:
    (failure,) = validate(_url(), ROWS, [UNIQUE, PRESENT], "rows")
    # 4, 8, 12, 16 and 20 have no total
    assert (failure.expectation, failure.unexpected) == (PRESENT, 5)


def test_a_gate_leaves_no_table_and_no_connection_behind(store: Store) -> None:
    url = _url()
    for name in ("first", "second"):
        validate(url, ROWS, [UNIQUE], name)
    with store.begin() as connection:
        tables = connection.execute(text("SELECT count(*) FROM pg_class WHERE relpersistence = 't'")).scalar_one()
        others = connection.execute(
            text("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'great%' OR query LIKE '%gx_temp%'")
        ).scalar_one()
    assert (tables, others) == (0, 1), "the only query that names such tables is this one"


@pytest.mark.usefixtures("store")
def test_a_column_that_no_expectation_names_is_never_computed() -> None:
    costly = "SELECT i AS record_id, 1 / (i - i) AS costly FROM generate_series(1, 20) i"
    assert validate(_url(), costly, [UNIQUE], "rows") == []


def test_the_query_of_a_gate_runs_once(store: Store) -> None:
    counting = "SELECT nextval('canonical.change') AS record_id FROM generate_series(1, 20)"
    before = _next_change(store)
    assert validate(_url(), counting, [UNIQUE], "rows") == []
    # 20 rows, each made once, and the number asked for here
    assert _next_change(store) - before == 21


def _next_change(store: Store) -> int:
    with store.begin() as connection:
        return int(connection.execute(text("SELECT nextval('canonical.change')")).scalar_one())
