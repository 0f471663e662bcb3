"""CEILING. The only file that sees every floor: assets, gates, jobs, sensors, schedules, resources."""

import warnings
from functools import cache

import dagster as dg

from sync_assets.automation import automation, jobs
from sync_assets.connect.assets import audit_assets, system_assets
from sync_assets.connect.discover import discover
from sync_assets.identity.assets import identity_assets
from sync_assets.integrity.assets import integrity_assets
from sync_assets.reconcile.assets import reconcile_assets
from sync_assets.store.io import NothingToStore
from sync_assets.store.resource import StoreResource

SYSTEMS = discover("sync_assets.systems")

warnings.filterwarnings("ignore", category=dg.BetaWarning)
"""Backfill policies and checks are marked beta by Dagster; what we rely on is pinned and tested."""


@cache
def graph() -> dg.Definitions:
    """The whole graph; systems are found, not registered."""
    floors = [item for system in SYSTEMS for item in system_assets(system)]
    floors += [
        *audit_assets(SYSTEMS),
        *identity_assets(SYSTEMS),
        *reconcile_assets(SYSTEMS),
        *integrity_assets(SYSTEMS),
    ]
    by_name = jobs(SYSTEMS)
    sensors, schedules = automation(SYSTEMS, by_name)
    return dg.Definitions(
        assets=[item for item in floors if not isinstance(item, dg.AssetChecksDefinition)],
        asset_checks=[item for item in floors if isinstance(item, dg.AssetChecksDefinition)],
        jobs=list(by_name.values()),
        sensors=sensors,
        schedules=schedules,
        resources={"store": StoreResource(), "io_manager": NothingToStore()},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What Dagster loads."""
    return graph()
