"""The two sides of a comparison: records that no reference and no key links, and those that they may be.

Belongs here: fetching both by what changed. Not here: the comparing (identity/likeness.py) and what is kept of it
(`matches`). Personal values leave the database only into the memory of the process that compares them.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from sync_assets.store.engine import Store
from sync_assets.store.link_tables import BLOCKS, PROFILE, part_of


@dataclass(frozen=True, kw_only=True)
class Sides:
    """Both sides as CSV with a header, and how many accounts and billing customers there are to choose from."""

    unlinked: io.BytesIO
    known: io.BytesIO
    candidates: int


def _near(side: str) -> str:
    """The records that share a block with any of a side."""
    return " UNION ".join(
        f"SELECT p.system, p.record_id FROM identity.profile p WHERE ({_listed('p', parts)}) "
        f"IN (SELECT {_listed('s', parts)} FROM {side} s)"
        for parts in BLOCKS
    )


def _listed(alias: str, parts: Sequence[str]) -> str:
    return ", ".join(part_of(alias, part) for part in parts)


_JOINED = """
    identity.profile p JOIN identity.customer i ON i.system = p.system AND i.record_id = p.record_id
    JOIN canonical.customer c ON c.system = p.system AND c.record_id = p.record_id
"""
_IS_UNLINKED = """
    i.rule = 'own' AND NOT i.system = ANY(:crm) AND c.copy_of IS NULL AND NOT EXISTS (SELECT FROM identity.match m
        WHERE m.system = i.system AND m.record_id = i.record_id AND m.state = 'split')
"""
_IS_KNOWN = """
    (p.system = ANY(:crm) OR (p.system = ANY(:billing)
        AND EXISTS (SELECT FROM unlinked u WHERE NOT u.system = ANY(:billing))))
"""
_WAITING = (
    "CREATE TEMPORARY TABLE unlinked (LIKE identity.profile, customer_id text) ON COMMIT DROP",
    "CREATE TEMPORARY TABLE fresh (LIKE identity.profile) ON COMMIT DROP",
    "CREATE TEMPORARY TABLE known (LIKE identity.profile, role text, customer_id text) ON COMMIT DROP",
    f"INSERT INTO unlinked SELECT p.*, i.customer_id FROM {_JOINED} WHERE c.change_id > :taken AND {_IS_UNLINKED}",
    """
    INSERT INTO fresh SELECT p.* FROM identity.profile p
    JOIN canonical.customer c ON c.system = p.system AND c.record_id = p.record_id
    WHERE :taken > 0 AND c.change_id > :taken AND p.change_id > :taken
        AND p.system = ANY(CAST(:crm AS text[]) || CAST(:billing AS text[]))
    """,
    "ANALYZE fresh",
    f"""
    INSERT INTO unlinked SELECT p.*, i.customer_id FROM ({_near("fresh")}) n JOIN {_JOINED}
        ON p.system = n.system AND p.record_id = n.record_id
    WHERE c.change_id <= :taken AND {_IS_UNLINKED}
    """,
    "ANALYZE unlinked",
)
"""Unlinked records that changed, and those that share something with a changed account or billing customer."""

_KNOWN = f"""
    INSERT INTO known SELECT p.*, CASE WHEN p.system = ANY(:crm) THEN 'crm' ELSE 'billing' END, i.customer_id
    FROM ({_near("unlinked")}) n JOIN identity.profile p ON p.system = n.system AND p.record_id = n.record_id
    JOIN identity.customer i ON i.system = n.system AND i.record_id = n.record_id WHERE {_IS_KNOWN}
"""
"""All whom any of them shares something with, found by the indexes of the blocks: the cost follows the change."""

_CANDIDATES = f"SELECT count(*) FROM identity.profile p WHERE {_IS_KNOWN}"
_COPY = "COPY (SELECT {0} || ':' || record_id AS unique_id, customer_id, {1} FROM {2}) TO STDOUT (FORMAT csv, HEADER)"


def sides(store: Store, roles: Mapping[str, Sequence[str]], taken: int) -> Sides | None:
    """Whom to compare with whom because of changes since `taken`; None where nobody is to be compared."""
    bound = {"crm": list(roles.get("crm", ())), "billing": list(roles.get("billing", ())), "taken": taken}
    with store.begin() as connection:
        for step in _WAITING:
            connection.execute(text(step), bound)
        if connection.execute(text("SELECT FROM unlinked LIMIT 1")).first() is None:
            return None
        connection.execute(text(_KNOWN), bound)
        candidates = connection.execute(text(_CANDIDATES), bound).scalar_one()
        unlinked = _copied(connection, _COPY.format("system", ", ".join(PROFILE), "unlinked"))
        known = _copied(connection, _COPY.format("role", ", ".join(PROFILE), "known"))
    return Sides(unlinked=unlinked, known=known, candidates=candidates)


def _copied(connection: Connection, statement: str) -> io.BytesIO:
    written = io.BytesIO()
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(statement) as copied:
        for part in copied:
            written.write(part)
    written.seek(0)
    return written
