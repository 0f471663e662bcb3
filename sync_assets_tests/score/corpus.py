"""One scored run: a company with defects, a pass, a day of business, another pass, and the verdict on the breaks."""

import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sync_assets.operate.home import own_home, prepare
from sync_assets.operate.passes import chosen, run_pass
from sync_assets.sandbox.town import Sandbox
from sync_assets.store import embedded
from sync_assets.store.engine import Store, open_store
from sync_assets_tests.score.judge import Known, Score, judge

FIRST_DAY, DAYS = datetime(2025, 11, 3, 14, tzinfo=UTC), 300


def day_of(seed: int) -> datetime:
    """The day on which a seed's company is looked at: always the same, so that a score can be had again."""
    return FIRST_DAY + timedelta(days=Random(seed).randrange(DAYS))


def score_seed(seed: int, customers: int) -> dict[str, Score]:
    """The score per class of one seed."""
    from sync_assets.integrity.ledger import read_breaks

    os.environ["SYNC_HOME"] = tempfile.mkdtemp(prefix="sync-score-")
    place = own_home("score")
    sandbox = Sandbox(seed=seed, customers=customers, now=day_of(seed))
    sandbox.start()
    os.environ.update(sandbox.settings())
    os.environ.update({f"SYNC_{vendor.name.upper()}_RATE": "60000" for vendor in sandbox.vendors})
    try:
        prepare()
        store = open_store()
        _pass(store)
        sandbox.day_of_business()
        _pass(store)
        return judge(known_defects(sandbox), read_breaks(store))
    finally:
        sandbox.stop()
        embedded.stop(Path(place))


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
        )
        for truth in sandbox.truths
    ]


def _pass(store: Store) -> None:
    """One pass over every system; a pass that fails ends the run with its sentences."""
    from sync_assets.definitions import SYSTEMS

    done = run_pass(store, chosen(SYSTEMS, []), full=False, show=lambda _line: None)
    if done.failures:
        raise SystemExit("; ".join(done.failures))
