"""CEILING. Every schedule and sensor; no system has its own. Each tick leaves a beat, so that silence is seen.

Sensors only ask for runs: one probe of a few requests, no reading. The runs do the work.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from sync_assets.connect.assets import DAYS_AHEAD, MODE_TAG
from sync_assets.connect.discover import connect, settings_of
from sync_assets.connect.read_run import FULL, SYNC
from sync_assets.connect.settings import Settings
from sync_assets.connect.spec import System
from sync_assets.http.client import Client
from sync_assets.model.errors import SyncError
from sync_assets.operate.dead_runs import close_dead_runs
from sync_assets.reconcile.assets import EVALUATE_TAG
from sync_assets.store.beats import beat, expect_beats, late_beats, probe_marker, remember_probe
from sync_assets.store.changes import unconformed_through
from sync_assets.store.engine import Store
from sync_assets.store.resource import StoreResource

Job: TypeAlias = "dg.JobDefinition | UnresolvedAssetJobDefinition"

PROBE_EVERY_S = 30
RECONCILE_EVERY_S = 30
HEARTBEAT_EVERY_S = 60
ALERT_EVERY_S = 60

AUTOMATION = "SYNC_AUTOMATION"
"""`off` leaves sensors and schedules still until somebody turns them on in the UI."""

_IS_OFF = os.environ.get(AUTOMATION) == "off"
_SENSOR = dg.DefaultSensorStatus.STOPPED if _IS_OFF else dg.DefaultSensorStatus.RUNNING
_SCHEDULE = dg.DefaultScheduleStatus.STOPPED if _IS_OFF else dg.DefaultScheduleStatus.RUNNING

_CLIENTS: dict[str, tuple[Settings, Store, Client]] = {}

RETRY_TAGS = {"dagster/max_retries": "1"}
"""A run whose worker died is tried once more; the protocol makes that harmless."""


def sync_tags(mode: str) -> dict[str, str]:
    """The tags of a run that reads in a mode."""
    return {MODE_TAG: mode, **RETRY_TAGS}


def today(now: datetime | None = None) -> str:
    """The partition of a sync: the UTC day on which its window ends, as far as there are days."""
    here = datetime.now(UTC)
    return min(now or here, here + DAYS_AHEAD).strftime("%Y-%m-%d")


def change_sensor(system: System, job: Job) -> dg.SensorDefinition:
    """Asks for a sync of a system when its probe sees a change; at most three requests a tick."""

    @dg.sensor(
        name=f"{system.name}_changes",
        job=job,
        minimum_interval_seconds=PROBE_EVERY_S,
        default_status=_SENSOR,
        description=f"Probes {system.name} for changes and starts an incremental sync when there are some.",
    )
    def changes(
        context: dg.SensorEvaluationContext, store: dg.ResourceParam[StoreResource]
    ) -> dg.RunRequest | dg.SkipReason:
        return _probe(context, store.open(), system)

    return changes


def _probe(context: dg.SensorEvaluationContext, store: Store, system: System) -> dg.RunRequest | dg.SkipReason:
    beat(store, f"{system.name}_changes")
    try:
        settings = settings_of(system)
        if settings is None:
            return dg.SkipReason(f"{system.name} is not configured.")
        client = _client(system, settings, store)
        before, last = client.sent, probe_marker(store, system.name)
        marker = system.probe(client, last)
    except SyncError as error:
        return dg.SkipReason(str(error))
    if marker == last:
        return dg.SkipReason(f"Nothing changed in {system.name} ({client.sent - before} requests).")
    if _is_under_way(context, f"sync_{system.name}"):
        return dg.SkipReason(f"{system.name} changed; the run under way is let finish first.")
    epoch = remember_probe(store, system.name, marker)
    return dg.RunRequest(run_key=f"{system.name}:{epoch}", partition_key=today(), tags=sync_tags(SYNC))


def _client(system: System, settings: Settings, store: Store) -> Client:
    """The client of a system, kept from tick to tick: to log in each time would be a request too many."""
    kept = _CLIENTS.get(system.name)
    if kept is None or kept[:2] != (settings, store):
        kept = (settings, store, connect(system, settings, store))
        _CLIENTS[system.name] = kept
    return kept[2]


def _is_under_way(context: dg.SensorEvaluationContext, job: str | None) -> bool:
    """A run of a job, or any run for None, is queued or running."""
    under_way = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
    return bool(context.instance.get_runs(dg.RunsFilter(job_name=job, statuses=under_way), limit=1))


def _once_an_hour(what: str, through: int | str) -> str:
    """A run's key: Dagster never runs a key again, and a run that failed must be tried again some time."""
    return f"{what}:{through}:{datetime.now(UTC):%Y-%m-%dT%H}"


def copies_sensor(systems: Sequence[System], job: Job) -> dg.SensorDefinition:
    """Asks for the copies of records that a run landed without conforming them (a backfill of raw days, a crash)."""
    feeding = [(system.name, stream.name) for system in systems for stream in system.streams if stream.mappings]

    @dg.sensor(
        name="pending_copies",
        job=job,
        minimum_interval_seconds=RECONCILE_EVERY_S,
        default_status=_SENSOR,
        description="Refreshes canonical copies when raw records wait and no sync is under way.",
    )
    def pending(
        context: dg.SensorEvaluationContext, store: dg.ResourceParam[StoreResource]
    ) -> dg.RunRequest | dg.SkipReason:
        opened = store.open()
        beat(opened, "pending_copies")
        through = unconformed_through(opened, feeding)
        if through is None:
            return dg.SkipReason("Every record is conformed.")
        if _is_under_way(context, None):
            return dg.SkipReason("A run is under way; it may be about to conform them.")
        return dg.RunRequest(run_key=_once_an_hour("conform", through), tags=RETRY_TAGS)

    return pending


def reconcile_sensor(job: Job) -> dg.SensorDefinition:
    """Asks for a reconciliation when copies changed since the last one."""

    @dg.sensor(
        name="pending_reconciliation",
        job=job,
        minimum_interval_seconds=RECONCILE_EVERY_S,
        default_status=_SENSOR,
        description="Starts a reconciliation when canonical copies changed or waiting verdicts fell due.",
    )
    def pending(
        context: dg.SensorEvaluationContext, store: dg.ResourceParam[StoreResource]
    ) -> dg.RunRequest | dg.SkipReason:
        from sync_assets.reconcile.pending import pending_changes

        opened = store.open()
        beat(opened, "pending_reconciliation")
        through = pending_changes(opened)
        if through is None:
            return dg.SkipReason("No copy changed since the last reconciliation.")
        if _is_under_way(context, "reconcile"):
            return dg.SkipReason("A reconciliation is under way.")
        return dg.RunRequest(run_key=_once_an_hour("reconcile", through), tags=RETRY_TAGS)

    return pending


def alerts_sensor() -> dg.SensorDefinition:
    """Tells the owners of breaks what is new, where their addresses are set."""

    @dg.sensor(
        name="alerts",
        minimum_interval_seconds=ALERT_EVERY_S,
        default_status=_SENSOR,
        description="Tells owners when a root break opens, is older than agreed, or something stopped ticking.",
        target=dg.AssetSelection.groups("integrity"),
    )
    def alerts(store: dg.ResourceParam[StoreResource]) -> dg.SkipReason:
        from sync_assets.integrity.alerts import ADDRESSES, addresses, send_alerts

        opened = store.open()
        beat(opened, "alerts")
        if not addresses():
            return dg.SkipReason(f"Nobody is told: {ADDRESSES} is not set.")
        sent = send_alerts(opened)
        if sent.failed:
            raise dg.Failure(f"{', '.join(sent.failed)} could not be told; check {ADDRESSES} of each.")
        return dg.SkipReason(f"Told {', '.join(sent.owners)}." if sent.owners else "Nothing is new.")

    return alerts


def heartbeat_sensor(others: Sequence[str]) -> dg.SensorDefinition:
    """Fails its tick, visibly, when one of the others has gone silent; closes runs whose process is gone."""

    @dg.sensor(
        name="heartbeat",
        minimum_interval_seconds=HEARTBEAT_EVERY_S,
        default_status=_SENSOR,
        description="Shows that sensors and schedules live: its tick fails when one of them has gone silent.",
        target="*",
    )
    def heartbeat(context: dg.SensorEvaluationContext, store: dg.ResourceParam[StoreResource]) -> dg.SkipReason:
        opened = store.open()
        beat(opened, "heartbeat")
        expect_beats(opened, others)
        close_dead_runs(context.instance, opened)
        late = late_beats(opened)
        if late:
            raise dg.Failure(f"No tick for too long: {', '.join(late)}. Turn them on, or restart the daemon.")
        return dg.SkipReason("Every sensor and schedule has ticked in time.")

    return heartbeat


def sync_schedule(name: str, cron: str, mode: str, job: Job) -> dg.ScheduleDefinition:
    """A schedule that reads every configured system in a mode."""

    @dg.schedule(
        name=name,
        cron_schedule=cron,
        job=job,
        execution_timezone="UTC",
        default_status=_SCHEDULE,
        description={SYNC: "Reads every system's changes, also those that no probe sees."}.get(
            mode, "Reads everything again and audits it by another way, so that nothing skipped stays skipped."
        ),
    )
    def tick(context: dg.ScheduleEvaluationContext, store: dg.ResourceParam[StoreResource]) -> Iterator[dg.RunRequest]:
        beat(store.open(), name)
        at = context.scheduled_execution_time
        yield dg.RunRequest(run_key=f"{name}:{at.isoformat()}", partition_key=today(), tags=sync_tags(mode))

    return tick


def close_schedule(job: Job) -> dg.ScheduleDefinition:
    """Evaluates every rule again on the first day of a month, when books close."""

    @dg.schedule(
        name="month_end_close",
        cron_schedule="0 5 1 * *",
        job=job,
        execution_timezone="UTC",
        default_status=_SCHEDULE,
        description="Evaluates every rule on everything on the first day of a month.",
    )
    def close(context: dg.ScheduleEvaluationContext, store: dg.ResourceParam[StoreResource]) -> dg.RunRequest:
        beat(store.open(), "month_end_close")
        run_key = f"month_end_close:{context.scheduled_execution_time.isoformat()}"
        return dg.RunRequest(run_key=run_key, tags={EVALUATE_TAG: FULL, **RETRY_TAGS})

    return close


def jobs(systems: Sequence[System]) -> dict[str, Job]:
    """The jobs by name: one sync per system, one of all, that and the audit, copies alone, and the reconciliation."""
    selections = {f"sync_{system.name}": _selection(system) for system in systems}
    every = dg.AssetSelection.groups("raw", "canonical")
    reconciled = dg.AssetSelection.groups("identity", "reconciled", "integrity")
    return {
        **{name: dg.define_asset_job(name, selection) for name, selection in selections.items()},
        "sync": dg.define_asset_job("sync", every),
        "audit": dg.define_asset_job("audit", dg.AssetSelection.groups("audited")),
        "nightly": dg.define_asset_job("nightly", every | dg.AssetSelection.groups("audited")),
        "conform": dg.define_asset_job("conform", dg.AssetSelection.groups("canonical")),
        "reconcile": dg.define_asset_job("reconcile", reconciled),
    }


def _selection(system: System) -> dg.AssetSelection:
    return dg.AssetSelection.key_prefixes(["raw", system.name], ["canonical", system.name])


def automation(
    systems: Sequence[System], by_name: Mapping[str, Job]
) -> tuple[list[dg.SensorDefinition], list[dg.ScheduleDefinition]]:
    """Every sensor and schedule, launching the named jobs."""
    sensors = [
        *(change_sensor(system, by_name[f"sync_{system.name}"]) for system in systems),
        copies_sensor(systems, by_name["conform"]),
        reconcile_sensor(by_name["reconcile"]),
        alerts_sensor(),
    ]
    schedules = [
        sync_schedule("hourly_sync", "7 * * * *", SYNC, by_name["sync"]),
        sync_schedule("nightly_completeness", "23 2 * * *", FULL, by_name["nightly"]),
        close_schedule(by_name["reconcile"]),
    ]
    ticking = [*(sensor.name for sensor in sensors), *(schedule.name for schedule in schedules)]
    return [*sensors, heartbeat_sensor(ticking)], schedules
