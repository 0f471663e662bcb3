"""Deletions that no feed tells: parts that went with their record, and records that a whole list no longer shows.

A record missing from a list is asked for by its id before it counts as deleted, and a list that lost too many at once
is not believed: a permission taken away looks just the same. Nor is one in which a record has no id that can be read.
"""

from dataclasses import dataclass, field, replace

import msgspec

from sync_assets.connect.brake import believable
from sync_assets.connect.landmarks import record_id
from sync_assets.connect.spec import Page, Stream, System, Tombstone, Window
from sync_assets.http.client import Client
from sync_assets.http.envelope import is_signed
from sync_assets.http.reply import DECODER
from sync_assets.model.errors import RejectError
from sync_assets.store.engine import Store
from sync_assets.store.parts import Parts, living_ids, parts_left_out, parts_of_deleted

_TOP_LEVEL = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass(kw_only=True)
class Vanished:
    """Watches one read of one stream, and adds to its pages what went without a word."""

    store: Store
    system: System
    stream: Stream
    client: Client
    stream_id: int
    window: Window
    from_start: bool
    seen: set[str] = field(default_factory=set)
    held_back: int = 0
    is_blind: bool = False

    def added_to(self, page: Page) -> Page:
        """The page with tombstones for what it shows to be gone."""
        gone = [*self._parts(page), *self._missing(page)]
        return replace(page, deleted=[*page.deleted, *gone]) if gone else page

    def _parts(self, page: Page) -> list[Tombstone]:
        """Parts of the records this page has whole, and with the last page those of records deleted lately."""
        if self.stream.part_of is None:
            return []
        parts = Parts(
            stream_id=self.stream_id,
            system=self.system.name,
            parent=self.stream.part_of,
            separator=self.stream.key_separator,
        )
        present = _ids(self.stream, page) if page.whole else None
        gone = () if present is None else dict.fromkeys(parts_left_out(self.store, parts, page.whole, present))
        found = [Tombstone(record_id=name, deleted_at=self.window.end) for name in gone]
        if page.next is None:
            found += [
                Tombstone(record_id=name, deleted_at=at or self.window.end)
                for name, at in parts_of_deleted(self.store, parts, self.window.start)
                if name not in gone
            ]
        return found

    def _missing(self, page: Page) -> list[Tombstone]:
        """With the last page of a snapshot read from its start: what is stored, unseen, and not found by its id."""
        if not self.stream.is_snapshot or not self.from_start:
            return []
        shown = _ids(self.stream, page)
        self.is_blind |= shown is None
        self.seen.update(shown or ())
        if page.next is not None or self.is_blind:
            return []
        known = living_ids(self.store, self.stream_id)
        missing = sorted(known - self.seen - {tombstone.record_id for tombstone in page.deleted})
        if not missing:
            return []
        if len(missing) > believable(len(known)) or len(missing) == len(known):
            self.held_back = len(missing)
            return []
        found = self.system.find(self.client, self.stream, missing)
        standing = _ids(self.stream, found)
        if standing is None:
            return []
        gone = set(missing).difference(standing, found.unsure)
        return [Tombstone(record_id=name, deleted_at=self.window.end) for name in sorted(gone)]


def _ids(stream: Stream, page: Page) -> list[str] | None:
    """The ids of a page's records, whatever else they hold; None when one of them has no id that can be read."""
    names = tuple(dict.fromkeys(path.split(".")[0] for path in stream.key))
    found = []
    for raw in page.records:
        try:
            values = _TOP_LEVEL.decode(raw)
            found.append(record_id(stream, {name: DECODER.decode(values[name]) for name in names if name in values}))
        except (RejectError, ValueError, RecursionError):
            return None
    return None if any(map(is_signed, found)) else found
