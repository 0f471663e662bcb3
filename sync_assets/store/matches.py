"""Records that no reference and no key links, whom they are like, and what people say of it.

Belongs here: what is kept of likeness and decided about it. Not here: who is compared (`sides`) and how
(identity/likeness.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from sync_assets.model.errors import SettingError
from sync_assets.store.engine import Store
from sync_assets.store.link_tables import link_event, match

_TAKEN = text("""
    SELECT coalesce((SELECT change_id FROM sync.consumed WHERE consumer = 'likeness' AND entity = 'customer'), 0)
        AS taken, coalesce((SELECT change_id FROM sync.consumed WHERE consumer = 'identity' AND entity = 'customer'), 0)
        AS through
""")
_TAKE = text("""
    INSERT INTO sync.consumed (consumer, entity, change_id) VALUES ('likeness', 'customer', :through)
    ON CONFLICT (consumer, entity) DO UPDATE SET change_id = excluded.change_id
""")


_KEEP = text("""
    WITH kept AS (
        INSERT INTO identity.match (system, record_id, node, state, weight, evidence, opened_at)
        SELECT system, record_id, node, state, weight, evidence, clock_timestamp()
        FROM jsonb_to_recordset(:rows)
            AS r (system text, record_id text, node text, state text, weight numeric, evidence jsonb)
        ON CONFLICT ON CONSTRAINT match_pair DO NOTHING RETURNING *
    ), told AS (
        INSERT INTO identity.event (event, system, record_id, became, made_by, match_id)
        SELECT 'linked', system, record_id, node, 'likeness', match_id FROM kept WHERE state = 'linked'
    )
    SELECT system, record_id FROM kept WHERE state = 'linked'
""").bindparams(bindparam("rows", type_=JSONB))


def changes_to_compare(store: Store) -> tuple[int, int]:
    """Through which change customers were compared, and through which they were linked."""
    with store.begin() as connection:
        row = connection.execute(_TAKEN).one()
    return int(row.taken), int(row.through)


def holders(store: Store, customer_ids: Sequence[str]) -> set[tuple[str, str]]:
    """Which systems have a record of which of these customers."""
    found = text("SELECT DISTINCT system, customer_id FROM identity.customer WHERE customer_id = ANY(:ids)")
    with store.begin() as connection:
        return {(row.system, row.customer_id) for row in connection.execute(found, {"ids": list(customer_ids)})}


def keep_matches(store: Store, matches: Sequence[Mapping[str, Any]], through: int) -> list[tuple[str, str]]:
    """Keep what was found alike, and through which change; returns the records that are linked by it.

    A pair that is known, whatever became of it, stays as it is: nothing is proposed twice.
    """
    with store.begin() as connection:
        linked = connection.execute(_KEEP, {"rows": list(matches)}).all() if matches else []
        connection.execute(_TAKE, {"through": through})
    return [(row.system, row.record_id) for row in linked]


_TASKS = text("""
    SELECT m.match_id, m.system, m.record_id, m.node, m.weight, m.evidence, m.opened_at
    FROM identity.match m JOIN identity.customer i ON i.system = m.system AND i.record_id = m.record_id
    WHERE m.state = 'asked' AND i.rule = 'own'
    ORDER BY m.weight DESC, m.match_id LIMIT :limit
""")


def tasks(store: Store, limit: int) -> list[dict[str, Any]]:
    """Pairs that a person should decide, the likeliest first; those whose record was linked since are left out."""
    with store.begin() as connection:
        return [dict(row) for row in connection.execute(_TASKS, {"limit": limit}).mappings()]


def decide(store: Store, match_id: int, state: str, words: Mapping[str, str | None]) -> tuple[str, str]:
    """Accept or reject a pair that is asked about; returns its record.

    Raises:
        SettingError: there is no such open question.
    """
    with store.begin() as connection:
        row = (
            connection.execute(
                update(match)
                .where(match.c.match_id == match_id, match.c.state == "asked")
                .values(
                    state=state, decided_at=func.clock_timestamp(), decided_by=words["made_by"], reason=words["reason"]
                )
                .returning(*match.c)
            )
            .mappings()
            .one_or_none()
        )
        if row is None:
            raise SettingError(f"There is no open task {match_id}; `sync-assets identity tasks` lists them.")
        _tell(connection, state, dict(row), words)
    return row["system"], row["record_id"]


def split_off(store: Store, record: tuple[str, str], words: Mapping[str, str | None]) -> None:
    """Let a record stand alone whatever it names; SettingError when there is no such customer record."""
    row = {"system": record[0], "record_id": record[1], "node": "", "state": "split", "evidence": {}}
    with store.begin() as connection:
        known = text("SELECT FROM identity.customer WHERE system = :system AND record_id = :record_id")
        if connection.execute(known, row).first() is None:
            raise SettingError(f"There is no customer record {record[0]}:{record[1]}; write it as system:id.")
        split = upsert(match).values(**row, opened_at=func.clock_timestamp())
        kept = split.on_conflict_do_update(constraint="match_pair", set_={"state": "split"}).returning(match.c.match_id)
        _tell(connection, "split", {**row, "match_id": connection.execute(kept).scalar_one()}, words)


_UNDONE = {"linked": "rejected", "accepted": "asked", "rejected": "asked", "split": "undone"}
"""What becomes of a pair when what was decided is taken back: a link that likeness made is not made again."""


def undo(store: Store, event_id: int, words: Mapping[str, str | None]) -> tuple[str, str]:
    """Take a decision back; returns its record.

    Raises:
        SettingError: there is no such event, it is no decision, or another was made since.
    """
    with store.begin() as connection:
        event = connection.execute(select(link_event).where(link_event.c.event_id == event_id)).mappings().one_or_none()
        if event is None or event["event"] not in _UNDONE:
            raise SettingError(f"Event {event_id} is no decision; `sync-assets identity events` lists them.")
        row = (
            connection.execute(
                update(match)
                .where(match.c.match_id == event["match_id"], match.c.state == event["event"])
                .values(state=_UNDONE[event["event"]])
                .returning(*match.c)
            )
            .mappings()
            .one_or_none()
        )
        if row is None:
            raise SettingError(f"What event {event_id} decided was decided otherwise since; look at the newer events.")
        _tell(connection, "undone", dict(row), words)
    return row["system"], row["record_id"]


def events(store: Store, limit: int) -> list[dict[str, Any]]:
    """What happened to links, newest first."""
    newest = select(link_event).order_by(link_event.c.event_id.desc()).limit(limit)
    with store.begin() as connection:
        return [dict(row) for row in connection.execute(newest).mappings()]


def _tell(connection: Connection, event: str, row: Mapping[str, Any], words: Mapping[str, str | None]) -> None:
    values = {"system": row["system"], "record_id": row["record_id"], "match_id": row["match_id"]}
    connection.execute(insert(link_event).values(event=event, became=row["node"] or None, **values, **words))
