"""One record in every system side by side, its history, its breaks, and where it went wrong, as one timeline."""

from dataclasses import dataclass
from typing import Any

from sync_assets.integrity.changed import what_changed
from sync_assets.integrity.copies import changes, shown
from sync_assets.integrity.ledger import as_documented, instant
from sync_assets.integrity.story import story
from sync_assets.model.entities import ENTITIES
from sync_assets.model.errors import SettingError
from sync_assets.model.money import readable
from sync_assets.store.breaks import breaks_about
from sync_assets.store.engine import Store
from sync_assets.store.stories import Roles
from sync_assets.store.traces import find_copies, former_copies


@dataclass(frozen=True, kw_only=True)
class Trace:
    """All that is known of one record: its copies, what happened when, and the breaks about it."""

    entity: str
    copies: list[dict[str, Any]]
    timeline: list[dict[str, Any]]
    breaks: list[dict[str, Any]]

    def as_documented(self) -> dict[str, Any]:
        """The form of `sync-assets trace --format json`."""
        return {
            "entity": self.entity,
            "copies": self.copies,
            "timeline": self.timeline,
            "breaks": self.breaks,
            "first_divergence": self.first_divergence,
        }

    @property
    def first_divergence(self) -> dict[str, Any] | None:
        """Where the truth was lost first: of what is still open before what was mended, of causes before symptoms."""
        ranked = sorted(self.breaks, key=lambda row: (row["closed_at"] is not None, not row["root"]))
        return ranked[0]["first_divergence"] if ranked else None


def trace(store: Store, entity: str, wanted: str, roles: Roles) -> Trace:
    """The trace of the record that an id or number of any system names; `roles` says which systems play which role.

    Raises:
        SettingError: there is no such entity or no such record.
    """
    name = entity.replace("-", "_")
    if name not in ENTITIES:
        raise SettingError(f"There is no entity {entity}; there are {', '.join(ENTITIES)}.")
    copies = find_copies(store, name, wanted, roles)
    if not copies:
        raise SettingError(f"No {entity} is known as {wanted}; look the id up in its system, or run a sync first.")
    about = breaks_about(store, [f"{row['system']}:{row['record_id']}" for row in copies])
    breaks = [_with_what_changed(store, as_documented(row)) for row in about]
    originals = [row["record_id"] for row in copies if row.get("copy_of") is None]
    told = [_told(event) for event in story(store, name, originals, roles)]
    known = {(event["system"], event["record_id"]) for event in told}
    events = [
        event
        for row in copies
        for event in _events(store, name, row)
        if event["changes"] or (row["system"], row["record_id"]) not in known
    ]
    return Trace(
        entity=name,
        copies=[shown(name, row) for row in copies],
        timeline=sorted([*told, *events, *map(_divergence, breaks)], key=_when),
        breaks=breaks,
    )


def _with_what_changed(store: Store, row: dict[str, Any]) -> dict[str, Any]:
    where = row["first_divergence"]
    return {**row, "first_divergence": {**where, "changed": what_changed(store, row)}}


def _when(event: dict[str, Any]) -> tuple[str, bool]:
    """In the order of time; what went wrong comes after what was done."""
    return event["at"] or "", bool(event.get("diverged"))


def _told(event: dict[str, Any]) -> dict[str, Any]:
    """An event of the story in the form of the timeline."""
    return {**event, "at": instant(event["at"]), "changes": {}, "run_id": None}


def _events(store: Store, entity: str, row: dict[str, Any]) -> list[dict[str, Any]]:
    """When each version of a copy came, and what it changed."""
    versions = [*former_copies(store, entity, row["system"], row["record_id"]), row]
    events = []
    for before, after in zip([None, *versions], versions, strict=False):
        events.append(
            {
                "at": instant(after["version_at"] or after["observed_at"]),
                "system": row["system"],
                "record_id": row["record_id"],
                "event": "changed" if before else "first seen",
                "changes": changes(entity, before, after) if before else {},
                "run_id": after["run_id"],
            }
        )
    return events


def _divergence(row: dict[str, Any]) -> dict[str, Any]:
    where = row["first_divergence"]
    return {
        "at": where["at"],
        "system": where["system"],
        "record_id": where["record_id"],
        "event": f"{row['class']} {row['title']} at {where['hop']}: "
        f"expected {readable(row['expected'])}, found {readable(row['found'])}",
        "changes": {},
        "run_id": where["run_id"],
        "diverged": True,
    }
