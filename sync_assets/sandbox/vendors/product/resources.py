"""Everything the platform keeps beside events: meters, features, customers, subjects, entitlements.

Belongs here: creating, merging, deleting, finding by id or key, and lists in a kept order. How a record is written for
the wire is the business of the module of its resource.
Source: OpenMeter API and the client's models (Meter, Feature, Customer, Subject, EntitlementMetered).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import Any

from sync_assets.sandbox.shelf import Record, Shelf, Version
from sync_assets.sandbox.vendors.product.ulid import ulid_of

KEYS: Mapping[str, tuple[str, ...]] = {
    "meters": ("slug",),
    "features": ("key",),
    "customers": ("key",),
    "subjects": ("key",),
    "entitlements": ("subjectKey", "featureKey"),
}
"""The fields by which a living record is known beside its id; a deleted one gives its key free."""

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "meters": ("slug",),
    "features": ("key",),
    "customers": ("name",),
    "subjects": ("key",),
    "entitlements": ("subjectKey", "featureKey"),
}
"""What a new record cannot do without."""

DELETED = {
    "meters": "deletedAt",
    "features": "archivedAt",
    "customers": "deletedAt",
    "subjects": "deletedAt",
    "entitlements": "deletedAt",
}
"""How a deleted record is told: features are archived, everything else is deleted softly."""

DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "meters": {"aggregation": "SUM", "eventType": "usage", "groupBy": {}},
    "features": {"metadata": {}},
    "customers": {"metadata": {}},
    "subjects": {},
    "entitlements": {"type": "metered"},
}


_INSTANTS = frozenset(
    "createdAt updatedAt deletedAt archivedAt activeFrom activeTo measureUsageFrom lastReset eventFrom"
    " currentPeriodStart currentPeriodEnd anchor from to".split()
)


@dataclass(kw_only=True)
class Table:
    """One stream's records as readers see them."""

    visible: dict[str, Version] = field(default_factory=dict)
    newest: dict[str, Record] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    _waiting: list[tuple[datetime, int, Version]] = field(default_factory=list)
    _orders: dict[tuple[str, bool], list[Record]] = field(default_factory=dict)

    def add(self, version: Version, key: str) -> None:
        """Take a version in; it shows from its `visible_at` on."""
        self.newest[version.record_id] = version.record
        if key:
            self.ids[key] = version.record_id
        heappush(self._waiting, (version.visible_at, version.sequence, version))

    def settle(self, now: datetime) -> None:
        """Show the versions whose instant has come."""
        while self._waiting and self._waiting[0][0] <= now:
            version = heappop(self._waiting)[2]
            shown = self.visible.get(version.record_id)
            if shown is None or shown.sequence < version.sequence:
                self.visible[version.record_id] = version
                self._orders.clear()

    def ordered(self, name: str, *, with_deleted: bool, descending: bool = False) -> list[Record]:
        """The records by one of their fields and then by id, kept until something changes."""
        kept = self._orders.get((name, with_deleted))
        if kept is None:
            found = (version.record for version in self.visible.values() if with_deleted or not version.deleted)
            kept = sorted(found, key=_by(name))
            self._orders[(name, with_deleted)] = kept
        return kept[::-1] if descending else kept


def _by(name: str) -> Callable[[Record], tuple[Any, str]]:
    nothing: Any = datetime.min.replace(tzinfo=UTC) if name in _INSTANTS else ""
    return lambda record: (record.get(name) or nothing, record["id"])


@dataclass(kw_only=True)
class Resources:
    """All resource tables of one platform."""

    shelf: Shelf
    tables: dict[str, Table] = field(default_factory=lambda: {stream: Table() for stream in KEYS})
    _made: int = 0

    def put(self, stream: str, record: Record, *, visible_at: datetime | None = None) -> Record:
        """Create a record, or merge the given fields over the stored one, None taking one away; returns it whole.

        Raises:
            KeyError: unknown stream, or a new record without the fields it is known by.
            TypeError: a float.
        """
        table = self.tables[stream]
        refuse_floats(record)
        given = with_instants(record)
        if stream == "entitlements":
            self._name_feature(given)
        key = key_of(stream, given)
        record_id = given.get("id") or table.ids.get(key) or self._new_id(stream, key)
        now = self.shelf.clock.now()
        before = table.newest.get(record_id)
        after = {**(before or self._new(stream, given, now)), **given, "id": record_id, "updatedAt": now}
        after = {name: value for name, value in after.items() if value is not None and name != DELETED[stream]}
        table.add(self.shelf.put(stream, record_id, after, visible_at=visible_at), key_of(stream, after))
        return after

    def supersede(self, entitlement: Record) -> None:
        """End an entitlement now, so that another for the same subject and feature can begin."""
        ended = self.put("entitlements", {"id": entitlement["id"], "activeTo": self.shelf.clock.now()})
        self.tables["entitlements"].ids.pop(key_of("entitlements", ended), None)

    def delete(self, stream: str, id_or_key: str) -> None:
        """Mark a record as deleted, or a feature as archived.

        Raises:
            KeyError: there is none.
        """
        table = self.tables[stream]
        record_id = table.ids.get(id_or_key, id_or_key)
        now = self.shelf.clock.now()
        gone = {**table.newest[record_id], DELETED[stream]: now, "updatedAt": now}
        table.ids.pop(key_of(stream, gone), None)
        table.add(self.shelf.put(stream, record_id, gone, deleted=True), "")

    def settled(self, stream: str) -> Table:
        """A table with everything shown whose instant has come."""
        table = self.tables[stream]
        table.settle(self.shelf.clock.now())
        return table

    def find(self, stream: str, id_or_key: str) -> Record | None:
        """A record by its id, deleted or not, or a living one by its key."""
        table = self.settled(stream)
        version = table.visible.get(id_or_key) or table.visible.get(table.ids.get(id_or_key, ""))
        return None if version is None else version.record

    def _new(self, stream: str, given: Record, now: datetime) -> Record:
        named = {"name": given.get(KEYS[stream][0])} if stream in {"meters", "features", "customers"} else {}
        missing = [name for name in REQUIRED[stream] if not {**named, **given}.get(name)]
        if missing:
            raise KeyError(f"A new record of {stream} needs {', '.join(missing)}.")
        return {**DEFAULTS[stream], **named, "createdAt": now}

    def _name_feature(self, entitlement: Record) -> None:
        features = self.tables["features"]
        key = entitlement.get("featureKey")
        if key is not None and key not in features.ids:
            self.put("features", {"key": key})
        if key is not None:
            entitlement["featureId"] = features.ids[key]
        elif "featureId" in entitlement:
            entitlement["featureKey"] = features.newest[entitlement["featureId"]]["key"]

    def _new_id(self, stream: str, key: str) -> str:
        self._made += 1
        return ulid_of(stream, key, str(self._made))


def with_instants(record: Record) -> Record:
    """The record with its instants as instants, whether they came as such or as RFC 3339 text."""
    found = dict(record)
    for name, value in record.items():
        if name in _INSTANTS and isinstance(value, str):
            found[name] = datetime.fromisoformat(value)
        elif isinstance(value, dict) and name != "metadata":
            found[name] = with_instants(value)
    return found


def refuse_floats(value: Any) -> None:
    """Let nothing through that holds a float.

    Raises:
        TypeError: it does.
    """
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; quantities are Decimal, int or text.")
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        refuse_floats(part)


def key_of(stream: str, record: Record) -> str:
    """The key a living record is found by beside its id, empty where it has none."""
    parts = [record.get(name) for name in KEYS[stream]]
    return "\n".join(str(part) for part in parts) if all(parts) else ""
