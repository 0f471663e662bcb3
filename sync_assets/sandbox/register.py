"""A vendor's own memory of what it wrote: internal numbers, the newest state of every record, what commits late.

Stands between a vendor and its shelf. The vendor says how a record enters its lists (`seen`), the register calls it
when a version becomes visible, which is at once except for versions that commit late.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush

from sync_assets.sandbox.shelf import Record, Shelf, Version


@dataclass(kw_only=True)
class Entry:
    """One record as its vendor knows it, whether readers see it yet or not. `serial` grows with each new record."""

    serial: int
    stream: str
    record_id: str
    record: Record
    created_at: datetime
    deleted: bool = False


@dataclass(kw_only=True)
class Register:
    """The entries of all streams of one vendor."""

    shelf: Shelf
    seen: Callable[[Entry, Version], None]
    entries: list[Entry] = field(default_factory=list)
    _by_id: dict[tuple[str, str], Entry] = field(default_factory=dict)
    _late: list[tuple[datetime, int, Entry]] = field(default_factory=list)

    def find(self, stream: str, record_id: str) -> Entry | None:
        """The entry of a record, deleted ones included."""
        return self._by_id.get((stream, record_id))

    def write(self, stream: str, record: Record, *, visible_at: datetime | None = None, deleted: bool = False) -> Entry:
        """Store a version of a record under its `id` and let readers see it when its time comes."""
        record_id = str(record["id"])
        version = self.shelf.put(stream, record_id, record, visible_at=visible_at, deleted=deleted)
        entry = self._by_id.get((stream, record_id))
        if entry is None:
            entry = Entry(
                serial=len(self.entries),
                stream=stream,
                record_id=record_id,
                record=record,
                created_at=version.stamped_at,
            )
            self.entries.append(entry)
            self._by_id[stream, record_id] = entry
        entry.record, entry.deleted = record, deleted
        if version.visible_at > version.stamped_at:
            heappush(self._late, (version.visible_at, version.sequence, entry))
        else:
            self.seen(entry, version)
        return entry

    def reveal(self) -> None:
        """Let readers see what has committed since the last call."""
        while self._late and self._late[0][0] <= self.shelf.clock.now():
            _, _, entry = heappop(self._late)
            version = self.shelf.latest(entry.stream, entry.record_id)
            if version is not None:
                self.seen(entry, version)

    def visible(self, serial: int) -> Version | None:
        """The version of a record that readers see now."""
        entry = self.entries[serial]
        return self.shelf.latest(entry.stream, entry.record_id)
