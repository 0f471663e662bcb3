"""The event table: what was ingested, in order of its own time and of its ingestion.

Times are kept in whole seconds, as the vendor's columnar store does, and rows carry a row id that breaks ties. An event
is never changed: a second one with the same source and id is dropped, or stored once more where the platform does not
deduplicate.
Source: OpenMeter openmeter/streaming/clickhouse/event_query.go (columns of type DateTime), openmeter/dedupe (key of
source and id, window of 32 days), docs/event-ingestion.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush

from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.product.ulid import ulid

_DEDUPE_WINDOW = timedelta(days=32)


def second(instant: datetime) -> datetime:
    """The whole second an instant lies in."""
    return instant.replace(microsecond=0)


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """One stored event. `key` is `source:id`; two rows may share it where duplicates are kept."""

    row_id: str
    key: str
    event: Record
    time: datetime
    ingested_at: datetime
    stored_at: datetime


@dataclass(kw_only=True)
class EventTable:
    """All events, by time and by ingestion."""

    rows: dict[str, EventRow] = field(default_factory=dict)
    _by_time: list[tuple[datetime, str]] = field(default_factory=list)
    _by_ingestion: list[tuple[datetime, str]] = field(default_factory=list)
    _waiting: list[tuple[datetime, str, EventRow]] = field(default_factory=list)
    _seen: dict[str, datetime] = field(default_factory=dict)
    _sorted: bool = True
    _count: int = 0

    def add(self, event: Record, key: str, *, now: datetime, visible_at: datetime, keep_duplicates: bool) -> bool:
        """Take an event in, readable from `visible_at`; False when it was dropped as a duplicate."""
        seen = self._seen.get(key)
        if seen is not None and now - seen < _DEDUPE_WINDOW and not keep_duplicates:
            return False
        self._seen.setdefault(key, now)
        self._count += 1
        row = EventRow(
            row_id=ulid(now, self._count),
            key=key,
            event=event,
            time=second(event["time"]),
            ingested_at=second(now),
            stored_at=second(max(now, visible_at)),
        )
        if visible_at <= now:
            self._show(row)
        else:
            heappush(self._waiting, (visible_at, row.row_id, row))
        return True

    def settle(self, now: datetime) -> None:
        """Show the events whose instant has come."""
        while self._waiting and self._waiting[0][0] <= now:
            self._show(heappop(self._waiting)[2])
        if not self._sorted:
            self._by_time.sort()
            self._by_ingestion.sort()
            self._sorted = True

    def drop(self, key: str) -> None:
        """Lose every row of an event, as a platform fault would."""
        gone = {row_id for row_id, row in self.rows.items() if row.key == key}
        for row_id in gone:
            del self.rows[row_id]
        self._by_time = [entry for entry in self._by_time if entry[1] not in gone]
        self._by_ingestion = [entry for entry in self._by_ingestion if entry[1] not in gone]

    def newest_first(self, column: str, before: tuple[datetime, str] | None = None) -> Iterator[EventRow]:
        """Rows from the newest by `time` or `ingested_at`, starting below a (second, row id); call `settle` first."""
        order = self._by_time if column == "time" else self._by_ingestion
        start = len(order) if before is None else bisect_left(order, before)
        for place in range(start - 1, -1, -1):
            yield self.rows[order[place][1]]

    def between(self, start: datetime | None, end: datetime | None) -> Iterator[EventRow]:
        """Rows with `start <= time < end`, oldest first; call `settle` first."""
        first = 0 if start is None else bisect_left(self._by_time, (start, ""))
        last = len(self._by_time) if end is None else bisect_left(self._by_time, (end, ""))
        for place in range(first, last):
            yield self.rows[self._by_time[place][1]]

    def _show(self, row: EventRow) -> None:
        self.rows[row.row_id] = row
        for order, instant in ((self._by_time, row.time), (self._by_ingestion, row.ingested_at)):
            entry = (instant, row.row_id)
            self._sorted = self._sorted and (not order or order[-1] < entry)
            order.append(entry)
