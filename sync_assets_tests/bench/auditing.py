"""An audit of very many stored records, as a real run: what it reports on clean ones, and what on damaged ones.

Not here: how records are damaged (score/damage.py), which of them the server withholds (pages.py), what is printed
(__main__.py).
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from random import Random

from sqlalchemy import text

from sync_assets.operate.audits import AuditRun, run_audit
from sync_assets.operate.home import prepare
from sync_assets.store import embedded
from sync_assets.store.engine import home, open_store
from sync_assets.systems.chargebee.spec import SYSTEM
from sync_assets_tests.bench.meter import Cost, measured
from sync_assets_tests.bench.pages import withheld
from sync_assets_tests.score.damage import CALLED, spoiled

SEED = 3
DAMAGED = "damaged.json"
"""File in the home of what was damaged, as pairs of record id and what an auditor has to call it."""

_FOUND = text("SELECT record_id, what FROM sync.audit_finding WHERE resolved_at IS NULL")


def audit_clean(url: str) -> Cost:
    """An audit of what was read just now; it must report nothing."""
    cost, done = _audited(url)
    if not done.is_clean or _found():
        raise SystemExit(f"An audit of clean records reports {_told(_found())}: {_rows(done)}")
    return cost


def damage(_url: str) -> Cost:
    """Take out, mark, put back and alter stored records at random; the withheld ones are damage too."""
    prepare()
    many, hidden = int(os.environ["BENCH_DAMAGES"]), int(os.environ["BENCH_WITHHELD"])
    done = spoiled(open_store(), [SYSTEM], Random(SEED), many - hidden)
    named = [(one.record_id, CALLED[one.kind][0]) for one in done]
    named += [(str(number), "missing") for number in withheld(int(os.environ["BENCH_COUNT"]), hidden)]
    _damaged().write_text(json.dumps(named))
    return Cost()


def audit_damaged(url: str) -> Cost:
    """An audit that must find each damaged record, call it what it is, mend it, and report no other."""
    cost, done = _audited(url)
    wanted = {(name, what) for name, what in json.loads(_damaged().read_text())}
    found, mended = _found(), sum(row["mended"] for row in done.rows)
    if done.failures or found != wanted or mended != len(wanted):
        raise SystemExit(
            f"Of {len(wanted)} damaged records not found: {_told(wanted - found)}; besides: {_told(found - wanted)}; "
            f"{mended} mended. {_rows(done)}"
        )
    return cost


def _audited(url: str) -> tuple[Cost, AuditRun]:
    os.environ.update({"SYNC_CHARGEBEE_URL": url, "SYNC_CHARGEBEE_API_KEY": "bench", "SYNC_CHARGEBEE_RATE": "1000000"})
    prepare()
    store = open_store()
    with measured(embedded.where(home())) as cost:
        done = run_audit(store, [SYSTEM], [])
    return cost, done


def _found() -> set[tuple[str, str]]:
    with open_store().begin() as connection:
        return {(row.record_id, row.what) for row in connection.execute(_FOUND)}


def _damaged() -> Path:
    return home() / DAMAGED


def _told(records: Iterable[tuple[str, str]]) -> str:
    named = sorted(records)
    return f"{len(named)} {named[:5]}"


def _rows(done: AuditRun) -> str:
    return f"{[dict(row) for row in done.rows if row['listed']]} {done.failures}"
