"""The platform's memory: events and resources over one shelf, and the verbs that change them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sync_assets.sandbox.shelf import Record, Shelf
from sync_assets.sandbox.vendors.product.customers import Attribution
from sync_assets.sandbox.vendors.product.events import EventTable
from sync_assets.sandbox.vendors.product.quirks import Quirks
from sync_assets.sandbox.vendors.product.resources import Resources, refuse_floats

_EVENT_FIELDS = ("id", "source", "type", "subject")


@dataclass(kw_only=True)
class Platform:
    """Everything one simulated metering platform holds."""

    shelf: Shelf
    quirks: Quirks = field(default_factory=Quirks)
    events: EventTable = field(default_factory=EventTable)

    def __post_init__(self) -> None:
        self.resources = Resources(shelf=self.shelf)
        self.attribution = Attribution(resources=self.resources)

    def now(self) -> datetime:
        """The platform's clock."""
        return self.shelf.clock.now()

    def put(self, stream: str, record: Record, *, visible_at: datetime | None = None) -> None:
        """Ingest an event, or create or merge a record of a resource.

        Raises:
            KeyError: an event without id, source, type or subject; an unknown stream.
        """
        with self.shelf.lock:
            if stream == "events":
                self.ingest(record.get("event", record), visible_at=visible_at)
            else:
                self.resources.put(stream, record, visible_at=visible_at)

    def ingest(self, event: Record, *, visible_at: datetime | None = None) -> None:
        """Take one CloudEvent in; what happened when is `time`, by default now."""
        refuse_floats(event)
        now = self.now()
        happened = event.get("time") or now
        if isinstance(happened, str):
            happened = datetime.fromisoformat(happened)
        stored: Record = {"specversion": "1.0", **{name: event[name] for name in _EVENT_FIELDS}, "time": happened}
        if event.get("data") is not None:
            stored.update(datacontenttype="application/json", data=event["data"])
        if event.get("dataschema"):
            stored["dataschema"] = event["dataschema"]
        key = f"{stored['source']}:{stored['id']}"
        shown_at = visible_at or now + timedelta(seconds=self.quirks.late_visible_s)
        keep = self.quirks.keep_duplicates
        if self.events.add(stored, key, now=now, visible_at=shown_at, keep_duplicates=keep):
            self.shelf.put("events", key, stored, visible_at=shown_at)

    def delete(self, stream: str, record_id: str) -> None:
        """Delete a record softly; an event is lost for good, which only a fault of the platform does.

        Raises:
            KeyError: there is none.
        """
        with self.shelf.lock:
            if stream == "events":
                self.events.settle(self.now())
                self.events.drop(record_id)
                self.shelf.put(stream, record_id, {}, deleted=True)
            else:
                self.resources.delete(stream, record_id)

    def settled_events(self) -> EventTable:
        """The event table with everything shown whose instant has come."""
        self.events.settle(self.now())
        return self.events
