"""An audit asked for by a person: one Dagster run over the chosen systems, and what it found as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from sync_assets.connect.assets import STREAMS_TAG, audit_key
from sync_assets.connect.spec import System
from sync_assets.model.errors import SettingError
from sync_assets.operate.runs import run_job
from sync_assets.store.audits import audits_of_run
from sync_assets.store.engine import Store

DIFFERED = ("missing", "ghosts", "stale", "held_back")
"""Figures of an audit that are none where everything is stored as it is."""


@dataclass(frozen=True, kw_only=True)
class AuditRun:
    """How an audit ended: one row per stream, and the sentences of what could not be audited."""

    rows: Sequence[Mapping[str, Any]]
    failures: Sequence[str]

    @property
    def is_clean(self) -> bool:
        """Every stream that was audited is stored as it is, and no auditor overlooked what was planted."""
        return not any(row["plant_found"] is False or any(row[name] for name in DIFFERED) for row in self.rows)


def run_audit(store: Store, systems: Sequence[System], streams: Sequence[str]) -> AuditRun:
    """Audit the systems, or only the named streams of theirs, as one run.

    Raises:
        SettingError: no chosen system has a stream of that name.
    """
    known = {stream.name for system in systems for stream in system.streams}
    for name in streams:
        if name not in known:
            raise SettingError(f"There is no stream {name}; there are {', '.join(sorted(known))}.")
    wanted = [
        system
        for system in systems
        if system.audit is not None and (not streams or any(stream.name in streams for stream in system.streams))
    ]
    tags = {STREAMS_TAG: ",".join(streams)} if streams else {}
    result = run_job("audit", tags=tags, only=[audit_key(system) for system in wanted])
    return AuditRun(rows=audits_of_run(store, result.run_id), failures=result.failures)


def audit_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """One line per audited stream: what exists, what is stored, what differed, and what was mended of it."""
    names = ("listed", "stored", "missing", "ghosts", "stale", "held_back", "mended")
    table = Table(
        "system", "stream", "at the source", *(name.replace("_", " ") for name in names[1:]), "planted record"
    )
    for row in rows:
        planted = {True: "found", False: "NOT FOUND"}.get(row["plant_found"], "none")
        table.add_row(row["system"], row["name"], *(str(row[name]) for name in names), planted)
    return table
