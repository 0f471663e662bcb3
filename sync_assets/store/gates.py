"""Gates as rows, and the tables they look at: outcomes are written by the gate and asserted by every reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, text

from sync_assets.model.errors import SyncError
from sync_assets.store.engine import Store
from sync_assets.store.overrides import overrides
from sync_assets.store.tables import gate

PASSED, WARNED, BLOCKED, OVERRIDDEN = "passed", "warned", "blocked", "overridden"

KEYS_SHOWN = 20
"""Failing keys that a check lists; the dead letters and the break list have them all."""

DISCARD_TEMPORARY = text("DISCARD TEMP")
"""Ends the temporary tables of a connection that goes on being used."""


class BlockedError(SyncError):
    """A gate above is closed; look at its check, mend the cause or override it, then run again."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a gate decided about an asset, ready to be kept."""

    asset: str
    check_name: str
    run_id: str
    outcome: str
    explanation: Mapping[str, Any]


_LATEST = text("""
    SELECT DISTINCT ON (asset, check_name) asset, check_name, outcome FROM sync.gate
    WHERE asset = ANY(:assets) ORDER BY asset, check_name, gate_id DESC
""")
_THROUGH = text("""
    SELECT coalesce(max((explanation ->> 'through')::bigint), 0) FROM sync.gate
    WHERE asset = :asset AND check_name = :check_name AND outcome <> 'blocked'
""")


def keep_decision(store: Store, decision: Decision) -> None:
    """Add a gate's decision."""
    with store.begin() as connection:
        connection.execute(insert(gate).values(**{**vars(decision), "explanation": dict(decision.explanation)}))


def assert_open(store: Store, assets: Sequence[str]) -> None:
    """BlockedError naming the assets whose latest decision is blocked and not overridden; ungated ones are open."""
    with store.begin() as connection:
        rows = connection.execute(_LATEST, {"assets": list(assets)}).all()
    closed = [row for row in rows if row.outcome == BLOCKED]
    let_pass = {row["asset"] for row in overrides(store)} if closed else set()
    named = sorted(f"{row.asset} ({row.check_name})" for row in closed if row.asset not in let_pass)
    if named:
        raise BlockedError(f"The gate of {', '.join(named)} is closed; see its check for what to do, then run again.")


def gated_through(store: Store, asset: str, check_name: str) -> int:
    """The last change that passed this gate."""
    with store.begin() as connection:
        return int(connection.execute(_THROUGH, {"asset": asset, "check_name": check_name}).scalar_one())


_DERIVED = {
    "invoice": (
        ", (SELECT w.net_minor + CASE WHEN w.net_minor = c.total_minor THEN 0"
        " ELSE coalesce(w.tax_minor, c.tax_minor) END FROM ("
        "SELECT sum(l.amount_minor) - coalesce(sum(l.discount_minor), 0) + coalesce(c.round_off_minor, 0) AS net_minor,"
        " sum(l.tax_minor) AS tax_minor FROM canonical.invoice_line l"
        " WHERE l.system = c.system AND l.invoice_id = c.record_id AND l.deleted_at IS NULL) w) AS lines_minor"
    ),
}
"""Columns that a business expectation needs and the table has not. Prices that hold their tax make the total alone;
where neither the lines nor the header say what the tax is, the lines cannot explain the total, and the sum is unknown.
"""


def changed_rows_query(entity: str, system: str, after: int) -> str:
    """The rows of an entity of one system that changed after a change number; names come from the model."""
    derived = _DERIVED.get(entity, "")
    return f"""SELECT c.*{derived} FROM canonical."{entity}" c
        WHERE c.system = '{system}' AND c.change_id > {int(after)} AND c.deleted_at IS NULL"""


WINDOW_QUERY = """
    SELECT w.window_id,
        (w.rejected + (SELECT count(*) FROM sync.dead_letter d WHERE d.stream_id = w.stream_id AND d.run_id = w.run_id
            AND d.entity <> ''))::float8 / greatest(w.records + w.rejected, 1) AS quarantined_share,
        CASE WHEN w.kind <> 'full' THEN 1 ELSE coalesce(w.records::float8 / nullif((
            SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY former.records) FROM (
                SELECT records FROM sync.window p WHERE p.stream_id = w.stream_id AND p.window_id < w.window_id
                    AND p.kind = 'full' AND p.closed_at IS NOT NULL ORDER BY p.window_id DESC LIMIT 5
            ) former), 0), 1) END AS volume_share
    FROM sync.window w
"""
"""One row per window: the share of its records that were set aside, and its volume against the last full reads."""


def window_query(window_id: int) -> str:
    """What a read as a whole looked like; volume means something for full reads only."""
    return f"{WINDOW_QUERY} WHERE w.window_id = {int(window_id)}"


def is_as_before(store: Store, window_id: int) -> bool:
    """Whether a read found everything that the last full reads found, and nothing new or unreadable."""
    statement = text(f"""SELECT w.quarantined_share = 0 AND w.volume_share >= 1
        AND (SELECT changed + rejected FROM sync.window v WHERE v.window_id = w.window_id) = 0
        FROM ({window_query(window_id)}) w""")
    with store.begin() as connection:
        return bool(connection.execute(statement).scalar_one())


def failing_keys(store: Store, query: str, wrong: str) -> list[str]:
    """Some record ids of the rows for which a condition holds, as evidence; never values."""
    statement = text(f"SELECT record_id FROM ({query}) rows WHERE {wrong} ORDER BY 1 LIMIT {KEYS_SHOWN}")
    with store.begin() as connection:
        return list(connection.execute(statement).scalars())
