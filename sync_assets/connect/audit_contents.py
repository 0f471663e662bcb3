"""Records whose content at the source is not what is stored, though no change stamp says so: what of that is believed.

Two answers of the source must agree against the store, the list and the lookup by id: a list may show records in
another form than a lookup, and that is no change. What changed since the stream was last read is nobody's loss.
Not here: records that are missing or have a newer stamp (audit.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sync_assets.connect.brake import believable
from sync_assets.connect.decode import take_apart
from sync_assets.connect.digest import digest
from sync_assets.connect.mend import Source, looked_up
from sync_assets.connect.spec import Sighting, Window
from sync_assets.http.envelope import restored
from sync_assets.model.errors import ContractError, FeedExpiredError, RejectError
from sync_assets.store.audit_contents import Shown, stored_hashes, stored_otherwise
from sync_assets.store.audits import Audit, Difference
from sync_assets.store.engine import Store

CHANGES_PAGES_MAX = 100_000
"""Pages of changes since the last read: past this a cursor is running in circles."""


@dataclass(kw_only=True)
class Contents:
    """What the pages of one audit showed to be stored otherwise, with the hash that the list showed."""

    suspects: dict[str, tuple[Difference, bytes]] = field(default_factory=dict)
    undated: set[str] = field(default_factory=set)

    def look(self, store: Store, audit: Audit, sightings: Sequence[Sighting]) -> None:
        """Lay a page of the list beside the store; a list that does not show records whole has nothing to say."""
        shown = {one.record_id: one for one in map(_shown, sightings) if one is not None}
        for found in stored_otherwise(store, audit, list(shown.values())):
            self.suspects[found.record_id] = found, shown[found.record_id].content_hash
            if shown[found.record_id].since is None:
                self.undated.add(found.record_id)

    def believed(self, store: Store, source: Source, audit: Audit, stored: int) -> tuple[list[Difference], int]:
        """The records that are stale for sure, and how many are too many to be believed at once."""
        limit = believable(stored)
        if self.undated:
            self._excuse(source, audit)
        asked = sorted(self.suspects)[:limit]
        sure = self._agreed(store, source, audit, asked)
        if sure and len(self.suspects) > limit:
            return [], len(self.suspects)
        return [self.suspects[name][0] for name in sure], 0

    def _excuse(self, source: Source, audit: Audit) -> None:
        """Forget those without any date of change that the next read has anyway; all, where nothing can tell them."""
        try:
            excused = self.undated & _changed_since(source, audit)
        except FeedExpiredError:
            excused = self.undated
        for name in excused:
            del self.suspects[name]

    def _agreed(self, store: Store, source: Source, audit: Audit, ids: Sequence[str]) -> list[str]:
        """Those of whom the lookup by id says what the list says, and the store still says otherwise."""
        told = {
            one.record_id: one.content_hash
            for _, found in looked_up(source, ids, audit.source_at)
            for one in found.versions
            if not one.is_deleted
        }
        held = stored_hashes(store, audit, ids)
        return [name for name in ids if told.get(name) == self.suspects[name][1] != held.get(name, told.get(name))]


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
    """The records that the reader would read next, since they changed after the stream was complete."""
    window = Window(start=audit.complete_through, end=audit.source_at, earliest=audit.earliest)
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
