"""Launching Dagster backfills of past days and following them to their end."""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from sync_assets.connect.assets import BACKFILL_TAG, MODE_TAG
from sync_assets.connect.read_run import BACKFILL
from sync_assets.connect.spec import System
from sync_assets.model.errors import SyncError
from sync_assets.operate.asked import Days
from sync_assets.operate.runs import failures_of, run_job

FOLLOW_S = 6 * 3600
"""Seconds to follow a backfill before leaving it to the daemon."""

_LAUNCH = """
mutation Launch($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
    ... on UnauthorizedError { message }
    ... on PartitionKeysNotFoundError { message }
  }
}
"""


def launch(workspace: Path, system: System, streams: Sequence[str], days: Days) -> str:
    """Launch the backfill of the streams' partitions of those days; returns its id."""
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import WorkspaceFileTarget
    from dagster_graphql.cli import execute_query

    keys = [["raw", system.name, name] for name in streams]
    partitions = {"range": {"start": days.first.isoformat(), "end": days.last.isoformat()}}
    params: dict[str, Any] = {
        "partitionsByAssets": [{"assetKey": {"path": key}, "partitions": partitions} for key in keys],
        "tags": [{"key": MODE_TAG, "value": BACKFILL}],
        "title": f"{system.name} {days.first} to {days.last}",
    }
    target = WorkspaceFileTarget(paths=[str(workspace)])
    with dg.DagsterInstance.get() as instance, WorkspaceProcessContext(instance, target) as context:
        answer = execute_query(context, _LAUNCH, variables={"params": params})
    launched = (answer.get("data") or {}).get("launchPartitionBackfill") or {}
    if "backfillId" not in launched:
        raise SyncError(f"Dagster refused the backfill: {launched.get('message') or json.dumps(answer)[:300]}")
    return str(launched["backfillId"])


def follow(backfill_id: str, show: Callable[[str], None]) -> bool:
    """Follow a backfill to its end; True when every run of it succeeded."""
    from dagster._core.execution.backfill import BulkActionStatus

    ended = {
        BulkActionStatus.COMPLETED_SUCCESS: True,
        BulkActionStatus.COMPLETED_FAILED: False,
        BulkActionStatus.COMPLETED: True,
        BulkActionStatus.CANCELED: False,
        BulkActionStatus.FAILED: False,
    }
    until, said = time.monotonic() + FOLLOW_S, ""
    with dg.DagsterInstance.get() as instance:
        while time.monotonic() < until:
            backfill = instance.get_backfill(backfill_id)
            if backfill is None:
                raise SyncError(f"The backfill {backfill_id} is gone.")
            runs = instance.get_runs(dg.RunsFilter(tags={BACKFILL_TAG: backfill_id}))
            line = f"backfill {backfill_id}: {backfill.status.value}, " + (
                ", ".join(f"{run.run_id[:8]} {run.status.value}" for run in runs) or "waiting for the daemon"
            )
            if line != said:
                show(line)
                said = line
            if backfill.status in ended:
                return ended[backfill.status]
            time.sleep(1)
    raise SyncError(f"The backfill {backfill_id} still runs; follow it in the Dagster UI.")


def run_backfill(system: System, streams: Sequence[str], days: Days, show: Callable[[str], None]) -> None:
    """Launch with a daemon of our own unless one lives, follow to the end, and refresh what lies downstream.

    Raises:
        SyncError: a run of it failed; the sentence says why.
    """
    from sync_assets.operate.services import living_workspace, services

    workspace = living_workspace()
    if workspace is not None:
        backfill_id = launch(workspace, system, streams, days)
        is_done = follow(backfill_id, show)
    else:
        with services(web=False, automation=False) as running:
            backfill_id = launch(running.workspace, system, streams, days)
            is_done = follow(backfill_id, show)
    if not is_done:
        reasons = failures_of(dg.RunsFilter(tags={BACKFILL_TAG: backfill_id}))
        raise SyncError(f"The backfill {backfill_id} failed: {' '.join(reasons) or 'see its runs in the Dagster UI.'}")
    for job in ("conform", "reconcile"):
        show(f"{job}: refreshing what lies downstream")
        refreshed = run_job(job, tags={})
        if not refreshed.is_success:
            raise SyncError(f"The days were read again, but {job} failed: {' '.join(refreshed.failures)}")
