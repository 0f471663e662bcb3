"""What it costs the database to judge some changed invoices among many, in all and rule by rule.

Every rule takes part. The first judgement of everything is taken as done, as after a night: what is measured is one
evaluation of what changed since.
"""

import json
import os
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from sync_assets.connect.discover import discover
from sync_assets.operate.home import prepare
from sync_assets.reconcile.evaluate import evaluate
from sync_assets.reconcile.landscape import Landscape, survey
from sync_assets.reconcile.rule import Rule
from sync_assets.reconcile.rules import RULES
from sync_assets.store import embedded
from sync_assets.store.engine import Store, home, open_store
from sync_assets.store.evaluations import changed_through, consume, note_judged
from sync_assets_tests.bench.billed_company import BILLING, ERP, change, choose, fill, quieten
from sync_assets_tests.bench.meter import Cost, measured

FIRST = frozenset("F3 F11 F12 F13 F17 F20 F31 F34 F46 F49 F50 F51 F60 F67 F71 F75".split())
"""Classes that a company begins with."""

CHANGED, PARTED = 1_000, 100
"""Invoices that get another due day in both systems, and how many of them another total in billing alone."""

AGO = timedelta(days=2)
"""When they changed, counted back from the time through which everything is read."""


def judge_first_changes() -> Cost:
    """The company filled, and one evaluation of changes by the rules of the classes that every company begins with."""
    prepare()
    store = open_store()
    with store.begin() as connection:
        fill(connection, int(os.environ["BENCH_INVOICES"]))
    landscape = _landscape(store)
    _settle(store, landscape, RULES)
    _change_some(store, landscape, skip=0)
    return _judged_changes(store, landscape, [rule for rule in RULES if rule.class_ in FIRST])


def judge_changes() -> Cost:
    """One evaluation of other changes by all rules; BENCH_EXPLAIN=1 also gives the milliseconds of each rule."""
    prepare()
    store = open_store()
    landscape = _landscape(store)
    _settle(store, landscape, RULES)
    taken = _change_some(store, landscape, skip=CHANGED)
    cost = _judged_changes(store, landscape, RULES)
    _tell(store, landscape, taken)
    return cost


def _judged_changes(store: Store, landscape: Landscape, rules: Sequence[Rule]) -> Cost:
    with measured(embedded.where(home())) as cost:
        done = evaluate(store, landscape, "bench", rules=rules)
    if len(done.opened) < PARTED:
        raise SystemExit(f"Only {len(done.opened)} breaks were opened.")
    return cost


def judge_everything() -> Cost:
    """One evaluation of everything that `judge_changes` left, by all rules."""
    prepare()
    store = open_store()
    landscape = _landscape(store)
    with measured(embedded.where(home())) as cost:
        evaluate(store, landscape, "everything", full=True, progress=print)
    return cost


def _landscape(store: Store) -> Landscape:
    """As the reads left it, with every field named that a rule waits for."""
    systems = discover("sync_assets.systems")
    waiting = {
        (system.name, rule.setting) for rule in RULES for system in systems if rule.role_of_setting == system.role
    }
    os.environ.update({f"SYNC_{name.upper()}_{setting}": "bench__c" for name, setting in waiting if setting})
    return survey(store, systems)


def _change_some(store: Store, landscape: Landscape, *, skip: int) -> dict[str, int]:
    """Let invoices change, those after the first to be chosen, long enough ago for every copy to have followed.

    Returns through which change each entity was judged before.
    """
    complete = landscape.complete((("billing", "invoice"), ("erp", "invoice")))
    if complete is None:
        raise SystemExit("The company was not read.")
    at = complete - AGO
    with store.begin() as connection:
        chosen = choose(connection, CHANGED, skip)
        for system, ids in ((BILLING, [billed for billed, _ in chosen]), (ERP, [booked for _, booked in chosen])):
            change(connection, system, ids, "due_on = due_on + 1", at)
        change(connection, BILLING, [billed for billed, _ in chosen[:PARTED]], "total_minor = total_minor + 100", at)
        taken = {entity: at for entity, (at, _) in changed_through(connection, _entities(RULES)).items()}
    quieten(store)
    return taken


def _tell(store: Store, landscape: Landscape, taken: dict[str, int]) -> None:
    if os.environ.get("BENCH_EXPLAIN"):
        times = {rule.name: _milliseconds(store, landscape, rule, taken) for rule in RULES}
        Path(os.environ["BENCH_RESULT"]).with_name("rules.json").write_text(json.dumps(times))


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
        "complete_through": landscape.complete(rule.needs),
        "judged_at": landscape.now(rule.needs),
        "run_id": "fill",
    }


def _milliseconds(store: Store, landscape: Landscape, rule: Rule, taken: dict[str, int]) -> float:
    """How long one rule takes to judge the same changes again, its breaks being known by now."""
    with store.begin() as connection:
        consume(connection, taken)
    began = time.perf_counter()
    evaluate(store, landscape, "bench", rules=(rule,))
    return (time.perf_counter() - began) * 1000
