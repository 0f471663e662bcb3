"""Finding one record by any id or number, the copies linked to it, and their history."""

from typing import Any

from sqlalchemy import Connection, text

from sync_assets.model.entities import ENTITIES
from sync_assets.model.errors import RejectError
from sync_assets.model.keys import salesforce_id
from sync_assets.store.engine import Store
from sync_assets.store.stories import Roles

NAMES = ("number", "processor_reference", "intent_id")
"""Columns that name a record besides its id: a document's number, and what a processor calls a payment or its wish."""


def find_copies(store: Store, entity: str, wanted: str, roles: Roles) -> list[dict[str, Any]]:
    """The copies of an entity that an id or number names, and every copy linked to them, all systems.

    An internal id of one system may be another record's number: what is an original by that name comes before a copy
    that merely carries the same id.
    """
    name = ENTITIES[entity].name
    fields = {field.name for field in ENTITIES[entity].fields}
    named = "".join(f" OR c.{column} = :plain" for column in NAMES if column in fields)
    linked = "copy_of" in fields
    system, colon, record_id = wanted.partition(":")
    plain = record_id if colon else wanted
    bound = {"plain": wanted, "system": system if colon else None, "ids": sorted({plain, _widened(plain)})}
    statement = text(f"""
        SELECT c.* FROM canonical."{name}" c
        WHERE (c.record_id = ANY(:ids) AND (CAST(:system AS text) IS NULL OR c.system = :system)) {named}
        ORDER BY c.system, c.record_id LIMIT 20
    """)
    with store.begin() as connection:
        found = [dict(row) for row in connection.execute(statement, bound).mappings()]
        if not linked or not found:
            return found
        originals = [row for row in found if row["copy_of"] is None]
        return _with_linked(connection, name, originals or found, roles)


def _widened(record_id: str) -> str:
    """The long form of an id that may be a Salesforce id in its short form of 15 characters."""
    try:
        return salesforce_id(record_id)
    except RejectError:
        return record_id


def _with_linked(connection: Connection, name: str, found: list[dict[str, Any]], roles: Roles) -> list[dict[str, Any]]:
    """Also what the copies are copies of, and what are copies of them, two steps each way.

    A copy of a payment may name the charge or the intent that led to it.
    """
    known = {(row["system"], row["record_id"]): row for row in found}
    ids = [column for column in ("record_id", "intent_id") if column in found[0]]
    upwards = " OR ".join(
        f"(c.system, c.{column}) IN (SELECT * FROM unnest(CAST(:systems AS text[]), CAST(:ids AS text[])))"
        for column in ids
    )
    statement = text(f"""
        SELECT c.* FROM canonical."{name}" c
        WHERE {upwards} OR c.copy_of = ANY(:names)
        ORDER BY c.system, c.record_id LIMIT 50
    """)
    plays = {system: role for role, systems in roles.items() for system in systems}
    for _ in range(2):
        upstream = [row["copy_of"].partition(":") for row in known.values() if row["copy_of"]]
        pairs = [(system, record_id) for role, _, record_id in upstream for system in roles.get(role, ())]
        bound = {
            "systems": [system for system, _ in pairs],
            "ids": [record_id for _, record_id in pairs],
            "names": [
                f"{plays[row['system']]}:{row[column]}"
                for row in known.values()
                for column in ids
                if row["system"] in plays and row[column]
            ],
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
