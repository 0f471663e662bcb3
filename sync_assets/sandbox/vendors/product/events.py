"""The event table: what was ingested, in order of its own time and of its ingestion.

Times are kept in whole seconds, as the vendor's columnar store does, and rows carry a row id that breaks ties. An event
is never changed: a second one with the same source and id is dropped, or stored once more where the platform does not
deduplicate.
Source: OpenMeter openmeter/streaming/clickhouse/event_query.go (columns of type DateTime), openmeter/dedupe (key of
source and id, window of 32 days), docs/event-ingestion.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from operator import itemgetter
from typing import TypeAlias

from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.product.ulid import ulid

_DEDUPE_WINDOW = timedelta(days=32)


def second(instant: datetime) -> datetime:
    """The whole second an instant lies in."""
    return instant.replace(microsecond=0) if instant.microsecond else instant


@dataclass(frozen=True, kw_only=True, slots=True)
class EventRow:
    """One stored event. Two rows may share a source and id where duplicates are kept; the row id is theirs alone."""

    row_id: str
    event: Record
    time: datetime
    ingested_at: datetime
    stored_at: datetime

    @property
    def key(self) -> str:
        """The event's identity, `source:id`."""
        return f"{self.event['source']}:{self.event['id']}"


@dataclass(kw_only=True)
class EventTable:
    """All events, by time and by ingestion."""

    _by_time: list[Place] = field(default_factory=list)
    _by_ingestion: list[Place] = field(default_factory=list)
    _waiting: list[Place] = field(default_factory=list)
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
        ingested_at = second(now)
        row = EventRow(
            row_id=ulid(now, self._count),
            event=event,
            time=second(event["time"]),
            ingested_at=ingested_at,
            stored_at=ingested_at if visible_at <= now else second(visible_at),
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
            self._by_time.sort(key=_PLACE)
            self._by_ingestion.sort(key=_PLACE)
            self._sorted = True

    def forget(self, key: str) -> None:
        """Know nothing of an event's key any more, as when the deduplicator's memory is lost; its rows stay."""
        self._seen.pop(key, None)

    def drop(self, key: str) -> None:
        """Lose every row of an event, as a platform fault would."""
        for order in (self._by_time, self._by_ingestion):
            order[:] = [place for place in order if place[2].key != key]

    def all(self) -> Iterator[EventRow]:
        """Every row, oldest first; call `settle` first."""
        return (row for _, _, row in self._by_time)

    def newest_first(self, column: str, before: tuple[datetime, str] | None = None) -> Iterator[EventRow]:
        """Rows from the newest by `time` or `ingested_at`, starting below a (second, row id); call `settle` first."""
        order = self._by_time if column == "time" else self._by_ingestion
        start = len(order) if before is None else bisect_left(order, before, key=_PLACE)
        for place in range(start - 1, -1, -1):
            yield order[place][2]

    def between(self, start: datetime | None, end: datetime | None) -> Iterator[EventRow]:
        """Rows with `start <= time < end`, oldest first; call `settle` first."""
        first = 0 if start is None else bisect_left(self._by_time, (start, ""), key=_PLACE)
        last = len(self._by_time) if end is None else bisect_left(self._by_time, (end, ""), key=_PLACE)
        for place in range(first, last):
            yield self._by_time[place][2]

    def _show(self, row: EventRow) -> None:
        for order, instant in ((self._by_time, row.time), (self._by_ingestion, row.ingested_at)):
            place = (instant, row.row_id, row)
            self._sorted = self._sorted and (not order or _PLACE(order[-1]) < _PLACE(place))
            order.append(place)


Place: TypeAlias = tuple[datetime, str, EventRow]
_PLACE = itemgetter(0, 1)
