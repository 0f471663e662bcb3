"""Since when the copies of breaks disagree and which run saw it first: histories read for many breaks at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sync_assets.model.entities import ENTITIES
from sync_assets.reconcile.divergence import first_divergence
from sync_assets.reconcile.rule import Rule
from sync_assets.store.histories import Key, Told, Version, run_at, versions_of

Parting = tuple[datetime, str | None]


def partings(connection: Any, rule: Rule, rows: Sequence[Mapping[str, Any]]) -> dict[str, Parting]:
    """By break, the instant from which the copies never agreed again, and the run that observed it.

    Where a rule names no two copies, or their histories do not reach back, that is when the event itself happened.
    """
    found = _parted(connection, rule, rows)
    return found | _happened(connection, [row for row in rows if row["break_id"] not in found])


def _parted(connection: Any, rule: Rule, rows: Sequence[Mapping[str, Any]]) -> dict[str, Parting]:
    """Breaks whose two copies' histories show the parting."""
    if rule.sides is None:
        return {}
    found: dict[str, Parting] = {}
    for field, alike in _grouped(rows, "field").items():
        both = [row for row in alike if row["owner_record_id"] and row["copy_record_id"]]
        asked = {side: _asked(told, field) for side, told in (("owner", rule.sides.owner), ("copy", rule.sides.copy))}
        keys = {side: [_key(row, side, told) for row in both] for side, told in asked.items()}
        said = {side: versions_of(connection, told, keys[side]) for side, told in asked.items()}
        for row, owner, copy in zip(both, keys["owner"], keys["copy"], strict=True):
            parted = first_divergence(said["owner"].get(owner, []), said["copy"].get(copy, []))
            if parted is not None:
                found[row["break_id"]] = (parted.at, parted.run_id)
    return found


def _asked(told: Told, field: str) -> Told:
    return replace(told, value=told.value.format(field=field), at=told.at.format(field=field))


def _key(row: Mapping[str, Any], side: str, told: Told) -> Key:
    return row[f"{side}_system"], row[f"{side}_record_id"], row["part"] if told.is_apart else ""


def _happened(connection: Any, rows: Sequence[Mapping[str, Any]]) -> dict[str, Parting]:
    """Breaks as old as their event, seen by the run that observed its evidence."""
    evidence = {row["break_id"]: tuple(row.get("evidence") or row["records"][0]) for row in rows}
    keys: dict[str, list[Key]] = defaultdict(list)
    for system, entity, record_id in evidence.values():
        if entity in ENTITIES:  # what only a stream names has no copy, and so no history
            keys[entity].append((system, record_id, ""))
    versions: dict[tuple[str, str, str], list[Version]] = {}
    for entity, wanted in keys.items():
        for (system, record_id, _), seen in versions_of(connection, Told(entity=entity), wanted).items():
            versions[system, entity, record_id] = seen
    return {
        row["break_id"]: (row["happened_at"], run_at(versions.get(evidence[row["break_id"]], []), row["happened_at"]))
        for row in rows
    }


def _grouped(rows: Sequence[Mapping[str, Any]], name: str) -> dict[str, list[Mapping[str, Any]]]:
    groups: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row[name]].append(row)
    return groups
