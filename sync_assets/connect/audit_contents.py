"""Records whose content at the source is not what is stored, though no change stamp says so: what of that is believed.

Two answers of the source must agree against the store, the list and the lookup by id: a list may show records in
another form than a lookup, and that is no change. What changed since the stream was last read is nobody's loss.
Not here: records that are missing or have a newer stamp (audit.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sync_assets.connect.added import hash_without
from sync_assets.connect.brake import believable
from sync_assets.connect.clock import time_now
from sync_assets.connect.decode import take_apart
from sync_assets.connect.digest import digest
from sync_assets.connect.mend import Source, looked_up
from sync_assets.connect.spec import Sighting, Stream, Window
from sync_assets.http.envelope import restored
from sync_assets.model.errors import ContractError, FeedExpiredError, RejectError
from sync_assets.store.audit_contents import Shown, stored_otherwise
from sync_assets.store.audits import Audit, Difference
from sync_assets.store.engine import Store
from sync_assets.store.standing import standing_otherwise

CHANGES_PAGES_MAX = 100_000
"""Pages of changes since the last read: past this a cursor is running in circles."""


@dataclass(kw_only=True)
class Contents:
    """What the pages of one audit showed to be stored otherwise, and what they showed of it."""

    suspects: dict[str, Shown] = field(default_factory=dict)

    def look(self, store: Store, stream: Stream, audit: Audit, sightings: Sequence[Sighting]) -> None:
        """Lay a page of the list beside the store; a list that does not show records whole has nothing to say."""
        shown = {one.record_id: one for one in map(_shown, sightings) if one is not None}
        for found in _otherwise(store, stream, audit, list(shown.values())):
            self.suspects[found.record_id] = shown[found.record_id]

    def believed(self, store: Store, source: Source, audit: Audit, stored: int) -> tuple[list[Difference], int]:
        """The records that are stale for sure, and how many are too many to be believed at once."""
        limit = believable(stored)
        self._excuse(source, audit)
        sure = self._agreed(store, source, audit, sorted(self.suspects)[:limit])
        return ([], len(self.suspects)) if sure and len(self.suspects) > limit else (sure, 0)

    def _excuse(self, source: Source, audit: Audit) -> None:
        """Forget those without any date of change that the next read has anyway; all, where nothing can tell them."""
        undated = {name for name, shown in self.suspects.items() if shown.since is None}
        try:
            excused = undated & _changed_since(source, audit) if undated else undated
        except FeedExpiredError:
            excused = undated
        for name in excused:
            del self.suspects[name]

    def _agreed(self, store: Store, source: Source, audit: Audit, ids: Sequence[str]) -> list[Difference]:
        """Those of whom the lookup by id says what the list says, and the store still says otherwise."""
        told = {
            one.record_id: one.content_hash
            for _, found in looked_up(source, ids, audit.source_at)
            for one in found.versions
            if not one.is_deleted
        }
        agreed = [self.suspects[name] for name in ids if told.get(name) == self.suspects[name].content_hash]
        return _otherwise(store, source.stream, audit, agreed)


def _otherwise(store: Store, stream: Stream, audit: Audit, shown: Sequence[Shown]) -> list[Difference]:
    """Those stored with another content; what our reading added to a stored record is none."""
    found = stored_otherwise(store, audit, shown)
    if not (found and stream.composed):
        return found
    hashes = {one.record_id: one.content_hash for one in shown}
    told = {one.record_id: [hashes[one.record_id]] for one in found}
    alone = {name: hash_without(stream, raw) for name, raw in standing_otherwise(store, audit.stream_id, told).items()}
    return [one for one in found if alone.get(one.record_id) != hashes[one.record_id]]


def _shown(sighting: Sighting) -> Shown | None:
    """The sighting by the hash of its content; None where the list shows no content, or one that cannot be read."""
    if sighting.content is None:
        return None
    try:
        content_hash = take_apart(restored(sighting.content)).content_hash
    except RejectError:
        return None
    return Shown(sighting.record_id, content_hash, sighting.stamped_at, sighting.stamped_at or sighting.changed_at)


def _changed_since(source: Source, audit: Audit) -> set[str]:
    """The records that the reader would read next, since they changed after the stream was complete.

    Until now, and not until the audit began: what changes while a long list is read is on the list as well.
    """
    now = time_now(source.system, source.client)
    window = Window(start=audit.complete_through, end=now, earliest=audit.earliest)
    names, place = set[str](), None
    for _ in range(CHANGES_PAGES_MAX):
        page = source.system.read(source.client, source.stream, window, place)
        taken = digest(source.stream, page, audit.source_at)
        names.update(one.record_id for one in taken.versions)
        names.update(one.record_id for one in taken.rejected)
        if page.next is None:
            return names
        place = page.next
    raise ContractError(
        f"{source.system.name} {source.stream.name}: the list of changes does not end.", reason="poison"
    )
