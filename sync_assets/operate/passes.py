"""One pass through the graph: sync every configured system, then reconcile; and what of it needs a person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import dagster as dg

from sync_assets.automation import sync_tags, today
from sync_assets.connect.clock import system_time
from sync_assets.connect.discover import configured, connect, earliest, settings_of
from sync_assets.connect.read_run import FULL, SYNC
from sync_assets.connect.spec import System
from sync_assets.model.errors import SettingError, SyncError
from sync_assets.operate.dead_runs import close_dead_runs
from sync_assets.operate.last_words import about_system
from sync_assets.operate.runs import RunResult, run_job
from sync_assets.reconcile.assets import EVALUATE_TAG
from sync_assets.store.engine import Store

Show = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Pass:
    """How a pass ended: what could not be done, and what a person should look at."""

    failures: tuple[str, ...]
    closed_gates: tuple[str, ...]


def chosen(systems: Sequence[System], names: Sequence[str]) -> tuple[System, ...]:
    """The systems to work on: those named, or every configured one.

    Raises:
        SettingError: a name is unknown, a named system or every system is not configured.
    """
    known = {system.name: system for system in systems}
    for name in names:
        if name not in known:
            raise SettingError(f"There is no system {name}; there are {', '.join(known)}.")
    ready = configured([known[name] for name in names] if names else systems)
    missing = sorted(set(names) - {system.name for system in ready})
    if missing:
        raise SettingError(
            f"{', '.join(missing)} is not configured; set SYNC_{missing[0].upper()}_URL and credentials."
        )
    if not ready:
        raise SettingError("No system is configured; set SYNC_<SYSTEM>_URL and credentials, or try `sync-assets demo`.")
    return ready


def run_pass(store: Store, systems: Sequence[System], *, full: bool, show: Show) -> Pass:
    """Sync each system as a Dagster run of its own, then reconcile; one system's trouble does not stop the others.

    A full pass reads everything again and judges everything again.
    """
    failures: list[str] = []
    results: list[RunResult] = []
    with dg.DagsterInstance.get() as instance:
        freed = close_dead_runs(instance, store)
    if freed:
        show(f"{freed} streams were held by a run that has ended; they are read on")
    for system in systems:
        show(f"{system.name}: reading")
        try:
            day = _day(store, system)
        except SyncError as error:
            failures.append(about_system(system, error))
            continue
        results.append(run_job(f"sync_{system.name}", tags=sync_tags(FULL if full else SYNC), partition_key=day))
    if results:
        show("reconciling")
        results.append(run_job("reconcile", tags={EVALUATE_TAG: FULL} if full else {}))
    return Pass(
        failures=tuple(dict.fromkeys([*failures, *(line for result in results for line in result.failures)])),
        closed_gates=tuple(gate for result in results for gate in result.closed_gates),
    )


def _day(store: Store, system: System) -> str:
    """The partition of a sync: the day of the system's own clock.

    A system that does not answer this question would not answer any stream's either, each after all its retries.
    """
    settings = settings_of(system)
    if settings is None:
        raise SettingError(f"{system.name} is no longer configured.")
    now = system_time(system, connect(system, settings, store)).now
    earliest(settings, now)  # a wrong START is said once, not once a stream
    return today(now)
