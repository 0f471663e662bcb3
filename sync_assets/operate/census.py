"""What is stored, per system and stream, for comparison with the source."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sync_assets.connect.spec import System
from sync_assets.store.engine import Store
from sync_assets.store.streams import stored_ids, stream_states


def census(store: Store, systems: Sequence[System], *, with_ids: bool = False) -> dict[str, dict[str, dict[str, Any]]]:
    """Per system and stream: how many records exist, the digest of their sorted ids, how many are known deleted."""
    states = {(state["system"], state["name"]): state for state in stream_states(store)}
    return {
        system.name: {
            stream.name: _count(store, states.get((system.name, stream.name)), with_ids=with_ids)
            for stream in system.streams
        }
        for system in systems
    }


def _count(store: Store, state: dict[str, Any] | None, *, with_ids: bool) -> dict[str, Any]:
    ids, deleted = stored_ids(store, state["stream_id"]) if state else ([], 0)
    ids.sort()
    through = state["complete_through"] if state else None
    counted: dict[str, Any] = {
        "count": len(ids),
        "ids_sha256": sha256("\n".join(ids).encode()).hexdigest(),
        "deleted": deleted,
        "complete_through": through.isoformat() if through else None,
    }
    return {**counted, "ids": ids} if with_ids else counted
