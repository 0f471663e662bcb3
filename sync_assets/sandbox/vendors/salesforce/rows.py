"""The rows of one object as readers see them: newest visible versions, in order of change stamp and of id.

A row that commits late waits here until its instant and then takes its place below stamps already read. The shelf keeps
every version; this index keeps a query from walking them all.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heapify, heappop, heappush
from itertools import islice

from sync_assets.sandbox.shelf import Record, Version

_LAST = "\U0010ffff"


@dataclass(kw_only=True)
class Rows:
    """One object's rows. `newest` is what the org itself holds, committed for readers or not."""

    newest: dict[str, Record] = field(default_factory=dict)
    _visible: dict[str, Version] = field(default_factory=dict)
    _waiting: list[tuple[datetime, int, Version]] = field(default_factory=list)
    _by_stamp: list[tuple[str, str, int]] = field(default_factory=list)
    _by_id: list[str] = field(default_factory=list)
    _stamps_sorted: bool = True
    _ids_sorted: bool = True

    def add(self, version: Version) -> None:
        """Take a new version in; it shows from its `visible_at` on."""
        self.newest[version.record_id] = version.record
        if version.visible_at <= version.stamped_at and not self._waiting:
            self._show(version)
        else:
            heappush(self._waiting, (version.visible_at, version.sequence, version))

    def settle(self, now: datetime) -> None:
        """Show the rows whose instant has come."""
        while self._waiting and self._waiting[0][0] <= now:
            self._show(heappop(self._waiting)[2])

    def oldest_waiting(self) -> datetime | None:
        """The stamp of the oldest row written but not committed: nothing from there on is surely complete."""
        return min((version.stamped_at for _, _, version in self._waiting), default=None)

    def purge(self, record_id: str) -> None:
        """Take a row out for good; only the delete log remembers it."""
        self.newest.pop(record_id, None)
        self._visible.pop(record_id, None)
        self._waiting = [entry for entry in self._waiting if entry[2].record_id != record_id]
        heapify(self._waiting)

    def get(self, record_id: str) -> Version | None:
        """The visible version of a row, deleted or not."""
        return self._visible.get(record_id)

    def all(self) -> Iterator[Version]:
        """Every visible row, in no order."""
        return iter(list(self._visible.values()))

    def __len__(self) -> int:
        return len(self._visible)

    def in_stamp_order(self, low: str = "", high: str = _LAST) -> Iterator[Version]:
        """Visible rows with `low <= SystemModstamp <= high`, by stamp and then id."""
        if len(self._by_stamp) > 2 * len(self._visible) + 1000:
            self._by_stamp = [entry for entry in self._by_stamp if self._is_current(entry)]
        if not self._stamps_sorted:
            self._by_stamp.sort()
            self._stamps_sorted = True
        start = bisect_left(self._by_stamp, (low,))
        end = bisect_right(self._by_stamp, (high, _LAST))
        for entry in islice(self._by_stamp, start, end):
            if self._is_current(entry):
                yield self._visible[entry[1]]

    def in_id_order(self, low: str = "") -> Iterator[Version]:
        """Visible rows with `low <= Id`, by id."""
        if not self._ids_sorted:
            self._by_id.sort()
            self._ids_sorted = True
        for record_id in islice(self._by_id, bisect_left(self._by_id, low), None):
            version = self._visible.get(record_id)
            if version is not None:
                yield version

    def _is_current(self, entry: tuple[str, str, int]) -> bool:
        version = self._visible.get(entry[1])
        return version is not None and version.sequence == entry[2]

    def _show(self, version: Version) -> None:
        shown = self._visible.get(version.record_id)
        if shown is not None and shown.sequence > version.sequence:
            return
        if shown is None:  # an id that was purged never comes back, so none is listed twice
            self._ids_sorted = self._ids_sorted and (not self._by_id or self._by_id[-1] < version.record_id)
            self._by_id.append(version.record_id)
        self._visible[version.record_id] = version
        entry = (version.record["SystemModstamp"], version.record_id, version.sequence)
        self._stamps_sorted = self._stamps_sorted and (not self._by_stamp or self._by_stamp[-1] < entry)
        self._by_stamp.append(entry)
