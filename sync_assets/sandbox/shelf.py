"""A vendor's memory: every version of every record it ever held, with when it was stamped and when it became visible.

A vendor server reads a shelf; the simulated company writes it through the vendor's `put` and `delete`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock
from typing import Any, TypeAlias

from sync_assets.sandbox.clock import Clock

Record: TypeAlias = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of one record. `stamped_at` is what the vendor says; before `visible_at` no reader sees it."""

    sequence: int
    stream: str
    record_id: str
    record: Record
    stamped_at: datetime
    visible_at: datetime
    deleted: bool = False


@dataclass(kw_only=True)
class Shelf:
    """All versions of all streams of one vendor, and quick access to those visible now."""

    clock: Clock
    versions: list[Version] = field(default_factory=list)
    lock: RLock = field(default_factory=RLock)
    _by_id: dict[tuple[str, str], list[Version]] = field(default_factory=dict)
    _ids: dict[str, dict[str, None]] = field(default_factory=dict)

    def put(
        self, stream: str, record_id: str, record: Record, *, visible_at: datetime | None = None, deleted: bool = False
    ) -> Version:
        """Add a version stamped now. A later `visible_at` plays a transaction that commits late."""
        now = self.clock.now()
        with self.lock:
            version = Version(
                sequence=len(self.versions),
                stream=stream,
                record_id=record_id,
                record=record,
                stamped_at=now,
                visible_at=visible_at or now,
                deleted=deleted,
            )
            self.versions.append(version)
            self._by_id.setdefault((stream, record_id), []).append(version)
            self._ids.setdefault(stream, {})[record_id] = None
            return version

    def latest(self, stream: str, record_id: str) -> Version | None:
        """The newest visible version, deleted ones included; None when there never was one."""
        now = self.clock.now()
        with self.lock:
            for version in reversed(self._by_id.get((stream, record_id), [])):
                if version.visible_at <= now:
                    return version
        return None

    def get(self, stream: str, record_id: str) -> Record | None:
        """The record as it stands, None when absent or deleted."""
        version = self.latest(stream, record_id)
        return None if version is None or version.deleted else version.record

    def current(self, stream: str, *, with_deleted: bool = False) -> Iterator[Version]:
        """The newest visible version of each record of a stream, in the order the records were first put."""
        with self.lock:
            ids = list(self._ids.get(stream, ()))
        for record_id in ids:
            version = self.latest(stream, record_id)
            if version is not None and (with_deleted or not version.deleted):
                yield version

    def ids(self, stream: str) -> list[str]:
        """The sorted ids of records that exist now: what a census of the stream must equal."""
        return sorted(version.record_id for version in self.current(stream))
