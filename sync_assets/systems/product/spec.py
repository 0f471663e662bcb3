"""The product platform's streams as data. Census names; ids are `source:id` for events and the platform's own else."""

from collections.abc import Sequence

from sync_assets.connect.spec import Mapped, Stream, System, audited_in
from sync_assets.systems.product import mappings, reads
from sync_assets.systems.product.platform import clock, open_platform

REFERENCE = "https://openmeter.io/docs/api"

CREATED = (("orderBy", "createdAt"), ("order", "ASC"))
WITH_DELETED = (*CREATED, ("includeDeleted", "true"))


def _snapshot(
    name: str, params: Sequence[tuple[str, str]] = (), *mapped: Mapped, paged: bool = True, probed: bool = False
) -> Stream:
    return Stream(
        name=name,
        key=("id",),
        document=REFERENCE,
        probed=probed,
        read={"events": False, "path": f"/api/v1/{name}", "paged": paged, "params": params},
        mappings=mapped,
    )


EVENTS = Stream(
    name="events",
    key=("event.source", "event.id"),
    key_separator=":",
    document=REFERENCE,
    stamp="ingestedAt",
    lateness_s=601,
    bounded=True,
    immutable=True,
    constant="event",
    read={"events": True},
    mappings=(mappings.USAGE,),
)
METERS = _snapshot("meters", WITH_DELETED, mappings.METER)
ENTITLEMENTS = _snapshot("entitlements", CREATED, mappings.ENTITLEMENT, probed=True)
CUSTOMERS = _snapshot("customers", WITH_DELETED)
SUBJECTS = _snapshot("subjects", paged=False)

SYSTEM = System(
    name="product",
    role="product",
    api_version="v2",
    document=REFERENCE,
    streams=(EVENTS, METERS, ENTITLEMENTS, CUSTOMERS, SUBJECTS),
    credentials=(("API_KEY",),),
    rate_per_minute=600,
    open=open_platform,
    clock=clock,
    read=reads.read,
    find=reads.find,
    probe=reads.probe,
    audit=audited_in("sync_assets.systems.product.audit"),
)
