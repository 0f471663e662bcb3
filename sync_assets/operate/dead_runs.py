"""Runs whose process was killed: they are closed in Dagster, and the streams they held are given back.

As long as such a run seems to run, sensors wait for it, its pool stays taken and its streams stay leased.
"""

from datetime import UTC, datetime, timedelta

import dagster as dg

from sync_assets.store.engine import Store
from sync_assets.store.leases import give_back, lease_holders
from sync_assets.store.presence import gone

SETTLED_S = 120
"""Seconds after its start from which a run must be seen as alive; its process has to start first."""

OWN_TAG = "sync-assets/own-process"
"""Tag of a run that was seen as alive before Dagster knew it: it needs no time to appear."""


def close_dead_runs(instance: dg.DagsterInstance, store: Store) -> int:
    """Fail the runs that nobody works on and give back what they held; returns how many streams."""
    under_way = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
    started = instance.get_runs(dg.RunsFilter(statuses=under_way))
    settled = instance.get_runs(
        dg.RunsFilter(
            statuses=[dg.DagsterRunStatus.STARTED],
            updated_before=datetime.now(UTC) - timedelta(seconds=SETTLED_S),
        )
    )
    runs = {run.run_id: run for run in [*(run for run in started if OWN_TAG in run.tags), *settled]}
    for run_id in gone(store, list(runs)):
        instance.report_run_failed(runs[run_id], "Its process is gone; what it landed stays, the next run goes on.")
    holders = {holder: instance.get_run_by_id(holder) for holder in lease_holders(store)}
    ended = [holder for holder, run in holders.items() if run is not None and run.is_finished]
    return give_back(store, ended) if ended else 0
