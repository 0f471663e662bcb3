"""Which of the open breaks tells most: the one to show to somebody who sees a break list for the first time."""

from datetime import datetime, timedelta
from typing import Any

from sync_assets.integrity.ledger import read_breaks
from sync_assets.integrity.trace import Trace, trace
from sync_assets.store.engine import Store
from sync_assets.store.stories import Roles

LOOKED_AT_MAX = 40
"""Breaks whose story is read, newest first: a trace takes some hundredths of a second."""

AROUND = timedelta(days=2)
"""What happened so close to a divergence belongs to its story."""


def richest_story(store: Store, roles: Roles) -> Trace | None:
    """The trace of the root break around which most happened in most systems; None when no break is open."""
    roots = [row for row in read_breaks(store) if row["root"]]
    roots.sort(key=lambda row: row["first_divergence"]["at"], reverse=True)
    told = [(trace(store, row["entity"], row["entity_id"], roles), row) for row in roots[:LOOKED_AT_MAX]]
    return max(told, key=lambda pair: _wealth(*pair), default=(None, None))[0]


def _wealth(found: Trace, row: dict[str, Any]) -> tuple[int, int, str]:
    """How many systems took part, in how many events close to the divergence; the newest of equals."""
    diverged = datetime.fromisoformat(row["first_divergence"]["at"])
    near = [
        event
        for event in found.timeline
        if event["at"] and abs(datetime.fromisoformat(event["at"]) - diverged) <= AROUND and not event.get("diverged")
    ]
    return len({event["system"] for event in near}), len(near), row["first_divergence"]["at"]
