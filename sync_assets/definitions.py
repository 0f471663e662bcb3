"""CEILING. The only file that sees every floor: assets, gates, jobs, sensors, schedules, resources."""

import dagster as dg

from sync_assets.automation import automation, jobs
from sync_assets.connect.assets import system_assets
from sync_assets.connect.discover import discover
from sync_assets.identity.assets import identity_assets
from sync_assets.integrity.assets import integrity_assets
from sync_assets.reconcile.assets import reconcile_assets
from sync_assets.store.io import NothingToStore
from sync_assets.store.resource import StoreResource

SYSTEMS = discover("sync_assets.systems")


@dg.definitions
def defs() -> dg.Definitions:
    """The whole graph; systems are found, not registered."""
    floors = [item for system in SYSTEMS for item in system_assets(system)]
    floors += [*identity_assets(SYSTEMS), *reconcile_assets(SYSTEMS), *integrity_assets(SYSTEMS)]
    sensors, schedules = automation(SYSTEMS)
    return dg.Definitions(
        assets=[item for item in floors if not isinstance(item, dg.AssetChecksDefinition)],
        asset_checks=[item for item in floors if isinstance(item, dg.AssetChecksDefinition)],
        jobs=list(jobs(SYSTEMS).values()),
        sensors=sensors,
        schedules=schedules,
        resources={"store": StoreResource(), "io_manager": NothingToStore()},
        executor=dg.in_process_executor,
    )
