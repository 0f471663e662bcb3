"""`python -m sync_assets_tests.score.audit SEED` damages a thousand records and prints what the auditor found of them.

A company is read and audited: nothing must be reported. Then records are deleted, altered and withheld at random in
every stream, through a day of business with vendors that show a part of it late and in the store itself. An ordinary
read follows, and what it repairs does not count. Each of the others must be found, called what it is, and mended by
`sync-assets audit`, as a real run; and a second audit finds nothing. A finding that no damage explains is wrong unless
mending it changed what is stored: then it was true, and is counted apart. Ends 1 when any of this does not hold.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from sync_assets.definitions import SYSTEMS
from sync_assets.operate.audits import DIFFERED, run_audit
from sync_assets.operate.census import census
from sync_assets.sandbox.defects.plan import PER_CUSTOMERS, in_turns
from sync_assets.sandbox.defects.registry import class_of
from sync_assets.sandbox.shelf import Shelf, Version
from sync_assets_tests.graph.company import Company, company
from sync_assets_tests.score.corpus import day_of
from sync_assets_tests.score.damage import CALLED, Damage, shows_contents, spoiled
from sync_assets_tests.score.withheld import Place, Withholding

HIDDEN_H, WITHHELD_SHARE = 72, 0.15
"""Hours that a writing is withheld, and how many of the writings of a day are."""

SETTLED_H = 3
"""Hours after which no stream's overlap reaches back to what was read before."""

_FOUND = """SELECT s.system, s.name, f.record_id, f.what, f.why FROM sync.audit_finding f JOIN sync.stream s
    USING (stream_id) WHERE f.resolved_at IS NULL"""

_HEADS = """SELECT s.system, s.name, h.record_id, h.content_hash, h.is_deleted FROM raw.head h JOIN sync.stream s
    USING (stream_id)"""

_READ = """SELECT s.complete_through, v.stamped_at, v.observed_at FROM sync.stream s
    LEFT JOIN raw.head h ON h.stream_id = s.stream_id AND h.record_id = :record_id
    LEFT JOIN raw.version v ON v.stream_id = h.stream_id AND v.version_id = h.version_id
    WHERE s.system = :system AND s.name = :stream"""


@dataclass(frozen=True, kw_only=True)
class Audited:
    """What became of the damages: those called right, and in words what was not as it should be.

    `besides` is how many more records were found that were not stored as at the source either: lines of a document, or
    what hangs on it, of which a writing was withheld. `repaired` damages were made good by an ordinary read, and count
    nowhere.
    """

    damages: Sequence[Damage]
    right: Sequence[Damage]
    wrong: Sequence[str]
    besides: int = 0
    repaired: int = 0


def main() -> int:
    """Damage and audit one company."""
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--customers", type=int, default=120)
    parser.add_argument("--damages", type=int, default=1000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sync-audit-") as home:
        place, now = Path(home), day_of(asked.seed)
        planned = defects(asked.seed, asked.customers)
        with company(place, seed=asked.seed, customers=asked.customers, now=now, defects=planned) as opened:
            found = damaged(opened, Random(asked.seed), asked.damages)
    _print(found)
    return 1 if found.wrong else 0


def defects(seed: int, customers: int) -> dict[str, int]:
    """What goes wrong in a company before it is damaged: everything but F103, whose record the auditor tells too."""
    counts = in_turns(seed, max(customers // PER_CUSTOMERS, 1))
    return {name: count for name, count in counts.items() if class_of(name) != "F103"}


def damaged(company: Company, random: Random, count: int) -> Audited:
    """Read a company, damage it, and audit it."""
    _read(company)
    wrong = [f"before the damage: {line}" for line in _unclean(company)]
    withholding = Withholding(random=random, share=WITHHELD_SHARE, hours=HIDDEN_H)
    damages = _withheld(company, withholding)
    spoils = spoiled(company.store, SYSTEMS, random, count - len(damages), spared={each.place for each in damages})
    spoilt = _heads(company)
    _read_once(company)
    before = _heads(company)
    damages += [each for each in spoils if before.get(each.place) == spoilt.get(each.place)]
    audited = run_audit(company.store, SYSTEMS, [])
    after = _heads(company)
    wrong += audited.failures
    found = {(row[0], row[1], row[2]): (row[3], row[4]) for row in company.rows(_FOUND)}
    right = [each for each in damages if _is_right(each, found)]
    wrong += [f"{each}: {found.get(each.place, 'not found')}" for each in damages if each not in right]
    besides = found.keys() - {each.place for each in damages}
    false = {place for place in besides if before.get(place) == after.get(place)}
    wrong += [f"found and not so: {' '.join(place)} {found[place]}" for place in sorted(false)]
    wrong += [f"after mending: {line}" for line in _unclean(company)]
    _read(company)
    wrong += [f"not as at the source: {system} {names}" for system in _names() if (names := company.census(system))]
    repaired = sum(each not in damages for each in spoils)
    return Audited(damages=damages, right=right, wrong=wrong, besides=len(besides - false), repaired=repaired)


def _names() -> list[str]:
    return [system.name for system in SYSTEMS]


def _read(company: Company) -> None:
    """Read all systems twice, so that everything that is there is complete."""
    for _ in range(2):
        _read_once(company)
        company.sandbox.clock.advance(hours=SETTLED_H)


def _read_once(company: Company) -> None:
    """One ordinary read of all systems."""
    for name in _names():
        failures = company.run(f"sync_{name}").failures
        assert not failures, failures


def _heads(company: Company) -> dict[Place, tuple[bytes, bool]]:
    """What is stored of every record."""
    return {(row[0], row[1], row[2]): (bytes(row[3]), row[4]) for row in company.rows(_HEADS)}


def _withheld(company: Company, withholding: Withholding) -> list[Damage]:
    """A day of business with vendors that withhold, read as usual; the withheld is there to be seen afterwards."""
    withholding.business(company.sandbox.vendors, lambda: company.sandbox.advance(timedelta(days=1)))
    _read(company)
    company.sandbox.clock.advance(hours=HIDDEN_H)
    _read_once(company)
    held = census(company.store, SYSTEMS, with_ids=True)
    stored = {name: {stream: set(one["ids"]) for stream, one in held[name].items()} for name in held}
    exist = {
        name: {stream: set(ids) for stream, ids in held.items()} for name, held in company.sandbox.census().items()
    }
    return [damage for damage in withholding.damages(stored, exist) if _is_lost(company, damage)]


def _is_lost(company: Company, damage: Damage) -> bool:
    """Whether no later reading would find it, and the vendor's list could tell.

    Not lost is what the vendor itself calls not covered yet: the next reading begins before it. No list of stamps can
    tell what changed without a stamp, and no list at all what it shows nowhere (docs/guarantees.md).
    """
    vendor = next(each for each in company.sandbox.vendors if each.name == damage.system)
    system = next(each for each in SYSTEMS if each.name == damage.system)
    stream = next(each for each in system.streams if each.name == damage.stream)
    now = vendor.shelf.latest(damage.stream, damage.record_id)
    ((complete, stored, observed),) = company.rows(
        _READ, system=damage.system, stream=damage.stream, record_id=damage.record_id
    )
    if now is None or now.stamped_at > complete:
        return now is None
    if damage.kind == "outdated" and (not _shows_news(vendor.shelf, now) or observed >= now.visible_at):
        return False  # nothing to be seen, or read since it could be
    is_stamped = system.name != "stripe" and stored is not None and now.stamped_at > stored
    return damage.kind != "outdated" or shows_contents(system, stream) or is_stamped


def _shows_news(shelf: Shelf, now: Version) -> bool:
    """Whether a record is shown otherwise than before; with which payout an entry left is shown by the payout alone."""
    place = (now.stream, now.record_id)
    former = [each for each in shelf.versions[: now.sequence] if (each.stream, each.record_id) == place]
    return bool(former) and former[-1].record != now.record


def _unclean(company: Company) -> list[str]:
    """What an audit of everything does not find in order, in words."""
    done = run_audit(company.store, SYSTEMS, [])
    rows = [row for row in done.rows if row["plant_found"] is False or any(row[name] for name in DIFFERED)]
    return [*done.failures, *(str(dict(row)) for row in rows)]


def _is_right(damage: Damage, found: Mapping[Place, tuple[str, str]]) -> bool:
    """The auditor named the record, called it what it is, and gave a reason that is one of the right ones."""
    what, whys = CALLED[damage.kind]
    return damage.place in found and found[damage.place][0] == what and found[damage.place][1] in whys


def _print(found: Audited) -> None:
    console = Console()
    table = Table("system", "stream", *CALLED, title="found of damaged")
    right, all_ = (
        Counter((each.system, each.stream, each.kind) for each in some) for some in (found.right, found.damages)
    )
    for place in sorted({(each.system, each.stream) for each in found.damages}):
        cells = [f"{right[*place, kind]} of {all_[*place, kind]}" if all_[*place, kind] else "" for kind in CALLED]
        table.add_row(*place, *cells)
    console.print(table)
    for line in found.wrong:
        console.print(line, highlight=False, soft_wrap=True)
    console.print(
        f"{len(found.right)} of {len(found.damages)} found, called what they are and mended; {found.besides} more that "
        f"were not as at the source; {found.repaired} damages made good by an ordinary read do not count."
    )


if __name__ == "__main__":
    sys.exit(main())
