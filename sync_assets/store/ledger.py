"""The ledger of breaks as an evaluation writes it: opened, changed, closed, reopened, and which explains which."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from sync_assets.store.integrity_tables import break_event, break_record, breaks

_KNOWN = text("""
    SELECT * FROM integrity.breaks WHERE rule = :rule
        AND (break_id = ANY(:break_ids) OR (closed_at IS NULL AND (:everything OR root_id = ANY(:roots))))
""")


def known_breaks(
    connection: Connection, rule: str, roots: Sequence[str] | None, break_ids: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """The open breaks of a rule's roots (all when None), and what is known of these breaks, open or closed."""
    bound = {"rule": rule, "everything": roots is None, "roots": list(roots or ()), "break_ids": list(break_ids)}
    return {row["break_id"]: dict(row) for row in connection.execute(_KNOWN, bound).mappings()}


def write_breaks(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Open breaks, or renew what is known of them; the caller says since when each is open and where it diverged."""
    if not rows:
        return
    statement = insert(breaks)
    kept = {"break_id", "caused_by"}
    renewed = {column.name: statement.excluded[column.name] for column in breaks.columns if column.name not in kept}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["break_id"], set_=renewed), [dict(row) for row in rows]
    )
    ids = [row["break_id"] for row in rows]
    connection.execute(text("DELETE FROM integrity.break_record WHERE break_id = ANY(:ids)"), {"ids": ids})
    named = {(row["break_id"], item["system"], item["record_id"]) for row in rows for item in row["records"]}
    if named:
        columns = ("break_id", "system", "record_id")
        connection.execute(insert(break_record), [dict(zip(columns, each, strict=True)) for each in sorted(named)])


def close_breaks(connection: Connection, break_ids: Sequence[str], closed_at: datetime) -> None:
    """Close breaks whose copies agree again."""
    if break_ids:
        connection.execute(
            text("UPDATE integrity.breaks SET closed_at = :closed_at WHERE break_id = ANY(:break_ids)"),
            {"break_ids": list(break_ids), "closed_at": closed_at},
        )


def add_events(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """What happened to breaks."""
    if rows:
        connection.execute(insert(break_event), [dict(row) for row in rows])


_EXPLAIN = text("""
    WITH neighbour AS MATERIALIZED (
        SELECT unnest(CAST(:break_ids AS text[])) AS break_id
        UNION
        SELECT other.break_id FROM integrity.break_record mine
        JOIN integrity.break_record other ON other.system = mine.system AND other.record_id = mine.record_id
        WHERE mine.break_id = ANY(:break_ids)
    ), explained AS MATERIALIZED (
        SELECT s.break_id, s.caused_by AS known, cause.break_id AS caused_by
        FROM neighbour n
        CROSS JOIN LATERAL (SELECT b.* FROM integrity.breaks b WHERE b.break_id = n.break_id OFFSET 0) s
        LEFT JOIN LATERAL (
            SELECT c.break_id
            FROM (
                SELECT DISTINCT other.break_id FROM integrity.break_record mine
                JOIN integrity.break_record other ON other.system = mine.system AND other.record_id = mine.record_id
                WHERE mine.break_id = s.break_id AND other.break_id <> s.break_id
                OFFSET 0
            ) near
            CROSS JOIN LATERAL (SELECT b.* FROM integrity.breaks b WHERE b.break_id = near.break_id OFFSET 0) c
            JOIN unnest(CAST(:causes AS text[]), CAST(:symptoms AS text[])) WITH ORDINALITY edge (cause, symptom, place)
                ON edge.cause = c.class AND edge.symptom = s.class
            WHERE c.closed_at IS NULL
            ORDER BY edge.place, c.diverged_at, c.break_id LIMIT 1
        ) cause ON true
        WHERE s.closed_at IS NULL
    )
    UPDATE integrity.breaks b SET caused_by = e.caused_by FROM explained e
    WHERE b.break_id = e.break_id AND e.known IS DISTINCT FROM e.caused_by
""")
"""`OFFSET 0` keeps each break from being looked for among all that are open."""

MANY = 100
"""So many breaks are worth a look of the planner at the ledger: where it believes that there are none, as there were
when it last looked, it goes through everything for each of them, and a night that opens thousands takes hours."""


def explain_symptoms(connection: Connection, causes: Sequence[tuple[str, str]], break_ids: Sequence[str]) -> None:
    """Point open symptoms to the open cause they share a record with; only breaks near these may have changed.

    `causes` are (cause, symptom) classes, the more telling first. A symptom whose cause closed becomes a root.
    """
    if len(break_ids) > MANY:
        connection.execute(text("ANALYZE integrity.breaks, integrity.break_record"))
    if break_ids:
        bound = {
            "break_ids": list(break_ids),
            "causes": [cause for cause, _ in causes],
            "symptoms": [symptom for _, symptom in causes],
        }
        connection.execute(_EXPLAIN, bound)


def customers_by_copy(connection: Connection, customer_ids: Iterable[str | None]) -> dict[str, str]:
    """The linked customer of each `system:record_id`, as the identity layer knows it."""
    parts = [name.partition(":") for name in sorted({name for name in customer_ids if name})]
    statement = text("""
        SELECT i.system || ':' || i.record_id AS copy, i.customer_id
        FROM unnest(CAST(:systems AS text[]), CAST(:record_ids AS text[])) AS wanted (system, record_id)
        JOIN identity.customer i ON i.system = wanted.system AND i.record_id = wanted.record_id
    """)
    bound = {"systems": [system for system, _, _ in parts], "record_ids": [record_id for _, _, record_id in parts]}
    return {row.copy: row.customer_id for row in connection.execute(statement, bound)} if parts else {}
