"""The rows that gates let pass with a warning: noted when they are seen wrong, forgotten once they are seen right.

A warning is about rows, not about a run: the next run that has nothing to do must not wash it away. Not here: what a
gate expects (gates/expectations.py) and what it decided (gates.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from sync_assets.store.engine import Store

_WRONG: Mapping[str, str] = {
    "ExpectColumnPairValuesToBeEqual": '"{column_A}" <> "{column_B}"',
    "ExpectColumnValuesToNotBeNull": '"{column}" IS NULL',
    "ExpectColumnValuesToBeInSet": '"{column}" NOT IN ({value_set})',
}
"""Per kind of expectation on single rows, what is true of a row that fails it; names and values are the model's."""


@dataclass(frozen=True, kw_only=True)
class Warned:
    """How many rows stand under a gate's warning, and since when the oldest does."""

    rows: int
    since: datetime


def is_wrong(kind: str, arguments: Mapping[str, Any]) -> str:
    """The condition under which an expectation fails for a row; KeyError for a kind that is not about single rows."""
    values = ", ".join(f"'{value}'" for value in arguments.get("value_set", ()))
    return _WRONG[kind].format(**{**arguments, "value_set": values})


def note_warnings(store: Store, gate: tuple[str, str], query: str, wrong: Sequence[str], run_id: str) -> None:
    """Put the rows of a query for which one of the conditions holds under the warning of a gate (asset, check)."""
    statement = text(f"""
        INSERT INTO sync.gate_warning (asset, check_name, record_id, run_id)
        SELECT :asset, :check_name, record_id, :run_id FROM ({query}) looked_at WHERE {_either(wrong)}
        ON CONFLICT DO NOTHING
    """)
    with store.begin() as connection:
        connection.execute(statement, {**_named(gate), "run_id": run_id})


def standing_warnings(store: Store, gate: tuple[str, str], query: str, wrong: Sequence[str]) -> Warned | None:
    """What is left of a gate's warning once the rows that are right by now, or gone, are forgotten; None for nothing.

    `query` finds all rows that there are; only those under the warning are looked at.
    """
    forget = text(f"""
        WITH warned AS MATERIALIZED (
            SELECT record_id FROM sync.gate_warning WHERE asset = :asset AND check_name = :check_name
        )
        DELETE FROM sync.gate_warning w WHERE w.asset = :asset AND w.check_name = :check_name
            AND w.record_id NOT IN (
                SELECT record_id FROM ({query}) there
                WHERE record_id = ANY(ARRAY(SELECT record_id FROM warned)) AND ({_either(wrong)})
            )
    """)
    left = text("""
        SELECT count(*) AS rows, min(warned_at) AS since FROM sync.gate_warning
        WHERE asset = :asset AND check_name = :check_name
    """)
    with store.begin() as connection:
        if not connection.execute(left, _named(gate)).one().rows:
            return None
        connection.execute(forget, _named(gate))
        row = connection.execute(left, _named(gate)).one()
    return Warned(rows=row.rows, since=row.since) if row.rows else None


def _either(wrong: Sequence[str]) -> str:
    return " OR ".join(f"({condition})" for condition in wrong) or "false"


def _named(gate: tuple[str, str]) -> dict[str, str]:
    return {"asset": gate[0], "check_name": gate[1]}
