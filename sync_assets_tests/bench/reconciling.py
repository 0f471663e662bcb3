"""What it costs the database to judge some changed invoices among many, in all and rule by rule.

Every rule takes part. The first judgement of everything is taken as done, as after a night: what is measured is one
evaluation of what changed since.
"""

import json
import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from sync_assets.connect.discover import discover
from sync_assets.reconcile.evaluate import evaluate
from sync_assets.reconcile.landscape import Landscape
from sync_assets.reconcile.rule import Rule
from sync_assets.reconcile.rules import RULES
from sync_assets.store import embedded
from sync_assets.store.engine import Store, home, open_store
from sync_assets.store.evaluations import changed_through, consume, note_judged
from sync_assets_tests.bench.billed_company import BILLING, ERP, change, fill
from sync_assets_tests.bench.meter import Cost, measured

CHANGED = 1_000
FOLLOWED = 900
"""Changed invoices that the ERP's copy follows; the others become breaks."""

READ_AT = datetime(2026, 6, 2, tzinfo=UTC)


def judge_changes() -> Cost:
    """One evaluation of the changes by all rules; BENCH_EXPLAIN=1 also gives the milliseconds of each rule."""
    from sync_assets.operate.home import prepare

    prepare()
    store, landscape = open_store(), _landscape()
    with store.begin() as connection:
        fill(connection, int(os.environ["BENCH_INVOICES"]))
    _settle(store, landscape, RULES)
    with store.begin() as connection:
        change(connection, BILLING, range(1, CHANGED + 1))
        change(connection, ERP, range(1, FOLLOWED + 1))
        taken = {entity: at for entity, (at, _) in changed_through(connection, _entities(RULES)).items()}
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    with measured(embedded.where(home())) as cost:
        done = evaluate(store, landscape, "bench")
    if len(done.opened) < CHANGED - FOLLOWED or done.unknowable:
        raise SystemExit(f"{len(done.opened)} breaks were opened, and {done.unknowable} could not be judged.")
    if os.environ.get("BENCH_EXPLAIN"):
        times = {rule.name: _milliseconds(store, landscape, rule, taken) for rule in RULES}
        Path(os.environ["BENCH_RESULT"]).with_name("rules.json").write_text(json.dumps(times))
    return cost


def judge_everything() -> Cost:
    """One evaluation of everything that `judge_changes` left, by all rules."""
    from sync_assets.operate.home import prepare

    prepare()
    store, landscape = open_store(), _landscape()
    with measured(embedded.where(home())) as cost:
        evaluate(store, landscape, "everything", full=True, progress=print)
    return cost


def _landscape() -> Landscape:
    """All systems read to the same instant, and every field named that a rule waits for."""
    systems = discover("sync_assets.systems")
    waiting = {
        (system.name, rule.setting) for rule in RULES for system in systems if rule.role_of_setting == system.role
    }
    os.environ.update({f"SYNC_{name.upper()}_{setting}": "bench__c" for name, setting in waiting if setting})
    streams = {
        (system.name, mapped.entity): stream.name
        for system in systems
        for stream in system.streams
        for mapped in stream.mappings
    }
    marks = dict.fromkeys(streams, READ_AT)
    roles = {system.role: (system.name,) for system in systems}
    return Landscape(systems=roles, streams=streams, complete_through=marks, read_at=marks)


def _entities(rules: Sequence[Rule]) -> list[str]:
    return sorted({touch.entity for rule in rules for touch in rule.touches})


def _settle(store: Store, landscape: Landscape, rules: Sequence[Rule]) -> None:
    """Take everything that is there as judged by all rules."""
    with store.begin() as connection:
        changes = changed_through(connection, _entities(rules))
        consume(connection, {entity: last for entity, (_, last) in changes.items()})
        note_judged(connection, [_judged(landscape, rule) for rule in rules])


def _judged(landscape: Landscape, rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.name,
        "fingerprint": landscape.fingerprint(rule),
        "streams": landscape.streams_of(rule.needs),
        "unknowable": None,
        "complete_through": READ_AT,
        "judged_at": READ_AT,
        "run_id": "fill",
    }


def _milliseconds(store: Store, landscape: Landscape, rule: Rule, taken: dict[str, int]) -> float:
    """How long one rule takes to judge the same changes again, its breaks being known by now."""
    with store.begin() as connection:
        consume(connection, taken)
    began = time.perf_counter()
    evaluate(store, landscape, "bench", rules=(rule,))
    return (time.perf_counter() - began) * 1000
