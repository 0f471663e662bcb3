"""What copies said when: each version of some records with its value, its time and the run that observed it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from sync_assets.model.entities import COPY_FIELDS, ENTITIES


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of one copy: what it said from `at` on, and the run that first saw it."""

    at: datetime
    value: Any
    run_id: str
    is_deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is asked of the versions of an entity's copies.

    `value` and `at` are expressions over one version `v`: what is compared, and from when it holds if not from the
    vendor's stamp. `found_by` is the indexed column that names the copies, `apart` a second one that tells them apart.
    """

    entity: str
    value: str = "NULL"
    at: str = "NULL"
    found_by: str = "record_id"
    apart: str = ""

    @property
    def is_apart(self) -> bool:
        """Whether one name holds several copies."""
        return bool(self.apart)


Key = tuple[str, str, str]
"""System, what `found_by` holds, what `apart` holds."""


def versions_of(connection: Connection, told: Told, keys: Iterable[Key]) -> dict[Key, list[Version]]:
    """The versions of copies, as they were written, oldest first.

    A version that only says that the record is gone holds from its deletion.
    """
    wanted = sorted({key[:2] for key in keys})
    names = [field.name for field in (*COPY_FIELDS, *ENTITIES[told.entity].fields)]
    columns = ", ".join(f'c."{name}"' for name in (*names, "run_id", "change_id"))
    table = ENTITIES[told.entity].name
    found = " UNION ALL ".join(
        f"SELECT {columns} FROM wanted w "
        f'JOIN canonical."{name}" c ON c.system = w.system AND c.{told.found_by} = w.named'
        for name in (table, f"{table}_history")
    )
    statement = text(f"""
        WITH wanted (system, named) AS MATERIALIZED (
            SELECT * FROM unnest(CAST(:systems AS text[]), CAST(:named AS text[]))
        )
        SELECT v.system, v.{told.found_by} AS named, {_apart(told)} AS apart,
            coalesce(v.deleted_at, {told.at}, v.version_at, v.observed_at) AS at, {told.value} AS value, v.run_id,
            v.deleted_at IS NOT NULL AS is_deleted
        FROM ({found}) v ORDER BY v.system, v.{told.found_by}, v.change_id
    """)
    result: dict[Key, list[Version]] = {}
    if not wanted:
        return result
    bound = {"systems": [system for system, _ in wanted], "named": [named for _, named in wanted]}
    for row in connection.execute(statement, bound):
        version = Version(at=row.at, value=row.value, run_id=row.run_id, is_deleted=row.is_deleted)
        result.setdefault((row.system, row.named, row.apart), []).append(version)
    return result


def _apart(told: Told) -> str:
    return f"v.{told.apart}" if told.is_apart else "''"


def run_at(versions: Sequence[Version], at: datetime) -> str | None:
    """The run that saw the first version of an instant or later, else the newest one; None without versions."""
    later = [version for version in versions if version.at >= at]
    chosen = later[0] if later else versions[-1] if versions else None
    return None if chosen is None else chosen.run_id
