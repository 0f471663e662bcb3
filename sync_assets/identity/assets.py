"""The asset of links between customer records."""

from collections import defaultdict
from collections.abc import Sequence

import dagster as dg

from sync_assets.connect.assets import canonical_key, in_words
from sync_assets.connect.spec import System
from sync_assets.identity.free_mail import FREE_MAIL
from sync_assets.identity.people import LISTED_MAX, link_alike
from sync_assets.store.links import link_coverage, link_customers
from sync_assets.store.matches import tasks
from sync_assets.store.resource import StoreResource


def identity_assets(systems: Sequence[System]) -> list[dg.AssetsDefinition]:
    """`identity/customers`, downstream of every system's customers."""
    roles: dict[str, list[str]] = defaultdict(list)
    for system in systems:
        roles[system.role].append(system.name)
    holders = [
        system.name
        for system in systems
        if any(mapped.entity == "customer" for stream in system.streams for mapped in stream.mappings)
    ]

    @dg.asset(
        key=dg.AssetKey(["identity", "customers"]),
        group_name="identity",
        kinds={"postgres"},
        owners=["team:data"],
        deps=[canonical_key(name, "customer") for name in holders],
        description="Which customer each system's record is: by reference, by merge, by exact keys, by likeness.",
    )
    def customers(store: dg.ResourceParam[StoreResource]) -> dg.MaterializeResult[None]:
        with in_words():
            opened = store.open()
            changed = link_customers(opened, roles, FREE_MAIL)
            alike = link_alike(opened, roles)
            return dg.MaterializeResult(
                metadata={
                    "links changed": changed,
                    "linked by likeness": alike,
                    "tasks for a person": len(tasks(opened, LISTED_MAX)),
                    **link_coverage(opened),
                }
            )

    return [customers]
