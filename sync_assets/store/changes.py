"""The change order of canonical copies: what changed after a number, what a run changed. Light: no frames."""

from collections.abc import Sequence

from sqlalchemy import text

from sync_assets.model.entities import ENTITIES
from sync_assets.store.engine import Store


def last_change(store: Store, entity: str, system: str, after: int) -> tuple[int, int]:
    """The highest change number of one system's copies after a number, and how many rows that is."""
    statement = text(f"""
        SELECT coalesce(max(change_id), :after), count(*) FROM canonical."{ENTITIES[entity].name}"
        WHERE change_id > :after AND system = :system
    """)
    with store.begin() as connection:
        row = connection.execute(statement, {"after": after, "system": system}).one()
    return int(row[0]), int(row[1])


def changed_in_run(store: Store, entity: str, system: str, run_id: str, *, after: int) -> int:
    """How many current copies of an entity a run wrote, among the changes after a number that it found gated."""
    statement = text(f"""
        SELECT count(*) FROM canonical."{ENTITIES[entity].name}"
        WHERE change_id > :after AND system = :system AND run_id = :run_id
    """)
    with store.begin() as connection:
        row = connection.execute(statement, {"after": after, "system": system, "run_id": run_id})
        return int(row.scalar_one())


_UNCONFORMED = text("""
    SELECT max(v.version_id) FROM unnest(CAST(:systems AS text[]), CAST(:names AS text[])) fed (system, name)
    JOIN sync.stream s USING (system, name)
    CROSS JOIN LATERAL (
        SELECT version_id FROM raw.version WHERE stream_id = s.stream_id AND version_id > s.conformed_version_id
        ORDER BY version_id DESC LIMIT 1
    ) v
""")


def unconformed_through(store: Store, streams: Sequence[tuple[str, str]]) -> int | None:
    """The newest raw version of the named streams (system, stream) that no copy has taken yet; None without any."""
    named = {"systems": [system for system, _ in streams], "names": [name for _, name in streams]}
    with store.begin() as connection:
        found: int | None = connection.execute(_UNCONFORMED, named).scalar_one_or_none()
    return found
