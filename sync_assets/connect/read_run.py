"""What a run does with one stream, free of Dagster: read it, conform it, and say in figures what happened.

Pandas and Arrow are imported where work starts, so that the code location and a tick without change stay light.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sync_assets.connect.clock import system_time
from sync_assets.connect.discover import connect, earliest, settings_of
from sync_assets.connect.spec import Stream, System
from sync_assets.model.errors import SettingError
from sync_assets.store.changes import changed_in_run
from sync_assets.store.engine import Store
from sync_assets.store.gates import gated_through
from sync_assets.store.streams import stream_states

if TYPE_CHECKING:
    from sync_assets.connect.extract import Outcome

PROGRESS = logging.getLogger("sync_assets.progress")
"""Where long work says how far it is; the command line listens."""

SYNC, FULL, BACKFILL = "sync", "full", "backfill"
MODES = (SYNC, FULL, BACKFILL)


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a run was asked to do with a stream: its mode, and for a backfill the days (from, to exclusive)."""

    run_id: str
    mode: str
    days: tuple[datetime, datetime] | None = None


def read_stream(store: Store, system: System, stream: Stream, order: Order) -> dict[str, Any]:
    """Read one stream as ordered; returns the figures that its asset publishes.

    Raises:
        SettingError: the system is half configured.
        SyncError: whatever stopped the read; what was landed stays and the next run goes on from there.
    """
    settings = settings_of(system)
    if settings is None:
        return {"skipped": f"{system.name} is not configured; set SYNC_{system.name.upper()}_URL and its credentials."}
    from sync_assets.connect.extract import Reading, extract

    client = connect(system, settings, store)
    now = system_time(system, client).now
    days = _backfill_days(order, now) if order.mode == BACKFILL and not stream.is_snapshot else None
    reading = Reading(
        system=system,
        stream=stream,
        client=client,
        run_id=order.run_id,
        earliest=earliest(settings, now),
        full=order.mode == FULL,
        days=days,
        progress=lambda line: PROGRESS.info("%s %s", system.name, line),
    )
    outcome = extract(store, reading)
    state = _states(store, system).get(stream.name)
    told = {"clock": "; ".join(reading.doubts), "remarks": "; ".join(client.remarks)}
    said = {name: text for name, text in told.items() if text}
    late = {"lateness": f"{state['lateness_max_s']} s at most, as measured"} if state else {}
    return {**_figures(stream, outcome), **late, **said, "requests": client.sent, "vendor document": stream.document}


def _states(store: Store, system: System) -> dict[str, dict[str, Any]]:
    """What is known of each stream of a system that was ever read."""
    return {state["name"]: state for state in stream_states(store) if state["system"] == system.name}


def _backfill_days(order: Order, now: datetime) -> tuple[datetime, datetime]:
    """The days of a backfill, both ends included, none in the future; SettingError when all of them are."""
    if order.days is None:
        raise SettingError("A backfill needs days; materialise partitions, or use `sync-assets backfill --from --to`.")
    start, end = order.days
    if start > now:
        raise SettingError(f"{start:%Y-%m-%d} lies in the future; name days up to today.")
    return start, min(end - timedelta(microseconds=1), now)


def _figures(stream: Stream, outcome: "Outcome") -> dict[str, Any]:
    """What happened, in numbers and instants; the words are those of the assets page."""
    window = outcome.window
    if window is None:
        return {"skipped": "another run is reading this stream; nothing to do here."}
    return {
        "rows read": window.records,
        "rows changed": window.changed,
        "dead letters": window.rejected,
        "pages": window.pages,
        "window": f"{_instant(window.start_at)} .. {_instant(window.end_at)} ({window.kind})",
        "complete through": _instant(outcome.complete_through),
        "schema findings": len(outcome.findings),
        "schema": "; ".join(f"{item.kind} {item.field} ({item.was} -> {item.became})" for item in outcome.findings[:20])
        or "as known",
        "freshness": "seen by the change probe" if stream.probed else "read hourly; the change probe cannot see it",
    }


def _instant(instant: datetime | None) -> str:
    return "the beginning" if instant is None else instant.astimezone(UTC).isoformat(timespec="seconds")


def conform_entity(store: Store, system: System, entity: str, run_id: str, streams: Sequence[Stream]) -> dict[str, Any]:
    """Conform every stream that feeds an entity; returns the figures that its asset publishes."""
    from sync_assets.connect.conform import conform

    states = _states(store, system)
    fed = [(stream, states[stream.name]) for stream in streams if stream.name in states]
    versions = 0
    for stream, state in fed:
        done = conform(store, system, stream, stream_id=state["stream_id"], run_id=run_id)
        versions += done.versions
        PROGRESS.info("%s %s: %s versions conformed", system.name, entity, done.versions)
    gated = gated_through(store, f"canonical/{system.name}/{entity}", "gate")
    changed = changed_in_run(store, entity, system.name, run_id, after=gated)
    return {"rows read": versions, "rows changed": changed, **_fed([state for _, state in fed])}


def _fed(states: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """How far the streams that feed an entity are read, and what of them waits for a person."""
    marks = [state["complete_through"] for state in states]
    return {
        "complete through": _instant(min(marks)) if marks and all(marks) else "never read to the end",
        "lateness": f"{max((state['lateness_max_s'] for state in states), default=0)} s at most, as measured",
        "dead letters": sum(state["dead_letters"] for state in states),
        "schema findings": sum(state["schema_findings"] for state in states),
    }
