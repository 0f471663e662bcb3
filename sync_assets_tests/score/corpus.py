"""One scored run: a company with defects, passes with days of business between them, and the verdict on the breaks."""

import os
import tempfile
from pathlib import Path

from sync_assets.operate.home import own_home, prepare
from sync_assets.operate.passes import chosen, run_pass
from sync_assets.sandbox.town import Sandbox
from sync_assets.store import embedded
from sync_assets.store.engine import open_store
from sync_assets_tests.score.judge import Known, Score, judge


def score_seed(seed: int, customers: int) -> dict[str, Score]:
    """The score per class of one seed."""
    from sync_assets.definitions import SYSTEMS
    from sync_assets.integrity.ledger import read_breaks

    os.environ["SYNC_HOME"] = tempfile.mkdtemp(prefix="sync-score-")
    place = own_home("score")
    sandbox = Sandbox(seed=seed, customers=customers)
    sandbox.start()
    os.environ.update(sandbox.settings())
    os.environ.update({f"SYNC_{vendor.name.upper()}_RATE": "60000" for vendor in sandbox.vendors})
    try:
        prepare()
        store = open_store()
        for _ in range(2):
            done = run_pass(store, chosen(SYSTEMS, []), full=False, show=lambda _line: None)
            if done.failures:
                raise SystemExit("; ".join(done.failures))
            sandbox.day_of_business()
        run_pass(store, chosen(SYSTEMS, []), full=False, show=lambda _line: None)
        now = sandbox.clock.now()
        known = [
            Known(
                class_=truth.class_,
                entity_id=truth.entity_id,
                records=frozenset(f"{record.system}:{record.record_id}" for record in truth.records),
                owner=truth.owner,
                hop=truth.hop,
                currency=truth.currency,
                money_minor=truth.as_of(now).money_minor,
                symptoms=truth.symptoms,
            )
            for truth in sandbox.truths
        ]
        return judge(known, read_breaks(store), set())
    finally:
        sandbox.stop()
        embedded.stop(Path(place))
