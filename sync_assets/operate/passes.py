"""One pass through the graph: sync every configured system, then reconcile; and what of it needs a person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sync_assets.automation import sync_tags, today
from sync_assets.connect.discover import configured, connect, settings_of
from sync_assets.connect.read_run import FULL, SYNC
from sync_assets.connect.spec import System
from sync_assets.model.errors import SettingError
from sync_assets.operate.runs import RunResult, run_job
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
    """Sync each system as a Dagster run of its own, then reconcile; one system's trouble does not stop the others."""
    results: list[RunResult] = []
    for system in systems:
        show(f"{system.name}: reading")
        results.append(
            run_job(f"sync_{system.name}", tags=sync_tags(FULL if full else SYNC), partition_key=_day(store, system))
        )
    show("reconciling")
    results.append(run_job("reconcile", tags={}))
    return Pass(
        failures=tuple(dict.fromkeys(line for result in results for line in result.failures)),
        closed_gates=tuple(gate for result in results for gate in result.closed_gates),
    )


def _day(store: Store, system: System) -> str:
    """The partition of a sync: the day of the system's own clock; ours when it does not answer (the run says why)."""
    settings = settings_of(system)
    if settings is None:
        return today()
    try:
        return today(system.clock(connect(system, settings, store)))
    except Exception:  # noqa: BLE001 - the run meets the same trouble and explains it
        return today()
