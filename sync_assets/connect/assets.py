"""The asset graph of one system, derived from its spec: raw lists by day, canonical copies, and their gates.

Asset bodies call one function and publish its figures. Not here: sensors and schedules (automation), other floors.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import dagster as dg

from sync_assets.connect.audit_run import audit_system
from sync_assets.connect.read_run import BACKFILL, MODES, SYNC, Order, conform_entity, read_stream
from sync_assets.connect.spec import Stream, System
from sync_assets.gates.checks import Plan, gate_check
from sync_assets.gates.expectations import WINDOW_SUITE, entity_suite
from sync_assets.model.errors import RetryLaterError, SyncError
from sync_assets.store.changes import last_change
from sync_assets.store.engine import Store
from sync_assets.store.gates import assert_open, changed_rows_query, gated_through, is_as_before, window_query
from sync_assets.store.resource import StoreResource
from sync_assets.store.streams import last_window

MODE_TAG = "sync-assets/mode"
"""Run tag: sync (default for today's partition alone), full, or backfill (default for anything else)."""

BACKFILL_TAG = "dagster/backfill"
"""The tag by which Dagster marks the runs of a backfill."""

DAY = timedelta(days=1)
DAYS_AHEAD = DAY
DAYS = dg.DailyPartitionsDefinition(start_date="2015-01-01", end_offset=1 + DAYS_AHEAD.days, timezone="UTC")
"""UTC days; those past today belong to vendors whose clock is ahead of ours."""

GATE = "gate"


def raw_key(system: System, stream: Stream) -> dg.AssetKey:
    """The key of a stream's asset."""
    return dg.AssetKey(["raw", system.name, stream.name])


def canonical_key(system: str, entity: str) -> dg.AssetKey:
    """The key of one system's copies of an entity."""
    return dg.AssetKey(["canonical", system, entity])


def feeding(system: System) -> dict[str, list[Stream]]:
    """The streams that feed each entity of a system, in the order of the spec."""
    result: dict[str, list[Stream]] = defaultdict(list)
    for stream in system.streams:
        for entity in dict.fromkeys(mapped.entity for mapped in stream.mappings):
            result[entity].append(stream)
    return dict(result)


def system_assets(system: System) -> list[dg.AssetsDefinition | dg.AssetChecksDefinition]:
    """Every asset and gate of one system."""
    raw = [_raw(system, stream) for stream in system.streams]
    gates = [_raw_gate(system, stream) for stream in system.streams]
    canonical = [_canonical(system, entity, streams) for entity, streams in feeding(system).items()]
    entity_gates = [_canonical_gate(system, entity, streams) for entity, streams in feeding(system).items()]
    return [*raw, *gates, *canonical, *entity_gates]


def _raw(system: System, stream: Stream) -> dg.AssetsDefinition:
    by_day = None if stream.is_snapshot else DAYS

    @dg.asset(
        key=raw_key(system, stream),
        group_name="raw",
        kinds={system.role, system.name},
        owners=["team:data"],
        pool=system.name,
        partitions_def=by_day,
        backfill_policy=dg.BackfillPolicy.single_run() if by_day else None,
        description=stream.description or f"What {system.name} says about its {stream.name}: every version, verbatim.",
        metadata={"vendor document": dg.MetadataValue.url(stream.document), "API version": system.api_version},
    )
    def raw(context: dg.AssetExecutionContext, store: dg.ResourceParam[StoreResource]) -> dg.MaterializeResult[None]:
        with in_words():
            return dg.MaterializeResult(metadata=read_stream(store.open(), system, stream, _order(context, stream)))

    return raw


@contextmanager
def in_words() -> Iterator[None]:
    """Our errors as failures whose description is the sentence a person needs; the stack trace stays in the log."""
    try:
        yield
    except SyncError as error:
        raise dg.Failure(description=str(error), allow_retries=isinstance(error, RetryLaterError)) from error


def _order(context: dg.AssetExecutionContext, stream: Stream) -> Order:
    """What this run asks for: its mode tag, else a backfill of the days it names, and a sync for today alone."""
    days = None
    if context.has_partition_key_range and not stream.is_snapshot:
        window = context.partition_time_window
        days = (_aware(window.start), _aware(window.end))
    mode = context.run.tags.get(MODE_TAG, "")
    if mode not in MODES:
        mode = BACKFILL if days and (BACKFILL_TAG in context.run.tags or not _is_today(days)) else SYNC
    return Order(run_id=context.run.run_id, mode=mode, days=days if mode == BACKFILL else None)


def _is_today(days: tuple[datetime, datetime]) -> bool:
    return days[0] <= datetime.now(tz=days[0].tzinfo) < days[1] and days[1] - days[0] == DAY


def _aware(instant: datetime) -> datetime:
    return datetime.fromtimestamp(instant.timestamp(), tz=instant.tzinfo)


def _raw_gate(system: System, stream: Stream) -> dg.AssetChecksDefinition:
    def plan(store: Store) -> Plan | None:
        window = last_window(store, system.name, stream.name)
        nothing_new = window is None or (window.kind != "full" and window.changed + window.rejected == 0)
        if window is None or nothing_new or window.records + window.rejected == 0:
            return None
        if is_as_before(store, window.window_id):
            return None
        return Plan(query=window_query(window.window_id), rows=1, through=window.window_id)

    return gate_check(raw_key(system, stream), GATE, WINDOW_SUITE, plan)


def _newest_of(system: System, stream: Stream) -> dg.AssetDep:
    """A copy follows what was landed last; to ask after every day since the first would cost each run a second."""
    return dg.AssetDep(
        raw_key(system, stream), partition_mapping=None if stream.is_snapshot else dg.LastPartitionMapping()
    )


def _canonical(system: System, entity: str, streams: Sequence[Stream]) -> dg.AssetsDefinition:
    @dg.asset(
        key=canonical_key(system.name, entity),
        group_name="canonical",
        kinds={system.role, system.name},
        owners=["team:data"],
        deps=[_newest_of(system, stream) for stream in streams],
        description=f"{system.name}'s copy of every {entity.replace('_', ' ')}, in our types, current and history.",
        metadata={f"vendor document of {stream.name}": dg.MetadataValue.url(stream.document) for stream in streams},
    )
    def canonical(
        context: dg.AssetExecutionContext, store: dg.ResourceParam[StoreResource]
    ) -> dg.MaterializeResult[None]:
        with in_words():
            opened = store.open()
            assert_open(opened, [raw_key(system, stream).to_user_string() for stream in streams])
            return dg.MaterializeResult(metadata=conform_entity(opened, system, entity, context.run.run_id, streams))

    return canonical


def _canonical_gate(system: System, entity: str, streams: Sequence[Stream]) -> dg.AssetChecksDefinition:
    key = canonical_key(system.name, entity)
    extra = [item for stream in streams for item in stream.expectations if item.entity == entity]

    def plan(store: Store) -> Plan:
        after = gated_through(store, key.to_user_string(), GATE)
        through, rows = last_change(store, entity, system.name, after)
        query, whole = (changed_rows_query(entity, system.name, number) for number in (after, -1))
        return Plan(query=query, rows=rows, through=through, whole=whole)

    return gate_check(key, GATE, [*entity_suite(entity), *extra], plan)


STREAMS_TAG = "sync-assets/streams"
"""Run tag: the streams that an audit looks at, separated by commas; all by default."""


def audit_key(system: System) -> dg.AssetKey:
    """The key of the proof that what is stored of a system equals it."""
    return dg.AssetKey(["audited", system.name])


def audit_assets(systems: Sequence[System]) -> list[dg.AssetsDefinition]:
    """The completeness audit of every system that declares one."""
    return [_audited(system) for system in systems if system.audit is not None]


def _audited(system: System) -> dg.AssetsDefinition:
    @dg.asset(
        key=audit_key(system),
        group_name="audited",
        kinds={system.role, system.name},
        owners=["team:data"],
        pool=system.name,
        deps=[raw_key(system, stream) for stream in system.streams],
        description=f"Lays all that {system.name} lists beside all that is stored, by another way than it was read.",
    )
    def audited(
        context: dg.AssetExecutionContext, store: dg.ResourceParam[StoreResource]
    ) -> dg.MaterializeResult[None]:
        names = [name for name in context.run.tags.get(STREAMS_TAG, "").split(",") if name]
        with in_words():
            return dg.MaterializeResult(metadata=audit_system(store.open(), system, names, context.run.run_id))

    return audited
