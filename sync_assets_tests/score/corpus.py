"""One scored company: its history and a day of business, read over a wire with faults, and what was reported when."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sync_assets.operate.home import own_home, prepare
from sync_assets.operate.passes import chosen, run_pass
from sync_assets.sandbox.town import Sandbox
from sync_assets.store import embedded
from sync_assets.store.engine import Store, open_store
from sync_assets_tests.score.judge import Known, Report, Score, judge
from sync_assets_tests.simulate.trouble import FAULTS, Trouble, disturbed

FIRST_DAY, DAYS = datetime(2025, 11, 3, 14, tzinfo=UTC), 300

LOOKS = (timedelta(hours=12), timedelta(hours=12), timedelta(hours=2))
"""How long after one another the company is read and judged: in the middle of its day of business, at its end, when
things are under way on purpose, and when what the first pass had to set aside has waited for longer than a day."""

FAULTS_SHARE, ATTEMPTS = 0.3, 8
"""Share of the requests that a fault meets, over the number of customers: a large company, which takes more requests,
meets as many faults as a small one. And how often a pass is begun before the wire is called dead."""


@dataclass(frozen=True, kw_only=True)
class Company:
    """A company that was read, and the reports made on the way, the last one as its day of business ended."""

    sandbox: Sandbox
    store: Store
    reports: list[Report] = field(default_factory=list)

    def score(self, reports: Sequence[Report] = ()) -> dict[str, Score]:
        """The score per class of what was reported, or of other reports."""
        return judge(known_defects(self.sandbox), reports or self.reports)

    def report(self) -> Report:
        """What the ledger says now."""
        from sync_assets.integrity.ledger import read_breaks

        return Report(at=self.sandbox.clock.now(), rows=read_breaks(self.store))


def day_of(seed: int) -> datetime:
    """The day on which a seed's company is looked at: always the same, so that a score can be had again."""
    return FIRST_DAY + timedelta(days=Random(seed).randrange(DAYS))


@contextmanager
def read_company(seed: int, customers: int) -> Iterator[Company]:
    """A company with defects of every class and their benign twins, read and judged until its day is over."""
    os.environ["SYNC_HOME"] = tempfile.mkdtemp(prefix="sync-score-")
    place = own_home("score")
    sandbox = Sandbox(seed=seed, customers=customers, now=day_of(seed))
    sandbox.start()
    os.environ.update(sandbox.settings())
    os.environ.update({f"SYNC_{vendor.name.upper()}_RATE": "60000" for vendor in sandbox.vendors})
    try:
        prepare()
        company = Company(sandbox=sandbox, store=open_store())
        with disturbed(sandbox, _trouble(customers), Random(f"wire/{seed}")):
            _live_a_day(company)
        yield company
    finally:
        sandbox.stop()
        embedded.stop(Path(place))


def score_seed(seed: int, customers: int) -> dict[str, Score]:
    """The score per class of one seed."""
    with read_company(seed, customers) as company:
        return company.score()


def known_defects(sandbox: Sandbox) -> list[Known]:
    """What was broken on purpose until now, worth what it is worth now."""
    return [
        Known(
            class_=truth.class_,
            entity_id=truth.entity_id,
            records=frozenset(f"{record.system}:{record.record_id}" for record in truth.records),
            owner=truth.owner,
            hop=truth.hop,
            currency=truth.currency,
            money_minor=truth.money_minor,
            symptoms=truth.symptoms,
            since=truth.since,
        )
        for truth in sandbox.truths
    ]


def _trouble(customers: int) -> Trouble:
    """Every fault of the wire, and neither kills nor late rows, which `make simulate` plays."""
    return Trouble(
        faults=tuple(sorted(FAULTS)),
        share=FAULTS_SHARE / customers,
        killed_at=None,
        late_s=0,
        jump=timedelta(0),
    )


def _live_a_day(company: Company) -> None:
    _pass(company.store)
    company.reports.append(company.report())
    company.sandbox.plan_day()
    for later in LOOKS:
        company.sandbox.advance(later)
        _pass(company.store)
        company.reports.append(company.report())


def _pass(store: Store) -> None:
    """One pass over every system, begun again where faults ended it; what fails every time ends the run."""
    from sync_assets.definitions import SYSTEMS

    for _ in range(ATTEMPTS):
        done = run_pass(store, chosen(SYSTEMS, []), full=False, show=lambda _line: None)
        if not done.failures:
            return
    raise SystemExit("; ".join(done.failures))
