"""From copies that changed to the roots that are worth another look.

Every rule's ways from one entity to its roots are asked in one statement: the changed rows are found once, and each
way is walked once for each distinct start, however many rules share it.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from sync_assets.model.entities import COPY_FIELDS, ENTITIES
from sync_assets.store.evaluations import typed


@dataclass(frozen=True, kw_only=True)
class Changes:
    """The changes of an entity in some systems, after one change number and through another."""

    entity: str
    systems: Sequence[str]
    after: int
    through: int


@dataclass(frozen=True, kw_only=True)
class Way:
    """From changed rows `c` to roots: an expression for the root's record id over `c` and over what `join` adds."""

    root: str
    join: str = ""

    @property
    def starts(self) -> str:
        """The columns of `c` that it begins with; rows that have these in common lead to the same roots."""
        return ", ".join(sorted(set(_COLUMN.findall(f"{self.root} {self.join}"))))


_COLUMN = re.compile(r"\bc\.(\w+)")


def touched_roots(
    connection: Connection, changes: Changes, ways: Sequence[Way], parameters: Mapping[str, Any]
) -> dict[Way, set[str]]:
    """The roots that each way finds for changed rows, as they are and as they were.

    What a row named before counts too: a document that is taken off one invoice concerns both.
    """
    entity = ENTITIES[changes.entity]
    names = [field.name for field in (*COPY_FIELDS, *entity.fields)]
    now, before = (", ".join(f'{row}"{name}"' for name in names) for row in ("", "h."))
    asked = " UNION ".join(
        f"SELECT {place} AS way, {way.root} AS root FROM (SELECT DISTINCT {way.starts} FROM changed) c {way.join}"
        for place, way in enumerate(ways)
    )
    statement = typed(f"""
        WITH touched AS MATERIALIZED (
            SELECT {now} FROM canonical."{entity.name}"
            WHERE change_id > :after AND change_id <= :through AND system = ANY(:touched)
        ), changed AS MATERIALIZED (
            SELECT * FROM touched
            UNION ALL
            SELECT {before} FROM touched t
            JOIN canonical."{entity.name}_history" h ON h.system = t.system AND h.record_id = t.record_id
        )
        {asked}
    """)
    bound = {**parameters, "after": changes.after, "through": changes.through, "touched": list(changes.systems)}
    found: dict[Way, set[str]] = defaultdict(set)
    for place, root in connection.execute(text(statement), bound):
        if root:
            found[ways[place]].add(root)
    return found
