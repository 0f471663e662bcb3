"""Finding one record by any id or number, the copies linked to it, and their history."""

from typing import Any

from sqlalchemy import Connection, text

from sync_assets.model.entities import ENTITIES
from sync_assets.store.engine import Store
from sync_assets.store.stories import Roles

NUMBERED = {name for name, entity in ENTITIES.items() if any(field.name == "number" for field in entity.fields)}


def find_copies(store: Store, entity: str, wanted: str, roles: Roles) -> list[dict[str, Any]]:
    """The copies of an entity that an id or number names, and every copy linked to them, all systems.

    An internal id of one system may be another record's number: what is an original by that name comes before a copy
    that merely carries the same id.
    """
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
        originals = [row for row in found if row["copy_of"] is None]
        return _with_linked(connection, name, originals or found, roles)


def _with_linked(connection: Connection, name: str, found: list[dict[str, Any]], roles: Roles) -> list[dict[str, Any]]:
    """Also what the copies are copies of, and what are copies of them, two steps each way."""
    known = {(row["system"], row["record_id"]): row for row in found}
    statement = text(f"""
        SELECT c.* FROM canonical."{name}" c
        WHERE (c.system, c.record_id) IN (SELECT * FROM unnest(CAST(:systems AS text[]), CAST(:ids AS text[])))
            OR c.copy_of = ANY(:names)
        ORDER BY c.system, c.record_id LIMIT 50
    """)
    plays = {system: role for role, systems in roles.items() for system in systems}
    for _ in range(2):
        upstream = [row["copy_of"].partition(":") for row in known.values() if row["copy_of"]]
        pairs = [(system, record_id) for role, _, record_id in upstream for system in roles.get(role, ())]
        bound = {
            "systems": [system for system, _ in pairs],
            "ids": [record_id for _, record_id in pairs],
            "names": [f"{plays[system]}:{record_id}" for system, record_id in known if system in plays],
        }
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


def all_versions(store: Store, entity: str, system: str, record_id: str) -> list[dict[str, Any]]:
    """What a copy was and is, oldest first; empty for a record without a copy of that entity."""
    table = f'canonical."{ENTITIES[entity].name}"'
    statement = text(f"SELECT * FROM {table} WHERE system = :system AND record_id = :record_id")
    with store.begin() as connection:
        rows = connection.execute(statement, {"system": system, "record_id": record_id}).mappings().all()
    return [*former_copies(store, entity, system, record_id), *map(dict, rows)] if rows else []
