"""What a run does to audit one system, free of Dagster: each stream in turn, and in figures what was found.

A stream whose list is refused keeps none of the others from being audited. Not here: how one is (audit.py).
"""

from collections.abc import Sequence
from typing import Any

from sync_assets.connect.discover import connect, settings_of
from sync_assets.connect.read_run import PROGRESS
from sync_assets.connect.spec import Stream, System
from sync_assets.http.client import Client
from sync_assets.model.errors import ContractError, SyncError, UnreachableError
from sync_assets.store.engine import Store


def audit_system(store: Store, system: System, names: Sequence[str], run_id: str) -> dict[str, Any]:
    """Audit the named streams of a system, all by default; returns the figures that its asset publishes.

    Raises:
        SettingError: the system is half configured.
        SyncError: lists were refused or could not be trusted; the streams they are of, and why.
    """
    settings = settings_of(system)
    if settings is None:
        return {"skipped": f"{system.name} is not configured; set SYNC_{system.name.upper()}_URL and its credentials."}
    client = connect(system, settings, store)
    figures: dict[str, Any] = {}
    refused: list[SyncError] = []
    for stream in (stream for stream in system.streams if not names or stream.name in names):
        try:
            figures |= _audited(store, system, stream, client, run_id)
        except (UnreachableError, ContractError) as error:
            refused.append(error)
            PROGRESS.info("%s %s: not audited: %s", system.name, stream.name, error)
    if refused:
        raise type(refused[0])(f"Not audited: {'; '.join(dict.fromkeys(map(str, refused)))}")
    return {**figures, "requests": client.sent}


def _audited(store: Store, system: System, stream: Stream, client: Client, run_id: str) -> dict[str, Any]:
    """What the audit of one stream showed, as metadata under its name."""
    from sync_assets.connect.audit import Auditing, audit_stream

    def progress(line: str) -> None:
        PROGRESS.info("%s %s", system.name, line)

    work = Auditing(system=system, stream=stream, client=client, run_id=run_id, progress=progress)
    found = audit_stream(store, work)
    if found is None:
        return {stream.name: "never read to its end"}
    held = f", {found.held_back} gone or other at once and not believed" if found.held_back else ""
    blind = ", and the planted record was not found" if found.plant_found is False else ""
    return {
        stream.name: f"{found.listed} at the source, {found.stored} stored: {found.missing} missing, "
        f"{found.ghosts} ghosts, {found.stale} stale, {found.mended} mended{held}{blind} ({found.duration_s:.1f} s)"
    }
