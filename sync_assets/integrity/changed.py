"""What changed where two copies parted: the vendor's record, its API, or what we read it with.

Told from the version that a break's run observed, and from what that run differed in from the stream's run before.
Not here: when and where they parted (reconcile/since.py).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sync_assets.connect.discover import discover
from sync_assets.integrity.copies import changes, changes_in_words
from sync_assets.integrity.ledger import instant
from sync_assets.model.entities import ENTITIES
from sync_assets.store.circumstances import circumstances_changed, schema_changed
from sync_assets.store.engine import Store
from sync_assets.store.traces import all_versions

WORDS: Mapping[str, str] = {
    "created": "{record} was first seen",
    "edited": "{record} was edited{fields}",
    "deleted": "{record} was deleted",
    "schema": "{list} came with another {field}: {was} before, {became} now",
    "api_version": "{list} was read with API version {became}, before with {was}",
    "mapping": "{list} was mapped by other rules than in the run before",
    "connector": "{list} was read by another connector than in the run before",
    "deploy": "{list} was read by another release of sync-assets than in the run before ({was} -> {became})",
}
"""What can have changed, as people read it."""

_CALLED = {"release": "deploy"}
"""Circumstances that are told by another name."""

Row = Mapping[str, Any]


def what_changed(store: Store, row: Row) -> list[dict[str, Any]]:
    """What the run that observed a break's first divergence found changed there, the vendor's record first.

    `row` is a break in its documented form. Empty when nothing is recorded of it: the run read before this was kept,
    or nothing changed, as when something that should have followed did not.
    """
    run_id, places = row["first_divergence"]["run_id"], _places(row)
    if run_id is None or not places:
        return []
    edit = _edit(store, row, places)
    system, stream = (edit["system"], edit["stream"]) if edit else places[0][:2]
    told = [] if edit is None else [edit]
    told += [
        {"what": "schema", "system": system, "stream": stream, **found}
        for found in schema_changed(store, system, stream, run_id)
    ]
    told += [
        {"what": _CALLED.get(name, name), "system": system, "stream": stream, "was": was, "became": became}
        for name, (was, became) in circumstances_changed(store, system, stream, run_id).items()
    ]
    return told


def in_words(change: Row) -> str:
    """One change as a person reads it, e.g. `chargebee subscription s1 was edited (quantity: 20 -> 35)`."""
    fields = changes_in_words(change["entity"], change["fields"], change["currency"]) if "fields" in change else ""
    place = f"{change['system']} {change['stream']}".replace("_", " ")
    return WORDS[change["what"]].format(
        **{name: value for name, value in change.items() if name != "fields"},
        list=place,
        record=f"{change['system']} {change.get('entity', '').replace('_', ' ')} {change.get('record_id', '')}",
        fields=f" ({fields})" if fields else "",
    )


def _places(row: Row) -> list[tuple[str, str, str]]:
    """System, stream and record of everything a break is about, the record at which it stands first."""
    where = row["first_divergence"]
    places = [(item["system"], item["stream"], item["record_id"]) for item in row["records"]]
    return sorted(places, key=lambda place: (place[0], place[2]) != (where["system"], where["record_id"]))


def _edit(store: Store, row: Row, places: Sequence[tuple[str, str, str]]) -> dict[str, Any] | None:
    """The version that the run observed: at the very instant of the divergence if there is one, else the next."""
    where = row["first_divergence"]
    found: list[tuple[bool, int, dict[str, Any]]] = []
    for nearness, (system, stream, record_id) in enumerate(places):
        for entity in _entities().get((system, stream), (stream,) if stream in ENTITIES else ()):
            versions = all_versions(store, entity, system, record_id)
            for before, after in zip([None, *versions], versions, strict=False):
                at = instant(_at(after)) or ""
                if after["run_id"] == where["run_id"] and at >= (where["at"] or ""):
                    told = _told(entity, before, after)
                    found.append((at != where["at"], nearness, {**told, "stream": stream, "at": at}))
    return min(found, key=lambda item: (item[0], item[1], item[2]["at"]))[2] if found else None


def _told(entity: str, before: Row | None, after: Row) -> dict[str, Any]:
    what = "deleted" if after["deleted_at"] else "edited" if before else "created"
    told = {"what": what, "system": after["system"], "entity": entity, "record_id": after["record_id"]}
    if before is None or what != "edited":
        return told
    return {**told, "fields": changes(entity, before, after), "currency": after.get("currency")}


def _at(version: Row) -> datetime:
    found: datetime = version["deleted_at"] or version["version_at"] or version["observed_at"]
    return found


@lru_cache(maxsize=1)
def _entities() -> Mapping[tuple[str, str], Sequence[str]]:
    """The entities that each stream of each system feeds."""
    return {
        (system.name, stream.name): tuple(dict.fromkeys(mapped.entity for mapped in stream.mappings))
        for system in discover("sync_assets.systems")
        for stream in system.streams
    }
