"""The statements of reconciliation: what changed, what is wrong, and the ledger of breaks with its life."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from sync_assets.model.entities import ENTITIES
from sync_assets.store.integrity_tables import break_event, breaks, waiting

EVALUATION_LOCK = 7_302_514
"""One evaluation at a time: it reads changes, judges them and writes the ledger in one transaction."""


def begin_evaluation(connection: Connection) -> None:
    """Wait for a running evaluation to end, and keep the planner to the indexes that follow the changed keys."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": EVALUATION_LOCK})


def changed_through(connection: Connection, entities: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Per entity, the last change taken and the last there is."""
    taken = {
        row.entity: row.change_id
        for row in connection.execute(text("SELECT entity, change_id FROM sync.consumed WHERE consumer = 'reconcile'"))
    }
    result = {}
    for name in entities:
        table = f'canonical."{ENTITIES[name].name}"'
        last = connection.execute(text(f"SELECT coalesce(max(change_id), 0) FROM {table}")).scalar_one()
        result[name] = (taken.get(name, 0), int(last))
    return result


def consume(connection: Connection, through: Mapping[str, int]) -> None:
    """Remember through which change each entity was judged."""
    statement = text("""
        INSERT INTO sync.consumed (consumer, entity, change_id) VALUES ('reconcile', :entity, :change_id)
        ON CONFLICT (consumer, entity) DO UPDATE SET change_id = excluded.change_id
    """)
    connection.execute(statement, [{"entity": name, "change_id": last} for name, last in through.items()])


def touched_roots(
    connection: Connection, entity: str, select: str, join: str, parameters: Mapping[str, Any]
) -> list[str]:
    """The record ids that a select expression finds for changed rows `c` of an entity."""
    joined = re.sub(r"(?<!:):(crm|billing|payments|erp|product)\b", r"CAST(:\1 AS text[])", join)
    statement = text(f"""
        SELECT DISTINCT {select} AS root FROM canonical."{ENTITIES[entity].name}" c {joined}
        WHERE c.change_id > :after AND c.change_id <= :through AND c.system = ANY(:touched)
    """)
    return [root for root in connection.execute(statement, parameters).scalars() if root]


def wrong_rows(connection: Connection, select: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows a rule calls wrong."""
    return [dict(row) for row in connection.execute(text(select), parameters).mappings()]


def open_breaks(connection: Connection, rule: str, roots: Sequence[str] | None) -> dict[str, dict[str, Any]]:
    """The open breaks of a rule, by id; `roots` limits them to some roots."""
    statement = text("""
        SELECT * FROM integrity.breaks WHERE rule = :rule AND closed_at IS NULL
            AND (:everything OR root_id = ANY(:roots))
    """)
    bound = {"rule": rule, "everything": roots is None, "roots": list(roots or ())}
    return {row["break_id"]: dict(row) for row in connection.execute(statement, bound).mappings()}


def roots_due(connection: Connection, rule: str, complete_through: datetime) -> list[str]:
    """Roots whose verdict waited for time to pass, and for which it now has; and those of breaks that are open."""
    statement = text("""
        SELECT root_id FROM integrity.waiting WHERE rule = :rule AND due_at <= :complete_through
        UNION SELECT root_id FROM integrity.breaks WHERE rule = :rule AND closed_at IS NULL
    """)
    return list(connection.execute(statement, {"rule": rule, "complete_through": complete_through}).scalars())


def replace_waiting(
    connection: Connection, rule: str, roots: Sequence[str] | None, rows: Sequence[Mapping[str, Any]]
) -> None:
    """What of these roots waits from now on, and until when."""
    connection.execute(
        text("DELETE FROM integrity.waiting WHERE rule = :rule AND (:everything OR root_id = ANY(:roots))"),
        {"rule": rule, "everything": roots is None, "roots": list(roots or ())},
    )
    if rows:
        statement = insert(waiting).values([{"rule": rule, **row} for row in rows])
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["rule", "break_id"],
                set_={"due_at": statement.excluded.due_at, "verdict": statement.excluded.verdict},
            )
        )


def write_breaks(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Open breaks, or renew what is known of open ones; `opened_at` and the first divergence stay what they were."""
    if not rows:
        return
    statement = insert(breaks).values([dict(row) for row in rows])
    kept = {"break_id", "opened_at", "diverged_at", "run_id", "caused_by"}
    renewed = {column.name: statement.excluded[column.name] for column in breaks.columns if column.name not in kept}
    reopened = {
        name: text(f"CASE WHEN breaks.closed_at IS NULL THEN breaks.{name} ELSE excluded.{name} END")
        for name in ("opened_at", "diverged_at", "run_id")
    }
    connection.execute(statement.on_conflict_do_update(index_elements=["break_id"], set_={**renewed, **reopened}))


def close_breaks(connection: Connection, break_ids: Sequence[str], closed_at: datetime) -> None:
    """Close breaks whose copies agree again."""
    connection.execute(
        text("UPDATE integrity.breaks SET closed_at = :closed_at WHERE break_id = ANY(:break_ids)"),
        {"break_ids": list(break_ids), "closed_at": closed_at},
    )


def add_events(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """What happened to breaks."""
    if rows:
        connection.execute(insert(break_event), [dict(row) for row in rows])


def explain_symptoms(connection: Connection, causes: Sequence[tuple[str, str]]) -> None:
    """Point each open symptom to its open cause on the same record, and put the money at the root alone."""
    connection.execute(text("UPDATE integrity.breaks SET caused_by = NULL WHERE closed_at IS NULL"))
    statement = text("""
        UPDATE integrity.breaks symptom SET caused_by = (
            SELECT cause.break_id FROM integrity.breaks cause
            WHERE cause.class = :cause AND cause.closed_at IS NULL AND cause.break_id <> symptom.break_id
                AND cause.customer_id IS NOT DISTINCT FROM symptom.customer_id
                AND EXISTS (SELECT FROM jsonb_array_elements(cause.records) a
                    JOIN jsonb_array_elements(symptom.records) b ON a = b)
            ORDER BY cause.opened_at, cause.break_id LIMIT 1)
        WHERE symptom.class = :symptom AND symptom.closed_at IS NULL AND symptom.caused_by IS NULL
    """)
    for cause, symptom in causes:
        connection.execute(statement, {"cause": cause, "symptom": symptom})


def customers_by_copy(connection: Connection, customer_ids: Sequence[str]) -> dict[str, str]:
    """The linked customer of each `system:record_id`, as the identity layer knows it."""
    statement = text("""
        SELECT system || ':' || record_id AS copy, customer_id FROM identity.customer
        WHERE system || ':' || record_id = ANY(:ids)
    """)
    return {row.copy: row.customer_id for row in connection.execute(statement, {"ids": list(customer_ids)})}
