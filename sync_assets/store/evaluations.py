"""The statements of an evaluation: what changed since the last one, what is wrong, what waits, what was judged.

Not here: the ledger of breaks (store/ledger.py).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from sync_assets.model.entities import ENTITIES
from sync_assets.model.roles import ROLES
from sync_assets.store.integrity_tables import judged, waiting

EVALUATION_LOCK = 7_302_514
"""One evaluation at a time: it reads changes, judges them and writes the ledger in one transaction."""

LISTS = (*ROLES, "roots", "no_decimals", "three_decimals", "zoned", "zones")
"""Parameters that are lists of text; an empty one has no type of its own."""

_LISTS = re.compile(rf"(?<!:):({'|'.join(LISTS)})\b")


def begin_evaluation(connection: Connection) -> None:
    """Wait for a running evaluation to end."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": EVALUATION_LOCK})


def follow_keys(connection: Connection, *, only: bool) -> None:
    """Keep the planner to the indexes that lead from changed keys to their counterparts, or leave it free.

    With few keys the cost follows them whatever the planner believes; when everything is judged, scans and hashes pay.
    """
    settings = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
    chosen = ", ".join(f"set_config('{setting}', :chosen, true)" for setting in settings)
    connection.execute(text(f"SELECT {chosen}"), {"chosen": "off" if only else "on"})


def know_sizes(connection: Connection, entities: Sequence[str]) -> None:
    """Let the planner look at the copies before everything is judged.

    Of a small table it knows nothing until its own round comes; 200 subscriptions beside 4,000 invoice lines then cost
    a minute instead of a second.
    """
    tables = ", ".join(f'canonical."{ENTITIES[name].name}"' for name in entities)
    connection.execute(text(f"ANALYZE {tables}"))


def typed(statement: str) -> str:
    """The statement with its lists and its instant marked as such."""
    marked = _LISTS.sub(r"CAST(:\1 AS text[])", statement)
    return marked.replace(":now", "CAST(:now AS timestamptz)")


def changed_through(connection: Connection, entities: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Per entity, the last change taken and the last there is."""
    taken = {
        row.entity: row.change_id
        for row in connection.execute(text("SELECT entity, change_id FROM sync.consumed WHERE consumer = 'reconcile'"))
    }
    lasts = " UNION ALL ".join(
        f"SELECT '{name}' AS entity, coalesce(max(change_id), 0) AS last FROM canonical.\"{ENTITIES[name].name}\""
        for name in entities
    )
    last = {row.entity: row.last for row in connection.execute(text(lasts))} if entities else {}
    return {name: (taken.get(name, 0), last[name]) for name in entities}


def consume(connection: Connection, through: Mapping[str, int]) -> None:
    """Remember through which change each entity was judged."""
    statement = text("""
        INSERT INTO sync.consumed (consumer, entity, change_id) VALUES ('reconcile', :entity, :change_id)
        ON CONFLICT (consumer, entity) DO UPDATE SET change_id = excluded.change_id
    """)
    if through:
        connection.execute(statement, [{"entity": name, "change_id": last} for name, last in through.items()])


def wrong_rows(connection: Connection, select: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows a rule calls wrong."""
    return [dict(row) for row in connection.execute(text(typed(select)), parameters).mappings()]


def rules_standing(connection: Connection, rules: Sequence[str]) -> set[str]:
    """The rules with an open break or something that waits: the others have nothing to renew and nothing to close."""
    statement = text("""
        SELECT rule FROM unnest(CAST(:rules AS text[])) AS rule
        WHERE EXISTS (SELECT FROM integrity.breaks b WHERE b.rule = rule.rule AND b.closed_at IS NULL)
            OR EXISTS (SELECT FROM integrity.waiting w WHERE w.rule = rule.rule)
    """)
    return set(connection.execute(statement, {"rules": list(rules)}).scalars())


def roots_due(connection: Connection, rule: str, complete_through: datetime | None) -> list[str]:
    """Roots whose verdict waited for time to pass, and for which it now has; all that wait when None."""
    statement = text("""
        SELECT root_id FROM integrity.waiting WHERE rule = :rule
            AND due_at <= coalesce(CAST(:complete_through AS timestamptz), 'infinity')
    """)
    return list(connection.execute(statement, {"rule": rule, "complete_through": complete_through}).scalars())


def roots_open(connection: Connection, rule: str) -> list[str]:
    """Roots with an open break."""
    statement = text("SELECT DISTINCT root_id FROM integrity.breaks WHERE rule = :rule AND closed_at IS NULL")
    return list(connection.execute(statement, {"rule": rule}).scalars())


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
                set_={name: statement.excluded[name] for name in ("root_id", "verdict", "happened_at", "due_at")},
            )
        )


def age_waiting(connection: Connection) -> None:
    """What happened before everything its rule needs was read is no longer unknowable, but on its way."""
    statement = text("""
        UPDATE integrity.waiting w SET verdict = 'IN_FLIGHT' FROM integrity.judged j
        WHERE j.rule = w.rule AND w.verdict = 'UNKNOWABLE' AND w.happened_at <= j.complete_through
    """)
    connection.execute(statement)


def judged_rules(connection: Connection) -> dict[str, str]:
    """The fingerprint with which each rule was judged last; empty for one that could not be judged."""
    statement = text("SELECT rule, fingerprint FROM integrity.judged WHERE unknowable IS NULL")
    return {row.rule: row.fingerprint for row in connection.execute(statement)}


def unknowable_rules(connection: Connection) -> dict[str, str]:
    """The rules that could not be judged when last asked, each with what it lacks."""
    statement = text("SELECT rule, unknowable FROM integrity.judged WHERE unknowable IS NOT NULL ORDER BY rule")
    return {row.rule: row.unknowable for row in connection.execute(statement)}


def note_judged(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Remember of rules that they were judged, or what they lacked."""
    if not rows:
        return
    statement = insert(judged)
    renewed = {name: statement.excluded[name] for name in rows[0] if name != "rule"}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["rule"], set_=renewed), [dict(row) for row in rows]
    )


_DUE = text("""
    SELECT max(w.due_at) FROM integrity.waiting w
    JOIN integrity.judged j ON j.rule = w.rule AND j.unknowable IS NULL
    WHERE w.due_at <= (SELECT min(s.complete_through) FROM sync.stream s
        WHERE s.system || '/' || s.name = ANY(j.streams))
""")


def due_through(connection: Connection) -> datetime | None:
    """The latest instant at which something fell due that the streams it needs are now complete through."""
    found: datetime | None = connection.execute(_DUE).scalar_one()
    return found
