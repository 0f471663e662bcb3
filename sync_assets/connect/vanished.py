"""Deletions that no feed tells: parts that went with their record, and records that a whole list no longer shows.

A record missing from a list, and a part missing from its record, is asked for by its id before it counts as deleted. A
list that lost too many at once is not believed: a permission taken away looks just the same. Nor is one in which a
record has no id that can be read. A part's end ranks no higher than the record without it, so that a part seen later
stands again, while an older copy of it does not come back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import msgspec

from sync_assets.connect.brake import believable
from sync_assets.connect.digest import digest
from sync_assets.connect.landmarks import record_id
from sync_assets.connect.spec import Page, Stream, System, Tombstone, Window
from sync_assets.http.client import Client
from sync_assets.http.envelope import is_signed
from sync_assets.http.reply import DECODER
from sync_assets.model.errors import RejectError
from sync_assets.store.engine import Store
from sync_assets.store.parts import LeftOut, Parts, living_ids, parts_left_out, parts_of_deleted

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
        """The page with tombstones for what it shows to be gone, and with parts that it left out though they stand."""
        page = self._less_parts(page) if self.stream.part_of else page
        gone = self._missing(page)
        return replace(page, deleted=[*page.deleted, *gone]) if gone else page

    def _less_parts(self, page: Page) -> Page:
        """The page with the ends of parts: of the records it has whole, with the last page of deleted records too."""
        parts = Parts(
            stream_id=self.stream_id,
            system=self.system.name,
            parent=self.stream.part_of or "",
            separator=self.stream.key_separator,
        )
        present = _ids(self.stream, page) if page.whole else None
        missing = [] if present is None else parts_left_out(self.store, parts, page.whole, present)
        gone = []
        if missing:
            again = self.system.find(self.client, self.stream, [part.record_id for part in missing])
            gone = self._ended(page, missing, _ids(self.stream, again))
            page = replace(page, records=[*page.records, *again.records])
        if page.next is None:
            known = {part.record_id for part in missing}
            gone += [
                Tombstone(record_id=name, deleted_at=at or self.window.end)
                for name, at in parts_of_deleted(self.store, parts, self.window.start)
                if name not in known
            ]
        return replace(page, deleted=[*page.deleted, *gone]) if gone else page

    def _ended(self, page: Page, missing: Sequence[LeftOut], standing: Sequence[str] | None) -> list[Tombstone]:
        """The ends of parts that a second look does not find either; of none, where it shows one without an id."""
        if standing is None:
            return []
        shown = digest(self.stream, replace(page, deleted=()), self.window.end).versions
        begins = {part.owner_id: part.owner_id + self.stream.key_separator for part in missing}
        as_of = {
            owner: min((one.rank for one in shown if one.record_id.startswith(begin)), default=0)
            for owner, begin in begins.items()
        }
        return [
            Tombstone(record_id=part.record_id, deleted_at=self.window.end, rank=max(part.rank, as_of[part.owner_id]))
            for part in missing
            if part.record_id not in standing
        ]

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
