"""The completeness auditor: a second look at one stream by another way, which proves that what is stored is the source.

It shares no reading code with the first way (extract.py, the systems' reads): ids, change stamps and, where the list
shows records whole, contents that exist at the source are laid beside what is stored. What is missing or stale is
fetched by id and landed like any page; what is stored and gone at the source is buried once a second audit sees it too.
One record is withheld from each comparison: an auditor that does not miss it is broken itself. Not here: the lists
(systems/<system>/audit.py), SQL (store).
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sync_assets.connect.account import refuse_other_account
from sync_assets.connect.audit_contents import Contents
from sync_assets.connect.brake import believable
from sync_assets.connect.clock import time_now
from sync_assets.connect.mend import bury, confirmed_absent, fetch
from sync_assets.connect.paging import Place
from sync_assets.connect.spec import Audit as Listing
from sync_assets.connect.spec import Stream, System
from sync_assets.http.client import Client
from sync_assets.model.errors import ContractError, FencedError
from sync_assets.store.audit_findings import keep_findings, resolve_findings
from sync_assets.store.audits import (
    DIFFERENCES_MAX,
    Audit,
    Difference,
    add_sightings,
    begin_audit,
    counts,
    differences,
    end_audit,
    planted,
    unseen,
)
from sync_assets.store.engine import Store

PAGES_MAX = 2_000_000
"""Pages of one list: more than any account holds."""

Compare = Callable[[Store, Audit, str | None], list[Difference]]


@dataclass(frozen=True, kw_only=True)
class Auditing:
    """What to audit: which stream of which system, for which run. `compare` is what the planted record tests."""

    system: System
    stream: Stream
    client: Client
    run_id: str
    compare: Compare = differences
    progress: Callable[[str], None] = field(default=lambda _line: None)


@dataclass(frozen=True, kw_only=True)
class Audited:
    """What an audit of a stream showed, in records.

    `listed` exist at the source, `stored` are stored as existing. `missing`, `ghosts` and `stale` are what differed,
    ghosts only once they are confirmed; `mended` of them were fetched or buried. `held_back` were not on the list, or
    on it with another content, and are too many to be believed gone, or changed. `plant_found` is None when there was
    no record to withhold.
    """

    listed: int
    stored: int
    missing: int
    ghosts: int
    stale: int
    held_back: int
    mended: int
    plant_found: bool | None
    duration_s: float

    @property
    def is_clean(self) -> bool:
        """Nothing differed, nothing was held back, and the auditor found what it had hidden from itself."""
        return not (self.missing or self.ghosts or self.stale or self.held_back) and self.plant_found is not False


def audit_stream(store: Store, work: Auditing) -> Audited | None:
    """Compare one stream with its source and mend what differs; None where there is nothing to compare.

    Raises:
        UnreachableError: the source refuses the list; a permission that is lost is no deletion, and nothing changes.
        SyncError: whatever stopped the list; nothing was compared.
    """
    listing = work.system.audit
    if listing is None:
        return None
    began = time.monotonic()
    refuse_other_account(store, work.system, work.client)
    source_at = time_now(work.system, work.client)
    audit = begin_audit(store, work.system.name, work.stream.name, run_id=work.run_id, source_at=source_at)
    if audit is None:
        return None
    contents = Contents()
    counted = _list(store, work, audit, listing=listing, contents=contents)
    listed, stored = counts(store, audit)
    lost, plant_found = _compared(store, work, audit)
    otherwise, not_believed = contents.believed(store, work, audit, stored)
    lost += otherwise
    suspects = unseen(store, audit)
    held_back = _too_many(suspects, stored) or (counted is not None and listed < counted and len(suspects))
    absent = set[str]() if held_back else confirmed_absent(work, suspects, source_at)
    ghosts = [one for one in suspects if one.record_id in absent]
    _note_settled(store, audit, lost, ghosts, is_sure=not held_back)
    confirmed = keep_findings(store, audit, [*lost, *ghosts])
    dead = [one.record_id for one in ghosts if ("ghost", one.record_id) in confirmed]
    figures = {
        "listed": listed,
        "stored": stored,
        "missing": sum(one.what == "missing" for one in lost),
        "stale": sum(one.what == "stale" for one in lost),
        "ghosts": len(dead),
        "held_back": int(held_back) + not_believed,
        "plant_found": plant_found,
        "mended": _mended(store, work, audit, [one.record_id for one in lost], dead),
    }
    end_audit(store, audit, figures)
    return Audited(**figures, duration_s=time.monotonic() - began)  # type: ignore[arg-type]


def _list(store: Store, work: Auditing, audit: Audit, *, listing: Listing, contents: Contents) -> int | None:
    """Keep every record that the source lists; returns how many the source says there are, where it says so."""
    at, counted, seen = Place(), None, 0
    for _ in range(PAGES_MAX):
        roll = listing(work.client, work.stream, audit.earliest, at.cursor)
        add_sightings(
            store, audit, [(one.record_id, one.stamped_at, one.born_at, one.is_due) for one in roll.sightings]
        )
        contents.look(store, work.stream, audit, roll.sightings)
        counted = roll.counted if roll.counted is not None else counted
        seen += len(roll.sightings)
        work.progress(f"{work.stream.name}: {seen} records seen by the auditor")
        if roll.next is None:
            return counted
        at = at.onward(roll.next)
    raise ContractError(f"{work.system.name} {work.stream.name}: the auditor's list has no end.", reason="poison")


def _compared(store: Store, work: Auditing, audit: Audit) -> tuple[list[Difference], bool | None]:
    """What is missing or stale, and whether the withheld record was among it; that one is no finding."""
    withheld = planted(store, audit)
    found = work.compare(store, audit, withheld)
    real = [one for one in found if one.record_id != withheld]
    return real, None if withheld is None else len(real) < len(found)


def _too_many(suspects: Sequence[Difference], stored: int) -> int:
    """How many records are not believed to be gone, since they are too many at once."""
    return len(suspects) if suspects and (len(suspects) > believable(stored) or len(suspects) == stored) else 0


def _note_settled(
    store: Store, audit: Audit, lost: Sequence[Difference], ghosts: Sequence[Difference], *, is_sure: bool
) -> None:
    """Close findings that this audit no longer sees; of ghosts only when it could tell."""
    if len(lost) <= DIFFERENCES_MAX:
        resolve_findings(store, audit, ("missing", "stale"), lost)
    if is_sure:
        resolve_findings(store, audit, ("ghost",), ghosts)


def _mended(store: Store, work: Auditing, audit: Audit, lost: Sequence[str], dead: Sequence[str]) -> int:
    """Fetch what is lost and bury what is dead; returns for how many records. A stream being read is left to itself."""
    try:
        return fetch(store, work, audit, lost) + bury(store, work, audit, dead)
    except FencedError:
        return 0
