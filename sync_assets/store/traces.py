"""Finding one record by any id or number, the copies linked to it, and their history."""

from typing import Any

from sqlalchemy import text

from sync_assets.model.entities import ENTITIES
from sync_assets.store.engine import Store

NUMBERED = {name for name, entity in ENTITIES.items() if any(field.name == "number" for field in entity.fields)}


def find_copies(store: Store, entity: str, wanted: str) -> list[dict[str, Any]]:
    """The copies of an entity that an id or number names, and every copy linked to them, all systems."""
    name = ENTITIES[entity].name
    numbered = "OR c.number = :plain" if name in NUMBERED else ""
    linked = "copy_of" in {field.name for field in ENTITIES[entity].fields}
    system, colon, record_id = wanted.partition(":")
    bound = {"plain": wanted, "system": system if colon else None, "record_id": record_id if colon else wanted}
    statement = text(f"""
        SELECT c.* FROM canonical."{name}" c
        WHERE (c.record_id = :record_id AND (CAST(:system AS text) IS NULL OR c.system = :system)) {numbered}
        ORDER BY c.system, c.record_id LIMIT 20
    """)
    with store.begin() as connection:
        found = [dict(row) for row in connection.execute(statement, bound).mappings()]
        if not linked or not found:
            return found
        return _with_linked(connection, name, found)


def _with_linked(connection: Any, name: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Also what the copies are copies of, and what are copies of them, two steps each way."""
    known = {(row["system"], row["record_id"]): row for row in found}
    statement = text(f"""
        SELECT c.* FROM canonical."{name}" c
        WHERE c.record_id = ANY(:upstream) OR split_part(c.copy_of, ':', 2) = ANY(:ids)
        ORDER BY c.system, c.record_id LIMIT 50
    """)
    for _ in range(2):
        upstream = [row["copy_of"].partition(":")[2] for row in known.values() if row["copy_of"]]
        bound = {"upstream": upstream, "ids": [record_id for _, record_id in known]}
        for row in connection.execute(statement, bound).mappings():
            known[row["system"], row["record_id"]] = dict(row)
    return [known[key] for key in sorted(known)]


def former_copies(store: Store, entity: str, system: str, record_id: str) -> list[dict[str, Any]]:
    """What a copy was before, oldest first."""
    statement = text(f"""
        SELECT * FROM canonical."{ENTITIES[entity].name}_history"
        WHERE system = :system AND record_id = :record_id ORDER BY change_id LIMIT 200
    """)
    with store.begin() as connection:
        rows = connection.execute(statement, {"system": system, "record_id": record_id}).mappings()
        return [dict(row) for row in rows]
